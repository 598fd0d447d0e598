"""Evaluation of generative models under a stated protocol."""

from keras_gans.evaluation.audio import AUDIO_METRICS, AudioEvaluator
from keras_gans.evaluation.base import EVALUATORS, BaseEvaluator, evaluator_class, evaluator_for, evaluator_of, known_metrics
from keras_gans.evaluation.evaluator import Evaluator
from keras_gans.evaluation.extractors import Extractor, Features, KerasExtractor, default_extractor, get_extractor
from keras_gans.evaluation.measures import METRICS
from keras_gans.evaluation.metric_choice import Measure, Metric, by_name
from keras_gans.evaluation.progress import ProgressLine
from keras_gans.evaluation.protocol import Protocol, refuse_differences
from keras_gans.evaluation.report import plot_history
from keras_gans.evaluation.text import TEXT_METRICS, TextEvaluator, TextProtocol
from keras_gans.evaluation.video import VIDEO_METRICS, VideoEvaluator

__all__ = [
    "AUDIO_METRICS",
    "EVALUATORS",
    "METRICS",
    "TEXT_METRICS",
    "VIDEO_METRICS",
    "AudioEvaluator",
    "BaseEvaluator",
    "Evaluator",
    "Extractor",
    "Features",
    "KerasExtractor",
    "Measure",
    "Metric",
    "ProgressLine",
    "Protocol",
    "TextEvaluator",
    "TextProtocol",
    "VideoEvaluator",
    "by_name",
    "default_extractor",
    "evaluator_class",
    "evaluator_for",
    "evaluator_of",
    "get_extractor",
    "known_metrics",
    "plot_history",
    "refuse_differences",
]
