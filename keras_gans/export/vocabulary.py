"""The vocabulary in exports: with it alone tokens become text.

`vocabulary.txt` is UTF-8, with the piece of the id n in its line n, counted from 0, and ends with a line feed. The first piece
is empty: the id 0 ends a sentence. Text is the pieces up to the first 0, joined, with U+2581 replaced by a space, without
spaces at both ends. Pieces hold no white space (see `keras_gans.text.Tokenizer`), so that no line is broken; they may hold
other control characters.
"""

from keras_gans.text import END, UNKNOWN

NAME = "vocabulary.txt"
_SPACE = "\u2581"


def pieces(model) -> list[str]:
    """Returns the piece of each id that a model may generate; the unknown one for those that its tokenizer lacks."""
    known = model.tokenizer.vocabulary
    return known + [known[UNKNOWN]] * (model.generator.vocabulary_size - len(known))


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


def content(model) -> bytes:
    """Returns what `vocabulary.txt` holds."""
    return "".join(f"{piece}\n" for piece in pieces(model)).encode()
