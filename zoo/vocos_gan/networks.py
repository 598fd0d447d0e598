"""The networks of `vocos_gan`.

Reference: Siuzdak 2023, "Vocos: Closing the gap between time-domain and Fourier-based neural vocoders for high-quality audio
synthesis", section 3; the discriminator of several resolutions as in Jang et al. 2021, "UnivNet", with bands as in the
authors' code.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import ClippedOutput, InverseShortTimeFourier, LayerScale, ShortTimeFourier

from ..hifi_gan.networks import Judged, as_network, of_periods

# Shares of the frequencies between which bands lie.
BANDS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
# Largest magnitude, as in the authors' code: a safeguard in early training.
_LOUDEST = 1e2


def build_generator(n_mels: int, n_fft: int, hop_length: int, width: int, hidden: int | None, blocks: int) -> keras.Model:
    """Mel spectrograms `(batch, frames, n_mels)` -> sounds `(batch, frames * hop_length, 1)`, clipped to [-1, 1].

    Raises:
        ValueError: If a number is out of range.
    """
    width, blocks = check_count("width", width), check_count("blocks", blocks)
    hidden = 3 * width if hidden is None else check_count("hidden", hidden)
    mels = keras.Input((None, n_mels), name="mels")
    x = _norm()(layers.Conv1D(width, 7, padding="same", **_initial())(mels))
    for _ in range(blocks):
        y = _norm()(layers.DepthwiseConv1D(7, padding="same", depthwise_initializer=_normal())(x))
        y = layers.Dense(hidden, "gelu", **_initial())(y)
        y = LayerScale(1 / blocks)(layers.Dense(width, **_initial())(y))
        x = layers.Add()([x, y])
    x = layers.Dense(n_fft + 2, dtype="float32", name="spectra", **_initial())(_norm()(x))
    magnitudes, phases = x[..., : n_fft // 2 + 1], x[..., n_fft // 2 + 1 :]
    magnitudes = ops.minimum(ops.exp(magnitudes), _LOUDEST)
    spectra = layers.Concatenate(dtype="float32")([magnitudes * ops.cos(phases), magnitudes * ops.sin(phases)])
    return keras.Model(
        mels, ClippedOutput(name="samples")(InverseShortTimeFourier(n_fft, hop_length)(spectra)), name="generator"
    )


def _norm() -> layers.LayerNormalization:
    return layers.LayerNormalization(epsilon=1e-6)


def _normal() -> keras.initializers.Initializer:
    """Return the initialiser of the authors' code."""
    return keras.initializers.TruncatedNormal(0.0, 0.02)


def _initial() -> dict[str, Any]:
    return {"kernel_initializer": _normal()}


def build_discriminator(
    width: int, periods: Sequence[int], n_ffts: Sequence[int], resolution_width: int, bands: bool
) -> keras.Model:
    """Sounds `(batch, length, 1)` -> scores and features of the discriminators of periods and of resolutions."""
    samples = keras.Input((None, 1), name="samples")
    # As in the authors' code, feature matching leaves out the first layers.
    judged = of_periods(samples, width, periods, skip=1)
    judged += [of_resolution(samples, int(n_fft), resolution_width, bands) for n_fft in n_ffts]
    return as_network(samples, judged)


def of_resolution(samples: Tensor, n_fft: int, width: int, bands: bool) -> Judged:
    """Apply a discriminator of complex spectrograms.

    Args:
        samples: Sounds `(batch, length, 1)`.
        n_fft: Length of a frame.
        width: Channels; 32 in the authors' code.
        bands: Whether five bands of frequencies have layers of their own.
    """
    width = check_count("resolution_width", width)
    centred = samples - ops.mean(samples, axis=1, keepdims=True)
    centred = 0.8 * centred / (ops.max(ops.abs(centred), axis=1, keepdims=True) + 1e-9)
    spectra = ShortTimeFourier(n_fft, max(1, n_fft // 4))(centred)
    bins = n_fft // 2 + 1
    edges = [int(share * bins) for share in (BANDS if bands else (0.0, 1.0))]
    features, ends = [], []
    for low, high in itertools.pairwise(edges):
        x = spectra[:, :, low:high]
        for layer, (kernel, stride) in enumerate((((3, 9), 1), ((3, 9), 2), ((3, 9), 2), ((3, 9), 2), ((3, 3), 1))):
            x = layers.LeakyReLU(0.1)(layers.Conv2D(width, kernel, (1, stride), "same")(x))
            if layer:
                features.append(x)
        ends.append(x)
    x = layers.Concatenate(axis=2)(ends) if len(ends) > 1 else ends[0]
    x = layers.Conv2D(1, 3, padding="same", dtype="float32", name=f"scores_of_frames_of_{n_fft}")(x)
    return x, [*features, x]
