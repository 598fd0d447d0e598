"""Data: sources by name, and batches of them in an order that is a function of (seed, epoch, step)."""

# Each of these modules registers its sources.
from keras_gans.data import clips as clips
from keras_gans.data import digits, folder, mixtures, npz, pairs, recordings, text, tfds, tfrecords, unpaired  # noqa: F401
from keras_gans.data import moving_digits as moving_digits
from keras_gans.data.data import Data
from keras_gans.data.load import check_source, load_data

__all__ = ["Data", "check_source", "load_data"]
