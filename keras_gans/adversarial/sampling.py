"""Drawing samples from an adversarial model."""

import numpy as np


class Sampling:
    """The part of `AdversarialModel` that uses its generator."""

    @property
    def latent_shape(self):
        """The shape of one latent vector, without the batch."""
        return tuple(self.generator.input_shape[1:])

    @property
    def sample_shape(self):
        """The shape of one sample, without the batch."""
        return tuple(self.generator.output_shape[1:])

    def call(self, inputs, training=False):
        """Maps latents to samples, by the averaged generator where there is one and this is not training."""
        if self.ema_generator is not None and not training:
            return self.ema_generator(inputs, training=False)
        return self.generate_samples(inputs, training=training)

    def generate(self, n, seed=None, labels=None, batch_size=64, use_ema=True):
        """Draws samples.

        The latents come from NumPy's generator, so the same seed gives the same latents on every backend and machine, and
        the first samples of a larger draw are those of a smaller one. Drawing does not disturb training.

        Args:
            n: How many, an integer >= 1.
            seed: Integer; None draws anew each time.
            labels: Class labels, for conditional models only.
            batch_size: Samples computed at a time. It bounds memory and does not change the samples.
            use_ema: Whether to sample from the averaged generator where there is one.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)` in [-1, 1].

        Raises:
            ValueError: If `n` or `batch_size` is not positive, or labels are given to an unconditional model.
        """
        return np.concatenate(list(self.generate_batches(n, seed, labels, batch_size, use_ema)))

    def generate_batches(self, n, seed=None, labels=None, batch_size=64, use_ema=True):
        """Returns an iterator over the samples of `generate`, `batch_size` at a time: for more than memory holds.

        The weights are those of the moment in which a batch is computed.
        """
        for name, value in (("n", n), ("batch_size", batch_size)):
            if not (isinstance(value, int) and value >= 1):
                raise ValueError(f"{name} must be an integer of at least 1; received {value!r}.")
        if labels is not None:
            raise ValueError(f"{type(self).__name__} is not conditional: it generates without labels.")
        latents = self.latents(n, seed)
        self.sync_state()
        network = self.ema_generator if use_ema and self.ema_generator is not None else self.generator
        starts = range(0, n, batch_size)
        return (self.run_network(network, latents[i : i + batch_size]).astype("float32", copy=False) for i in starts)

    def latents(self, n, seed=None):
        """Returns `n` latents, float32 standard normal of shape `(n, *latent_shape)`, as `generate` draws them."""
        # NumPy's global state, which keras.utils.set_random_seed sets, chooses where the user did not.
        seed = np.random.randint(2**31) if seed is None else seed
        return np.random.default_rng(seed).standard_normal((n, *self.latent_shape), dtype="float32")
