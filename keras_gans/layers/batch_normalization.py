import keras
from keras import ops

from keras_gans.backend import batch_norm, replica_mean


@keras.saving.register_keras_serializable(package="keras_gans")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' batch normalisation, trained in one pass where the backend has an operation for it.

    Takes and computes what `keras.layers.BatchNormalization` does, to rounding. Keras composes it of ten operations, each of
    which goes through the whole batch, and under mixed precision turns the batch into float32 first; here statistics are
    float32, too, but the batch stays as it is. The gradient of the gradient, which gradient penalties take, is right on
    TensorFlow, too, where Keras' own layer treats the batch's mean as a constant. Renormalisation, synchronized statistics,
    masks and axes other than the last are left to Keras.

    Under data parallelism each replica normalises with the statistics of its own share of the batch, and the moving statistics
    are those of all replicas; `synchronized=True` takes the statistics of the whole batch.

    Reference: Ioffe and Szegedy 2015, algorithm 1.
    """

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable) or mask is not None or not self._is_plain(len(inputs.shape)):
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        # The operation wants images; what has no width and height is one pixel wide and high.
        images = inputs if len(inputs.shape) == 4 else ops.reshape(inputs, (-1, 1, 1, channels))
        gamma = self.gamma if self.scale else ops.ones((channels,), "float32")
        beta = self.beta if self.center else ops.zeros((channels,), "float32")
        outputs, mean, variance = batch_norm(images, gamma, beta, self.epsilon)
        mean, variance = replica_mean([ops.stop_gradient(mean), ops.stop_gradient(variance)])
        for moving, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + new * (1.0 - self.momentum))
        return outputs if images is inputs else ops.reshape(outputs, ops.shape(inputs))

    def _is_plain(self, rank):
        special = self.renorm or self.synchronized or self.variable_dtype != "float32" or self.compute_dtype == "float64"
        return not special and self.axis in (-1, rank - 1)
