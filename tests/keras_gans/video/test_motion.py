"""Measures of motion, against closed forms, and against what was done to clips."""

import numpy as np
import pytest

from keras_gans.video import motion
from keras_gans.video.corruptions import CORRUPTIONS


def dots(places, side=32):
    """Returns clips of a 3x3 dot whose upper left corner is at the places, integers `(n, frames, 2)`."""
    clips = np.zeros((*places.shape[:2], side, side, 1), "uint8")
    for (n, frame), _ in np.ndenumerate(places[..., 0]):
        row, column = places[n, frame]
        clips[n, frame, row : row + 3, column : column + 3] = 255
    return clips


STEADY = dots(np.stack([np.arange(10), 2 * np.arange(10)], axis=-1)[None])
TO_AND_FRO = dots(np.stack([np.full(10, 9), 5 + 4 * (np.arange(10) % 2)], axis=-1)[None])


def test_a_dot_is_where_it_was_drawn_and_as_fast():
    np.testing.assert_allclose(motion.centroids(STEADY)[0, 3], [3 + 1, 6 + 1], atol=1e-5)
    assert motion.speeds(STEADY)[0] == pytest.approx(5**0.5, abs=1e-5)
    assert motion.speeds(TO_AND_FRO)[0] == pytest.approx(4, abs=1e-5)


def test_jitter_is_0_for_steady_movement_and_2_for_movement_to_and_fro():
    assert motion.jitter(STEADY) == pytest.approx(0, abs=1e-5)
    assert motion.jitter(TO_AND_FRO) == pytest.approx(2, abs=1e-5)


def test_a_dot_that_moves_by_its_width_changes_twice_what_it_shows():
    # All pixels of the dot go dark, and as many others bright.
    assert motion.changes(TO_AND_FRO)[0] == pytest.approx(2, abs=1e-5)


def test_corruptions_are_seen():
    rng = np.random.default_rng(0)
    starts, steps = rng.integers(0, 8, (20, 1, 2)), rng.integers(1, 3, (20, 1, 2))
    clips = dots(starts + steps * np.arange(10)[None, :, None])
    found = {name: corrupt(clips) for name, corrupt in CORRUPTIONS.items()}
    assert motion.are_frozen(found["frozen"]).all()
    assert not motion.are_frozen(clips).any()
    assert motion.speeds(found["slowed"]).mean() == pytest.approx(motion.speeds(clips).mean() * 4 / 9, rel=1e-3)
    np.testing.assert_array_equal(found["reversed"][:, 0], clips[:, -1])
    assert motion.jitter(found["shuffled"]) > 1
    assert motion.jitter(found["jittered"]) > 0.5
    assert all(sorted(map(bytes, new)) == sorted(map(bytes, old)) for new, old in zip(found["shuffled"], clips, strict=True))
    assert found["blurred"].max() < 255 or (found["blurred"] != clips).any()


def test_flicker_is_told_from_movement():
    # A bright square that moves slowly, and one that goes on and off.
    moving = np.zeros((1, 12, 32, 32, 1), "uint8")
    for frame in range(12):
        moving[0, frame, 8:24, frame : frame + 16] = 255
    flickering = moving[:, :1].repeat(12, axis=1) * (np.arange(12) % 2)[None, :, None, None, None].astype("uint8")
    assert not motion.are_flickering(moving)[0]
    assert motion.are_flickering(flickering)[0]


def test_what_are_no_clips_is_refused():
    with pytest.raises(ValueError, match=r"shape \(n, frames, height, width, channels\)"):
        motion.changes(np.zeros((3, 8, 8, 1)))
    with pytest.raises(ValueError, match="uint8 or floats"):
        motion.changes(np.zeros((3, 2, 8, 8, 1), int))
    with pytest.raises(ValueError, match="NaN"):
        motion.changes(np.full((3, 2, 8, 8, 1), np.nan))
