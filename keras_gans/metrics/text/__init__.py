from keras_gans.metrics.text.bleu import bleu, self_bleu
from keras_gans.metrics.text.classes import classify
from keras_gans.metrics.text.coherence import coherence
from keras_gans.metrics.text.diversity import copied_runs, copied_share, distinct_n, duplicated_share, novelty, repetition

__all__ = [
    "bleu",
    "classify",
    "coherence",
    "copied_runs",
    "copied_share",
    "distinct_n",
    "duplicated_share",
    "novelty",
    "repetition",
    "self_bleu",
]
