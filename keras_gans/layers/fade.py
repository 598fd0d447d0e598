import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class Fade(keras.layers.Layer):
    """Blends two tensors of the same shape: `old + (new - old) * alpha`. Call it with `[old, new]`.

    `alpha` is a float32 weight, initially 0. It has no gradient: the training loop moves it to 1.

    Reference: Karras et al. 2018, figure 2.
    """

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        """Create `alpha`."""
        self.alpha = self.add_weight(shape=(), initializer="zeros", trainable=False, dtype="float32", name="alpha")

    def call(self, inputs: list[Tensor]) -> Tensor:
        """Blend `[old, new]`."""
        old, new = inputs
        return old + (new - old) * ops.cast(self.alpha, self.compute_dtype)

    def compute_output_shape(self, input_shape: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """Return the shape of either input."""
        return input_shape[0]
