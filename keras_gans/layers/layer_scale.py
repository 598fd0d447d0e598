from typing import Any

import keras

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class LayerScale(keras.layers.Layer):
    """Multiplies each channel by a learned number, which starts small: the last layer of a residual branch.

    Args:
        initial: The number to start with.
        **kwargs: As `keras.layers.Layer`.

    Reference: Touvron et al. 2021, "Going deeper with Image Transformers", section 2.
    """

    spatial_reach = 0

    def __init__(self, initial: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial = float(initial)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the numbers."""
        start = keras.initializers.Constant(self.initial)
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer=start, name="scale")

    def call(self, inputs: Tensor) -> Tensor:
        """Return the scaled channels."""
        return inputs * self.scale

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "initial": self.initial}
