"""From a trained model to files that run without Keras: `saved_model`, `tflite` and `onnx`.

`publish` adds a SavedModel to a server's folder of models.
"""

from keras_gans.export.layout import publish
from keras_gans.export.litert import tflite
from keras_gans.export.open_format import onnx
from keras_gans.export.tf_saved_model import saved_model

__all__ = ["onnx", "publish", "saved_model", "tflite"]
