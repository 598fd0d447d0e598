"""Export trained models to files that run without Keras: `saved_model`, `tflite`, `onnx`, and `web` for a page.

`publish` adds a SavedModel to a server's folder of models.
"""

from keras_gans.export.onnx import onnx
from keras_gans.export.saved_model import saved_model
from keras_gans.export.serving_folder import publish
from keras_gans.export.tflite import tflite
from keras_gans.export.web import web

__all__ = ["onnx", "publish", "saved_model", "tflite", "web"]
