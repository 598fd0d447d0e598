import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gans")
class MinibatchStdDev(keras.layers.Layer):
    """Appends a feature map that tells how much the images of a group differ, so that a discriminator sees a collapse.

    The batch is cut into groups; sample i shares its group with i + batch / group and so on. The standard deviation within a
    group (of the population) is averaged over features and pixels. Computed in float32.

    Args:
        group_size: Images of a group, at most: the largest number up to this that divides the batch. Where the size of the
            batch is not known beforehand, it must be less than this or a multiple of it.

    Raises:
        ValueError: In training, for a batch of one image, which has no spread; or if `group_size` is no integer of at least 2.

    Reference: Karras et al. 2018, section 3; the groups are those of the authors' code.
    """

    def __init__(self, group_size=4, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(group_size, int) or group_size < 2:
            raise ValueError(
                f"group_size must be an integer of at least 2, as one image has no spread; received {group_size!r}."
            )
        self.group_size = group_size

    def call(self, inputs, training=False):
        batch, height, width, channels = inputs.shape
        if batch == 1:
            if training:
                raise ValueError(
                    "MinibatchStdDev looks at how images of a batch differ; this batch holds one: train with batches of at "
                    "least 2."
                )
            group = 1
        elif batch is None:
            group = ops.minimum(self.group_size, ops.shape(inputs)[0])
        else:
            group = max(size for size in range(1, self.group_size + 1) if batch % size == 0)
        wide = ops.reshape(ops.cast(inputs, "float32"), (group, -1, height, width, channels))
        variance = ops.mean(ops.square(wide - ops.mean(wide, axis=0, keepdims=True)), axis=0)
        # Without the small number, the root's gradient would be infinite where all images are alike.
        spread = ops.mean(ops.sqrt(variance + 1e-8), axis=(1, 2, 3), keepdims=True)
        spread = ops.tile(spread, (group, height, width, 1))
        return ops.concatenate([inputs, ops.cast(spread, self.compute_dtype)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        return {**super().get_config(), "group_size": self.group_size}
