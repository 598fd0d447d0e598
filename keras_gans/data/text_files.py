"""Files of text: lines, lines of JSON, and folders of documents."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_gans.data.file_names import Names, find_files
from keras_gans.data.paths import check_file, hint
from keras_gans.data.skipped import Skipped
from keras_gans.text.tokenizer import spaced

JSON_LINES = (".jsonl", ".ndjson")
_DOCUMENTS = (b".txt",)
# Fields of JSON, unless others are asked for.
TEXT_FIELD, LABEL_FIELD, CONTEXT_FIELD = "text", "label", "context"


@dataclasses.dataclass(frozen=True)
class Columns:
    """What the lines of a text file hold besides sentences, and under which names, in JSON lines.

    Attributes:
        labelled: Whether each has a label, which comes first: `LABEL<TAB>SENTENCE`.
        contexts: Whether each has a context, which comes before the sentence: `CONTEXT<TAB>SENTENCE`. The turns of a
            conversation are divided by tabs, too.
        text_field: Field of JSON lines that holds the text. None for `"text"`.
        label_field: Field that holds the label, text or an integer, or fields separated by commas: each combination of their
            values is a class. None for `"label"`.
        context_field: Field that holds the context, text or a list of texts. None for `"context"`.
    """

    labelled: bool = False
    contexts: bool = False
    text_field: str | None = None
    label_field: str | None = None
    context_field: str | None = None


@dataclasses.dataclass
class Lines:
    """The lines of a text file.

    Attributes:
        sentences: The sentences.
        labels: As many labels; empty strings if there are none.
        contexts: As many contexts, each a list of turns; empty lists if there are none.
    """

    sentences: list[str] = dataclasses.field(default_factory=list)
    labels: list[str] = dataclasses.field(default_factory=list)
    contexts: list[list[str]] = dataclasses.field(default_factory=list)


def check_text_path(path: Path) -> None:
    """Raise FileNotFoundError unless a path is a file, or a folder of text files."""
    if not path.is_dir():
        check_file(path)
    elif not len(_text_files(path)):
        raise FileNotFoundError(f"There is no text file (.txt) in {path}, but a folder{hint(path)}")


def read_lines(path: Path, columns: Columns) -> Lines:
    """Return the lines of a text file, of JSON lines, or of all text files below a folder.

    Args:
        path: The file or folder.
        columns: What lines hold.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not UTF-8 text, contains no sentences, or a line is not as described.
    """
    found = Lines()
    for file in _files(path):
        read = _json_lines if _is_json(file) else _lines
        try:
            for label, context, sentence in read(_read(file), columns):
                found.labels.append(label)
                found.contexts.append(context)
                found.sentences.append(sentence)
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
    if not found.sentences:
        raise ValueError(f"{path}: the {_kind(path)} holds no sentences.")
    return found


def read_documents(path: Path, text_field: str | None = None) -> list[str]:
    """Return the running text of each document: a file, each object of JSON lines, or each text file below a folder.

    Args:
        path: The file or folder.
        text_field: As `Columns`.

    Returns:
        Strings with single spaces as white space, none of them empty.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_lines`.
    """
    if _is_json(path):
        return read_lines(path, Columns(text_field=text_field)).sentences
    if documents := [text for file in _files(path) if (text := spaced(_read(file)))]:
        return documents
    raise ValueError(f"{path}: the {_kind(path)} holds no text.")


def _is_json(path: Path) -> bool:
    return path.suffix.lower() in JSON_LINES


def _kind(path: Path) -> str:
    return "folder" if path.is_dir() else "file"


def _files(path: Path) -> list[Path]:
    check_text_path(path)
    if path.is_file():
        return [path]
    names = _text_files(path)
    return [Path(names[index]) for index in range(len(names))]


def _text_files(folder: Path) -> Names:
    return find_files(folder, Skipped("text"), _DOCUMENTS)


def _read(path: Path) -> str:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
        where, why = text.find("\0"), "a zero byte, which text does not contain"
        if where >= 0:  # UTF-16 reads as UTF-8 with zeros
            where = len(text[:where].encode())
    except UnicodeDecodeError as error:
        where, why = error.start, error.reason
    if where >= 0:
        line = content.count(b"\n", 0, where) + 1
        raise ValueError(f"{path} is not UTF-8 text: byte {where}, in line {line}: {why}. Convert it, as with iconv.")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str, columns: Columns) -> Iterator[tuple[str, list[str], str]]:
    """Yield the label, the turns of the context and the sentence of each line that is not empty."""
    form = "LABEL<TAB>" * columns.labelled + "CONTEXT<TAB>" * columns.contexts + "SENTENCE"
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        label, tab, rest = line.partition("\t") if columns.labelled else ("", "\t", line)
        if not tab or (columns.labelled and not label.strip()):
            raise ValueError(f"line {number} has no label: it must be {form}, and begins with {line[:20]!r}.")
        context, tab, sentence = rest.rpartition("\t") if columns.contexts else ("", "\t", rest)
        if not tab:
            raise ValueError(f"line {number} has no context: it must be {form}, and begins with {line[:20]!r}.")
        if sentence := spaced(sentence):
            yield label.strip(), _turns(context.split("\t")), sentence


def _turns(turns: list[str]) -> list[str]:
    """Return the turns of a context that are not empty."""
    return [turn for turn in map(spaced, turns) if turn]


def _json_lines(text: str, columns: Columns) -> Iterator[tuple[str, list[str], str]]:
    """Yield the label, the turns of the context and the text of each line's object."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            # The error's own text counts lines within this one.
            why = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
            raise ValueError(f"line {number} is not JSON ({why}); it begins with {line[:20]!r}.") from error
        if not isinstance(fields, dict):
            raise ValueError(f"line {number} is not a JSON object; it begins with {line[:20]!r}.")
        label, context = "", []
        if columns.labelled:
            label = _label(fields, columns.label_field or LABEL_FIELD, number)
        if columns.contexts:
            context = _field(fields, columns.context_field or CONTEXT_FIELD, number, (str, list))
            context = [context] if isinstance(context, str) else context
        if sentence := spaced(_field(fields, columns.text_field or TEXT_FIELD, number, (str,))):
            yield label, _turns(context), sentence


def _label(fields: dict[str, Any], name: str, number: int) -> str:
    """Return the text of the label's field, or of several fields, joined by commas."""
    names = [name] if name in fields else name.split(",")
    return ", ".join(str(_field(fields, part.strip(), number, (str, int))).strip() for part in names)


# What a field may hold, in words, by the types of its values.
_HOLDS: dict[tuple[type, ...], str] = {(str,): "text", (str, int): "text or an integer", (str, list): "text or a list of texts"}


def _field(fields: dict[str, Any], name: str, number: int, types: tuple[type, ...]) -> Any:
    if name not in fields:
        raise ValueError(f"line {number} has no field '{name}', only {', '.join(sorted(fields)) or 'none'}.")
    value = fields[name]
    parts = value if isinstance(value, list) else [value]
    wrong = not isinstance(value, types) or (isinstance(value, list) and not all(isinstance(part, str) for part in parts))
    if wrong or (types == (str, int) and not str(value).strip()):
        raise ValueError(f"line {number}: the field '{name}' must hold {_HOLDS[types]}; it holds {json.dumps(value)[:20]}.")
    if any(isinstance(part, str) and re.search("[\0\ud800-\udfff]", part) for part in parts):
        raise ValueError(f"line {number}: the field '{name}' contains a character that is not text, such as half of a pair.")
    return value
