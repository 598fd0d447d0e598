"""Files of text: lines, lines of JSON, and folders of documents."""

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
TEXT_FIELD, LABEL_FIELD = "text", "label"


def check_text_path(path: Path) -> None:
    """Raise FileNotFoundError unless a path is a file, or a folder of text files."""
    if not path.is_dir():
        check_file(path)
    elif not len(_text_files(path)):
        raise FileNotFoundError(f"There is no text file (.txt) in {path}, but a folder{hint(path)}")


def read_sentences_of(
    path: Path, labelled: bool, text_field: str | None = None, label_field: str | None = None
) -> tuple[list[str], list[str]]:
    """Return the sentences of a text file, of JSON lines, or of all text files below a folder, and as many labels.

    Args:
        path: The file or folder.
        labelled: Whether lines are `LABEL<TAB>SENTENCE`, or objects with a label. Otherwise, labels are empty strings.
        text_field: Name of the field that holds the text, in JSON lines. None for `"text"`.
        label_field: Name of the field that holds the label. None for `"label"`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not UTF-8 text, contains no sentences, or a line is not as described.
    """
    sentences, labels = [], []
    for file in _files(path):
        read = _json_lines if _is_json(file) else _lines
        try:
            for label, sentence in read(_read(file), labelled, text_field or TEXT_FIELD, label_field or LABEL_FIELD):
                sentences.append(sentence)
                labels.append(label)
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
    if not sentences:
        raise ValueError(f"{path}: the {_kind(path)} holds no sentences.")
    return sentences, labels


def read_documents(path: Path, text_field: str | None = None) -> list[str]:
    """Return the running text of each document: a file, each object of JSON lines, or each text file below a folder.

    Args:
        path: The file or folder.
        text_field: As `read_sentences_of`.

    Returns:
        Strings with single spaces as white space, none of them empty.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `read_sentences_of`.
    """
    if _is_json(path):
        return read_sentences_of(path, False, text_field)[0]
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


def _lines(text: str, labelled: bool, *_: str) -> Iterator[tuple[str, str]]:
    """Yield the label and the sentence of each line that is not empty."""
    for number, line in enumerate(text.split("\n"), 1):
        label, tab, sentence = line.partition("\t") if labelled else ("", "", line)
        if labelled and line.strip() and not (tab and label.strip()):
            raise ValueError(f"line {number} has no label: it must be LABEL<TAB>SENTENCE, and begins with {line[:20]!r}.")
        if sentence := spaced(sentence):
            yield label.strip(), sentence


def _json_lines(text: str, labelled: bool, text_field: str, label_field: str) -> Iterator[tuple[str, str]]:
    """Yield the label and the text of each line's object."""
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
        label = _field(fields, label_field, number, (str, int)) if labelled else ""
        if sentence := spaced(_field(fields, text_field, number, (str,))):
            yield str(label).strip(), sentence


def _field(fields: dict[str, Any], name: str, number: int, types: tuple[type, ...]) -> Any:
    if name not in fields:
        raise ValueError(f"line {number} has no field '{name}', only {', '.join(sorted(fields)) or 'none'}.")
    value = fields[name]
    if not isinstance(value, types) or (types != (str,) and not str(value).strip()):
        wanted = "text" if types == (str,) else "text or an integer"
        raise ValueError(f"line {number}: the field '{name}' must hold {wanted}; it holds {json.dumps(value)[:20]}.")
    if isinstance(value, str) and re.search("[\0\ud800-\udfff]", value):
        raise ValueError(f"line {number}: the field '{name}' contains a character that is not text, such as half of a pair.")
    return value
