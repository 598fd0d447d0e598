"""Projection: the latents from which a generator makes a given image, or the nearest that it can make."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor
from keras_gans.backend import compiled, input_gradient
from keras_gans.editing.directions import latent_dim
from keras_gans.errors import check_count, check_weight
from keras_gans.losses.perceptual import PerceptualDistance
from keras_gans.media.pictures import to_uint8

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# Adam's constants, and the share of steps after which the learning rate falls to 0 on a cosine.
_BETA_1, _BETA_2, _EPSILON, _CONSTANT = 0.9, 0.99, 1e-8, 0.5
# Starting points, of several images, that are computed together.
_ROWS = 32


@dataclasses.dataclass(frozen=True)
class Projection:
    """What `project` has found.

    Attributes:
        latents: float32 `(n, latent_dim)`.
        images: What the generator makes of them: float32 `(n, height, width, channels)` in [-1, 1].
        psnr: PSNR of each image with its target, in decibels, after rounding to 8 bits: float64 `(n,)`.
    """

    latents: Array
    images: Array
    psnr: Array


def project(
    model: AdversarialModel,
    images: Any,
    *,
    labels: Any = None,
    steps: int = 500,
    starts: int = 8,
    learning_rate: float = 0.1,
    perceptual_weight: float = 0.0,
    prior_weight: float = 0.0,
    seed: int = 0,
) -> Projection:
    """Find latents whose samples are as near as possible to given images, by gradient descent from several starting points.

    Args:
        model: A model of images whose latents are vectors.
        images: uint8, or floats in [-1, 1], of shape `(n, height, width, channels)`, as the model makes them; or one image.
        labels: The class of each image, for a model that is told classes.
        steps: Number of steps of Adam.
        starts: Number of starting points of each image. The best result is kept.
        learning_rate: Adam's learning rate, constant for half of the steps, then falling to 0.
        perceptual_weight: Weight of `keras_gans.losses.PerceptualDistance` beside the mean squared difference of pixels. It
            helps with photographs, of 48 pixels and more.
        prior_weight: Weight of the mean square of the latents. Some of it keeps them where samples look natural.
        seed: Seed of the starting points.

    Raises:
        ValueError: If the images do not have the model's shape, labels are missing, or a number is out of range.

    Reference: Abdal et al. 2019, "Image2StyleGAN", section 4 (gradient descent on latents, pixels and perceptual distance).

    Example:

        found = keras_gans.editing.project(model, photographs)
        moved = model.generate_from(found.latents + 3.0 * directions.vectors[0])
    """
    dimension, shape = latent_dim(model), model.sample_shape
    steps, starts = check_count("steps", steps), check_count("starts", starts)
    weight, prior = check_weight("perceptual_weight", perceptual_weight), check_weight("prior_weight", prior_weight)
    targets = np.asarray(images)
    targets = targets[None] if targets.ndim == 3 else targets
    if targets.ndim != 4 or targets.shape[1:] != tuple(shape):
        raise ValueError(f"This model makes images of shape {tuple(shape)}; received {np.shape(images)}.")
    model.medium.check(targets)
    targets = np.asarray(model.medium.to_float(targets), "float32")
    given = {} if labels is None else {"labels": labels}
    conditions = {
        name: values for name, values in model.inputs_for(len(targets), conditions=given).items() if name != "latents"
    }
    network = model.sampling_network()
    perceptual = PerceptualDistance(reduction="none") if weight else None

    def losses(latents: Tensor, wanted: Tensor, values: list[Tensor]) -> Tensor:
        inputs = model.arrange_inputs({"latents": latents, **dict(zip(conditions, values, strict=True))})
        made = network(inputs, training=False)
        loss = ops.mean(ops.square(made - wanted), axis=(1, 2, 3)) + prior * ops.mean(ops.square(latents), axis=1)
        return loss if perceptual is None else loss + weight * perceptual(wanted, made)

    @compiled
    def derive(latents: Tensor, wanted: Tensor, *values: Tensor) -> Tensor:
        return input_gradient(lambda each: losses(each, wanted, list(values)), latents)

    measure = compiled(lambda latents, wanted, *values: losses(latents, wanted, list(values)))
    found = []
    together = max(1, _ROWS // starts)
    for first in range(0, len(targets), together):
        numbers = range(first, min(first + together, len(targets)))
        wanted, *values = (each[numbers].repeat(starts, axis=0) for each in (targets, *conditions.values()))
        points = np.concatenate([model.latents(starts, seed + number) for number in numbers])
        points = _descend(points, lambda each: derive(each, wanted, *values), steps, learning_rate)  # noqa: B023
        loss = ops.convert_to_numpy(measure(points, wanted, *values)).reshape(-1, starts)
        found.append(points.reshape(-1, starts, dimension)[np.arange(len(loss)), loss.argmin(axis=1)])
    latents = np.concatenate(found)
    made = model.generate_from(latents, conditions)
    return Projection(latents, made, _psnr(made, targets))


def _descend(points: Array, derive: Callable[[Array], Tensor], steps: int, learning_rate: float) -> Array:
    """Return latents after all steps of Adam, which is computed here because Keras' own takes longer than the gradient."""
    mean, square = np.zeros_like(points), np.zeros_like(points)
    for step in range(steps):
        gradient = np.asarray(ops.convert_to_numpy(derive(points)))
        mean += (1 - _BETA_1) * (gradient - mean)
        square += (1 - _BETA_2) * (gradient**2 - square)
        unbiased = mean / (1 - _BETA_1 ** (step + 1)), square / (1 - _BETA_2 ** (step + 1))
        points = points - np.float32(learning_rate * _schedule(step / steps)) * unbiased[0] / (np.sqrt(unbiased[1]) + _EPSILON)
    return points


def _schedule(progress: float) -> float:
    """Return the share of the learning rate at a share of all steps."""
    if progress < _CONSTANT:
        return 1.0
    return 0.5 + 0.5 * float(np.cos(np.pi * (progress - _CONSTANT) / (1 - _CONSTANT)))


def _psnr(made: Array, targets: Array) -> Array:
    from keras_gans.metrics import psnr

    return psnr(to_uint8(made), to_uint8(targets))
