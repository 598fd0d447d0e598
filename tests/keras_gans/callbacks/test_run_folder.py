import json
import math
import shutil

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.callbacks import JSONLog, RunFolder
from keras_gans.evaluation.report.curves import read_curves
from tests.support.breaking_off import assert_same


def make_model(**arguments):
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("gan", width=8, latent_dim=4, seed=0, **{"image_shape": (2,), **arguments})


def batches():
    data = keras_gans.load_data("ring")
    data.samples = data.samples[:128]
    return data.batches(32, seed=0)


class Interrupt(keras.callbacks.Callback):
    """Interrupts a run in the step of this number (from 0) of an epoch."""

    def __init__(self, run, epoch, step):
        super().__init__()
        self.run, self.at = run, (epoch, step)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            self.run.interrupt()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_run_that_ended_goes_on_when_more_epochs_are_asked_for(tmp_path):
    whole = make_model(ema=0.9)
    whole.fit(batches(), epochs=4, verbose=0, callbacks=[RunFolder(tmp_path / "whole")])

    make_model(ema=0.9).fit(batches(), epochs=2, verbose=0, callbacks=[RunFolder(tmp_path / "parts")])
    rest = make_model(ema=0.9)
    keras.utils.set_random_seed(77)  # what is left of the first process's global state must not matter
    history = rest.fit(batches(), epochs=4, verbose=0, callbacks=[RunFolder(tmp_path / "parts")])
    assert history.epoch == [2, 3]
    assert_same(rest, whole)
    np.testing.assert_array_equal(keras_gans.load_pretrained(tmp_path / "parts").generate(8, seed=0), whole.generate(8, seed=0))


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize(
    "step", [pytest.param(0, marks=pytest.mark.slow), 1, *(pytest.param(step, marks=pytest.mark.slow) for step in (2, 3))]
)
def test_an_interrupted_run_keeps_its_weights_and_goes_on_at_the_next_step(tmp_path, step):
    whole = make_model()
    expected = whole.fit(batches(), epochs=4, verbose=0).history

    model, run = make_model(), RunFolder(tmp_path / "run")
    history = model.fit(batches(), epochs=4, verbose=0, callbacks=[run, Interrupt(run, 1, step)])
    assert history.epoch == [0, 1]
    assert run.position == ((1, step + 1) if step < 3 else (2, 0))
    facts = json.loads((tmp_path / "run" / "preset.json").read_text())
    assert facts["training"]["epochs_done"] == run.position[0]
    kept = keras_gans.load_pretrained(tmp_path / "run")
    np.testing.assert_array_equal(kept.generate(8, seed=0), model.generate(8, seed=0))

    rest, run = make_model(), RunFolder(tmp_path / "run")
    history = rest.fit(batches(), epochs=4, verbose=0, callbacks=[run])
    assert_same(rest, whole)
    for name, column in history.history.items():
        assert column == expected[name][-len(column) :]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_weights_are_saved_as_often_as_their_share_of_time_allows(tmp_path):
    class Saves(keras.callbacks.Callback):
        found = ()

        def on_epoch_end(self, epoch, logs=None):
            self.found = (*self.found, json.loads((tmp_path / "run" / "preset.json").read_text())["training"]["epochs_done"])

    for time_share, expected in ((math.inf, (1, 2, 3)), (1e-9, (0, 0, 0))):
        saves = Saves()
        make_model().fit(batches(), epochs=3, verbose=0, callbacks=[RunFolder(tmp_path / "run", time_share=time_share), saves])
        assert saves.found == expected
        assert json.loads((tmp_path / "run" / "preset.json").read_text())["training"]["epochs_done"] == 3
        shutil.rmtree(tmp_path / "run")


def test_logs_forget_the_epochs_that_come_again(tmp_path):
    folder = tmp_path / "run"

    def fit(epochs, interrupt_at=None):
        run = RunFolder(folder)
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        callbacks = [
            run,
            JSONLog(folder / "logs/train.jsonl", append=True),
            keras.callbacks.CSVLogger(folder / "logs/train.csv", append=True),
        ]
        if interrupt_at:
            callbacks.append(Interrupt(run, *interrupt_at))
        make_model().fit(batches(), epochs=epochs, verbose=0, callbacks=callbacks)

    fit(4, interrupt_at=(2, 1))  # the third epoch is logged though it is not whole
    with open(folder / "logs/train.jsonl", "a") as f:
        f.write('{"epoch": 9, "sec')  # what a power failure may leave
    with open(folder / "logs/train.csv", "a") as f:
        f.write("1,0.")
    fit(4)
    lines = [json.loads(line) for line in (folder / "logs/train.jsonl").read_text().splitlines()]
    rows = (folder / "logs/train.csv").read_text().splitlines()
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    assert [row.split(",")[0] for row in rows] == ["epoch", "0", "1", "2", "3"]
    seconds = [line["seconds"] for line in lines]
    assert seconds == sorted(seconds)
    assert json.loads((folder / "preset.json").read_text())["training"]["epochs_done"] == 4


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_log_whose_columns_have_former_names_is_continued_under_the_present_ones(tmp_path):
    log = tmp_path / "run" / "logs" / "train.csv"
    log.parent.mkdir(parents=True)

    def fit(*interrupt):
        run = RunFolder(tmp_path / "run")
        callbacks = [run, keras.callbacks.CSVLogger(log, append=True), *(Interrupt(run, *at) for at in interrupt)]
        return make_model().fit(batches(), epochs=3, verbose=0, callbacks=callbacks).history

    fit((1, 1))
    first = {name: values[0] for name, values in read_curves(log).items() if name != "epoch"}
    former = {"d_loss": "discriminator_loss", "g_loss": "generator_loss", "d_real": "real_accuracy", "d_fake": "fake_accuracy"}
    row = {"epoch": 0} | dict(sorted((former.get(name, name), value) for name, value in first.items()))
    log.write_text(",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n")
    later = fit()
    curves = read_curves(log)
    assert curves["epoch"] == [1, 2, 3]
    for name, value in first.items():
        assert curves[name][0] == pytest.approx(value, nan_ok=True), name
        assert name not in later or curves[name][1:] == pytest.approx(later[name]), name
