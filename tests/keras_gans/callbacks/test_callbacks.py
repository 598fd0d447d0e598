import json
import math
import sys
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans.callbacks import JSONLog, RunFolder, SampleGrid, StopOnNaN


def make_model(**arguments):
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("gan", width=8, latent_dim=4, seed=0, **{"image_shape": (2,), **arguments})


def batches(epoch=0, n=128):
    data = keras_gans.load_data("ring")
    data.samples = data.samples[:n]
    return data.batches(32, seed=0, epoch=epoch)


def test_sample_grid_draws_the_same_latents_each_epoch(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 3), "uint8")
    model = make_model(image_shape=(8, 8, 3), learning_rate=0.05)  # so fast that every picture differs
    model.fit(
        images, batch_size=16, epochs=3, verbose=0, callbacks=[SampleGrid(tmp_path / "s", n=4, tensorboard=tmp_path / "logs")]
    )
    assert sorted(p.name for p in (tmp_path / "s").iterdir()) == [
        "epoch_0001.png", "epoch_0002.png", "epoch_0003.png", "training.webp",
    ]  # fmt: skip
    with Image.open(tmp_path / "s" / "epoch_0003.png") as picture:
        last = np.asarray(picture)
    first_tile = last[2 : 2 + 56, 2 : 2 + 56]  # a gap of 2, each pixel enlarged to 7x7
    expected = np.rint((model.generate(4, seed=0)[0] + 1) * 127.5)
    np.testing.assert_allclose(first_tile[3::7, 3::7], expected, atol=1)
    with Image.open(tmp_path / "s" / "training.webp") as animation:
        assert animation.n_frames == 3
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "logs"))
    events.Reload()
    logged = events.Images("samples")
    assert [event.step for event in logged] == [1, 2, 3]
    assert logged[2].encoded_image_string == (tmp_path / "s" / "epoch_0003.png").read_bytes()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_pictures_of_epochs_that_come_again_are_not_doubled_in_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for initial_epoch, epochs in ((0, 4), (2, 5)):
        grid = SampleGrid(tmp_path / "s", n=4, tensorboard=tmp_path / "logs")
        make_model().fit(batches(initial_epoch), initial_epoch=initial_epoch, epochs=epochs, verbose=0, callbacks=[grid])
        time.sleep(1.1)  # TensorBoard's files are named by the second
    events = EventAccumulator(str(tmp_path / "logs"), size_guidance={"images": 0})  # all, not a sample of them
    events.Reload()
    assert [event.step for event in events.Images("samples")] == [1, 2, 3, 4, 5]


def test_sample_grid_draws_every_few_epochs_and_after_the_last(tmp_path):
    seen = []

    def on_picture(epoch, path):
        with Image.open(path) as picture:
            seen.append((epoch, path.name, picture.format))

    make_model().fit(batches(), epochs=5, verbose=0, callbacks=[SampleGrid(tmp_path, every=2, on_picture=on_picture)])
    names = ["epoch_0002.png", "epoch_0004.png", "epoch_0005.png"]
    assert sorted(p.name for p in tmp_path.glob("*.png")) == names
    assert seen == [(epoch, name, "PNG") for epoch, name in zip((2, 4, 5), names, strict=True)]


def test_a_notebook_shows_the_newest_picture(tmp_path, monkeypatch):
    shown, updated = [], []

    def display(picture, display_id):
        shown.append(display_id)
        return SimpleNamespace(update=updated.append)

    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace())
    make_model().fit(batches(), epochs=3, verbose=0, callbacks=[SampleGrid(tmp_path, display=True)])
    assert shown == [True] and len(updated) == 2  # one output, which is updated
    for epoch, picture in enumerate(updated, start=2):
        with Image.open(tmp_path / f"epoch_{epoch:04d}.png") as written:
            np.testing.assert_array_equal(np.asarray(picture), np.asarray(written))
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(ImportError, match="pip install ipython"):
        SampleGrid(tmp_path, display=True)


class Remember(keras.callbacks.Callback):
    ended = False

    def on_train_end(self, logs=None):
        self.ended = True


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_an_earlier_run_in_the_folder_is_not_in_the_animation(tmp_path):
    make_model().fit(batches(), epochs=4, verbose=0, callbacks=[SampleGrid(tmp_path)])
    make_model().fit(batches(), epochs=2, verbose=0, callbacks=[SampleGrid(tmp_path)])
    assert frames(tmp_path) == 2


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_resumed_run_keeps_the_frames_of_the_epochs_before(tmp_path):
    make_model().fit(batches(), epochs=4, verbose=0, callbacks=[SampleGrid(tmp_path)])
    make_model().fit(batches(2), initial_epoch=2, epochs=3, verbose=0, callbacks=[SampleGrid(tmp_path)])
    assert frames(tmp_path) == 3


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_pictures_of_another_size_do_not_end_training(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), "uint8")
    for start, epochs, n in ((0, 3, 4), (0, 2, 9), (2, 4, 16)):
        model, last = make_model(image_shape=(8, 8, 1), learning_rate=0.05), Remember()
        arguments = {"initial_epoch": start, "epochs": epochs, "callbacks": [SampleGrid(tmp_path, n=n), last]}
        history = model.fit(images, batch_size=16, verbose=0, **arguments)
        assert len(history.epoch) == epochs - start
        assert last.ended
        assert frames(tmp_path) == epochs - start


def test_an_animation_that_cannot_be_written_is_a_warning(tmp_path):
    """Those that come after it still learn that training has ended."""
    (tmp_path / "training.webp" / "occupied").mkdir(parents=True)
    last = Remember()
    with pytest.warns(UserWarning, match=r"training\.webp could not be written"):
        make_model().fit(batches(), epochs=2, verbose=0, callbacks=[SampleGrid(tmp_path), last])
    assert last.ended
    assert len(list(tmp_path.glob("*.png"))) == 2


def frames(folder):
    with Image.open(folder / "training.webp") as animation:
        return animation.n_frames


def test_samples_that_cannot_be_drawn_are_refused_before_training(tmp_path):
    model = make_model(image_shape=(8, 8, 2))
    with pytest.raises(ValueError, match=r"cannot draw samples of shape \(8, 8, 2\).*1, 3 or 4 channels"):
        model.fit(np.zeros((32, 8, 8, 2), "uint8"), batch_size=16, verbose=0, callbacks=[SampleGrid(tmp_path)])
    assert int(model.optimizer.iterations) == 0


def test_a_folder_that_cannot_be_made_is_refused_before_training(tmp_path):
    (tmp_path / "file").touch()
    model = make_model()
    with pytest.raises(OSError, match="file"):
        model.fit(batches(), verbose=0, callbacks=[SampleGrid(tmp_path / "file" / "samples")])
    assert int(model.optimizer.iterations) == 0


def test_numbers_of_sample_grid(tmp_path):
    grid = SampleGrid(tmp_path, every=np.int64(2), n=np.int32(4))
    make_model().fit(batches(), epochs=2, verbose=0, callbacks=[grid])
    assert [path.name for path in tmp_path.glob("*.png")] == ["epoch_0002.png"]
    for name in ("every", "n"):
        with pytest.raises(ValueError, match=f"{name} must be an integer of at least 1; received 0"):
            SampleGrid(tmp_path, **{name: 0})


def test_json_log_holds_the_history(tmp_path):
    log = tmp_path / "logs" / "train.jsonl"
    history = make_model().fit(batches(), epochs=2, verbose=0, callbacks=[JSONLog(log)]).history
    make_model().fit(batches(), epochs=1, verbose=0, callbacks=[JSONLog(log, append=True)])
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 1]
    seconds = [row["seconds"] for row in rows]
    assert seconds == sorted(seconds)  # appended ones count on
    assert [row["g_loss"] for row in rows[:2]] == pytest.approx(history["g_loss"])
    assert rows[1]["seconds"] > rows[0]["seconds"] > 0


def test_stop_on_nan_names_the_step_and_keeps_good_weights(tmp_path):
    points = keras_gans.data.mixtures.ring().sample(160)[0]
    points[135] = math.nan  # in the fifth batch of 32

    class Unchecked(keras.utils.PyDataset):
        def __len__(self):
            return 5

        def __getitem__(self, index):
            return (points[32 * index : 32 * index + 32],)

    model = make_model()
    run = RunFolder(tmp_path / "run")
    order_unknown = pytest.warns(UserWarning, match="order of these data")
    with order_unknown, pytest.raises(FloatingPointError, match="step 5 of epoch 1"):
        model.fit(Unchecked(), epochs=3, shuffle=False, verbose=0, callbacks=[StopOnNaN(), run])
    assert np.isfinite(keras_gans.load_pretrained(tmp_path / "run").generate(16, seed=0)).all()
