"""The networks of `wgan_gp`. Critics have no batch normalisation, because a score must depend on one sample only.

Reference: Gulrajani et al. 2017, appendix F (residual networks for CIFAR-10), and the authors' code (MNIST, toy data).
"""

import math

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.layers import BatchNormalization


def choose_architecture(image_shape: tuple[int, ...]) -> str:
    """Return the default architecture for samples of a shape: `"mlp"`, `"conv"` or `"resnet"`.

    Raises:
        ValueError: If none of them can build images of this size; the message names the nearest size that can be built.
    """
    if len(image_shape) != 3:
        return "mlp"
    height, width, _ = image_shape
    if _doublings(height) and height == width and height >= 32:
        return "resnet"
    if height % 4 == 0 and width % 4 == 0:
        return "conv"
    nearest = tuple(max(4, round(side / 4) * 4) for side in (height, width))
    raise ValueError(
        f"wgan_gp cannot build {height}x{width} images: both sides must be multiples of 4. The nearest size is "
        f"{nearest[0]}x{nearest[1]}."
    )


def _doublings(side: int) -> int | None:
    """Return the k for which a side is 4 times 2^k, or None."""
    return side.bit_length() - 3 if side >= 4 and side & (side - 1) == 0 else None


# For points: three hidden layers of the same width in both networks, as in the authors' toy experiments.


def build_mlp_generator(shape: tuple[int, ...], latent_dim: int, width: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> samples `(batch, *shape)` in [-1, 1]."""
    x = latents = keras.Input((latent_dim,), name="latents")
    for _ in range(3):
        x = layers.ReLU()(layers.Dense(4 * width, kernel_initializer="he_normal")(x))
    x = layers.Reshape(shape)(layers.Dense(math.prod(shape))(x))
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="samples")(x), name="generator")


def build_mlp_critic(shape: tuple[int, ...], width: int) -> keras.Model:
    """Samples `(batch, *shape)` -> scores `(batch, 1)`."""
    samples = keras.Input(shape, name="samples")
    x = layers.Flatten()(samples)
    for _ in range(3):
        x = layers.ReLU()(layers.Dense(4 * width, kernel_initializer="he_normal")(x))
    return keras.Model(samples, _score_layer(x), name="discriminator")


# For small images: the authors' networks for MNIST.


def build_conv_generator(image_shape: tuple[int, ...], latent_dim: int, width: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> images `(batch, *image_shape)` in [-1, 1]."""
    height, image_width, channels = image_shape
    base = -(-height // 8), -(-image_width // 8)
    x = latents = keras.Input((latent_dim,), name="latents")
    x = layers.ReLU()(layers.Dense(math.prod(base) * 4 * width, kernel_initializer="he_normal")(x))
    x = layers.Reshape((*base, 4 * width))(x)
    x = layers.ReLU()(_upsampled(x, 2 * width))
    # For MNIST, 8x8 is cropped to 7x7, which grows to 28x28.
    x = layers.Cropping2D(((0, 2 * base[0] - height // 4), (0, 2 * base[1] - image_width // 4)))(x)
    x = layers.ReLU()(_upsampled(x, width))
    x = _upsampled(x, channels)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="images")(x), name="generator")


def _upsampled(x: Tensor, filters: int) -> Tensor:
    return layers.Conv2DTranspose(filters, 5, 2, "same", kernel_initializer="he_normal")(x)


def build_conv_critic(image_shape: tuple[int, ...], width: int) -> keras.Model:
    """Images `(batch, *image_shape)` -> scores `(batch, 1)`."""
    x = images = keras.Input(image_shape, name="images")
    for factor in (1, 2, 4):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(factor * width, 5, 2, "same", kernel_initializer="he_normal")(x))
    return keras.Model(images, _score_layer(layers.Flatten()(x)), name="discriminator")


# For 32x32, 64x64 and larger: residual networks.


def build_resnet_generator(image_shape: tuple[int, ...], latent_dim: int, width: int) -> keras.Model:
    """Latents `(batch, latent_dim)` -> images `(batch, *image_shape)` in [-1, 1]."""
    side = 4
    x = latents = keras.Input((latent_dim,), name="latents")
    channels = _channels(image_shape[0], side, width)
    x = layers.Reshape((side, side, channels))(layers.Dense(side * side * channels, kernel_initializer="glorot_uniform")(x))
    while side < image_shape[0]:
        side *= 2
        x = _up_block(x, _channels(image_shape[0], side, width))
    x = layers.ReLU()(_normalized(x))
    x = layers.Conv2D(image_shape[-1], 3, padding="same")(x)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="images")(x), name="generator")


def build_resnet_critic(image_shape: tuple[int, ...], width: int) -> keras.Model:
    """Images `(batch, *image_shape)` -> scores `(batch, 1)`."""
    side = image_shape[0]
    images = keras.Input(image_shape, name="images")
    x = _first_down_block(images, _channels(side, side, width))
    side //= 2
    while side > 8:
        x = _block(x, _channels(image_shape[0], side // 2, width), down=True)
        side //= 2
    for _ in range(2):
        x = _block(x, x.shape[-1], down=False)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    return keras.Model(images, _score_layer(x), name="discriminator")


def _channels(image_side: int, side: int, width: int) -> int:
    """Return the channels at a resolution: the same at all up to 32x32 (appendix F), doubled with each halving above."""
    return 2 * width if image_side <= 32 else width * min(8, image_side // side)


def _convolved(x: Tensor, filters: int) -> Tensor:
    return layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal")(x)


def _normalized(x: Tensor) -> Tensor:
    return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def _up_block(x: Tensor, filters: int) -> Tensor:
    shortcut = layers.Conv2D(filters, 1)(layers.UpSampling2D()(x))
    x = _convolved(layers.UpSampling2D()(layers.ReLU()(_normalized(x))), filters)
    x = _convolved(layers.ReLU()(_normalized(x)), filters)
    return layers.Add()([shortcut, x])


def _first_down_block(x: Tensor, filters: int) -> Tensor:
    shortcut = layers.Conv2D(filters, 1)(layers.AveragePooling2D(2)(x))
    x = _convolved(layers.ReLU()(_convolved(x, filters)), filters)
    return layers.Add()([shortcut, layers.AveragePooling2D(2)(x)])


def _block(x: Tensor, filters: int, down: bool) -> Tensor:
    shortcut = x if x.shape[-1] == filters and not down else layers.Conv2D(filters, 1)(x)
    x = _convolved(layers.ReLU()(x), x.shape[-1])
    x = _convolved(layers.ReLU()(x), filters)
    if down:
        shortcut, x = layers.AveragePooling2D(2)(shortcut), layers.AveragePooling2D(2)(x)
    return layers.Add()([shortcut, x])


def _score_layer(x: Tensor) -> Tensor:
    return layers.Dense(1, dtype="float32", name="scores")(x)
