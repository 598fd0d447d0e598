from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers.batch_normalization import BatchNormalization


@keras.saving.register_keras_serializable(package="keras_gans")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Batch normalisation with a gain and an offset for each class; the statistics are shared by all classes.

    Call it with `[features, labels]`: features of shape `(batch, ..., channels)`, integer labels of shape `(batch,)`.

    Args:
        num_classes: Number of classes.
        momentum: Momentum of the moving statistics. Default 0.9.
        epsilon: Added to the variance. Default 1e-5.
        **kwargs: As `keras.layers.Layer`.

    Reference: Dumoulin et al. 2017, "A Learned Representation for Artistic Style", section 2.2; Miyato and Koyama 2018.
    """

    spatial_reach = 0

    couples_samples = True  # what it returns for a sample depends on the others

    def __init__(self, num_classes: int, momentum: float = 0.9, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_classes, self.momentum, self.epsilon = check_count("num_classes", num_classes, 1), momentum, epsilon
        self.normalize = BatchNormalization(
            momentum=momentum, epsilon=epsilon, center=False, scale=False, dtype=self.dtype_policy, name="normalize"
        )

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        """Create gains and offsets of shape `(num_classes, channels)`."""
        features, _ = input_shape
        shape = (self.num_classes, features[-1])
        self.gamma = self.add_weight(shape=shape, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=shape, initializer="zeros", name="beta")
        self.normalize.build(features)

    def call(self, inputs: list[Tensor], training: bool = False) -> Tensor:
        """Normalise features, then scale and shift each sample by the values of its class."""
        features, labels = inputs
        labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
        shape = (-1, *[1] * (len(features.shape) - 2), features.shape[-1])
        gamma, beta = (ops.reshape(ops.take(table, labels, axis=0), shape) for table in (self.gamma, self.beta))
        return self.normalize(features, training=training) * gamma + beta

    def compute_output_shape(self, input_shape: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """Return the shape of the features."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        own = {"num_classes": self.num_classes, "momentum": self.momentum, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
