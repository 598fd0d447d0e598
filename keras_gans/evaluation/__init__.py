from keras_gans.evaluation.evaluator import Evaluator
from keras_gans.evaluation.extractors import Extractor, Features, KerasExtractor, default_extractor, get_extractor
from keras_gans.evaluation.measures import METRICS
from keras_gans.evaluation.protocol import Protocol, refuse_differences
from keras_gans.evaluation.text import TEXT_METRICS, TextEvaluator, TextProtocol

__all__ = [
    "METRICS",
    "TEXT_METRICS",
    "Evaluator",
    "Extractor",
    "Features",
    "KerasExtractor",
    "Protocol",
    "TextEvaluator",
    "TextProtocol",
    "default_extractor",
    "get_extractor",
    "refuse_differences",
]
