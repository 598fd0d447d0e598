"""The adversarial model: two networks, one step, under Keras' own `fit`."""

import keras
from keras import ops

from keras_gans.adversarial import losses
from keras_gans.adversarial.ema import clone_for_averaging, update_average
from keras_gans.adversarial.fitting import Fitting
from keras_gans.adversarial.inputs import unpack_batch
from keras_gans.adversarial.optimizer import PlayersOptimizer
from keras_gans.adversarial.running_means import RunningMeans
from keras_gans.adversarial.sampling import Sampling
from keras_gans.adversarial.saving import Saving
from keras_gans.backend import StepTrainer, minimize, minimize_through, prepare, replica

_DISCRIMINATOR_METRICS = ("discriminator_loss", "real_accuracy", "fake_accuracy")
_GENERATOR_METRICS = ("generator_loss",)
_TRAINING_METRICS = ("discriminator_gradient_norm", "generator_gradient_norm")


class AdversarialModel(Fitting, Sampling, Saving, StepTrainer, keras.Model):
    """Trains a generator against a discriminator with `compile`, `fit`, `evaluate` and every Keras callback.

    One training step is one update of the discriminator on one batch of real samples, followed, every `critic_steps` steps,
    by one update of the generator: on the same generated samples where `critic_steps` is 1, else on new ones. Real and
    generated samples pass through the discriminator separately, because BatchNorm's statistics of the two must not mix.

    The logs of a step are `loss` (the sum of both losses: it tells that training is finite, not how good it is),
    `discriminator_loss`, `generator_loss`, `real_accuracy` and `fake_accuracy` (the shares of real and generated samples
    that the discriminator scores above and below 0), and the norm of each player's gradient.

    Subclasses say what differs: `discriminator_loss`, `generator_loss`, the default optimizers and loss.

    Args:
        generator: A built Keras model from latents, shape `(batch, ...)`, to samples: float32 in [-1, 1], channels last.
        discriminator: A built Keras model from samples to logits of shape `(batch, 1)`.
        seed: Integer seed of all noise drawn in training, or None for a random one.

    Raises:
        ValueError: If a network is not built, or the generator's output does not fit the discriminator's input.

    Example:

        model = keras_gans.GAN(generator, discriminator)
        model.compile(loss="hinge", ema=0.999)
        model.fit(images, batch_size=64, epochs=5)   # float32 in [-1, 1], or uint8
        samples = model.generate(16, seed=0)
    """

    default_loss = "non_saturating"
    default_critic_steps = 1
    # Whether the networks take class labels, so that data must have some.
    conditional = False

    def __init__(self, generator, discriminator, seed=None, name=None):
        super().__init__(name=name)
        for role, network in (("generator", generator), ("discriminator", discriminator)):
            if not (isinstance(network, keras.Model) and network.built):
                raise ValueError(
                    f"The {role} must be a built keras.Model (a functional model, or a Sequential one with an Input); "
                    f"received {network!r}."
                )
        if generator.output_shape[1:] != discriminator.input_shape[1:]:
            raise ValueError(
                f"The generator makes samples of shape {generator.output_shape[1:]}, but the discriminator takes "
                f"{discriminator.input_shape[1:]}."
            )
        self.generator = generator
        self.discriminator = discriminator
        self.ema_generator = None
        self.seed = seed
        self.noise_seed = keras.random.SeedGenerator(seed)
        self.evaluation_seed = keras.random.SeedGenerator(seed)
        # While `fit` runs: its batches if their order is known, and by how much their epochs' numbers lie above Keras'.
        self.data = None
        self.data_epoch_offset = 0
        self._epochs = None
        self._compiled_networks = {}
        # Set by `create_model`: the registered name and the arguments it was built with, for presets.
        self.entry = None
        self.built = True

    @staticmethod
    def default_optimizers():
        """Returns the optimizers of generator and discriminator that `compile` uses where none is given."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5), keras.optimizers.Adam(2e-4, beta_1=0.5)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        loss=None,
        *,
        critic_steps=None,
        ema=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
    ):
        """Says how the two players train.

        Args:
            generator_optimizer: A Keras optimizer or its name.
            discriminator_optimizer: The same, another object.
            loss: An `AdversarialLoss` or its name: see `keras_gans.adversarial.losses.names()`.
            critic_steps: Updates of the discriminator for each of the generator, each on a fresh batch: an integer >= 1.
            ema: Decay of the generator's moving average, in (0, 1), such as 0.999; None for no average.
            run_eagerly: As in Keras.
            steps_per_execution: As in Keras. Epochs are cut to a multiple of it.
            jit_compile: As in Keras; `"auto"` compiles with XLA on JAX and on TensorFlow with a GPU.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        default_generator_optimizer, default_discriminator_optimizer = self.default_optimizers()
        optimizer = PlayersOptimizer(
            self._scaled(generator_optimizer or default_generator_optimizer, self.generator),
            self._scaled(discriminator_optimizer or default_discriminator_optimizer, self.discriminator),
        )
        for player in optimizer.optimizers:
            prepare(player)
        optimizer.build_players(self.generator.trainable_variables, self.discriminator.trainable_variables)
        critic_steps = self.default_critic_steps if critic_steps is None else critic_steps
        if not (isinstance(critic_steps, int) and critic_steps >= 1):
            raise ValueError(f"critic_steps must be an integer of at least 1; received {critic_steps!r}.")
        if ema is not None and not 0.0 < ema < 1.0:
            raise ValueError(f"ema must be a decay between 0 and 1, such as 0.999, or None; received {ema!r}.")
        super().compile(
            optimizer=optimizer,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=self._resolve_jit_compile(jit_compile),
            auto_scale_loss=False,  # each player's optimizer scales its own loss
        )
        self.adversarial_loss = losses.get(self.default_loss if loss is None else loss)
        self.critic_steps = critic_steps
        self.ema_decay = ema
        if ema is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            self.ema_generator = clone_for_averaging(self.generator)
        self.means = RunningMeans((*_DISCRIMINATOR_METRICS, *_GENERATOR_METRICS, *_TRAINING_METRICS))
        self._compile_arguments = {
            "loss": self.adversarial_loss,
            "critic_steps": critic_steps,
            "ema": ema,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }

    @staticmethod
    def _scaled(optimizer, network):
        """Wraps an optimizer in loss scaling where the network computes in float16."""
        optimizer = keras.optimizers.get(optimizer)
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            return optimizer
        if any(layer.compute_dtype == "float16" for layer in network.layers):
            return keras.optimizers.LossScaleOptimizer(optimizer)
        return optimizer

    @property
    def metrics(self):
        return [self.means] if self.compiled else []

    # What a subclass may change.

    def generate_samples(self, latents, labels=None, training=False):
        """Returns the generator's samples for a batch of latents."""
        return self.generator(latents, training=training)

    def score(self, samples, labels=None, training=False):
        """Returns the discriminator's logits in float32 for a batch of samples."""
        return ops.cast(self.discriminator(samples, training=training), "float32")

    def discriminator_loss(self, real, fake, labels=None, training=True):
        """Returns the discriminator's loss on a batch.

        Args:
            real: Real samples, shape `(batch, ...)`.
            fake: As many generated ones.
            labels: Class labels of the real samples, or None.
            training: Whether layers run in training mode.

        Returns:
            `(loss, real_logits, fake_logits)`.
        """
        real_logits = self.score(real, labels, training)
        fake_logits = self.score(fake, labels, training)
        loss = ops.mean(self.adversarial_loss.discriminator_loss(real_logits, fake_logits))
        return loss, real_logits, fake_logits

    def generator_loss(self, fake, real, labels=None, training=True):
        """Returns the generator's loss for a batch of generated samples; `real` is a batch of as many real ones."""
        fake_logits = self.score(fake, labels, training)
        real_logits = self.score(real, labels, training) if self.adversarial_loss.needs_real else None
        return ops.mean(self.adversarial_loss.generator_loss(fake_logits, real_logits))

    # The step, written once for all backends and algorithms.

    def adversarial_step(self, data):
        """Updates the discriminator, then every `critic_steps` steps the generator, on one batch. Returns the logs."""
        real, labels = unpack_batch(data, self.sample_shape)
        if self.critic_steps == 1:
            # Both players learn from the same samples, so that one pass through the generator serves both.
            fake, update_generator = self._begin_generator(real, labels)
            self._update_discriminator(real, ops.stop_gradient(fake), labels)
            self.optimizer.iterations.assign_add(1)
            self._track_generator(*update_generator())
        else:
            fake = self.generate_samples(self._sample_latents(real, self.noise_seed), labels, training=True)
            self._update_discriminator(real, ops.stop_gradient(fake), labels)
            self.optimizer.iterations.assign_add(1)
            due = ops.equal(self.optimizer.iterations % self.critic_steps, 0)
            self.run_if(due, lambda: self._track_generator(*self._begin_generator(real, labels)[1]()))
        return self._results()

    def _update_discriminator(self, real, fake, labels):
        def loss_fn():
            loss, real_logits, fake_logits = self.discriminator_loss(real, fake, labels)
            return loss + sum(self.discriminator.losses), (real_logits, fake_logits)

        loss, (real_logits, fake_logits), norm = minimize(
            loss_fn, self.discriminator.trainable_variables, self.optimizer.discriminator
        )
        self.means.update_state(**_discriminator_numbers(loss, real_logits, fake_logits), discriminator_gradient_norm=norm)

    def _begin_generator(self, real, labels):
        """Generates samples; returns them, and a function that updates the generator by its loss on them."""
        latents = self._sample_latents(real, self.noise_seed)

        def generate():
            return self.generate_samples(latents, labels, training=True), sum(self.generator.losses)

        return minimize_through(
            generate,
            lambda fake: self.generator_loss(fake, real, labels),
            self.generator.trainable_variables,
            self.optimizer.generator,
        )

    def _track_generator(self, loss, norm):
        self.means.update_state(generator_loss=loss, generator_gradient_norm=norm)
        if self.ema_generator is not None:
            update_average(self.ema_generator, self.generator, self.ema_decay, self.optimizer.generator.iterations)

    def evaluation_step(self, data):
        """Measures both losses and the discriminator's accuracy on one batch, changing no weight. Returns the logs."""
        real, labels = unpack_batch(data, self.sample_shape)
        latents = self._sample_latents(real, self.evaluation_seed)
        fake = self.generate_samples(latents, labels)
        loss, real_logits, fake_logits = self.discriminator_loss(real, fake, labels, training=False)
        self.means.update_state(
            **_discriminator_numbers(loss, real_logits, fake_logits),
            generator_loss=self.generator_loss(fake, real, labels, training=False),
        )
        return self._results(without=_TRAINING_METRICS)

    def _sample_latents(self, real, seed):
        number, replicas = replica()
        batch_size = ops.shape(real)[0]
        # Each replica draws the noise of the global batch and takes its share: together they train as one device would.
        latents = keras.random.normal((replicas * batch_size, *self.latent_shape), seed=seed)
        return latents if replicas == 1 else latents[number * batch_size : (number + 1) * batch_size]

    def _results(self, without=()):
        means = {name: mean for name, mean in self.means.result().items() if name not in without}
        return {"loss": means["discriminator_loss"] + means["generator_loss"], **means}


def _discriminator_numbers(loss, real_logits, fake_logits):
    return {
        "discriminator_loss": loss,
        "real_accuracy": ops.mean(ops.cast(real_logits > 0, "float32")),
        "fake_accuracy": ops.mean(ops.cast(fake_logits < 0, "float32")),
    }
