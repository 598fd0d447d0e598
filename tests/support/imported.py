"""What processes of `tests.support.forked` find imported."""

from keras_gans_tools.common.program import import_keras

import_keras()
import keras_gans.callbacks  # noqa: E402
import keras_gans.evaluation  # noqa: E402, F401
