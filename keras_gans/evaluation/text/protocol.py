"""What numbers of text were measured on."""

import dataclasses

from keras_gans._version import __version__


@dataclasses.dataclass(frozen=True)
class TextProtocol:
    """How a result came about. Two are compared by `keras_gans.evaluation.protocol.differences`.

    Attributes:
        dataset: The training text, by the name of its file.
        split: Its split.
        held_out_dataset: The held-out text, by the name of its file.
        held_out_split: Its split.
        data_sha256: SHA-256 of all training sentences.
        held_out_sha256: SHA-256 of all held-out sentences.
        training: How many training sentences there are, all of which novelty looks through.
        real: How many of them the real row was measured on.
        fake: How many generated sentences were measured; as many.
        held_out: How many held-out sentences BLEU looks through, which is all.
        measured_by: `"words"` or `"characters"`; see `keras_gans.evaluation.text.splitting`.
        longest: How many words or characters of a sentence are measured at most.
        settings: What single metrics were told.
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
    settings: dict
    version: str = __version__

    def as_dict(self) -> dict:
        """Returns it as JSON can hold it."""
        return dataclasses.asdict(self)
