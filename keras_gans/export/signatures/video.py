"""Exports of clips: float32 in [0, 1], 8-bit pixels, PNG files of frames, and the frame rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor
from keras_gans.export.signatures.base import SIGNATURES, Arrays, Generate, Signature, Signatures, Tensors
from keras_gans.export.signatures.declared import declared_png, packet_of
from keras_gans.files import as_json
from keras_gans.media import Video

VIDEO_FILE = "video.json"


@SIGNATURES.register("video")
class VideoSignatures(Signatures):
    """Signatures of models of clips.

    `serving_default` returns `video` `(batch, frames, height, width, channels)`, float32 in [0, 1]; `generate` returns it as
    uint8. `generate_png` returns `frame_bytes` `(batch, frames)`, PNG files. The file `video.json` holds the frames per second.
    """

    output = "video"
    scores_samples = True

    def find_files(self, class_names: Sequence[str]) -> dict[str, bytes]:
        fps = cast(Video, self.model.medium).fps
        return {**super().find_files(class_names), VIDEO_FILE: as_json({"fps": fps})}

    def find_signatures(self) -> dict[str, Signature]:
        return {**super().find_signatures(), **self.seeded("generate_png", self._generate_png, self._expected_png)}

    def to_exported(self, samples: Any) -> Any:
        return samples * 0.5 + 0.5

    def from_exported(self, samples: Any) -> Any:
        return samples * 2.0 - 1.0

    def to_file(self, samples: Tensor) -> Tensor:
        # As `keras_gans.media.pictures.to_uint8` does it.
        return ops.cast(ops.clip(ops.round((samples + 1.0) * 127.5), 0, 255), "uint8")

    def before_rounding(self, samples: Array) -> Array:
        return np.clip((samples + 1.0) * 127.5, 0.0, 255.0)

    def _generate_png(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        import tensorflow as tf

        pixels, packet = self.to_file(self.sample(given, generate)), packet_of(self.model)

        def encode(image: Tensor) -> Tensor:
            return declared_png(tf.io.encode_png(image), packet)

        frames, size = pixels.shape[1], pixels.shape[2:]
        files = tf.map_fn(encode, tf.reshape(pixels, (-1, *size)), fn_output_signature=tf.string)
        return {"frame_bytes": tf.reshape(files, (-1, frames))}

    def _expected_png(self, given: Mapping[str, Any]) -> Arrays:
        return {"frame_bytes": self.before_rounding(self.expected_samples(given))}
