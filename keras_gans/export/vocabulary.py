"""The vocabulary in exports, which is all that is needed to turn tokens into text.

`vocabulary.txt` is UTF-8. Line n, counted from 0, contains the piece with id n; the file ends with a line feed. The first piece
is empty: id 0 ends a sentence. Text is the pieces up to the first 0, joined, with U+2581 replaced by a space, stripped of
spaces at both ends. Pieces contain no white space (see `keras_gans.text.Tokenizer`), and therefore no line breaks; they may
contain other control characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from keras_gans._typing import Tensor
from keras_gans.media import Text
from keras_gans.text import END, UNKNOWN
from keras_gans.text.marks import SPACE, WITHIN_NUMBERS, WITHIN_WORDS

NAME = "vocabulary.txt"
# The white space of Python's str.split, and U+2581, in RE2 syntax.
_WHITE_SPACE = r"[\s\v\x1c-\x1f\x{85}\p{Z}\x{2581}]+"
# What may stand within words, and within numbers, gets another name meanwhile: one of the characters that are white space.
_WORD, _NUMERAL = r"[\p{L}\p{M}\p{N}]", r"\p{N}"
_MEANWHILE = dict(zip(WITHIN_WORDS + WITHIN_NUMBERS, "\x1c\x1d\x1e\x1f\v\f", strict=True))


def pieces(medium: Text) -> list[str]:
    """Return the piece for each id that a model may generate: the unknown piece for ids that its tokenizer lacks.

    Args:
        medium: A medium with a tokenizer.
    """
    assert medium.tokenizer is not None and medium.vocabulary_size is not None
    known = medium.tokenizer.vocabulary
    return known + [known[UNKNOWN]] * (medium.vocabulary_size - len(known))


def join(tokens: Tensor, pieces: Sequence[str]) -> Tensor:
    """Return tokens as text, in a TensorFlow graph.

    Args:
        tokens: int32 `(batch, length)`.
        pieces: The piece for each id.

    Returns:
        A tensor of UTF-8 strings `(batch,)`.
    """
    import tensorflow as tf

    table = tf.constant([piece.replace(SPACE, " ") for piece in pieces])
    before_end = tf.cast(tf.math.cumprod(tf.cast(tokens != END, "int32"), axis=1), "bool")
    return tf.strings.strip(tf.strings.reduce_join(tf.where(before_end, tf.gather(table, tokens), ""), axis=1))


def reads_prompts(medium: Text) -> bool:
    """Whether the vocabulary alone can turn text into tokens, as for words and characters."""
    return medium.tokenizer is not None and medium.tokenizer.kind != "subwords"


class _Reader:
    """Turns text into tokens, in a TensorFlow graph.

    Args:
        medium: A medium for which `reads_prompts` is true.

    Attributes:
        table: The ids of the pieces, which must be saved with the graph.
    """

    def __init__(self, medium: Text):
        import tensorflow as tf

        assert medium.tokenizer is not None
        self.medium, self.kind = medium, medium.tokenizer.kind
        known = medium.tokenizer.vocabulary
        keys = tf.constant(known[UNKNOWN + 1 :])
        values = tf.range(UNKNOWN + 1, len(known), dtype=tf.int32)
        self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), UNKNOWN)

    def tokens(self, texts: Tensor) -> Any:
        """Return the ragged int32 tokens of UTF-8 strings `(n,)`."""
        import tensorflow as tf

        lines = tf.strings.strip(tf.strings.regex_replace(texts, _WHITE_SPACE, " "))
        if self.kind == "words_and_marks":
            pieces = _parted(lines)
        elif self.kind == "words":
            parts = tf.strings.split(lines, " ")
            # An empty line has one part, which is empty.
            parts = tf.ragged.boolean_mask(parts, tf.strings.length(parts) > 0)
            pieces = tf.ragged.map_flat_values(lambda words: tf.strings.join([SPACE, words]), parts)
        else:
            pieces = tf.strings.unicode_split(tf.strings.regex_replace(lines, " ", SPACE), "UTF-8")
        return tf.ragged.map_flat_values(self.table.lookup, pieces)


def _parted(lines: Tensor) -> Any:
    """Return the ragged words and marks of lines with single spaces, as `keras_gans.text.marks.parted` does."""
    import tensorflow as tf

    for mark, name in _MEANWHILE.items():
        around = _WORD if mark in WITHIN_WORDS else _NUMERAL
        for _ in range(2):  # a character between two marks is found with the first of them only
            lines = tf.strings.regex_replace(lines, f"({around}){re.escape(mark)}({around})", rf"\1{name}\2")
    lines = tf.strings.join([SPACE, tf.strings.regex_replace(lines, " ", f" {SPACE}")])
    names = "".join(_MEANWHILE.values())
    lines = tf.strings.regex_replace(lines, rf"([^\p{{L}}\p{{M}}\p{{N}} {SPACE}{names}])", r" \1 ")
    parts = tf.strings.split(tf.strings.regex_replace(lines, f"{SPACE} +", SPACE), " ")
    # An empty line has one part.
    parts = tf.ragged.boolean_mask(parts, (tf.strings.length(parts) > 0) & (parts != SPACE))
    for mark, name in _MEANWHILE.items():
        parts = tf.ragged.map_flat_values(tf.strings.regex_replace, parts, name, mark)
    return parts


class PromptReader(_Reader):
    """Turns the beginnings of texts into tokens, in a TensorFlow graph, as `Tokenizer.encode` does."""

    def __call__(self, prompts: Tensor) -> tuple[Tensor, Tensor]:
        """Return int32 tokens `(batch, length)` and their number `(batch,)` for UTF-8 strings `(batch,)`.

        Running the graph raises an error for unknown words or characters and for prompts that are too long.
        """
        import tensorflow as tf

        length, tokens = self.medium.length, self.tokens(prompts)
        lengths = tf.cast(tokens.row_lengths(), "int32")
        checks = [
            tf.debugging.Assert(
                tf.reduce_all(tokens.flat_values != UNKNOWN), ["The prompt contains text that the model has never seen."]
            ),
            tf.debugging.Assert(
                tf.reduce_all(lengths < length), [f"The prompt leaves no room in {length} tokens: shorten it."]
            ),
        ]
        with tf.control_dependencies(checks):
            return tokens.to_tensor(END, shape=(None, length)), tf.identity(lengths)


class ContextReader(_Reader):
    """Turns contexts into tokens, in a TensorFlow graph, as `Tokenizer.encode_contexts` does; tabs divide turns."""

    def __call__(self, contexts: Tensor) -> Tensor:
        """Return int32 tokens `(batch, context_length)`, filled with 0 on the left, for UTF-8 strings `(batch,)`."""
        import tensorflow as tf

        tokenizer, turns = self.medium.tokenizer, tf.strings.split(contexts, "\t")
        assert tokenizer is not None
        # As `Tokenizer.adapt`.
        texts = turns.flat_values if tokenizer.has_capitals else tf.strings.lower(turns.flat_values, "utf-8")
        if tokenizer.marks:
            texts = tf.strings.regex_replace(texts, f"([{re.escape(tokenizer.marks)}])", r" \1 ")
        tokens = self.tokens(texts)
        # An end before each turn that is not empty, then without the first of them.
        present = tf.cast(tokens.row_lengths() > 0, "int64")
        ends = tf.RaggedTensor.from_row_lengths(tf.fill([tf.reduce_sum(present)], tf.constant(END)), present)
        nested = tf.RaggedTensor.from_row_splits(tf.concat([ends, tokens], axis=1), turns.row_splits)
        length = self.medium.context_length
        rows = nested.merge_dims(1, 2)[:, 1:][:, -length:]
        filled = rows.to_tensor(END, shape=(None, length))
        return tf.reverse(tf.reverse_sequence(filled, rows.row_lengths(), seq_axis=1), [1])


def content(medium: Text) -> bytes:
    """Return the contents of `vocabulary.txt`."""
    return "".join(f"{piece}\n" for piece in pieces(medium)).encode()
