"""Whether text bears the watermark of a key."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans._typing import Array
from keras_gans.binomial import at_least
from keras_gans.media import Text
from keras_gans.presets import find_preset
from keras_gans.sequences import END, Watermark
from keras_gans.text import UNKNOWN

if TYPE_CHECKING:
    from keras_gans.media import Medium

# Text with a smaller p is called marked: one in a hundred texts without the mark is, too.
FALSE_ALARMS = 0.01
# Larger files are not read.
_LARGEST = 2**24
_LEAST = 1e-300  # smaller values of p are not told apart


@dataclasses.dataclass(frozen=True)
class WatermarkTest:
    """How often the tokens of a text are on green lists, and how likely that is without a watermark.

    Attributes:
        tokens: Number of tokens that were counted: each different one with the tokens before it once.
        lists: Number of green lists for each of them; half of all tokens are on each.
        green: On how many of the `tokens * lists` lists they are.

    Reference: Kirchenbauer et al. 2023, "A Watermark for Large Language Models", equation 3 (z, with gamma = 1/2); Fernandez et
    al. 2023, "Three Bricks to Consolidate Watermarks for Large Language Models", section III (p from the binomial distribution,
    and repeated tokens counted once, without which p is too small).
    """

    tokens: int
    lists: int
    green: int

    @property
    def z(self) -> float:
        """How many standard deviations more green tokens there are than chance gives; 0 without tokens."""
        count = self.tokens * self.lists
        return (2 * self.green - count) / math.sqrt(count) if count else 0.0

    @property
    def p(self) -> float:
        """Probability of as many green tokens, or more, in text without the mark; 1 without tokens."""
        return at_least(self.green, self.tokens * self.lists, 0.5)

    @property
    def marked(self) -> bool:
        """Whether that is so unlikely (1 %) that the text is taken for marked."""
        return self.p <= FALSE_ALARMS

    @property
    def words(self) -> str:
        """The result as a sentence says it."""
        count = self.tokens * self.lists
        p = f"p = {self.p:.2g}" if self.p > _LEAST else f"p < {_LEAST:g}"
        numbers = f"{self.tokens} different tokens, green {self.green} of {count} times (z = {self.z:.2f}, {p})"
        if self.marked:
            return f"marked with this key: {numbers}"
        if 0.5**count > FALSE_ALARMS:
            return f"too short to tell: {numbers}"
        return f"no mark of this key, which does not mean that a person wrote it: {numbers}"


def find_watermark(
    text: str | os.PathLike | Iterable[str], watermark: Watermark | str, model: str | os.PathLike | Medium
) -> WatermarkTest:
    """Look for the mark that a key leaves in text: see `keras_gans.sequences.Watermark`.

    Args:
        text: Sentences; or the name of a file with a sentence in each line, as `generate` writes it: `.jsonl` files have it as
            `text`, and what comes before a tab, such as a context, is left out.
        watermark: The `Watermark`, or the key of one that is as strong as usual.
        model: The text model that may have written it, whose tokenizer reads it: the name of a preset, its folder, or
            `model.medium`.

    Raises:
        FileNotFoundError: If there is no such file or model.
        ValueError: If the file cannot be read as text, the key is too short, or the model is not a text model.

    Example:

        sentences = model.write(5, watermark=keras_gans.Watermark(key))
        keras_gans.find_watermark(sentences, key, model.medium).p
    """
    mark = Watermark(watermark) if isinstance(watermark, str) else watermark
    medium = _medium_of(model)
    sentences = read_sentences(text) if isinstance(text, str | os.PathLike) else list(text)
    tokenizer = medium.tokenizer
    assert tokenizer is not None
    rows = tokenizer.encode_whole(map(tokenizer.adapt, sentences))
    return count_green([row + [END] * (len(row) < medium.length) for row in rows if row], mark)


def count_green(rows: Sequence[Sequence[int]], watermark: Watermark) -> WatermarkTest:
    """Count the green tokens of sequences.

    Args:
        rows: Tokens of each sequence, with the token of its end if it was drawn, too.
        watermark: The watermark.
    """
    width = watermark.context
    padding = np.zeros(width, "int64")
    # The first token of a sentence is not marked.
    windows = [
        np.lib.stride_tricks.sliding_window_view(np.concatenate([padding, row]), width + 1)[1:] for row in rows if len(row) > 1
    ]
    if not windows:
        return WatermarkTest(0, watermark.strength, 0)
    different: Array = np.unique(np.concatenate(windows), axis=0)
    # Different words share this token.
    different = different[(different != UNKNOWN).all(axis=1)]
    green = watermark.count_green(different[:, :-1], different[:, -1])
    return WatermarkTest(len(different), watermark.strength, int(green.sum()))


def read_sentences(path: str | os.PathLike) -> list[str]:
    """Return the sentences of a file: see `find_watermark`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not text, or larger than 16 MiB.
    """
    path = Path(path)
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"{path} has more than {_LARGEST >> 20} MiB of text; divide it.")
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text in UTF-8: {error.reason} at byte {error.start:,}.") from error
    if path.suffix.lower() != ".jsonl":
        return [line.rpartition("\t")[2] for line in lines]
    return [_text_of(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _text_of(line: str, where: str) -> str:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is not JSON: {str(error)[:80]}.") from error
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise ValueError(f'{where} has no "text": {line[:40]!r}.')
    return found["text"]


def _medium_of(model: str | os.PathLike | Medium) -> Text:
    """Return the medium of a text model with a tokenizer."""
    name: str = "The medium"
    medium: Any = model
    if isinstance(model, str | os.PathLike):
        preset = find_preset(model)
        name, medium = preset.name, preset.medium
        if medium is Text:  # an old preset does not contain the shape of its samples
            medium = Text((int(preset.config["arguments"].get("length", 0)),))
        medium = medium.with_files(preset.folder) if isinstance(medium, Text) else medium
    if not isinstance(medium, Text) or medium.tokenizer is None:
        raise ValueError(f"{name} has no tokenizer to read text with: give the text model that may have written it.")
    return medium
