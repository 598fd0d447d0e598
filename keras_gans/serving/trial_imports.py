"""What the process imports from which models are tried; without the messages with which TensorFlow starts."""

import os

os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

import tensorflow  # noqa: E402, F401

from keras_gans.serving import servable  # noqa: E402, F401
