"""Audio: reading and writing sound files, and the spectrograms of sounds."""

from keras_gans.audio.files import as_wav, read, write
from keras_gans.audio.mel import Mel
from keras_gans.audio.resampling import resample

__all__ = ["Mel", "as_wav", "read", "resample", "write"]
