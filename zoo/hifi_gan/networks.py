"""The networks of `hifi_gan`. Other vocoders of the zoo use its discriminators, too.

Reference: Kong et al. 2020, "HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech Synthesis",
sections 2.2 and 2.3, appendix A.1.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count, no_such
from keras_gans.layers import GroupedConv2D, PeriodFolding, SpectralConv2D, UpsamplingConv1D

# The score of a discriminator, and its inner features.
Judged = tuple[Tensor, list[Tensor]]


@dataclasses.dataclass(frozen=True)
class Version:
    """A generator's size (appendix A.1, table 5).

    Attributes:
        width: Channels before the first upsampling, halved by each.
        rates: Factors of upsampling.
        kernels: Kernel sizes of the residual blocks of a stage.
        dilations: Dilations of each of them.
        pairs: Whether each dilated convolution is followed by one without dilation.
    """

    width: int
    rates: tuple[int, ...]
    kernels: tuple[int, ...]
    dilations: tuple[tuple[int, ...], ...]
    pairs: bool


_OF_V1 = ((3, 7, 11), ((1, 3, 5),) * 3, True)
_OF_V3 = ((3, 5, 7), ((1, 2), (2, 6), (3, 12)), False)
VERSIONS = {
    "v1": Version(512, (8, 8, 2, 2), *_OF_V1),
    "v2": Version(128, (8, 8, 2, 2), *_OF_V1),
    "v3": Version(256, (8, 8, 4), *_OF_V3),
    # Not in the paper: for a CPU.
    "small": Version(128, (8, 8, 4), *_OF_V3),
}


def find_version(version: str, width: int | None, hop_length: int) -> Version:
    """Return a version of the generator, with other factors of upsampling if the hop differs from the paper's.

    Args:
        version: `"v1"`, `"v2"`, `"v3"` or `"small"`.
        width: Channels before the first upsampling, or None for those of the version.
        hop_length: Samples of a frame, the product of the factors.

    Raises:
        ValueError: If there is no such version, the width cannot be halved often enough, or the hop has a factor above 8.
    """
    if version not in VERSIONS:
        raise ValueError(no_such("version of HiFi-GAN", str(version), list(VERSIONS)))
    found = VERSIONS[version]
    rates, rest = found.rates, hop_length
    if math.prod(rates) != hop_length:
        rates = ()
        for factor in (8, 7, 5, 4, 3, 2):
            while rest % factor == 0:
                rates, rest = (*rates, factor), rest // factor
        if rest > 1:
            raise ValueError(f"hop_length must be a product of factors up to 8, such as 128 or 200; received {hop_length}.")
    width = found.width if width is None else check_count("width", width)
    if width % (1 << len(rates)):
        raise ValueError(f"width must be a multiple of {1 << len(rates)}, to be halved {len(rates)} times; received {width}.")
    return dataclasses.replace(found, width=width, rates=rates)


def build_generator(n_mels: int, version: Version) -> keras.Model:
    """Mel spectrograms `(batch, frames, n_mels)` -> sounds `(batch, frames * hop_length, 1)` in [-1, 1]."""
    mels = keras.Input((None, n_mels), name="mels")
    x = layers.Conv1D(version.width, 7, padding="same")(mels)
    for stage, rate in enumerate(version.rates, 1):
        width = version.width >> stage
        x = UpsamplingConv1D(width, 2 * rate, rate, kernel_initializer=_normal())(layers.LeakyReLU(0.1)(x))
        pairs = zip(version.kernels, version.dilations, strict=True)
        branches = [
            _residual(x, width, kernel, dilations, version.pairs, f"stage{stage}_branch{number}")
            for number, (kernel, dilations) in enumerate(pairs)
        ]
        x = layers.Average(name=f"stage{stage}")(branches)
    # The slope of the last activation is that of the authors' code.
    x = layers.Conv1D(1, 7, padding="same", kernel_initializer=_normal())(layers.LeakyReLU(0.01)(x))
    return keras.Model(mels, layers.Activation("tanh", dtype="float32", name="samples")(x), name="generator")


# Layers have names because TensorFlow adds more than two gradients in the order of names, on which rounding depends: the same
# model has the same names, however many others a process has built.


def _residual(x: Tensor, width: int, kernel: int, dilations: Sequence[int], pairs: bool, name: str) -> Tensor:
    def convolved(y: Tensor, dilation: int, name: str) -> Tensor:
        y = layers.LeakyReLU(0.1, name=f"{name}_activation")(y)
        settings = {"padding": "same", "dilation_rate": dilation, "kernel_initializer": _normal()}
        return layers.Conv1D(width, kernel, name=name, **settings)(y)

    for number, dilation in enumerate(dilations):
        y = convolved(x, dilation, f"{name}_{number}")
        x = layers.Add(name=f"{name}_{number}_sum")([x, convolved(y, 1, f"{name}_{number}_second") if pairs else y])
    return x


def _normal() -> keras.initializers.Initializer:
    """Return the initialiser of the authors' code."""
    return keras.initializers.RandomNormal(0.0, 0.01)


def build_discriminator(width: int, periods: Sequence[int], scales: int) -> keras.Model:
    """Sounds `(batch, length, 1)` -> scores and features of the discriminators of periods and of scales."""
    samples = keras.Input((None, 1), name="samples")
    return as_network(samples, [*of_periods(samples, width, periods), *of_scales(samples, width, scales)])


def as_network(samples: Tensor, judged: Sequence[Judged]) -> keras.Model:
    """Return the network of several discriminators, from their scores and features."""
    outputs = {"scores": [score for score, _ in judged], "features": [features for _, features in judged]}
    return keras.Model(samples, outputs, name="discriminator")


def of_periods(samples: Tensor, width: int, periods: Sequence[int], skip: int = 0) -> list[Judged]:
    """Apply the multi-period discriminator: convolutions over every `period`-th sample.

    Args:
        samples: Sounds `(batch, length, 1)`.
        width: Channels of the first layer; 32 in the paper.
        periods: The periods.
        skip: Number of first layers whose features are left out of feature matching.
    """
    width = check_count("discriminator_width", width)
    found = []
    for period in periods:
        x, features = PeriodFolding(period, name=f"period_{period}")(samples), []
        for filters, stride in ((width, 3), (4 * width, 3), (16 * width, 3), (32 * width, 3), (32 * width, 1)):
            x = layers.LeakyReLU(0.1)(layers.Conv2D(filters, (5, 1), (stride, 1), "same")(x))
            features.append(x)
        x = layers.Conv2D(1, (3, 1), padding="same", dtype="float32", name=f"scores_of_period_{period}")(x)
        found.append((x, [*features, x][skip:]))
    return found


def of_scales(samples: Tensor, width: int, scales: int) -> list[Judged]:
    """Apply the multi-scale discriminator: convolutions over the sound, and over averages of it.

    Args:
        samples: Sounds `(batch, length, 1)`.
        width: A quarter of the channels of the first layer; 32 in the paper.
        scales: Number of scales, each half of the last one.
    """
    found, x = [], samples
    for scale in range(check_count("scales", scales, 0)):
        if scale:
            x = layers.AveragePooling1D(4, 2, "same", name=f"average_{scale}")(x)
        # The first one is normalised spectrally, as raw sounds vary most (section 2.3).
        found.append(_of_scale(x, width, scale, SpectralGroupedConv2D if scale == 0 else GroupedConv2D))
    return found


def _of_scale(sounds: Tensor, width: int, scale: int, convolution: Callable[..., layers.Layer]) -> Judged:
    # In two dimensions, whose convolutions in groups have fast gradients here.
    x, features = layers.Reshape((-1, 1, 1), name=f"scale_{scale}")(sounds), []
    layout = ((4, 15, 1, 1), (4, 41, 2, 4), (8, 41, 2, 16), (16, 41, 4, 16), (32, 41, 4, 16), (32, 41, 1, 16), (32, 5, 1, 1))
    for factor, kernel, stride, groups in layout:
        groups = math.gcd(groups, x.shape[-1], factor * width)
        x = convolution(factor * width, (kernel, 1), groups=groups, strides=(stride, 1), padding="same")(x)
        x = layers.LeakyReLU(0.1)(x)
        features.append(x)
    x = convolution(1, (3, 1), groups=1, padding="same", dtype="float32", name=f"scores_of_scale_{scale}")(x)
    return x, [*features, x]


@keras.saving.register_keras_serializable(package="keras_gans")
class SpectralGroupedConv2D(SpectralConv2D, GroupedConv2D):
    """`SpectralConv2D` with groups of channels: see `GroupedConv2D`."""
