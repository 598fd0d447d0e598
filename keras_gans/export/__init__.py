"""From a trained model to files that run without Keras: `saved_model` and `tflite`."""

from keras_gans.export.litert import tflite
from keras_gans.export.tf_saved_model import saved_model

__all__ = ["saved_model", "tflite"]
