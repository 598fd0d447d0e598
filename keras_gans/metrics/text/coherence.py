"""How well sentences go with the contexts that they answer or continue, as told by which words real text holds together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from keras_gans.errors import check_count

# Real text that a space is made of, and sentences that each is compared with: as many as a second or two allow.
_DOCUMENTS, _COMPARED = 2000, 2000


def coherence(
    contexts: Sequence[Collection[str]],
    sentences: Sequence[Collection[str]],
    documents: Sequence[Collection[str]],
    dimensions: int = 100,
) -> float:
    """Return how often a sentence is nearer to its own context than the sentence of another context is.

    Words that occur in the same documents are near each other in a space of few dimensions (latent semantic analysis): the
    largest singular vectors of the documents' words, weighted by the inverse of how many documents hold them. Contexts and
    sentences are compared by the cosine of their places there. Nothing is random.

    Real text does not reach 1 either: compare with real sentences and their contexts.

    Args:
        contexts: The words of each context. The first 2,000 are compared.
        sentences: The words of the sentence that answers or continues each.
        documents: The words of real contexts together with their sentences, of which at most 2,000, evenly spread, are used.
        dimensions: Number of dimensions of the space.

    Returns:
        A number in [0, 1]: 0.5 if sentences have nothing to do with their contexts.

    Raises:
        ValueError: If there are not as many sentences as contexts, fewer than two of them or of the documents, or
            `dimensions` is below 1.

    Reference: Foltz, Kintsch and Landauer 1998, "The Measurement of Textual Coherence with Latent Semantic Analysis".
    """
    if len(contexts) != len(sentences) or len(contexts) < 2 or len(documents) < 2:
        raise ValueError(
            f"Coherence takes as many sentences as contexts, at least 2, and 2 documents or more; received {len(contexts)} "
            f"contexts, {len(sentences)} sentences and {len(documents)} documents."
        )
    space = _Space(documents[:: -(-len(documents) // _DOCUMENTS)], check_count("dimensions", dimensions))
    similar = space.place(contexts[:_COMPARED]) @ space.place(sentences[:_COMPARED]).T
    own = np.diagonal(similar)[:, None]
    # Equally near sentences, such as those of unknown words only, are half before and half behind. The own one is one of them.
    others = len(similar) - 1
    before = np.sum(similar < own, axis=1) + (np.sum(similar == own, axis=1) - 1) / 2
    return float(np.mean(before / others))


class _Space:
    """The space of latent semantic analysis of some documents."""

    def __init__(self, documents: Sequence[Collection[str]], dimensions: int) -> None:
        self._numbers: dict[str, int] = {}
        for words in documents:
            for word in words:
                self._numbers.setdefault(word, len(self._numbers))
        held = self._table(documents)
        self._weights = np.log(len(documents) / held.sum(axis=0, dtype="float64")).astype("float32")
        held *= self._weights
        # Documents are fewer than words, so the products of documents are decomposed.
        squares, vectors = np.linalg.eigh((held @ held.T).astype("float64"))
        kept = squares > squares[-1] * 1e-6
        kept[:-dimensions] = False
        self._axes = held.T @ (vectors[:, kept] / np.sqrt(squares[kept])).astype("float32")

    def _table(self, texts: Sequence[Collection[str]]) -> np.ndarray:
        """Return which text holds which word, float32 `(texts, words)`."""
        table = np.zeros((len(texts), len(self._numbers)), "float32")
        for row, words in zip(table, texts, strict=True):
            row[[self._numbers[word] for word in words if word in self._numbers]] = 1
        return table

    def place(self, texts: Sequence[Collection[str]]) -> np.ndarray:
        """Return a vector of length 1 for each text, or of zeros if it holds no word of the documents."""
        places = (self._table(texts) * self._weights) @ self._axes
        lengths = np.linalg.norm(places, axis=1, keepdims=True)
        # Equal texts have equal places: without this, the last bits would put one before the other.
        return np.round(places / np.where(lengths > 0, lengths, 1), 5)
