"""Whether generated images help a classifier that has few real ones."""

import numpy as np

from keras_gans import load_data, presets
from keras_gans.metrics.class_accuracy import class_accuracy_score

# As many additional images as this times the real ones, so that all classifiers take equally many steps.
_COPIES = 5
# Of the common augmentation: shares of the side, degrees, and shares of the size.
_SHIFT, _TURN, _ZOOM = 0.1, 10, 0.1


def measure(dataset, num, generators, seeds):
    """Trains classifiers on the first images of a data set, with five times as many others, and tests them on its test images.

    Args:
        dataset: With a split "test", and labels.
        num: How many real images there are to learn from.
        generators: Names or folders of conditional presets; those trained on more than the `num` images know more than the
            classifier is allowed to, which their row says.
        seeds: How many classifiers of each kind.

    Returns:
        A row for each kind: `{"added": ..., "knew": images that the generator was trained on, "accuracies": [...]}`.

    Raises:
        ValueError: If a generator is not conditional, or makes images of another shape.
    """
    real, test = (load_data(dataset, split=split) for split in (f"train[:{num}]", "test"))
    images, labels = _read(real)
    tested = _read(test)
    kinds = [("nothing: the same again", None, lambda seed: images.repeat(_COPIES, axis=0))]
    kinds.append(("shifted, turned and zoomed", None, lambda seed: _moved(images.repeat(_COPIES, axis=0), seed)))
    for name in generators:
        preset = presets.find_preset(name)
        model = preset.load()
        if not model.conditional or model.sample_shape != real.shape:
            raise ValueError(f"{name} must be conditional and make images of shape {real.shape} to help here.")
        split = preset.metadata.training.split or "train"
        kinds.append((f"samples of {name}", split, lambda seed, model=model: _samples(model, labels, seed)))
        kinds.append(
            (f"samples of {name}, moved", split, lambda seed, model=model: _moved(_samples(model, labels, seed), seed))
        )
    more = np.concatenate([labels, labels.repeat(_COPIES)])
    rows = []
    for words, split, add in kinds:
        accuracies = [
            class_accuracy_score(np.concatenate([images, add(seed)]), more, *tested, seed=seed).accuracy
            for seed in range(seeds)
        ]
        rows.append({"added": words, "generator_saw": split, "accuracies": accuracies})
    return rows


def _read(data):
    everything = np.arange(len(data))
    return np.asarray(data.samples[everything]), np.asarray(data.labels[everything])


def _samples(model, labels, seed):
    """Returns uint8 samples, for each real image as many as it has copies elsewhere."""
    from keras_gans.media.pictures import to_uint8

    return to_uint8(model.generate(len(labels) * _COPIES, seed=seed, labels=labels.repeat(_COPIES)))


def _moved(images, seed):
    """Returns uint8 images, each moved by a random affine map; what comes in at the edges is the background."""
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


def describe(row):
    """Returns a row in words."""
    accuracies = np.asarray(row["accuracies"])
    saw = f" (that saw {row['generator_saw']})" if row["generator_saw"] else ""
    spread = f" ± {100 * accuracies.std(ddof=1):.2f}" if len(accuracies) > 1 else ""
    return f"{row['added']}{saw}: {100 * accuracies.mean():.2f}{spread} %"
