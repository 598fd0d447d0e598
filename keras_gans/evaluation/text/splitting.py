"""What text is measured by, whatever tokens a generator makes it of."""

import collections
import unicodedata

import numpy as np

from keras_gans.errors import no_such

MEASURED_BY = ("words", "characters")

# So much of a sentence is measured: one endless line must not make an array of all sentences as wide.
LONGEST = 512


class _Parted(dict):
    """Maps a character to itself, and a punctuation mark or symbol to itself between spaces; see `str.translate`."""

    def __missing__(self, code):
        character = chr(code)
        # P is all punctuation, S all symbols: categories of the Unicode standard, chapter 4.5.
        self[code] = f" {character} " if unicodedata.category(character)[0] in "PS" else character
        return self[code]


_PARTED = _Parted()


def split(lines, measured_by="words") -> list[list[str]]:
    """Returns the words, or the characters, of each line.

    Words are what is between white space, and each punctuation mark and symbol is a word of its own: `a man's hat.` is
    `a man ' s hat .`. So text scores the same whether its tokens held the full stop or not. Characters are all but white space,
    one by one, for languages that are written without spaces.

    On captions, BLEU-2 to BLEU-5 of these words is within 0.002 of that of NLTK's word tokenizer, which published numbers are
    of; where only white space separates words, BLEU-2 is 0.03 lower.

    Args:
        lines: The text.
        measured_by: `"words"` or `"characters"`.

    Raises:
        ValueError: If it is to be measured by something else.
    """
    if measured_by == "characters":
        return [list("".join(line.split()))[:LONGEST] for line in lines]
    if measured_by != "words":
        raise ValueError(no_such("unit to measure text by", str(measured_by), list(MEASURED_BY)))
    return [line.translate(_PARTED).split()[:LONGEST] for line in lines]


class Numbering:
    """Integer ids of words: 0 is the end of a sentence, and each word that is met gets the next one.

    Args:
        ids: Word -> id to begin with.
    """

    def __init__(self, ids=None):
        self._ids = dict(ids or {})

    def copy(self) -> "Numbering":
        """Returns another that goes on from here."""
        return Numbering(self._ids)

    def number(self, sentences) -> np.ndarray:
        """Returns sentences as int64 `(n, length)`, in which at least one 0 ends each."""
        ids = self._ids
        return _filled([[ids.setdefault(word, len(ids) + 1) for word in words] for words in sentences])


class Vocabulary:
    """Ids of the most frequent words of some sentences: 0 is the end, 1 every other word.

    Args:
        sentences: Lists of words.
        most: How many ids there are at most.

    Attributes:
        size: How many there are.
    """

    def __init__(self, sentences, most):
        counts = collections.Counter(word for words in sentences for word in words)
        # Of equally frequent ones the first in the order of the alphabet: the order of sentences plays no part.
        words = sorted(counts, key=lambda word: (-counts[word], word))[: most - 2]
        self._ids = {word: number for number, word in enumerate(words, start=2)}
        self.size = len(words) + 2

    def number(self, sentences) -> np.ndarray:
        """Returns sentences as int64 `(n, length)`, in which at least one 0 ends each."""
        return _filled([[self._ids.get(word, 1) for word in words] for words in sentences])


def _filled(rows):
    ids = np.zeros((len(rows), max(map(len, rows), default=0) + 1), "int64")
    for row, numbers in zip(ids, rows, strict=True):
        row[: len(numbers)] = numbers
    return ids
