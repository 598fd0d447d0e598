import json
import math

import keras
import numpy as np
import pytest

from keras_gans.callbacks import JSONLog
from keras_gans.evaluation.report.curves import read_curves


@pytest.fixture(scope="module")
def run(make_model, tmp_path_factory):
    """The folder of a run of three epochs that logs both ways, and what Keras says of it."""
    folder = tmp_path_factory.mktemp("run")
    logs = folder / "logs"
    logs.mkdir()
    model = make_model((2,))
    model.compile()
    points = np.random.default_rng(0).uniform(-1, 1, (64, 2)).astype("float32")
    history = model.fit(
        points,
        validation_data=(points,),
        validation_freq=2,
        epochs=3,
        batch_size=32,
        verbose=0,
        callbacks=[JSONLog(logs / "train.jsonl"), keras.callbacks.CSVLogger(logs / "train.csv")],
    )
    return folder, history.history


@pytest.mark.parametrize("log", ["", "logs", "logs/train.jsonl", "logs/train.csv"])
def test_curves_are_what_keras_logged(run, log):
    folder, history = run
    curves = read_curves(folder / log)
    assert curves["epoch"] == [1, 2, 3]
    for name, values in history.items():
        if name.startswith("val_"):  # the second epoch alone was validated
            assert math.isnan(curves[name][0])
            assert math.isnan(curves[name][2])
            values = [curves[name][0], *values, curves[name][2]]
        np.testing.assert_allclose(curves[name], values, rtol=1e-6)


def test_the_log_as_json_goes_before_that_as_csv(tmp_path):
    (tmp_path / "train.jsonl").write_text('{"epoch": 1, "fid": 3.5}\n')
    (tmp_path / "train.csv").write_text("epoch,fid\n0,4.5\n")
    assert read_curves(tmp_path) == {"epoch": [1], "fid": [3.5]}


def test_lines_that_are_not_whole_are_left_out(tmp_path):
    (tmp_path / "train.jsonl").write_text(
        '{"epoch": 1, "fid": 9}\n{"epoch": 2, "fid": 7, "best": true}\n{"epoch": 3, "fi\n3\n{}\n'
    )
    (tmp_path / "train.csv").write_text("epoch,fid\n0,9.0\n1,7.0\n2\n")
    assert read_curves(tmp_path / "train.jsonl")["fid"] == [9, 7]
    assert read_curves(tmp_path / "train.csv") == {"epoch": [1, 2], "fid": [9, 7]}


def test_what_is_no_number_is_a_gap(tmp_path):
    (tmp_path / "train.csv").write_text("epoch,a,b\n0,NA,1\n1,x,nan\n2,3,inf\n")
    curves = read_curves(tmp_path)
    np.testing.assert_array_equal(curves["a"], [math.nan, math.nan, 3])
    np.testing.assert_array_equal(curves["b"], [1, math.nan, math.inf])
    (tmp_path / "train.jsonl").write_text(json.dumps({"epoch": 1, "a": None, "b": "x"}))
    np.testing.assert_array_equal([*read_curves(tmp_path)["a"], *read_curves(tmp_path)["b"]], [math.nan, math.nan])


def test_an_empty_log_holds_no_curves(tmp_path):
    (tmp_path / "train.csv").write_text("")
    assert read_curves(tmp_path) == {}


def test_no_log_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds neither logs/train"):
        read_curves(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"train\.csv"):
        read_curves(tmp_path / "train.csv")
    (tmp_path / "log.txt").write_text("")
    with pytest.raises(ValueError, match=r"log\.txt is not a log: give a \.jsonl or \.csv file"):
        read_curves(tmp_path / "log.txt")


def test_what_was_measured_is_there_only_where_it_was(tmp_path):
    """The log repeats in every epoch what `EvaluateSamples` measured last."""
    rows = [{"epoch": 1, "loss": 3, "fid": 5}, {"epoch": 2, "loss": 2, "fid": 5}, {"epoch": 3, "loss": 1, "fid": 2}]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "evaluation.jsonl").write_text(
        '{"epoch": 1, "step": 9, "fid": 5}\n{"epoch": 3, "step": 27, "fid": 2}\n{"epoch": 4'
    )
    curves = read_curves(tmp_path / "train.jsonl")
    assert curves["loss"] == [3, 2, 1]
    assert math.isnan(curves["fid"][1])
    assert [curves["fid"][0], curves["fid"][2]] == [5, 2]
