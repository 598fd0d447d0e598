"""Declarations of origin in the files that exported models answer with, written in their graphs.

Every server of the SavedModel answers with files that declare their model, TensorFlow Serving, too. The seed is not among what
they declare: it is not known when the graph is made.
"""

from __future__ import annotations

import struct
from typing import Any

from keras_gans._typing import Tensor
from keras_gans.declaration import declare
from keras_gans.declaration.containers import png_chunk

_PNG_START, _WAV_HEAD = 33, 44  # bytes: up to the chunk after a PNG's first, and up to the values of a WAV file


def packet_of(model: Any) -> bytes:
    """Return the XMP packet of what a model makes: see `keras_gans.declaration.declare`. Works while a graph is made, too."""
    import tensorflow as tf

    with tf.init_scope():
        return declare(model).to_xmp()


def declared_png(content: Tensor, packet: bytes) -> Tensor:
    """Return a PNG file, a string scalar, with an XMP packet."""
    import tensorflow as tf

    rest = tf.strings.substr(content, _PNG_START, tf.strings.length(content) - _PNG_START)
    return tf.strings.join([tf.strings.substr(content, 0, _PNG_START), png_chunk(packet), rest])


def declared_wav(content: Tensor, packet: bytes, count: int) -> Tensor:
    """Return a WAV file of so many values of 16 bits in one channel, a string scalar, with an XMP packet."""
    import tensorflow as tf

    chunk = b"_PMX" + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) % 2)
    size = struct.pack("<I", _WAV_HEAD - 8 + 2 * count + len(chunk))
    return tf.strings.join([b"RIFF" + size, tf.strings.substr(content, 8, tf.strings.length(content) - 8), chunk])
