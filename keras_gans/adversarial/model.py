"""The adversarial model: two networks, one step, under Keras' own `fit`."""

import keras
from keras import ops

from keras_gans import augmentation, losses
from keras_gans import conditions as condition_module
from keras_gans import media as media_module
from keras_gans import penalties as penalty_module
from keras_gans.adversarial.critic_schedule import get_schedule
from keras_gans.adversarial.ema import clone_for_averaging
from keras_gans.adversarial.fitting import Fit
from keras_gans.adversarial.freezing import freeze_lower
from keras_gans.adversarial.networks import SAMPLES, check_networks, warn_of_batch_normalization, warn_of_signs
from keras_gans.adversarial.optimizer import PlayersOptimizer
from keras_gans.adversarial.preset_methods import PresetMethods
from keras_gans.adversarial.running_means import RunningMeans
from keras_gans.adversarial.sampling import Sampling
from keras_gans.adversarial.step import DISCRIMINATOR_METRICS, GENERATOR_METRICS, TRAINING_METRICS, AdversarialStep
from keras_gans.backend import StepTrainer, prepare
from keras_gans.errors import check_weight

_SEEDS = ("noise_seed", "evaluation_seed")


class AdversarialModel(Fit, Sampling, AdversarialStep, PresetMethods, StepTrainer, keras.Model):
    """Trains a generator against a discriminator with `compile`, `fit`, `evaluate` and every Keras callback.

    One training step is one update of the discriminator on one batch of real samples, followed, every `critic_steps` steps,
    by one update of the generator: on the same generated samples where `critic_steps` is 1, else on new ones. Real and
    generated samples pass through the discriminator separately, because BatchNorm's statistics of the two must not mix.

    The logs of a step are `loss` (the sum of both losses: it tells that training is finite, not how good it is),
    `d_loss` (without penalties), `penalty` (their sum, where there are any), `g_loss`, `d_real` and `d_fake` (the shares of
    real and generated samples that the discriminator scores above and below 0), and the norms of both networks' gradients,
    `d_grad` and `g_grad`.

    A conditional model is told more than latents: a class, an image, or several things by name. Networks are called with the
    conditions that they have inputs for, found by the inputs' names. Generated samples have the conditions of the batch of real
    ones they meet.

    The discriminator returns one score for each sample, a map of scores (as PatchGAN's), or a list of these (of several scales,
    say); losses are means over the scores of each, then over the list. It may also return a dict of `scores` and `features`, a
    list of inner tensors, for feature matching.

    Subclasses say what differs: `discriminator_loss`, `generator_loss` and the other hooks of `AdversarialStep`, the default
    optimizers, loss and penalties.

    Args:
        generator: A built Keras model from latents, shape `(batch, ...)`, to samples: float32 in [-1, 1], channels last; with
            an input for each condition. A generator whose only inputs are conditions maps them to samples.
        discriminator: A built Keras model from samples to logits; conditions may be further inputs.
        seed: Integer seed of all noise drawn in training, or None for a random one.
        num_classes: How many classes there are: a shorthand for `conditions={"labels": Classes(num_classes)}`.
        conditions: What the model is told: name -> `keras_gans.conditions.Condition`.
        medium: What a sample is, a `keras_gans.media.Medium`; found from the shape if None.

    Raises:
        ValueError: If a network is not built, the generator's output does not fit the discriminator's input, or a network has
            an input for something that the model is not told.

    Example:

        model = keras_gans.GAN(generator, discriminator)
        model.compile(loss="hinge", ema=0.999)
        model.fit(images, batch_size=64, epochs=5)   # float32 in [-1, 1], or uint8
        samples = model.generate(16, seed=0)
    """

    default_loss = losses.NonSaturating
    default_critic_steps = 1
    default_penalties = ()
    # What a subclass logs besides, in training and evaluation.
    more_metrics = ()

    def __init__(self, generator, discriminator, seed=None, num_classes=None, name=None, *, conditions=None, medium=None):
        super().__init__(name=name)
        self.conditions = condition_module.make_conditions(num_classes, conditions)
        self._generator_inputs, self._discriminator_inputs = self._check_networks(generator, discriminator, self.conditions)
        self._medium = medium
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
        feature_matching=0.0,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
    ):
        """Says how the two players train.

        Args:
            generator_optimizer: A Keras optimizer or its name.
            discriminator_optimizer: The same, another object.
            loss: An `AdversarialLoss`, its class or its name: see `keras_gans.losses.names()`.
            critic_steps: Updates of the discriminator for each of the generator, each on a fresh batch: an integer >= 1, or a
                `CriticSchedule`.
            ema: Decay of the generator's moving average, in (0, 1), such as 0.999; None for no average.
            penalties: What is added to the discriminator's loss: a `Penalty`, its class or its name (`keras_gans.penalties`),
                or a list of them. None takes the algorithm's own, an empty list none.
            augment: What is done to real and generated samples before the discriminator sees them: an `Augmentation`, its class
                or its name (`keras_gans.augmentation`), or a list of them that are applied in turn; None for nothing.
            feature_matching: The weight, in the generator's loss, of how far generated samples lie from real ones in the
                discriminator's inner features: see `keras_gans.losses.feature_distance`.
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
        check_weight("feature_matching", feature_matching)
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
        self.feature_matching = feature_matching
        warn_of_signs(self.adversarial_loss, self.augmentation)
        self.ema_decay = ema
        if ema is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            self.ema_generator = clone_for_averaging(self.generator)
        training_metrics = TRAINING_METRICS if self.penalties else TRAINING_METRICS[:-1]
        self.means = RunningMeans((*DISCRIMINATOR_METRICS, *GENERATOR_METRICS, *self.more_metrics, *training_metrics))
        self._compile_arguments = {
            "loss": self.adversarial_loss,
            "critic_steps": critic_steps,
            "ema": ema,
            "penalties": list(self.penalties),
            "augment": self.augmentation,
            "feature_matching": feature_matching,
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
        """Whether the model is told anything beside latents, and learns from samples with conditions."""
        return bool(self.conditions)

    @property
    def num_classes(self):
        """How many classes there are; None for a model that is told none."""
        classes = self.conditions.get(condition_module.LABELS)
        return None if classes is None else classes.count

    @property
    def judged_conditions(self):
        """The names of the conditions that the discriminator takes."""
        names = self._discriminator_inputs
        return tuple(name for name in self.conditions if names is None or name in names)

    @property
    def judged_shape(self):
        """The shape of one sample that the discriminator takes, without the batch; None for a size that is free."""
        names = self._discriminator_inputs
        if names is None:
            return self.sample_shape
        return tuple(self.discriminator.inputs[names.index(SAMPLES)].shape[1:])

    # Training a trained model further, on other data.

    @property
    def whole_discriminator(self):
        """The discriminator of samples of `data_shape`: all of it, unless it has parts for smaller ones."""
        return self.discriminator

    def start_from_average(self):
        """Makes the generator what its average is, which samples better, and the average what `compile` says.

        Training that goes on from there begins with the samples that `generate` draws. Where there is no average, the
        generator stays as it is.
        """
        self.sync_state()
        if self.ema_generator is not None:
            self.generator.set_weights(self.ema_generator.get_weights())
        if self.ema_decay is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            self.ema_generator = clone_for_averaging(self.generator)

    def freeze_discriminator(self, count):
        """Makes the lower layers of the discriminator keep their weights, and compiles the model anew where it is compiled.

        Optimizers begin anew. What is frozen is no part of a preset: one that is loaded learns in all layers.

        Args:
            count: How many layers, counted from the samples, as `keras_gans.adversarial.freezing.freeze_lower` counts them; 0
                for none.

        Raises:
            ValueError: If there are not that many, saying how many there are, or the discriminator's layers have no order.
        """
        freeze_lower(self.whole_discriminator, count)
        if self.compiled:
            self.compile_with()

    def compile_with(self, **changes):
        """Compiles the model as it is, but for some arguments of `compile`: `model.compile_with(augment="diff_augment")`.

        Optimizers begin anew.

        Raises:
            RuntimeError: If the model is not compiled.
        """
        if not self.compiled:
            raise RuntimeError("The model is not compiled: call compile() with all that is wanted.")
        config = self.get_compile_config()
        self.compile_from_config({**config, **{name: keras.saving.serialize_keras_object(v) for name, v in changes.items()}})

    # Saving in Keras' own format. Keras stores networks, optimizers and their state; seeds would restart without our help.

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for name in _SEEDS:
            store[name] = ops.convert_to_numpy(getattr(self, name).state)

    def load_own_variables(self, store):
        for name in _SEEDS:
            getattr(self, name).state.assign(store[name])

    def get_config(self):
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "seed": self.seed,
            "conditions": condition_module.to_config(self.conditions),
            "medium": None if self._medium is None else media_module.medium_to_config(self._medium),
            "name": self.name,
            "entry": self.entry,
            "has_ema": self.ema_generator is not None,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        entry, has_ema = config.pop("entry", None), config.pop("has_ema", False)
        for network in ("generator", "discriminator"):
            config[network] = keras.saving.deserialize_keras_object(config[network], custom_objects=custom_objects)
        if config.get("conditions") is not None:
            config["conditions"] = condition_module.from_config(config["conditions"])
        if config.get("medium") is not None:
            config["medium"] = media_module.medium_from_config(config["medium"])
        model = cls(**config)
        model.entry = entry
        if has_ema:
            model.ema_generator = clone_for_averaging(model.generator)
        return model

    def get_compile_config(self):
        if not self.compiled:
            return None
        config = {
            "generator_optimizer": self.optimizer.generator,
            "discriminator_optimizer": self.optimizer.discriminator,
            **self._compile_arguments,
        }
        return {name: keras.saving.serialize_keras_object(value) for name, value in config.items()}

    def compile_from_config(self, config):
        self.compile(**{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()})
