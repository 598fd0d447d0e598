"""Data of which only some samples have labels, for semi-supervised learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gans.conditions import LABELLED, LABELS, UNLABELLED
from keras_gans.data.data import Data
from keras_gans.data.source import Source, as_source
from keras_gans.data.unpaired import UnpairedValues
from keras_gans.errors import check_count


def hide_labels(data: Data, count: int, seed: int = 0) -> None:
    """Hide all labels of a data set but some: what `load_data(..., labels=...)` does.

    Args:
        data: Data with labels. Those that are hidden become `UNLABELLED`.
        count: Number of samples that keep their label: of each class as many, or one more than of another.
        seed: Seed of the choice of these samples.

    Raises:
        ValueError: If the data have no labels, or come in the order of a stream; if there are fewer labels than classes, or
            fewer samples of a class than it is to keep.
    """
    count, seed = check_count("labels", count), check_count("seed", seed, least=0)
    known = _labels_of(data)
    classes = data.num_classes or 0
    if count < classes:
        raise ValueError(
            f"labels={count} leaves some of the {classes} classes of {data.name} without a label: give at least one each."
        )
    hidden = np.full(len(known), UNLABELLED, "int32")
    order = np.random.default_rng(seed).permutation(len(known))
    for label in range(classes):
        wanted = count // classes + (label < count % classes)
        found = order[known[order] == label][:wanted]
        if len(found) < wanted:
            raise ValueError(
                f"labels={count} keeps {wanted} labels of each class, but {data.name} has only {len(found)} samples of class "
                f"{data.class_names[label] if data.class_names else label}."
            )
        hidden[found] = label
    data.labels = hidden
    data.notes.append(f"{count:,} of {len(known):,} labels are used, the others are hidden")


def split_labelled(data: Data) -> Data:
    """Return data whose samples are all samples, and whose conditions are those with labels, in an order of their own.

    A batch of them holds samples, as many labelled samples (the condition `labelled`) and the labels of these (`labels`).
    Labelled samples repeat if there are fewer. Data that have these conditions already are returned unchanged.

    Args:
        data: Data with labels, some of which may be `UNLABELLED`.

    Raises:
        ValueError: If the data have no label at all, or come in the order of a stream.
    """
    if LABELLED in data.conditions:
        return data
    labels = _labels_of(data)
    places = np.flatnonzero(labels != UNLABELLED)
    if not len(places):
        raise ValueError(f"All {len(labels):,} samples of {data.name} are unlabelled ({UNLABELLED}): some need a label.")
    labelled = {LABELLED: Chosen(data.source, places), LABELS: labels[places]}
    return Data(
        data.name,
        data.samples,
        class_names=data.class_names,
        licence=data.licence,
        split=data.split,
        flip=data.flip,
        skipped=data.skipped,
        notes=data.notes,
        medium=data.medium,
        conditions={name: UnpairedValues(values, len(data)) for name, values in labelled.items()},
    )


class Chosen(Source):
    """Some samples of a source.

    Args:
        source: The source.
        places: int64 array of their positions in it.
    """

    def __init__(self, source: Source, places: np.ndarray):
        self._source, self._places = source, places
        self.shape = (len(places), *source.shape[1:])
        self.dtype = source.dtype
        self.random_numbers, self.in_memory = source.random_numbers, source.in_memory

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        return self._source.read(self._places[positions], numbers)[0], positions


def _labels_of(data: Data) -> np.ndarray:
    if data.source.streamed or data.source.training_only or data.source.labelled:
        raise ValueError(f"{data.name} is read as a stream: semi-supervised learning needs samples that are read by position.")
    values: Any = data.labels
    if values is None:
        raise ValueError(f"{data.name} has no labels: semi-supervised learning needs some.")
    return np.asarray(as_source(values).read(np.arange(len(data)))[0], "int32")
