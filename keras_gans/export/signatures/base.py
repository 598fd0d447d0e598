"""What every export holds: named inputs, named outputs, and what Keras makes of the same inputs.

`serving_default` takes what the network takes: `latents`, where it has any, and each condition under its own name. `generate`
takes int64 `seeds` in place of the latents and a `truncation` for each sample, so that a row of TensorFlow Serving's REST API
reads `{"seeds": 3, "truncation": 0.8}`, and depends on no other row. Its samples are those that `model.generate(seeds=...)`
gives. A model without latents has no seeds either: its `generate` takes the conditions alone, as files hold them.

The random bits are those of Python on every machine. What follows is computed in float32, and differs in its last digits
between TensorFlow, JAX, LiteRT and their versions: a pixel that lies at the boundary between two values may become the other
one; and where a number lies that close to the boundary between two tokens, the sequence goes on from the other token.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from keras_gans.conditions import LABELS, Classes
from keras_gans.export.folding import exact_network
from keras_gans.export.signatures import inputs as known
from keras_gans.export.signatures.inputs import Input
from keras_gans.export.signatures.random_numbers import NOISES
from keras_gans.layers import MinibatchStdDev
from keras_gans.named import Named

# By the name of a medium; other packages add theirs through entry points of this group.
SIGNATURES: Named[type[Signatures]] = Named("signatures of a medium", "keras_gans.signatures")

FORMATS = ("saved_model", "tflite", "onnx")
# Associated files, besides those of a medium.
LABELS_FILE = "labels.txt"
# Parts of the mean distance between samples of different latents.
_SHARES = {"float16": 0.01, "dynamic": 0.1, "int8": 0.1}
# What 8-bit pictures cannot show is never too much: a new model's samples all look alike.
_GREY_LEVEL = 1 / 255


@dataclasses.dataclass(frozen=True)
class Signature:
    """One signature.

    Attributes:
        inputs: What it takes.
        compute: Its graph: from what networks take, by name, the network and whether a server runs it, to outputs by name.
        expected: What Keras makes of inputs as callers give them, by name: NumPy arrays by name. 8-bit numbers are those before
            they are rounded.
        formats: The formats that have it: SavedModels alone hold strings, PNG files and checks; ONNX cannot read the bits of a
            seed.
        variables: What its graph uses besides the network.
    """

    inputs: Sequence[Input]
    compute: Callable[[dict, Any, bool], dict]
    expected: Callable[[dict], dict] | None = None
    formats: Sequence[str] = ("saved_model",)
    variables: Callable[[], list] = list

    def function(self, network, server=True, batch=None, fixed=False):
        """Returns its `tf.function`.

        Args:
            network: The network that generates.
            server: Whether TensorFlow's own operators may be used, such as those of strings and checks.
            batch: A fixed batch size, or None for any.
            fixed: Whether free sizes of images become those of the examples.
        """
        import tensorflow as tf

        def call(*values):
            given = {each.name: each.read(value, server) for each, value in zip(self.inputs, values, strict=True)}
            return self.compute(given, network, server)

        specs = [each.spec(batch, fixed) for each in self.inputs]
        return tf.function(call, input_signature=specs, autograph=False)

    def examples(self, n):
        """Returns inputs of `n` rows by name."""
        return {each.name: each.examples(n) for each in self.inputs}

    def to_network(self, given):
        """Returns what the network takes of inputs as callers give them."""
        return {each.name: each.to_network(given[each.name]) for each in self.inputs}


@dataclasses.dataclass(frozen=True)
class Contents:
    """What a format writes down.

    Attributes:
        module: A `tf.Module` of all that the functions use.
        functions: A `tf.function` of each signature, by name.
        files: The associated files, by name.
        examples: Inputs of one row for each signature, by its name and by theirs.
    """

    module: Any
    functions: dict[str, Any]
    files: dict[str, bytes]
    examples: dict[str, dict[str, np.ndarray]]


class Signatures:
    """Everything that exporting needs to know of a model. This class is that of floats of any shape.

    Subclasses say how their medium differs and are registered under its name. A constructor decides; what uses the object asks
    nothing of the model.

    Args:
        model: An `AdversarialModel`.

    Attributes:
        network: The network to export: the averaged generator where there is one, in float32, with normalisation folded.
        output: What samples are called. The same with `generated_` before it where a condition has that name.
        scores_samples: Whether SavedModels have the signature `score` where the discriminator judges samples one by one.
        int8_refusal: Why the model cannot be quantised to int8, and what to do; None if it can.
        all: Signatures by name.

    Raises:
        RuntimeError: If Keras does not run on TensorFlow, whose formats these are.
    """

    output: str = "samples"
    scores_samples: ClassVar[bool] = False
    int8_refusal: ClassVar[str | None] = None

    def __init__(self, model):
        if keras.config.backend() != "tensorflow":
            raise RuntimeError(
                f"Export needs the TensorFlow backend; this process uses '{keras.config.backend()}'. Save the model "
                "(keras_gans.save_preset, or a run folder) and export that with KERAS_BACKEND=tensorflow."
            )
        self.model = model
        self.network = self.find_network()
        if self.output in model.conditions:
            self.output = f"generated_{self.output}"
        self.all = self.find_signatures()

    # What a medium may change.

    def find_network(self):
        """Returns the network to export. One that is no graph of layers is exported as it is."""
        network = self.model.sampling_network()
        return exact_network(network) if getattr(network, "inputs", None) else network

    def find_signatures(self) -> dict[str, Signature]:
        """Returns the signatures by name."""
        default = Signature((*self.latents(), *self.conditions()), self._serve, self._expected_default, FORMATS)
        seeded = Signature(self.seeded(known.truncation), self._generate, self._expected_generated)
        found = {"serving_default": default, "generate": seeded}
        if self.scores_samples and not self._judges_batches():
            found["score"] = self._score_signature()
        return found

    def to_exported(self, samples):
        """Maps samples as networks make them to those of `serving_default`; tensors and arrays alike."""
        return samples

    def from_exported(self, samples):
        """The inverse of `to_exported`."""
        return samples

    def to_file(self, samples):
        """Maps a tensor of samples as networks make them to those of `generate`."""
        return samples

    def before_rounding(self, samples):
        """Returns an array as `to_file` does, but in float32 where that rounds."""
        return samples

    def network_inputs(self, given, noise):
        """Returns what the network takes of the inputs of `generate`.

        Args:
            given: Tensors or arrays by name; the conditions as networks take them.
            noise: From seeds to latents.
        """
        inputs = dict(given)
        if "seeds" in inputs:
            truncation = ops.reshape(inputs.pop("truncation"), (-1,) + (1,) * len(self.model.latent_shape))
            inputs["latents"] = noise(inputs.pop("seeds")) * truncation
        return inputs

    def allowed_difference(self, kind, outputs) -> float:
        """Returns the largest mean difference from the right samples that a quantised file may have.

        Args:
            kind: A quantisation, such as `"int8"`.
            outputs: What Keras makes of different latents in `serving_default`, by name.
        """
        samples = outputs[self.output]
        distance = float(np.abs(samples - np.roll(samples, 1, axis=0)).mean())
        return max(_GREY_LEVEL, _SHARES[kind] * distance)

    def files(self, class_names: Sequence[str] = ()) -> dict[str, bytes]:
        """Returns the files that belong to an export, by name: of a class-conditional model the names of its classes.

        Args:
            class_names: The classes' names; their numbers if there are none.

        Raises:
            ValueError: If there are more or fewer names than classes, or one has two lines.
        """
        classes = self.model.conditions.get(LABELS)
        if not isinstance(classes, Classes):
            return {}
        names = [str(name) for name in class_names] or [str(number) for number in range(classes.count)]
        if len(names) != classes.count or any(len(name.splitlines()) > 1 for name in names):
            raise ValueError(f"class_names must be {classes.count} names of a line each; received {names}.")
        return {LABELS_FILE: "".join(f"{name}\n" for name in names).encode()}

    def request(self) -> tuple[str, dict]:
        """Returns a signature's name, and a row of its inputs as JSON can hold it: what a client may ask a server."""
        name = "generate_png" if "generate_png" in self.all else "generate"
        return name, {key: values[0].tolist() for key, values in self.all[name].examples(1).items()}

    # What formats ask.

    def of(self, kind) -> dict[str, Signature]:
        """Returns the signatures that a format has, by name."""
        return {name: each for name, each in self.all.items() if kind in each.formats}

    def contents(self, kind, class_names=(), batch=None, network=None) -> Contents:
        """Returns what a format writes down.

        Args:
            kind: One of `FORMATS`. SavedModels check what they are given; TFLite files have images of one size.
            class_names: The names of the classes of a class-conditional model.
            batch: A fixed batch size, or None for any.
            network: A network that computes the same as this one's; this one's if None.

        Raises:
            ValueError: As `files`.
        """
        import tensorflow as tf

        files = self.files(class_names)
        network = self.network if network is None else network
        found = self.of(kind)
        module = tf.Module()
        module.variables_used = [variable.value for variable in network.variables]
        module.more = [each.variables() for each in found.values()]
        server, fixed = kind == "saved_model", kind == "tflite"
        module.functions = {name: each.function(network, server, batch, fixed) for name, each in found.items()}
        examples = {name: each.examples(1) for name, each in found.items()}
        return Contents(module, dict(module.functions), files, examples)

    def cases(self, kind, n) -> dict[str, tuple[dict, dict]]:
        """Returns what an export is compared on: for each signature of a format `n` rows of inputs and of outputs, by name."""
        found = {}
        for name, signature in self.of(kind).items():
            given = signature.examples(n)
            if "seeds" in given:
                # Seeds with bits in both halves, too.
                given["seeds"] = given["seeds"] + 2**32 - n // 2
            found[name] = given, signature.expected(given)
        return found

    def default_inputs(self, n, seed=None, labels=None, conditions=None) -> dict[str, np.ndarray]:
        """Returns inputs of `serving_default`, by name, that give the samples of `model.generate` of the same arguments."""
        drawn = self.model.inputs_for(n, seed, labels=labels, conditions=conditions)
        return {each.name: each.from_network(drawn[each.name]) for each in (*self.latents(), *self.conditions())}

    # Inputs.

    def latents(self) -> list[Input]:
        """Returns the input `latents`, if the generator has any."""
        shape = self.model.latent_shape
        return [] if shape is None else [Input("latents", shape, "float32", lambda n: self.model.latents(n, seed=0))]

    def conditions(self, as_file=False) -> list[Input]:
        """Returns an input for each condition."""
        return [known.condition(name, told, as_file) for name, told in self.model.conditions.items()]

    def seeded(self, knob) -> list[Input]:
        """Returns the inputs of `generate`: seeds and a number of each sample, where there are latents, and the conditions."""
        return [*([known.seeds(), knob()] if self.latents() else []), *self.conditions(as_file=True)]

    # What is computed in graphs, and what is expected of it.

    def sample(self, given, network):
        """Returns, in a graph, what a network generates of the inputs of `generate`."""
        noise = NOISES[self.model.latent_noise]
        return self.model.sample_from(network, self.network_inputs(given, lambda seeds: noise(seeds, self.model.latent_shape)))

    def expected_samples(self, name, given):
        """Returns what Keras generates of the inputs of a signature that takes seeds, as its network makes it."""
        return self.run(self.network_inputs(self.all[name].to_network(given), self.model.seeded_latents))

    def run(self, inputs):
        """Returns what the network generates from named inputs, as a NumPy array."""
        import tensorflow as tf

        given = {name: tf.convert_to_tensor(value) for name, value in inputs.items()}
        # Called as a function of its own, it would be counted among those that are traced too often.
        return self._generator.get_concrete_function(given)(given).numpy()

    @functools.cached_property
    def _generator(self):
        import tensorflow as tf

        return tf.function(lambda given: self.model.sample_from(self.network, given), autograph=False)

    def _serve(self, given, network, server):
        return {self.output: self.to_exported(self.model.sample_from(network, given))}

    def _expected_default(self, given):
        return {self.output: self.to_exported(self.run(self.all["serving_default"].to_network(given)))}

    def _generate(self, given, network, server):
        return {self.output: self.to_file(self.sample(given, network))}

    def _expected_generated(self, given):
        return {self.output: self.before_rounding(self.expected_samples("generate", given))}

    # Scores.

    def _judges_batches(self):
        """Whether a score of the discriminator depends on the other samples of the batch."""
        return any(isinstance(layer, MinibatchStdDev) for layer in self.model.discriminator._flatten_layers())

    def _score_signature(self):
        """Returns the signature `score`: from samples under the name of the output, and what the discriminator is told."""
        shape = self.model.judged_shape

        def noise(n):
            sizes = shape
            if None in sizes:
                made = self.run(self.all["serving_default"].to_network(self.all["serving_default"].examples(1))).shape[1:]
                sizes = tuple(size or whole for size, whole in zip(shape, made, strict=True))
            return np.random.default_rng(0).random((n, *sizes), dtype="float32")

        told = [each for each in self.conditions() if each.name in self.model.judged_conditions]
        samples = Input(self.output, shape, "float32", noise, to_network=self.from_exported)
        return Signature(
            (samples, *told),
            self._score,
            lambda given: {
                name: ops.convert_to_numpy(value)
                for name, value in self._score(self.all["score"].to_network(given), None, True).items()
            },
            variables=lambda: [variable.value for variable in self.model.discriminator.variables],
        )

    def _score(self, given, network, server):
        given = dict(given)
        scores = self.model.score(given.pop(self.output), given, training=False)
        # Maps, and lists of several discriminators: the mean of each, then of all.
        means = [ops.mean(ops.reshape(each, (ops.shape(each)[0], -1)), axis=1) for each in keras.tree.flatten(scores)]
        return {"scores": means[0] if len(means) == 1 else ops.mean(ops.stack(means), axis=0)}
