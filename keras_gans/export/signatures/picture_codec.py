"""PNG and JPEG files in graphs: read with their size checked first, and written with the channels that they need."""

from __future__ import annotations

from keras_gans._typing import Tensor

# The first bytes of a PNG file, of which eight later ones are its width and height, and of a JPEG file.
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_SIZE_AT, _SIZE_BYTES = 16, 8


def decode(content: Tensor, name: str, most_pixels: int) -> Tensor:
    """Return the pixels of a PNG or JPEG file, uint8 `(height, width, 4)`: red, green, blue and opacity.

    The size is read from the head of the file, so that a small file of a huge picture does not fill the memory. Grey becomes
    equal red, green and blue; of 16 bits, the upper 8 are kept. The orientation in EXIF data is not applied.

    Args:
        content: A string scalar.
        name: The name of the input, for errors.
        most_pixels: The most pixels that a picture may have.
    """
    import tensorflow as tf

    is_png = _begins(content, _PNG, _SIZE_AT + _SIZE_BYTES)
    is_known = tf.debugging.Assert(is_png | _begins(content, _JPEG), [f"{name} must be PNG or JPEG files."])
    with tf.control_dependencies([is_known]):
        height, width = tf.cond(is_png, lambda: _png_size(content), lambda: _jpeg_size(content))
    fits = (height > 0) & (width > 0) & (height * width <= most_pixels)
    is_small = tf.debugging.Assert(fits, [f"{name} must be pictures of at most {most_pixels:,} pixels."])
    with tf.control_dependencies([is_small]):
        pixels = tf.cond(is_png, lambda: tf.io.decode_png(content), lambda: _decode_jpeg(content))
    # Asked for four channels, TensorFlow would make palettes of fewer than 8 bits almost transparent.
    sides, channels = tf.shape(pixels)[:2], tf.shape(pixels)[2]
    colours, alpha = pixels[..., : channels - 1 + channels % 2], pixels[..., channels - 1 + channels % 2 :]
    alpha = tf.cond(channels % 2 == 0, lambda: alpha, lambda: tf.fill([*tf.unstack(sides), 1], tf.constant(255, tf.uint8)))
    colours = tf.broadcast_to(colours, [*tf.unstack(sides), 3])
    return tf.ensure_shape(tf.concat([colours, alpha], -1), (None, None, 4))


def encode(colours: Tensor, alpha: Tensor | None, is_grey: Tensor) -> Tensor:
    """Return pixels as a PNG file.

    Args:
        colours: uint8 `(height, width, 3)`.
        alpha: Opacity, uint8 `(height, width, 1)`. It is left out if all pixels are opaque.
        is_grey: bool scalar, whether to write one channel of colour.
    """
    import tensorflow as tf

    channels = tf.cond(is_grey, lambda: tf.constant([0]), lambda: tf.constant([0, 1, 2]))
    if alpha is not None:
        more = tf.cond(tf.reduce_all(alpha == 255), lambda: tf.zeros([0], tf.int32), lambda: tf.constant([3]))
        channels, colours = tf.concat([channels, more], 0), tf.concat([colours, alpha], -1)
    return tf.io.encode_png(tf.gather(colours, channels, axis=-1))


def _begins(content: Tensor, start: bytes, least: int = 0) -> Tensor:
    """Whether a string begins with some bytes, and has a least length."""
    import tensorflow as tf

    least = max(least, len(start))
    is_long = tf.strings.length(content) >= least
    padded = tf.strings.join([content, b"\0" * least])
    return is_long & (tf.strings.substr(padded, 0, len(start)) == start)


def _png_size(content: Tensor) -> tuple[Tensor, Tensor]:
    import tensorflow as tf

    sides = tf.io.decode_raw(tf.strings.substr(content, _SIZE_AT, _SIZE_BYTES), tf.int32, little_endian=False)
    return tf.cast(sides[1], tf.int64), tf.cast(sides[0], tf.int64)


def _jpeg_size(content: Tensor) -> tuple[Tensor, Tensor]:
    import tensorflow as tf

    shape = tf.image.extract_jpeg_shape(content, tf.int32)
    return tf.cast(shape[0], tf.int64), tf.cast(shape[1], tf.int64)


def _decode_jpeg(content: Tensor) -> Tensor:
    import tensorflow as tf

    return tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE")
