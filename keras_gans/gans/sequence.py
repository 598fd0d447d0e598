"""Text models: generators of tokens, pretrained by maximum likelihood and then trained against a discriminator."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial.ema import clone_for_averaging
from keras_gans.adversarial.networks import read_judgement
from keras_gans.adversarial.optimizer import reset
from keras_gans.backend import minimize
from keras_gans.conditions import CONTEXT, LABELS, Condition, Contexts
from keras_gans.errors import check_count
from keras_gans.gans.pretraining import ADVERSARIAL, PRETRAINING, Pretrain, Pretraining, PretrainingState
from keras_gans.gans.stages import StagedModel
from keras_gans.media import Text
from keras_gans.sequences import (
    Decoder,
    LanguageModel,
    TokenDiscriminator,
    Watermark,
    decode,
    log_probabilities,
    mean_over,
    pack,
)
from keras_gans.text import Tokenizer

if TYPE_CHECKING:
    from keras_gans.data import Data

# Contexts to show samples for.
_EXAMPLES = 64

# Generates what the discriminator sees, and returns it with a function that updates the generator and returns `(loss, norm)`.
Generated = tuple[Tensor, Callable[[], tuple[Tensor, Tensor]]]


class SequenceGAN(StagedModel):
    """Base class of text models: adversarial models whose samples are sequences of tokens, int32 `(batch, length)`.

    One call of `fit` goes through two stages. In the first, the generator is pretrained by maximum likelihood, for as long as
    `pretraining` and the `validation_data` say. The second is adversarial training, as in every `AdversarialModel`. Logs
    contain `nll`, the generator's mean negative log-likelihood of a real token in nats: during pretraining, and always for
    validation data. The values of the discriminator are 0 during pretraining.

    `train_on_batch` never ends pretraining, which is counted in epochs: call `skip_pretraining` before it, or use `fit`.

    A generator with a `context_length` makes a model with the condition `context`: text that its sequences answer or continue.

    `generate` returns tokens. Their latents are uniform in [0, 1), one for each token (see `keras_gans.sequences.decode`). With
    a `tokenizer`, `write` returns text.

    Subclasses define how the generator learns from the discriminator, since tokens have no gradient.

    Args:
        generator: A `keras_gans.sequences.LanguageModel`: maps int32 tokens `(batch, length)` to the logits of each token,
            float32 `(batch, length, vocabulary_size)`.
        discriminator: A `keras_gans.sequences.TokenDiscriminator` of the same vocabulary and length: maps tokens to logits.
        seed: Integer seed for the training noise. None (default) picks a random one.
        pretraining: A `Pretraining`. None (default) is `Pretraining()`.
        name: Name of the model.

    Attributes:
        tokenizer: The `keras_gans.text.Tokenizer` that converts between text and tokens, or None. It is saved with the model.
        reference: A `LanguageModel` with the generator's weights at the end of pretraining; None without pretraining.

    Raises:
        ValueError: If the networks do not fit each other.
    """

    more_metrics = ("nll",)
    latent_noise = "uniform"
    discriminator_class: ClassVar[type[keras.Model]] = TokenDiscriminator

    def __init__(
        self,
        generator: LanguageModel,
        discriminator: keras.Model,
        seed: int | None = None,
        pretraining: Pretraining | None = None,
        name: str | None = None,
    ) -> None:
        length = getattr(generator, "context_length", 0)
        contexts = {CONTEXT: Contexts(length, generator.vocabulary_size)} if length else None
        classes = getattr(generator, "num_classes", None)
        super().__init__(generator, discriminator, seed, classes, name, conditions=contexts)
        self.pretraining = Pretraining() if pretraining is None else pretraining
        self.reference = clone_for_averaging(generator, prefix="reference") if self.pretraining.epochs else None
        self._pretraining_state = PretrainingState()
        # Keras saves variables that are attributes of the model.
        self.pretraining_values, self.pretraining_steps = self._pretraining_state.values, self._pretraining_state.steps
        if not self.pretraining.epochs:
            self._pretraining_state.finish(0)
        self.medium = self._make_medium(None)
        self._decoders: dict[tuple[int, int | None, float | None, Watermark | None], Decoder] = {}

    @property
    def tokenizer(self) -> Tokenizer | None:
        """The `keras_gans.text.Tokenizer` that converts between text and tokens, or None."""
        return self.medium.tokenizer

    @tokenizer.setter
    def tokenizer(self, tokenizer: Tokenizer | None) -> None:
        if tokenizer is not None and tokenizer.size > self.generator.vocabulary_size:
            raise ValueError(
                f"The tokenizer has {tokenizer.size} tokens, but the networks only {self.generator.vocabulary_size}: build the "
                f"model with vocabulary_size={tokenizer.size}."
            )
        self.medium = self._make_medium(tokenizer)

    def _make_medium(self, tokenizer: Tokenizer | None) -> Text:
        return Text(self.sample_shape, self.generator.vocabulary_size, tokenizer, self.generator.context_length)

    @classmethod
    def _check_networks(
        cls, generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[Any, Any]:
        if not isinstance(generator, LanguageModel) or not isinstance(discriminator, cls.discriminator_class):
            raise ValueError(
                f"A {cls.__name__} needs a LanguageModel and a {cls.discriminator_class.__name__} (keras_gans.sequences); "
                f"received {type(generator).__name__} and {type(discriminator).__name__}."
            )
        made, taken = ((network.length, network.vocabulary_size) for network in (generator, discriminator))
        if made != taken:
            raise ValueError(
                f"The generator makes sequences of length {made[0]} from {made[1]} tokens, but the discriminator takes "
                f"sequences of length {taken[0]} from {taken[1]}."
            )
        if more := [name for name in discriminator.takes if name not in generator.takes]:
            raise ValueError(f"The discriminator takes {' and '.join(more)}, but the generator does not.")
        if CONTEXT in discriminator.takes and discriminator.context_length != generator.context_length:
            raise ValueError(
                f"The generator takes contexts of {generator.context_length} tokens, but the discriminator of "
                f"{discriminator.context_length}."
            )
        return None, None

    def compile(self, *args: Any, penalties: Any = None, augment: Any = None, **kwargs: Any) -> None:
        """Configure training: see `AdversarialModel.compile`. Text has no augmentation and no gradient penalties.

        Raises:
            ValueError: If `augment` or a gradient penalty is given, or as `AdversarialModel.compile` does.
        """
        if augment is not None:
            raise ValueError("Text has no augmentation: leave augment out.")
        super().compile(*args, penalties=penalties, **kwargs)
        for penalty in self.penalties:
            if penalty.takes_gradient:
                raise ValueError(
                    f"{type(penalty).__name__} needs the gradient with respect to samples, but tokens have none: leave it out."
                )

    # Shapes and samples.

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """The shape of the latents of one sequence: a number for each token."""
        return (self.generator.length,)

    @property
    def sample_shape(self) -> tuple[int]:
        """The shape of one sequence."""
        return (self.generator.length,)

    def sample_from(self, network: keras.Model, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return the sequences that a `sampling_network` draws from named inputs."""
        return decode(network, **inputs)

    def take_examples(self, data: Data) -> None:
        """Keep a few sequences of a data set with their conditions, for `example_conditions`, if the model takes contexts."""
        if CONTEXT in self.conditions:
            positions = np.random.default_rng(0).permutation(len(data))[:_EXAMPLES]
            told = {name: np.asarray(data.conditions[name])[positions] for name in self.conditions}
            self.examples = told, np.asarray(data.samples)[positions]

    def example_conditions(self, n: int) -> dict[str, Array]:
        """Return example values of every condition for `n` samples, by name; contexts of real text once it has seen some."""
        found = super().example_conditions(n)
        if self.examples is not None:
            found |= {name: np.resize(values, (n, *values.shape[1:])) for name, values in self.examples[0].items()}
        return found

    def describe(self, n: int, conditions: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Return what a file says of each of `n` sequences besides its text.

        Args:
            n: Number of sequences.
            conditions: Every condition by name, with a value for each sequence or one for all.

        Returns:
            `label`, integers, and `context`, lists of the turns that the model sees; both only for models that take them.
        """
        told = self._checked_conditions(n, conditions)
        found: dict[str, list[Any]] = {}
        if LABELS in told:
            found["label"] = told[LABELS].tolist()
        if CONTEXT in told and self.tokenizer is not None:
            found["context"] = self.tokenizer.decode_contexts(told[CONTEXT])
        return found

    def arrange_inputs(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return named inputs as a `Decoder` takes them."""
        return inputs

    def write(self, n: int | None = None, seed: int | None = None, **sampling: Any) -> list[str]:
        """Generate text.

        Args:
            n: Number of sentences.
            seed: Integer seed. None (default) gives new text each time.
            **sampling: As `generate`, including `seeds`; also `prompt`, text with which every sentence begins, and `context`,
                text that sentences answer or continue, for models that take it: a string for all, or for each sentence a
                string or a list of turns. Only the end of a long context is seen. `watermark=keras_gans.Watermark(key)` marks
                the text with a secret key, and `keras_gans.find_watermark` finds the mark.

        Returns:
            A list of `n` strings.

        Raises:
            ValueError: If the model has no tokenizer, if the prompt contains unknown words or is too long, or as `generate`
                does.
        """
        prompt, context = sampling.pop("prompt", None), sampling.pop(CONTEXT, None)
        if context is not None:
            sampling["conditions"] = {**(sampling.get("conditions") or {}), CONTEXT: context}
        if prompt is not None and self.tokenizer is not None:
            unknown = self.tokenizer.unknown(prompt)
            if unknown:
                raise ValueError(f"The vocabulary does not contain these parts of the prompt: {', '.join(map(repr, unknown))}.")
            tokens, longer = self.tokenizer.encode([prompt], self.generator.length)
            if longer[0] or tokens[0, -1]:
                raise ValueError(
                    f"The prompt leaves no room: this model generates {self.generator.length} tokens, including those of the "
                    "prompt. Shorten it."
                )
            sampling["prompts"] = tokens[0]
        return self.medium.to_file(self.generate(n, seed, **sampling))

    # Text takes `temperature` and prompts where other media take `truncation`.
    def generate(  # type: ignore[override]
        self,
        n: int | None = None,
        seed: int | None = None,
        labels: ArrayLike | None = None,
        batch_size: int = 256,
        use_ema: bool = True,
        seeds: Sequence[int] | Array | None = None,
        conditions: Mapping[str, ArrayLike] | None = None,
        **decoding: Any,
    ) -> Array:
        """Draw sequences of tokens: `n` of them, or one for each of `seeds`.

        With `seeds`, each sequence depends only on its own seed (and label and temperature), not on the others. It is the same
        on every backend and in the signature `generate` of exports. The uniform numbers are equal bit for bit; probabilities
        are equal up to float32 rounding, which can change a token whose number lies at the boundary between two tokens.

        Args:
            n: Number of sequences, an integer >= 1.
            seed: Integer seed. None (default) gives new sequences each time.
            labels: For conditional models: a class for each sequence, or one for all.
            batch_size: Number of sequences that are drawn at a time. Default 256. It does not change the result.
            use_ema: Whether to use the averaged generator if there is one. Default True.
            seeds: Integers from 0 to 2^63 - 1, instead of `n` and `seed`.
            conditions: Conditions by name; `{"labels": ...}` is the same as `labels`.
            **decoding: `temperature`, above 0 (default 1); `top_k` and `top_p` (see `keras_gans.sequences.decode`); `prompts`,
                int32 of shape `(n, length)` or `(length,)`: tokens with which sequences begin, up to the first 0; and
                `watermark`, a `keras_gans.Watermark`, which marks the sequences with a secret key.

        Returns:
            NumPy int32 array of shape `(n, length)`.

        Raises:
            ValueError: If a value is out of range.
        """
        batches = self.generate_batches(n, seed, labels, batch_size, use_ema, seeds=seeds, conditions=conditions, **decoding)
        return np.concatenate(list(batches))

    def generate_batches(  # type: ignore[override]  # as `generate`
        self,
        n: int | None = None,
        seed: int | None = None,
        labels: ArrayLike | None = None,
        batch_size: int = 256,
        use_ema: bool = True,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        prompts: ArrayLike | None = None,
        network: LanguageModel | None = None,
        seeds: Sequence[int] | Array | None = None,
        conditions: Mapping[str, ArrayLike] | None = None,
        watermark: Watermark | None = None,
    ) -> Iterator[Array]:
        """Draw sequences as `generate` does, and return an iterator over batches of `batch_size`.

        `network` is the `LanguageModel` to draw from; None (default) is the generator or its average.
        """
        temperature, top_k, top_p = _check_decoding(temperature, top_k, top_p)
        batch_size = check_count("batch_size", batch_size, 1)
        inputs = self.inputs_for(n, seed, seeds, labels, conditions)
        n = len(inputs["latents"])
        inputs["temperature"] = np.full((n, 1), temperature, "float32")
        if prompts is not None:
            inputs |= self._prompt(n, prompts)
        self.sync_state()
        decoder = self.decoder(network or self.sampling_network(use_ema), top_k, top_p, watermark)
        return self._run_in_batches(decoder, inputs, batch_size)

    def _checked_conditions(self, n: int, given: Mapping[str, Any]) -> dict[str, Array]:
        context = given.get(CONTEXT)
        if CONTEXT in self.conditions and _is_text(context):
            given = {**given, CONTEXT: self._encode_contexts(context)}
        return super()._checked_conditions(n, given)

    def _encode_contexts(self, context: Any) -> Array:
        if self.tokenizer is None:
            raise ValueError("This model has no tokenizer: give contexts as tokens, or set model.tokenizer.")
        several = [context] if isinstance(context, str) else list(context)
        return self.tokenizer.encode_contexts(several, self.generator.context_length)[0]

    def _prompt(self, n: int, prompts: ArrayLike) -> dict[str, Array]:
        tokens = np.broadcast_to(np.asarray(prompts, "int32"), (n, self.generator.length))
        if tokens.min() < 0 or tokens.max() >= self.generator.vocabulary_size:
            raise ValueError(
                f"prompts must contain tokens from 0 to {self.generator.vocabulary_size - 1}; received {tokens.min()} to "
                f"{tokens.max()}."
            )
        lengths = np.cumprod(tokens != 0, axis=1).sum(axis=1)
        return {"prompt": tokens, "prompt_length": lengths.astype("int32")}

    def decoder(
        self,
        network: LanguageModel,
        top_k: int | None = None,
        top_p: float | None = None,
        watermark: Watermark | None = None,
    ) -> Decoder:
        """Return the `Decoder` of a network; the same object for the same arguments, so that it is compiled once."""
        key = (id(network), top_k, top_p, watermark)
        if key not in self._decoders:
            self._decoders[key] = Decoder(network, top_k, top_p, watermark)
        return self._decoders[key]

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Map tokens, or a list of tokens and conditions for a conditional model, to the logits of the generator."""
        return self.sampling_network(use_ema=not training)(inputs, training=training)

    def mean_nll(
        self,
        tokens: Array,
        labels: Array | None = None,
        temperature: float = 1.0,
        network: LanguageModel | None = None,
        batch_size: int = 256,
        conditions: Mapping[str, ArrayLike] | None = None,
    ) -> float:
        """Return the mean negative log-likelihood of sequences, in nats per token, up to the end of each.

        Args:
            tokens: int32 of shape `(n, length)`.
            labels: Classes of the sequences, of shape `(n,)`, for conditional models.
            temperature: Number by which logits are divided. Default 1.
            network: The `LanguageModel` to measure. None (default) is the one that `generate` uses.
            batch_size: Number of sequences that are computed at a time. Default 256.
            conditions: Conditions of the sequences by name; `{"labels": ...}` is the same as `labels`.

        Raises:
            ValueError: If the model is conditional and a condition is missing, or its values are not those of the model.
        """
        log_p, counted = self.token_log_probabilities(tokens, labels, temperature, network, batch_size, conditions)
        return -float((log_p * counted).sum(dtype="float64")) / float(counted.sum())

    def token_log_probabilities(
        self,
        tokens: Array,
        labels: Array | None = None,
        temperature: float = 1.0,
        network: LanguageModel | None = None,
        batch_size: int = 256,
        conditions: Mapping[str, ArrayLike] | None = None,
    ) -> tuple[Array, Array]:
        """Return the natural logarithm of the probability of each token of sequences.

        Args:
            tokens: As `mean_nll`, and so all other arguments.

        Returns:
            `(log_p, counted)`, float32 of shape `(n, length)`: the logarithms, and 1 for each token up to the end, 0 after it.

        Raises:
            ValueError: As `mean_nll`.
        """
        given = {**(conditions or {}), **({} if labels is None else {LABELS: labels})}
        told = self._checked_conditions(len(tokens), given) if self.conditional else {}
        network = network or self.sampling_network()
        self.sync_state()
        found, places = [], []
        for start in range(0, len(tokens), batch_size):
            part = slice(start, start + batch_size)
            ids = np.asarray(tokens[part], "int32")
            inputs = pack(ids, {name: values[part] for name, values in told.items()}, network.takes)
            logits = self.run_network(network, inputs) / np.float32(temperature)
            places.append(ops.convert_to_numpy(network.counted(ids)))
            largest = logits.max(axis=-1, keepdims=True)
            normaliser = np.log(np.exp(logits - largest).sum(axis=-1)) + largest[..., 0]
            found.append(np.take_along_axis(logits, ids[..., None], axis=-1)[..., 0] - normaliser)
        return np.concatenate(found), np.concatenate(places)

    # Stages.

    @property
    def stage(self) -> int:
        """0 during pretraining, 1 during adversarial training."""
        self.sync_state()
        return self._pretraining_state.stage

    def stage_callbacks(self) -> list[keras.callbacks.Callback]:
        """Return the callback that ends pretraining."""
        return [Pretrain()]

    def enter_stage(self, stage: int) -> None:
        """Start a stage, with its learning rate."""
        rate = (self.pretraining.learning_rate, self.pretraining.then)[stage]
        if rate is not None:
            self.optimizer.generator.learning_rate = rate
        super().enter_stage(stage)

    def end_pretraining_epoch(self, held_out_nll: float | None) -> bool:
        """Count an epoch of pretraining; after the last one, restores the best weights.

        Args:
            held_out_nll: `val_nll` of the epoch, or None without validation data.

        Returns:
            Whether pretraining is over.
        """
        self.sync_state()
        reference = self.reference
        assert reference is not None, "without pretraining, no epoch of it ends"
        best, last = self._pretraining_state.end_epoch(held_out_nll, self.pretraining)
        if best:
            reference.set_weights(self.generator.get_weights())
        if last:
            self._pretraining_state.finish(int(ops.convert_to_numpy(self.optimizer.iterations)))
            self.generator.set_weights(reference.get_weights())
            if self.ema_generator is not None:
                self.ema_generator.set_weights(reference.get_weights())
            reset(self.optimizer.generator)
        return last

    @property
    def pretrained(self) -> bool:
        """Whether pretraining is over, so that `fit` continues with adversarial training."""
        return self.stage == ADVERSARIAL

    def skip_pretraining(self) -> None:
        """Make `fit` start with adversarial training, from the current weights. They become those of `reference`, too."""
        self._pretraining_state.finish(0)
        if self.reference is not None:
            self.reference.set_weights(self.generator.get_weights())

    def start_from_average(self) -> None:
        """Give the generator the weights of its average: see `AdversarialModel.start_from_average`."""
        super().start_from_average()
        if self.pretrained:
            self.skip_pretraining()

    @property
    def critic_steps_done(self) -> Tensor:
        """Number of updates of the discriminator so far, an integer scalar."""
        return self.optimizer.iterations - self.pretraining_steps

    # The step.

    def generate_samples(self, latents: Tensor, conditions: Conditions | None = None, training: bool = False) -> Tensor:
        """Return the sequences that the generator draws from latents."""
        return decode(self.generator, latents, **(conditions or {}))

    def judge(self, samples: Tensor, conditions: Conditions | None = None, training: bool = False) -> Any:
        """Return the scores of sequences, as `AdversarialModel` wants them."""
        inputs = pack(samples, conditions or {}, self.discriminator.takes)
        return read_judgement(self.discriminator(inputs, training=training))

    def logits(
        self,
        tokens: Tensor,
        conditions: Conditions | None = None,
        network: LanguageModel | None = None,
        training: bool = False,
    ) -> Tensor:
        """Return the logits of each token of sequences, float32 `(batch, length, vocabulary_size)`.

        `network` is a `LanguageModel`; None (default) is the generator.
        """
        network = network or self.generator
        return network(pack(tokens, conditions or {}, network.takes), training=training)

    def nll(self, real: Tensor, conditions: Conditions | None = None, training: bool = False) -> Tensor:
        """Return the generator's mean negative log-likelihood of the tokens of sequences, in nats."""
        log_p = log_probabilities(self.logits(real, conditions, training=training), real)
        return -mean_over(log_p, self.generator.counted(real))

    def update_players(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step of the current stage."""
        if self.step_stage == PRETRAINING:
            self._pretrain(real, conditions)
        else:
            super().update_players(real, conditions)

    def _pretrain(self, real: Tensor, conditions: Conditions) -> None:
        def loss_fn() -> tuple[Tensor, Tensor]:
            nll = self.nll(real, conditions, training=True)
            return nll + sum(self.generator.losses), nll

        _, nll, norm = minimize(loss_fn, self.generator_variables, self.optimizer.generator)
        self.optimizer.iterations.assign_add(1)
        self.means.update_state(nll=nll, g_grad=norm)
        if self.ema_generator is not None:
            self.update_average()

    def measure_players(self, real: Tensor, conditions: Conditions) -> None:
        """Measure the likelihood of real sequences and, during adversarial training, both losses."""
        self.means.update_state(nll=self.nll(real, conditions))
        if self.step_stage == ADVERSARIAL:
            super().measure_players(real, conditions)

    def begin_generator(self, real: Tensor, conditions: Conditions) -> Generated:
        """Draw sequences: see `AdversarialModel.begin_generator`."""
        # Outside of the gradient computation, because no gradient passes through tokens.
        latents = self.sample_latents(ops.shape(real)[0], self.noise_seed)
        return self.learn_from(decode(self.generator, latents, **conditions), real, conditions)

    def learn_from(self, tokens: Tensor, real: Tensor, conditions: Conditions) -> Generated:
        """Prepare an update of the generator; subclasses define it.

        Args:
            tokens: Sequences that the generator has drawn, int32 `(batch, length)`.
            real: As many real ones.
            conditions: The conditions of both, by name.

        Returns:
            What the discriminator sees of the drawn sequences, and a function that updates the generator and returns
            `(loss, gradient_norm)`.
        """
        raise NotImplementedError

    # Saving.

    def save_assets(self, directory: str) -> None:
        """Save the tokenizer in a `.keras` file; Keras calls this."""
        for name, content in self.medium.files().items():
            Path(directory, name).write_bytes(content)

    def load_assets(self, directory: str) -> None:
        """Load the tokenizer from a `.keras` file; Keras calls this."""
        self.medium = self.medium.with_files(Path(directory))

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Save the progress of pretraining with the model."""
        super().save_own_variables(store)
        store["pretraining"] = ops.convert_to_numpy(self.pretraining_values)
        store["pretraining_steps"] = ops.convert_to_numpy(self.pretraining_steps)

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Load the progress of pretraining with the model."""
        super().load_own_variables(store)
        self.pretraining_values.assign(store["pretraining"])
        self.pretraining_steps.assign(store["pretraining_steps"])

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        config = super().get_config()
        del config["conditions"], config["medium"]  # which follow from the generator
        return {**config, "pretraining": keras.saving.serialize_keras_object(self.pretraining)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> SequenceGAN:
        """Make a model from `get_config`."""
        pretraining = keras.saving.deserialize_keras_object(config["pretraining"], custom_objects=custom_objects)
        return super().from_config({**config, "pretraining": pretraining}, custom_objects)


def _is_text(context: Any) -> bool:
    """Whether contexts are text, not tokens: a string, or for each sequence a string or a list of turns."""
    if isinstance(context, str):
        return True
    several = isinstance(context, (list, tuple)) or (isinstance(context, np.ndarray) and context.dtype.kind in "UO")
    return several and all(
        isinstance(each, str) or (isinstance(each, (list, tuple)) and all(isinstance(turn, str) for turn in each))
        for each in context
    )


def _check_decoding(temperature: Any, top_k: Any, top_p: Any) -> tuple[float, int | None, float | None]:
    """Return the arguments as Python numbers."""
    if not (isinstance(temperature, numbers.Real) and 0.0 < float(temperature) < math.inf):
        raise ValueError(
            "temperature must be above 0 (1 samples from the learned distribution, less makes probable tokens more probable); "
            f"received {temperature!r}."
        )
    if top_k is not None:
        top_k = check_count("top_k", top_k, 1)
    if top_p is not None and not (isinstance(top_p, numbers.Real) and 0.0 < float(top_p) <= 1.0):
        raise ValueError(f"top_p must be in (0, 1]; received {top_p!r}.")
    return float(temperature), top_k, None if top_p is None else float(top_p)
