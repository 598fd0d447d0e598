"""The two networks of `dcgan`.

Reference: Radford et al. 2016, section 3 (architecture guidelines), section 4 (initialisation), figure 1.
"""

import keras
from keras import layers

from keras_gans.layers import BatchNormalization

# The side of the smallest feature map, as in figure 1, or for MNIST's 28 pixels.
_BASES = (4, 7)
_MOST_HALVINGS = 9


def build_generator(image_shape, latent_dim, width, kernel_size):
    """Latents `(batch, latent_dim)` -> images `(batch, *image_shape)` in [-1, 1]."""
    latents = keras.Input((latent_dim,), name="latents")
    return keras.Model(latents, paint(latents, image_shape, width, kernel_size), name="generator")


def build_discriminator(image_shape, width, kernel_size):
    """Images `(batch, *image_shape)` -> logits `(batch, 1)`."""
    images = keras.Input(image_shape, name="images")
    features = look(images, image_shape, width, kernel_size)
    return keras.Model(images, score(layers.Flatten()(features)), name="discriminator")


def paint(x, image_shape, width, kernel_size, normalize=None):
    """The generator's layers, from a vector to images.

    Args:
        x: Vectors `(batch, n)`.
        image_shape: Of the images.
        width: Channels beside the image.
        kernel_size: Side of the kernels.
        normalize: Normalises a feature map; batch normalisation if None.
    """
    normalize = normalize or (lambda features: batch_norm()(features))
    halvings = count_halvings(image_shape)
    height, base_width = image_shape[0] >> halvings, image_shape[1] >> halvings
    channels = width << (halvings - 1)
    x = layers.Dense(height * base_width * channels, use_bias=False, kernel_initializer=normal())(x)
    x = layers.Reshape((height, base_width, channels))(x)
    x = layers.ReLU()(normalize(x))
    while channels > width:
        channels //= 2
        x = layers.Conv2DTranspose(channels, use_bias=False, **_convolution(kernel_size))(x)
        x = layers.ReLU()(normalize(x))
    # No BatchNorm on the output (section 3).
    x = layers.Conv2DTranspose(image_shape[-1], **_convolution(kernel_size))(x)
    return layers.Activation("tanh", dtype="float32", name="images")(x)


def look(x, image_shape, width, kernel_size):
    """The discriminator's layers, from images (or images with further channels) to their last feature maps."""
    # No BatchNorm on the input layer (section 3).
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width, **_convolution(kernel_size))(x))
    for halving in range(1, count_halvings(image_shape)):
        x = layers.Conv2D(width << halving, use_bias=False, **_convolution(kernel_size))(x)
        x = layers.LeakyReLU(0.2)(batch_norm()(x))
    return x


def score(x, outputs=1, name="logits"):
    """The discriminator's last layer."""
    return layers.Dense(outputs, kernel_initializer=normal(), dtype="float32", name=name)(x)


def count_halvings(image_shape):
    """Returns how often both sides can be halved until the shorter one is 4 or 7.

    Raises:
        ValueError: If they cannot, with the nearest size that can.
    """
    if len(image_shape) != 3 or image_shape[-1] not in (1, 3):
        raise ValueError(f"dcgan makes images of a height, a width and 1 or 3 channels; received {tuple(image_shape)}.")
    height, width, _ = image_shape
    shorter, longer = sorted((height, width))
    # For each smallest feature map and number of halvings, the nearest sides that they make.
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


def _convolution(kernel_size):
    return {"kernel_size": kernel_size, "strides": 2, "padding": "same", "kernel_initializer": normal()}


def normal(mean=0.0):
    """How weights begin."""
    # All weights from N(0, 0.02) (section 4); BatchNorm's gains from N(1, 0.02), as in the authors' code.
    return keras.initializers.RandomNormal(mean, 0.02)


def batch_norm():
    """Batch normalisation as DCGAN has it."""
    # Keras' default momentum of 0.99 needs hundreds of steps before sampling, which uses the running statistics, looks like
    # training; 0.9 and this epsilon are the authors' framework's.
    return BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=normal(1.0))
