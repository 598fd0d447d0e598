"""What lets a training run go on exactly where it was stopped: checkpoints, the state of training, and the callback."""

from keras_gans.resume.exact_resume import ExactResume

__all__ = ["ExactResume"]
