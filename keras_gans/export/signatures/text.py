"""Exports of text: token ids, and sentences where there is a tokenizer."""

import functools

import numpy as np
from keras import ops

from keras_gans.export import vocabulary
from keras_gans.export.signatures import inputs as known
from keras_gans.export.signatures.base import FORMATS, SIGNATURES, Signature, Signatures
from keras_gans.export.signatures.inputs import Input
from keras_gans.export.signatures.token_boundaries import seeds_far_from_boundaries
from keras_gans.text import UNKNOWN

# Of the way between two sequences: a number that falls on its neighbour changes the tokens that follow, and the sequence is as
# good as before.
_SHARE_OF_TOKENS = 0.5


@SIGNATURES.register("text")
class TextSignatures(Signatures):
    """Signatures of text models.

    `serving_default` takes uniform `latents` `(batch, length)` and `temperature` `(batch, 1)` and returns int32 `token_ids`;
    `generate` takes `seeds` and `temperature` `(batch,)`, and returns `text`, too, in a SavedModel of a model with a tokenizer.
    `complete`, of words or characters in SavedModels, takes strings `prompt` `(batch,)` besides, which the text begins with.
    """

    output = "token_ids"
    int8_refusal = (
        "A text model cannot be quantised to int8: it draws token after token in a loop, whose activations the converter "
        "cannot measure. Use 'dynamic', which stores the same 8-bit weights, or 'float16'."
    )

    def find_network(self):
        return self.model.sampling_network()

    def find_signatures(self):
        temperature = Input("temperature", (1,), "float32", lambda n: np.ones((n, 1), "float32"))
        seeded = self.seeded(known.temperature)
        found = {
            "serving_default": Signature(
                (*self.latents(), temperature, *self.conditions()), self._serve, self._expected_default, FORMATS
            ),
            "generate": Signature(seeded, self._generate, self._expected_generated, ("saved_model", "tflite")),
        }
        if vocabulary.reads_prompts(self.model.medium):
            prompt = Input("prompt", (), "string", lambda n: np.full(n, ""))
            found["complete"] = Signature((*seeded, prompt), self._generate, variables=lambda: [self._read_prompts.table])
        return found

    @functools.cached_property
    def _read_prompts(self):
        return vocabulary.PromptReader(self.model.medium)

    def network_inputs(self, given, noise):
        inputs = {**given, "latents": noise(given["seeds"]), "temperature": ops.reshape(given["temperature"], (-1, 1))}
        del inputs["seeds"]
        if "prompt" in inputs:
            inputs["prompt"], inputs["prompt_length"] = self._read_prompts(inputs["prompt"])
        return inputs

    def allowed_difference(self, kind, outputs):
        tokens = outputs[self.output]
        return max(1 / tokens.shape[1], _SHARE_OF_TOKENS * float((tokens != np.roll(tokens, 1, axis=0)).mean()))

    def files(self, class_names=()):
        medium = self.model.medium
        own = {} if medium.tokenizer is None else {vocabulary.NAME: vocabulary.content(medium)}
        return own | super().files(class_names)

    def default_inputs(self, n, seed=None, labels=None, conditions=None):
        return super().default_inputs(n, seed, labels, conditions) | {"temperature": np.ones((n, 1), "float32")}

    def cases(self, kind, n):
        """As the base class's, with seeds whose tokens rounding does not change, and the beginnings of texts as prompts."""
        found = {}
        for name, signature in self.of(kind).items():
            given = signature.examples(n)
            if name == "complete":
                given, outputs = found["generate"]
                found[name] = {**given, "prompt": self._beginnings(outputs)}, outputs
                continue
            if "seeds" in given:
                told = {key: value for key, value in given.items() if key != "seeds"}
                told["temperature"] = told["temperature"][:, None]
                given["seeds"] = seeds_far_from_boundaries(self.model, self.network, told)
            found[name] = given, signature.expected(given)
        return found

    def _generate(self, given, network, server):
        tokens = self.sample(given, network)
        outputs = {self.output: tokens}
        if server and self.model.medium.tokenizer is not None:
            outputs["text"] = vocabulary.join(tokens, vocabulary.pieces(self.model.medium))
        return outputs

    def _expected_generated(self, given):
        tokenizer = self.model.medium.tokenizer
        tokens = self.expected_samples("generate", given)
        outputs = {self.output: tokens}
        if tokenizer is not None:
            outputs["text"] = np.array(tokenizer.decode(np.where(tokens < tokenizer.size, tokens, UNKNOWN)))
        return outputs

    def _beginnings(self, outputs):
        """Returns the first words of each text: row n's has n of them, where these are its first tokens."""
        tokenizer, prompts = self.model.medium.tokenizer, []
        for number, (row, text) in enumerate(zip(outputs[self.output].tolist(), outputs["text"].tolist(), strict=True)):
            prompt = " ".join(text.split()[:number])
            (tokens,) = tokenizer.encode_whole([prompt])
            begins = row[: len(tokens)] == tokens and UNKNOWN not in tokens and len(tokens) < len(row)
            prompts.append(prompt if begins else "")
        return np.array(prompts)
