"""What processes of `tests.support.forked` find imported."""

import gc

from keras_gans_tools.common.program import import_keras

import_keras()
import keras_gans.callbacks  # noqa: E402
import keras_gans.evaluation  # noqa: E402, F401

# Or each process would look through all of it at each full collection, and so copy the memory that they share.
gc.freeze()
