"""The networks of `cut`: the generator of `cyclegan` in two parts. The discriminator is that of `cyclegan`.

Reference: Park et al. 2020, "Contrastive Learning for Unpaired Image-to-Image Translation", section 3, and the authors' code
(from which layers features are taken).
"""

import keras

from keras_gans.errors import check_count
from keras_gans.layers import ReflectionPadding2D

from ..cyclegan.networks import decode, encode, residual_block


def build_generator(channels: int, width: int, blocks: int) -> tuple[keras.Model, keras.Model]:
    """Return an encoder, images -> a list of features, and a decoder, the last features -> images of the same size.

    Features are those of pixels, of both convolutions that halve, and of the first and the middle residual block.

    Raises:
        ValueError: If a number is out of range.
    """
    width, blocks = check_count("width", width, 1), check_count("blocks", blocks, 1)
    images = keras.Input((None, None, channels), name="images")
    padded = ReflectionPadding2D(3)(images)
    half, quarter, x = encode(padded, width)
    features, middle = [padded, half, quarter], (blocks + 1) // 2
    for number in range(1, middle + 1):
        x = residual_block(x)
        if number in (1, middle):
            features.append(x)
    encoded = keras.Input((None, None, x.shape[-1]), name="features")
    y = encoded
    for _ in range(middle, blocks):
        y = residual_block(y)
    return keras.Model(images, features, name="encoder"), keras.Model(encoded, decode(y, channels, width), name="decoder")
