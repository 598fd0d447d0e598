"""Exports of text: token ids, and sentences if the model has a tokenizer."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.conditions import CONTEXT
from keras_gans.export import vocabulary
from keras_gans.export.signatures import inputs as known
from keras_gans.export.signatures.base import (
    FORMATS,
    SIGNATURES,
    Arrays,
    Cases,
    Generate,
    Signature,
    Signatures,
    Tensors,
)
from keras_gans.export.signatures.inputs import Input
from keras_gans.export.signatures.token_boundaries import seeds_far_from_boundaries
from keras_gans.sequences import decode
from keras_gans.text import UNKNOWN

if TYPE_CHECKING:
    from keras_gans.gans import SequenceGAN
    from keras_gans.media import Text
    from keras_gans.sequences import Watermark

# Of the difference between two sequences. A random number that selects the neighbouring token changes the tokens that follow,
# and the sequence is as good as before.
_SHARE_OF_TOKENS = 0.5


@SIGNATURES.register("text")
class TextSignatures(Signatures):
    """Signatures of text models.

    `serving_default` takes uniform `latents` `(batch, length)` and `temperature` `(batch, 1)` and returns int32 `token_ids`.
    `generate` takes `seeds` and, as `generate_with_temperature`, `temperature` `(batch,)`. In a SavedModel of a model with a
    tokenizer it returns `text` as well. For words and characters, SavedModels have `complete` and `complete_with_temperature`,
    which also take strings `prompt` `(batch,)`: the beginnings of the texts. Where the model takes contexts, which are tokens
    in these signatures, `reply` and `reply_with_temperature` take them as strings `(batch,)`, with tabs between turns.

    With a watermark, every signature marks what it generates: no caller can leave the mark out, and none needs the key. The
    file then contains tables made from the key (not the key itself), with which its readers can find, imitate and remove the
    mark.

    Args:
        model: As `Signatures`, and so all other arguments.
        watermark: Marks all text. Default None.
    """

    model: SequenceGAN
    output = "token_ids"
    int8_refusal = (
        "A text model cannot be quantised to int8: it samples tokens in a loop, whose activations the converter cannot "
        "measure. Use 'dynamic', which stores the same 8-bit weights, or 'float16'."
    )

    def __init__(self, model: SequenceGAN, *arguments: Any, watermark: Watermark | None = None):
        self.watermark = watermark  # before the signatures are made
        super().__init__(model, *arguments)

    def sample_from(self, network: keras.Model, inputs: Mapping[str, Tensor]) -> Tensor:
        return decode(network, **inputs, watermark=self.watermark)

    @property
    def medium(self) -> Text:
        """The medium of the model; a text model has no other."""
        return cast("Text", self.model.medium)

    def find_network(self) -> keras.Model:
        return self.model.sampling_network()

    def find_files(self, class_names: Sequence[str]) -> dict[str, bytes]:
        medium = self.medium
        own = {} if medium.tokenizer is None else {vocabulary.NAME: vocabulary.content(medium)}
        return own | super().find_files(class_names)

    def find_signatures(self) -> dict[str, Signature]:
        temperature = Input("temperature", (1,), "float32", lambda n: np.ones((n, 1), "float32"))
        inputs = (*self.latents(), temperature, *self.conditions())
        found = {"serving_default": Signature(inputs, self._serve, self._expected_default, FORMATS)}
        found |= self.seeded("generate", self._generate, self._expected_generated, ("saved_model", "tflite"))
        if vocabulary.reads_prompts(self.medium):
            prompt = Input("prompt", (), "string", lambda n: np.full(n, ""))
            table = lambda: [self._read_prompts.table]  # noqa: E731
            found |= self.seeded("complete", self._generate, self._expected_generated, more=[prompt], variables=table)
        if CONTEXT in self.model.conditions and vocabulary.reads_prompts(self.medium):
            told = [self._text_of_context() if each.name == CONTEXT else each for each in self.conditions(as_file=True)]
            words = lambda: [self._read_contexts.table]  # noqa: E731
            found |= self.seeded("reply", self._generate, self._expected_generated, variables=words, conditions=told)
        return found

    def _text_of_context(self) -> Input:
        """Return the input for contexts as text."""
        tokenizer, condition = self.medium.tokenizer, self.model.conditions[CONTEXT]
        assert tokenizer is not None

        def examples(n: int) -> np.ndarray:
            tokens = np.minimum(condition.examples(n), tokenizer.size - 1)
            return np.array(["\t".join(turns) for turns in tokenizer.decode_contexts(tokens)])

        def read(values: Any) -> Any:
            if not isinstance(values, np.ndarray):
                return self._read_contexts(values)
            turns = [context.split("\t") for context in values.tolist()]
            return tokenizer.encode_contexts(turns, self.medium.context_length)[0]

        return Input(CONTEXT, (), "string", examples, to_network=read)

    @functools.cached_property
    def _read_contexts(self) -> vocabulary.ContextReader:
        return vocabulary.ContextReader(self.medium)

    def control(self) -> Input:
        return known.temperature()

    @functools.cached_property
    def _read_prompts(self) -> vocabulary.PromptReader:
        return vocabulary.PromptReader(self.medium)

    def network_inputs(self, given: Mapping[str, Any], noise: Any) -> dict[str, Any]:
        inputs = dict(given)
        inputs["latents"] = noise(inputs.pop("seeds"))
        if "temperature" in inputs:
            inputs["temperature"] = ops.reshape(inputs["temperature"], (-1, 1))
        else:
            inputs["temperature"] = ops.ones_like(inputs["latents"][:, :1])
        if "prompt" in inputs:
            inputs["prompt"], inputs["prompt_length"] = self._read_prompts(inputs["prompt"])
        return inputs

    def allowed_difference(self, kind: str, outputs: Arrays) -> float:
        tokens = outputs[self.output]
        return max(1 / tokens.shape[1], _SHARE_OF_TOKENS * float((tokens != np.roll(tokens, 1, axis=0)).mean()))

    def default_inputs(
        self, n: int, seed: int | None = None, labels: Any = None, conditions: Mapping[str, Any] | None = None
    ) -> Arrays:
        return super().default_inputs(n, seed, labels, conditions) | {"temperature": np.ones((n, 1), "float32")}

    def cases(self, kind: str, n: int) -> Cases:
        """As the base class, with seeds whose tokens do not depend on rounding, and the beginnings of texts as prompts."""
        signatures = self.of(kind)
        rows = {name: signature.examples(n) for name, signature in signatures.items()}
        seeded = [name for name, given in rows.items() if "seeds" in given and "prompt" not in given]
        self._choose_seeds([rows[name] for name in seeded], [signatures[name].to_network(rows[name]) for name in seeded])
        found = {
            name: (given, signatures[name].expected(signatures[name].to_network(given)))
            for name, given in rows.items()
            if "prompt" not in given
        }
        for name in rows.keys() - found.keys():
            given, outputs = found[name.replace("complete", "generate")]
            found[name] = {**given, "prompt": self._beginnings(outputs)}, outputs
        return found

    def _choose_seeds(self, rows: Sequence[Arrays], networks: Sequence[Mapping[str, Any]]) -> None:
        """Give inputs of several signatures seeds that are far from the boundaries between tokens.

        Args:
            rows: The inputs of each signature.
            networks: The same as networks take them.
        """
        if not rows:
            return
        ones = np.ones(len(rows[0]["seeds"]), "float32")
        told = {name: np.concatenate([given[name] for given in networks]) for name in self.model.conditions}
        told["temperature"] = np.concatenate([given.get("temperature", ones) for given in networks])[:, None]
        seeds = seeds_far_from_boundaries(self.model, self.network, told, watermark=self.watermark)
        for given, own in zip(rows, np.split(seeds, len(rows)), strict=True):
            given["seeds"] = own

    def _generate(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        tokens = self.sample(given, generate)
        outputs = {self.output: tokens}
        if server and self.medium.tokenizer is not None:
            outputs["text"] = vocabulary.join(tokens, vocabulary.pieces(self.medium))
        return outputs

    def _expected_generated(self, given: Mapping[str, Any]) -> Arrays:
        tokenizer = self.medium.tokenizer
        tokens = self.expected_samples(given)
        outputs = {self.output: tokens}
        if tokenizer is not None:
            outputs["text"] = np.array(tokenizer.decode(np.where(tokens < tokenizer.size, tokens, UNKNOWN)))
        return outputs

    def _beginnings(self, outputs: Arrays) -> np.ndarray:
        """Return the first `n` words of text `n`, if they are its first tokens; an empty prompt if not."""
        tokenizer, prompts = self.medium.tokenizer, []
        if tokenizer is None:
            raise ValueError("Prompts need a tokenizer.")
        for number, (row, text) in enumerate(zip(outputs[self.output].tolist(), outputs["text"].tolist(), strict=True)):
            prompt = " ".join(text.split()[:number])
            (tokens,) = tokenizer.encode_whole([prompt])
            begins = row[: len(tokens)] == tokens and UNKNOWN not in tokens and len(tokens) < len(row)
            prompts.append(prompt if begins else "")
        return np.array(prompts)
