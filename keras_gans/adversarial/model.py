"""The adversarial model: two networks, one step, under Keras' own `fit`."""

import keras
from keras import ops

from keras_gans import augmentation, losses
from keras_gans import penalties as penalty_module
from keras_gans.adversarial.critic_schedule import get_schedule
from keras_gans.adversarial.ema import clone_for_averaging, update_average
from keras_gans.adversarial.fine_tuning import FineTuning
from keras_gans.adversarial.fitting import Fitting
from keras_gans.adversarial.inputs import unpack_batch
from keras_gans.adversarial.networks import check_networks, warn_of_batch_normalization, warn_of_signs
from keras_gans.adversarial.noise import Noise
from keras_gans.adversarial.optimizer import PlayersOptimizer
from keras_gans.adversarial.running_means import RunningMeans
from keras_gans.adversarial.sampling import Sampling
from keras_gans.adversarial.saving import Saving
from keras_gans.backend import StepTrainer, minimize, minimize_through, prepare

_DISCRIMINATOR_METRICS = ("discriminator_loss", "real_accuracy", "fake_accuracy")
_GENERATOR_METRICS = ("generator_loss",)
_TRAINING_METRICS = ("discriminator_gradient_norm", "generator_gradient_norm", "penalty")


class AdversarialModel(Fitting, FineTuning, Sampling, Saving, StepTrainer, keras.Model):
    """Trains a generator against a discriminator with `compile`, `fit`, `evaluate` and every Keras callback.

    One training step is one update of the discriminator on one batch of real samples, followed, every `critic_steps` steps,
    by one update of the generator: on the same generated samples where `critic_steps` is 1, else on new ones. Real and
    generated samples pass through the discriminator separately, because BatchNorm's statistics of the two must not mix.

    The logs of a step are `loss` (the sum of both losses: it tells that training is finite, not how good it is),
    `discriminator_loss` (without penalties), `penalty` (their sum, where there are any), `generator_loss`, `real_accuracy` and
    `fake_accuracy` (the shares of real and generated samples that the discriminator scores above and below 0), and the norm of
    each player's gradient.

    A model whose generator takes labels beside latents is conditional: generated samples have the labels of the batch of real
    ones they meet, and the discriminator is told the labels, too, if it has an input for them.

    Subclasses say what differs: `discriminator_loss`, `generator_loss`, the default optimizers, loss and penalties.

    Args:
        generator: A built Keras model from latents, shape `(batch, ...)`, to samples: float32 in [-1, 1], channels last. A
            conditional one has a second input, int32 labels of shape `(batch,)`.
        discriminator: A built Keras model from samples to logits of shape `(batch, 1)`; labels may be its second input.
        seed: Integer seed of all noise drawn in training, or None for a random one.
        num_classes: How many classes there are, for conditional models: labels are 0 to `num_classes` - 1.

    Raises:
        ValueError: If a network is not built, or the generator's output does not fit the discriminator's input, or
            `num_classes` is given for networks without labels, or not given for networks with labels.

    Example:

        model = keras_gans.GAN(generator, discriminator)
        model.compile(loss="hinge", ema=0.999)
        model.fit(images, batch_size=64, epochs=5)   # float32 in [-1, 1], or uint8
        samples = model.generate(16, seed=0)
    """

    default_loss = "non_saturating"
    default_critic_steps = 1
    default_penalties = ()
    # What a subclass logs besides, in training and evaluation.
    more_metrics = ()

    def __init__(self, generator, discriminator, seed=None, num_classes=None, name=None):
        super().__init__(name=name)
        self._check_networks(generator, discriminator, num_classes)
        self.num_classes = num_classes
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
        penalties=None,
        augment=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
    ):
        """Says how the two players train.

        Args:
            generator_optimizer: A Keras optimizer or its name.
            discriminator_optimizer: The same, another object.
            loss: An `AdversarialLoss` or its name: see `keras_gans.losses.names()`.
            critic_steps: Updates of the discriminator for each of the generator, each on a fresh batch: an integer >= 1, or a
                `CriticSchedule`.
            ema: Decay of the generator's moving average, in (0, 1), such as 0.999; None for no average.
            penalties: What is added to the discriminator's loss: a `Penalty`, its name (`keras_gans.penalties`), or
                a list of them. None takes the algorithm's own, an empty list none.
            augment: What is done to real and generated samples before the discriminator sees them: an `Augmentation`, its name
                (`keras_gans.augmentation`), or a list of them that are applied in turn; None for nothing.
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
        self.critic_schedule = get_schedule(critic_steps)
        penalty_list = penalty_module.get_all(self.default_penalties if penalties is None else penalties)
        warn_of_batch_normalization(self.discriminator, penalty_list)
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
        self.penalties = penalty_list
        self.augmentation = None if augment is None else augmentation.get(augment)
        warn_of_signs(self.adversarial_loss, self.augmentation)
        self.ema_decay = ema
        if ema is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            self.ema_generator = clone_for_averaging(self.generator)
        training_metrics = _TRAINING_METRICS if self.penalties else _TRAINING_METRICS[:-1]
        self.means = RunningMeans((*_DISCRIMINATOR_METRICS, *_GENERATOR_METRICS, *self.more_metrics, *training_metrics))
        self._compile_arguments = {
            "loss": self.adversarial_loss,
            "critic_steps": critic_steps,
            "ema": ema,
            "penalties": list(self.penalties),
            "augment": self.augmentation,
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
    def critic_steps(self):
        """Updates of the discriminator for each of the generator, as a rule."""
        return self.critic_schedule.steps

    @property
    def critic_steps_done(self):
        """Updates of the discriminator so far, an integer scalar."""
        return self.optimizer.iterations

    @property
    def metrics(self):
        return [self.means] if self.compiled else []

    _check_networks = staticmethod(check_networks)

    @property
    def conditional(self):
        """Whether the model generates samples of a class that is asked for, and learns from samples with labels."""
        return self.num_classes is not None

    # What a subclass may change.

    @property
    def generator_variables(self):
        """What the generator's optimizer updates."""
        return self.generator.trainable_variables

    @property
    def discriminator_variables(self):
        """What the discriminator's optimizer updates."""
        return self.discriminator.trainable_variables

    def generate_samples(self, latents, labels=None, training=False):
        """Returns the generator's samples for a batch of latents, and of labels where the model is conditional."""
        return self.generator([latents, labels] if self.conditional else latents, training=training)

    def score(self, samples, labels=None, training=False):
        """Returns the discriminator's logits in float32 for a batch of samples; it gets the labels if it takes any."""
        takes_labels = len(self.discriminator.inputs) > 1
        return ops.cast(self.discriminator([samples, labels] if takes_labels else samples, training=training), "float32")

    def discriminator_loss(self, real, fake, labels=None, training=True):
        """Returns the discriminator's loss on a batch, without penalties.

        Args:
            real: Real samples, shape `(batch, ...)`.
            fake: As many generated ones.
            labels: Class labels of both, or None.
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

    def sample_latents(self, real, seed):
        """Returns latents for as many samples as there are real ones, drawn from a seed generator."""
        return Noise(seed).normal((ops.shape(real)[0], *self.latent_shape))

    def unpack(self, data):
        """Returns the real samples of a batch as the networks take them, and their labels or None."""
        return unpack_batch(data, self.data_shape, self.conditional)

    # The step, written once for all backends and algorithms.

    def adversarial_step(self, data):
        """Updates the discriminator, then if it is due the generator, on one batch. Returns the logs."""
        real, labels = self.unpack(data)
        self.update_players(real, labels)
        return self._results()

    def update_players(self, real, labels=None):
        """Takes one step of the discriminator, and of the generator if it is due, on real samples."""
        if self.critic_schedule.is_constant_one:
            # Both players learn from the same samples, so that one pass through the generator serves both.
            fake, update_generator = self.begin_generator(real, labels)
            self._update_discriminator(real, ops.stop_gradient(fake), labels)
            self.optimizer.iterations.assign_add(1)
            self._track_generator(*update_generator())
        else:
            fake = self.generate_samples(self.sample_latents(real, self.noise_seed), labels, training=True)
            self._update_discriminator(real, ops.stop_gradient(fake), labels)
            self.optimizer.iterations.assign_add(1)
            due = self.critic_schedule.is_due(self.critic_steps_done)
            self.run_if(due, lambda: self._track_generator(*self.begin_generator(real, labels)[1]()))

    def _update_discriminator(self, real, fake, labels):
        real, fake = self._augmented(real), self._augmented(fake)

        def loss_fn():
            loss, real_logits, fake_logits = self.discriminator_loss(real, fake, labels)
            batch = penalty_module.CriticBatch(
                score=lambda samples: self.score(samples, labels, training=True),
                real=real,
                fake=fake,
                real_logits=real_logits,
                fake_logits=fake_logits,
                noise=Noise(self.noise_seed),
                step=self.optimizer.iterations,
            )
            penalty = sum(penalty(batch) for penalty in self.penalties)
            loss = loss + sum(self.discriminator.losses)
            return loss + penalty, (loss, penalty, real_logits, fake_logits)

        _, (loss, penalty, real_logits, fake_logits), norm = minimize(
            loss_fn, self.discriminator_variables, self.optimizer.discriminator
        )
        numbers = {"penalty": penalty} if self.penalties else {}
        self.means.update_state(
            **_discriminator_numbers(loss, real_logits, fake_logits), discriminator_gradient_norm=norm, **numbers
        )
        if self.augmentation is not None:
            self.augmentation.observe(real_logits)

    def begin_generator(self, real, labels):
        """Generates samples; returns them, and a function that updates the generator by its loss on them."""
        latents = self.sample_latents(real, self.noise_seed)

        def generate():
            return self.generate_samples(latents, labels, training=True), sum(self.generator.losses)

        def loss_fn(fake):
            compared = self._augmented(real) if self.adversarial_loss.needs_real else real
            return self.generator_loss(self._augmented(fake), compared, labels)

        return minimize_through(generate, loss_fn, self.generator_variables, self.optimizer.generator)

    def _augmented(self, samples):
        if self.augmentation is None:
            return samples
        return self.augmentation.augment(samples, Noise(self.noise_seed), self.optimizer.iterations)

    def _track_generator(self, loss, norm):
        self.means.update_state(generator_loss=loss, generator_gradient_norm=norm)
        if self.ema_generator is not None:
            self.update_average()

    def update_average(self):
        """Moves the averaged generator towards the generator."""
        update_average(self.ema_generator, self.generator, self.ema_decay, self.optimizer.generator.iterations)

    def evaluation_step(self, data):
        """Measures both losses and the discriminator's accuracy on one batch, changing no weight. Returns the logs."""
        real, labels = self.unpack(data)
        self.measure_players(real, labels)
        return self._results(without=_TRAINING_METRICS)

    def measure_players(self, real, labels=None):
        """Takes the losses on real samples, which are not augmented, into the logs."""
        latents = self.sample_latents(real, self.evaluation_seed)
        fake = self.generate_samples(latents, labels)
        loss, real_logits, fake_logits = self.discriminator_loss(real, fake, labels, training=False)
        self.means.update_state(
            **_discriminator_numbers(loss, real_logits, fake_logits),
            generator_loss=self.generator_loss(fake, real, labels, training=False),
        )

    def _results(self, without=()):
        means = {name: mean for name, mean in self.means.result().items() if name not in without}
        return {"loss": means["discriminator_loss"] + means["generator_loss"], **means}


def _discriminator_numbers(loss, real_logits, fake_logits):
    return {
        "discriminator_loss": loss,
        "real_accuracy": ops.mean(ops.cast(real_logits > 0, "float32")),
        "fake_accuracy": ops.mean(ops.cast(fake_logits < 0, "float32")),
    }
