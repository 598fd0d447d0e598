from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with groups of channels, computed as one convolution per group.

    It has the same kernel, of shape `(height, width, inputs / groups, filters)`, and gives the same results as Keras' layer, up
    to rounding. On a CPU, both backends compute gradients of grouped convolutions slowly, and second derivatives, which
    gradient penalties need, even more slowly.

    Args:
        filters: Number of output channels, in all groups together.
        kernel_size: Height and width of the kernel.
        groups: Number of groups. It divides the number of input channels and `filters`.
        **kwargs: As `keras.layers.Conv2D`.

    Reference: Xie et al. 2017, "Aggregated Residual Transformations" (ResNeXt), section 3.
    """

    def __init__(self, filters: int, kernel_size: int | tuple[int, int], groups: int, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, groups=groups, **kwargs)

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolve each group of channels on its own."""
        axis = -1 if self.data_format == "channels_last" else 1
        pairs = zip(ops.split(inputs, self.groups, axis), ops.split(kernel, self.groups, -1), strict=True)
        return ops.concatenate([super(GroupedConv2D, self).convolution_op(x, part) for x, part in pairs], axis)
