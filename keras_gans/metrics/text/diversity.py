"""Variety of generated sentences: repetition within one, among them, and of the training text."""

import collections

import numpy as np

from keras_gans.errors import check_count
from keras_gans.metrics.text.tokens import check_sentences, count_in_sentences, joined, orders_of_ngrams


def distinct_n(sentences, n: int = 2, end=0) -> float:
    """Returns the number of different n-grams divided by the number of all n-grams, over all sentences.

    It falls with the number of sentences and with their lengths: compare equally many, and with real text. (Li et al. divide by
    the number of words; this is the form in common use, which reaches 1.)

    Args:
        sentences: Integer tokens of shape `(m, length)`.
        n: Length of the n-grams, an integer of at least 1.
        end: The token that ends a sentence; None where every sentence fills its row.

    Returns:
        A number in (0, 1], or 0 if no sentence has n words.

    Raises:
        ValueError: If sentences are no integers of at least 0 of shape `(m, length)`, there are none, or `n` is out of range.

    Reference: Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models", section 5.
    """
    _, ngrams = _ngrams(check_sentences(sentences, end)[0], n)
    return len(np.unique(ngrams)) / max(len(ngrams), 1)


def repetition(sentences, n: int = 4, end=0) -> float:
    """Returns the share of a sentence's n-grams that repeat an earlier one of the same sentence; mean over the sentences.

    This is seq-rep-n: 1 less the number of different n-grams in a sentence divided by that of all its n-grams. A sentence of
    fewer than n words repeats none.

    Args:
        sentences: Integer tokens of shape `(m, length)`.
        n: Length of the n-grams, an integer of at least 1.
        end: The token that ends a sentence; None where every sentence fills its row.

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


def duplicated_share(sentences, end=0) -> float:
    """Returns the share of sentences that are word for word like another one of them.

    Args:
        sentences: Integer tokens of shape `(m, length)`.
        end: The token that ends a sentence; None where every sentence fills its row.

    Returns:
        A number in [0, 1]: 0 if all are different, 1 if each has a double.

    Raises:
        ValueError: As `distinct_n`.
    """
    tokens, _ = check_sentences(sentences, end)
    counts = collections.Counter(row.tobytes() for row in tokens)
    return sum(count for count in counts.values() if count > 1) / len(tokens)


def copied_share(generated, training, end=0) -> float:
    """Returns the share of generated sentences that are word for word among the training sentences.

    Real text has common sentences too: compare with the share of held-out real ones.

    Args:
        generated: Integer tokens of shape `(m, length)`.
        training: Integer tokens of shape `(k, another length)`.
        end: The token that ends a sentence; None where every sentence fills its row.

    Returns:
        A number in [0, 1].

    Raises:
        ValueError: If sentences are no integers of at least 0 of shape `(m, length)`, or there are none.
    """
    generated, training = check_sentences(generated, end, "generated")[0], check_sentences(training, end, "training")[0]
    rows = [row.tobytes() for row in joined(generated, training)]
    known = set(rows[len(generated) :])
    return sum(row in known for row in rows[: len(generated)]) / len(generated)


def novelty(generated, training, end=0) -> float:
    """Returns the share of generated sentences that are not word for word among the training sentences.

    It is 1 less `copied_share`, whose arguments and errors it has. A sentence that differs from a training sentence in one word
    is new.
    """
    return 1 - copied_share(generated, training, end)


def _ngrams(tokens, n):
    check_count("n", n)
    *_, highest = orders_of_ngrams(tokens, n)
    return highest
