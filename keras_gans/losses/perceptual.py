"""The distance between images in the features of a frozen network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.imagenet import TAPS, ImageNetFeatures

_EPSILON = 1e-10


@keras.saving.register_keras_serializable(package="keras_gans")
class PerceptualDistance(keras.losses.Loss):
    """The distance between images in the features of a network trained on ImageNet: 0 for equal images.

    It is a loss between two batches of images, for models that reconstruct or translate images, and works wherever Keras takes
    a loss. Features are divided by their norm over channels at each position. Their squared differences are summed over
    channels, averaged over positions and summed over layers. This is the formula of LPIPS, but on the layers of
    EfficientNet-Lite0 and without learned weights, so the values cannot be compared with LPIPS.

    An adversarial model whose generator learns from this loss must not be measured by the extractor `imagenet`: see
    `AdversarialModel.trained_against`.

    Args:
        taps: Stages of the network, as for `keras_gans.imagenet.ImageNetFeatures`.
        reduction: As in Keras: `"sum_over_batch_size"` (the mean), `"sum"` or `"none"`.
        name: Name of the loss.
        **kwargs: `dtype`, which has no effect: it computes in float32.

    Call arguments:
        y_true: Images, floats in [-1, 1], shape `(batch, height, width, 1 or 3)`; any height and width.
        y_pred: As many images of the same shape.

    Raises:
        ValueError: If the stages do not exist, or the images have another shape.

    Example:

        loss = keras_gans.losses.PerceptualDistance()
        distance = loss(images, reconstructions)
        autoencoder.compile("adam", loss=loss)

    Reference: Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", equation 1 with
    w = 1.
    """

    evaluation_extractor = "imagenet"

    def __init__(
        self,
        taps: Sequence[int] = TAPS,
        reduction: str = "sum_over_batch_size",
        name: str = "perceptual_distance",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self._features = ImageNetFeatures(taps)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the distance of each pair, float32 of shape `(batch,)`."""
        pairs = zip(self._layers(y_true), self._layers(y_pred), strict=True)
        return sum(ops.mean(ops.sum(ops.square(one - other), axis=-1), axis=(1, 2)) for one, other in pairs)

    def _layers(self, images: Tensor) -> list[Tensor]:
        """Return the features of each layer, of norm 1 at each position."""
        return [
            features * ops.rsqrt(ops.sum(ops.square(features), axis=-1, keepdims=True) + _EPSILON)
            for features in keras.tree.flatten(self._features(images))
        ]

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction, "taps": list(self._features.taps)}
