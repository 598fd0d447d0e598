"""Text as words and punctuation marks, each of them apart, so that the text can be put together again."""

import re
import unicodedata

SPACE = "▁"  # U+2581, before what follows a space
# Apostrophes and hyphens within a word and points within a number belong to them.
WITHIN_WORDS, WITHIN_NUMBERS = "'\u2019-", ".,:"
# Of the classes of characters that `_Classes` names.
_TOKEN = re.compile(r"[wd]+(?:(?:'|(?<=d)\.(?=d))[wd]+)*|.")


class _Classes(dict[int, str]):
    """A table for `str.translate`: w for letters and accents, d for numerals, ' and . for what joins them, x for the rest."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)[0]
        joining = "'" if character in WITHIN_WORDS else "." if character in WITHIN_NUMBERS else "x"
        self[code] = {"L": "w", "M": "w", "N": "d"}.get(category, joining)
        return self[code]


_CLASSES = _Classes()


def parted(line: str) -> list[str]:
    """Return the words and punctuation marks of a line, each with U+2581 before it if a space, or nothing, comes before it.

    A word is a run of letters and numerals (Unicode's categories L, M and N) with apostrophes and hyphens within, and a number
    may have points within: `don't`, `3.5`. Every other character but white space is a token of its own.
    """
    parts = []
    for word in line.split():
        found = [word[token.start() : token.end()] for token in _TOKEN.finditer(word.translate(_CLASSES))]
        parts += [SPACE + found[0], *found[1:]]
    return parts
