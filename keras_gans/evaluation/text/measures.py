"""The metrics of text by name: what each needs, which way is better, and how it is computed.

The real row holds the metrics of training sentences in place of generated ones. A perfect generator, which draws from the
distribution of the training text, would reach them, because nothing is compared with itself: BLEU and the reverse score
compare with held-out text, self-BLEU with other sentences, and the language model that scores sentences is trained on the
other half of them. If held-out text has another distribution than the training text, as in the usual COCO captions, a real row
of held-out sentences would be out of reach for a perfect generator, or too easy.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.evaluation import metric_choice
from keras_gans.evaluation.metric_choice import Measure, Metric, by_name
from keras_gans.metrics import frechet_distance
from keras_gans.metrics.text import (
    bleu,
    classify,
    coherence,
    copied_runs,
    distinct_n,
    duplicated_share,
    novelty,
    repetition,
    self_bleu,
)
from keras_gans.metrics.text.diversity import PASSAGE

if TYPE_CHECKING:
    from keras_gans.evaluation.text.evaluator import TextEvaluator

_ORDERS = (2, 3, 4, 5)
# Number of sentences whose BLEU TextGAN-PyTorch averages.
_SENTENCES = 200
# The self-BLEU of the real row is the mean over so many parts: single parts differ by 0.02.
_PARTS = 5

# The language models, part of the protocol: small enough to train in half a minute.
LANGUAGE_MODEL: dict[str, Any] = {"embedding_dim": 64, "units": 64, "learning_rate": 1e-2, "max_epochs": 8, "seed": 0}
LANGUAGE_MODEL_VOCABULARY = 5_000
_LANGUAGE_MODEL_SENTENCES = 5_000

# Replies whose share is measured, and held-out contexts and sentences that a model ranks.
_COMMONEST = 10
CANDIDATES, MOST_RANKED = 20, 500

_TEXYGEN, _FALLING_SHORT = "Zhu et al. 2018 (Texygen)", "Caccia et al. 2020, section 3"

TEXT_METRICS = by_name(
    *(Metric(f"bleu_{n}", f"BLEU-{n} against held-out text", None, "Papineni et al. 2002; Yu et al. 2017") for n in _ORDERS),
    *(Metric(f"self_bleu_{n}", f"BLEU-{n} against other generated sentences", None, _TEXYGEN) for n in _ORDERS),
    Metric("lm_score", "Language model score, nats per word", None, _FALLING_SHORT),
    Metric("reverse_lm_score", "Reverse language model score, nats per word", False, _FALLING_SHORT),
    Metric("lm_frechet", "Fréchet distance of a language model's features", False, "Semeniuta et al. 2018"),
    Metric("distinct_2", "Share of different 2-grams", None, "Li et al. 2016, section 5"),
    Metric("distinct_3", "Share of different 3-grams", None, "Li et al. 2016, section 5"),
    Metric("repetition", "Share of repeated 4-grams within a sentence", None, "Welleck et al. 2020, section 6"),
    Metric("duplicated", "Share of duplicated sentences", None, ""),
    Metric("novelty", "Share of sentences that are not training sentences", None, ""),
    Metric("copied_words", "Words of the longest run copied from a training sentence", None, "Carlini et al. 2023"),
    Metric("copied_passages", f"Share of sentences that copy more than {PASSAGE} words", None, "Carlini et al. 2023"),
    Metric("class_agreement", "Share of sentences that read as the class asked for", None, "Wang and Manning 2012"),
    Metric("context_overlap", "Share of rarer words that the context contains", None, ""),
    Metric("coherence", "How often the own context is nearest, of two", None, "Foltz et al. 1998"),
    Metric("dull_replies", "Share of the ten commonest replies", None, "Li et al. 2016, section 1"),
    Metric(
        "hits_at_1",
        "Share of held-out contexts whose sentence is ranked before 19 others",
        True,
        "Zhang et al. 2018 (PersonaChat)",
    ),
    Metric("nll", "Held-out text under the model, nats per token", False, _FALLING_SHORT),
)


@dataclasses.dataclass
class Measured:
    """What the measures of some sentences work on.

    Attributes:
        evaluator: The `TextEvaluator`.
        ids: The sentences, numbered like `evaluator.held_out_ids` and `training_ids`, int64 `(n, length)`.
        words: The sentences as lists of words.
        real: Whether they are training sentences, for the real row.
        labels: The classes that were asked for, int32 `(n,)`; None if there are none.
        contexts: The words of each sentence's context; None if there are none.
    """

    evaluator: TextEvaluator
    ids: np.ndarray
    words: list[list[str]]
    real: bool
    labels: np.ndarray | None = None
    contexts: list[set[str]] | None = None

    @property
    def count(self) -> int:
        """Number of sentences."""
        return len(self.ids)


def _bleu(measured: Measured, sentences: int) -> Iterable[float]:
    # All real sentences give the expected value of so many of them.
    ids = measured.ids if measured.real else measured.ids[:sentences]
    return bleu(ids, measured.evaluator.held_out_ids, _ORDERS).values()


def _self_bleu(measured: Measured, sentences: int) -> Iterable[float]:
    parts = min(_PARTS, len(measured.ids) // sentences) if measured.real else 1
    rolled = (np.roll(measured.ids, -sentences * part, axis=0) for part in range(parts))
    return np.mean([[*self_bleu(ids, sentences, _ORDERS).values()] for ids in rolled], axis=0)


def _lm_score(measured: Measured, learnt: int) -> Iterable[float]:
    return (measured.evaluator.scorer.score(measured.evaluator.vocabulary.number(measured.words[learnt:])),)


def _reverse_lm_score(measured: Measured, learnt: int) -> Iterable[float]:
    evaluator = measured.evaluator
    # The real row has the same language model as the other metrics.
    scorer = evaluator.scorer if measured.real else evaluator.learn(measured.words[:learnt])
    return (scorer.score(evaluator.held_out_for_scorer),)


def _lm_frechet(measured: Measured, learnt: int) -> Iterable[float]:
    evaluator = measured.evaluator
    features = evaluator.scorer.features(evaluator.vocabulary.number(measured.words[learnt:]))
    return (frechet_distance(evaluator.real_features, features),)


def _novelty(measured: Measured) -> Iterable[float]:
    if measured.real:  # a training sentence is new if it has no duplicate
        return (1 - duplicated_share(measured.evaluator.training_ids),)
    return (novelty(measured.ids, measured.evaluator.training_ids),)


def _copied(measured: Measured) -> Iterable[float]:
    if measured.real:  # what a training sentence shares with the others
        runs = copied_runs(measured.evaluator.training_ids)
    else:
        runs = copied_runs(measured.ids, measured.evaluator.training_ids)
    return float(np.mean(runs)), float(np.mean(runs > PASSAGE))


def _class_agreement(measured: Measured, learnt: int) -> Iterable[float | None]:
    """The classifier is that of the first `learnt` real sentences, for the real row too, which holds the others."""
    if measured.labels is None:
        return (None,)
    real_ids, real_labels = measured.evaluator.labelled
    start = learnt if measured.real else 0
    found = classify(measured.ids[start:], real_ids[:learnt], real_labels[:learnt])
    return (float(np.mean(found == measured.labels[start:])),)


def _context_overlap(measured: Measured) -> Iterable[float | None]:
    if measured.contexts is None:
        return (None,)
    common = measured.evaluator.commonest_words
    shares = [
        np.mean([word in context for word in rarer])
        for words, context in zip(measured.words, measured.contexts, strict=True)
        if (rarer := [word for word in words if word not in common])
    ]
    return (float(np.mean(shares)) if shares else None,)


def _coherence(measured: Measured, learnt: int) -> Iterable[float | None]:
    """The first `learnt` real sentences with their contexts make the space, and the others are compared, real or generated."""
    if measured.contexts is None:
        return (None,)
    sentences = [set(words) for words in measured.words[learnt:]]
    return (coherence(measured.contexts[learnt:], sentences, measured.evaluator.real_passages[:learnt]),)


def _dull_replies(measured: Measured) -> Iterable[float]:
    counts = collections.Counter(map(tuple, measured.words))
    return (sum(count for _, count in counts.most_common(_COMMONEST)) / measured.count,)


def language_model_sentences(count: int) -> int:
    """Return the number of first sentences, out of `count`, that a language model is trained on. It scores the others."""
    return min(_LANGUAGE_MODEL_SENTENCES, count // 2)


def _language_model(count: int) -> dict[str, int]:
    return {"learnt": language_model_sentences(count)}


_OF_LANGUAGE_MODELS = {"lm_score", "reverse_lm_score", "lm_frechet"}
LACKING = {
    "labels": "needs the classes of the training sentences, and {training} was read without labels",
    "contexts": "needs the contexts of the training sentences, and {training} was read without them",
}
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
    "copied": Measure(("copied_words", "copied_passages"), _copied),
    "class_agreement": Measure(("class_agreement",), _class_agreement, lambda count: {"learnt": count // 2}, needs=("labels",)),
    "context_overlap": Measure(("context_overlap",), _context_overlap, needs=("contexts",)),
    "coherence": Measure(("coherence",), _coherence, lambda count: {"learnt": count // 2}, needs=("contexts",)),
    "dull_replies": Measure(("dull_replies",), _dull_replies, needs=("contexts",)),
    "hits_at_1": Measure(
        ("hits_at_1",), None, lambda count: {"candidates": CANDIDATES, "contexts": MOST_RANKED}, ("contexts",)
    ),
    "nll": Measure(("nll",), None),
}


def settings(measures: Mapping[str, Measure], count: int, vocabulary_size: int) -> dict[str, Any]:
    """Return the settings of measures for a number of sentences, as a protocol holds them."""
    chosen = metric_choice.settings(measures, count)
    if _OF_LANGUAGE_MODELS & set(measures):
        chosen["language_model"] = {**LANGUAGE_MODEL, "vocabulary": vocabulary_size}
    return chosen
