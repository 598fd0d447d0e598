import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gans")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with groups of channels that do not see each other, made of one convolution a group.

    Takes, keeps (a kernel of shape `(height, width, inputs / groups, filters)`) and computes what Keras' layer does, to
    rounding. On CPUs both backends have slow gradients for grouped convolutions, and slower ones for the gradient of the
    gradient, which penalties take.

    Args:
        filters: Feature maps, all groups' together.
        kernel_size: Side of the kernel.
        groups: How many groups; a divisor of the feature maps that come in and of `filters`.
        **kwargs: As `keras.layers.Conv2D`.

    Reference: Xie et al. 2017, section 3 (ResNeXt).
    """

    def __init__(self, filters, kernel_size, groups, **kwargs):
        super().__init__(filters, kernel_size, groups=groups, **kwargs)

    def convolution_op(self, inputs, kernel):
        axis = -1 if self.data_format == "channels_last" else 1
        pairs = zip(ops.split(inputs, self.groups, axis), ops.split(kernel, self.groups, -1), strict=True)
        return ops.concatenate([super(GroupedConv2D, self).convolution_op(x, part) for x, part in pairs], axis)
