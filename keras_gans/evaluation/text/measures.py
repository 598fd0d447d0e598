"""The metrics of text by name: what each needs, which way is better, and how it is computed.

The real row is what these functions give of training sentences in place of generated ones. That is what a perfect generator
would get, one that draws from the distribution that the training text was drawn from, for nothing is compared with itself: BLEU
and the reverse score compare with held-out text; self-BLEU with other sentences; the language model that scores sentences has
learnt from the other half of them. Where held-out text is of another distribution than the training text, as that of the usual
COCO captions is, a real row of held-out sentences would be one that a perfect generator cannot reach or easily passes.
"""

import dataclasses

import numpy as np

from keras_gans.evaluation import metric_choice
from keras_gans.evaluation.metric_choice import Measure, Metric, by_name
from keras_gans.metrics import frechet_distance
from keras_gans.metrics.text import bleu, distinct_n, duplicated_share, novelty, repetition, self_bleu

_ORDERS = (2, 3, 4, 5)
# TextGAN-PyTorch's number of sentences whose BLEU is averaged.
_SENTENCES = 200
# The real row's self-BLEU is the mean over so many parts of as many sentences: that of one differs by 0.02 from another's.
_PARTS = 5

# The language models: small enough to learn in half a minute, declared in the protocol.
LANGUAGE_MODEL = {"embedding_dim": 64, "units": 64, "learning_rate": 1e-2, "max_epochs": 8, "seed": 0}
LANGUAGE_MODEL_VOCABULARY = 5_000
_LANGUAGE_MODEL_SENTENCES = 5_000

_TEXYGEN, _FALLING_SHORT = "Zhu et al. 2018 (Texygen)", "Caccia et al. 2020, section 3"

TEXT_METRICS = by_name(
    *(Metric(f"bleu_{n}", f"BLEU-{n} against held-out text", None, "Papineni et al. 2002; Yu et al. 2017") for n in _ORDERS),
    *(Metric(f"self_bleu_{n}", f"BLEU-{n} against other generated sentences", None, _TEXYGEN) for n in _ORDERS),
    Metric("lm_score", "Language model score, nats a word", None, _FALLING_SHORT),
    Metric("reverse_lm_score", "Reverse language model score, nats a word", False, _FALLING_SHORT),
    Metric("lm_frechet", "Fréchet distance of a language model's features", False, "Semeniuta et al. 2018"),
    Metric("distinct_2", "Share of different 2-grams", None, "Li et al. 2016, section 5"),
    Metric("distinct_3", "Share of different 3-grams", None, "Li et al. 2016, section 5"),
    Metric("repetition", "Share of repeated 4-grams within a sentence", None, "Welleck et al. 2020, section 6"),
    Metric("duplicated", "Share of sentences written more than once", None, ""),
    Metric("novelty", "Share of sentences that are no training sentences", None, ""),
    Metric("nll", "Held-out text under the model, nats a token", False, _FALLING_SHORT),
)


@dataclasses.dataclass
class Measured:
    """What the measures of some sentences work on.

    Attributes:
        evaluator: The `TextEvaluator`.
        ids: The sentences in the ids of `evaluator.held_out_ids` and `training_ids`, int64 `(n, length)`.
        words: The sentences as lists of words.
        real: Whether they are training sentences, for the real row.
    """

    evaluator: object
    ids: np.ndarray
    words: list[list[str]]
    real: bool

    @property
    def count(self) -> int:
        """How many sentences there are."""
        return len(self.ids)


def _bleu(measured, sentences):
    # The mean over all real sentences is what so many of them have on average.
    ids = measured.ids if measured.real else measured.ids[:sentences]
    return bleu(ids, measured.evaluator.held_out_ids, _ORDERS).values()


def _self_bleu(measured, sentences):
    parts = min(_PARTS, len(measured.ids) // sentences) if measured.real else 1
    rolled = (np.roll(measured.ids, -sentences * part, axis=0) for part in range(parts))
    return np.mean([[*self_bleu(ids, sentences, _ORDERS).values()] for ids in rolled], axis=0)


def _lm_score(measured, learnt):
    return (measured.evaluator.scorer.score(measured.evaluator.vocabulary.number(measured.words[learnt:])),)


def _reverse_lm_score(measured, learnt):
    evaluator = measured.evaluator
    # Of the real row it is the same language model as the other metrics'.
    scorer = evaluator.scorer if measured.real else evaluator.learn(measured.words[:learnt])
    return (scorer.score(evaluator.held_out_for_scorer),)


def _lm_frechet(measured, learnt):
    evaluator = measured.evaluator
    features = evaluator.scorer.features(evaluator.vocabulary.number(measured.words[learnt:]))
    return (frechet_distance(evaluator.real_features, features),)


def _novelty(measured):
    if measured.real:  # each is new where no other one is the same
        return (1 - duplicated_share(measured.evaluator.training_ids),)
    return (novelty(measured.ids, measured.evaluator.training_ids),)


def language_model_sentences(count) -> int:
    """Returns from how many of so many sentences a language model learns; those behind them are what it has not seen."""
    return min(_LANGUAGE_MODEL_SENTENCES, count // 2)


def _language_model(count):
    return {"learnt": language_model_sentences(count)}


MEASURES = {
    "bleu": Measure(tuple(f"bleu_{n}" for n in _ORDERS), _bleu, lambda count: {"sentences": min(_SENTENCES, count)}),
    "self_bleu": Measure(
        tuple(f"self_bleu_{n}" for n in _ORDERS), _self_bleu, lambda count: {"sentences": min(_SENTENCES, count // 2)}
    ),
    "lm_score": Measure(("lm_score",), _lm_score, _language_model),
    "reverse_lm_score": Measure(("reverse_lm_score",), _reverse_lm_score, _language_model),
    "lm_frechet": Measure(("lm_frechet",), _lm_frechet, _language_model),
    "distinct": Measure(("distinct_2", "distinct_3"), lambda measured: [distinct_n(measured.ids, n) for n in (2, 3)]),
    "repetition": Measure(("repetition",), lambda measured: (repetition(measured.ids, 4),)),
    "duplicated": Measure(("duplicated",), lambda measured: (duplicated_share(measured.ids),)),
    "novelty": Measure(("novelty",), _novelty),
    "nll": Measure(("nll",), None),
}


def settings(measures, count, vocabulary_size) -> dict:
    """Returns what chosen measures are told for a number of sentences, as a protocol holds it."""
    chosen = metric_choice.settings(measures, count)
    if any(name.endswith("_learnt") for name in chosen):
        chosen["language_model"] = {**LANGUAGE_MODEL, "vocabulary": vocabulary_size}
    return chosen
