"""Declarations of origin in files: that a model made them, and which one from which seed."""

from keras_gans.declaration.containers import embed, extract
from keras_gans.declaration.declaration import COMPOSITE, GENERATED, Declaration
from keras_gans.declaration.of_model import declare

__all__ = ["COMPOSITE", "GENERATED", "Declaration", "declare", "embed", "extract"]
