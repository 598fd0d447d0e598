import copy
import csv
import json

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.callbacks import BestPreset, EvaluateSamples, ExactResume
from keras_gans.evaluation import Evaluator

STEPS = 4


@pytest.fixture(scope="module")
def evaluator():
    return Evaluator(keras_gans.load_data("ring"), ["fid", "precision_recall"], num=200)


def points():
    return np.random.default_rng(0).uniform(-1, 1, (16 * STEPS, 2)).astype("float32")


def fit(callbacks, epochs=3, **kwargs):
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3, ema=0.5, seed=0)
    history = model.fit(points(), batch_size=16, epochs=epochs, callbacks=callbacks, verbose=0, **kwargs)
    return model, history.history


def test_the_numbers_are_in_the_logs_of_every_epoch(evaluator, tmp_path):
    evaluation = EvaluateSamples(evaluator, every=2, seed=5)
    model, history = fit([evaluation, keras.callbacks.CSVLogger(tmp_path / "log.csv")], epochs=5)
    # After epochs 1, 2, 4 and the last, 5.
    assert [step for step, _ in evaluation.history] == [STEPS, 2 * STEPS, 4 * STEPS, 5 * STEPS]
    measured = [numbers["fid"] for _, numbers in evaluation.history]
    assert history["fid"] == [measured[0], measured[1], measured[1], measured[2], measured[3]]
    assert measured[-1] == evaluator.measure(model.generate(200, seed=5))["fid"]
    assert len(set(measured)) == 4
    with open(tmp_path / "log.csv") as file:
        assert [float(row["recall"]) for row in csv.DictReader(file)] == history["recall"]


def test_measuring_does_not_disturb_training(evaluator):
    plain, _ = fit([])
    measured, _ = fit([EvaluateSamples(evaluator, every=1, every_steps=2)])
    for one, other in zip(plain.get_weights(), measured.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_copies_for_the_trials_of_a_tuner_measure_alike(evaluator):
    evaluation = EvaluateSamples(evaluator)
    copies = [copy.deepcopy(evaluation) for _ in range(2)]
    histories = [fit([each], epochs=1)[1]["fid"] for each in copies]
    assert histories[0] == histories[1]
    assert evaluation.history == []


def test_it_measures_within_an_epoch(evaluator):
    evaluation = EvaluateSamples(evaluator, every=None, every_steps=3)
    _, history = fit([evaluation])
    assert [step for step, _ in evaluation.history] == [3, 6, 9, 12]
    assert history["fid"] == [evaluation.history[index][1]["fid"] for index in (0, 1, 3)]


def test_keras_callbacks_follow_the_numbers(evaluator, tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.weights.h5", "fid", mode="min", save_best_only=True, save_weights_only=True
    )
    stopping = keras.callbacks.EarlyStopping("fid", mode="min", patience=1, min_delta=1e9)
    _, history = fit([EvaluateSamples(evaluator), checkpoint, stopping], epochs=10)
    assert len(history["fid"]) == 2
    assert (tmp_path / "best.weights.h5").is_file()
    assert checkpoint.best == min(history["fid"])


def test_the_best_model_is_kept_as_a_preset(evaluator, tmp_path):
    folder = tmp_path / "best"
    best = BestPreset(folder, facts=lambda: {"dataset": "ring", "training": {"batch_size": 16}})
    evaluation = EvaluateSamples(evaluator, every=1, every_steps=1, best=best)
    fit([evaluation], epochs=4)
    values = {step: numbers["fid"] for step, numbers in evaluation.history}
    step = min(values, key=values.get)
    facts = json.loads((folder / "preset.json").read_text())
    assert facts["metrics"] == dict(evaluation.history)[step]
    assert facts["training"] == {"batch_size": 16, "epoch": (step - 1) // STEPS + 1, "step": step}
    assert facts["dataset"] == "ring"
    assert facts["protocol"]["extractor"] == "pixels"
    assert (best.value, best.epoch) == (values[step], facts["training"]["epoch"])
    # What is kept is what was measured.
    loaded = keras_gans.load_pretrained(folder)
    assert evaluator.measure(loaded.generate(200, seed=0)) == facts["metrics"]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_the_best_model_beats_the_last_of_a_run_that_collapses(tmp_path):
    keras.utils.set_random_seed(0)
    grid = keras_gans.load_data("grid")
    model = keras_gans.create_model("gan", image_shape=(2,), width=64, learning_rate=0.03, seed=0)
    best = BestPreset(tmp_path / "best")
    model.fit(grid.batches(256), epochs=8, verbose=0, callbacks=[EvaluateSamples(Evaluator(grid, num=1000), best=best)])
    # Other real samples and other latents than those that chose.
    fresh = Evaluator(grid, num=2000, seed=1)
    last, kept = (fresh.measure_model(which, seed=1)["fid"] for which in (model, keras_gans.load_pretrained(tmp_path / "best")))
    assert best.epoch < 8
    assert kept < 0.8 * last


def test_higher_is_better_where_it_is(evaluator, tmp_path):
    evaluation = EvaluateSamples(evaluator, every=None, every_steps=1, best=BestPreset(tmp_path / "best", "recall"))
    fit([evaluation])
    assert evaluation.best.value == max(numbers["recall"] for _, numbers in evaluation.history)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_training_that_goes_on_takes_up_what_was_measured(evaluator, tmp_path):
    def run(name, epochs):
        logs, folder = tmp_path / name / "evaluation.jsonl", tmp_path / name
        best = BestPreset(folder / "best")
        evaluation = EvaluateSamples(evaluator, every=3, best=best, log=logs, tensorboard=folder / "tensorboard")
        _, history = fit([ExactResume(folder / "checkpoints"), evaluation], epochs)
        return (
            history,
            [json.loads(line) for line in logs.read_text().splitlines()],
            json.loads((folder / "best" / "preset.json").read_text()),
        )

    whole, lines, best = run("whole", 7)
    run("parts", 4)
    later, lines_of_parts, best_of_parts = run("parts", 7)
    # The last epoch of the first part was measured for being the last.
    assert lines_of_parts == [*lines[:2], lines_of_parts[2], *lines[2:]]
    assert [line["epoch"] for line in lines_of_parts] == [1, 3, 4, 6, 7]
    assert later["fid"][1:] == whole["fid"][5:]
    assert best_of_parts["metrics"]["fid"] == min(line["fid"] for line in lines_of_parts)
    assert best["metrics"]["fid"] == min(line["fid"] for line in lines)


def test_what_will_be_measured_again_is_removed_from_the_log(evaluator, tmp_path):
    log = tmp_path / "evaluation.jsonl"
    numbers = {"fid": 1.0, "precision": 0.0, "recall": 0.0}
    log.write_text(json.dumps({"epoch": 9, "step": 400, **numbers}) + "\n" + '{"epoch": 9, "st')
    fit([EvaluateSamples(evaluator, log=log)], epochs=2)
    assert [json.loads(line)["step"] for line in log.read_text().splitlines()] == [STEPS, 2 * STEPS]


def test_tensorboard_shows_the_numbers_by_step(evaluator, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    evaluation = EvaluateSamples(evaluator, tensorboard=tmp_path)
    fit([evaluation], epochs=2)
    events = EventAccumulator(str(tmp_path)).Reload()
    found = [(event.step, event.tensor_proto.float_val[0]) for event in events.Tensors("evaluation/fid")]
    expected = [(step, numbers["fid"]) for step, numbers in evaluation.history]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_samples_that_became_nan_end_training(evaluator):
    def spoil(epoch, logs):
        model.generator.weights[0].assign(model.generator.weights[0] * np.nan)

    model = keras_gans.create_model("gan", image_shape=(2,), width=4, seed=0)
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_begin=spoil), EvaluateSamples(evaluator)]
    with pytest.raises(FloatingPointError, match="samples became NaN"):
        model.fit(points(), batch_size=16, callbacks=callbacks, verbose=0)


def test_arguments_are_checked(evaluator, tmp_path):
    with pytest.raises(ValueError, match="every must be an integer of at least 1; received 0"):
        EvaluateSamples(evaluator, every=0)
    with pytest.raises(ValueError, match="needs every"):
        EvaluateSamples(evaluator, every=None)
    with pytest.raises(ValueError, match="no metric 'fidd'"):
        BestPreset(tmp_path, "fidd")
    with pytest.raises(ValueError, match=r"monitors kid, which is not measured\. Measured: fid"):
        fit([EvaluateSamples(evaluator, best=BestPreset(tmp_path, "kid"))])
