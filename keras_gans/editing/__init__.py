"""Editing what a generator makes: ways and directions in its latent space, and latents of a given photograph."""

from keras_gans.editing.directions import Directions, find_directions
from keras_gans.editing.interpolation import interpolate, slerp
from keras_gans.editing.projection import Projection, project

__all__ = ["Directions", "Projection", "find_directions", "interpolate", "project", "slerp"]
