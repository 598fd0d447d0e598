"""Exports of images: float32 in [0, 1], 8-bit pixels, PNG files, and what the discriminator thinks of them."""

import numpy as np
from keras import ops

from keras_gans.export.signatures.base import SIGNATURES, Signature, Signatures


@SIGNATURES.register("images")
class ImageSignatures(Signatures):
    """Signatures of image models.

    `serving_default` returns `images`, float32 in [0, 1]; `generate` uint8; `generate_png` strings `image_bytes` `(batch,)`,
    each a PNG file. `score` takes `images` in [0, 1].
    """

    output = "images"
    scores_samples = True

    def find_signatures(self):
        found = super().find_signatures()
        pictures = Signature(found["generate"].inputs, self._generate_png, self._expected_png)
        return {**found, "generate_png": pictures}

    def to_exported(self, samples):
        return samples * 0.5 + 0.5

    def from_exported(self, samples):
        return samples * 2.0 - 1.0

    def to_file(self, samples):
        # As `keras_gans.media.pictures.to_uint8` does it.
        return ops.cast(ops.clip(ops.round((samples + 1.0) * 127.5), 0, 255), "uint8")

    def before_rounding(self, samples):
        return np.clip((samples + 1.0) * 127.5, 0.0, 255.0)

    def _generate_png(self, given, network, server):
        import tensorflow as tf

        pixels = self.to_file(self.sample(given, network))
        return {"image_bytes": tf.map_fn(tf.io.encode_png, pixels, fn_output_signature=tf.string)}

    def _expected_png(self, given):
        return {"image_bytes": self.before_rounding(self.expected_samples("generate_png", given))}
