"""Converts text to tokens, which are integers, and tokens to text."""

import functools
import io
import itertools
import re
import string
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gans._typing import Array, PathLike
from keras_gans.errors import check_count, no_such
from keras_gans.files import replacing
from keras_gans.text.marks import SPACE, parted

# Marks the end of a sentence and pads it; the first token of a sentence is predicted from it.
END = 0
# Stands for everything that is not in the vocabulary.
UNKNOWN = 1

# As SentencePiece calls them.
_TYPES = {"words": "word", "words_and_marks": "word", "characters": "char", "subwords": "bpe"}
_UNKNOWN_TEXT = "<unk>"
# The model's own names for the end and the unknown token. They begin with a control character that counts as white space, so
# that no text can contain them; SentencePiece's default names occur in corpora. The name of the end also stores the kind.
_END_NAME, _UNKNOWN_NAME = "\x1cend of ", "\x1cunknown"
# SentencePiece's words all follow a space. This, which no text can contain either, begins those that do not.
_GLUE = "\x1d"
# END, UNKNOWN, and two tokens for a generator to choose from.
_LEAST_SIZE = 4
_SUBWORDS = 8_000
_RESERVED = "\u2585"  # SentencePiece silently ignores lines that contain it
_LONGEST_LINE = 2**30  # in bytes, SentencePiece's maximum; by default it ignores lines above 4,192
_LONGEST_WORD = 1_000  # in characters: it cannot read a model with a word of 32 KiB. Longer words become unknown


def _sentencepiece() -> Any:
    """Import SentencePiece, which only text needs."""
    try:
        import sentencepiece
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'Text needs the package sentencepiece: pip install "keras-gans[text]".', name="sentencepiece"
        ) from error
    return sentencepiece


class Tokenizer:
    """Converts lines of text to int32 ids and back, with a vocabulary learned from text.

    There are four kinds of tokens:
        `words`: separated by white space. For corpora whose punctuation marks stand apart, as captions do.
        `words_and_marks`: words without the punctuation marks around them, and each mark, for text as people write it. `don't`
            and `3.5` are one token each, `(see below).` is `(`, `see`, `below`, `)`, `.`, and comes back without new spaces.
        `characters`: single characters, including spaces. For languages that are written without spaces.
        `subwords`: parts of words, merged by byte-pair encoding (Sennrich et al. 2016, "Neural Machine Translation of Rare
            Words with Subword Units", section 3.2). A frequent word is one token, a rare word several.

    Id 0 is the end of a sentence, the padding after it, and the token from which the first one is predicted. Id 1 stands for
    anything that is not in the vocabulary: a word, a character or, among subwords, a run of characters. Words and characters
    are ordered by frequency; subwords in the order of merging, with single characters last.

    Each run of white space is treated as one space, and white space at either end is dropped. The character U+2581, which
    stands for a space within tokens, counts as white space. Text is not changed otherwise. Among words, a literal `<unk>` is
    the unknown token.

    The vocabulary alone turns ids into text: join the tokens, replace U+2581 with a space, and strip spaces at both ends.

    Tokenizers are made by `Tokenizer.train` or `Tokenizer.load`. They are SentencePiece models (Kudo and Richardson 2018), and
    need the package `sentencepiece`, which `pip install "keras-gans[text]"` installs.

    Args:
        model: The content of a file written by `save`.

    Attributes:
        model: The same bytes.
        kind: `"words"`, `"words_and_marks"`, `"characters"` or `"subwords"`.
        vocabulary: The token of each id as text; that of id 0 is empty, that of id 1 is `<unk>`.

    Raises:
        ValueError: If the bytes are not a tokenizer.
        ModuleNotFoundError: If `sentencepiece` is not installed.

    Example:

        tokenizer = Tokenizer.train(["a cat sat", "a dog sat"])
        ids, longer = tokenizer.encode(["a dog"], length=4)
        tokenizer.decode(ids)  # ["a dog"]
    """

    kind: str
    vocabulary: list[str]

    def __init__(self, model: bytes) -> None:
        sentencepiece = _sentencepiece()
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
            pieces = self._processor.id_to_piece(list(range(len(self._processor)))) if model else []
        # Damaged bytes can parse and contain pieces that are not UTF-8.
        except (RuntimeError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"This is not a tokenizer, or it is damaged: {error}") from error
        kinds = [kind for kind in _TYPES if pieces[:2] == [_END_NAME + kind, _UNKNOWN_NAME]]
        if not kinds or len(pieces) < _LEAST_SIZE:
            raise ValueError("This is not a tokenizer, or it is damaged. Tokenizer.train makes tokenizers; save writes them.")
        self.model, self.kind = model, kinds[0]
        unknown = SPACE + _UNKNOWN_TEXT if self._has_words else _UNKNOWN_TEXT
        self.vocabulary = ["", unknown, *(piece.removeprefix(SPACE + _GLUE) for piece in pieces[2:])]
        self._ids = {piece: index for index, piece in reversed(list(enumerate(self.vocabulary)))}

    @classmethod
    def train(cls, lines: Iterable[str], kind: str = "words", vocabulary_size: int | None = None) -> "Tokenizer":
        """Learn a vocabulary. The same text always gives the same one.

        Args:
            lines: Lines of text, of any length. Tokens do not cross lines.
            kind: `"words"` (default), `"words_and_marks"`, `"characters"` or `"subwords"`.
            vocabulary_size: Maximum number of ids, including the end and the unknown token; an integer >= 4. The most frequent
                words or characters are kept; None (default) keeps all. Subwords always include every character; there are
                `vocabulary_size` of them if the text is large enough. For subwords, None means 8,000, or twice the number of
                characters if that is more.

        Raises:
            ValueError: If the text has fewer than two different words or characters, if the vocabulary is too small for the
                characters of the text, or if an argument is invalid.
        """
        if kind not in _TYPES:
            raise ValueError(no_such("kind of tokens", str(kind), list(_TYPES)))
        if vocabulary_size is not None:
            vocabulary_size = check_count("vocabulary_size", vocabulary_size, _LEAST_SIZE)
        lines = [spaced(line.replace(_RESERVED, " ")) for line in _checked(lines)]
        has_words = _TYPES[kind] == "word"
        if kind == "words_and_marks":
            lines = [" ".join(map(_glued, parted(line))) for line in lines]
        if has_words:
            lines = [" ".join(filter(_is_learnt, line.split(" "))) for line in lines]
        lines = [line for line in lines if line]
        characters = set(itertools.chain.from_iterable(lines)) - {" "}
        different = set(itertools.chain.from_iterable(line.split(" ") for line in lines)) if has_words else characters
        if len(different) < 2:
            found = f"only the {'word' if has_words else 'character'} {different.pop()!r}" if different else "nothing"
            raise ValueError(f"The text contains {found}; a vocabulary of {kind} needs at least two different ones.")
        options: dict[str, Any] = {"use_all_vocab": True} if vocabulary_size is None else {"vocab_size": vocabulary_size}
        if kind == "subwords":
            least = len(characters) + 4  # the space, the end, the unknown token, and one merged pair
            vocabulary_size = vocabulary_size or max(_SUBWORDS, 2 * least)
            if vocabulary_size < least:
                raise ValueError(
                    f"Subwords of this text need a vocabulary_size of at least {least}, because it has {len(characters)} "
                    f"different characters; received {vocabulary_size}."
                )
            options = {"vocab_size": vocabulary_size}
        model = io.BytesIO()
        _sentencepiece().SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type=_TYPES[kind],
            **options,
            hard_vocab_limit=False,
            character_coverage=1.0,
            max_sentence_length=_LONGEST_LINE,
            normalization_rule_name="identity",
            # Words begin with a space. Among characters, it would add a token before each line.
            add_dummy_prefix=kind != "characters",
            eos_id=END,
            eos_piece=_END_NAME + kind,
            unk_id=UNKNOWN,
            unk_piece=_UNKNOWN_NAME,
            unk_surface=f" {_UNKNOWN_TEXT}" if has_words else _UNKNOWN_TEXT,
            bos_id=-1,
            pad_id=-1,
            num_threads=1,
            minloglevel=2,
        )
        return cls(model.getvalue())

    @classmethod
    def load(cls, path: PathLike) -> "Tokenizer":
        """Read a file written by `save`.

        Args:
            path: The file.

        Raises:
            FileNotFoundError: If the file does not exist.
            ValueError: If the file is not a tokenizer; the message names it.
        """
        path = Path(path).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        try:
            return cls(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def save(self, path: PathLike) -> None:
        """Write the tokenizer to a file, as a SentencePiece model."""
        with replacing(path) as temporary:
            temporary.write_bytes(self.model)

    def get_config(self) -> dict[str, Any]:
        """Return the kind and the size, for reports and model cards."""
        return {"kind": self.kind, "size": self.size}

    @property
    def size(self) -> int:
        """Number of ids, including the end and the unknown token."""
        return len(self.vocabulary)

    def encode(self, lines: Iterable[str], length: int) -> tuple[Array, Array]:
        """Convert lines to ids, padded or cut to one length.

        Args:
            lines: Lines of text.
            length: Tokens per line, an integer >= 1. Shorter lines are padded with 0, longer ones are cut. A line of exactly
                this length contains no 0.

        Returns:
            `(ids, longer)`: int32 of shape `(n, length)`, and bool of shape `(n,)`, which is true for lines that were cut.

        Raises:
            ValueError: If `length` is not a positive integer, or `lines` are not strings.
        """
        return fill(self.encode_whole(lines), length)

    def encode_contexts(self, contexts: Iterable[str | Sequence[str]], length: int) -> tuple[Array, Array]:
        """Convert what comes before a text to ids of one length, of which the last ones are kept.

        Contexts are written by people, and need not look like the training text: see `adapt`.

        Args:
            contexts: For each text a string, or the turns of a conversation: a list of strings. An end (id 0) separates turns.
            length: Tokens per context, an integer >= 1. Shorter ones are filled with 0 on the left, longer ones lose their
                beginning.

        Returns:
            `(ids, longer)`: int32 of shape `(n, length)`, and bool of shape `(n,)`, which is true for contexts that were cut.

        Raises:
            ValueError: If `length` is not a positive integer, or contexts are not strings.
        """
        turns = [[context] if isinstance(context, str) else list(context) for context in contexts]
        whole = iter(self.encode_whole(map(self.adapt, _checked(itertools.chain.from_iterable(turns)))))
        rows: list[list[int]] = []
        for own in turns:
            row: list[int] = []
            for turn in itertools.islice(whole, len(own)):
                row += [END, *turn] if row and turn else turn
            rows.append(row[::-1])
        ids, longer = fill(rows, length)
        return np.ascontiguousarray(ids[:, ::-1]), longer

    def encode_whole(self, lines: Iterable[str]) -> list[list[int]]:
        """Return the ids of each line, without the end. Lines keep their lengths."""
        lines = [spaced(line) for line in _checked(lines)]
        if self.kind == "subwords":
            return self._processor.encode(lines)
        # For words and characters, SentencePiece gives the same ids, but merges unknown ones that follow each other.
        find = self._ids.get
        return [[find(piece, UNKNOWN) for piece in self._parts(line)] for line in lines]

    @property
    def _has_words(self) -> bool:
        return _TYPES[self.kind] == "word"

    def _parts(self, line: str) -> Iterable[str]:
        """Return words or characters of a line with single spaces, as the vocabulary spells them."""
        if self.kind == "words_and_marks":
            return parted(line)
        return [SPACE + word for word in line.split()] if self.kind == "words" else line.replace(" ", SPACE)

    @functools.cached_property
    def has_capitals(self) -> bool:
        """Whether a token has capital letters."""
        return any(piece != piece.lower() for piece in self.vocabulary)

    @functools.cached_property
    def marks(self) -> str:
        """The punctuation marks that, in a vocabulary of words, are always words of their own."""
        if self.kind != "words":
            return ""
        words = [piece.removeprefix(SPACE) for piece in self.vocabulary[UNKNOWN + 1 :]]
        inside = set(itertools.chain.from_iterable(word for word in words if len(word) > 1))
        return "".join(mark for mark in string.punctuation if mark in words and mark not in inside)

    def adapt(self, line: str) -> str:
        """Return a line that people wrote as the vocabulary has it; a line of the training text does not change.

        If no token has capital letters, letters become small. Punctuation marks that are always words of their own in a
        vocabulary of words get spaces around them.
        """
        line = line if self.has_capitals else line.lower()
        return re.sub(f"([{re.escape(self.marks)}])", r" \1 ", line) if self.marks else line

    def unknown(self, line: str) -> list[str]:
        """Return the parts of a line that are not in the vocabulary, in order and without duplicates.

        The parts are words and marks, or characters for the other two kinds. A text model that continues a prompt cannot see
        them.
        """
        (line,) = map(spaced, _checked([line]))
        parts = self._parts(line if self._has_words else line.replace(" ", ""))
        unknown = [part.removeprefix(SPACE) for part in parts if self._ids.get(part, UNKNOWN) == UNKNOWN]
        return list(dict.fromkeys(unknown))

    def tokens(self, ids: ArrayLike) -> list[list[str]]:
        """Return the tokens of each row as text, up to its first 0.

        Args:
            ids: Integers of shape `(n, length)`.

        Raises:
            ValueError: If the shape or the dtype is wrong, or an id is not in the vocabulary.
        """
        ids = np.asarray(ids)
        if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer):
            raise ValueError(f"ids must be integers of shape (n, length); received {ids.dtype} of shape {ids.shape}.")
        if ids.size and not (ids.min() >= 0 and ids.max() < self.size):
            raise ValueError(f"ids must lie between 0 and {self.size - 1}; received {ids.min()} to {ids.max()}.")
        lengths = np.where((ids == END).any(axis=1), (ids == END).argmax(axis=1), ids.shape[1]) if ids.size else [0] * len(ids)
        pieces = self.vocabulary
        return [[pieces[token] for token in line[:n]] for line, n in zip(ids.tolist(), lengths, strict=True)]

    def decode(self, ids: ArrayLike) -> list[str]:
        """Convert ids to text, one line for each row, up to its first 0. See `tokens`."""
        return ["".join(pieces).replace(SPACE, " ").strip(" ") for pieces in self.tokens(ids)]

    def decode_contexts(self, ids: ArrayLike) -> list[list[str]]:
        """Convert what `encode_contexts` returns to text: for each row its turns, without what was cut."""
        contexts = []
        for row in np.asarray(ids):
            turns = np.split(row, np.flatnonzero(row == END))
            contexts.append([text for turn in turns for text in self.decode(turn[None, turn != END]) if text])
        return contexts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tokenizer) and self.model == other.model

    def __hash__(self) -> int:
        return hash(self.model)

    def __reduce__(self) -> tuple[type["Tokenizer"], tuple[bytes]]:
        return Tokenizer, (self.model,)

    def __repr__(self) -> str:
        return f"<Tokenizer of {self.size:,} {self.kind}>"


def fill(rows: Sequence[Sequence[int]], length: int) -> tuple[Array, Array]:
    """Pad or cut rows of ids to one length: see `Tokenizer.encode`."""
    length = check_count("length", length, 1)
    lengths = np.fromiter(map(len, rows), "int64", len(rows))
    ids = np.full((len(rows), length), END, "int32")
    kept = itertools.chain.from_iterable(row[:length] for row in rows)
    count = int(np.minimum(lengths, length).sum())
    ids[np.arange(length) < lengths[:, None]] = np.fromiter(kept, "int32", count)
    return ids, lengths > length


def _checked(lines: Iterable[str]) -> Iterable[str]:
    """Yield lines, after checking that each is a string."""
    if isinstance(lines, str):
        raise ValueError("lines must be a list of strings; received one string.")
    for line in lines:
        if not isinstance(line, str):
            raise ValueError(f"lines must be strings; received {line!r}.")
        yield line


def _glued(part: str) -> str:
    """Return a word or mark of `parted` as a word for SentencePiece."""
    return part[1:] if part.startswith(SPACE) else _GLUE + part


def _is_learnt(word: str) -> bool:
    """Whether a word of a text can become one of the vocabulary."""
    return len(word) <= _LONGEST_WORD and word != _UNKNOWN_TEXT


def spaced(line: str) -> str:
    """Normalise white space to single spaces between words."""
    return " ".join(line.replace(SPACE, " ").split())
