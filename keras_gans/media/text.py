"""Text: sequences of tokens, and the tokenizer that converts them to and from sentences."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_gans.files import replacing
from keras_gans.media.base import MEDIA, Medium
from keras_gans.media.writers import Writer

if TYPE_CHECKING:
    from keras_gans.text import Tokenizer

TOKENIZER, SENTENCES = "tokenizer.model", "samples.txt"
_SENTENCES = 20  # in a preset's folder
# Of a model of classes: so many lines `LABEL<TAB>SENTENCE` for each.
_SENTENCES_OF_EACH = 10


class _TextWriter(Writer):
    """One sentence per line; after its context, if there is one: `TURN<TAB>TURN<TAB>SENTENCE`."""

    words = "one sentence per line"

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        count = sampling["n"] if sampling.get("seeds") is None else len(sampling["seeds"])
        own = {"context": [sampling.pop("context").split("\t")]} if "context" in sampling else {}
        told = model.conditions_for(count, labels, {**(sampling.pop("conditions", None) or {}), **own})
        lines = model.write(batch_size=batch_size, conditions=told, **sampling)
        if self.output is None:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            return
        with replacing(self.output) as temporary:
            temporary.write_text("".join(self.lines(lines, model.describe(count, told))), encoding="utf-8")

    def lines(self, sentences: Sequence[str], described: Mapping[str, Sequence[Any]]) -> list[str]:
        """Return the lines of a file, given what `SequenceGAN.describe` says of each sentence."""
        before = described.get("context", [[]] * len(sentences))
        return ["\t".join([*turns, line]) + "\n" for line, turns in zip(sentences, before, strict=True)]


class _JSONLinesWriter(_TextWriter):
    """One line of JSON per sentence, with its label and context."""

    words = "one line of JSON per sentence, with its label and context"

    def lines(self, sentences: Sequence[str], described: Mapping[str, Sequence[Any]]) -> list[str]:
        of_each = [dict(zip(described, values, strict=True)) for values in zip(*described.values(), strict=True)]
        rows = [{"text": line, **own} for line, own in zip(sentences, of_each or [{}] * len(sentences), strict=True)]
        return [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]


@MEDIA.register("text")
class Text(Medium):
    """Sequences of tokens of one length, int32.

    Args:
        sample_shape: The length of a sequence, as `(length,)`.
        vocabulary_size: Number of different tokens, or None if unknown.
        tokenizer: A `keras_gans.text.Tokenizer`, or None.
        context_length: Tokens of the contexts of samples; 0 (default) for samples without.
    """

    name = "text"
    one = "sentence"
    many = "sentences"
    continuous = False
    pipeline_tag = "text-generation"
    sampling_options = ("temperature", "top_k", "top_p", "prompt", "context", "watermark")
    writers: ClassVar[Mapping[str, type[Writer]]] = {"": _TextWriter, ".txt": _TextWriter, ".jsonl": _JSONLinesWriter}
    default_output = None
    file_names = (TOKENIZER,)

    def __init__(
        self,
        sample_shape: tuple[int, ...],
        vocabulary_size: int | None = None,
        tokenizer: Tokenizer | None = None,
        context_length: int = 0,
    ):
        super().__init__(sample_shape)
        self.vocabulary_size = tokenizer.size if tokenizer is not None and vocabulary_size is None else vocabulary_size
        self.tokenizer, self.context_length = tokenizer, context_length

    @property
    def length(self) -> int:
        """Tokens of a sequence."""
        return self.sample_shape[0]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, with a checksum in place of the tokenizer, which is in `files`."""
        digest = None if self.tokenizer is None else hashlib.sha256(self.tokenizer.model).hexdigest()
        config = {**super().get_config(), "vocabulary_size": self.vocabulary_size, "tokenizer": digest}
        return config | ({"context_length": self.context_length} if self.context_length else {})

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Text:
        return cls(config["sample_shape"], config.get("vocabulary_size"), context_length=config.get("context_length", 0))

    def with_shape(self, sample_shape: tuple[int, ...]) -> Text:
        return Text(sample_shape, self.vocabulary_size, self.tokenizer, self.context_length)

    def with_tokenizer(self, tokenizer: Tokenizer | None) -> Text:
        """Return the same with a tokenizer."""
        return Text(self.sample_shape, self.vocabulary_size, tokenizer, self.context_length)

    def builder_arguments(self) -> dict[str, Any]:
        contexts = {"context_length": self.context_length} if self.context_length else {}
        return {"vocabulary_size": self.vocabulary_size, "length": self.length, **contexts}

    def check(self, samples: np.ndarray) -> None:
        if not np.issubdtype(samples.dtype, np.integer):
            raise ValueError(f"Samples must be integer tokens of shape (n, {self.length}); these are {samples.dtype}.")
        if samples.size == 0:
            raise ValueError("There are no tokens.")
        least, largest = samples.min(), samples.max()
        most = (self.vocabulary_size or 2**31) - 1
        if least < 0 or largest > most:
            vocabulary = f" (the vocabulary has {self.vocabulary_size})" if self.vocabulary_size else ""
            raise ValueError(f"Tokens must be integers from 0 to {most}{vocabulary}; received {least} to {largest}.")

    def to_network(self, samples: Any) -> Any:
        """Return a batch of tokens as int32.

        Raises:
            ValueError: If they are not integers.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(samples.dtype)
        if "int" not in dtype:
            raise ValueError(f"Samples must be integer tokens of shape (batch, {self.length}); these are {dtype}.")
        return ops.cast(samples, "int32")

    def to_float(self, samples: np.ndarray) -> np.ndarray:
        raise ValueError("Tokens are integers: they have no values between them.")

    def to_file(self, samples: np.ndarray) -> list[str]:
        """Return sentences.

        Raises:
            ValueError: If there is no tokenizer.
        """
        if self.tokenizer is None:
            raise ValueError(
                "This model has no tokenizer to turn tokens into text: set model.tokenizer, or call generate for the tokens."
            )
        return self.tokenizer.decode(samples)

    @classmethod
    def usage(cls, labelled: bool = False) -> str:
        labels = ", labels=model.class_labels(20)" if labelled else ""
        comment = "  # of each class in turn" if labelled else ""
        return f"sentences = model.write(20, seed=0, temperature=0.8{labels}){comment}"

    def files(self) -> dict[str, bytes]:
        return {} if self.tokenizer is None else {TOKENIZER: self.tokenizer.model}

    def with_files(self, folder: Path) -> Text:
        from keras_gans.text import Tokenizer

        path = Path(folder, TOKENIZER)
        return self.with_tokenizer(Tokenizer.load(path)) if path.is_file() else self

    def preset_files(self, model: Any) -> dict[str, Callable[[Path], None]]:
        if self.tokenizer is None:
            return {}

        def write(path: Path) -> None:
            if model.examples is not None:
                # Lines `CONTEXT<TAB>SENTENCE<TAB>REAL SENTENCE`, after a label if there are any.
                told, real = ({name: each[:_SENTENCES] for name, each in model.examples[0].items()}, model.examples[1])
                n = len(told["context"])
                described = model.describe(n, told)
                columns = [[str(label) for label in described["label"]]] if "label" in described else []
                columns += [["\t".join(turns) for turns in described["context"]]]
                columns += [model.write(n, seed=0, conditions=told), self.to_file(real[:n])]
                text = "".join("\t".join(line) + "\n" for line in zip(*columns, strict=True))
            elif model.num_classes is None:
                self.writer(str(path)).write(model, n=_SENTENCES, seed=0)
                return
            else:
                labels = np.repeat(np.arange(model.num_classes), _SENTENCES_OF_EACH)
                lines = model.write(len(labels), seed=0, conditions=model.conditions_for(len(labels), labels))
                text = "".join(f"{label}\t{line}\n" for label, line in zip(labels, lines, strict=True))
            path.write_text(text, encoding="utf-8")

        return {SENTENCES: write}
