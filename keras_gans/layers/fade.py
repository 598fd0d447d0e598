import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gans")
class Fade(keras.layers.Layer):
    """Fades from one tensor to another: `old + (new - old) * alpha`. Call it with `[old, new]`.

    `alpha` is a float32 weight that is not trained, 0 at first; whoever trains the network moves it to 1.

    Reference: Karras et al. 2018, figure 2.
    """

    def build(self, input_shape):
        self.alpha = self.add_weight(shape=(), initializer="zeros", trainable=False, dtype="float32", name="alpha")

    def call(self, inputs):
        old, new = inputs
        return old + (new - old) * ops.cast(self.alpha, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape[0]
