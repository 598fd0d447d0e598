"""Exports of clips: float32 in [0, 1], 8-bit pixels, PNG files of frames, and the frame rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from keras import ops

from keras_gans.export.signatures.base import SIGNATURES, Arrays, Generate, Signature, Tensors
from keras_gans.export.signatures.pixels import PixelSignatures
from keras_gans.files import as_json
from keras_gans.media import Video

VIDEO_FILE = "video.json"


@SIGNATURES.register("video")
class VideoSignatures(PixelSignatures):
    """Signatures of models of clips.

    `serving_default` returns `video` `(batch, frames, height, width, channels)`, float32 in [0, 1]; `generate` returns it as
    uint8. `generate_png` returns `frame_bytes` `(batch, frames)`, PNG files. The file `video.json` holds the frames per second.
    """

    output = "video"

    def find_files(self, class_names: Sequence[str]) -> dict[str, bytes]:
        fps = cast(Video, self.model.medium).fps
        return {**super().find_files(class_names), VIDEO_FILE: as_json({"fps": fps})}

    def find_signatures(self) -> dict[str, Signature]:
        return {**super().find_signatures(), **self.seeded("generate_png", self._generate_png, self._expected_png)}

    def _generate_png(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        pixels = self.to_file(self.sample(given, generate))
        frames, size = pixels.shape[1], pixels.shape[2:]
        return {"frame_bytes": ops.reshape(self._png_files(ops.reshape(pixels, (-1, *size))), (-1, frames))}

    def _expected_png(self, given: Mapping[str, Any]) -> Arrays:
        return {"frame_bytes": self.before_rounding(self.expected_samples(given))}
