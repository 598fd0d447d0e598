"""The feature extractor of speech: a small network of mel spectrograms that tells spoken digits apart."""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.audio.mel import Mel
from keras_gans.audio.resampling import resample
from keras_gans.audio.sample_values import to_float
from keras_gans.data.placing import Placing
from keras_gans.evaluation import networks
from keras_gans.evaluation.extractors import Extractor, Features, load_bundled, softmax
from keras_gans.media import Audio, Medium

NAME = "speech8k"
# Of what the network takes.
RATE, LENGTH = 8000, 8192
MEL = Mel(RATE, n_fft=512, hop_length=128, win_length=400, n_mels=64, floor=1e-3)
DIGITS = 10

_PART = 100  # sounds computed together


def to_input(samples: np.ndarray) -> np.ndarray:
    """Return the network's input for sounds of its rate and length: float32 `(n, 64, 64, 1)`, -1 for silence.

    Args:
        samples: Floats in [-1, 1], shape `(n, 8192, 1)`.
    """
    levels = (MEL(samples) - MEL.lowest) / (MEL.highest - MEL.lowest)
    return (2 * levels - 1)[..., None].astype("float32")


class Speech(Extractor):
    """Features of sounds by `speech8k`, a network trained on the Free Spoken Digit Dataset, which comes with the library.

    Sounds of other rates are resampled to 8,000 Hz, which needs the extra `audio`. Sounds of another length become sounds of
    8,192 samples: shorter ones end with silence, of longer ones the part around the centre of their energy is taken.

    Args:
        sample_rate: Samples per second of the sounds that it is called with.
    """

    classes = DIGITS

    def __init__(self, sample_rate: int = RATE):
        self.facts, weights, digest = load_bundled(NAME)
        super().__init__(NAME, digest)
        self._weights, self._architecture = weights, networks.ARCHITECTURES[NAME]
        self.sample_rate = sample_rate

    def for_medium(self, medium: Medium) -> Extractor:
        if not isinstance(medium, Audio):
            raise ValueError(f"{self.name} takes sounds, not {medium.name}.")
        bound = copy.copy(self)
        bound.sample_rate = medium.sample_rate
        return bound

    def check(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 2 or shape[1] != 1:
            raise ValueError(f"{self.name} takes sounds (length, 1); received samples of shape {tuple(shape)}.")

    def resize_for(self, shape: tuple[int, ...]) -> str:
        steps = [] if self.sample_rate == RATE else [f"resampled from {self.sample_rate} to {RATE} Hz"]
        length = -(-shape[0] * RATE // self.sample_rate)
        steps += (
            [] if length == LENGTH else ["filled up with silence" if length < LENGTH else "cut around the centre of energy"]
        )
        return ", ".join(steps) or "none"

    def __call__(self, samples: ArrayLike) -> Features:
        """Return the features of sounds, and the probabilities of ten digits.

        Args:
            samples: int16, or floats in [-1, 1], shape `(n, length, 1)`.

        Raises:
            ValueError: If the shape is another.
        """
        return self._parts(samples)[0]

    def speakers(self, samples: ArrayLike) -> np.ndarray:
        """Return the probabilities of six speakers, float64 of shape `(n, 6)`, in the order of `facts["speakers"]`."""
        return self._parts(samples)[1]

    def _parts(self, samples: ArrayLike) -> tuple[Features, np.ndarray]:
        samples = np.asarray(samples)
        self.check(samples.shape[1:])
        features, speakers = [], []
        for start in range(0, len(samples), _PART):
            found, logits = self._compute(to_input(self._fit(to_float(samples[start : start + _PART]))))
            features.append(Features(found, softmax(logits[:, :DIGITS])))
            speakers.append(softmax(logits[:, DIGITS:]))
        return Features.join(features), np.concatenate(speakers)

    def _compute(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Blocks of one size, so that the features of a sound do not depend on the number of sounds.
        count = len(inputs)
        inputs = np.concatenate([inputs, np.repeat(inputs[-1:], _PART - count, axis=0)])
        features, logits = networks.compute(inputs, self._weights, self._architecture.strides)
        return np.asarray(features, "float32")[:count], np.asarray(logits)[:count]

    def _fit(self, sounds: np.ndarray) -> np.ndarray:
        if self.sample_rate != RATE:
            sounds = np.swapaxes(resample(np.swapaxes(sounds, 0, 1), self.sample_rate, RATE), 0, 1)
        if sounds.shape[1] == LENGTH:
            return sounds
        placing = Placing("start" if sounds.shape[1] < LENGTH else "centre")
        return np.stack([placing.cut(sound, (LENGTH, 1)) for sound in sounds])


def accuracies(weights: list[np.ndarray], samples: np.ndarray, labels: np.ndarray, speakers: np.ndarray) -> tuple[float, float]:
    """Return the shares of sounds whose digit and whose speaker a network names.

    Args:
        weights: As `networks.fold` returns them.
        samples: int16 of shape `(n, 8192, 1)`.
        labels: The digits.
        speakers: The numbers of the speakers.
    """
    weights = [weight.astype("float32") for weight in weights]
    _, logits = networks.compute(to_input(to_float(samples)), weights, networks.ARCHITECTURES[NAME].strides)
    logits = np.asarray(logits)
    right = logits[:, :DIGITS].argmax(axis=1) == labels, logits[:, DIGITS:].argmax(axis=1) == speakers
    return float(right[0].mean()), float(right[1].mean())
