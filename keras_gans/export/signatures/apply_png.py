"""`apply_png`: from picture files to picture files, for models that map images to images."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from keras_gans._typing import Array, Tensor
from keras_gans.applying.receptive_field import ReceptiveField, field_of, receptive_field
from keras_gans.conditions import IMAGES, MASKS, Images
from keras_gans.export.signatures.declared import declared_png, packet_of
from keras_gans.export.signatures.inputs import Input
from keras_gans.export.signatures.picture_codec import decode, encode
from keras_gans.export.signatures.picture_tiles import apply_to_picture, most_pixels, resize
from keras_gans.export.signatures.strength import STRENGTH, Strengths, strength
from keras_gans.export.signatures.transparency import bleed

if TYPE_CHECKING:
    from keras_gans.export.signatures.base import Arrays, Generate, Signatures, Tensors

IMAGE_BYTES, MASK_BYTES = "image_bytes", "mask_bytes"
_FILES = {IMAGES: IMAGE_BYTES, MASKS: MASK_BYTES}
# Channels that a network takes, and makes.
_CHANNELS = {(1, 1), (1, 3), (3, 1), (3, 3), (4, 4)}
# Weights of red, green and blue in grey (ITU-R BT.601).
_LUMA = [[0.299], [0.587], [0.114]]


def maps_pictures(signatures: Signatures) -> bool:
    """Whether a model maps pictures to pictures: whether its network takes `images` and no latents."""
    told, shape = signatures.model.conditions.get(IMAGES), signatures.model.sample_shape
    if not isinstance(told, Images) or signatures.latents() or not getattr(signatures.network, "inputs", None):
        return False
    if len(shape) != 3 or (told.shape[-1], shape[-1]) not in _CHANNELS:
        return False
    return field_of(signatures.network) is not None


class PicturesApplied:
    """What `apply_png` does with each row, as `keras_gans.apply_file` does it with a file.

    Rows may differ in size. Opacity is enlarged by Lanczos' filter, and colours are continued under transparent pixels. Grey
    pictures stay grey in models that enlarge or fill in, and models of grey images enlarge red, green and blue one by one. In
    models that fill in, pixels outside of the mask are those of the picture, in every bit.

    Args:
        signatures: The signatures of a model for which `maps_pictures` holds.
        strengths: The model at every strength, for a signature with the input `strength`; None for the model as it is.
    """

    def __init__(self, signatures: Signatures, strengths: Strengths | None = None):
        self._signatures, self._strengths = signatures, strengths
        self._field: ReceptiveField = receptive_field(signatures.network)
        self._told = signatures.model.conditions
        self._taken, self._made = self._told[IMAGES].spec()[0][-1], signatures.model.sample_shape[-1]
        self._fills = MASKS in self._told
        self._by_planes = (self._taken, self._made) == (1, 1) and self._field.scale > 1
        self._keeps_grey = self._made == 3 and (self._field.scale > 1 or self._fills)
        self._most_pixels = most_pixels(self._field)
        self._as_file = {each.name: each for each in signatures.conditions(as_file=True)}

    def inputs(self) -> list[Input]:
        """Return the inputs: `image_bytes`, `mask_bytes` if there are masks, further conditions by name, and `strength`."""

        def files(name: str, n: int) -> Array:
            return np.array([_png(each) for each in self._as_file[name].examples(n)])

        told = [
            Input(_FILES[name], (), "string", functools.partial(files, name)) if name in _FILES else each
            for name, each in self._as_file.items()
        ]
        return told if self._strengths is None else [*told, strength()]

    def compute(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        """Return `image_bytes`: a PNG file for each row."""
        import tensorflow as tf

        mixed = None if self._strengths is None else self._strengths.traced()

        def apply(row: Tensors) -> Tensor:
            if mixed is None:
                return self._apply(row, generate)
            return self._apply(row, functools.partial(mixed, row.pop(STRENGTH)))

        made = tf.map_fn(apply, dict(given), fn_output_signature=tf.string, parallel_iterations=1)
        return {IMAGE_BYTES: made}

    def expected(self, given: Mapping[str, Any]) -> Arrays:
        """Return what Keras' network makes of the examples, before rounding."""
        pixels = {
            name: self._as_file[name].to_network(np.stack([_pixels(each) for each in given[file]]))
            for name, file in _FILES.items()
            if file in given
        }
        others = {name: value for name, value in given.items() if name not in _FILES.values()}
        run: Generate = self._signatures.run
        if self._strengths is not None:
            run = functools.partial(self._strengths.expected, others.pop(STRENGTH))
        return {IMAGE_BYTES: self._signatures.before_rounding(run({**pixels, **others}))}

    def _apply(self, row: Tensors, generate: Generate) -> Tensor:
        """Return the output for one row, as a PNG file."""
        import tensorflow as tf

        pixels = decode(row[IMAGE_BYTES], IMAGE_BYTES, self._most_pixels)
        colours, alpha = pixels[..., :3], pixels[..., 3:]
        is_grey = tf.reduce_all(colours == colours[..., :1])
        image, mask = self._arranged(bleed(colours, alpha), alpha, is_grey), None
        if self._fills:
            mask = self._mask(row, tf.shape(pixels))
            image = tf.concat([image, mask], -1)
        others = {name: value for name, value in row.items() if name not in _FILES.values()}
        channels = tf.shape(image)[-1] if self._by_planes else self._made
        made = apply_to_picture(functools.partial(self._run, others, generate), image, self._field, channels)
        if self._made == 4:
            made, alpha = made[..., :3], made[..., 3:]
        elif self._field.scale != 1:
            sides = tf.shape(made)[:2]
            opaque = lambda: tf.fill(tf.concat([sides, [1]], 0), tf.constant(255, tf.uint8))  # noqa: E731
            alpha = tf.cond(tf.reduce_all(alpha == 255), opaque, lambda: resize(alpha, sides))
        if self._keeps_grey:
            made = tf.cond(is_grey, lambda: _to_grey(made), lambda: made)
        made = tf.broadcast_to(made, tf.concat([tf.shape(made)[:2], [3]], 0))
        if mask is not None:
            inside = mask >= 128
            made, alpha = tf.where(inside, made, colours), tf.where(inside, alpha, pixels[..., 3:])
        if not (self._by_planes or self._keeps_grey or self._fills):
            is_grey = tf.constant(self._made == 1)
        return declared_png(encode(made, alpha, is_grey), packet_of(self._signatures.model))

    def _arranged(self, colours: Tensor, alpha: Tensor, is_grey: Tensor) -> Tensor:
        """Return a picture with the channels that the network takes, or with those that it takes one by one."""
        import tensorflow as tf

        if self._by_planes:
            return tf.cond(is_grey, lambda: colours[..., :1], lambda: colours)
        if self._taken == 1:
            return _to_grey(colours)
        return tf.concat([colours, alpha], -1) if self._taken == 4 else colours

    def _mask(self, row: Tensors, shape: Tensor) -> Tensor:
        """Return the mask of a row, uint8 `(height, width, 1)`, white where the picture is painted anew."""
        import tensorflow as tf

        mask = decode(row[MASK_BYTES], MASK_BYTES, self._most_pixels)
        fits = tf.reduce_all(tf.shape(mask)[:2] == shape[:2])
        same = tf.debugging.Assert(fits, [f"{MASK_BYTES} must be of the same size as {IMAGE_BYTES}."])
        with tf.control_dependencies([same]):
            return _to_grey(mask[..., :3])

    def _run(self, others: Tensors, generate: Generate, tile: Tensor) -> Tensor:
        """Return the output of the network for a tile, as uint8."""
        import tensorflow as tf

        given = {IMAGES: tile}
        if self._fills:
            given = {IMAGES: tile[..., :-1], MASKS: tile[..., -1:]}
        if self._by_planes:
            given[IMAGES] = tf.transpose(tile, (3, 1, 2, 0))
        given = {name: self._as_file[name].to_network(value) for name, value in given.items()}
        count = tf.shape(given[IMAGES])[0]
        given |= {name: tf.repeat(value[None], count, axis=0) for name, value in others.items()}
        for name, value in given.items():
            value.set_shape((None, *self._as_file[name].shape))
        made = self._signatures.to_file(generate(given))
        return tf.transpose(made, (3, 1, 2, 0)) if self._by_planes else made


def _to_grey(colours: Tensor) -> Tensor:
    """Return one channel for uint8 `(height, width, 3)`."""
    import tensorflow as tf

    return tf.cast(tf.round(tf.cast(colours, tf.float32) @ tf.constant(_LUMA)), tf.uint8)


def _png(pixels: Array) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return file.getvalue()


def _pixels(content: bytes) -> Array:
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    return pixels[..., None] if pixels.ndim == 2 else pixels
