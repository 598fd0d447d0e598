"""Drawing samples from an adversarial model."""

import numpy as np

from keras_gans.adversarial.inputs import check_labels
from keras_gans.errors import check_count
from keras_gans.media.pictures import can_draw, is_image_shape, picture
from keras_gans.seeds import normal

_MOST_ROWS = 20


class Sampling:
    """The part of `AdversarialModel` that uses its generator."""

    @property
    def latent_shape(self):
        """The shape of one latent vector, without the batch."""
        return tuple(self.generator.inputs[0].shape[1:])

    @property
    def sample_shape(self):
        """The shape of one sample that the model generates now, without the batch."""
        return tuple(self.generator.outputs[0].shape[1:])

    @property
    def data_shape(self):
        """The shape of one real sample that the model learns from: that of its own samples, unless it is still growing."""
        return self.sample_shape

    def at_data_size(self, samples):
        """Returns samples as large as real ones, to compare them: enlarged where the model is still growing."""
        return samples

    def sampling_network(self, use_ema=True):
        """Returns the network that generates: the averaged generator where there is one and it is wanted."""
        return self.ema_generator if use_ema and self.ema_generator is not None else self.generator

    @property
    def drawable(self):
        """Whether samples can be drawn as a picture: images and points."""
        return can_draw(self.sample_shape)

    def sample_from(self, network, inputs):
        """Returns what a `sampling_network` generates from named inputs, such as `sampling_inputs` gives."""
        return network([inputs["latents"], inputs["labels"]] if self.conditional else inputs["latents"], training=False)

    def sampling_inputs(self, n, seed=0):
        """Returns inputs of `sample_from` by name, as NumPy arrays: `n` latents, and every class in turn if there are any."""
        labels = self.class_labels(n)
        return {"latents": self.latents(n, seed)} | ({} if labels is None else {"labels": labels})

    def call(self, inputs, training=False):
        """Maps latents, in a list with labels if conditional, to samples; by the averaged generator unless this is training."""
        return self.sampling_network(use_ema=not training)(inputs, training=training)

    def generate(self, n=None, seed=None, labels=None, batch_size=64, use_ema=True, seeds=None, truncation=1.0):
        """Draws samples: `n` of them, or one for each of `seeds`.

        The latents come from NumPy's generator, so the same seed gives the same latents on every backend and machine, and
        the first samples of a larger draw are those of a smaller one. Drawing does not disturb training.

        A sample of `seeds` is a function of its own seed (and label), not of those beside it: it is the one that the signature
        `generate` of exports gives for that seed.

        Args:
            n: How many, an integer >= 1.
            seed: Integer; None draws anew each time.
            labels: For conditional models, and needed there: a class for each sample, or one for all. `class_labels(n)` gives
                every class in turn.
            batch_size: Samples computed at a time. It bounds memory and does not change the samples.
            use_ema: Whether to sample from the averaged generator where there is one.
            seeds: Integers from 0 to 2^63 - 1, in place of `n` and `seed`.
            truncation: From 0 to 1: what latents are multiplied by. Less than 1 keeps samples near the mean one: better ones,
                and less various (Karras et al. 2019, "A Style-Based Generator Architecture", appendix B, here of latents). A
                generator that normalises its latents, as `pggan`'s does, gives the same samples for all but 0.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)` in [-1, 1].

        Raises:
            ValueError: If a value is out of range, labels are given to an unconditional model, or a conditional one
                gets none, too many or too few, or such as it has not.
        """
        batches = self.generate_batches(n, seed, labels, batch_size, use_ema, seeds=seeds, truncation=truncation)
        return np.concatenate(list(batches))

    def generate_batches(self, n=None, seed=None, labels=None, batch_size=64, use_ema=True, seeds=None, truncation=1.0):
        """Returns an iterator over the samples of `generate`, `batch_size` at a time: for more than memory holds.

        The weights are those of the moment in which a batch is computed.
        """
        check_count("batch_size", batch_size, 1)
        if not 0 <= truncation <= 1:
            raise ValueError(f"truncation must be a number from 0 to 1; received {truncation!r}.")
        latents = self._latents(n, seed, seeds) * np.float32(truncation)
        n = len(latents)
        labels = self._labels(n, labels)
        self.sync_state()
        network = self.sampling_network(use_ema)
        parts = (slice(start, start + batch_size) for start in range(0, n, batch_size))
        inputs = (latents[part] if labels is None else [latents[part], labels[part]] for part in parts)
        return (self.run_network(network, batch).astype("float32", copy=False) for batch in inputs)

    def draw(self, n=64, seed=0, labels=None, at_data_size=False, seeds=None, truncation=1.0):
        """Draws samples as one picture: a conditional model's with a row for each class, all from the same latents.

        Args:
            n: How many samples, about; of a conditional model at least one of each class, and of 20 classes at most.
            seed: Of their latents.
            labels: Classes to draw instead, as `generate` takes them.
            at_data_size: Whether a model that is still growing is drawn as large as it will be.
            seeds: One for each sample, in place of `n` and `seed`: of a conditional model each in every class.
            truncation: See `generate`.

        Returns:
            uint8 array of shape `(height, width, channels)`.

        Raises:
            ValueError: If the samples cannot be drawn (neither images nor points).
        """
        columns = None
        if self.conditional and labels is None and is_image_shape(self.sample_shape):
            classes = min(self.num_classes, _MOST_ROWS)
            which = {"n": -(-n // classes), "seed": seed} if seeds is None else {"seeds": seeds}
            samples = np.concatenate([self.generate(**which, labels=row, truncation=truncation) for row in range(classes)])
            columns = len(samples) // classes
        else:
            which = {"n": n, "seed": seed} if seeds is None else {"seeds": seeds}
            if labels is None:
                labels = self.class_labels(n if seeds is None else len(seeds))
            samples = self.generate(**which, labels=labels, truncation=truncation)
        return picture(self.at_data_size(samples) if at_data_size else samples, columns)

    def class_labels(self, n):
        """Returns labels for `n` samples, every class in turn: int32 of shape `(n,)`; None for an unconditional model."""
        return np.arange(n, dtype="int32") % self.num_classes if self.conditional else None

    def _labels(self, n, labels):
        if not self.conditional:
            if labels is not None:
                raise ValueError(f"{type(self).__name__} is not conditional: it generates without labels.")
            return None
        if labels is None:
            raise ValueError(
                f"This model is conditional: say which of its {self.num_classes} classes to generate (labels=3, one label for "
                "each sample, or labels=model.class_labels(n) for every class in turn)."
            )
        labels = np.asarray(labels)
        labels = check_labels(np.full(n, labels) if labels.ndim == 0 else labels, self.num_classes)
        if len(labels) != n:
            raise ValueError(f"{n} samples need as many labels, or one for all; received {len(labels)}.")
        return labels

    def latents(self, n, seed=None):
        """Returns `n` latents, float32 standard normal of shape `(n, *latent_shape)`, as `generate` draws them."""
        # NumPy's global state, which keras.utils.set_random_seed sets, chooses where the user did not.
        seed = np.random.randint(2**31) if seed is None else seed
        return np.random.default_rng(seed).standard_normal((n, *self.latent_shape), dtype="float32")

    def seeded_latents(self, seeds):
        """Returns latents of the same distribution, each one from its own seed: see `keras_gans.seeds`."""
        return normal(seeds, self.latent_shape)

    def _latents(self, n, seed, seeds):
        """Returns the latents of `n` samples, or of `seeds`."""
        if seeds is None:
            if n is None:
                raise ValueError("Say how many samples to draw (n), or give a seed for each (seeds).")
            check_count("n", n, 1)
            return self.latents(n, seed)
        if n is not None or seed is not None:
            raise ValueError("A seed for each sample (seeds) says all: leave out n and seed.")
        return self.seeded_latents(seeds)
