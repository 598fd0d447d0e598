"""Which metric decides which model of a run is the best."""

import types

import pytest

import keras_gans
from keras_gans.evaluation import Evaluator
from keras_gans.presets import Metadata
from keras_gans_tools.common import run_callbacks


@pytest.mark.parametrize(
    ("metrics", "default", "monitor"),
    [
        ("kid,fid", ("fid",), "fid"),
        ("swd,kid", ("fid",), "swd"),
        ("swd,kid", ("fid", "kid"), "swd"),
        ("precision_recall,kid", ("fid",), "kid"),
        (None, ("psnr", "fid"), "fid"),
    ],
)
def test_the_first_metric_asked_for_decides_if_the_usual_one_is_not_measured(tmp_path, metrics, default, monitor):
    digits = keras_gans.load_data("digits")
    names = metrics.split(",") if metrics else ["fid"]
    run = types.SimpleNamespace(folder=tmp_path, metadata=Metadata.from_dict({"training": {"metrics": metrics}}))
    callback = run_callbacks.make_evaluation(Evaluator(digits, names, 20, "pixels"), run, 10, default)
    assert callback.best.monitor == monitor
