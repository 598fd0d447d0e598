"""What predicts clips from the frames before is measured, and used on the command line."""

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans_tools.benchmarks import prediction
from tests.support.entries import build


def drifting(count, frames=8, side=32, speed=1.5):
    """Returns clips of a smooth pattern that moves to the right by so many pixels a frame, as floats from 0 to 255."""
    rng = np.random.default_rng(0)
    phases, waves = rng.uniform(0, 2 * np.pi, (count, 6)), rng.uniform(-0.5, 0.5, (count, 6, 2))
    rows, columns = np.mgrid[:side, :side]
    clips = np.zeros((count, frames, side, side))
    for time in range(frames):
        places = waves[:, :, 0, None, None] * rows + waves[:, :, 1, None, None] * (columns - speed * time)
        clips[:, time] = np.cos(places + phases[:, :, None, None]).sum(axis=1)
    return 128 + 20 * clips[..., None]


def test_the_optical_flow_carries_on_what_moves():
    pytest.importorskip("skimage")
    clips = drifting(4)
    for clip in clips:
        made, still = prediction.optical_flow(clip[:4], 4), prediction.persistence(clip[:4], 4)
        assert made.shape == still.shape == (4, 32, 32, 1)
        inside = (slice(None), slice(8, -8), slice(12, -8))
        assert np.abs(made[inside] - clip[4:][inside]).mean() < 0.2 * np.abs(still[inside] - clip[4:][inside]).mean()
        np.testing.assert_array_equal(still, np.repeat(clip[3:4], 4, axis=0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Film strips in two folders, and a model that predicts four frames from two."""
    root = tmp_path_factory.mktemp("prediction")
    for number, clip in enumerate(np.rint(drifting(6, 6, 8)).astype("uint8")):
        path = root / "clips" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.concatenate(list(clip[..., 0]), axis=1)).save(path)
    keras_gans.save_preset(build("video_prediction"), root / "model")
    return root


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_scores_of_single_predictions_are_absolute_errors(folder):
    found = prediction.measure(f"video:{folder}/clips", [str(folder / "model")], leads=[1, 3], members=1)
    assert (found["clips"], found["blocks"], found["leads"]) == (6, 2, [1, 3])
    rows = {row["name"]: row for row in found["rows"]}
    data = keras_gans.load_data(f"video:{folder}/clips", split="all", frames=4, given=2)
    clips, before = data.source.read(np.arange(6))[0], data.conditions["frames"].read(np.arange(6))[0]
    errors = np.abs(before[:, -1:].astype(float) - clips).mean(axis=(2, 3, 4))[:, [0, 2]]
    assert list(rows["persistence"]["crps"].values()) == pytest.approx(errors.mean(axis=0))
    assert rows["persistence"]["below"] == {}
    assert list(rows["optical flow"]["below"]) == ["persistence"]
    assert list(rows[str(folder / "model")]["below"]) == ["persistence", "optical flow"]
    assert rows["optical flow"]["crps"].keys() == {1, 3}
    assert found["shown"]["given"].shape == (2, 8, 8, 1)


def test_the_interval_draws_whole_blocks():
    """Three of four blocks of ten clips win all, and one none: 40 clips that say as much as four."""
    mine, others = np.ones((40, 1)), np.ones((40, 1))
    others[10:] = 2.0
    row = prediction._compare(mine, others, np.repeat(np.arange(4), 10), [8])
    assert row["share"] == {8: 0.75}
    low, high = row["interval"][8]
    assert low < 0.3
    assert high == 1.0
    assert prediction._compare(mine, others, np.zeros(40, int), [8])["interval"] == {8: None}


def test_it_is_run_on_the_command_line(folder, keras_gans_forked, assert_refused, tmp_path):
    pytest.importorskip("matplotlib")
    arguments = ("benchmark", "prediction", f"--dataset=video:{folder}/clips", f"--runs={folder}/model", "--members=2")
    process = keras_gans_forked(*arguments, "--leads=1,4", "--chart=chart.png", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "| persistence | " in process.stdout
    assert "6 clips in 2 blocks; fair CRPS in levels of 255, of 2 members for models" in process.stdout
    with Image.open(tmp_path / "chart.png") as chart:
        assert chart.height > 300
    assert_refused(keras_gans_forked(*arguments[:2]), "--dataset is missing")


@pytest.mark.parametrize(
    ("dataset", "run", "leads", "words"),
    [
        ("video:{}/clips", "{}/model", [5], "from 1 to 4; received 5"),
        ("video:{}/clips", "dcgan_digits", None, "dcgan_digits is a GAN, which does not predict clips"),
        ("digits", "{}/model", None, "digits holds images: this benchmark is for clips"),
    ],
)
def test_what_cannot_be_measured_is_refused(folder, dataset, run, leads, words):
    with pytest.raises(ValueError, match=words):
        prediction.measure(dataset.format(folder), [run.format(folder)], leads)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_clip_is_continued_on_the_command_line(folder, keras_gans_forked, assert_refused, tmp_path):
    clip = folder / "clips/a/0.png"
    command = ("generate", folder / "model", "--num=2", "--seed=3")
    process = keras_gans_forked(*command, f"--condition=frames={clip}", "--output=made.npy", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    last = np.moveaxis(np.asarray(Image.open(clip)).reshape(8, 6, 8), 1, 0)[-2:, ..., None]
    model = keras_gans.load_pretrained(folder / "model")
    expected = model.medium.to_file(model.generate(2, seed=3, conditions={"frames": last}))
    assert np.abs(np.load(tmp_path / "made.npy").astype(int) - expected).max() <= 1
    process = keras_gans_forked(*command, f"--condition=frames={clip}", "--output=made.webp", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert_refused(keras_gans_forked(*command), "predicts clips from the frames before", "--condition=frames=CLIP")
    assert_refused(keras_gans_forked(*command, "--condition=frames=nothing.webp"), "There is no clip nothing.webp")
