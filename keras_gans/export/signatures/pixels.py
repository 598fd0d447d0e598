"""What exports of images and of clips share: samples in [0, 1], 8-bit pixels, and PNG files."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor
from keras_gans.export.signatures.base import Signatures
from keras_gans.export.signatures.declared import declared_png, packet_of


class PixelSignatures(Signatures):
    """Base class of signatures of models whose samples are pixels, in [-1, 1] inside them."""

    scores_samples = True

    def to_exported(self, samples: Any) -> Any:
        return samples * 0.5 + 0.5

    def from_exported(self, samples: Any) -> Any:
        return samples * 2.0 - 1.0

    def to_file(self, samples: Tensor) -> Tensor:
        # As `keras_gans.media.pictures.to_uint8` does it.
        return ops.cast(ops.clip(ops.round((samples + 1.0) * 127.5), 0, 255), "uint8")

    def before_rounding(self, samples: Array) -> Array:
        return np.clip((samples + 1.0) * 127.5, 0.0, 255.0)

    def _png_files(self, pixels: Tensor) -> Tensor:
        """Return PNG files, which declare their origin, of uint8 images `(n, height, width, channels)`: strings `(n,)`."""
        import tensorflow as tf

        packet = packet_of(self.model)

        def encode(image: Tensor) -> Tensor:
            return declared_png(tf.io.encode_png(image), packet)

        return tf.map_fn(encode, pixels, fn_output_signature=tf.string)
