"""HUSE: ratings of raters together with the probabilities of the model."""

import dataclasses

import keras
import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

import keras_gans
from keras_gans.media import Text
from keras_gans.study import create_study
from keras_gans.study.huse import huse
from keras_gans.study.results import summarise
from keras_gans.study.simulation import Truth, simulate_answers
from keras_gans.study.wording import table
from keras_gans.text import Tokenizer


def test_errors_are_those_of_nearest_neighbours_left_out_one_by_one():
    rng = np.random.default_rng(0)
    generated = np.arange(200) < 100
    ratings = rng.normal(3, 1, 200) - 0.8 * generated
    logs = rng.normal(-4, 0.5, 200) + 0.4 * generated
    expected = {}
    for name, features in (("huse_q", [ratings]), ("huse", [ratings, logs])):
        scaled = np.stack([each / each.std() for each in features], axis=1)
        found = cross_val_predict(KNeighborsClassifier(15), scaled, generated, cv=LeaveOneOut())
        expected[name] = 2 * np.mean(found != generated)
    assert huse(ratings, logs, generated) == pytest.approx({**expected, "huse_d": 1 + expected["huse"] - expected["huse_q"]})


def test_what_cannot_be_told_apart_scores_1_and_what_can_scores_0():
    rng = np.random.default_rng(1)
    generated = np.arange(600) < 200
    alike = huse(rng.integers(1, 6, 600).astype(float), rng.normal(size=600), generated)
    assert alike["huse"] == pytest.approx(1, abs=0.1)
    assert alike["huse_d"] == pytest.approx(1, abs=0.1)
    # Raters see nothing; the model finds real sentences improbable.
    collapsed = huse(np.full(600, 3.0), np.where(generated, -1.0, -5.0), generated)
    assert collapsed["huse"] == 0
    assert collapsed["huse_q"] == pytest.approx(1, abs=0.05)
    assert collapsed["huse_d"] == pytest.approx(0, abs=0.05)
    assert huse(np.full(20, 3.0), np.zeros(20), np.arange(20) < 14) is None


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    tokenizer = Tokenizer.train([f"{a} {b} {c}" for a in "stu" for b in "vwx" for c in "yz"])
    made = keras_gans.create_model("seqgan", vocabulary_size=tokenizer.size, length=5, units=4, embedding_dim=4, filters=0.01)
    made.tokenizer = tokenizer
    return made


def test_a_study_of_a_model_reports_it(model, tmp_path):
    rng = np.random.default_rng(0)
    real = [" ".join(rng.choice(list("stuvwxyz"), 4)) for _ in range(120)]
    counts = {"trials": 40, "golds": 0, "repeats": 0, "practice": 0}
    study = create_study(
        tmp_path / "study", {"words": model, "file": real[::-1]}, real, medium=Text(()), protocol="likert", num=40, **counts
    )
    told = [item for item in study.items if item.log_probabilities is not None]
    assert {item.source for item in told} == {"real", "words"}
    assert len(told) == 80
    for item in told[:5]:
        tokens = model.tokenizer.encode([item.text], 5)[0]
        assert item.log_probabilities == {"words": pytest.approx(-model.mean_nll(tokens), rel=1e-5)}
    result = summarise(study, simulate_answers(study, Truth((3.0, 3.0)), 12))
    real_row, words, file = result["scores"]
    assert words["huse_d"] == pytest.approx(1 + words["huse"] - words["huse_q"])
    assert "huse" not in file
    assert "huse" not in real_row
    assert f"{words['huse']:.2f}" in table(result)
    without = dataclasses.replace(study, items=tuple(dataclasses.replace(item, log_probabilities=None) for item in study.items))
    assert "huse" not in summarise(without, simulate_answers(without, Truth((3.0, 3.0)), 12))["scores"][1]
