from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.seeds import normal


@keras.saving.register_keras_serializable(package="keras_gans")
class NoiseInjection(keras.layers.Layer):
    """Adds noise to feature maps `(batch, height, width, channels)`: one number per pixel, scaled by a learned weight.

    In training, every image gets new normal noise, drawn from the layer's seed. In inference, every image gets the same fixed
    noise, which depends on nothing but the size of the map: a latent vector has one image, in Python and in every export.

    Args:
        seed: Integer seed of the noise in training; None (default) picks a random one.
        **kwargs: As `keras.layers.Layer`.

    Raises:
        ValueError: If height or width is unknown.

    Reference: Karras et al. 2019, "A Style-Based Generator Architecture for Generative Adversarial Networks", section 3.2; one
    weight for all channels as in Liu et al. 2021, the authors' code.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weight, initially 0, and the fixed noise."""
        _, height, width, _ = input_shape
        if height is None or width is None:
            raise ValueError(f"NoiseInjection needs maps of a fixed height and width; received shape {tuple(input_shape)}.")
        self.strength = self.add_weight(shape=(), initializer="zeros", name="strength")
        self._fixed = np.reshape(normal(height * width, (height, width)), (1, height, width, 1))

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Add the noise."""
        if training:
            shape = (ops.shape(inputs)[0], *inputs.shape[1:3], 1)
            noise = keras.random.normal(shape, dtype=self.compute_dtype, seed=self.seed_generator)
        else:
            noise = ops.convert_to_tensor(self._fixed, self.compute_dtype)
        return inputs + self.strength * noise

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "seed": self.seed}
