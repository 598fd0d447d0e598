"""The networks of `wavegan`.

Reference: Donahue et al. 2019, "Adversarial Audio Synthesis", section 3, appendix D (tables 3 and 4).
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import PhaseShuffle, UpsamplingConv1D

_STRIDE = 4
# Steps of the shortest feature map, at most.
_BASE = 16


def count_layers(length: int) -> int:
    """Return the number of times that a sound is shortened by 4 until at most 16 steps are left.

    Raises:
        ValueError: If it cannot be; the message names the nearest lengths that can.
    """
    length, count = check_count("length", length), 1
    while length > _BASE * _STRIDE**count:
        count += 1
    whole = _STRIDE**count
    if length % whole:
        nearest = sorted({max(1, length // whole) * whole, (length // whole + 1) * whole})
        raise ValueError(
            f"wavegan cannot make sounds of {length:,} samples: give a multiple of {whole}, such as "
            f"{' or '.join(f'{each:,}' for each in nearest)} (--length)."
        )
    return count


def build_generator(length: int, num_classes: int | None, latent_dim: int, width: int, kernel_size: int) -> keras.Model:
    """Latents `(batch, latent_dim)`, and labels if there are classes -> sounds `(batch, length, 1)` in [-1, 1]."""
    count, width = count_layers(length), check_count("width", width)
    latents, inputs = keras.Input((latent_dim,), name="latents"), []
    x = latents
    if num_classes is not None:
        labels = _labels()
        inputs.append(labels)
        x = layers.Concatenate()([x, layers.Embedding(num_classes, latent_dim)(labels)])
    channels = width << (count - 1)
    x = layers.Dense(length // _STRIDE**count * channels)(x)
    x = layers.ReLU()(layers.Reshape((-1, channels))(x))
    while channels > width:
        channels //= 2
        x = UpsamplingConv1D(channels, kernel_size, _STRIDE, "relu")(x)
    x = UpsamplingConv1D(1, kernel_size, _STRIDE)(x)
    return keras.Model([latents, *inputs], layers.Activation("tanh", dtype="float32", name="samples")(x), name="generator")


def build_critic(
    length: int, num_classes: int | None, width: int, kernel_size: int, shuffle: int, seed: int | None
) -> keras.Model:
    """Sounds `(batch, length, 1)`, and labels if there are classes -> scores `(batch, 1)`."""
    count = count_layers(length)
    samples = keras.Input((length, 1), name="samples")
    x: Tensor = samples
    for layer in range(count):
        x = layers.Conv1D(width << layer, kernel_size, _STRIDE, "same")(x)
        x = layers.LeakyReLU(0.2)(x)
        # Not after the last one: nothing that follows it sees phases.
        if shuffle and layer < count - 1:
            x = PhaseShuffle(shuffle, None if seed is None else seed + layer)(x)
    features = layers.Flatten(dtype="float32")(x)
    scores = layers.Dense(1, dtype="float32", name="scores")(features)
    if num_classes is None:
        return keras.Model(samples, scores, name="discriminator")
    labels = _labels()
    # A projection (Miyato and Koyama 2018, equation 3).
    embedding = layers.Embedding(num_classes, features.shape[-1], dtype="float32")(labels)
    projected = layers.Dot(1)([features, embedding])
    return keras.Model([samples, labels], layers.Add(name="projected")([scores, projected]), name="discriminator")


def _labels() -> Tensor:
    return keras.Input((), dtype="int32", name="labels")
