"""Whether generated images help a classifier with few real ones."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
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
# A class with this many times the images of another makes classes unequal.
_UNEQUAL = 2
# The common augmentation: shares of the side, degrees, and shares of the size.
_SHIFT, _TURN, _ZOOM = 0.1, 10, 0.1


def measure(
    dataset: str, num: int, generators: Sequence[str], seeds: int, progress: Progress, held_out: str | None = None
) -> list[dict[str, Any]]:
    """Train classifiers on images of a data set and five times as many others, and test them on other images.

    Images are brought to the size of those of the first generator. Where classes are unequal, moved images and samples are also
    added in other numbers: as many as make the classes equal.

    Args:
        dataset: Name of a data set with labels.
        num: Number of real training images: the first ones, or some drawn at random if `held_out` is given.
        generators: Names or folders of conditional presets. Those trained on more than the `num` images know more than the
            classifier may, as `generator_saw` in their row tells.
        seeds: Number of classifiers of each kind.
        progress: Is called with a line of text before each classifier.
        held_out: Name of a data set for the test, with the same classes. None (default) for the split "test" of `dataset`.

    Returns:
        A row for each kind: `{"added": ..., "generator_saw": training data of the generator, "accuracies": [...], "balanced":
        [...], "rarest": [...]}`: the share of test images that are classified correctly, the mean of this share over classes,
        and the share for the class with the fewest training images.

    Raises:
        ValueError: If a generator is not conditional, or generates images of another shape, or if the classes differ.
    """
    models = {name: presets.find_preset(name).load() for name in generators}
    shape = next((model.sample_shape for model in models.values()), None)
    if held_out is None:
        real, test = (load_data(dataset, shape, split) for split in (f"train[:{num}]", "test"))
    else:
        real, test = load_data(dataset, shape), load_data(held_out, shape)
    if real.class_names != test.class_names:
        raise ValueError(f"{real.name} has the classes {real.class_names}, but {test.name} {test.class_names}.")
    for name, model in models.items():
        if not model.conditional or model.sample_shape != real.shape or model.num_classes != real.num_classes:
            raise ValueError(
                f"{name} must be conditional and generate images of shape {real.shape} of {real.num_classes} classes."
            )
    images, labels = _read(real, num)
    tested = _read(test)
    rarest = int(np.argmin(np.bincount(labels, minlength=real.num_classes or 0)))
    rows = []
    for words, saw, make, of in _kinds(images, labels, models):
        row: dict[str, Any] = {"added": words, "generator_saw": saw, "accuracies": [], "balanced": [], "rarest": []}
        for seed in range(seeds):
            progress(f"{words}: classifier {seed + 1}/{seeds}")
            learned = np.concatenate([images, make(of, seed)]), np.concatenate([labels, of])
            found = class_accuracy_score(*learned, *tested, seed=seed)
            row["accuracies"].append(found.accuracy)
            row["balanced"].append(float(np.mean(list(found.per_class.values()))))
            row["rarest"].append(found.per_class.get(rarest, 0.0))
        rows.append(row)
    return rows


# From labels and a seed, an image for each label.
_Make = Callable[[np.ndarray, int], np.ndarray]


def _kinds(
    images: np.ndarray, labels: np.ndarray, models: Mapping[str, AdversarialModel]
) -> list[tuple[str, str | None, _Make, np.ndarray]]:
    """Return what to add to real images: in words, what its generator saw, the function that makes it, and for which labels."""
    same = labels.repeat(_COPIES)
    numbers = {"": same}
    counts = np.unique(labels, return_counts=True)[1]
    if counts.max() > _UNEQUAL * counts.min():
        numbers[", to make classes equal"] = equalising_labels(labels, len(same))
    repeat = functools.partial(_repeated, images, labels)
    kinds: list[tuple[str, str | None, _Make, np.ndarray]] = [("nothing: the same again", None, repeat, same)]
    kinds += [(f"shifted, turned and zoomed{end}", None, _then_moved(repeat), of) for end, of in numbers.items()]
    for name, model in models.items():
        training, draw = presets.find_preset(name).metadata.training, functools.partial(_samples, model)
        saw = training.split or "train"
        kinds.append((f"samples of {name}", saw, draw, same))
        kinds += [(f"samples of {name}, moved{end}", saw, _then_moved(draw), of) for end, of in numbers.items()]
    return kinds


def _then_moved(make: _Make) -> _Make:
    return lambda of, seed: _moved(make(of, seed), seed)


def _repeated(images: np.ndarray, labels: np.ndarray, of: np.ndarray, seed: int) -> np.ndarray:
    """Return images with the labels `of`, each as often as the others of its class, up to one."""
    order = np.random.default_rng(seed).permutation(len(labels))
    taken = np.empty(len(of), int)
    for label in np.unique(of):
        taken[of == label] = np.resize(order[labels[order] == label], int((of == label).sum()))
    return images[taken]


def equalising_labels(labels: np.ndarray, num: int) -> np.ndarray:
    """Return the labels of `num` images that make the classes of other images equal, or as equal as their number allows."""
    classes, counts = np.unique(labels, return_counts=True)
    wanted = np.zeros_like(counts)
    for _ in range(num):
        wanted[np.argmin(counts + wanted)] += 1
    return np.repeat(classes, wanted)


def _read(data: Data, num: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels, in the order of the data; `num` of them, drawn at random, if there are more."""
    if data.labels is None:
        raise ValueError(f"{data.name} ({data.split}) has no labels for a classifier to learn.")
    chosen = np.arange(len(data))
    if num is not None and num < len(data):
        chosen = np.sort(np.random.default_rng(0).permutation(len(data))[:num])
    return np.asarray(data.samples[chosen]), np.asarray(data.labels[chosen])


def _samples(model: AdversarialModel, labels: np.ndarray, seed: int) -> np.ndarray:
    """Return uint8 samples, one for each label."""
    from keras_gans.media.pictures import to_uint8

    return to_uint8(model.generate(len(labels), seed=seed, labels=labels))


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


def describe(row: Mapping[str, Any]) -> str:
    """Return a row in words."""
    saw = f" (that saw {row['generator_saw']})" if row["generator_saw"] else ""
    shares = [
        _percent(row["accuracies"]),
        f"mean over classes {_percent(row['balanced'])}",
        f"rarest class {_percent(row['rarest'])}",
    ]
    return f"{row['added']}{saw}: {', '.join(shares)}"


def _percent(shares: Sequence[float]) -> str:
    spread = f" ± {100 * np.std(shares, ddof=1):.2f}" if len(shares) > 1 else ""
    return f"{100 * np.mean(shares):.2f}{spread} %"
