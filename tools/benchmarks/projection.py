"""How near generators come to given images: projection of held-out images and of samples of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_gans import load_data, presets
from keras_gans.evaluation.progress import Progress
from keras_gans.evaluation.samples import choose

_SEED = 1  # of the samples that are projected, other than that of the search


def measure(
    dataset: str,
    names: Sequence[str],
    num: int,
    options: Mapping[str, Any],
    progress: Progress,
    held_out: str | None = None,
) -> list[dict[str, Any]]:
    """Project images that were not trained on, and as many samples of the model itself.

    Args:
        dataset: Name of the data set, whose split "test" is projected unless `held_out` is given.
        names: Names or folders of presets of images from latent vectors.
        num: Number of images of each kind.
        options: Arguments of `keras_gans.editing.project`, such as `steps` and `perceptual_weight`.
        progress: Is called with a line of text before each search.
        held_out: Name of a data set that was not trained on.

    Returns:
        Two rows for each preset: its `name`, `of` what the images are, the number of `images`, the `lowest`, `median` and
        `highest` PSNR in decibels, and `settings`. A sample that is found to the last bit has an infinite PSNR.

    Raises:
        ValueError: If a preset does not make images from latent vectors.
    """
    rows = []
    for name in names:
        model = presets.find_preset(name).load()
        if model.latent_shape is None or not model.medium.pixels:
            raise ValueError(f"{name} makes no images from latent vectors: there is nothing to project onto.")
        data = load_data(dataset, model.sample_shape, "test") if held_out is None else load_data(held_out, model.sample_shape)
        positions = choose(data, num)
        labels = data.labels[positions] if model.num_classes is not None and data.labels is not None else None
        kinds = {
            "held-out images": (data.source.read(positions)[0], labels),
            "its own samples": (model.generate(len(positions), seed=_SEED), model.class_labels(len(positions))),
        }
        for kind, (images, classes) in kinds.items():
            progress(f"{name}: {len(images)} {kind}")
            decibels = model.project(images, labels=classes, **options).psnr
            found = {"lowest": decibels.min(), "median": np.median(decibels), "highest": decibels.max()}
            row = {"name": name, "of": kind, "images": len(images), **{key: float(value) for key, value in found.items()}}
            rows.append({**row, "settings": dict(options)})
    return rows


def describe(row: Mapping[str, Any]) -> str:
    """Return a row as a line of text."""
    return (
        f"{row['name']}, {row['images']} {row['of']}: PSNR {row['median']:.1f} dB (median; "
        f"{row['lowest']:.1f} to {row['highest']:.1f})"
    )
