"""Differentiable augmentation: color, translation and cutout."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.augmentation.base import Augmentation, is_number, register, register_shorthand
from keras_gans.errors import no_such

# The transformations of DiffAugment. Each takes images, uniform numbers in [0, 1) of shape `(batch, numbers)`, and `on`, of
# shape `(batch, parts)`: 1 if a part of the transformation is applied to a sample, else 0.


def _color(images: Tensor, uniform: Tensor, on: Tensor) -> Tensor:
    """Change brightness, saturation and contrast, in this order.

    With x the image, g(x) its pixels' means over channels and m(x) the mean of the image, these are x + b;
    s x + (1 - s) g(x); c x + (1 - c) m(x). Composed, they are c s x + c (1 - s) g(x) + (1 - c) m(x) + b: a single pass.
    """
    brightness = on[:, 0] * (uniform[:, 0] - 0.5)
    saturation = 1.0 + on[:, 1] * (2.0 * uniform[:, 1] - 1.0)
    contrast = 1.0 + on[:, 2] * (uniform[:, 2] - 0.5)
    brightness, saturation, contrast = (x[:, None, None, None] for x in (brightness, saturation, contrast))
    if images.shape[-1] == 1:  # a single channel is its own mean
        return contrast * images + ((1.0 - contrast) * ops.mean(images, axis=(1, 2, 3), keepdims=True) + brightness)
    grey = ops.mean(images, axis=-1, keepdims=True)
    rest = contrast * (1.0 - saturation) * grey + (
        (1.0 - contrast) * ops.mean(grey, axis=(1, 2, 3), keepdims=True) + brightness
    )
    return contrast * saturation * images + rest


def _translation(images: Tensor, uniform: Tensor, on: Tensor) -> Tensor:
    """Shift images by whole pixels, up to an eighth of each side in either direction, and fill the rest with 0 (gray).

    Each axis is multiplied by a matrix of ones and zeros, whose gradient is one more multiplication. On a CPU that is faster
    than gathering pixels, whose gradient scatters. On hardware that multiplies in lower precision (TF32), pixels are rounded.
    """
    height, width, channels = images.shape[1:]
    batch = ops.shape(images)[0]
    rows, columns = (_shift_matrices(size, uniform[:, axis], on[:, 0]) for axis, size in enumerate((height, width)))
    images = ops.matmul(rows, ops.reshape(images, (batch, height, width * channels)))
    if channels == 1:
        return ops.reshape(ops.matmul(images, ops.transpose(columns, (0, 2, 1))), (batch, height, width, 1))
    images = ops.transpose(ops.reshape(images, (batch, height, width, channels)), (0, 2, 1, 3))
    images = ops.matmul(columns, ops.reshape(images, (batch, width, height * channels)))
    return ops.transpose(ops.reshape(images, (batch, width, height, channels)), (0, 2, 1, 3))


def _shift_matrices(size: int, uniform: Tensor, on: Tensor) -> Tensor:
    """Return a matrix for each sample, shape `(batch, size, size)`, that shifts an axis by a random number of pixels."""
    most = size // 8
    shift = on * (ops.floor(uniform * (2 * most + 1)) - most)
    places = np.arange(size, dtype="float32")
    return ops.cast(ops.equal(places[:, None] - places, shift[:, None, None]), "float32")


def _cutout(images: Tensor, uniform: Tensor, on: Tensor) -> Tensor:
    """Set a rectangle of half the image's sides to 0. Its center is anywhere, so that part of it may lie outside."""
    rows, columns = (_in_cutout(size, uniform[:, axis]) for axis, size in enumerate(images.shape[1:3]))
    kept = 1.0 - (on * rows)[:, :, None] * columns[:, None, :]
    return images * kept[..., None]


def _to_clips(transform: Callable[[Tensor, Tensor, Tensor], Tensor], clips: Tensor, uniform: Tensor, on: Tensor) -> Tensor:
    """Apply a transformation of images to clips `(batch, frames, height, width, channels)`, the same to all frames of one."""
    _, frames, height, width, channels = clips.shape
    if transform is _color:
        # One below the other, the frames are one image with one mean.
        return ops.reshape(_color(ops.reshape(clips, (-1, frames * height, width, channels)), uniform, on), ops.shape(clips))
    merged = ops.reshape(clips, (-1, height, width, channels))
    repeated = (ops.repeat(each, frames, axis=0) for each in (uniform, on))
    return ops.reshape(transform(merged, *repeated), ops.shape(clips))


def _in_cutout(size: int, uniform: Tensor) -> Tensor:
    """Return 1 within a random interval of half an axis and 0 elsewhere, shape `(batch, size)`."""
    length = size // 2
    start = ops.floor(uniform * (size + 1 - length % 2)) - length // 2
    places = np.arange(size, dtype="float32") - start[:, None]
    return ops.cast(ops.logical_and(places >= 0, places < length), "float32")


# Name -> function, random numbers it needs per sample, and its parts.
_TRANSFORMATIONS: dict[str, tuple[Callable[[Tensor, Tensor, Tensor], Tensor], int, int]] = {
    "color": (_color, 3, 3),
    "translation": (_translation, 2, 1),
    "cutout": (_cutout, 2, 1),
}


@register("diff_augment")
class DiffAugment(Augmentation):
    """Color, translation and cutout, drawn independently for each image, and once for all frames of a clip.

    `"color"` adds a number in [-0.5, 0.5) to the brightness, multiplies the saturation by a number in [0, 2) (which does not
    change an image of one channel) and the contrast by a number in [0.5, 1.5). `"translation"` shifts the image by up to an
    eighth of each side and fills with 0, which is gray in [-1, 1], as in the paper. `"cutout"` sets a rectangle of half of each
    side to 0.

    Args:
        policy: The transformations in the order in which they are applied: a list, or names separated by commas.
        probability: Probability in [0, 1] of each transformation, for each image; brightness, saturation and contrast count
            separately.

    Raises:
        ValueError: If the policy is empty, names something twice or something unknown, or if the probability is not in [0, 1].

    Reference: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", section 3; the magnitudes are
    those of the authors' implementation.
    """

    def __init__(
        self,
        policy: Sequence[str] | str = ("color", "translation", "cutout"),
        probability: float = 1.0,
        name: str | None = None,
    ):
        super().__init__(name=name)
        policy = [part.strip() for part in policy.split(",")] if isinstance(policy, str) else list(policy)
        for part in policy:
            if part not in _TRANSFORMATIONS:
                raise ValueError(no_such("transformation", str(part), sorted(_TRANSFORMATIONS)))
        if not policy or len(set(policy)) < len(policy):
            raise ValueError(
                f"policy must name at least one of {', '.join(sorted(_TRANSFORMATIONS))}, each at most once; received {policy}."
            )
        if not (is_number(probability) and 0.0 <= probability <= 1.0):
            raise ValueError(f"probability must be a number in [0, 1]; received {probability!r}.")
        self.policy = policy
        self.probability = float(probability)

    def augment(self, images: Tensor, noise: Any, step: Tensor, probability: Tensor | None = None) -> Tensor:
        """Return changed images: see `Augmentation`.

        Args:
            images: float32, shape `(batch, height, width, channels)`, of known height, width and channels; or clips of shape
                `(batch, frames, height, width, channels)`.
            noise: A `Noise`.
            step: Not used.
            probability: A scalar tensor that replaces the augmentation's own probability.

        Raises:
            ValueError: If the samples are neither images nor clips.
        """
        if len(images.shape) not in (4, 5):
            raise ValueError(
                "DiffAugment takes images of shape (batch, height, width, channels), or clips of these; received samples of "
                f"shape {tuple(images.shape)}. Use another augmentation, such as 'instance_noise', or none."
            )
        probability = self.probability if probability is None else probability
        transformations = [_TRANSFORMATIONS[part] for part in self.policy]
        needed = sum(magnitudes + parts for _, magnitudes, parts in transformations)
        uniform = noise.uniform((ops.shape(images)[0], needed))  # in one draw, which costs more than its numbers
        on = ops.cast(uniform < probability, "float32")
        start = 0
        for transform, magnitudes, parts in transformations:
            middle, end = start + magnitudes, start + magnitudes + parts
            apply = transform if len(images.shape) == 4 else functools.partial(_to_clips, transform)
            images = apply(images, uniform[:, start:middle], on[:, middle:end])
            start = end
        return images

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "policy": list(self.policy), "probability": self.probability}


for _name in _TRANSFORMATIONS:
    register_shorthand(_name, functools.partial(DiffAugment, [_name]))
