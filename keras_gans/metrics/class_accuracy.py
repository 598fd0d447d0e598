"""Classification accuracy score: a classifier learns from generated images and is tested on real ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.image_checks import are_images, check_alike

if TYPE_CHECKING:
    import keras

_TRAINED, _TESTED = 64, 256  # images a batch
_WIDTHS = (32, 64, 128, 128, 128, 128, 128)  # channels of each convolution, as many as it takes
_SMALL = 7


@dataclasses.dataclass(frozen=True)
class ClassAccuracy:
    """Accuracy of a classifier on the test images.

    Attributes:
        accuracy: Share of the test images that were classified correctly.
        per_class: The same for each class among the test images, by its label.
    """

    accuracy: float
    per_class: Mapping[int, float]


def class_accuracy_score(
    train_images: ArrayLike,
    train_labels: ArrayLike,
    test_images: ArrayLike,
    test_labels: ArrayLike,
    epochs: int = 10,
    seed: int = 0,
) -> ClassAccuracy:
    """Train a small classifier on labelled images, usually generated ones, and tests it on others, usually real ones.

    The accuracy is low for classes that a generator draws wrongly, confuses, or draws with little variety. Compare with the
    score of a classifier trained on as many real images for as many epochs.

    The classifier is convolutions (3x3, ReLU; 32 channels, then 64, then 128), each followed by a maximum over 2x2 pixels,
    until the smaller side is at most 7; then 128 hidden units. It learns with Adam at a rate of 0.001 from batches of 64. It is
    far smaller than the paper's ResNet-50: its numbers compare with each other only. It has seeds and a float32 policy of its
    own: on one machine's CPU the same images and seed give the same score, and the caller's random state and settings stay as
    they are.

    Args:
        train_images: uint8, or floats in [-1, 1], of shape `(n, height, width, 1, 3 or 4)`. Read batch by batch.
        train_labels: Integers of shape `(n,)`, of at least two classes.
        test_images: Images of shape `(m, height, width, 1, 3 or 4)`, like the others except in number and dtype.
        test_labels: Integers of shape `(m,)`. Classes that are not among the training labels score 0.
        epochs: Number of passes over the training images; an integer of at least 1.
        seed: Seed of the classifier's weights and of the order of the images; an integer of at least 0.

    Raises:
        ValueError: If images are missing, have different shapes, or contain NaN or values out of range; if labels are not one
            integer for each image, or training has a single class; or if another argument is out of range.

    Reference: Ravuri and Vinyals 2019, "Classification Accuracy Score for Conditional Generative Models".
    """
    train_images, train_labels = _labelled(train_images, train_labels, "train")
    test_images, test_labels = _labelled(test_images, test_labels, "test")
    check_alike(train_images, test_images, ("train_images", "test_images"))
    epochs, seed = check_count("epochs", epochs), check_count("seed", seed, least=0)
    classes, targets = np.unique(train_labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"train_labels must hold at least two classes to tell apart; received {classes[0]} only.")
    classifier = _classifier(train_images.shape[1:], len(classes), seed)
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch + 1)).permutation(len(targets))
        for start in range(0, len(order), _TRAINED):
            batch = order[start : start + _TRAINED]
            classifier.train_on_batch(_scaled(train_images[batch]), targets[batch])
    right = np.concatenate(
        [
            classes[classifier.predict_on_batch(_scaled(test_images[start : start + _TESTED])).argmax(axis=-1)]
            == test_labels[start : start + _TESTED]
            for start in range(0, len(test_labels), _TESTED)
        ]
    )
    per_class = {int(label): float(right[test_labels == label].mean()) for label in np.unique(test_labels)}
    return ClassAccuracy(float(right.mean()), per_class)


def _labelled(images: ArrayLike, labels: ArrayLike, name: str) -> tuple[np.ndarray, np.ndarray]:
    images, labels = np.asanyarray(images), np.asarray(labels)
    if not are_images(images) or 0 in images.shape:
        raise ValueError(
            f"{name}_images must be at least one image, of shape (n, height, width, 1, 3 or 4); received an array of shape "
            f"{images.shape}."
        )
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ValueError(f"{name}_images must be uint8, or floats in [-1, 1]; received {images.dtype}.")
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name}_labels must be one integer for each of the {len(images)} images; received {labels.dtype} of shape "
            f"{labels.shape}."
        )
    if images.dtype != np.uint8:
        low, high = images.min(), images.max()
        if not (low >= -1 and high <= 1):  # NaN is neither
            raise ValueError(f"{name}_images must be floats in [-1, 1], or uint8; received floats from {low} to {high}.")
    return images, labels


def _scaled(images: np.ndarray) -> np.ndarray:
    if images.dtype == np.uint8:
        images = images / np.float32(127.5) - np.float32(1)
    return images.astype("float32")


def _classifier(shape: tuple[int, ...], classes: int, seed: int) -> keras.Model:
    import keras

    # Everything that Keras would take from its global state is given: seeds, dtype policy, data format.
    seeds = iter(np.random.default_rng((seed, 0)).integers(2**31, size=len(_WIDTHS) + 2).tolist())

    def weights(**arguments: Any) -> dict[str, Any]:
        return {"kernel_initializer": keras.initializers.GlorotUniform(seed=next(seeds)), "dtype": "float32", **arguments}

    layers = [keras.Input(shape, dtype="float32")]
    side = min(shape[:2])
    for width in _WIDTHS:
        layers += [
            keras.layers.Conv2D(width, 3, padding="same", activation="relu", **weights(data_format="channels_last")),
            keras.layers.MaxPooling2D(padding="same", data_format="channels_last", dtype="float32"),
        ]
        side = (side + 1) // 2
        if side <= _SMALL:
            break
    layers += [
        keras.layers.Flatten(data_format="channels_last", dtype="float32"),
        keras.layers.Dense(128, activation="relu", **weights()),
        keras.layers.Dense(classes, **weights()),
    ]
    classifier = keras.Sequential(layers)
    classifier.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float32"),
        # XLA takes seconds to compile and is slower than TensorFlow's own convolutions on a CPU; JAX is slow without it.
        jit_compile=keras.backend.backend() == "jax",
        auto_scale_loss=False,
    )
    return classifier
