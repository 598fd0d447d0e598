"""Text as tokens, which are integers, and tokens as text."""

import io
import itertools
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import sentencepiece

from keras_gans.errors import check_count, no_such
from keras_gans.files import replacing

# Ends a sentence, fills up what is behind it, and is what the first token of a sentence follows.
END = 0
# Stands for what the vocabulary lacks.
UNKNOWN = 1

_TYPES = {"words": "word", "characters": "char", "subwords": "bpe"}  # as SentencePiece calls them
_SPACE = "▁"  # U+2581, which stands for a space in pieces
_UNKNOWN_TEXT = "<unk>"
# The model's own names of the end and of the unknown token. They begin with a control character that counts as white space,
# which is why no text holds them, whereas SentencePiece's usual names occur in corpora. The name of the end tells the kind.
_END_NAME, _UNKNOWN_NAME = "\x1cend of ", "\x1cunknown"
# Ids there must be: these two, and two between which a generator has a choice.
_LEAST_SIZE = 4
_SUBWORDS = 8_000
_RESERVED = "\u2585"  # SentencePiece learns nothing from lines that hold it, and does not say so
_LONGEST_LINE = 2**30  # in bytes: as long as SentencePiece allows; by default it leaves out lines above 4,192
_LONGEST_WORD = 1_000  # in characters; it cannot read a model with a word of 32 KiB. What is longer becomes unknown


class Tokenizer:
    """Turns lines of text into int32 ids and back, with a vocabulary learnt from text.

    There are three kinds of tokens:
        `words`: what white space separates.
        `characters`: each on its own, spaces too. For languages that are written without spaces.
        `subwords`: parts of words, joined by byte-pair encoding (Sennrich et al. 2016, "Neural Machine Translation of Rare
            Words with Subword Units", section 3.2), so that frequent words are one token and rare ones several.

    The id 0 is the end of a sentence, what fills up behind it, and what the first token follows; 1 is what is not in the
    vocabulary: a word, a character, or, for subwords, a run of characters. Words and characters are ordered by frequency,
    subwords as they were joined, with single characters last.

    Any run of white space is the same as one space, and none is kept at either end; so is the character U+2581, which stands
    for a space in pieces. The text is not changed otherwise. A piece of text `<unk>` among words is the unknown token.

    Text is had from ids with the vocabulary alone: pieces are joined, U+2581 is replaced by a space, and spaces at both ends
    are removed.

    A tokenizer is made by `Tokenizer.train` or `Tokenizer.load`. It is a SentencePiece model (Kudo and Richardson 2018).

    Args:
        model: The bytes of a file that `save` wrote.

    Attributes:
        model: These bytes.
        kind: `"words"`, `"characters"` or `"subwords"`.
        vocabulary: The piece of each id: the first is empty, the second shows as `<unk>`.

    Raises:
        ValueError: If these are no bytes of a tokenizer.

    Example:

        tokenizer = Tokenizer.train(["a cat sat", "a dog sat"])
        ids, longer = tokenizer.encode(["a dog"], length=4)
        tokenizer.decode(ids)  # ["a dog"]
    """

    def __init__(self, model: bytes):
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
            pieces = self._processor.id_to_piece(list(range(len(self._processor)))) if model else []
        # Damaged bytes may parse and hold pieces that are not UTF-8.
        except (RuntimeError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"This is no tokenizer, or it is damaged: {error}") from error
        self.kind = next((kind for kind in _TYPES if pieces[:2] == [_END_NAME + kind, _UNKNOWN_NAME]), None)
        if self.kind is None or len(pieces) < _LEAST_SIZE:
            raise ValueError("This is no tokenizer, or it is damaged: Tokenizer.train makes one and its save writes it.")
        self.model = model
        unknown = _SPACE + _UNKNOWN_TEXT if self.kind == "words" else _UNKNOWN_TEXT
        self.vocabulary = ["", unknown, *pieces[2:]]
        self._ids = {piece: index for index, piece in reversed(list(enumerate(self.vocabulary)))}

    @classmethod
    def train(cls, lines: Iterable[str], kind: str = "words", vocabulary_size: int | None = None) -> "Tokenizer":
        """Learns a vocabulary; the same text gives the same.

        Args:
            lines: The text, in lines of any length; tokens do not cross lines.
            kind: `"words"`, `"characters"` or `"subwords"`.
            vocabulary_size: The largest number of ids, with those of the end and of the unknown token. The most frequent words
                or characters are kept; None keeps all. Subwords, which need all characters, become so many if the text is large
                enough: None is 8,000, or twice the characters where that is more.

        Raises:
            ValueError: If a text is of fewer than two different words or characters, or the vocabulary too small for the
                characters that subwords are made of; or an argument is not as above.
        """
        if kind not in _TYPES:
            raise ValueError(no_such("kind of tokens", str(kind), list(_TYPES)))
        if vocabulary_size is not None:
            check_count("vocabulary_size", vocabulary_size, _LEAST_SIZE)
        lines = [spaced(line.replace(_RESERVED, " ")) for line in _checked(lines)]
        if kind == "words":
            lines = [spaced(line, lambda word: len(word) <= _LONGEST_WORD and word != _UNKNOWN_TEXT) for line in lines]
        lines = [line for line in lines if line]
        characters = set().union(*lines) - {" "}
        different = set().union(*(line.split(" ") for line in lines)) if kind == "words" else characters
        if len(different) < 2:
            what = f"only the {'word' if kind == 'words' else 'character'} {different.pop()!r}" if different else "nothing"
            raise ValueError(f"The text holds {what}; a vocabulary of {kind} needs two different ones at least.")
        options = {"use_all_vocab": True} if vocabulary_size is None else {"vocab_size": vocabulary_size}
        if kind == "subwords":
            least = len(characters) + 4  # with the space, the end, the unknown token, and one pair
            vocabulary_size = vocabulary_size or max(_SUBWORDS, 2 * least)
            if vocabulary_size < least:
                raise ValueError(
                    f"Subwords of this text need a vocabulary_size of at least {least}, because of its {len(characters)} "
                    f"characters; received {vocabulary_size}."
                )
            options = {"vocab_size": vocabulary_size}
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type=_TYPES[kind],
            **options,
            hard_vocab_limit=False,
            character_coverage=1.0,
            max_sentence_length=_LONGEST_LINE,
            normalization_rule_name="identity",
            # Words are pieces that begin with a space. Among characters it would be one more, before each line.
            add_dummy_prefix=kind != "characters",
            eos_id=END,
            eos_piece=_END_NAME + kind,
            unk_id=UNKNOWN,
            unk_piece=_UNKNOWN_NAME,
            unk_surface=f" {_UNKNOWN_TEXT}" if kind == "words" else _UNKNOWN_TEXT,
            bos_id=-1,
            pad_id=-1,
            num_threads=1,
            minloglevel=2,
        )
        return cls(model.getvalue())

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Tokenizer":
        """Reads a tokenizer that `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it holds no tokenizer, naming the file.
        """
        path = Path(path).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        try:
            return cls(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def save(self, path: str | os.PathLike) -> None:
        """Writes the tokenizer, a SentencePiece model, to a file."""
        with replacing(path) as temporary:
            temporary.write_bytes(self.model)

    def get_config(self) -> dict:
        """Returns what describes it, for reports and model cards: its kind and size."""
        return {"kind": self.kind, "size": self.size}

    @property
    def size(self) -> int:
        """How many ids there are, with those of the end and of the unknown token."""
        return len(self.vocabulary)

    def encode(self, lines: Iterable[str], length: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns lines as ids of one length.

        Args:
            lines: The text.
            length: Tokens a line, at least 1. Shorter lines are filled up with 0, longer ones are cut; those of exactly this
                length hold no 0.

        Returns:
            int32 `(n, length)`, and bool `(n,)`: which lines were longer.

        Raises:
            ValueError: If the length is no such number, or the lines are no strings.
        """
        return fill(self.encode_whole(lines), length)

    def encode_whole(self, lines: Iterable[str]) -> list[list[int]]:
        """Returns the ids of each line, as many as it has tokens, without the end."""
        lines = [spaced(line) for line in _checked(lines)]
        if self.kind == "subwords":
            return self._processor.encode(lines)
        # SentencePiece finds the same, but makes one token of several unknown words or characters in a row.
        find = self._ids.get
        if self.kind == "words":
            return [[find(_SPACE + word, UNKNOWN) for word in line.split()] for line in lines]
        return [[find(character, UNKNOWN) for character in line.replace(" ", _SPACE)] for line in lines]

    def unknown(self, line: str) -> list[str]:
        """Returns what of a line is not in the vocabulary, each once, in order.

        These are words, or for characters and subwords the characters. A generator that continues a prompt does not see them.
        """
        (line,) = map(spaced, _checked([line]))
        parts, space = (line.split(), _SPACE) if self.kind == "words" else (line.replace(" ", ""), "")
        return [part for part in dict.fromkeys(parts) if self._ids.get(space + part, UNKNOWN) == UNKNOWN]

    def tokens(self, ids) -> list[list[str]]:
        """Returns the pieces of each line, without what follows the end.

        Args:
            ids: Integers of shape `(n, length)`.

        Raises:
            ValueError: If they have another shape or are not in the vocabulary.
        """
        ids = np.asarray(ids)
        if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer):
            raise ValueError(f"ids must be integers of shape (n, length); received {ids.dtype} of shape {ids.shape}.")
        if ids.size and not (ids.min() >= 0 and ids.max() < self.size):
            raise ValueError(f"ids must lie between 0 and {self.size - 1}; received {ids.min()} to {ids.max()}.")
        lengths = np.where((ids == END).any(axis=1), (ids == END).argmax(axis=1), ids.shape[1]) if ids.size else [0] * len(ids)
        pieces = self.vocabulary
        return [[pieces[token] for token in line[:n]] for line, n in zip(ids.tolist(), lengths, strict=True)]

    def decode(self, ids) -> list[str]:
        """Returns ids as text, one line for each row, up to its first 0. See `tokens`."""
        return ["".join(pieces).replace(_SPACE, " ").strip(" ") for pieces in self.tokens(ids)]

    def __eq__(self, other):
        return isinstance(other, Tokenizer) and self.model == other.model

    def __hash__(self):
        return hash(self.model)

    def __repr__(self):
        return f"<Tokenizer of {self.size:,} {self.kind}>"


def fill(rows: Sequence[Sequence[int]], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows of ids as an array; see `Tokenizer.encode`."""
    check_count("length", length, 1)
    lengths = np.fromiter(map(len, rows), "int64", len(rows))
    ids = np.full((len(rows), length), END, "int32")
    kept = itertools.chain.from_iterable(row[:length] for row in rows)
    count = int(np.minimum(lengths, length).sum())
    ids[np.arange(length) < lengths[:, None]] = np.fromiter(kept, "int32", count)
    return ids, lengths > length


def _checked(lines):
    """Yields lines, and refuses what is none."""
    if isinstance(lines, str):
        raise ValueError("lines must be a list of strings; received one string.")
    for line in lines:
        if not isinstance(line, str):
            raise ValueError(f"lines must be strings; received {line!r}.")
        yield line


def spaced(line: str, keep=None) -> str:
    """Returns a line whose white space is single spaces between words; only of some words, if `keep` says which."""
    return " ".join(filter(keep, line.replace(_SPACE, " ").split()))
