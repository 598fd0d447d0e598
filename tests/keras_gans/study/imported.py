"""What servers of studies find imported that are killed thousands of times: no Keras, which they do without."""

import gc

import httptools  # noqa: F401
import uvicorn  # noqa: F401

import keras_gans.study.server  # noqa: F401
import keras_gans_tools.study  # noqa: F401

gc.freeze()
