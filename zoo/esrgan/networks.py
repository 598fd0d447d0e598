"""The generator of `esrgan`: residual-in-residual dense blocks.

Reference: Wang et al. 2018, "ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks", section 3.1, and the authors'
code (activations, sizes, initial weights).
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import ClippedOutput

# What the output of a block, and of each dense block in it, is multiplied by.
_RESIDUAL_SCALE = 0.2


def build_generator(channels: int, scale: int, width: int, blocks: int, growth: int) -> keras.Model:
    """Images `(batch, height, width, channels)` of any size -> images `scale` times as high and wide.

    Raises:
        ValueError: If a number is out of range.
    """
    if scale not in (2, 4, 8):
        raise ValueError(f"scale must be 2, 4 or 8; received {scale!r}.")
    images = keras.Input((None, None, channels), name="images")
    width, blocks, growth = check_count("width", width, 1), check_count("blocks", blocks, 1), check_count("growth", growth, 1)
    first = x = layers.Conv2D(width, 3, padding="same")(images)
    for number in range(blocks):
        x = _block(x, growth, f"block{number}")
    x = layers.Add()([first, layers.Conv2D(width, 3, padding="same")(x)])
    for _ in range(scale.bit_length() - 1):
        x = layers.UpSampling2D()(x)
        x = layers.LeakyReLU(0.2)(layers.Conv2D(width, 3, padding="same")(x))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width, 3, padding="same")(x))
    return keras.Model(images, ClippedOutput()(layers.Conv2D(channels, 3, padding="same")(x)), name="generator")


# Layers have names because TensorFlow adds more than two gradients in the order of names, on which rounding depends: the same
# model has the same names, however many others a process has built.


def _block(x: Tensor, growth: int, name: str) -> Tensor:
    """Add to feature maps what three dense blocks make of them."""
    y = x
    for number in range(3):
        y = _dense_block(y, growth, f"{name}_dense{number}")
    return layers.Add(name=name)([x, layers.Rescaling(_RESIDUAL_SCALE, name=f"{name}_scale")(y)])


def _dense_block(x: Tensor, growth: int, name: str) -> Tensor:
    """Add to feature maps what five convolutions make of them, each of which sees all that came before it."""
    found = [x]
    for number in range(4):
        seen = layers.Concatenate(name=f"{name}_concatenate{number}")(found) if number else x
        grown = _small(growth, f"{name}_conv{number}")(seen)
        found.append(layers.LeakyReLU(0.2, name=f"{name}_activation{number}")(grown))
    last = _small(x.shape[-1], f"{name}_conv4")(layers.Concatenate(name=f"{name}_concatenate4")(found))
    return layers.Add(name=name)([x, layers.Rescaling(_RESIDUAL_SCALE, name=f"{name}_scale")(last)])


def _small(filters: int, name: str) -> layers.Conv2D:
    """Return a convolution whose initial weights are a tenth of He et al.'s."""
    initial = keras.initializers.VarianceScaling(2.0 * 0.1**2, "fan_in", "untruncated_normal")
    return layers.Conv2D(filters, 3, padding="same", kernel_initializer=initial, name=name)
