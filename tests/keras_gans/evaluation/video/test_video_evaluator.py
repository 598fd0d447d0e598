"""The evaluator of clips: each way in which clips can be wrong moves the measure that is meant to see it, and no other."""

import numpy as np
import pytest

from keras_gans.data import Data
from keras_gans.data.moving_digits import MovingDigitsSource
from keras_gans.evaluation import VideoEvaluator, evaluator_for, get_extractor
from keras_gans.media import Images, Video
from keras_gans.video.corruptions import CORRUPTIONS

COUNT = 40
METRICS = ["kvd_content", "kvd_motion", "fvd_motion", "jitter", "speed_distance", "frozen", "flicker", "memorisation"]


def bars(seed, n=COUNT):
    """Returns moving clips of a bright bar or cross of random length: no MNIST is needed."""
    rng = np.random.default_rng(seed)
    digits = np.zeros((n, 16, 16), "uint8")
    for index, (length, kind) in enumerate(zip(rng.integers(7, 12, n), rng.integers(2, size=n), strict=True)):
        digits[index, 8 - length // 2 : 8 + length // 2, 6:9] = 255
        if kind:
            digits[index, 6:9, 8 - length // 2 : 8 + length // 2] = 255
    source = MovingDigitsSource(digits, (16, 32, 32, 1))
    return Data(f"bars {seed}", source, medium=Video((16, 32, 32, 1), 8))


@pytest.fixture(scope="module")
def evaluator():
    return VideoEvaluator(bars(0), METRICS, COUNT, held_out=bars(1), use_cache=False)


@pytest.fixture(scope="module")
def found(evaluator):
    clips = evaluator.held_out_samples
    wrong = {name: corrupt(clips) for name, corrupt in CORRUPTIONS.items()}
    return {name: evaluator.measure(each) for name, each in {"real": clips, **wrong}.items()}


def test_real_clips_are_near_real_clips(found):
    assert abs(found["real"]["kvd_content"]) < 0.05
    assert abs(found["real"]["kvd_motion"]) < 0.3
    assert found["real"]["frozen"] == 0
    assert found["real"]["jitter"] < 0.6


@pytest.mark.parametrize("name", ["frozen", "shuffled", "slowed"])
def test_wrong_motion_is_seen_in_motion_and_not_in_content(found, name):
    assert found[name]["kvd_motion"] > 5 * abs(found["real"]["kvd_motion"]) + 0.5
    assert found[name]["fvd_motion"] > 3 * found["real"]["fvd_motion"]
    assert found[name]["kvd_content"] < found["blurred"]["kvd_content"]


def test_wrong_content_is_seen_in_content(found):
    assert found["blurred"]["kvd_content"] > 3 * abs(found["real"]["kvd_content"])
    assert found["blurred"]["kvd_motion"] < 0.2 * found["slowed"]["kvd_motion"]


def test_each_fault_is_seen_by_its_own_measure(found):
    assert found["frozen"]["frozen"] == 1
    assert found["shuffled"]["flicker"] > 0.5 > found["real"]["flicker"]
    assert found["jittered"]["jitter"] > 3 * found["real"]["jitter"]
    assert found["slowed"]["speed_distance"] > 1 > found["real"]["speed_distance"]
    # Steady movement has no arrow of time: clips that play backwards are as good.
    assert found["reversed"]["kvd_motion"] < 0.1 * found["slowed"]["kvd_motion"]


def test_copies_of_training_clips_are_seen(evaluator):
    copied = evaluator.measure(evaluator.real_samples)["memorisation"]
    assert copied > 0.9
    assert evaluator.measure(evaluator.held_out_samples)["memorisation"] < 0.2


def test_the_judge_takes_clips_of_other_sizes_and_colours():
    judge = get_extractor("clips32")
    clips = bars(2, 3).source.read(np.arange(3))[0]
    large = clips.repeat(2, axis=2).repeat(2, axis=3).repeat(3, axis=-1)
    assert judge(large[:, :9]).values.shape == judge(clips).values.shape == (3, 128)
    assert judge.resize_for((9, 64, 64, 3)) == "grey, Pillow bicubic, antialiased"
    # A clip's features do not depend on those beside it.
    np.testing.assert_allclose(judge(clips).values[1:2], judge(clips[1:2]).values, atol=1e-5)
    with pytest.raises(ValueError, match="takes clips"):
        judge(clips[:, 0])
    with pytest.raises(ValueError, match="takes clips, not images"):
        judge.for_medium(Images((32, 32, 1)))


def test_the_medium_finds_its_evaluator():
    assert evaluator_for(Video((16, 32, 32, 1), 8)) is VideoEvaluator
    with pytest.raises(ValueError, match="content and of motion, which pixels is not"):
        VideoEvaluator(bars(0), ["kvd_motion"], 10, "pixels")


def test_the_bundled_judge_is_as_good_as_its_metadata_say():
    facts = get_extractor("clips32").facts
    assert facts["test_accuracy"] > 0.97
    assert facts["test_kind_accuracy"] > 0.99
