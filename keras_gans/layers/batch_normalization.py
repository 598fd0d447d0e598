import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.backend import batch_norm, replica_mean


@keras.saving.register_keras_serializable(package="keras_gans")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, trained in one pass where the backend has a fused operation for it.

    It takes the same arguments and gives the same results, up to rounding. Keras composes the layer of ten operations, each of
    which passes over the whole batch, and under mixed precision converts the batch to float32 first. Here only the statistics
    are float32. On TensorFlow, the second derivative, which gradient penalties need, is correct too; Keras' own layer treats
    the batch mean as a constant there. Renormalisation, synchronized statistics, masks and axes other than the last fall back
    to Keras' implementation.

    Under data parallelism, each replica normalises with the statistics of its own share of the batch, and the moving statistics
    are averaged over replicas. `synchronized=True` uses the statistics of the whole batch.

    Reference: Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1.
    """

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        """Normalise features `(batch, ..., channels)`."""
        if not (training and self.trainable) or mask is not None or not self._is_plain(len(inputs.shape)):
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        # The operation takes images: features without height and width become images of one pixel.
        images = inputs if len(inputs.shape) == 4 else ops.reshape(inputs, (-1, 1, 1, channels))
        gamma = self.gamma if self.scale else ops.ones((channels,), "float32")
        beta = self.beta if self.center else ops.zeros((channels,), "float32")
        outputs, mean, variance = batch_norm(images, gamma, beta, self.epsilon)
        mean, variance = replica_mean([ops.stop_gradient(mean), ops.stop_gradient(variance)])
        for moving, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + new * (1.0 - self.momentum))
        return outputs if images is inputs else ops.reshape(outputs, ops.shape(inputs))

    def _is_plain(self, rank: int) -> bool:
        special = self.renorm or self.synchronized or self.variable_dtype != "float32" or self.compute_dtype == "float64"
        return not special and self.axis in (-1, rank - 1)
