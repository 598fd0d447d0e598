"""Flags that determine how `text:PATH` becomes tokens."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from absl import flags

from .run import TEXT_OPTIONS, Run

if TYPE_CHECKING:
    from keras_gans.media import Medium

_TOKENS = flags.DEFINE_enum(
    "tokens", None, ["words", "words_and_marks", "characters", "subwords"], "What text:PATH is split into (default: words)."
)
_VOCABULARY_SIZE = flags.DEFINE_integer(
    "vocabulary_size", None, "Maximum number of different tokens (default: all words or characters; 8,000 subwords)."
)
_LENGTH = flags.DEFINE_integer(
    "length",
    None,
    "Tokens per sentence (default: those of the longest sentence, at most 64), or samples per sound (default: those of the "
    "longest recording, at most 65,536).",
)
_LONGER = flags.DEFINE_enum("longer", None, ["cut", "drop"], "What to do with longer sentences (default: cut).")
_WINDOWS = flags.DEFINE_boolean("windows", None, "The file is running text: split it into windows of --length tokens.")
_LABELLED = flags.DEFINE_boolean("labelled", None, "The lines of the file are LABEL<TAB>SENTENCE, or JSON with a label.")
_TEXT_FIELD = flags.DEFINE_string("text_field", None, "The field of JSON lines that holds the text (default: text).")
_LABEL_FIELD = flags.DEFINE_string(
    "label_field",
    None,
    "The field of JSON lines that holds the label, or several: each combination of their values is a class (default: label).",
)
_CONTEXTS = flags.DEFINE_boolean(
    "contexts", None, "The lines of the file are CONTEXT<TAB>SENTENCE, or JSON with a context; tabs divide turns, too."
)
_CONTEXT_FIELD = flags.DEFINE_string(
    "context_field", None, "The field of JSON lines that holds the context (default: context)."
)
_CONTEXT_LENGTH = flags.DEFINE_integer(
    "context_length",
    None,
    "Tokens of a context (default: those of the longest one, at most 64); longer ones lose their beginning.",
)

# What an existing model determines.
_OF_THE_VOCABULARY = ("tokens", "vocabulary_size", "length", "context_length")


def options(run: Run, taken: Collection[str], like: Medium | None = None) -> dict[str, Any]:
    """Return the option of `load_data` that determines how text becomes tokens; for other data the flags that they take, too.

    Args:
        run: The run's settings.
        taken: Names of the options that the run's data source takes: `"text"` for text.
        like: The medium of a model or of other data whose vocabulary and length are to be used.

    Raises:
        ValueError: If the settings are invalid, or there are some and the data are not text.
    """
    given = {name: getattr(run, name) for name in TEXT_OPTIONS if getattr(run, name) is not None}
    if "text" not in taken:
        own = {name: given.pop(name) for name in taken if name in given}  # such as the length of sounds
        if given:
            raise ValueError(f"--{min(given)} is for text:PATH only; the data set is {run.dataset}.")
        return own
    from keras_gans.data.text import TextOptions
    from keras_gans.media import Text

    if isinstance(like, Text):
        given["length"] = like.length
        given |= {"context_length": like.context_length} if like.context_length else {}
        if like.tokenizer is not None:
            given = {name: value for name, value in given.items() if name not in ("tokens", "vocabulary_size")}
            given["tokenizer"] = like.tokenizer
    given |= {"kind": given.pop("tokens")} if "tokens" in given else {}
    return {"text": TextOptions(**given)}


def check_settled(run: Run, name: str, medium: Medium) -> None:
    """Check that no flag contradicts the vocabulary of a model.

    Args:
        run: The run's settings.
        name: The name of the model in messages.
        medium: The model's medium.

    Raises:
        ValueError: If one does.
    """
    from keras_gans.media import Text

    given = [flag for flag in _OF_THE_VOCABULARY if getattr(run, flag) is not None]
    if given and isinstance(medium, Text):
        raise ValueError(f"{name} keeps its own vocabulary and length: leave out --{given[0]}.")
