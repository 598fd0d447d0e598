"""Losses between two batches of images: of pixels, and of frequencies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import no_such


@keras.saving.register_keras_serializable(package="keras_gans")
class Charbonnier(keras.losses.Loss):
    """The mean of `sqrt((y_true - y_pred)^2 + epsilon^2)`: the absolute difference, smooth at 0.

    Args:
        epsilon: Differences far below it count little. Default 0.001.
        reduction: As in Keras.
        name: Name of the loss.
        **kwargs: `dtype`, which has no effect: it computes in float32.

    Reference: Lai et al. 2017, "Deep Laplacian Pyramid Networks for Fast and Accurate Super-Resolution", section 3.2.
    """

    def __init__(
        self, epsilon: float = 1e-3, reduction: str = "sum_over_batch_size", name: str = "charbonnier", **kwargs: Any
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if not epsilon > 0:
            raise ValueError(f"epsilon must be above 0; received {epsilon!r}.")
        self.epsilon = float(epsilon)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the mean of each image, float32 of shape `(batch,)`."""
        return _mean_of_each(ops.sqrt(ops.square(y_true - y_pred) + self.epsilon**2))

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction, "epsilon": self.epsilon}


@keras.saving.register_keras_serializable(package="keras_gans")
class FocalFrequency(keras.losses.Loss):
    """The focal frequency loss: the squared difference of spectra, weighted by where they differ most.

    Generators find some frequencies hard, often high ones. This loss adapts to those. It is meant to go along with a loss of
    pixels. The spectrum is that of each whole image and channel.

    Args:
        alpha: Exponent of the weights. Default 1; 0 weights all frequencies alike.
        reduction: As in Keras.
        name: Name of the loss.
        **kwargs: `dtype`, which has no effect: it computes in float32.

    Call arguments:
        y_true: Images of shape `(batch, height, width, channels)`.
        y_pred: As many images of the same shape.

    Reference: Jiang et al. 2021, "Focal Frequency Loss for Image Reconstruction and Synthesis", equations 6 to 8, and the
    authors' code (orthonormal transform; weights are divided by the largest of each image and channel).
    """

    def __init__(
        self, alpha: float = 1.0, reduction: str = "sum_over_batch_size", name: str = "focal_frequency", **kwargs: Any
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if not alpha >= 0:
            raise ValueError(f"alpha must be at least 0; received {alpha!r}.")
        self.alpha = float(alpha)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the loss of each image, float32 of shape `(batch,)`."""
        # The transform is linear: the spectrum of the difference is the difference of spectra.
        difference = ops.transpose(y_true - y_pred, (0, 3, 1, 2))
        real, imaginary = ops.fft2((difference, ops.zeros_like(difference)))
        _, _, height, width = ops.shape(difference)
        squares = (ops.square(real) + ops.square(imaginary)) / ops.cast(height * width, "float32")
        weights = ops.power(ops.sqrt(ops.stop_gradient(squares)), self.alpha)
        largest = ops.max(weights, axis=(2, 3), keepdims=True)
        weights = ops.where(largest > 0.0, weights / ops.maximum(largest, 1e-30), 0.0)
        return _mean_of_each(weights * squares)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction, "alpha": self.alpha}


def _mean_of_each(values: Tensor) -> Tensor:
    return ops.mean(ops.reshape(values, (ops.shape(values)[0], -1)), axis=1)


def _perceptual() -> keras.losses.Loss:
    from keras_gans.losses.perceptual import PerceptualDistance

    return PerceptualDistance()


# Losses between images by the names that `ImageToImage.compile` takes.
_IMAGE_LOSSES: dict[str, Callable[[], keras.losses.Loss]] = {
    "l1": lambda: keras.losses.MeanAbsoluteError(name="l1"),
    "l2": lambda: keras.losses.MeanSquaredError(name="l2"),
    "charbonnier": Charbonnier,
    "frequency": FocalFrequency,
    "imagenet": _perceptual,
}


def get_image_loss(loss: keras.losses.Loss | str) -> keras.losses.Loss:
    """Return a loss between images, `loss(targets, outputs)`.

    Args:
        loss: A Keras loss, or `l1`, `l2`, `charbonnier`, `frequency` (`FocalFrequency`) or `imagenet` (`PerceptualDistance`).

    Raises:
        ValueError: If there is no loss of this name.
    """
    if isinstance(loss, keras.losses.Loss):
        return loss
    if loss not in _IMAGE_LOSSES:
        raise ValueError(no_such("loss of images", str(loss), list(_IMAGE_LOSSES)))
    return _IMAGE_LOSSES[loss]()
