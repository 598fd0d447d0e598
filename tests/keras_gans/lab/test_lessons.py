"""The guided lessons: small, whole, and each shows what it speaks of."""

import functools
import json

import numpy as np
import pytest

from keras_gans.lab.arrays import decode, encode_coarsely
from keras_gans.lab.lessons import FOLDER, get_lesson, lessons
from keras_gans.lab.record_lessons import follow

NAMES = ["vanishing", "divergence", "collapse", "oscillation", "critic_ratio", "averaging"]


@functools.cache
def messages_of(name):
    return get_lesson(name).messages()


def both(name):
    """Returns the frames of both runs of a lesson."""
    frames = [each for each in messages_of(name) if each["type"] == "frame"]
    return [[each for each in frames if each["run"] == run] for run in (0, 1)]


def column(frames, part, name):
    return np.array([np.nan if frame[part].get(name) is None else frame[part][name] for frame in frames])


def failures(frames):
    return [finding["failure"] for finding in frames[-1]["findings"]]


def test_there_are_six_and_they_are_small():
    assert list(lessons()) == NAMES
    assert sum(path.stat().st_size for path in FOLDER.glob("*.gz")) <= 1_500_000
    with pytest.raises(ValueError, match="Did you mean 'collapse'"):
        get_lesson("colapse")


@pytest.mark.parametrize("name", NAMES)
def test_frames_of_both_runs_are_there_at_each_step_and_words_begin_at_one(name):
    lesson = get_lesson(name)
    words, *messages = messages_of(name)
    assert [message["run"] for message in messages if message["type"] == "state"] == [0, 1]
    for run, frames in zip(lesson.runs, both(name), strict=True):
        assert [frame["step"] for frame in frames] == list(lesson.steps)
        state = messages[lesson.runs.index(run)]
        assert state["setup"] == json.loads(json.dumps(run.setup.to_dict()))
        assert {key: state["rules"][key] for key in run.changes} == dict(run.changes)
    starts = [scene["step"] for scene in words["scenes"]]
    assert starts == sorted({*starts}) and starts[0] == 0 and {*starts} <= {*lesson.steps} and len(starts) >= 4


def test_gradients_vanish_with_one_loss_and_not_with_the_other():
    stuck, cured = both("vanishing")
    norms = column(stuck, "logs", "g_grad")
    assert norms[-1] < 1e-3 * norms[1] and column(stuck, "measures", "js").min() > 0.99
    assert failures(stuck) == ["vanishing_gradients"] and failures(cured) == []
    assert column(cured, "logs", "g_grad")[-1] > 1 and column(cured, "measures", "js")[-1] < 0.1


def test_losses_of_one_run_grow_without_end():
    diverging, steady = (np.abs(column(frames, "logs", "g_loss")[1:]) for frames in both("divergence"))
    assert diverging[-5:].max() > 300 and steady.max() < 2
    spans = [[frame["scores"][1] - frame["scores"][0] for frame in frames] for frames in both("divergence")]
    assert max(spans[0]) > 100 * max(spans[1])


def test_one_run_collapses():
    collapsed, whole = both("collapse")
    assert column(collapsed, "measures", "modes")[8:].max() <= 2 and failures(collapsed) == ["mode_collapse"]
    assert column(whole, "measures", "modes")[-10:].min() == 3 and failures(whole) == []


def centres(frames):
    return np.array([decode(frame["generated"]).reshape(-1, 2).mean(axis=0) for frame in frames])


def test_one_run_goes_round_and_the_other_comes_to_rest():
    turning, resting = both("oscillation")
    late = slice(len(turning) // 2, None)
    lengths = [np.linalg.norm(np.diff(centres(frames)[late], axis=0), axis=1).sum() for frames in (turning, resting)]
    assert lengths[0] > 3 * lengths[1] and lengths[0] > 5
    assert column(turning, "measures", "js")[late].min() > 0.8 and column(resting, "measures", "js")[late].mean() < 0.6


def test_more_steps_of_the_discriminator_help():
    one, four = both("critic_ratio")
    assert column(one, "measures", "js")[-10:].mean() > column(four, "measures", "js")[-10:].mean() + 0.25


def test_the_average_is_of_the_same_training_and_nearer_to_the_data():
    plain, average = both("averaging")
    for name in ("d_real", "g_loss"):
        steps = [step for step, each in enumerate(plain) if np.isfinite(each["logs"].get(name) or np.nan)][-1]
        assert abs(plain[steps]["logs"][name] - average[steps]["logs"][name]) < 0.5
    # The colours are those of one discriminator.
    assert plain[-1]["scores"] == average[-1]["scores"] and plain[-1]["heat"] == average[-1]["heat"]
    late = slice(-20, None)
    better = column(average, "measures", "quality")[late] > column(plain, "measures", "quality")[late]
    assert better.mean() >= 0.8


@pytest.mark.parametrize(("steps", "lag"), [(1, 0), (127, 1), (512, 2), (8192, 40)])
def test_coarse_arrays_return_to_half_a_step(steps, lag):
    values = np.random.default_rng(0).normal(0, 2, 100)
    values[[3, 50]] = np.nan, np.inf
    encoded = json.loads(json.dumps(encode_coarsely(values, steps, lag)))
    expected = np.where(np.isfinite(values), values, np.nan)
    np.testing.assert_allclose(decode(encoded), expected, atol=0.5001 * encoded["bound"] / steps, equal_nan=True)


@pytest.mark.parametrize(
    "change", [{"text": "\x01"}, {"steps": 0}, {"lag": -1}, {"text": 3}, {"steps": "many"}, {"bound": None}]
)
def test_what_is_no_coarse_array_is_refused(change):
    with pytest.raises(ValueError, match="not an array"):
        decode({**encode_coarsely(np.zeros(3), 4), **change})


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
def test_recordings_are_those_of_the_settings():
    lesson = get_lesson("collapse")
    state, *frames = follow(lesson.runs[1], lesson.steps[:4])
    recorded = both("collapse")[1]
    assert state["status"] == "ready" and [frame["step"] for frame in frames] == list(lesson.steps[:4])
    # Another machine may round differently: after the first steps, the points are still next to the recorded ones.
    for frame, known in zip(frames, recorded[:4], strict=True):
        np.testing.assert_allclose(decode(frame["generated"]), decode(known["generated"]), atol=0.02)
