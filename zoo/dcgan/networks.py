"""The networks of `dcgan`. Other models of the zoo use their bodies, too.

Reference: Radford et al. 2016, section 3 (architecture guidelines), section 4 (initialisation), figure 1.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import no_such
from keras_gans.layers import BatchNormalization
from keras_gans.media import is_image_shape

# Side of the smallest feature map: 4 as in figure 1, or 7 for MNIST's 28 pixels.
_BASES = (4, 7)
_MOST_HALVINGS = 9


def build_generator(
    image_shape: tuple[int, ...], latent_dim: int, width: int, kernel_size: int, normalization: str = "batch"
) -> keras.Model:
    """Latents `(batch, latent_dim)` -> images `(batch, *image_shape)` in [-1, 1]."""
    latents = keras.Input((latent_dim,), name="latents")
    images = generator_body(latents, image_shape, width, kernel_size, normalizer(normalization))
    return keras.Model(latents, images, name="generator")


def build_discriminator(
    image_shape: tuple[int, ...], width: int, kernel_size: int, normalization: str = "batch"
) -> keras.Model:
    """Images `(batch, *image_shape)` -> logits `(batch, 1)`."""
    images = keras.Input(image_shape, name="images")
    features = discriminator_features(images, image_shape, width, kernel_size, normalizer(normalization))
    return keras.Model(images, logits_layer()(layers.Flatten()(features)), name="discriminator")


def generator_body(
    x: Tensor,
    image_shape: tuple[int, ...],
    width: int,
    kernel_size: int,
    normalize: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """Apply the generator's layers.

    Args:
        x: Vectors of shape `(batch, n)`.
        image_shape: Shape of an image.
        width: Channels next to the image.
        kernel_size: Side of the kernels.
        normalize: Normalises a feature map. None (default) is batch normalisation.

    Returns:
        Images of shape `(batch, *image_shape)` in [-1, 1].
    """
    normalize = normalize or (lambda features: batch_norm()(features))
    halvings = count_halvings(image_shape)
    height, base_width = image_shape[0] >> halvings, image_shape[1] >> halvings
    channels = width << (halvings - 1)
    x = layers.Dense(height * base_width * channels, use_bias=False, kernel_initializer=initializer())(x)
    x = layers.Reshape((height, base_width, channels))(x)
    x = layers.ReLU()(normalize(x))
    while channels > width:
        channels //= 2
        x = layers.Conv2DTranspose(channels, use_bias=False, **_convolution(kernel_size))(x)
        x = layers.ReLU()(normalize(x))
    # No batch normalisation on the output (section 3).
    x = layers.Conv2DTranspose(image_shape[-1], **_convolution(kernel_size))(x)
    return layers.Activation("tanh", dtype="float32", name="images")(x)


def discriminator_features(
    x: Tensor,
    image_shape: tuple[int, ...],
    width: int,
    kernel_size: int,
    normalize: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """Apply the discriminator's layers except the last, and return feature maps.

    Args:
        x: Images, optionally with further channels.
        image_shape: Shape of an image.
        width: Channels next to the image.
        kernel_size: Side of the kernels.
        normalize: Normalises a feature map. None (default) is batch normalisation.
    """
    normalize = normalize or (lambda features: batch_norm()(features))
    # No batch normalisation on the input layer (section 3).
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width, **_convolution(kernel_size))(x))
    for halving in range(1, count_halvings(image_shape)):
        x = layers.Conv2D(width << halving, use_bias=False, **_convolution(kernel_size))(x)
        x = layers.LeakyReLU(0.2)(normalize(x))
    return x


NORMALIZATIONS = ("batch", "group", "none")


def normalizer(kind: str) -> Callable[[Tensor], Tensor]:
    """Return what normalises feature maps: batch normalisation, group normalisation (groups of 8 channels), or nothing.

    Raises:
        ValueError: If there is no such kind.
    """
    if kind not in NORMALIZATIONS:
        raise ValueError(no_such("normalization", str(kind), list(NORMALIZATIONS)))
    if kind == "batch":
        return lambda features: batch_norm()(features)
    if kind == "group":
        return lambda features: layers.GroupNormalization(max(1, features.shape[-1] // 8))(features)
    return lambda features: features


def logits_layer(outputs: int = 1, name: str = "logits") -> layers.Layer:
    """Return the discriminator's last layer."""
    return layers.Dense(outputs, kernel_initializer=initializer(), dtype="float32", name=name)


def count_halvings(image_shape: tuple[int, ...]) -> int:
    """Return the number of times both sides can be halved until the shorter one is 4 or 7.

    Raises:
        ValueError: If they cannot; the message names the nearest size that can be built.
    """
    if not is_image_shape(image_shape):
        raise ValueError(
            f"dcgan generates images of shape (height, width, channels) with 1, 3 or 4 channels; received {tuple(image_shape)}."
        )
    height, width, _ = image_shape
    shorter, longer = sorted((height, width))
    # The nearest sides for each smallest feature map and number of halvings.
    buildable = [
        (base << k, max(base << k, round(longer / (1 << k)) << k), k) for base in _BASES for k in range(1, _MOST_HALVINGS)
    ]
    # A square stays a square.
    candidates = [size for size in buildable if size[0] == size[1]] if shorter == longer else buildable
    near_shorter, near_longer, halvings = min(candidates, key=lambda size: abs(size[0] - shorter) + abs(size[1] - longer))
    if (near_shorter, near_longer) == (shorter, longer):
        return halvings
    nearest = (near_shorter, near_longer) if height <= width else (near_longer, near_shorter)
    raise ValueError(
        f"dcgan cannot build {height}x{width} images: the shorter side must be 4 or 7 times a power of two (16, 28, 32, 56, "
        f"64, 112, 128, ...) and the longer side a multiple of that power. The nearest size is {nearest[0]}x{nearest[1]}."
    )


def _convolution(kernel_size: int) -> dict[str, Any]:
    return {"kernel_size": kernel_size, "strides": 2, "padding": "same", "kernel_initializer": initializer()}


def initializer(mean: float = 0.0) -> keras.initializers.Initializer:
    """Return the initialiser of weights: N(0, 0.02) (section 4); N(1, 0.02) for gains, as in the authors' code."""
    return keras.initializers.RandomNormal(mean, 0.02)


def batch_norm() -> BatchNormalization:
    """Return a layer of batch normalisation as DCGAN has it."""
    # Sampling uses the moving statistics. With Keras' default momentum of 0.99, they take hundreds of steps to follow training;
    # 0.9 and this epsilon are those of the authors' framework.
    return BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=initializer(1.0))
