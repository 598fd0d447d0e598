import random

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_gans.metrics.class_accuracy import class_accuracy_score


def halves():
    """Two halves of the digits: images, uint8 of shape `(n, 8, 8, 1)`, and labels of each."""
    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype("uint8")[..., None]
    order = np.random.default_rng(0).permutation(len(images))
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    return images[first], digits.target[first], images[second], digits.target[second]


HALVES = halves()


@pytest.fixture(scope="module")
def of_real_images():
    return class_accuracy_score(*HALVES)


def test_real_images_teach_the_classes(of_real_images):
    assert of_real_images.accuracy > 0.93
    assert sorted(of_real_images.per_class) == list(range(10))
    assert min(of_real_images.per_class.values()) > 0.75
    counts = np.bincount(HALVES[3])
    weighted = sum(of_real_images.per_class[label] * counts[label] for label in range(10)) / counts.sum()
    assert of_real_images.accuracy == pytest.approx(weighted)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_the_same_seed_gives_the_same_score(of_real_images):
    again = class_accuracy_score(*HALVES)
    assert again == of_real_images
    others = [class_accuracy_score(*HALVES, epochs=1, seed=seed) for seed in (0, 1)]
    assert others[0] != others[1]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_shuffled_labels_teach_nothing():
    images, labels, *test = HALVES
    shuffled = np.random.default_rng(1).permutation(labels)
    assert class_accuracy_score(images, shuffled, *test, epochs=3).accuracy < 0.25


def test_noise_teaches_nothing():
    _, labels, *test = HALVES
    noise = np.random.default_rng(1).integers(0, 256, (len(labels), 8, 8, 1), "uint8")
    assert class_accuracy_score(noise, labels, *test, epochs=3).accuracy < 0.25


def test_a_class_that_is_never_drawn_scores_nothing():
    images, labels, *test = HALVES
    result = class_accuracy_score(images[labels != 3], labels[labels != 3], *test)
    assert result.per_class[3] == 0
    assert np.mean([result.per_class[label] for label in range(10) if label != 3]) > 0.9


def test_a_class_drawn_as_another_scores_nothing():
    images, labels, *test = HALVES
    swapped = np.where(labels == 1, 7, np.where(labels == 7, 1, labels))
    result = class_accuracy_score(images, swapped, *test)
    assert result.per_class[1] < 0.05
    assert result.per_class[7] < 0.05
    assert result.per_class[0] > 0.9


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_labels_may_be_any_integers_and_images_floats(of_real_images):
    images, labels, test_images, test_labels = HALVES
    floats = [(some / np.float32(127.5) - 1).astype("float64") for some in (images, test_images)]
    result = class_accuracy_score(floats[0], labels * 10 - 7, floats[1], test_labels.astype("int8") * 10 - 7)
    assert result.accuracy == pytest.approx(of_real_images.accuracy, abs=0.01)
    assert sorted(result.per_class) == list(range(-7, 90, 10))


@pytest.mark.parametrize(
    "shape",
    [(5, 40, 1), pytest.param((28, 28, 3), marks=pytest.mark.slow), pytest.param((40, 33, 3), marks=pytest.mark.slow)],
    ids=str,
)
def test_sizes_and_colours(shape):
    # A bright spot in the upper half or in the lower.
    labels = np.random.default_rng(0).integers(0, 2, 200)
    images = np.random.default_rng(1).integers(0, 60, (200, *shape), "uint8")
    middle = shape[0] // 2
    for image, label in zip(images, labels, strict=True):
        (image[:middle] if label else image[middle:])[:2] += 150
    result = class_accuracy_score(images[:150], labels[:150], images[150:], labels[150:], epochs=6)
    assert result.accuracy > 0.9


def numbers():
    """The next random numbers of all that the caller may have seeded."""
    drawn = [random.random(), np.random.random()]
    return [
        *drawn,
        float(keras.ops.sum(keras.random.normal((3,)))),
        float(keras.ops.sum(keras.layers.Dense(2)(np.ones((1, 4))))),
    ]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_the_callers_state_is_left_alone_and_plays_no_part(of_real_images):
    keras.utils.set_random_seed(5)
    expected = numbers()
    keras.utils.set_random_seed(5)
    policy, data_format = keras.config.dtype_policy(), keras.config.image_data_format()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        keras.config.set_image_data_format("channels_first")
        result = class_accuracy_score(*HALVES)
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        assert keras.config.image_data_format() == "channels_first"
    finally:
        keras.config.set_dtype_policy(policy)
        keras.config.set_image_data_format(data_format)
    assert result == of_real_images
    assert numbers() == expected


IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = (part[:20] for part in HALVES)
NAN = np.zeros(IMAGES.shape, "float32")
NAN[3] = np.nan


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"train_images": IMAGES[:0], "train_labels": LABELS[:0]}, "train_images must be at least one image"),
        ({"test_images": IMAGES[:0], "test_labels": LABELS[:0]}, "test_images must be at least one image"),
        ({"train_images": IMAGES[:1], "train_labels": LABELS[:1]}, "at least two classes"),
        ({"train_images": IMAGES[0]}, r"train_images.*\(8, 8, 1\)"),
        ({"train_images": IMAGES[:, :7]}, "7x8x1.*8x8x1"),
        ({"test_images": IMAGES.repeat(3, axis=-1)}, "8x8x1.*8x8x3"),
        ({"train_images": NAN}, "train_images must be floats in.*nan"),
        ({"test_images": IMAGES.astype("float32")}, r"test_images must be floats in \[-1, 1\].*from 0.0 to 255.0"),
        ({"train_images": IMAGES.astype("int64")}, "train_images must be uint8.*int64"),
        ({"train_labels": LABELS[:19]}, r"train_labels must be one integer for each of the 20 images.*\(19,\)"),
        ({"test_labels": LABELS[:19]}, r"test_labels.*\(19,\)"),
        ({"train_labels": np.eye(10)[LABELS]}, r"train_labels.*float64 of shape \(20, 10\)"),
        ({"train_labels": LABELS.astype(float)}, "train_labels.*float64"),
        ({"epochs": 0}, "epochs.*received 0"),
        ({"seed": "a"}, "seed.*received 'a'"),
    ],
)
def test_bad_input_is_refused(changed, message):
    good = {"train_images": IMAGES, "train_labels": LABELS, "test_images": TEST_IMAGES, "test_labels": TEST_LABELS}
    with pytest.raises(ValueError, match=message):
        class_accuracy_score(**{**good, **changed})
