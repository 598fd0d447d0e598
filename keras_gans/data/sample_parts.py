"""Parts of splits, as TensorFlow Datasets writes them: `train[:10%]`, `train+test`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_PART = re.compile(r"([\w-]+)(?:\[(-?\d*\.?\d*%?):(-?\d*\.?\d*%?)\])?")


def find_parts(name: str, split: str, counts: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return what a split consists of.

    Args:
        name: Name of the data set.
        split: Such as `"train"`, `"all"`, `"train[:10%]"`, `"train[-500:]"` or `"train+test"`. Percentages are rounded to the
            nearest sample.
        counts: Number of samples of each split.

    Returns:
        `(split, first, last)` of each part: samples `first` to `last - 1`.

    Raises:
        ValueError: If there is no such split, or it is empty.
    """
    parts = [part for each in re.split(r"\s*\+\s*", split) for part in _one_part(name, each, counts)]
    if not any(last > first for _, first, last in parts):
        raise ValueError(f"The split '{split}' of '{name}' is empty.")
    return parts


def _one_part(name: str, split: str, counts: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    if split == "all":
        yield from ((each, 0, count) for each, count in counts.items())
        return
    match = _PART.fullmatch(split)
    if match is None or match[1] not in counts:
        raise ValueError(no_such_split(name, split, counts))
    count = counts[match[1]]
    texts = match[2] or "", match[3] or ""
    percent = any(text.endswith("%") for text in texts)  # a percentage on one side makes one of the other
    try:
        ends = [_position(text, end, count, percent) for text, end in zip(texts, (0, count), strict=True)]
    except ValueError as error:
        raise ValueError(no_such_split(name, split, counts)) from error
    if any(abs(end) > count for end in ends):
        raise ValueError(no_such_split(name, split, counts))
    first, last = (end + count if end < 0 else end for end in ends)
    yield match[1], first, max(first, last)


def _position(text: str, default: int, count: int, percent: bool) -> int:
    if not text:
        return default
    return round(float(text.removesuffix("%")) * count / 100) if percent else int(text)


def no_such_split(name: str, split: str, splits: Mapping[str, object]) -> str:
    """Return the message for a split that a data set does not have."""
    has = f"It has: {', '.join(splits)}; a part of one looks like {next(iter(splits))}[:10%]."
    return f"'{name}' has no split '{split}'. {has}"
