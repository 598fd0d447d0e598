"""GANs that write: generators of tokens, trained by maximum likelihood and then against a discriminator."""

import keras
import numpy as np
from keras import ops

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.ema import clone_for_averaging
from keras_gans.adversarial.networks import read_judgement
from keras_gans.adversarial.optimizer import reset
from keras_gans.backend import minimize
from keras_gans.errors import check_count
from keras_gans.gans.pretraining import ADVERSARIAL, PRETRAINING, Pretrain, Pretraining, PretrainingState
from keras_gans.media import Text
from keras_gans.sequences import Decoder, LanguageModel, TokenDiscriminator, decode, log_probabilities, mean_over


class SequenceGAN(AdversarialModel):
    """Base class of adversarial models whose samples are sequences of tokens: int32 `(batch, length)`.

    One call of `fit` goes through two stages. In the first, the generator learns the real sequences by maximum likelihood, as
    long as its schedule and the `validation_data` say (`Pretraining`). In the second, both players train as in every
    `AdversarialModel`. The logs hold `nll`, the generator's mean negative log-likelihood of a real token in nats: in training
    while the first stage lasts, and in validation always. The discriminator's numbers are 0 in the first stage.

    `generate` returns tokens; their latents are uniform numbers in [0, 1), one for each token (see
    `keras_gans.sequences.decode`). With a `tokenizer`, `write` returns text.

    Subclasses say how the generator learns from the discriminator though tokens have no gradient.

    Args:
        generator: A `LanguageModel`.
        discriminator: A `TokenDiscriminator` of the same vocabulary and length.
        seed: As `AdversarialModel`'s.
        pretraining: A `Pretraining`; its defaults if None.

    Attributes:
        tokenizer: What turns tokens into text and back, a `keras_gans.text.Tokenizer`, or None.
        reference: A `LanguageModel` with the weights that pretraining ended with; None where there is none.

    Raises:
        ValueError: If the networks do not fit each other.
    """

    more_metrics = ("nll",)
    latent_noise = "uniform"
    discriminator_class = TokenDiscriminator

    def __init__(self, generator, discriminator, seed=None, pretraining=None, name=None):
        super().__init__(generator, discriminator, seed, getattr(generator, "num_classes", None), name)
        self.pretraining = Pretraining() if pretraining is None else pretraining
        self.reference = clone_for_averaging(generator, prefix="reference") if self.pretraining.epochs else None
        self._pretraining_state = PretrainingState()
        # Keras keeps variables that are attributes of the model.
        self.pretraining_values, self.pretraining_steps = self._pretraining_state.values, self._pretraining_state.steps
        if not self.pretraining.epochs:
            self._pretraining_state.finish(0)
        self.medium = Text((generator.length,), generator.vocabulary_size)
        self._decoders = {}

    @property
    def tokenizer(self):
        """What turns tokens into text and back, a `keras_gans.text.Tokenizer`, or None."""
        return self.medium.tokenizer

    @tokenizer.setter
    def tokenizer(self, tokenizer):
        self.medium = self.medium.with_tokenizer(tokenizer)

    @classmethod
    def _check_networks(cls, generator, discriminator, conditions):
        if not isinstance(generator, LanguageModel) or not isinstance(discriminator, cls.discriminator_class):
            raise ValueError(
                f"A {cls.__name__} needs a LanguageModel and a {cls.discriminator_class.__name__} (keras_gans.sequences); "
                f"received {type(generator).__name__} and {type(discriminator).__name__}."
            )
        made, judged = ((network.length, network.vocabulary_size) for network in (generator, discriminator))
        if made != judged:
            raise ValueError(
                f"The generator makes sequences of {made[0]} of {made[1]} tokens; the discriminator takes {judged[0]} of "
                f"{judged[1]}."
            )
        if discriminator.takes_labels and generator.num_classes is None:
            raise ValueError("The discriminator takes labels, but the generator none.")
        return None, None

    def compile(self, *args, penalties=None, augment=None, **kwargs):
        """See `AdversarialModel.compile`. Augmentation and penalties on gradients are those of images.

        Raises:
            ValueError: If there are any of them, too.
        """
        if augment is not None:
            raise ValueError("Text has no augmentation: leave augment out.")
        super().compile(*args, penalties=penalties, **kwargs)
        for penalty in self.penalties:
            if penalty.takes_gradient:
                raise ValueError(f"{type(penalty).__name__} takes the gradient by a sample, which tokens have not.")

    # Shapes and samples.

    @property
    def latent_shape(self):
        return (self.generator.length,)

    @property
    def sample_shape(self):
        return (self.generator.length,)

    def sample_from(self, network, inputs):
        return decode(network, **inputs)

    def arrange_inputs(self, inputs):
        return inputs

    def write(self, n=None, seed=None, **how):
        """Draws sequences as `generate` does, and returns them as text.

        Args:
            n: How many.
            seed: Integer; None draws anew each time.
            **how: As `generate`'s, `seeds` too; `prompt` is text that all of them begin with.

        Returns:
            A list of `n` strings.

        Raises:
            ValueError: If the model has no tokenizer, the prompt holds unknown words or leaves no room, or as `generate` does.
        """
        prompt = how.pop("prompt", None)
        if prompt is not None and self.tokenizer is not None:
            unknown = self.tokenizer.unknown(prompt)
            if unknown:
                raise ValueError(f"The prompt holds what the model has never seen: {', '.join(map(repr, unknown))}.")
            tokens, longer = self.tokenizer.encode([prompt], self.generator.length)
            if longer[0] or tokens[0, -1]:
                raise ValueError(f"The prompt leaves no room in {self.generator.length} tokens: shorten it.")
            how["prompts"] = tokens[0]
        return self.medium.to_file(self.generate(n, seed, **how))

    def generate(self, n=None, seed=None, labels=None, batch_size=256, use_ema=True, seeds=None, conditions=None, **decoding):
        """Draws sequences: `n` of them, or one for each of `seeds`.

        A sequence of `seeds` is a function of its own seed (and label and temperature), not of those beside it. It is the same
        on every backend and in exports, whose signature `generate` takes seeds, too, but for rounding where a number meets the
        boundary between two tokens: the numbers are equal bit for bit, the networks' probabilities up to float32's precision.

        Args:
            n: How many, an integer >= 1.
            seed: Integer; None draws anew each time.
            labels: For conditional models: a class for each sequence, or one for all.
            batch_size: Sequences drawn at a time; it does not change them.
            use_ema: Whether to draw from the averaged generator where there is one.
            seeds: Integers from 0 to 2^63 - 1, in place of `n` and `seed`.
            conditions: What the model is told, by name: `{"labels": ...}` says the same as `labels`.
            **decoding: `temperature`, a number above 0 (1 if not given); `top_k`, `top_p` (see `keras_gans.sequences.decode`);
                `prompts`, int32 `(n, length)` or `(length,)`: sequences to go on with, up to their first 0.

        Returns:
            NumPy int32 array of shape `(n, length)`.

        Raises:
            ValueError: If a value is out of range.
        """
        told = {"labels": labels, "conditions": conditions}
        return np.concatenate(
            list(self.generate_batches(n, seed, batch_size=batch_size, use_ema=use_ema, seeds=seeds, **told, **decoding))
        )

    def generate_batches(
        self,
        n=None,
        seed=None,
        labels=None,
        batch_size=256,
        use_ema=True,
        temperature=1.0,
        top_k=None,
        top_p=None,
        prompts=None,
        network=None,
        seeds=None,
        conditions=None,
    ):
        """Returns an iterator over the sequences of `generate`, `batch_size` at a time."""
        _check_decoding(temperature, top_k, top_p)
        check_count("batch_size", batch_size, 1)
        inputs = self.inputs_for(n, seed, seeds, labels, conditions)
        n = len(inputs["latents"])
        inputs["temperature"] = np.full((n, 1), temperature, "float32")
        if prompts is not None:
            inputs |= self._prompt(n, prompts)
        self.sync_state()
        return self._run_in_batches(self.decoder(network or self.sampling_network(use_ema), top_k, top_p), inputs, batch_size)

    def _prompt(self, n, prompts):
        prompts = np.broadcast_to(np.asarray(prompts, "int32"), (n, self.generator.length))
        if prompts.min() < 0 or prompts.max() >= self.generator.vocabulary_size:
            raise ValueError(f"Tokens of prompts are 0 to {self.generator.vocabulary_size - 1}.")
        lengths = np.cumprod(prompts != 0, axis=1).sum(axis=1)
        return {"prompt": prompts, "prompt_length": lengths.astype("int32")}

    def decoder(self, network, top_k=None, top_p=None):
        """Returns the `Decoder` of a network, the same one for the same arguments."""
        key = (id(network), top_k, top_p)
        if key not in self._decoders:
            self._decoders[key] = Decoder(network, top_k, top_p)
        return self._decoders[key]

    def call(self, inputs, training=False):
        """Maps tokens, in a list with labels if conditional, to the generator's logits."""
        return self.sampling_network(use_ema=not training)(inputs, training=training)

    def mean_nll(self, tokens, labels=None, temperature=1.0, network=None, batch_size=256):
        """Returns the mean negative log-likelihood of sequences, in nats per token up to the end.

        Args:
            tokens: int32 `(n, length)`.
            labels: Their classes, for conditional models.
            temperature: That logits are divided by.
            network: A `LanguageModel`; the one that generates if None.
            batch_size: Sequences at a time.
        """
        network = network or self.sampling_network()
        self.sync_state()
        total = count = 0.0
        for start in range(0, len(tokens), batch_size):
            part = slice(start, start + batch_size)
            ids = np.asarray(tokens[part], "int32")
            inputs = [ids, self.conditions["labels"].check(labels[part])] if self.conditional else ids
            logits = self.run_network(network, inputs) / np.float32(temperature)
            counted = ops.convert_to_numpy(network.counted(ids))
            largest = logits.max(axis=-1, keepdims=True)
            normaliser = np.log(np.exp(logits - largest).sum(axis=-1)) + largest[..., 0]
            chosen = np.take_along_axis(logits, ids[..., None], axis=-1)[..., 0]
            total += float(((normaliser - chosen) * counted).sum(dtype="float64"))
            count += float(counted.sum())
        return total / count

    # Stages.

    @property
    def stage(self):
        self.sync_state()
        return self._pretraining_state.stage

    def stage_callbacks(self):
        return [Pretrain()]

    def enter_stage(self, stage):
        rate = (self.pretraining.learning_rate, self.pretraining.then)[stage]
        if rate is not None:
            self.optimizer.generator.learning_rate = rate
        super().enter_stage(stage)

    def end_pretraining_epoch(self, held_out_nll):
        """Counts an epoch of pretraining; after the last one takes the best weights. Returns whether it was the last."""
        self.sync_state()
        best, last = self._pretraining_state.end_epoch(held_out_nll, self.pretraining)
        if best:
            self.reference.set_weights(self.generator.get_weights())
        if last:
            self._pretraining_state.finish(int(ops.convert_to_numpy(self.optimizer.iterations)))
            self.generator.set_weights(self.reference.get_weights())
            if self.ema_generator is not None:
                self.ema_generator.set_weights(self.reference.get_weights())
            reset(self.optimizer.generator)
        return last

    @property
    def pretrained(self):
        """Whether maximum likelihood lies behind it: what comes next is the game."""
        return self.stage == ADVERSARIAL

    def skip_pretraining(self):
        """Begins with the game, from the weights there are; they are the `reference`, too."""
        self._pretraining_state.finish(0)
        if self.reference is not None:
            self.reference.set_weights(self.generator.get_weights())

    def start_from_average(self):
        super().start_from_average()
        if self.pretrained:
            self.skip_pretraining()

    @property
    def critic_steps_done(self):
        return self.optimizer.iterations - self.pretraining_steps

    # The step.

    def generate_samples(self, latents, conditions=None, training=False):
        return decode(self.generator, latents, **(conditions or {}))

    def judge(self, samples, conditions=None, training=False):
        inputs = [samples, conditions["labels"]] if self.discriminator.takes_labels else samples
        return read_judgement(self.discriminator(inputs, training=training))

    def logits(self, tokens, conditions=None, network=None, training=False):
        """Returns a language model's logits of the tokens of sequences; the generator's if none is named."""
        inputs = [tokens, conditions["labels"]] if conditions else tokens
        return (network or self.generator)(inputs, training=training)

    def nll(self, real, conditions=None, training=False):
        """Returns the generator's mean negative log-likelihood of the tokens of sequences."""
        log_p = log_probabilities(self.logits(real, conditions, training=training), real)
        return -mean_over(log_p, self.generator.counted(real))

    def update_players(self, real, conditions):
        if self.step_stage == PRETRAINING:
            self._pretrain(real, conditions)
        else:
            super().update_players(real, conditions)

    def _pretrain(self, real, conditions):
        def loss_fn():
            nll = self.nll(real, conditions, training=True)
            return nll + sum(self.generator.losses), nll

        _, nll, norm = minimize(loss_fn, self.generator_variables, self.optimizer.generator)
        self.optimizer.iterations.assign_add(1)
        self.means.update_state(nll=nll, g_grad=norm)
        if self.ema_generator is not None:
            self.update_average()

    def measure_players(self, real, conditions):
        self.means.update_state(nll=self.nll(real, conditions))
        if self.step_stage == ADVERSARIAL:
            super().measure_players(real, conditions)

    def begin_generator(self, real, conditions):
        # Outside of what is differentiated: no gradient passes through tokens.
        latents = self.sample_latents(ops.shape(real)[0], self.noise_seed)
        return self.learn_from(decode(self.generator, latents, **conditions), real, conditions)

    def learn_from(self, tokens, real, conditions):
        """Returns what the discriminator sees of sequences that the generator has drawn, and a function that updates it."""
        raise NotImplementedError

    # Saving.

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["pretraining"] = ops.convert_to_numpy(self.pretraining_values)
        store["pretraining_steps"] = ops.convert_to_numpy(self.pretraining_steps)

    def load_own_variables(self, store):
        super().load_own_variables(store)
        self.pretraining_values.assign(store["pretraining"])
        self.pretraining_steps.assign(store["pretraining_steps"])

    def get_config(self):
        config = super().get_config()
        del config["conditions"], config["medium"]  # those of the networks
        return {**config, "pretraining": keras.saving.serialize_keras_object(self.pretraining)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        pretraining = keras.saving.deserialize_keras_object(config["pretraining"], custom_objects=custom_objects)
        return super().from_config({**config, "pretraining": pretraining}, custom_objects)


def _check_decoding(temperature, top_k, top_p):
    if not (isinstance(temperature, int | float) and 0.0 < temperature < float("inf")):
        raise ValueError(f"temperature must be a number above 0 (1 draws as learnt, less is safer); received {temperature!r}.")
    if top_k is not None and not (isinstance(top_k, int) and top_k >= 1):
        raise ValueError(f"top_k must be an integer of at least 1; received {top_k!r}.")
    if top_p is not None and not 0.0 < top_p <= 1.0:
        raise ValueError(f"top_p must be in (0, 1]; received {top_p!r}.")
