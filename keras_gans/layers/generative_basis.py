import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gans")
class GenerativeBasis(keras.layers.Layer):
    """Maps vectors `(batch, n)` to feature maps: learned ones, each times a number that depends on the vector.

    Args:
        shape: Of the feature maps: height, width, channels.

    Reference: Huang et al. 2024, the authors' code.
    """

    def __init__(self, shape, **kwargs):
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def build(self, input_shape):
        normal = keras.initializers.RandomNormal
        deviation = 1 / math.sqrt(input_shape[-1])
        self.basis = self.add_weight(shape=self.shape, initializer=normal(0.0, 1.0), name="basis")
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.shape[-1]), initializer=normal(0.0, deviation), name="kernel"
        )

    def call(self, inputs):
        strengths = ops.matmul(inputs, self.kernel)
        return self.basis * ops.reshape(strengths, (-1, 1, 1, self.shape[-1]))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.shape)

    def get_config(self):
        return {**super().get_config(), "shape": self.shape}
