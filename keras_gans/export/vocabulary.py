"""The vocabulary in exports: with it alone tokens become text.

`vocabulary.txt` is UTF-8, with the piece of the id n in its line n, counted from 0, and ends with a line feed. The first piece
is empty: the id 0 ends a sentence. Text is the pieces up to the first 0, joined, with U+2581 replaced by a space, without
spaces at both ends. Pieces hold no white space (see `keras_gans.text.Tokenizer`), so that no line is broken; they may hold
other control characters.
"""

from keras_gans.text import END, UNKNOWN

NAME = "vocabulary.txt"
_SPACE = "\u2581"
# What Python's str.split takes for white space, and U+2581, in the words of RE2.
_WHITE_SPACE = r"[\s\v\x1c-\x1f\x{85}\p{Z}\x{2581}]+"


def pieces(medium) -> list[str]:
    """Returns the piece of each id that a model may generate; the unknown one for those that its tokenizer lacks.

    Args:
        medium: A `keras_gans.media.Text` with a tokenizer.
    """
    known = medium.tokenizer.vocabulary
    return known + [known[UNKNOWN]] * (medium.vocabulary_size - len(known))


def join(tokens, pieces):
    """Returns tokens as text, in a TensorFlow graph.

    Args:
        tokens: An int32 tensor `(batch, length)`.
        pieces: The piece of each id.

    Returns:
        A tensor of UTF-8 strings `(batch,)`.
    """
    import tensorflow as tf

    table = tf.constant([piece.replace(_SPACE, " ") for piece in pieces])
    before_end = tf.cast(tf.math.cumprod(tf.cast(tokens != END, "int32"), axis=1), "bool")
    return tf.strings.strip(tf.strings.reduce_join(tf.where(before_end, tf.gather(table, tokens), ""), axis=1))


def reads_prompts(medium) -> bool:
    """Whether text can be turned into tokens by the vocabulary alone: words and characters can."""
    return medium.tokenizer is not None and medium.tokenizer.kind in ("words", "characters")


class PromptReader:
    """Turns text into tokens, in a TensorFlow graph, as `Tokenizer.encode` does.

    Args:
        medium: A `keras_gans.media.Text` that `reads_prompts`.

    Attributes:
        table: The ids of pieces, which whoever saves the graph must keep.
    """

    def __init__(self, medium):
        import tensorflow as tf

        self.words = medium.tokenizer.kind == "words"
        self.length = medium.length
        known = medium.tokenizer.vocabulary
        keys = tf.constant(known[UNKNOWN + 1 :])
        values = tf.range(UNKNOWN + 1, len(known), dtype=tf.int32)
        self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), UNKNOWN)

    def __call__(self, prompts):
        """Returns int32 tokens `(batch, length)` of UTF-8 strings `(batch,)`, and how many they are `(batch,)`.

        What is unknown or leaves no room is refused when the graph runs.
        """
        import tensorflow as tf

        lines = tf.strings.strip(tf.strings.regex_replace(prompts, _WHITE_SPACE, " "))
        if self.words:
            parts = tf.strings.split(lines, " ")
            # The parts of an empty line are one, which is empty.
            parts = tf.ragged.boolean_mask(parts, tf.strings.length(parts) > 0)
            pieces = tf.ragged.map_flat_values(lambda words: tf.strings.join([_SPACE, words]), parts)
        else:
            pieces = tf.strings.unicode_split(tf.strings.regex_replace(lines, " ", _SPACE), "UTF-8")
        tokens = tf.ragged.map_flat_values(self.table.lookup, pieces)
        lengths = tf.cast(tokens.row_lengths(), "int32")
        checks = [
            tf.debugging.Assert(
                tf.reduce_all(tokens.flat_values != UNKNOWN), ["The prompt holds what the model has never seen."]
            ),
            tf.debugging.Assert(
                tf.reduce_all(lengths < self.length), [f"The prompt leaves no room in {self.length} tokens: shorten it."]
            ),
        ]
        with tf.control_dependencies(checks):
            return tokens.to_tensor(END, shape=(None, self.length)), tf.identity(lengths)


def content(medium) -> bytes:
    """Returns what `vocabulary.txt` holds."""
    return "".join(f"{piece}\n" for piece in pieces(medium)).encode()
