"""Whether generated images help a classifier with few real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans import load_data, presets
from keras_gans.evaluation.progress import Progress
from keras_gans.metrics.class_accuracy import class_accuracy_score

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.data import Data

# Additional images for each real one, the same for all classifiers, which therefore take equally many steps.
_COPIES = 5
# The common augmentation: shares of the side, degrees, and shares of the size.
_SHIFT, _TURN, _ZOOM = 0.1, 10, 0.1


def measure(dataset: str, num: int, generators: Sequence[str], seeds: int, progress: Progress) -> list[dict[str, Any]]:
    """Train classifiers on the first images of a data set and five times as many others, and test them on its test images.

    Args:
        dataset: Name of a data set with labels and a split "test".
        num: Number of real training images.
        generators: Names or folders of conditional presets. Those trained on more than the `num` images know more than the
            classifier may, as `generator_saw` in their row tells.
        seeds: Number of classifiers of each kind.
        progress: Is called with a line of text before each classifier.

    Returns:
        A row for each kind: `{"added": ..., "generator_saw": training split of the generator, "accuracies": [...]}`.

    Raises:
        ValueError: If a generator is not conditional, or generates images of another shape.
    """
    real, test = (load_data(dataset, split=split) for split in (f"train[:{num}]", "test"))
    images, labels = _read(real)
    tested = _read(test)
    kinds: list[tuple[str, str | None, Callable[..., np.ndarray]]] = [
        ("nothing: the same again", None, lambda seed: images.repeat(_COPIES, axis=0))
    ]
    kinds.append(("shifted, turned and zoomed", None, lambda seed: _moved(images.repeat(_COPIES, axis=0), seed)))
    for name in generators:
        preset = presets.find_preset(name)
        model = preset.load()
        if not model.conditional or model.sample_shape != real.shape:
            raise ValueError(f"{name} must be conditional and generate images of shape {real.shape}.")
        split = preset.metadata.training.split or "train"
        kinds.append((f"samples of {name}", split, lambda seed, model=model: _samples(model, labels, seed)))
        kinds.append(
            (f"samples of {name}, moved", split, lambda seed, model=model: _moved(_samples(model, labels, seed), seed))
        )
    more = np.concatenate([labels, labels.repeat(_COPIES)])
    rows = []
    for words, saw, add in kinds:
        accuracies = []
        for seed in range(seeds):
            progress(f"{words}: classifier {seed + 1}/{seeds}")
            found = class_accuracy_score(np.concatenate([images, add(seed)]), more, *tested, seed=seed)
            accuracies.append(found.accuracy)
        rows.append({"added": words, "generator_saw": saw, "accuracies": accuracies})
    return rows


def _read(data: Data) -> tuple[np.ndarray, np.ndarray]:
    everything = np.arange(len(data))
    if data.labels is None:
        raise ValueError(f"{data.name} ({data.split}) has no labels for a classifier to learn.")
    return np.asarray(data.samples[everything]), np.asarray(data.labels[everything])


def _samples(model: AdversarialModel, labels: np.ndarray, seed: int) -> np.ndarray:
    """Return uint8 samples, five for each label."""
    from keras_gans.media.pictures import to_uint8

    return to_uint8(model.generate(len(labels) * _COPIES, seed=seed, labels=labels.repeat(_COPIES)))


def _moved(images: np.ndarray, seed: int) -> np.ndarray:
    """Return uint8 images, each under a random affine map, with the background at the edges."""
    import keras

    layers = [
        keras.layers.RandomTranslation(_SHIFT, _SHIFT, fill_mode="constant", seed=seed),
        keras.layers.RandomRotation(_TURN / 360, fill_mode="constant", seed=seed + 1),
        keras.layers.RandomZoom(_ZOOM, _ZOOM, fill_mode="constant", seed=seed + 2),
    ]
    parts = []
    for begin in range(0, len(images), 500):
        part = images[begin : begin + 500].astype("float32")
        for layer in layers:
            part = layer(part, training=True)
        parts.append(np.clip(np.rint(keras.ops.convert_to_numpy(part)), 0, 255).astype("uint8"))
    return np.concatenate(parts)


def describe(row: dict[str, Any]) -> str:
    """Return a row in words."""
    accuracies = np.asarray(row["accuracies"])
    saw = f" (that saw {row['generator_saw']})" if row["generator_saw"] else ""
    spread = f" ± {100 * accuracies.std(ddof=1):.2f}" if len(accuracies) > 1 else ""
    return f"{row['added']}{saw}: {100 * accuracies.mean():.2f}{spread} %"
