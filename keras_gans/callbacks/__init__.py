"""Keras callbacks for adversarial training: samples, metrics, failures, checkpoints and logs."""

from keras_gans.callbacks.evaluate_samples import BestPreset, EvaluateSamples
from keras_gans.callbacks.json_log import JSONLog
from keras_gans.callbacks.live import Live
from keras_gans.callbacks.run_folder import RunFolder
from keras_gans.callbacks.sample_grid import SampleGrid
from keras_gans.callbacks.stop_on_nan import StopOnNaN
from keras_gans.callbacks.training_doctor import TrainingDoctor, TrainingWarning
from keras_gans.resume.exact_resume import ExactResume

__all__ = [
    "BestPreset",
    "EvaluateSamples",
    "ExactResume",
    "JSONLog",
    "Live",
    "RunFolder",
    "SampleGrid",
    "StopOnNaN",
    "TrainingDoctor",
    "TrainingWarning",
]
