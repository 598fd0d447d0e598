"""Sentences, with contexts if there are any, or running text, from text files."""

import dataclasses
import functools
import hashlib
import itertools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.conditions import CONTEXT
from keras_gans.data.data import Data
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.text_files import Columns, Lines, check_text_path, read_documents, read_lines
from keras_gans.errors import check_count, no_such
from keras_gans.media import Text
from keras_gans.text import END, UNKNOWN, Tokenizer
from keras_gans.text.marks import SPACE
from keras_gans.text.tokenizer import fill

SPLITS = ("train", "held_out", "all")

_LENGTH = 64  # tokens, where none are asked for
_HELD_OUT = 0.05  # of the different sentences, or of running text
_MOST_HELD_OUT = 5_000  # sentences
_WORDS = 100  # a line of running text
_ATTACHED = 0.1  # of the words
_MARKS = ",.;:!?"
_SPACE_BEFORE = 100  # characters in which a space is looked for, so that running text is not parted within a word


@dataclasses.dataclass(frozen=True)
class TextOptions:
    """How text becomes samples of one length.

    Attributes:
        kind: Kind of tokens: `"words"` (the default), `"words_and_marks"`, `"characters"` or `"subwords"`. See
            `keras_gans.text.Tokenizer`.
        vocabulary_size: Largest number of ids. None for all words or characters, or 8,000 subwords.
        length: Tokens per sample, at least 2. None for the length of the longest sentence, at most 64; 64 for running text.
        longer: What to do with sentences of more tokens: `"cut"` or `"drop"`.
        windows: Whether each file is running text, to be split into windows of `length` tokens, with line ends as spaces; in
            JSON lines, each line. Otherwise, each line is a sentence.
        labelled: Whether lines are `LABEL<TAB>SENTENCE`, or JSON objects with a label.
        text_field: Field of JSON lines that holds the text. None for `"text"`.
        label_field: Field of JSON lines that holds the label, or several, separated by commas. None for `"label"`.
        contexts: Whether lines are `CONTEXT<TAB>SENTENCE`, after the label if there are labels. The turns of a conversation are
            divided by tabs, too: the last field is the sentence. JSON objects hold a text, or a list of turns. The context of a
            window of running text is what stands before it.
        context_field: Field of JSON lines that holds the context. None for `"context"`.
        context_length: Tokens of a context, at least 2; longer ones lose their beginning. None for the length of the longest
            one, at most 64; 64 for running text.
        tokenizer: Tokenizer to use instead of learning one from the text, such as that of a model to be evaluated.

    Raises:
        ValueError: If a value is not as described.
    """

    kind: str | None = None
    vocabulary_size: int | None = None
    length: int | None = None
    longer: str = "cut"
    windows: bool = False
    labelled: bool = False
    text_field: str | None = None
    label_field: str | None = None
    contexts: bool = False
    context_field: str | None = None
    context_length: int | None = None
    tokenizer: Tokenizer | None = None

    def __post_init__(self) -> None:
        for name in ("length", "context_length"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name), 2)
        if self.longer not in ("cut", "drop"):
            raise ValueError(f"longer must be 'cut' or 'drop'; received {self.longer!r}.")
        if self.windows and self.labelled:
            raise ValueError("Running text has no labels: give windows or labelled, not both.")
        if self.context_length is not None and not self.contexts:
            raise ValueError("context_length is for lines with contexts: give contexts, too.")
        if self.tokenizer is None:
            return
        if not isinstance(self.tokenizer, Tokenizer):
            raise ValueError(f"tokenizer must be a keras_gans.text.Tokenizer; received {self.tokenizer!r}.")
        if self.vocabulary_size is not None or self.kind not in (None, self.tokenizer.kind):
            raise ValueError("A tokenizer has a kind and a vocabulary_size: give it, or these, not both.")

    @property
    def columns(self) -> Columns:
        """What lines hold."""
        return Columns(self.labelled, self.contexts, self.text_field, self.label_field, self.context_field)

    def tokenizer_of(self, lines: Iterable[str]) -> Tokenizer:
        """Return the tokenizer that was given, or one learnt from lines of text."""
        return self.tokenizer or Tokenizer.train(lines, self.kind or "words", self.vocabulary_size)


@dataclasses.dataclass(frozen=True)
class Sentences:
    """Sentences of a file, before they become tokens.

    Attributes:
        name: `text:` and the name of the file, without its folder.
        split: `"train"`, `"held_out"` or `"all"`.
        lines: List of strings, with single spaces as white space.
        labels: int32 `(n,)`, or None.
        class_names: What the labels mean, or None.
        contexts: The turns before each sentence, lists of strings; or None.
        encoded: A tokenizer and the sentences as its tokens, int32 `(n, length)`, where text alone does not tell them: windows
            of running text may begin within a word. None for whole sentences.
    """

    name: str
    split: str
    lines: list[str]
    labels: np.ndarray | None = None
    class_names: list[str] | None = None
    contexts: list[list[str]] | None = None
    encoded: tuple[Tokenizer, np.ndarray] | None = None


def read_windows(path: str | os.PathLike, split: str, options: TextOptions) -> Sentences:
    """Return windows of running text as sentences, as a model that was trained on such windows sees them.

    Args:
        path: A file, or a folder of text files.
        split: `"train"`, `"held_out"` or `"all"`.
        options: How text becomes windows, with the `tokenizer` of a model.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not UTF-8 text, or too short, or there is no tokenizer.
    """
    path, tokenizer = Path(path).expanduser(), options.tokenizer
    if tokenizer is None:
        raise ValueError("Windows are made of a model's tokens: give its tokenizer.")
    parts = _windows(read_documents(path, options.text_field), split, options)
    contexts = tokenizer.decode_contexts(parts["conditions"][CONTEXT]) if options.contexts else None
    samples = parts["samples"]
    return Sentences(f"text:{path.name}", split, tokenizer.decode(samples), contexts=contexts, encoded=(tokenizer, samples))


def read_sentences(path: str | os.PathLike, split: str = "all", columns: Columns | None = None) -> Sentences:
    """Return the sentences of a UTF-8 file, or of a folder of such files. `TextFile` makes tokens of the same splits.

    Args:
        path: The file or folder. Empty lines are ignored.
        split: `"train"`, `"held_out"` or `"all"`.
        columns: What lines hold besides sentences. None for nothing.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not UTF-8 text, contains no sentences, or a line is not as described.
    """
    path, columns = Path(path).expanduser(), columns or Columns()
    if split not in SPLITS:
        raise ValueError(no_such("split of a text", str(split), list(SPLITS)))
    lines = read_lines(path, columns)
    _, wanted = _of_split(lines, split)
    chosen = _choose(lines, wanted)
    labels, names = None, None
    if columns.labelled:
        names = sorted(set(lines.labels))
        labels = _numbers(chosen.labels, names)
    contexts = chosen.contexts if columns.contexts else None
    return Sentences(f"text:{path.name}", split, chosen.sentences, labels, names, contexts)


@SOURCES.register("text")
class TextFile(Loader):
    """The text of UTF-8 files as int32 tokens `(n, length)`.

    The path is a file with a sentence on each line, a file of JSON lines (`.jsonl`), or a folder of text files (`.txt`).

    The split `"train"` leaves out a part for evaluation: the split `"held_out"`. For sentences, that is
    5 % of the distinct ones (at least 1, at most 5,000), chosen by a hash: equal sentences are in the same split, and new lines
    do not move the others. For running text, it is the last 5 %, or 5 % of the documents where there are several, chosen in
    the same way. The vocabulary and the length come from the part that is not held out, or for the split `"all"` from
    everything. Empty lines are ignored.

    The option `text` is a `TextOptions`.
    """

    argument = "PATH"
    splits = SPLITS
    held_out = "held_out"
    options = ("text",)
    without_image_size = "text"

    def check_path(self, path: Path) -> None:
        check_text_path(path)

    def load(self, request: Request) -> Data:
        path, options = Path(request.rest).expanduser(), request.options.get("text") or TextOptions()
        make: Callable[[str, TextOptions], dict[str, Any]]
        if options.windows:
            make = functools.partial(_windows, read_documents(path, options.text_field))
        else:
            make = functools.partial(_sentences, read_lines(path, options.columns))
        try:
            parts = make(request.split, options)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        context = parts.get("conditions", {}).get(CONTEXT)
        medium = Text(
            parts["samples"].shape[1:],
            tokenizer=parts.pop("tokenizer"),
            context_length=0 if context is None else context.shape[1],
        )
        return Data(request.name, **parts, medium=medium)


def _sentences(lines: Lines, split: str, options: TextOptions) -> dict[str, Any]:
    class_names = sorted(set(lines.labels))
    known, wanted = _of_split(lines, split)
    if not known.sentences:
        raise ValueError("the file contains a single sentence, so none can be held out: use the split 'all'.")
    chosen = _choose(lines, wanted)

    tokenizer = options.tokenizer_of(itertools.chain(known.sentences, *known.contexts))
    rows = tokenizer.encode_whole(chosen.sentences)
    length = options.length
    if length is None:
        longest = max(map(len, tokenizer.encode_whole(known.sentences) if split == "held_out" else rows))
        length = max(2, min(_LENGTH, longest))
    samples, longer = fill(rows, length)
    notes = []
    if longer.any():
        dropped = options.longer == "drop"
        if dropped:
            samples, chosen = samples[~longer], _choose(chosen, ~longer)
        if len(samples) == 0:
            raise ValueError(f"all sentences of the split '{split}' are longer than {length} tokens: choose a greater length.")
        done = "left out" if dropped else "cut"
        notes.append(f"{longer.sum():,} of {len(rows):,} sentences are longer than {length} tokens and were {done}")
    notes += _unknown(samples) + _attached(tokenizer, options)
    data = {"samples": samples, "tokenizer": tokenizer, "notes": notes}
    if options.contexts:
        contexts, note = _contexts(chosen.contexts, known.contexts, tokenizer, options.context_length)
        data["conditions"] = {CONTEXT: contexts}
        notes += note
    if options.labelled:
        data |= {"labels": _numbers(chosen.labels, class_names), "class_names": class_names}
    return data


def _contexts(
    contexts: list[list[str]], known: list[list[str]], tokenizer: Tokenizer, length: int | None
) -> tuple[np.ndarray, list[str]]:
    """Return contexts as tokens, int32 `(n, length)`, and a note if some were cut."""
    if length is None:
        # An end divides turns.
        longest = max(len(turns) - 1 + sum(map(len, tokenizer.encode_whole(turns))) for turns in known)
        length = max(2, min(_LENGTH, longest))
    tokens, longer = tokenizer.encode_contexts(contexts, length)
    cut = f"{longer.sum():,} of {len(tokens):,} contexts are longer than {length} tokens and lost their beginning"
    return tokens, [cut] if longer.any() else []


def _of_split(lines: Lines, split: str) -> tuple[Lines, list[bool]]:
    """Return the lines that are not held out, and for each line whether it belongs to the split."""
    # Lines with the same sentence stay together, and so do those with the same context and sentence, if there are contexts.
    keys = ["\t".join([*context, text]) for context, text in zip(lines.contexts, lines.sentences, strict=True)]
    held: set[str] = _held_out(keys) if split != "all" else set()
    kept = [key not in held for key in keys]
    return _choose(lines, kept), [known == (split != "held_out") for known in kept]


def _choose(lines: Lines, wanted: Iterable[bool]) -> Lines:
    """Return some of the lines."""
    wanted = list(wanted)
    sentences, labels = (list(itertools.compress(part, wanted)) for part in (lines.sentences, lines.labels))
    return Lines(sentences, labels, list(itertools.compress(lines.contexts, wanted)))


def _numbers(labels: Iterable[str], names: list[str]) -> np.ndarray:
    """Return the index of each label among the names, int32."""
    number = {name: index for index, name in enumerate(names)}
    return np.array([number[label] for label in labels], "int32")


def _held_out(sentences: list[str]) -> set[str]:
    """Return the set of held-out sentences, chosen by their hashes."""
    hashes = {s: int.from_bytes(hashlib.blake2b(s.encode("utf-8"), digest_size=8).digest()) for s in set(sentences)}
    by_hash = sorted(hashes, key=lambda sentence: hashes[sentence])
    below = sum(number < _HELD_OUT * 2**64 for number in hashes.values())
    return set(by_hash[: min(max(below, 1), _MOST_HELD_OUT)])


def _windows(documents: list[str], split: str, options: TextOptions) -> dict[str, Any]:
    known, wanted = _parts_of_documents(documents, split)
    kind = options.tokenizer.kind if options.tokenizer else options.kind
    tokenizer = options.tokenizer_of(line for text in known for line in _lines(text, kind))
    length = options.length or _LENGTH
    windows = [_windows_of(tokenizer, text, kind, length) for text in wanted]
    samples: np.ndarray = np.concatenate(windows)
    if len(samples) == 0:
        longest = max(sum(map(len, tokenizer.encode_whole(_lines(text, kind)))) for text in wanted)
        raise ValueError(
            f"the split '{split}' holds no more than {longest} tokens in a row, fewer than one window of {length}: choose a "
            "smaller length."
        )
    notes = []
    if shorter := sum(len(each) == 0 for each in windows):
        notes.append(f"{shorter:,} of {len(wanted):,} documents are shorter than {length} tokens and were left out")
    data = {"samples": samples, "tokenizer": tokenizer, "notes": notes + _unknown(samples) + _attached(tokenizer, options)}
    if options.contexts:
        before = [_before(each, options.context_length or _LENGTH) for each in windows]
        data["conditions"] = {CONTEXT: np.concatenate(before)}
    return data


def _before(windows: np.ndarray, length: int) -> np.ndarray:
    """Return the tokens before each window of a document, int32 `(n, length)`, filled with 0 on the left."""
    tokens = np.concatenate([np.zeros(length, "int32"), windows.reshape(-1)])
    starts = np.arange(len(windows)) * windows.shape[1]
    return tokens[starts[:, None] + np.arange(length)]


def _windows_of(tokenizer: Tokenizer, text: str, kind: str | None, length: int) -> np.ndarray:
    """Return the windows of one document, which follow one another: int32 `(n, length)`."""
    ids = list(itertools.chain.from_iterable(tokenizer.encode_whole(_lines(text, kind))))
    return np.array(ids[: len(ids) // length * length], "int32").reshape(-1, length)


def _parts_of_documents(documents: list[str], split: str) -> tuple[list[str], list[str]]:
    """Return the documents that the vocabulary comes from, and those of the split."""
    if split == "all":
        return documents, documents
    if len(set(documents)) == 1:
        first, last = _parted(documents[0])
        return [first], [last if split == "held_out" else first]
    known, wanted = _of_split(Lines(documents, documents, [[]] * len(documents)), split)
    return known.sentences, list(itertools.compress(documents, wanted))


def _lines(text: str, kind: str | None) -> list[str]:
    """Split running text into lines with the same tokens: finding subwords in very long lines is slow."""
    if kind == "characters":  # the space between two lines would be lost
        return [text]
    words = text.split()
    return [" ".join(words[first : first + _WORDS]) for first in range(0, len(words), _WORDS)]


def _parted(text: str) -> tuple[str, str]:
    """Split running text into two parts; the second is held out."""
    end = len(text) - max(1, round(_HELD_OUT * len(text)))
    space = text.rfind(" ", max(0, end - _SPACE_BEFORE), end)
    end = end if space < 0 else space
    return text[:end], text[end:].lstrip()


def _attached(tokenizer: Tokenizer, options: TextOptions) -> list[str]:
    """Return a note if many words of a new vocabulary have a punctuation mark at their end."""
    is_new = tokenizer.kind == "words" and options.tokenizer is None
    words = tokenizer.vocabulary[UNKNOWN + 1 :] if is_new else []
    attached = [word for word in words if word[-1] in _MARKS and word[-2].isalnum()]
    if len(attached) <= _ATTACHED * len(words):
        return []
    example = attached[0].removeprefix(SPACE)
    return [
        f"{len(attached):,} of {len(words):,} words have a mark at their end, such as '{example}': tokens 'words_and_marks' "
        "keep marks apart (--tokens=words_and_marks)"
    ]


def _unknown(samples: np.ndarray) -> list[str]:
    """Return a note about unknown tokens, if there are any."""
    unknown, tokens = np.count_nonzero(samples == UNKNOWN), np.count_nonzero(samples != END)
    return [f"{unknown:,} of {tokens:,} tokens are not in the vocabulary"] if unknown else []
