"""Conditions of a model: named inputs of its networks beside latents, such as a class, an image or a text.

Batches, `generate`, exports and servers use the same names. A model with `{"labels": Classes(10)}` is class-conditional; one
with `{"images": Images((64, 64, 3))}` maps images to samples, and one with `{"mels": Mels(mel)}` spectrograms to sounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from keras_gans.audio.mel import Mel
from keras_gans.errors import check_count, check_finite
from keras_gans.media.pictures import CHANNELS, to_uint8
from keras_gans.named import Named
from keras_gans.shapes import fits

# Kinds of conditions by name. Other packages add theirs through entry points of this group.
CONDITIONS: Named[type[Condition]] = Named("condition", "keras_gans.conditions")

# The name of the condition that `num_classes` and `labels` are shorthands for.
LABELS = "labels"
# The label of a sample whose class is unknown.
UNLABELLED = -1
# The name of the condition of semi-supervised models: samples whose labels are known.
LABELLED = "labelled"
# The name of the condition of models that map images to images.
IMAGES = "images"
# The name of the condition that says where images are to be filled in.
MASKS = "masks"
# The name of the condition of vocoders: mel spectrograms.
MELS = "mels"
# The name of the condition of text that answers or continues other text.
CONTEXT = "context"


class Condition:
    """Base class of conditions. Subclasses are registered with `CONDITIONS.register(name)`.

    Attributes:
        kind: The class's name in the registry and in configs.
    """

    kind: ClassVar[str] = ""

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, in types that JSON can hold."""
        raise NotImplementedError

    def check(self, values: Any) -> np.ndarray:
        """Return values as an array that networks take.

        Args:
            values: Array with one value for each sample.

        Raises:
            ValueError: If they are not values of this condition.
        """
        raise NotImplementedError

    def check_for(self, n: int, values: Any) -> np.ndarray:
        """Return the values of `n` samples, as `check` does, given one for each or one for all."""
        values = self.check(values)
        if len(values) == 1 and n != 1:
            values = np.repeat(values, n, axis=0)
        if len(values) != n:
            raise ValueError(f"{n} samples need as many {self.words}, or one for all; received {len(values)}.")
        return values

    def to_network(self, values: Any) -> Any:
        """Return a batch of values as networks take them. Runs in a step's graph."""
        raise NotImplementedError

    def examples(self, n: int) -> np.ndarray:
        """Return example values for `n` samples: every class in turn, or test images."""
        raise NotImplementedError

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        """Return the shape of one value, with None for a size that is free, and the dtype, as networks take them."""
        raise NotImplementedError

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        """Return a uint8 image of each value, as `check` returns them; None if they cannot be drawn."""
        return None

    @property
    def words(self) -> str:
        """What values are called in messages."""
        raise NotImplementedError

    # Whether the sizes that are free stay free in TFLite files, too: a network may need them fixed.
    free_in_files: ClassVar[bool] = False

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash((type(self), str(self.get_config())))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


@CONDITIONS.register("classes")
class Classes(Condition):
    """A class, as an integer label from 0 to `count` - 1.

    Args:
        count: Number of classes, an integer of at least 1.

    Raises:
        ValueError: If `count` is anything else.
    """

    kind = "classes"
    words = "labels"

    def __init__(self, count: int):
        self.count = check_count("num_classes", count)

    def get_config(self) -> dict[str, Any]:
        return {"count": self.count}

    def check(self, values: Any) -> np.ndarray:
        """Return labels as int32 of shape `(n,)`.

        Args:
            values: Integers from 0 to `count` - 1, of shape `(n,)` or `(n, 1)`, or a single one.

        Raises:
            ValueError: If they are not integers of that shape from 0 to `count` - 1.
        """
        labels = np.atleast_1d(np.asarray(values))
        _check_labels(labels.shape, labels.dtype.name)
        labels = labels.reshape(-1)
        if labels.size and not (labels.min() >= 0 and labels.max() < self.count):
            wrong = labels[(labels < 0) | (labels >= self.count)][0]
            unknown = " (only semi-supervised models, such as sgan, learn from unknown labels)" if wrong == UNLABELLED else ""
            raise ValueError(f"Labels of this model are 0 to {self.count - 1}; received {wrong}{unknown}.")
        return labels.astype("int32")

    def to_network(self, values: Any) -> Any:
        """Return labels as int32 of shape `(n,)`.

        Raises:
            ValueError: If the shape or the dtype is another.
        """
        import keras
        from keras import ops

        # TensorFlow does not always know the rank of what Python functions return.
        shape = () if getattr(values.shape, "rank", 0) is None else tuple(values.shape)
        _check_labels(shape, keras.backend.standardize_dtype(values.dtype))
        return ops.cast(ops.reshape(values, (-1,)), "int32")

    def examples(self, n: int) -> np.ndarray:
        """Return every class in turn: int32 `(n,)`."""
        return np.arange(n, dtype="int32") % self.count

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (), "int32"


def _check_labels(shape: tuple[int | None, ...], dtype: str) -> None:
    """Check that labels are integers of shape `(n,)` or `(n, 1)`, and say how to convert others."""
    if len(shape) == 2 and shape[1] not in (1, None):
        raise ValueError(
            "Labels are integers of shape (n,), not one-hot vectors; received "
            f"{dtype} of shape ({shape[0] or 'n'}, {shape[1]}): pass labels.argmax(axis=-1)."
        )
    if len(shape) > 2:
        raise ValueError(f"Labels are integers of shape (n,); received {dtype} of shape {shape}.")
    if "int" in dtype:
        return
    if dtype.startswith(("str", "bytes", "object")):
        raise ValueError(
            "Labels are integers of shape (n,), not names or other objects: number the classes with "
            "names, labels = numpy.unique(labels, return_inverse=True)."
        )
    raise ValueError(f"Labels are integers of shape (n,); received {dtype}: convert them, as with labels.astype('int32').")


@CONDITIONS.register("images")
class Images(Condition):
    """An image, given as uint8 or as floats in [-1, 1]; networks take float32 in [-1, 1].

    Args:
        shape: Height, width and channels. A height or width of None is free.

    Raises:
        ValueError: If the shape is anything else.
    """

    kind = "images"
    words = "images"
    # The side of examples if it is free and `of_side` has not set it.
    SIDE: ClassVar[int] = 32

    def __init__(self, shape: Sequence[int | None]):
        shape = tuple(shape)
        if len(shape) != 3 or shape[-1] is None:
            raise ValueError(
                f"The shape of images is (height, width, channels), with None for a free height or width; received {shape}."
            )
        self.shape = tuple(None if size is None else check_count("The size of an image", size) for size in shape)

    def get_config(self) -> dict[str, Any]:
        return {"shape": list(self.shape)}

    @property
    def is_free(self) -> bool:
        """Whether the height or the width is free."""
        return None in self.shape

    def of_side(self, side: int | None) -> Images:
        """Return this condition with sizes that are free replaced by `side`."""
        return type(self)(tuple(side if size is None else size for size in self.shape))

    def check(self, values: Any) -> np.ndarray:
        """Return images as float32 in [-1, 1].

        Args:
            values: uint8, or floats in [-1, 1], of shape `(n, height, width, channels)`, or one image of rank 3.

        Raises:
            ValueError: If the shape, the dtype or the range is wrong.
        """
        images = np.asarray(values)
        if not fits(images.shape[-3:], self.shape) or images.ndim not in (3, 4):
            raise ValueError(f"This model takes images of {self._sizes()}; received {images.dtype} of shape {images.shape}.")
        images = images[None] if images.ndim == 3 else images
        if images.dtype == np.uint8:
            return images.astype("float32") / 127.5 - 1.0
        if not np.issubdtype(images.dtype, np.floating):
            raise ValueError(f"Images must be uint8 (0 to 255) or floats in [-1, 1]; these are {images.dtype}.")
        check_finite(images)
        largest = np.abs(images).max(initial=0.0)
        if largest > 1.0 + 1e-3:
            raise ValueError(
                f"Images in floating point must lie in [-1, 1]; these reach {largest:g}. Pass uint8, or x / 127.5 - 1."
            )
        return images.astype("float32")

    def _sizes(self) -> str:
        return "x".join("any" if size is None else str(size) for size in self.shape)

    def to_network(self, values: Any) -> Any:
        """Return images as float32 in [-1, 1].

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        if not all(
            wanted is None or size is None or wanted == size for wanted, size in zip(self.shape, values.shape[1:], strict=False)
        ):
            raise ValueError(f"This model takes images of {self._sizes()}; received the shape {tuple(values.shape[1:])}.")
        dtype = keras.backend.standardize_dtype(values.dtype)
        if dtype == "uint8":
            return ops.cast(values, "float32") / 127.5 - 1.0
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"Images must be uint8 (0 to 255) or floats in [-1, 1]; these are {dtype}.")
        return ops.cast(values, "float32")

    def examples(self, n: int) -> np.ndarray:
        """Return images of random ramps and discs: float32 `(n, height, width, channels)`."""
        height, width, channels = (self.SIDE if size is None else size for size in self.shape)
        rng = np.random.default_rng(0)
        rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        slopes, centres = rng.uniform(-0.5, 0.5, (n, channels, 2, 1, 1)), rng.uniform(-0.6, 0.6, (n, 2, 1, 1))
        ramps = slopes[:, :, 0] * rows + slopes[:, :, 1] * columns
        discs = (rows - centres[:, 0]) ** 2 + (columns - centres[:, 1]) ** 2 < 0.2
        pictures = np.where(discs[:, None], -ramps, ramps)
        return np.moveaxis(pictures, 1, -1).astype("float32")

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        return to_uint8(values) if self.shape[-1] in CHANNELS else None

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return self.shape, "float32"


@CONDITIONS.register("masks")
class Masks(Images):
    """Where an image is to be filled in: white (255, True or 1) in the hole, black (0 or False) elsewhere.

    Networks take float32: 1 in the hole, 0 elsewhere.

    Args:
        shape: Height, width and 1. A height or width of None is free.

    Raises:
        ValueError: If the shape is anything else.
    """

    kind = "masks"
    words = "masks"

    def __init__(self, shape: Sequence[int | None] = (None, None, 1)):
        super().__init__(shape)
        if self.shape[-1] != 1:
            raise ValueError(f"Masks have one channel: (height, width, 1); received {self.shape}.")

    def check(self, values: Any) -> np.ndarray:
        """Return masks as float32: 1 in the hole, 0 elsewhere.

        Args:
            values: bool, uint8 (0 to 255) or floats from 0 to 1, of shape `(n, height, width)` or `(n, height, width, 1)`, or
                one mask without the first axis. Grey counts as what it is nearer to.

        Raises:
            ValueError: If the shape, the dtype or the range is wrong.
        """
        masks = np.asarray(values)
        if masks.ndim in (2, 3) and masks.shape[-1] != 1:
            masks = masks[..., None]
        masks = masks[None] if masks.ndim == 3 else masks
        if masks.ndim != 4 or not fits(masks.shape[1:], self.shape):
            raise ValueError(f"This model takes masks of {self._sizes()}; received {masks.dtype} of shape {np.shape(values)}.")
        if masks.dtype == bool:
            return masks.astype("float32")
        if masks.dtype == np.uint8:
            if masks.max(initial=0) == 1:
                raise ValueError("Masks in uint8 are 255 in the hole; these reach only 1: pass masks.astype(bool).")
            return (masks >= 128).astype("float32")
        if not np.issubdtype(masks.dtype, np.floating):
            raise ValueError(f"Masks are bool, uint8 (0 or 255) or floats from 0 to 1; these are {masks.dtype}.")
        check_finite(masks)
        if masks.min(initial=0.0) < 0 or masks.max(initial=0.0) > 1:
            raise ValueError(
                f"Masks in floating point are 1 in the hole and 0 elsewhere; these reach from {masks.min():g} to "
                f"{masks.max():g}."
            )
        return (masks >= 0.5).astype("float32")

    def to_network(self, values: Any) -> Any:
        """Return masks as float32: 1 in the hole, 0 elsewhere.

        Raises:
            ValueError: If the dtype is wrong.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(values.dtype)
        if dtype == "bool":
            return ops.cast(values, "float32")
        if dtype != "uint8" and not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"Masks are bool, uint8 (0 or 255) or floats from 0 to 1; these are {dtype}.")
        return ops.cast(values >= (128 if dtype == "uint8" else 0.5), "float32")

    def examples(self, n: int) -> np.ndarray:
        """Return a box in each of `n` masks, at different places: float32 `(n, height, width, 1)`."""
        height, width = (self.SIDE if size is None else size for size in self.shape[:2])
        rng, masks = np.random.default_rng(0), np.zeros((n, height, width, 1), "float32")
        for mask in masks:
            top, left = int(rng.integers(height // 2 + 1)), int(rng.integers(width // 2 + 1))
            mask[top : top + max(1, height // 3), left : left + max(1, width // 3)] = 1.0
        return masks

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        return (255 * values).astype("uint8")


@CONDITIONS.register("mels")
class Mels(Condition):
    """A mel spectrogram of any number of frames, given as floats; networks take float32.

    Args:
        mel: The `Mel` that makes them, or its config.
    """

    kind = "mels"
    words = "mel spectrograms"
    free_in_files = True
    # Frames of examples.
    _FRAMES = 32
    # Sums of sounds may be louder than one; logarithms of other bases or floors lie much further out.
    _SLACK = 1.0

    def __init__(self, mel: Mel | Mapping[str, Any]):
        self.mel = mel if isinstance(mel, Mel) else Mel.from_config(mel)

    def get_config(self) -> dict[str, Any]:
        return {"mel": self.mel.get_config()}

    def check(self, values: Any) -> np.ndarray:
        """Return spectrograms as float32.

        Args:
            values: Floats of shape `(n, frames, n_mels)`, or one spectrogram of rank 2, as `mel(sounds)` returns them.

        Raises:
            ValueError: If the shape or the dtype is another, or values lie out of the range of this `Mel`.
        """
        mels, bands = np.asarray(values), self.mel.n_mels
        mels = mels[None] if mels.ndim == 2 else mels
        if mels.ndim != 3 or mels.shape[2] != bands or not mels.shape[1]:
            raise ValueError(
                f"This model takes mel spectrograms of shape (n, frames, {bands}); received {mels.dtype} of shape "
                f"{np.shape(values)}."
            )
        if not np.issubdtype(mels.dtype, np.floating):
            raise ValueError(f"Mel spectrograms are floats; these are {mels.dtype}.")
        check_finite(mels)
        lowest, highest = mels.min(initial=0.0), mels.max(initial=self.mel.lowest)
        if lowest < self.mel.lowest - self._SLACK or highest > self.mel.highest + self._SLACK:
            raise ValueError(
                f"Mel spectrograms of this model lie between {self.mel.lowest:.1f} and {self.mel.highest:.1f}; these reach "
                f"from {lowest:.1f} to {highest:.1f}. They must be natural logarithms of magnitudes, as model.mel makes them."
            )
        return mels.astype("float32")

    def to_network(self, values: Any) -> Any:
        """Return spectrograms as float32.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        if values.shape[-1] not in (None, self.mel.n_mels):
            raise ValueError(f"This model takes {self.mel.n_mels} mel bands; received {values.shape[-1]}.")
        dtype = keras.backend.standardize_dtype(values.dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"Mel spectrograms are floats; these are {dtype}.")
        return ops.cast(values, "float32")

    def examples(self, n: int) -> np.ndarray:
        """Return spectrograms of tones with overtones and vibrato over some noise: float32 `(n, frames, n_mels)`."""
        rng, rate = np.random.default_rng(0), self.mel.sample_rate
        seconds = np.arange(self.mel.length_of(self._FRAMES)) / rate
        sounds = np.zeros((n, len(seconds)), "float32")
        for sound in sounds:
            pitch, depth = rng.uniform(80, 300), rng.uniform(0, 0.05)
            phase = 2 * np.pi * pitch * (seconds + depth * np.sin(2 * np.pi * 5 * seconds) / 10)
            overtones = [np.sin(number * phase) / number for number in range(1, 1 + int(0.4 * rate / pitch / 2))]
            sound += 0.3 * np.sum(overtones, axis=0) * np.hanning(len(seconds)) + rng.normal(0, 0.003, len(seconds))
        return self.mel(np.clip(sounds, -1, 1))

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        """Return the spectrograms as grey images, low bands at the bottom."""
        shares = (values - self.mel.lowest) / (self.mel.highest - self.mel.lowest)
        return np.rint(255 * np.clip(shares, 0, 1)).astype("uint8").transpose(0, 2, 1)[:, ::-1, :, None]

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (None, self.mel.n_mels), "float32"


@CONDITIONS.register("codes")
class Codes(Condition):
    """Continuous codes: numbers in [-1, 1], given as floats.

    Args:
        count: Number of codes of a sample, an integer of at least 1.

    Raises:
        ValueError: If `count` is anything else.
    """

    kind = "codes"
    words = "codes"

    def __init__(self, count: int):
        self.count = check_count("The number of codes", count)

    def get_config(self) -> dict[str, Any]:
        return {"count": self.count}

    def check(self, values: Any) -> np.ndarray:
        """Return codes as float32 of shape `(n, count)`.

        Args:
            values: Numbers in [-1, 1] of shape `(n, count)`, or the codes of one sample, of shape `(count,)`.

        Raises:
            ValueError: If the shape, the dtype or the range is wrong.
        """
        codes = np.asarray(values)
        codes = codes[None] if codes.ndim == 1 else codes
        if codes.ndim != 2 or codes.shape[1] != self.count or codes.dtype.kind not in "fiu":
            raise ValueError(
                f"Codes of this model have the shape (n, {self.count}), or ({self.count},) for one sample; received "
                f"{codes.dtype} of shape {np.shape(values)}."
            )
        check_finite(codes.astype("float64"))
        if np.abs(codes).max(initial=0.0) > 1.0:
            raise ValueError(f"Codes lie in [-1, 1]; these reach from {codes.min():g} to {codes.max():g}.")
        return codes.astype("float32")

    def to_network(self, values: Any) -> Any:
        """Return codes as float32 of shape `(n, count)`.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(values.dtype)
        if not keras.backend.is_float_dtype(dtype) or len(values.shape) != 2 or values.shape[1] not in (None, self.count):
            raise ValueError(
                f"Codes are floats of shape (batch, {self.count}); received {dtype} of shape {tuple(values.shape)}."
            )
        return ops.cast(values, "float32")

    def examples(self, n: int) -> np.ndarray:
        """Return random codes, uniform in [-1, 1): float32 `(n, count)`; fewer are the first of more."""
        return np.random.default_rng(0).uniform(-1.0, 1.0, (n, self.count)).astype("float32")

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (self.count,), "float32"


@CONDITIONS.register("contexts")
class Contexts(Condition):
    """Text that a sample answers or continues, as tokens: int32 `(n, length)`, filled with 0 on the left.

    `keras_gans.text.Tokenizer.encode_contexts` makes them of text.

    Args:
        length: Tokens of a context, an integer of at least 1.
        vocabulary_size: Number of different tokens, an integer of at least 2.

    Raises:
        ValueError: If a number is out of range.
    """

    kind = "contexts"
    words = "contexts"

    def __init__(self, length: int, vocabulary_size: int):
        self.length = check_count("The length of contexts", length)
        self.vocabulary_size = check_count("vocabulary_size", vocabulary_size, 2)

    def get_config(self) -> dict[str, Any]:
        return {"length": self.length, "vocabulary_size": self.vocabulary_size}

    def check(self, values: Any) -> np.ndarray:
        """Return contexts as int32 of shape `(n, length)`.

        Args:
            values: Tokens of shape `(n, length)`, or one context of rank 1.

        Raises:
            ValueError: If they are not tokens of that shape.
        """
        tokens = np.asarray(values)
        tokens = tokens[None] if tokens.ndim == 1 else tokens
        if tokens.ndim != 2 or tokens.shape[1] != self.length or not np.issubdtype(tokens.dtype, np.integer):
            raise ValueError(
                f"Contexts of this model are {self.length} integer tokens each; received {tokens.dtype} of shape "
                f"{np.shape(values)}. tokenizer.encode_contexts makes them of text."
            )
        if tokens.size and not (tokens.min() >= 0 and tokens.max() < self.vocabulary_size):
            raise ValueError(
                f"Tokens of contexts are 0 to {self.vocabulary_size - 1}; received {tokens.min()} to {tokens.max()}."
            )
        return tokens.astype("int32")

    def to_network(self, values: Any) -> Any:
        """Return contexts as int32 of shape `(n, length)`.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(values.dtype)
        if "int" not in dtype or len(values.shape) != 2 or values.shape[1] not in (None, self.length):
            raise ValueError(
                f"Contexts are integer tokens of shape (batch, {self.length}); received {dtype} of shape {tuple(values.shape)}."
            )
        return ops.cast(values, "int32")

    def examples(self, n: int) -> np.ndarray:
        """Return random tokens, of different numbers: int32 `(n, length)`."""
        rng = np.random.default_rng(0)
        # The first two tokens are the end and what is unknown.
        tokens = rng.integers(min(2, self.vocabulary_size - 1), self.vocabulary_size, (n, self.length))
        starts = rng.integers(self.length, size=(n, 1))
        return np.where(np.arange(self.length) < starts, 0, tokens).astype("int32")

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return (self.length,), "int32"


def make_conditions(num_classes: int | None = None, conditions: Mapping[str, Condition] | None = None) -> dict[str, Condition]:
    """Return a model's conditions by name.

    Args:
        num_classes: A shorthand for `{"labels": Classes(num_classes)}`.
        conditions: Conditions by the names of the networks' inputs.

    Raises:
        ValueError: If one is not a `Condition`, or both arguments define labels differently.
    """
    found = dict(conditions or {})
    for name, condition in found.items():
        if not isinstance(condition, Condition):
            raise ValueError(f"The condition '{name}' must be a keras_gans.conditions.Condition; received {condition!r}.")
    if num_classes is not None:
        if LABELS in found and found[LABELS] != Classes(num_classes):
            raise ValueError(f"num_classes={num_classes} and conditions['labels']={found[LABELS]!r} contradict each other.")
        found[LABELS] = Classes(num_classes)
    return found


def to_config(conditions: Mapping[str, Condition]) -> dict[str, dict]:
    """Return conditions in types that JSON can hold."""
    return {name: {"kind": condition.kind, **condition.get_config()} for name, condition in conditions.items()}


def from_config(config: Mapping[str, Mapping]) -> dict[str, Condition]:
    """Return the conditions that `to_config` has described.

    Raises:
        ValueError: If there is no such kind.
    """
    made = {}
    for name, each in config.items():
        arguments = dict(each)
        made[name] = CONDITIONS[arguments.pop("kind")](**arguments)
    return made
