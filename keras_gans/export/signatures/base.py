"""What every export contains: named inputs, named outputs, and what Keras computes from the same inputs.

`serving_default` takes what the network takes: `latents`, if it has any, and each condition under its own name. `generate`
takes int64 `seeds` instead of latents, so that a row of TensorFlow Serving's REST API reads `{"seeds": 3}` and depends on no
other row. `generate_with_truncation` also takes a `truncation` for each sample. The samples are those of
`model.generate(seeds=...)`. A model without latents has no seeds: its `generate` takes the conditions alone, images as uint8.

The random bits are the same on every machine. What follows is computed in float32, whose last digits differ between TensorFlow,
JAX, LiteRT and their versions: a pixel on the boundary between two values may take either, and a text whose random number lies
on the boundary between two tokens may continue from either.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor
from keras_gans.conditions import LABELS, Classes
from keras_gans.export.folding import exact_network
from keras_gans.export.signatures import inputs as known
from keras_gans.export.signatures.edits import check_directions
from keras_gans.export.signatures.input_sizes import InputSize, input_side
from keras_gans.export.signatures.inputs import Input
from keras_gans.export.signatures.random_numbers import NOISES
from keras_gans.export.transposed_convolutions import lowered
from keras_gans.files import as_json
from keras_gans.layers import MinibatchStdDev
from keras_gans.named import Named

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.editing import Directions

# By the name of a medium; other packages add theirs through entry points of this group.
SIGNATURES: Named[type[Signatures]] = Named("signatures of a medium", "keras_gans.signatures")

FORMATS = ("saved_model", "tflite", "onnx")
LABELS_FILE = "labels.txt"
NAMES_FILE = "condition_names.json"
# Shares of the mean distance between samples of different latents.
_SHARES = {"float16": 0.01, "dynamic": 0.1, "int8": 0.1}
# 8-bit images cannot show less than this, which therefore is always allowed: the samples of a new model all look alike.
_GREY_LEVEL = 1 / 255

Arrays: TypeAlias = dict[str, np.ndarray]
Tensors: TypeAlias = dict[str, Tensor]
# For each signature, its inputs and expected outputs.
Cases: TypeAlias = dict[str, tuple[Arrays, Arrays]]
# From named inputs of the network to samples.
Generate: TypeAlias = Callable[[Mapping[str, Any]], Any]


def _as_json(value: Any) -> Any:
    return {"b64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value.tolist()


@dataclasses.dataclass(frozen=True)
class Signature:
    """One signature.

    Attributes:
        inputs: Its inputs.
        compute: Its graph. It takes the inputs as networks take them, by name; a function that generates samples; and whether a
            server runs it. It returns the outputs by name.
        expected: The NumPy arrays that Keras computes from inputs as networks take them. 8-bit numbers are not rounded yet.
        formats: The formats that have it. Only SavedModels can hold strings, PNG files and checks; ONNX cannot read the bits of
            a seed.
        variables: What its graph uses besides the network.
    """

    inputs: Sequence[Input]
    compute: Callable[[Tensors, Generate, bool], Tensors]
    expected: Callable[[Any], Arrays]
    formats: Sequence[str] = ("saved_model",)
    variables: Callable[[], list[Any]] = list

    def function(self, generate: Generate, server: bool = True, batch: int | None = None, fixed: bool = False) -> Any:
        """Return its `tf.function`.

        Args:
            generate: Generates samples from inputs of the network.
            server: Whether TensorFlow's own operators may be used, such as those for strings and checks.
            batch: A fixed batch size; None for any.
            fixed: Whether image sizes that are free become those of the examples.
        """
        import tensorflow as tf

        def call(*values: Tensor) -> Tensors:
            given = {each.name: each.read(value, server) for each, value in zip(self.inputs, values, strict=True)}
            return self.compute(given, generate, server)

        specs = [each.spec(batch, fixed) for each in self.inputs]
        return tf.function(call, input_signature=specs, autograph=False)

    def examples(self, n: int) -> Arrays:
        """Return `n` rows of inputs, by name."""
        return {each.name: each.examples(n) for each in self.inputs}

    def to_network(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return inputs of the network, by name, for inputs of the signature."""
        return {each.name: each.to_network(given[each.name]) for each in self.inputs}


@dataclasses.dataclass(frozen=True)
class Contents:
    """What a format writes down.

    Attributes:
        module: A `tf.Module` with everything that the functions use.
        functions: A `tf.function` for each signature, by name.
        files: The associated files, by name.
        examples: One row of inputs for each signature, by the signature's name.
    """

    module: Any
    functions: dict[str, Any]
    files: dict[str, bytes]
    examples: dict[str, Arrays]


class Signatures:
    """Everything that exporting needs to know about a model. This base class handles floats of any shape.

    Subclasses say how their medium differs and are registered under its name. Decisions are made in the constructor: code that
    uses the object does not ask the model.

    Args:
        model: The model to export.
        class_names: The names of the classes of a class-conditional model; their numbers by default.
        input_size: The side of example images, and of those that TFLite files take, where the network takes any: a number,
            `"tile"` for one that suits tiles, or None for a small one.
        directions: Directions in latent space, for signatures that move along them.

    Attributes:
        network: The network to export: the averaged generator, if there is one, in float32 and with normalisation folded.
        output: The name of the samples. If a condition has that name, `generated_` comes before it.
        scores_samples: Whether SavedModels have the signature `score`, provided that the discriminator scores samples one by
            one.
        int8_refusal: Why the model cannot be quantised to int8, and what to do instead; None if it can.
        all: The signatures by name.
        files: The files that belong to an export, by name: the names of classes and of other conditions, the vocabulary.
        input_side: The side of example images where it is free; None if there are no such images.
        directions: The argument.

    Raises:
        RuntimeError: If Keras does not run on TensorFlow, which these formats need.
        ValueError: If there are more or fewer class names than classes, one contains a line break, the network does not take
            images of `input_size`, or the directions are those of another model.
    """

    output: str = "samples"
    scores_samples: ClassVar[bool] = False
    int8_refusal: ClassVar[str | None] = None

    def __init__(
        self,
        model: AdversarialModel,
        class_names: Sequence[str] = (),
        input_size: InputSize = None,
        directions: Directions | None = None,
    ):
        if keras.config.backend() != "tensorflow":
            raise RuntimeError(
                f"Export needs the TensorFlow backend, but this process uses '{keras.config.backend()}'. Save the model "
                "(keras_gans.save_preset, or a run folder) and export that with KERAS_BACKEND=tensorflow."
            )
        self.model = model
        self.directions = check_directions(model, directions)
        self.files = self.find_files(class_names)
        self.network = self.find_network()
        self.input_side = input_side(self.network, model.conditions, input_size)
        if self.output in model.conditions:
            self.output = f"generated_{self.output}"
        self.all = self.find_signatures()

    # What a medium may change.

    @property
    def difference_hint(self) -> str:
        """What to do about an export that differs from the Keras model, after a space; empty by default."""
        return ""

    def find_network(self) -> keras.Model:
        """Return the network to export. A network that is not a graph of layers is exported as it is."""
        network = self.model.sampling_network()
        return exact_network(network) if getattr(network, "inputs", None) else network

    def find_files(self, class_names: Sequence[str]) -> dict[str, bytes]:
        """Return the files that belong to an export, by name: what the model's classes and other conditions are called."""
        others = {name: list(names) for name, names in self.model.names.items() if name != LABELS}
        found = {NAMES_FILE: as_json(others)} if others else {}
        classes = self.model.conditions.get(LABELS)
        if not isinstance(classes, Classes):
            return found
        given = class_names or self.model.names.get(LABELS) or range(classes.count)
        names = [str(name) for name in given]
        if len(names) != classes.count or any(len(name.splitlines()) > 1 for name in names):
            raise ValueError(f"class_names must be {classes.count} names without line breaks; received {names}.")
        return {LABELS_FILE: "".join(f"{name}\n" for name in names).encode(), **found}

    def find_signatures(self) -> dict[str, Signature]:
        """Return the signatures by name."""
        default = Signature((*self.latents(), *self.conditions()), self._serve, self._expected_default, FORMATS)
        found = {"serving_default": default, **self.seeded("generate", self._generate, self._expected_generated)}
        if self.scores_samples and not self._scores_batches():
            found["score"] = self._score_signature()
        return found

    def control(self) -> Input:
        """Return the input that controls sampling, which the signatures `..._with_...` take."""
        return known.truncation()

    def to_exported(self, samples: Any) -> Any:
        """Map samples of the network, tensors or arrays, to those of `serving_default`."""
        return samples

    def from_exported(self, samples: Any) -> Any:
        """Invert `to_exported`."""
        return samples

    def to_file(self, samples: Tensor) -> Tensor:
        """Map a tensor of samples of the network to those of `generate`."""
        return samples

    def before_rounding(self, samples: Array) -> Array:
        """Map an array of samples as `to_file` does, but without rounding."""
        return samples

    def network_inputs(self, given: Mapping[str, Any], noise: Callable[[Any], Any]) -> dict[str, Any]:
        """Return inputs of the network for inputs of `generate`.

        Args:
            given: Tensors or arrays by name; conditions as networks take them.
            noise: Maps seeds to latents.
        """
        inputs = dict(given)
        if "seeds" in inputs:
            inputs["latents"] = noise(inputs.pop("seeds"))
        if "truncation" in inputs:
            inputs["latents"] *= ops.reshape(inputs.pop("truncation"), (-1, *[1] * len(self.model.latent_shape or ())))
        return inputs

    def allowed_difference(self, kind: str, outputs: Arrays) -> float:
        """Return the largest mean difference from the Keras model that a quantised file may have.

        Args:
            kind: A quantisation, such as `"int8"`.
            outputs: The outputs of Keras for different latents in `serving_default`, by name.
        """
        samples = outputs[self.output]
        distance = float(np.abs(samples - np.roll(samples, 1, axis=0)).mean())
        return max(_GREY_LEVEL, _SHARES[kind] * distance)

    def request(self) -> tuple[str, dict[str, Any]]:
        """Return the name of a signature and a row of its inputs as JSON: a request that a client may send to a server."""
        name = next(each for each in ("apply_png", "generate_png", "generate_wav", "generate") if each in self.all)
        return name, {key: _as_json(values[0]) for key, values in self.all[name].examples(1).items()}

    # What formats ask.

    def of(self, kind: str) -> dict[str, Signature]:
        """Return the signatures that a format has, by name."""
        return {name: each for name, each in self.all.items() if kind in each.formats}

    def contents(self, kind: str, batch: int | None = None) -> Contents:
        """Return what a format writes down.

        Args:
            kind: One of `FORMATS`. SavedModels check their inputs. TFLite files have images of one size, and transposed
                convolutions as convolutions.
            batch: A fixed batch size; None for any.
        """
        import tensorflow as tf

        network = lowered(self.network) if kind == "tflite" else self.network
        generate = self._traced(network)
        found = self.of(kind)
        module = tf.Module()
        module.variables_used = [variable.value for variable in network.variables]
        module.more = [each.variables() for each in found.values()]
        server, fixed = kind == "saved_model", kind == "tflite"
        module.functions = {name: each.function(generate, server, batch, fixed) for name, each in found.items()}
        examples = {name: each.examples(1) for name, each in found.items()}
        return Contents(module, dict(module.functions), self.files, examples)

    def cases(self, kind: str, n: int) -> Cases:
        """Return what an export is compared on: for each signature of a format, `n` rows of inputs and expected outputs."""
        found = {}
        for name, signature in self.of(kind).items():
            given = signature.examples(n)
            if "seeds" in given:
                # Some seeds have bits in both halves.
                given["seeds"] = given["seeds"] + 2**32 - n // 2
            found[name] = given, signature.expected(signature.to_network(given))
        return found

    def default_inputs(
        self, n: int, seed: int | None = None, labels: Any = None, conditions: Mapping[str, Any] | None = None
    ) -> Arrays:
        """Return inputs of `serving_default` that give the samples of `model.generate` with the same arguments."""
        drawn = self.model.inputs_for(n, seed, labels=labels, conditions=conditions)
        return {each.name: each.from_network(drawn[each.name]) for each in (*self.latents(), *self.conditions())}

    # Inputs.

    def latents(self) -> list[Input]:
        """Return the input `latents`, if the generator has any."""
        shape = self.model.latent_shape
        return [] if shape is None else [Input("latents", shape, "float32", lambda n: self.model.latents(n, seed=0))]

    def conditions(self, as_file: bool = False) -> list[Input]:
        """Return an input for each condition."""
        return [known.condition(name, told, as_file, self.input_side) for name, told in self.model.conditions.items()]

    def seeded(
        self,
        name: str,
        compute: Callable[[Tensors, Generate, bool], Tensors],
        expected: Callable[[Any], Arrays],
        formats: Sequence[str] = ("saved_model",),
        more: Sequence[Input] = (),
        variables: Callable[[], list[Any]] = list,
        conditions: Sequence[Input] | None = None,
    ) -> dict[str, Signature]:
        """Return two signatures: `name` takes seeds and the conditions, and `name_with_CONTROL` also the control of sampling.

        Without latents there is one, which takes the conditions.

        Args:
            name: The first one's name.
            compute: See `Signature`.
            expected: See `Signature`.
            formats: See `Signature`.
            more: Inputs that come last.
            variables: See `Signature`.
            conditions: The conditions as inputs. None for those of `self.conditions`.
        """
        told = self.conditions(as_file=True) if conditions is None else conditions

        def signature(*first: Input) -> Signature:
            inputs = (*first, *told, *more)
            return Signature(inputs, compute, expected, formats, variables)

        if not self.latents():
            return {name: signature()}
        control = self.control()
        return {name: signature(known.seeds()), f"{name}_with_{control.name}": signature(known.seeds(), control)}

    # Graphs, and what is expected of them.

    def sample(self, given: Mapping[str, Any], generate: Generate) -> Tensor:
        """Return, in a graph, the samples of the network for inputs of `generate`."""
        noise, shape = NOISES[self.model.latent_noise], self.model.latent_shape or ()
        return generate(self.network_inputs(given, lambda seeds: noise(seeds, shape)))

    def expected_samples(self, given: Mapping[str, Any]) -> Array:
        """Return the samples of Keras' network for inputs of `generate`."""
        return self.run(self.network_inputs(given, self.model.seeded_latents))

    def sample_from(self, network: keras.Model, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return the samples that a network generates from named inputs."""
        return self.model.sample_from(network, inputs)

    def run(self, inputs: Mapping[str, Any]) -> Array:
        """Return what the network generates from named inputs."""
        import tensorflow as tf

        return self._keras({name: tf.convert_to_tensor(value) for name, value in inputs.items()}).numpy()

    @functools.cached_property
    def _keras(self) -> Generate:
        return self._traced(self.network)

    def _traced(self, network: keras.Model) -> Generate:
        """Return a function that generates samples with a network, which is traced once for all that call it."""
        import tensorflow as tf

        function = tf.function(lambda given: self.sample_from(network, given), autograph=False)
        # Called as a function, TensorFlow would count it among those that are traced too often.
        return lambda given: function.get_concrete_function(given)(given)

    def _serve(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        return {self.output: self.to_exported(generate(given))}

    def _expected_default(self, given: Mapping[str, Any]) -> Arrays:
        return {self.output: self.to_exported(self.run(given))}

    def _generate(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        return {self.output: self.to_file(self.sample(given, generate))}

    def _expected_generated(self, given: Mapping[str, Any]) -> Arrays:
        return {self.output: self.before_rounding(self.expected_samples(given))}

    # Scores.

    def _scores_batches(self) -> bool:
        """Whether the score of a sample depends on the other samples of its batch."""
        return any(isinstance(layer, MinibatchStdDev) for layer in self.model.discriminator._flatten_layers())

    def _score_signature(self) -> Signature:
        """Return the signature `score`, which takes samples and the conditions of the discriminator."""
        shape = self.model.judged_shape

        def noise(n: int) -> Array:
            sizes = shape
            if None in sizes:
                default = self.all["serving_default"]
                made = self.run(default.to_network(default.examples(1))).shape[1:]
                sizes = tuple(size or whole for size, whole in zip(shape, made, strict=True))
            return np.random.default_rng(0).random((n, *sizes), dtype="float32")

        told = [each for each in self.conditions() if each.name in self.model.judged_conditions]
        samples = Input(self.output, shape, "float32", noise, to_network=self.from_exported)
        return Signature(
            (samples, *told),
            lambda given, generate, server: self._score(given),
            lambda given: {name: ops.convert_to_numpy(value) for name, value in self._score(given).items()},
            variables=lambda: [variable.value for variable in self.model.discriminator.variables],
        )

    def _score(self, given: Mapping[str, Any]) -> Tensors:
        conditions = dict(given)
        scores = self.model.score(conditions.pop(self.output), conditions, training=False)
        # For maps of scores and for several discriminators: the mean of each, then of all.
        means = [ops.mean(ops.reshape(each, (ops.shape(each)[0], -1)), axis=1) for each in keras.tree.flatten(scores)]
        return {"scores": means[0] if len(means) == 1 else ops.mean(ops.stack(means), axis=0)}
