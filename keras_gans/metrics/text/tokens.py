"""The checks of sentences that all measures share, and their n-grams as integers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count

# Behind the end of a sentence; no token is negative.
FILLING = -1


def check_sentences(
    sentences: ArrayLike, end: int | None = 0, name: str = "sentences", least: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return sentences without the tokens behind their ends, and their lengths, after checking them.

    Args:
        sentences: Integers of at least 0, shape `(n, length)`: one sentence in each row.
        end: The token that ends a sentence; it and all tokens behind it do not count as words. None if every sentence fills
            its row.
        name: Name of the sentences in error messages.
        least: Smallest number of sentences accepted.

    Returns:
        int64 `(n, length)`, with `FILLING` from the end on, and int64 `(n,)`, the number of words of each sentence.

    Raises:
        ValueError: If the shape is not `(n, length)`, there are fewer than `least` rows, a value is negative or not an integer,
            or `end` is neither None nor an integer of at least 0.
    """
    sentences = np.asarray(sentences)
    if sentences.ndim != 2 or sentences.shape[1] == 0:
        raise ValueError(f"{name} must have shape (sentences, length), but it has {sentences.shape}.")
    if sentences.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold the integer ids of tokens, but its dtype is {sentences.dtype}.")
    if len(sentences) < least:
        raise ValueError(f"{name} holds {len(sentences)} sentence(s), but at least {least} must be given.")
    lowest, highest = int(sentences.min()), int(sentences.max())
    if lowest < 0 or highest > np.iinfo(np.int32).max:
        raise ValueError(f"{name} must hold ids of tokens, from 0 to 2147483647, but they run from {lowest} to {highest}.")
    if end is None:
        return sentences.astype(np.int64), np.full(len(sentences), sentences.shape[1])
    end = check_count("end", end, least=0)
    ended = np.logical_or.accumulate(sentences == end, axis=1)
    return np.where(ended, FILLING, sentences).astype(np.int64), np.sum(~ended, axis=1)


def joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the rows of two arrays of `check_sentences` in one array; those of the narrower one are filled up."""
    width = max(first.shape[1], second.shape[1])
    return np.concatenate(
        [np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=FILLING) for rows in (first, second)]
    )


def orders_of_ngrams(tokens: np.ndarray, highest: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the n-grams of sentences as integers, for n from 1 to `highest`.

    Equal n-grams have equal numbers and different ones different numbers: an n-gram is the rank of the pair of the number of
    its first n - 1 tokens and its last token, among all such pairs.

    Args:
        tokens: As `check_sentences` returns them.
        highest: The largest n.

    Yields:
        `(rows, ngrams)`, int64 arrays: the sentence and the number, from 0 on, of each n-gram; empty if there are none.
    """
    rows, places = np.nonzero(tokens != FILLING)
    words, last = np.unique(tokens[rows, places], return_inverse=True)
    ranks = np.full(tokens.shape, FILLING)
    ranks[rows, places] = last
    ngrams = last
    for n in range(1, highest + 1):
        yield rows, ngrams
        # The n-grams that go on for another token.
        follows = places + n < tokens.shape[1]
        rows, places, ngrams = rows[follows], places[follows], ngrams[follows]
        last = ranks[rows, places + n]
        follows = last != FILLING
        rows, places = rows[follows], places[follows]
        ngrams = np.unique(ngrams[follows] * len(words) + last[follows], return_inverse=True)[1]


def count_in_sentences(rows: np.ndarray, ngrams: np.ndarray, sentences: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count each n-gram within each sentence.

    Args:
        rows: The sentence of each n-gram.
        ngrams: Their numbers.
        sentences: Number of sentences.

    Returns:
        `(rows, ngrams, counts)` of all pairs of a sentence and an n-gram in it, the n-grams ascending.
    """
    pairs, counts = np.unique(ngrams * sentences + rows, return_counts=True)
    return pairs % sentences, pairs // sentences, counts
