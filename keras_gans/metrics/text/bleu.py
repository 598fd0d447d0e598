"""BLEU: how much of generated sentences occurs in real ones, and how much in other generated ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.text.tokens import check_sentences, count_in_sentences, joined, orders_of_ngrams

# Number of matches that NLTK counts if there are none.
_EPSILON = 0.1


def bleu(
    hypotheses: ArrayLike, references: ArrayLike, n: int | Sequence[int] = (2, 3, 4, 5), end: int | None = 0
) -> dict[int, float]:
    """Return the mean BLEU of sentences, each compared with all references at once.

    A sentence's BLEU-n is the geometric mean of its precisions for 1-grams to n-grams, times a penalty if it is shorter than
    the reference nearest to it in length (the shorter one of two equally near). A precision is the share of the sentence's
    n-grams that occur in a reference. An n-gram counts at most as often as in the reference that holds it most often. If no
    n-gram of a length occurs, 0.1 of one is counted; a sentence without any word of the references scores 0.

    The numbers equal those of TextGAN-PyTorch's protocol: `sentence_bleu` of NLTK 3.10 with uniform weights and smoothing
    method 1. Text GANs are commonly compared with 200 hypotheses against all sentences of the test set. BLEU rises with the
    number of references, and a generator that repeats a few common sentences scores above real text: compare with the BLEU of
    held-out real sentences against the same references, and look at `self_bleu`.

    Args:
        hypotheses: Integer tokens of shape `(m, length)`, the generated sentences.
        references: Integer tokens of shape `(k, another length)`, real sentences.
        n: Length of the longest n-grams, or several such lengths.
        end: The token that ends a sentence; None if every sentence fills its row.

    Returns:
        For each of `n`, the mean BLEU in [0, 1].

    Raises:
        ValueError: If sentences are not integers of at least 0 of shape `(n, length)`, are missing, or `n` is not an integer
            of at least 1.

    Reference: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"; Chen and Cherry 2014, "A
    Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU" (smoothing 1); Yu et al. 2017 (SeqGAN) for
    generated text.
    """
    orders = _check_orders(n)
    hypotheses, lengths = check_sentences(hypotheses, end, "hypotheses")
    references, reference_lengths = check_sentences(references, end, "references")
    return _bleu(hypotheses, lengths, references, reference_lengths, orders)


def self_bleu(
    samples: ArrayLike, num: int = 200, n: int | Sequence[int] = (2, 3, 4, 5), end: int | None = 0
) -> dict[int, float]:
    """Return the mean BLEU of the first generated sentences against all others, which is higher the less diverse they are.

    A sentence is not among its own references, which would give any generator 1, but a duplicate of it may be. The common
    protocol is 200 sentences against 10,000 others: give 10,200. Compare with the value of as many real sentences.

    Args:
        samples: Integer tokens of shape `(m, length)`: generated sentences in random order, more than `num`.
        num: Number of first sentences that are compared with the rest; an integer of at least 1.
        n: As in `bleu`.
        end: As in `bleu`.

    Returns:
        For each of `n`, the mean BLEU in [0, 1].

    Raises:
        ValueError: As `bleu`, and if there are not more than `num` sentences.

    Reference: Zhu et al. 2018, "Texygen: A Benchmarking Platform for Text Generation Models".
    """
    orders = _check_orders(n)
    num = check_count("num", num)
    samples, lengths = check_sentences(samples, end, "samples")
    if len(samples) <= num:
        raise ValueError(
            f"num={num} of the {len(samples)} sentence(s) in samples leave no others to compare with: give more (num and "
            "10,000 are usual), or lower num."
        )
    return _bleu(samples[:num], lengths[:num], samples[num:], lengths[num:], orders)


def _check_orders(n: int | Iterable[int]) -> list[int]:
    orders = list(n) if isinstance(n, Iterable) and not isinstance(n, str) else [n]
    if not orders:
        raise ValueError("n is empty: give one or several integers of at least 1, such as (2, 3, 4, 5).")
    return [check_count("n", order) for order in orders]


def _bleu(
    hypotheses: np.ndarray,
    lengths: np.ndarray,
    references: np.ndarray,
    reference_lengths: np.ndarray,
    orders: list[int],
) -> dict[int, float]:
    count = len(hypotheses)
    sentences = joined(hypotheses, references)
    matches: list[np.ndarray] = []
    precisions: list[np.ndarray] = []
    for n, (rows, ngrams) in enumerate(orders_of_ngrams(sentences, max(orders)), start=1):
        most = _most_in_one(rows[rows >= count] - count, ngrams[rows >= count], len(references), ngrams)
        ours, ngrams, times = count_in_sentences(rows[rows < count], ngrams[rows < count], count)
        matches.append(np.bincount(ours, np.minimum(times, most[ngrams]), minlength=count))
        total = np.maximum(lengths - n + 1, 1)
        precisions.append(np.where(matches[-1] == 0, _EPSILON, matches[-1]) / total)
    penalties = _brevity_penalties(lengths, reference_lengths)
    known = matches[0] > 0
    logarithms = np.cumsum(np.log(precisions), axis=0)
    return {n: float(np.mean(np.where(known, penalties * np.exp(logarithms[n - 1] / n), 0.0))) for n in orders}


def _most_in_one(rows: np.ndarray, ngrams: np.ndarray, sentences: int, numbers: np.ndarray) -> np.ndarray:
    """Return how often each n-gram, by its number, occurs in the sentence that holds it most often."""
    most = np.zeros(numbers.max(initial=-1) + 1, np.int64)
    _, ngrams, times = count_in_sentences(rows, ngrams, sentences)
    np.maximum.at(most, ngrams, times)
    return most


def _brevity_penalties(lengths: np.ndarray, reference_lengths: np.ndarray) -> np.ndarray:
    there = np.unique(reference_lengths)  # ascending: of two equally near, argmin takes the shorter
    nearest = there[np.abs(lengths[:, None] - there).argmin(axis=1)]
    # An empty sentence has no match, and scores 0 with any penalty.
    return np.exp(np.minimum(1 - nearest / np.maximum(lengths, 1), 0.0))
