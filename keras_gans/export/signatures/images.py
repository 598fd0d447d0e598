"""Exports of images: float32 in [0, 1], 8-bit pixels, PNG files, and the discriminator's scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras import ops

from keras_gans.export.signatures import inputs as known
from keras_gans.export.signatures.apply_png import PicturesApplied, maps_pictures
from keras_gans.export.signatures.base import SIGNATURES, Arrays, Generate, Signature, Tensors
from keras_gans.export.signatures.edits import DIRECTIONS_FILE, WEIGHTS, weights
from keras_gans.export.signatures.pixels import PixelSignatures
from keras_gans.export.signatures.strength import find_strengths


@SIGNATURES.register("images")
class ImageSignatures(PixelSignatures):
    """Signatures of image models.

    `serving_default` returns `images`, float32 in [0, 1]; `generate` returns them as uint8. `generate_png` returns
    `image_bytes` `(batch,)`, PNG files. `score` takes `images` in [0, 1].

    Models that map images to images have `apply_png`, too: it takes `image_bytes`, PNG or JPEG files of any size, and
    `mask_bytes` if the model fills in masks, and returns PNG files. If the model keeps its generator from before adversarial
    training, `apply_png_with_strength` also takes a float32 `strength` `(batch,)`, from 0 (faithful) to 1 (crisp).

    If directions in latent space are given, there is `edit`: it takes `seeds`, the conditions, and float32 `weights` `(batch,
    count)`, how far to move along each direction, and returns PNG files. The directions are a file of the export,
    `directions.npz`.
    """

    output = "images"

    def find_signatures(self) -> dict[str, Signature]:
        found = {**super().find_signatures(), **self.seeded("generate_png", self._generate_png, self._expected_png)}
        if maps_pictures(self):
            applied = PicturesApplied(self)
            found["apply_png"] = Signature(applied.inputs(), applied.compute, applied.expected)
            strengths = find_strengths(self.model)
            if strengths is not None:
                mixed, variables = PicturesApplied(self, strengths), strengths.variables
                found["apply_png_with_strength"] = Signature(mixed.inputs(), mixed.compute, mixed.expected, variables=variables)
        if self.directions is not None:
            inputs = (known.seeds(), *self.conditions(as_file=True), weights(len(self.directions.vectors)))
            found["edit"] = Signature(inputs, self._generate_png, self._expected_png)
        return found

    def find_files(self, class_names: Sequence[str]) -> dict[str, bytes]:
        own = {} if self.directions is None else {DIRECTIONS_FILE: self.directions.to_bytes()}
        return own | super().find_files(class_names)

    def network_inputs(self, given: Mapping[str, Any], noise: Callable[[Any], Any]) -> dict[str, Any]:
        given = dict(given)
        moved = given.pop(WEIGHTS, None)
        inputs = super().network_inputs(given, noise)
        if moved is not None and self.directions is not None:
            inputs["latents"] = inputs["latents"] + ops.matmul(moved, self.directions.vectors)
        return inputs

    def _generate_png(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        return {"image_bytes": self._png_files(self.to_file(self.sample(given, generate)))}

    def _expected_png(self, given: Mapping[str, Any]) -> Arrays:
        return {"image_bytes": self.before_rounding(self.expected_samples(given))}
