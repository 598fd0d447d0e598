from keras_gans.evaluation.evaluator import Evaluator
from keras_gans.evaluation.extractors import Extractor, Features, KerasExtractor, default_extractor, get_extractor
from keras_gans.evaluation.measures import METRICS
from keras_gans.evaluation.protocol import Protocol, refuse_differences

__all__ = [
    "METRICS",
    "Evaluator",
    "Extractor",
    "Features",
    "KerasExtractor",
    "Protocol",
    "default_extractor",
    "get_extractor",
    "refuse_differences",
]
