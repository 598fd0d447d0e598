"""Flags that say how `text:PATH` becomes tokens, and what training makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from absl import flags

from .run import Run

if TYPE_CHECKING:
    from keras_gans.media import Medium

_TOKENS = flags.DEFINE_enum(
    "tokens", None, ["words", "characters", "subwords"], "What text:PATH is split into (default: words)."
)
_VOCABULARY_SIZE = flags.DEFINE_integer("vocabulary_size", None, "Largest number of tokens (default: all; 8000 subwords).")
_LENGTH = flags.DEFINE_integer("length", None, "Tokens per sentence (default: those of the longest sentence, at most 64).")
_LONGER = flags.DEFINE_enum("longer", None, ["cut", "drop"], "What to do with longer sentences (default: cut).")
_WINDOWS = flags.DEFINE_boolean("windows", None, "The file is running text: cut it into windows of --length tokens.")
_LABELLED = flags.DEFINE_boolean("labelled", None, "Lines are LABEL<TAB>SENTENCE.")

RECORDED = ("tokens", "vocabulary_size", "length", "longer", "windows", "labelled")
# What a tokenizer that is there has settled.
_OF_THE_VOCABULARY = ("tokens", "vocabulary_size", "length")


def options(run: Run, takes_text: bool, like: Medium | None = None) -> dict[str, Any]:
    """Returns the option of `load_data` that says how text becomes tokens; none where a run says nothing of it.

    Args:
        run: The run's settings.
        takes_text: Whether the run's data source takes it.
        like: The medium of a model or of other data, whose vocabulary and length are kept.

    Raises:
        ValueError: If the settings make no sense, or the data are no text.
    """
    given = {name: getattr(run, name) for name in RECORDED if getattr(run, name) is not None}
    if not takes_text:
        if given:
            raise ValueError(f"--{min(given)} is about text:PATH, and {run.dataset} is none.")
        return {}
    from keras_gans.data.text import TextOptions
    from keras_gans.media import Text

    if isinstance(like, Text):
        given["length"] = like.length
        if like.tokenizer is not None:
            given = {name: value for name, value in given.items() if name not in ("tokens", "vocabulary_size")}
            given["tokenizer"] = like.tokenizer
    given |= {"kind": given.pop("tokens")} if "tokens" in given else {}
    return {"text": TextOptions(**given)}


def check_settled(run: Run, name: str, medium: Medium) -> None:
    """Checks that no flag changes what a model's vocabulary has settled.

    Args:
        run: The run's settings.
        name: What messages call the model.
        medium: The model's.

    Raises:
        ValueError: If one does.
    """
    from keras_gans.media import Text

    given = [flag for flag in _OF_THE_VOCABULARY if getattr(run, flag) is not None]
    if given and isinstance(medium, Text):
        raise ValueError(f"--{given[0]} is settled by {name}, whose vocabulary and length stay: leave it out.")
