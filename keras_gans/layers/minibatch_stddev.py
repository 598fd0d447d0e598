from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class MinibatchStdDev(keras.layers.Layer):
    """Appends a feature map that says how much the images of a group differ, so that a discriminator can see mode collapse.

    The batch is divided into groups of equal size; sample `i` shares a group with sample `i + batch / group`, and so on. The
    standard deviation (of the population) within a group is averaged over features and pixels. Computed in float32.

    Args:
        group_size: Maximum number of images in a group, an integer >= 2. Default 4. The group size used is the largest one up
            to this maximum that divides the batch; if only 1 does, as for a batch of 7, the appended map is 0.
        **kwargs: As `keras.layers.Layer`.

    Raises:
        ValueError: If `group_size` is not an integer of at least 2, or, in training, if a batch is known to hold one image.

    Reference: Karras et al. 2018, section 3. The groups are those of the authors' code.
    """

    couples_samples = True  # what it returns for a sample depends on the others

    def __init__(self, group_size: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.group_size = check_count("group_size", group_size, 2)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Map `(batch, height, width, channels)` to `(batch, height, width, channels + 1)`."""
        if inputs.shape[0] == 1 and training:
            raise ValueError(
                "MinibatchStdDev measures how the images of a batch differ, but this batch holds only one: train with batches "
                "of at least 2."
            )
        batch, height, width, channels = ops.shape(inputs)
        group = self._group(batch)
        wide = ops.reshape(ops.cast(inputs, "float32"), (group, -1, height, width, channels))
        variance = ops.mean(ops.square(wide - ops.mean(wide, axis=0, keepdims=True)), axis=0)
        # Without the small constant, the gradient of the root would be infinite where all images are equal.
        spread = ops.mean(ops.sqrt(variance + 1e-8), axis=(1, 2, 3), keepdims=True)
        spread = ops.tile(spread, (group, height, width, 1))
        return ops.concatenate([inputs, ops.cast(spread, self.compute_dtype)], axis=-1)

    def _group(self, batch: int | Tensor) -> int | Tensor:
        """Return the largest size of a group that divides the batch; a tensor if the batch size is one."""
        if isinstance(batch, int):
            return max(size for size in range(1, self.group_size + 1) if batch % size == 0)
        sizes = ops.arange(1, self.group_size + 1, dtype="int32")
        return ops.max(ops.where(ops.equal(ops.mod(batch, sizes), 0), sizes, 1))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs with one more channel."""
        *rest, channels = input_shape
        return (*rest, None if channels is None else channels + 1)

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "group_size": self.group_size}
