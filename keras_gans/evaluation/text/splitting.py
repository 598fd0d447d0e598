"""How text is split into words or characters for measuring, whatever the tokens of the generator."""

from __future__ import annotations

import collections
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from keras_gans.errors import no_such

MEASURED_BY = ("words", "characters")

# Maximum number of measured words of a sentence: one endless line must not widen the array of all sentences.
LONGEST = 512


class _Parted(dict[int, str]):
    """A table for `str.translate` that puts spaces around punctuation marks and symbols."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        # The categories of punctuation (P) and symbols (S): Unicode standard, chapter 4.5.
        self[code] = f" {character} " if unicodedata.category(character)[0] in "PS" else character
        return self[code]


_PARTED = _Parted()


def split(lines: Iterable[str], measured_by: str = "words") -> list[list[str]]:
    """Return the words, or the characters, of each line.

    Words are separated by white space, and each punctuation mark and symbol is a word of its own: `a man's hat.` is
    `a man ' s hat .`. So text scores the same whether or not its tokens included the full stop. Characters, except for white
    space, are meant for languages that are written without spaces.

    On captions, BLEU-2 to BLEU-5 of these words is within 0.002 of that of NLTK's word tokenizer, which published numbers use.
    If only white space separates words, BLEU-2 is 0.03 lower.

    Args:
        lines: Lines of text.
        measured_by: `"words"` or `"characters"`.

    Raises:
        ValueError: If `measured_by` is anything else.
    """
    if measured_by == "characters":
        return [list("".join(line.split()))[:LONGEST] for line in lines]
    if measured_by != "words":
        raise ValueError(no_such("unit to measure text by", str(measured_by), list(MEASURED_BY)))
    return [line.translate(_PARTED).split()[:LONGEST] for line in lines]


class Numbering:
    """Integer ids of words: 0 is the end of a sentence, and each new word gets the next id.

    Args:
        ids: Initial ids by word.
    """

    def __init__(self, ids: Mapping[str, int] | None = None) -> None:
        self._ids = dict(ids or {})

    def copy(self) -> Numbering:
        """Return an independent copy."""
        return Numbering(self._ids)

    def number(self, sentences: Iterable[Sequence[str]]) -> np.ndarray:
        """Return the ids of sentences, int64 `(n, length)`; each row ends with at least one 0."""
        ids = self._ids
        return _filled([[ids.setdefault(word, len(ids) + 1) for word in words] for words in sentences])


class Vocabulary:
    """Ids of the most frequent words of some sentences: 0 is the end of a sentence, 1 is any other word.

    Args:
        sentences: Lists of words.
        most: Maximum number of ids.

    Attributes:
        size: Number of ids.
    """

    def __init__(self, sentences: Iterable[Sequence[str]], most: int) -> None:
        counts = collections.Counter(word for words in sentences for word in words)
        # Equally frequent words are in alphabetical order, so the order of sentences does not matter.
        words = sorted(counts, key=lambda word: (-counts[word], word))[: most - 2]
        self._ids = {word: number for number, word in enumerate(words, start=2)}
        self.size = len(words) + 2

    def number(self, sentences: Iterable[Sequence[str]]) -> np.ndarray:
        """Return the ids of sentences, int64 `(n, length)`; each row ends with at least one 0."""
        return _filled([[self._ids.get(word, 1) for word in words] for words in sentences])


def _filled(rows: Sequence[Sequence[int]]) -> np.ndarray:
    ids = np.zeros((len(rows), max(map(len, rows), default=0) + 1), "int64")
    for row, numbers in zip(ids, rows, strict=True):
        row[: len(numbers)] = numbers
    return ids
