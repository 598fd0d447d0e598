"""What the names of files tell, such as the word and the speaker of a recording."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

_PART = re.compile(r"\{(\w+)\}|\*")
_RANGE = re.compile(r"(\d+)-(\d+)")


class NamePattern:
    """A pattern of file names, such as `"{label}_{speaker}_{index}"`.

    Args:
        pattern: Names in braces are fields, `*` is anything. Each takes as few characters as possible.

    Raises:
        ValueError: If the pattern has no fields, or one twice.
    """

    def __init__(self, pattern: str):
        self.pattern = pattern
        self.fields = [match[1] for match in _PART.finditer(pattern) if match[1]]
        invalid = [field for field in self.fields if not field.isidentifier()]
        if not self.fields or invalid or len(set(self.fields)) < len(self.fields):
            raise ValueError(
                "name_pattern must have fields in braces, each once, such as '{label}_{speaker}_{index}'; received "
                f"'{pattern}'."
            )
        literals = iter(_PART.split(pattern)[::2])
        expression = re.escape(next(literals))
        for match, literal in zip(_PART.finditer(pattern), literals, strict=True):
            expression += (f"(?P<{match[1]}>.+?)" if match[1] else ".*?") + re.escape(literal)
        self._expression = re.compile(expression)

    def read(self, stem: str) -> dict[str, str] | None:
        """Return the fields of a name without its suffix; None if the pattern does not fit it."""
        match = self._expression.fullmatch(stem)
        return None if match is None else match.groupdict()


class Part:
    """A part of the data, by what a field of the file names holds.

    Args:
        text: Such as `"index:0-4"` or `"speaker:theo,lucas"`: a field, and its values, or ranges of whole numbers.
        fields: The fields of the pattern.

    Raises:
        ValueError: If the text is not like that, or there is no such field.
    """

    def __init__(self, text: str, fields: Sequence[str]):
        self.field, colon, values = text.partition(":")
        self._values = {value.strip() for value in values.split(",") if value.strip()}
        if not colon or not self._values:
            raise ValueError(f"test_part must look like index:0-4 or speaker:theo,lucas; received '{text}'.")
        if self.field not in fields:
            raise ValueError(
                f"test_part='{text}' needs the field {{{self.field}}} in name_pattern, which has: {', '.join(fields)}."
            )
        self._ranges = [
            (int(match[1]), int(match[2])) for match in map(re.compile(r"(\d+)-(\d+)").fullmatch, self._values) if match
        ]

    def __contains__(self, value: str) -> bool:
        if value in self._values:
            return True
        return value.isdecimal() and any(first <= int(value) <= last for first, last in self._ranges)


def number(values: Iterable[str]) -> tuple[np.ndarray, list[str]]:
    """Return a number for each value, int32, and the different values, whole numbers in their order and words sorted."""
    values = list(values)
    names = sorted(set(values), key=lambda value: (not value.isdecimal(), int(value) if value.isdecimal() else 0, value))
    numbers = {name: index for index, name in enumerate(names)}
    return np.array([numbers[value] for value in values], "int32"), names
