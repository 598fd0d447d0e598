"""The generator of `fastgan` and `projected_gan`: gated blocks with noise, and fine features excited by coarse ones.

Reference: Liu et al. 2021, "Towards Faster and Stabilized GAN Training for High-fidelity Few-shot Image Synthesis", section 3.1
and figures 2 and 3; its width by resolution and the normalised latents are those of the code of Sauer et al. 2021.
"""

import math
from fractions import Fraction

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import (
    BatchNormalization,
    ConditionalBatchNormalization,
    GatedLinearUnit,
    NoiseInjection,
    PixelNormalization,
    SpectralConv2D,
    UpsampledConv2D,
)

_BASES = (4, 7)
# Feature maps at each resolution, from the lowest, as multiples of the width.
_FACTORS = (16, 8, 4, 2, 2, 1, Fraction(1, 2), Fraction(1, 4))
# How many doublings lie between features and those that excite them: from 4x4 to 64x64, from 8x8 to 128x128, ...
_SKIP = 4
_WINDOW, _EMBEDDING, _CLASS_FEATURES = 4, 128, 16
# Standard deviation of what classes add to the first features at the beginning; that of the features is about 0.17.
_CLASSES_APART = 0.1


def count_doublings(name: str, image_shape: tuple[int, ...]) -> int:
    """Return how many times the resolution doubles, from 4 (or 7) pixels on the shorter side.

    Raises:
        ValueError: If images of the size cannot be built; the message names the nearest square that can.
    """
    if len(image_shape) != 3 or image_shape[-1] not in (1, 3, 4):
        raise ValueError(
            f"{name} generates images of shape (height, width, channels) with 1, 3 or 4 channels (grey, colour, colour with "
            f"transparency); received {tuple(image_shape)}."
        )
    height, width, _ = image_shape
    for base in _BASES:
        for doublings in range(1, len(_FACTORS)):
            if min(height, width) == base << doublings and height % (1 << doublings) == width % (1 << doublings) == 0:
                return doublings
    sides = sorted(base << doublings for base in _BASES for doublings in range(1, len(_FACTORS)))
    nearest = min(sides, key=lambda side: abs(side - height) + abs(side - width))
    raise ValueError(
        f"{name} cannot build {height}x{width} images: the shorter side must be 4 or 7 times a power of two (64, 112, 128, "
        f"224, 256, ...), up to 896, and the longer side a multiple of that power. The nearest square is {nearest}x{nearest}."
    )


def check_width(name: str, width: int, doublings: int) -> int:
    """Return the width.

    Raises:
        ValueError: If it is not an integer above 0, or a resolution would have a fraction of a feature map.
    """
    width = check_count("width", width, 1)
    step = max(factor.denominator for factor in map(Fraction, _FACTORS[: doublings + 1]))
    if width % step:
        raise ValueError(
            f"{name} has `width` / {step} feature maps at the highest resolution of such images, which width={width} does not "
            f"divide evenly into. Use a multiple of {step}, such as {max(step, round(width / step) * step)}."
        )
    return width


def build_generator(
    name: str,
    image_shape: tuple[int, ...],
    latent_dim: int,
    width: int,
    num_classes: int | None,
    seed: int | None,
) -> keras.Model:
    """Latents `(batch, latent_dim)`, and labels `(batch,)` if there are classes -> images `(batch, *image_shape)` in [-1, 1].

    Raises:
        ValueError: If the size or the width cannot be built.
    """
    doublings = count_doublings(name, image_shape)
    width = check_width(name, width, doublings)
    latent_dim = check_count("latent_dim", latent_dim, 1)
    latents = keras.Input((latent_dim,), name="latents")
    labels = None if num_classes is None else keras.Input((), dtype="int32", name="labels")
    base = image_shape[0] >> doublings, image_shape[1] >> doublings
    features = math.prod(base) * 2 * 16 * width
    x = layers.Dense(features, use_bias=False)(PixelNormalization()(latents))
    if labels is not None:
        # Class-conditional gains and offsets start equal for all classes: the classes would separate slowly.
        apart = keras.initializers.RandomNormal(stddev=_CLASSES_APART)
        x = layers.Add()([x, layers.Embedding(num_classes, features, embeddings_initializer=apart)(labels)])
    x = layers.Reshape((*base, 2 * 16 * width))(x)
    found = [GatedLinearUnit()(BatchNormalization(momentum=0.9, epsilon=1e-5)(x))]
    for level in range(1, doublings + 1):
        channels = int(_FACTORS[level] * width)
        x = UpsampledConv2D(2 * channels)(found[-1])
        # Every other block has a second convolution, and noise.
        for number in range(1 + (level % 2 == 0)):
            if number:
                x = layers.Conv2D(2 * channels, 3, padding="same", use_bias=False)(x)
            if level % 2 == 0:
                x = NoiseInjection(None if seed is None else seed + 2 * level + number)(x)
            x = GatedLinearUnit()(_normalized(x, labels, num_classes))
        found.append(excited(x, found[level - _SKIP]) if level >= _SKIP else x)
    x = layers.Conv2D(image_shape[-1], 3, padding="same")(found[-1])
    images = layers.Activation("tanh", dtype="float32", name="images")(x)
    return keras.Model(latents if labels is None else [latents, labels], images, name="generator")


def _normalized(x: Tensor, labels: Tensor | None, num_classes: int | None) -> Tensor:
    if labels is None or num_classes is None:
        return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    return ConditionalBatchNormalization(num_classes)([x, labels])


def excited(fine: Tensor, coarse: Tensor) -> Tensor:
    """Skip-layer excitation: multiplies feature maps by numbers in (0, 1) that depend on others."""
    side = coarse.shape[1] // 4, coarse.shape[2] // 4
    if side != (1, 1):
        coarse = layers.AveragePooling2D(side)(coarse)
    x = layers.Conv2D(fine.shape[-1], coarse.shape[1:3], activation="silu")(coarse)
    return layers.Multiply()([fine, layers.Conv2D(fine.shape[-1], 1, activation="sigmoid")(x)])


def logit_map(x: Tensor, labels: Tensor | None, num_classes: int | None, name: str) -> Tensor:
    """Return a map of logits `(batch, height, width, 1)`: of windows of 4x4 features; by class, if there are labels.

    By class, a logit is the product of features and a vector of the class, as in the code of Sauer et al. 2021.
    """
    kernel = [min(_WINDOW, side) for side in x.shape[1:3]]
    if labels is None or num_classes is None:
        return SpectralConv2D(1, kernel, use_bias=False, dtype="float32", name=f"{name}_logits")(x)
    features = SpectralConv2D(_CLASS_FEATURES, kernel, use_bias=False)(x)
    of_class = layers.Dense(_CLASS_FEATURES)(layers.Embedding(num_classes, _EMBEDDING)(labels))
    of_class = layers.Rescaling(_CLASS_FEATURES**-0.5)(layers.LeakyReLU(0.2)(of_class))
    logits = layers.Dot((2, 1), dtype="float32")([layers.Reshape((-1, _CLASS_FEATURES))(features), of_class])
    return layers.Reshape((*features.shape[1:3], 1), dtype="float32", name=f"{name}_logits")(logits)
