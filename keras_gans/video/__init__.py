"""Clips in files: animated pictures, folders of numbered frames, film strips, and videos with the extra `video`."""

from keras_gans.video.animation import FORMATS, encode
from keras_gans.video.clip import Clip
from keras_gans.video.files import SUFFIXES, read, write

__all__ = ["FORMATS", "SUFFIXES", "Clip", "encode", "read", "write"]
