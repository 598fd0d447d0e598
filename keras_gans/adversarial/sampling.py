"""Drawing samples from an adversarial model."""

import numpy as np

from keras_gans.adversarial.inputs import name_conditions
from keras_gans.adversarial.networks import LATENTS, arrange, call_network
from keras_gans.conditions import LABELS
from keras_gans.errors import check_count
from keras_gans.media import infer
from keras_gans.seeds import normal, uniform


class Sampling:
    """The part of `AdversarialModel` that uses its generator."""

    # The distribution of latents: "normal" (standard) or "uniform" (in [0, 1)).
    latent_noise = "normal"

    @property
    def latent_shape(self):
        """The shape of one latent vector, without the batch; None for a generator that maps conditions alone to samples."""
        if self._generator_inputs is None:
            return getattr(self.generator, "latent_shape", None)
        if LATENTS not in self._generator_inputs:
            return None
        return tuple(self.generator.inputs[self._generator_inputs.index(LATENTS)].shape[1:])

    @property
    def sample_shape(self):
        """The shape of one sample that the model generates now, without the batch; None for a size that is free."""
        if not getattr(self.generator, "outputs", None):
            return tuple(self.generator.sample_shape)
        return tuple(self.generator.outputs[0].shape[1:])

    @property
    def data_shape(self):
        """The shape of one real sample that the model learns from: that of its own samples, unless it is still growing."""
        return self.sample_shape

    @property
    def medium(self):
        """What a sample is: a `keras_gans.media.Medium`; found from the shape where nobody has said it."""
        return infer(self.data_shape) if self._medium is None else self._medium

    @medium.setter
    def medium(self, medium):
        self._medium = medium

    def at_data_size(self, samples):
        """Returns samples as large as real ones, to compare them: enlarged where the model is still growing."""
        return samples

    def sampling_network(self, use_ema=True):
        """Returns the network that generates: the averaged generator where there is one and it is wanted."""
        return self.ema_generator if use_ema and self.ema_generator is not None else self.generator

    @property
    def drawable(self):
        """Whether samples can be drawn as a picture."""
        return self.medium.drawable

    def sample_from(self, network, inputs):
        """Returns what a `sampling_network` generates from named inputs, such as `inputs_for` gives."""
        return call_network(network, self._generator_inputs, inputs)

    def call(self, inputs, training=False):
        """Maps latents and conditions, as the generator takes them, to samples; by its average unless this is training."""
        return self.sampling_network(use_ema=not training)(inputs, training=training)

    def generate(
        self, n=None, seed=None, labels=None, batch_size=64, use_ema=True, seeds=None, truncation=1.0, conditions=None
    ):
        """Draws samples: `n` of them, or one for each of `seeds`.

        The latents come from NumPy's generator, so the same seed gives the same latents on every backend and machine, and
        the first samples of a larger draw are those of a smaller one. Drawing does not disturb training.

        A sample of `seeds` is a function of its own seed and conditions, not of those beside it: it is the one that the
        signature `generate` of exports gives for that seed.

        Args:
            n: How many, an integer >= 1; as many as there are values of the conditions if None.
            seed: Integer; None draws anew each time.
            labels: The condition `labels`: a class for each sample, or one for all. `class_labels(n)` gives every class in
                turn.
            batch_size: Samples computed at a time. It bounds memory and does not change the samples.
            use_ema: Whether to sample from the averaged generator where there is one.
            seeds: Integers from 0 to 2^63 - 1, in place of `n` and `seed`.
            truncation: From 0 to 1: what latents are multiplied by. Less than 1 keeps samples near the mean one: better ones,
                and less various (Karras et al. 2019, "A Style-Based Generator Architecture", appendix B, here of latents). A
                generator that normalises its latents, as `pggan`'s does, gives the same samples for all but 0.
            conditions: What the model is told, by name: an array with a value for each sample, or one for all. Needed for
                every condition that the model has.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)` in [-1, 1].

        Raises:
            ValueError: If a value is out of range; if a condition is missing, is not one of the model's, or has too many or
                too few values.
        """
        batches = self.generate_batches(
            n, seed, labels, batch_size, use_ema, seeds=seeds, truncation=truncation, conditions=conditions
        )
        return np.concatenate(list(batches))

    def generate_batches(
        self, n=None, seed=None, labels=None, batch_size=64, use_ema=True, seeds=None, truncation=1.0, conditions=None
    ):
        """Returns an iterator over the samples of `generate`, `batch_size` at a time: for more than memory holds.

        The weights are those of the moment in which a batch is computed.
        """
        check_count("batch_size", batch_size, 1)
        if not 0 <= truncation <= 1:
            raise ValueError(f"truncation must be a number from 0 to 1; received {truncation!r}.")
        inputs = self.inputs_for(n, seed, seeds, labels, conditions)
        if LATENTS in inputs:
            inputs[LATENTS] = inputs[LATENTS] * np.float32(truncation)
        return self._generate_from(inputs, batch_size, use_ema)

    def generate_from(self, latents, conditions=None, batch_size=64, use_ema=True):
        """Maps latents to samples, as `generate` does with those that it draws.

        Args:
            latents: Float array of shape `(n, *latent_shape)`.
            conditions: What the model is told, by name: an array with a value for each sample, or one for all.
            batch_size: Samples computed at a time.
            use_ema: Whether to use the averaged generator where there is one.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)`.

        Raises:
            ValueError: If a condition is missing, is not one of the model's, or has too many or too few values.
        """
        latents = np.asarray(latents, "float32")
        inputs = {LATENTS: latents} | self._checked_conditions(len(latents), dict(conditions or {}))
        return np.concatenate(list(self._generate_from(inputs, batch_size, use_ema)))

    def _generate_from(self, inputs, batch_size, use_ema):
        self.sync_state()
        batches = self._run_in_batches(self.sampling_network(use_ema), inputs, batch_size)
        return (batch.astype("float32", copy=False) for batch in batches)

    def apply(self, conditions, batch_size=16, use_ema=True, **sampling):
        """Maps conditions to samples: an image-to-image model's way to generate.

        Args:
            conditions: Values by name; or, where the model is told one thing, its values: images `(n, height, width,
                channels)`, uint8 or floats in [-1, 1].
            batch_size: Samples computed at a time.
            use_ema: Whether to use the averaged generator where there is one.
            **sampling: As `generate` takes it, for a generator with latents: `seed`, `seeds`, `truncation`.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)` in [-1, 1].

        Raises:
            ValueError: As `generate`; if the model is told nothing.
        """
        if not self.conditions:
            raise ValueError(f"{type(self).__name__} is told nothing that it could be applied to: call generate(n).")
        conditions = name_conditions(conditions, self.conditions)
        return self.generate(batch_size=batch_size, use_ema=use_ema, conditions=conditions, **sampling)

    def _run_in_batches(self, network, inputs, batch_size):
        """Returns an iterator over a network's outputs for named arrays, some rows at a time."""
        count = len(next(iter(inputs.values())))
        parts = (slice(start, start + batch_size) for start in range(0, count, batch_size))
        batches = ({name: value[part] for name, value in inputs.items()} for part in parts)
        return (self.run_network(network, self.arrange_inputs(batch)) for batch in batches)

    def arrange_inputs(self, inputs):
        """Returns named inputs as the sampling network is called with them."""
        return arrange(self._generator_inputs, inputs)

    def draw(self, n=64, seed=0, labels=None, at_data_size=False, **sampling):
        """Draws samples as one picture: a conditional model's with a row for each class, all from the same latents.

        Args:
            n: How many samples, about; of a conditional model at least one of each class, and of 20 classes at most.
            seed: The seed from which their latents are drawn.
            labels: Classes to draw instead, as `generate` takes them.
            at_data_size: Whether a model that is still growing is drawn as large as it will be.
            **sampling: As `generate` takes it: `seeds`, in place of `n` and `seed` (of a conditional model each in every
                class), `truncation`, `batch_size`.

        Returns:
            uint8 array of shape `(height, width, channels)`.

        Raises:
            ValueError: If the samples cannot be drawn.
        """
        return self.medium.draw(self, n, seed, labels, at_data_size, **sampling)

    def class_labels(self, n):
        """Returns labels for `n` samples, every class in turn: int32 of shape `(n,)`; None for a model without classes."""
        return self.conditions[LABELS].examples(n) if LABELS in self.conditions else None

    def example_conditions(self, n):
        """Returns values of every condition for `n` samples, by name: every class in turn; pictures."""
        return {name: condition.examples(n) for name, condition in self.conditions.items()}

    def inputs_for(self, n=None, seed=None, seeds=None, labels=None, conditions=None):
        """Returns what the generator takes, by name: arrays of a row for each sample. See `generate`."""
        given = dict(conditions or {})
        if labels is not None:
            given[LABELS] = labels
        if n is None and seeds is None and self.latent_shape is None and given:
            n = max(np.shape(value)[0] if np.ndim(value) else 1 for value in given.values())
        latents = self._latents(n, seed, seeds)
        count = n if latents is None else len(latents)
        inputs = {} if latents is None else {LATENTS: latents}
        return inputs | self._checked_conditions(count, given)

    def _checked_conditions(self, n, given):
        unknown = [name for name in given if name not in self.conditions]
        if unknown and not self.conditions:
            raise ValueError(f"{type(self).__name__} is not conditional: it generates without {', '.join(unknown)}.")
        if unknown:
            raise ValueError(f"This model is told {', '.join(self.conditions)}, not {', '.join(unknown)}.")
        for name in self.conditions:
            if name in given and given[name] is not None:
                continue
            if name == LABELS:
                raise ValueError(
                    f"This model is conditional: say which of its {self.num_classes} classes to generate (labels=3, one label "
                    "for each sample, or labels=model.class_labels(n) for every class in turn)."
                )
            raise ValueError(f"This model is conditional: say which {name} to generate from (conditions={{'{name}': ...}}).")
        return {name: condition.check_for(n, given[name]) for name, condition in self.conditions.items()}

    def latents(self, n, seed=None):
        """Returns `n` latents as `generate` draws them: float32 of shape `(n, *latent_shape)`; None where there are none."""
        if self.latent_shape is None:
            return None
        # NumPy's global state, which keras.utils.set_random_seed sets, chooses where the user did not.
        rng = np.random.default_rng(np.random.randint(2**31) if seed is None else seed)
        draw = {"normal": rng.standard_normal, "uniform": rng.random}[self.latent_noise]
        return draw((n, *self.latent_shape), dtype="float32")

    def seeded_latents(self, seeds):
        """Returns latents of the same distribution, each one from its own seed: see `keras_gans.seeds`."""
        return {"normal": normal, "uniform": uniform}[self.latent_noise](seeds, self.latent_shape)

    def _latents(self, n, seed, seeds):
        """Returns the latents of `n` samples, or of `seeds`; None for a generator without any."""
        if seeds is None:
            if n is None:
                raise ValueError("Say how many samples to draw (n), or give a seed for each (seeds).")
            check_count("n", n, 1)
            return self.latents(n, seed)
        if n is not None or seed is not None:
            raise ValueError("A seed for each sample (seeds) says all: leave out n and seed.")
        if self.latent_shape is None:
            raise ValueError("This model has no latents, which seeds stand for: leave them out.")
        return self.seeded_latents(seeds)
