"""The protocol of results about text."""

from __future__ import annotations

import dataclasses
from typing import Any

from keras_gans._version import __version__


@dataclasses.dataclass(frozen=True)
class TextProtocol:
    """Everything that a result depends on, except for the generator. `protocol.differences` compares two of them.

    Attributes:
        dataset: File name of the training text.
        split: Its split.
        held_out_dataset: File name of the held-out text.
        held_out_split: Its split.
        data_sha256: SHA-256 of all training sentences.
        held_out_sha256: SHA-256 of all held-out sentences.
        training: Number of training sentences, all of which novelty searches.
        real: Number of training sentences in the real row.
        fake: Number of generated sentences; the same.
        held_out: Number of held-out sentences, all of which BLEU searches.
        measured_by: `"words"` or `"characters"`; see `keras_gans.evaluation.text.splitting`.
        longest: Maximum number of measured words or characters of a sentence.
        settings: Settings of single metrics.
        version: Version of keras_gans.
    """

    dataset: str
    split: str
    held_out_dataset: str
    held_out_split: str
    data_sha256: str
    held_out_sha256: str
    training: int
    real: int
    fake: int
    held_out: int
    measured_by: str
    longest: int
    settings: dict[str, Any]
    version: str = __version__

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return dataclasses.asdict(self)
