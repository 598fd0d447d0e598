"""Evaluation of clips."""

from keras_gans.evaluation.video.evaluator import VideoEvaluator
from keras_gans.evaluation.video.measures import VIDEO_METRICS

__all__ = ["VIDEO_METRICS", "VideoEvaluator"]
