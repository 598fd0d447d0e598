import keras
from keras import ops

from keras_gans.layers.batch_normalization import BatchNormalization


@keras.saving.register_keras_serializable(package="keras_gans")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Batch normalisation with gains and offsets for each class; the statistics are those of all classes.

    Call it with `[features, labels]`: features `(batch, ..., channels)`, labels integers of shape `(batch,)`.

    Args:
        num_classes: How many classes there are.
        momentum: Of the moving statistics.
        epsilon: Added to the variance.

    Reference: Dumoulin et al. 2017, "A Learned Representation for Artistic Style", section 2.2; Miyato and Koyama 2018.
    """

    def __init__(self, num_classes, momentum=0.9, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.num_classes, self.momentum, self.epsilon = num_classes, momentum, epsilon
        self.normalize = BatchNormalization(
            momentum=momentum, epsilon=epsilon, center=False, scale=False, dtype=self.dtype_policy, name="normalize"
        )

    def build(self, input_shape):
        features, _ = input_shape
        shape = (self.num_classes, features[-1])
        self.gamma = self.add_weight(shape=shape, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=shape, initializer="zeros", name="beta")
        self.normalize.build(features)

    def call(self, inputs, training=False):
        features, labels = inputs
        labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
        shape = (-1, *[1] * (len(features.shape) - 2), features.shape[-1])
        gamma, beta = (ops.reshape(ops.take(table, labels, axis=0), shape) for table in (self.gamma, self.beta))
        return self.normalize(features, training=training) * gamma + beta

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        own = {"num_classes": self.num_classes, "momentum": self.momentum, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
