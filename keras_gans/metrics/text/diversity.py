"""Diversity of generated sentences: repetition within a sentence, among sentences, and of the training text."""

from __future__ import annotations

import collections

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.text.tokens import check_sentences, count_in_sentences, joined, orders_of_ngrams

# A copied run of more words than these is a passage. (Carlini et al. 2023 count 50 subword tokens, but captions have 11 words.)
PASSAGE = 12


def distinct_n(sentences: ArrayLike, n: int = 2, end: int | None = 0) -> float:
    """Return the number of different n-grams divided by the number of all n-grams, over all sentences.

    It falls as the number of sentences and their lengths grow: compare equally many sentences, and with real text. (Li et al.
    divide by the number of words; this form is in common use and reaches 1.)

    Args:
        sentences: Integer tokens of shape `(m, length)`.
        n: Length of the n-grams, an integer of at least 1.
        end: The token that ends a sentence; None if every sentence fills its row.

    Returns:
        A number in (0, 1], or 0 if no sentence has n words.

    Raises:
        ValueError: If sentences are not integers of at least 0 of shape `(m, length)`, are missing, or `n` is out of range.

    Reference: Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models", section 5.
    """
    _, ngrams = _ngrams(check_sentences(sentences, end)[0], n)
    return len(np.unique(ngrams)) / max(len(ngrams), 1)


def repetition(sentences: ArrayLike, n: int = 4, end: int | None = 0) -> float:
    """Return the share of a sentence's n-grams that repeat an earlier one of the same sentence; mean over the sentences.

    This is seq-rep-n: 1 - different n-grams / all n-grams of the sentence. A sentence of fewer than n words scores 0.

    Args:
        sentences: Integer tokens of shape `(m, length)`.
        n: Length of the n-grams, an integer of at least 1.
        end: The token that ends a sentence; None if every sentence fills its row.

    Returns:
        A number in [0, 1): 0 without repetition.

    Raises:
        ValueError: As `distinct_n`.

    Reference: Welleck et al. 2020, "Neural Text Generation With Unlikelihood Training", section 6 (seq-rep-n).
    """
    tokens, lengths = check_sentences(sentences, end)
    rows, ngrams = _ngrams(tokens, n)
    different = np.bincount(count_in_sentences(rows, ngrams, len(tokens))[0], minlength=len(tokens))
    total = np.maximum(lengths - n + 1, 0)
    return float(np.mean(np.where(total > 0, 1 - different / np.maximum(total, 1), 0.0)))


def duplicated_share(sentences: ArrayLike, end: int | None = 0) -> float:
    """Return the share of sentences that equal another one word for word.

    Args:
        sentences: Integer tokens of shape `(m, length)`.
        end: The token that ends a sentence; None if every sentence fills its row.

    Returns:
        A number in [0, 1]: 0 if all are different, 1 if each has a duplicate.

    Raises:
        ValueError: As `distinct_n`.
    """
    tokens, _ = check_sentences(sentences, end)
    counts = collections.Counter(row.tobytes() for row in tokens)
    return sum(count for count in counts.values() if count > 1) / len(tokens)


def copied_share(generated: ArrayLike, training: ArrayLike, end: int | None = 0) -> float:
    """Return the share of generated sentences that are word for word among the training sentences.

    Real text has common sentences too: compare with the share of held-out real ones.

    Args:
        generated: Integer tokens of shape `(m, length)`.
        training: Integer tokens of shape `(k, another length)`.
        end: The token that ends a sentence; None if every sentence fills its row.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If sentences are not integers of at least 0 of shape `(m, length)`, or are missing.
    """
    generated, training = check_sentences(generated, end, "generated")[0], check_sentences(training, end, "training")[0]
    rows = [row.tobytes() for row in joined(generated, training)]
    known = set(rows[len(generated) :])
    return sum(row in known for row in rows[: len(generated)]) / len(generated)


def novelty(generated: ArrayLike, training: ArrayLike, end: int | None = 0) -> float:
    """Return the share of generated sentences that are not word for word among the training sentences.

    It is 1 - `copied_share`, with the same arguments and errors. A sentence that differs from a training sentence in one word
    is new.
    """
    return 1 - copied_share(generated, training, end)


def copied_runs(sentences: ArrayLike, training: ArrayLike | None = None, end: int | None = 0) -> np.ndarray:
    """Return the length of the longest run of words of each sentence that a single training sentence holds, too.

    Real text repeats itself as well: compare with the runs that training sentences share with each other.

    Args:
        sentences: Integer tokens of shape `(m, length)`.
        training: Integer tokens of shape `(k, another length)`. None for the runs that another one of `sentences` holds.
        end: The token that ends a sentence; None if every sentence fills its row.

    Returns:
        int64 `(m,)`: a number of consecutive words; 0 where not even a word is shared.

    Raises:
        ValueError: As `copied_share`.

    Reference: Carlini et al. 2023, "Quantifying Memorization Across Neural Language Models" (verbatim runs).
    """
    tokens, _ = check_sentences(sentences, end)
    count = len(tokens)
    if training is not None:
        tokens = joined(tokens, check_sentences(training, end, "training")[0])
    longest = np.zeros(count, np.int64)
    for n, (rows, ngrams) in enumerate(orders_of_ngrams(tokens, tokens.shape[1]), 1):
        if len(ngrams) == 0:
            break
        if training is None:
            holders = np.bincount(count_in_sentences(rows, ngrams, count)[1])
            shared = holders[ngrams] > 1
        else:
            known = np.zeros(ngrams.max() + 1, bool)
            known[ngrams[rows >= count]] = True
            shared = known[ngrams] & (rows < count)
        if not shared.any():
            break
        longest[rows[shared]] = n
    return longest


def _ngrams(tokens: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    *_, highest = orders_of_ngrams(tokens, check_count("n", n))
    return highest
