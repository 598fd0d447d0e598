"""What `load_data` returns: samples, what they are, and what is known of each."""

from __future__ import annotations

import base64
import dataclasses
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.conditions import FRAMES, IMAGES, LABELS, MASKS
from keras_gans.data.skipped import Skipped
from keras_gans.data.source import Source, as_source
from keras_gans.errors import check_count
from keras_gans.media import Medium, infer
from keras_gans.media.pictures import as_png

if TYPE_CHECKING:
    from keras_gans.data.ordered_batches import OrderedBatches
    from keras_gans.text import Tokenizer

_NOT_GIVEN: Any = object()

_SHOWN = 16  # samples in a notebook

# Where conditions come from.
_HINTS = {
    IMAGES: " Load pairs:PATH, aligned:PATH, or folder:PATH with scale=4 (super-resolution) or mask=strokes (inpainting).",
    MASKS: " Load it with masks: mask=strokes.",
    FRAMES: " Load clips with frames that are given: given=4.",
}

_MENTIONED = 0.1  # share of the samples that an epoch may leave out without a note


@dataclasses.dataclass(init=False, repr=False)
class Data:
    """Samples of one shape, with conditions such as labels if there are any.

    Args:
        name: The source as it was given to `load_data`.
        samples: Indexable with an array of positions, such as an array or a `keras_gans.data.source.Source`: uint8 images
            `(n, height, width, channels)`, float32 in [-1, 1], or int32 tokens `(n, length)`.
        labels: int32 array of shape `(n,)`, -1 for a sample whose class is unknown, or None: a shorthand for
            `conditions["labels"]`, which it replaces.
        class_names: Meaning of each label, or None.
        licence: Licence as the source states it, or an empty string.
        split: The split of the source.
        flip: Whether half of the images in batches, drawn anew in each epoch, are mirrored left to right.
        skipped: `(path, reason)` of each sample that could not be read. Grows if samples are decoded as they are used;
            `skipped.log_to(path)` keeps it in a file, too.
        notes: What else a user should know of how the samples were made, a line each.
        medium: What a sample is. None infers it from shape and dtype.
        conditions: What is known of each sample, by name: arrays or sources with as many values as there are samples.
        names: Meaning of the values of conditions other than labels that are classes, by the condition's name, such as the
            names of speakers.

    Raises:
        ValueError: If a condition has more or fewer values than there are samples.
    """

    name: str
    samples: Any
    class_names: Sequence[str] | None
    licence: str
    split: str
    flip: bool
    skipped: Skipped
    notes: list[str]
    medium: Medium
    conditions: dict[str, Any]
    names: dict[str, list[str]]

    def __init__(
        self,
        name: str,
        samples: Any,
        labels: np.ndarray | None = _NOT_GIVEN,
        class_names: Sequence[str] | None = None,
        licence: str = "",
        split: str = "train",
        flip: bool = False,
        skipped: Skipped | None = None,
        notes: Iterable[str] = (),
        medium: Medium | None = None,
        conditions: Mapping[str, Any] | None = None,
        names: Mapping[str, Sequence[str]] | None = None,
    ):
        self.name, self.samples, self.class_names, self.licence = name, samples, class_names, licence
        self.split, self.flip = split, flip
        self.skipped = Skipped() if skipped is None else skipped
        self.notes = list(notes)
        self.names = {condition: list(meanings) for condition, meanings in (names or {}).items()}
        medium = infer(self.shape, str(self.source.dtype)) if medium is None else medium
        self.medium = medium if medium.sample_shape == self.shape else medium.with_shape(self.shape)
        self.conditions = dict(conditions or {})
        if labels is not _NOT_GIVEN:
            self.labels = labels
        for condition, values in self.conditions.items():
            if len(values) != len(self):
                raise ValueError(f"{name} holds {len(self)} samples, but {len(values)} values of the condition '{condition}'.")

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        classes = f", {self.num_classes} classes" if self.labelled else ""
        many = "samples" if len(self) != 1 else "sample"
        return f"{self.name}: {len(self):,} {many} of {'x'.join(map(str, self.shape))}{classes}"

    def _repr_html_(self) -> str:
        """What notebooks show: a line of words, and the first samples."""
        words = f"<p>{html.escape(repr(self))}</p>"
        if not self.medium.drawable or self.source.training_only or not len(self):
            return words
        samples, _ = self.source.read(np.arange(min(_SHOWN, len(self))))
        picture = base64.b64encode(as_png(np.asarray(self.medium.picture(self.medium.to_float(samples))))).decode()
        return f'{words}<img alt="the first samples" src="data:image/png;base64,{picture}">'

    @property
    def source(self) -> Source:
        """The samples as a `Source`."""
        return as_source(self.samples)

    @property
    def labels(self) -> Any:
        """int32 array of shape `(n,)`, or None: `conditions["labels"]`."""
        return self.conditions.get(LABELS)

    @labels.setter
    def labels(self, labels: np.ndarray | None) -> None:
        self.conditions.pop(LABELS, None)
        if labels is not None:
            self.conditions[LABELS] = labels

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.source.shape[1:])

    @property
    def labelled(self) -> bool:
        """Whether there are labels, in an array or in a stream."""
        return LABELS in self.conditions or self.source.labelled

    @property
    def num_classes(self) -> int | None:
        """Number of classes, or None if there are no labels."""
        if not self.labelled:
            return None
        return len(self.class_names) if self.class_names else int(self.labels.max()) + 1

    @property
    def streamed(self) -> bool:
        """Whether the samples are read through tf.data because they do not fit in memory."""
        return self.source.streamed

    @property
    def tokenizer(self) -> Tokenizer | None:
        """The `keras_gans.text.Tokenizer` of text, or None."""
        return self.medium.tokenizer

    def batches(
        self, batch_size: int = 64, seed: int = 0, epoch: int = 0, labels: bool = False, conditions: Iterable[str] = ()
    ) -> OrderedBatches:
        """Return shuffled batches for `fit`; their order is a function of (seed, epoch, step).

        Args:
            batch_size: Samples per batch; the remainder of an epoch is left out.
            seed: Integer.
            epoch: Number of the first epoch, for training that goes on.
            labels: Whether batches are `(samples, labels)` pairs. Together with `conditions`, adds `"labels"` to these.
            conditions: Names of the conditions that batches hold. If there are any, batches are `(samples, {name: values})`.

        Raises:
            ValueError: If there are fewer samples than a batch, or a condition that is asked for is missing.
        """
        names = [conditions] if isinstance(conditions, str) else list(conditions)
        batch_size = check_count("batch_size", batch_size)
        if batch_size > len(self):
            raise ValueError(
                f"{self.name} holds {len(self)} samples, fewer than one batch of {batch_size}: set batch_size to at most "
                f"{len(self)}."
            )
        if names and labels and LABELS not in names:
            names.append(LABELS)
        for name in [*names, LABELS] if labels else names:
            self._check_condition(name)
        left_out = len(self) % batch_size
        if left_out > _MENTIONED * len(self):
            note = (
                f"{left_out:,} of {len(self):,} samples are left out of each epoch at batch size {batch_size}, others each time"
            )
            self.notes += [note] if note not in self.notes else []
        # A labelled source has the labels itself.
        chosen = {name: self.conditions.get(name) for name in names}
        return self.source.make_batches(chosen, self._labels_for_batches(labels), batch_size, seed, epoch, self.flip)

    def _labels_for_batches(self, labels: bool) -> Any:
        if not labels:
            return None
        return True if self.labels is None else self.labels

    def _check_condition(self, name: str) -> None:
        if name == LABELS and not self.labelled:
            raise ValueError(f"{self.name} has no labels, which this model needs.")
        if name != LABELS and name not in self.conditions:
            has = ", ".join(sorted({*self.conditions, *([LABELS] if self.labelled else [])})) or "none"
            hint = _HINTS.get(name, "")
            raise ValueError(f"{self.name} has no condition '{name}', which this model needs. It has: {has}.{hint}")
