"""EfficientNet-Lite0 as a layer without variables, and as a model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.backend import depthwise_conv
from keras_gans.errors import check_count
from keras_gans.imagenet.architecture import CHANNELS, TAPS, blocks
from keras_gans.imagenet.weights import load_weights

HEAD = 1280  # features after the last convolution


@keras.saving.register_keras_serializable(package="keras_gans")
class ImageNetFeatures(keras.layers.Layer):
    """Features of a network trained on ImageNet: EfficientNet-Lite0, frozen.

    It has no variables, since the weights come with the library. Files of models that contain it hold only its arguments. It
    computes in float32 under any dtype policy, and is differentiable with respect to the images.

    Args:
        taps: Stages whose outputs to return, by number of channels: any of 16, 24, 40, 80, 112, 192 and 320, in ascending
            order. Their strides are 2, 4, 8, 16, 16, 32 and 32.
        include_head: Whether to return the pooled features of the last convolution, too.
        **kwargs: As in Keras, such as `name`. `dtype` and `trainable` have no effect.

    Call arguments:
        images: Floats in [-1, 1], shape `(batch, height, width, 3)`; any height and width. A single channel, of grey images,
            is repeated three times.

    Returns:
        A list of float32 tensors: `(batch, ceil(height / stride), ceil(width / stride), channels)` for each tap, then
        `(batch, 1280)` if `include_head`. A single tensor is not in a list, as is usual in Keras.

    Raises:
        ValueError: If the stages do not exist, or images have neither 1 nor 3 channels.

    Reference: Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks". The default taps are
    those of Sauer et al. 2021, "Projected GANs Converge Faster", section 3.2.
    """

    # Models that contain this layer are not to be measured by this extractor: see `AdversarialModel.trained_against`.
    evaluation_extractor = "imagenet"

    def __init__(self, taps: Sequence[int] = TAPS, include_head: bool = False, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32", "trainable": False})
        self.taps = tuple(check_count("taps", tap) for tap in taps)
        if any(tap not in CHANNELS for tap in self.taps) or list(self.taps) != sorted(set(self.taps)):
            raise ValueError(
                f"taps must be numbers of channels among {', '.join(map(str, CHANNELS))}, in ascending order; received "
                f"{list(taps)}."
            )
        if not self.taps and not include_head:
            raise ValueError("There is nothing to return: give taps, or include_head=True.")
        self.include_head = include_head

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the number of channels."""
        if len(input_shape) != 4 or input_shape[-1] not in (1, 3):
            raise ValueError(
                f"ImageNetFeatures takes images of shape (batch, height, width, 1 or 3); received shape {tuple(input_shape)}."
            )
        super().build(input_shape)

    def call(self, images: Tensor) -> Any:
        """Return the features of images."""
        if "float" not in keras.backend.standardize_dtype(images.dtype):
            raise ValueError(f"ImageNetFeatures takes floats in [-1, 1]; received {images.dtype}: divide by 127.5, subtract 1.")
        return _without_list(compute(images, load_weights(), self.taps, self.include_head))

    def compute_output_spec(self, images: Any) -> Any:
        """Return the shapes of the features, without the weights."""
        batch, *sides = images.shape[:3]
        found, stride = [], 2
        for block in blocks():
            stride *= block.stride
            if block.ends_stage in self.taps:
                found.append((batch, *(side if side is None else -(-side // stride) for side in sides), block.ends_stage))
        return _without_list([keras.KerasTensor(shape, "float32") for shape in [*found, *[(batch, HEAD)] * self.include_head]])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "taps": list(self.taps), "include_head": self.include_head}


def _without_list(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def compute(images: Tensor, weights: Mapping[str, np.ndarray], taps: Sequence[int], include_head: bool) -> list[Tensor]:
    """Return the outputs of stages, by number of channels, and the pooled features of the head if it is included.

    Args:
        images: float32 in [-1, 1], shape `(batch, height, width, 1 or 3)`.
        weights: Float32 arrays by name.
        taps: Channels of the stages.
        include_head: Whether to compute the head.
    """
    return traverse(images, functools.partial(convolve, weights), taps, include_head)


def convolve(weights: Mapping[str, np.ndarray], x: Tensor, name: str, stride: int) -> Tensor:
    """Return the output of a convolution, by name, before its activation."""
    kernel, bias = weights[f"{name}/kernel"], weights[f"{name}/bias"]
    if name.endswith("depthwise"):
        return depthwise_conv(x, kernel, stride) + bias
    return ops.conv(x, kernel, strides=stride, padding="same", data_format="channels_last") + bias


def traverse(
    images: Tensor, convolve: Callable[[Tensor, str, int], Tensor], taps: Sequence[int], include_head: bool
) -> list[Tensor]:
    """Return what `compute` does, with convolutions of the caller's, given input, name and stride."""
    if images.shape[-1] == 1:
        images = ops.repeat(images, 3, axis=-1)
    found: list[Tensor] = []
    # The network was trained on (pixel - 127) / 128, for pixels from 0 to 255.
    x = ops.relu6(convolve((images * 127.5 + 0.5) / 128.0, "stem", 2))
    for block in blocks():
        if not include_head and len(found) == len(taps):
            break
        y = ops.relu6(convolve(x, f"{block.name}/expand", 1)) if block.expands else x
        y = ops.relu6(convolve(y, f"{block.name}/depthwise", block.stride))
        y = convolve(y, f"{block.name}/project", 1)
        x = x + y if block.adds_input else y
        if block.ends_stage in taps:
            found.append(x)
    return [*found, ops.mean(ops.relu6(convolve(x, "head", 1)), axis=(1, 2))] if include_head else found


def build_network(
    taps: Sequence[int] = TAPS, include_head: bool = False, image_shape: tuple[int | None, int | None, int] = (None, None, 3)
) -> keras.Model:
    """Return the frozen ImageNet network as a model from images to features.

    Args:
        taps: As for `ImageNetFeatures`.
        include_head: As for `ImageNetFeatures`.
        image_shape: Height, width and channels (1 or 3) of the images. None stands for any height or width.

    Returns:
        A model without variables, from floats in [-1, 1] to the features that `ImageNetFeatures` returns. Keras can
        save it; the file holds no weights.

    Raises:
        ValueError: As `ImageNetFeatures`.

    Example:

        network = keras_gans.imagenet.build_network()
        features = network(images)  # four maps, of strides 4, 8, 16 and 32
    """
    images = keras.Input(image_shape, dtype="float32")
    return keras.Model(images, ImageNetFeatures(taps, include_head, name="imagenet")(images), name="efficientnet_lite0")
