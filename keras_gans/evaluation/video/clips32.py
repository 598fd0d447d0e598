"""The feature extractor of clips: a small network of frames tells their content, and one of pairs of frames their motion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from keras_gans.evaluation import networks
from keras_gans.evaluation.extractors import Extractor, Features, load_bundled, softmax
from keras_gans.media import Medium, Video
from keras_gans.media.pictures import opaque

NAME = "clips32"
SIDE = 32  # of the frames that the networks take
DIGITS = 10
# What the network of motion learnt to tell apart, besides the mean speed and the mean displacement in both directions.
KINDS = ("moving", "frozen", "shuffled", "slowed", "jittered")
REGRESSIONS = 3
FASTEST = 3.0  # pixels a frame, to which speeds are relative

_PART = 50  # clips computed together


class Clips(Extractor):
    """Features of clips by `clips32`, two networks trained on moving digits, which comes with the library.

    Frames are made grey and resized to 32x32. The features are those of content, the means over all frames of the features of
    a network that names the digit of a frame; and those of motion, of a network that sees pairs of frames that follow each
    other, and the sequence of what it sees.

    Attributes:
        content: Which features are those of content.
        motion: Which features are those of motion.
    """

    classes = DIGITS

    def __init__(self) -> None:
        self.facts, weights, digest = load_bundled(NAME)
        super().__init__(NAME, digest)
        from keras_gans.backend import compiled

        self._networks = split_weights(weights)
        self._content_of = compiled(lambda frames: networks.compute(frames, self._networks[0], networks.CLIPS32.frames))
        self._seen_in = compiled(lambda pairs: networks.compute(pairs, *_without_head(self._networks[1]))[0])
        self._told_of = compiled(lambda seen: networks.compute(seen, self._networks[2], (1,) * len(networks.CLIPS32.sequence)))
        frames = self._networks[0][-2].shape[0]
        self.content, self.motion = slice(0, frames), slice(frames, frames + self._networks[2][-2].shape[0])

    def for_medium(self, medium: Medium) -> Extractor:
        if not isinstance(medium, Video):
            raise ValueError(f"{self.name} takes clips, not {medium.name}.")
        return self

    def check(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 4 or shape[0] < 2:
            raise ValueError(
                f"{self.name} takes clips (frames, height, width, channels) of two frames or more; received samples of shape "
                f"{tuple(shape)}."
            )

    def resize_for(self, shape: tuple[int, ...]) -> str:
        steps = ["laid over a checkerboard"] if shape[-1] == 4 else []
        steps += ["grey"] if shape[-1] > 1 else []
        steps += [] if tuple(shape[1:3]) == (SIDE, SIDE) else ["Pillow bicubic, antialiased"]
        return ", ".join(steps) or "none"

    def __call__(self, samples: ArrayLike) -> Features:
        """Return the features of clips, and the probabilities of ten digits, means over frames.

        Args:
            samples: uint8 of shape `(n, frames, height, width, 1, 3 or 4)`.

        Raises:
            ValueError: If the shape or dtype is another.
        """
        clips = self._checked(samples)
        parts = []
        for inputs, count in _blocks(clips):
            content, digits = self._content(inputs)
            pairs = pairs_of(inputs)
            seen = np.asarray(self._seen_in(pairs)).reshape(len(inputs), inputs.shape[1] - 1, 1, -1)
            motion, _ = self._told_of(seen)
            values = np.concatenate([content.mean(axis=1), np.asarray(motion)], axis=1)[:count]
            parts.append(Features(values.astype("float32"), digits.mean(axis=1)[:count]))
        return Features.join(parts)

    def frame_digits(self, samples: ArrayLike) -> np.ndarray:
        """Return the probabilities of ten digits in each frame: float64 `(n, frames, 10)`. The argument is that of a call."""
        clips = self._checked(samples)
        return np.concatenate([self._content(inputs)[1][:count] for inputs, count in _blocks(clips)])

    def _checked(self, samples: ArrayLike) -> np.ndarray:
        clips = np.asarray(samples)
        self.check(clips.shape[1:])
        if clips.dtype != np.uint8:
            raise ValueError(f"{self.name} takes uint8 clips; received {clips.dtype}: see keras_gans.media.Video.to_file.")
        return clips

    def _content(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n, frames = inputs.shape[:2]
        features, logits = self._content_of(inputs.reshape(-1, *inputs.shape[2:]))
        return np.asarray(features).reshape(n, frames, -1), softmax(logits).reshape(n, frames, -1)


def _blocks(clips: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Yield clips as the networks take them in blocks of one size, the last filled up, and how many of each count."""
    for start in range(0, len(clips), _PART):
        inputs = to_input(clips[start : start + _PART])
        count = len(inputs)
        yield np.concatenate([inputs, np.repeat(inputs[-1:], _PART - count, axis=0)]), count


def _without_head(pairs: list[np.ndarray]) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Return the weights of the network of pairs with a dense layer that is not used, and its strides."""
    none = [np.zeros((pairs[-1].shape[0], 1), "float32"), np.zeros(1, "float32")]
    return [*pairs, *none], networks.CLIPS32.pairs


def split_weights(weights: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Return the weights of the networks of frames, of pairs, and of sequences: a dense layer ends the first and the last."""
    shape = networks.CLIPS32
    frames = 2 * len(shape.frames) + 2
    pairs = frames + 2 * len(shape.pairs)
    return [weights[:frames], weights[frames:pairs], weights[pairs:]]


def to_input(clips: np.ndarray) -> np.ndarray:
    """Return clips as the networks take them: float32 `(n, frames, 32, 32, 1)` in [-1, 1], grey.

    Args:
        clips: uint8 of shape `(n, frames, height, width, 1, 3 or 4)`.
    """
    n, frames, height, width, channels = clips.shape
    images = clips.reshape(-1, height, width, channels)
    if channels > 1:
        images = opaque(images)
        images = np.stack([np.asarray(Image.fromarray(image).convert("L"))[..., None] for image in images])
    if (height, width) != (SIDE, SIDE):
        pictures = [Image.fromarray(image[..., 0]).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for image in images]
        images = np.stack([np.asarray(picture)[..., None] for picture in pictures])
    return (images.astype("float32") / 127.5 - 1).reshape(n, frames, SIDE, SIDE, 1)


def pairs_of(inputs: np.ndarray) -> np.ndarray:
    """Return frames that follow each other as two channels: `(n * (frames - 1), 32, 32, 2)`."""
    pairs = np.concatenate([inputs[:, :-1], inputs[:, 1:]], axis=-1)
    return pairs.reshape(-1, *pairs.shape[2:])


def compute_motion(inputs: np.ndarray, pairs: list[np.ndarray], sequence: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return features of motion `(n, d)`, and what the network says of it: logits of `KINDS`, speed and displacement."""
    n, frames = inputs.shape[:2]
    seen, _ = networks.compute(pairs_of(inputs), *_without_head(pairs))
    over_time = np.asarray(seen).reshape(n, frames - 1, 1, -1)
    features, told = networks.compute(over_time, sequence, (1,) * ((len(sequence) - 2) // 2))
    return np.asarray(features), np.asarray(told)
