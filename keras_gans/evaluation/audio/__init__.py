"""Evaluation of sounds."""

from keras_gans.evaluation.audio.evaluator import AudioEvaluator
from keras_gans.evaluation.audio.measures import AUDIO_METRICS

__all__ = ["AUDIO_METRICS", "AudioEvaluator"]
