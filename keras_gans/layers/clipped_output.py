import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gans")
class ClippedOutput(keras.layers.Layer):
    """The output of a generator without a squashing activation: float32, in inference clipped to [-1, 1].

    In training the values stay as they are, so that those beyond have a gradient.

    Reference: Karras et al. 2018, appendix A.1 (linear output).
    """

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, inputs, training=False):
        return inputs if training else ops.clip(inputs, -1.0, 1.0)

    def compute_output_shape(self, input_shape):
        return input_shape
