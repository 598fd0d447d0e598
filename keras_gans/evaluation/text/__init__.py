"""Text measured: generated sentences against real ones, under one protocol."""

from keras_gans.evaluation.text.evaluator import TextEvaluator
from keras_gans.evaluation.text.measures import TEXT_METRICS
from keras_gans.evaluation.text.protocol import TextProtocol

__all__ = ["TEXT_METRICS", "TextEvaluator", "TextProtocol"]
