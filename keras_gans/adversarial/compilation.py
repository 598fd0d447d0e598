"""How an adversarial model trains: its `compile`."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras.optimizers import Optimizer

from keras_gans import augmentation, losses
from keras_gans.adversarial.critic_schedule import CriticSchedule, get_schedule
from keras_gans.adversarial.ema import clone_for_averaging
from keras_gans.adversarial.networks import warn_of_batch_normalization, warn_of_last_activations, warn_of_signs
from keras_gans.adversarial.optimizer import PlayersOptimizer, copy_optimizer
from keras_gans.adversarial.parts import Part
from keras_gans.adversarial.private_step import check_private
from keras_gans.adversarial.running_means import RunningMeans
from keras_gans.adversarial.step import DISCRIMINATOR_METRICS, GENERATOR_METRICS, NORMS, TRAINING_METRICS
from keras_gans.augmentation import Augmentation
from keras_gans.backend import prepare
from keras_gans.errors import check_count, check_weight, no_such
from keras_gans.losses import AdversarialLoss
from keras_gans.penalties import Penalty
from keras_gans.penalties import get_all as get_penalties
from keras_gans.privacy import DPSGD, dpsgd
from keras_gans.privacy.ledger import Ledger

# What other libraries and tutorials call the arguments of `compile`, and what to write instead.
_FOREIGN = {
    "d_optimizer": "discriminator_optimizer=",
    "disc_optimizer": "discriminator_optimizer=",
    "critic_optimizer": "discriminator_optimizer=",
    "g_optimizer": "generator_optimizer=",
    "gen_optimizer": "generator_optimizer=",
    "learning_rate": "optimizer=keras.optimizers.Adam(...)",
    "loss_fn": "loss=, such as loss='non_saturating' for binary cross-entropy",
    "d_loss_fn": "loss=, a keras_gans.losses.AdversarialLoss, which holds both networks' losses",
    "g_loss_fn": "loss=, a keras_gans.losses.AdversarialLoss, which holds both networks' losses",
    "metrics": (
        "nothing: the logs hold losses and accuracies. To measure samples while training, give fit the callback "
        "keras_gans.callbacks.EvaluateSamples"
    ),
    "n_critic": "critic_steps=",
    "discriminator_extra_steps": "critic_steps=",
    "gp_weight": "penalties=[keras_gans.penalties.GradientPenalty(10.0)]",
    "lambda_gp": "penalties=[keras_gans.penalties.GradientPenalty(10.0)]",
}


class Compilation(Part):
    """The part of `AdversarialModel` that says how it trains, and the defaults by which algorithms differ."""

    default_loss: type[AdversarialLoss] = losses.NonSaturating
    default_critic_steps: int | CriticSchedule = 1
    default_penalties: Sequence[Penalty | type[Penalty]] = ()
    more_metrics: Sequence[str] = ()

    @staticmethod
    def default_optimizers() -> tuple[Optimizer, Optimizer]:
        """Return the optimizers of generator and discriminator that `compile` uses by default."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5), keras.optimizers.Adam(2e-4, beta_1=0.5)

    def compile(
        self,
        generator_optimizer: Optimizer | str | None = None,
        discriminator_optimizer: Optimizer | str | None = None,
        loss: AdversarialLoss | type[AdversarialLoss] | str | None = None,
        *,
        optimizer: Optimizer | str | None = None,
        critic_steps: int | CriticSchedule | None = None,
        ema: float | None = None,
        penalties: Penalty | type[Penalty] | str | Sequence[Penalty | type[Penalty] | str] | None = None,
        augment: Augmentation | type[Augmentation] | str | Sequence[Augmentation | type[Augmentation] | str] | None = None,
        feature_matching: float = 0.0,
        privacy: DPSGD | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        **unknown: Any,
    ) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            generator_optimizer: A Keras optimizer or its name. If None, the algorithm's own.
            discriminator_optimizer: The same for the discriminator; another object.
            loss: An `AdversarialLoss`, its class or its name: see `keras_gans.losses.names()`. If None, the algorithm's own.
            optimizer: One optimizer, or its name, for both networks: each gets a copy.
            critic_steps: Discriminator updates per generator update, each on a new batch: an integer of at least 1, or a
                `CriticSchedule`. If None, the algorithm's own.
            ema: Decay of the generator's exponential moving average, between 0 and 1, such as 0.999. None for no average.
            penalties: Terms added to the discriminator's loss: a `Penalty`, its class or its name (`keras_gans.penalties`), or
                a list of them. If None, the algorithm's own; an empty list for none.
            augment: Augmentation of real and generated samples before the discriminator sees them: an `Augmentation`, its class
                or its name (`keras_gans.augmentation`), or a list of them, applied in order. None for none.
            feature_matching: Weight, in the generator's loss, of the distance between real and generated samples in the
                discriminator's inner features: see `keras_gans.losses.feature_distance`.
            privacy: `keras_gans.privacy.DPSGD(epsilon=..., delta=...)` for differentially private training; None for none. The
                logs then leave out what real samples show: `d_loss`, `d_real` and `d_fake`.
            run_eagerly: As in Keras.
            steps_per_execution: Training steps per call of the compiled function, and between two calls of callbacks. It
                changes speed and nothing else: 10 to 100 trains small models faster on a GPU. On JAX, one compiled loop takes
                the steps. The last call of an epoch takes the steps that are left.
            jit_compile: As in Keras; `"auto"` compiles with XLA on JAX, and on TensorFlow with a GPU.
            **unknown: No others are accepted: the error names what to write instead.

        Raises:
            ValueError: If a value is out of range or unknown.
            TypeError: If there is no such argument, or `optimizer` is combined with that of one network.

        Example:

            model.compile(optimizer=keras.optimizers.Adam(2e-4, beta_1=0.5), loss="hinge", ema=0.999)
        """
        for name in unknown:
            raise TypeError(_unknown_argument(name))
        if optimizer is not None:
            if generator_optimizer is not None or discriminator_optimizer is not None:
                raise TypeError("Give compile() either optimizer=, or generator_optimizer= and discriminator_optimizer=.")
            generator_optimizer, discriminator_optimizer = copy_optimizer(optimizer), copy_optimizer(optimizer)
        if ema is not None and not 0.0 < ema < 1.0:
            raise ValueError(f"ema must be a decay between 0 and 1, such as 0.999, or None; received {ema!r}.")
        ema = None if ema is None else float(ema)
        steps_per_execution = check_count("steps_per_execution", steps_per_execution)
        feature_matching = check_weight("feature_matching", feature_matching)
        default_generator_optimizer, default_discriminator_optimizer = self.default_optimizers()
        both = PlayersOptimizer(
            _scaled(generator_optimizer or default_generator_optimizer, self.generator),
            _scaled(discriminator_optimizer or default_discriminator_optimizer, self.discriminator),
        )
        for one in both.optimizers:
            prepare(one)
        both.build_players(self.generator.trainable_variables, self.discriminator.trainable_variables)
        critic_steps = self.default_critic_steps if critic_steps is None else critic_steps
        self.critic_schedule = get_schedule(critic_steps)
        penalty_list = get_penalties(self.default_penalties if penalties is None else penalties)
        warn_of_batch_normalization(self.discriminator, penalty_list)
        adversarial_loss = losses.get(self.default_loss if loss is None else loss)
        augmented = None if augment is None else augmentation.get(augment)
        privacy = dpsgd.get(privacy)
        if privacy is not None:
            check_private(self, adversarial_loss, penalty_list, augmented, feature_matching, steps_per_execution)
        ledger = self._next_ledger(privacy)
        super().compile(
            optimizer=both,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=self._resolve_jit_compile(jit_compile),
            auto_scale_loss=False,  # each optimizer scales its own loss
        )
        self.adversarial_loss = adversarial_loss
        self.penalties = penalty_list
        self.augmentation = augmented
        self.ledger = ledger
        self.feature_matching = feature_matching
        warn_of_signs(self.adversarial_loss, self.augmentation)
        warn_of_last_activations(self.generator, self.discriminator, images=self.medium.name == "images")
        self._set_average(ema)
        training_metrics = TRAINING_METRICS if self.penalties else NORMS
        names = (*DISCRIMINATOR_METRICS, *GENERATOR_METRICS, *self.more_metrics, *training_metrics)
        self.means = RunningMeans(names, norms=NORMS)
        self._compile_arguments = {
            "loss": self.adversarial_loss,
            "critic_steps": critic_steps,
            "ema": ema,
            "penalties": list(self.penalties),
            "augment": self.augmentation,
            "feature_matching": feature_matching,
            "privacy": privacy,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }

    def _next_ledger(self, privacy: DPSGD | None) -> Ledger | None:
        """Return the ledger of private training: that of the steps so far, if they are counted on.

        Raises:
            ValueError: If private steps were taken with other settings.
        """
        before = self.ledger
        if privacy is None:
            return None
        if before is None or not before.steps:
            return Ledger(privacy)
        if before.settings.get_config() != privacy.get_config():
            raise ValueError(
                f"The model has taken {before.steps:,} private steps with {before.settings.get_config()}: compile it with the "
                "same settings, or build a new model."
            )
        return before

    def _set_average(self, decay: float | None) -> None:
        self.ema_decay = decay
        if decay is not None:
            if self.ema_generator is None:
                self.ema_generator = clone_for_averaging(self.generator)
        elif self.ema_generator is not None:
            warnings.warn(
                "compile() without ema= drops the moving average of the generator, which this model samples from. To keep "
                "averaging, give a decay such as ema=0.999. To train the average itself, call start_from_average() first.",
                stacklevel=3,
            )
            self.ema_generator = None

    @property
    def critic_steps(self) -> int:
        """Discriminator updates per generator update, as a rule."""
        return self.critic_schedule.steps

    @property
    def critic_steps_done(self) -> Any:
        """Discriminator updates so far, an integer scalar."""
        return self.optimizer.iterations

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.means] if self.compiled else []

    def compile_with(self, **changes: Any) -> None:
        """Compile the model again with some arguments of `compile` changed.

        Optimizers lose their state.

        Args:
            **changes: Arguments of `compile`.

        Raises:
            RuntimeError: If the model is not compiled.

        Example:

            model.compile_with(augment="diff_augment")
        """
        if not self.compiled:
            raise RuntimeError("The model is not compiled: call compile().")
        if changes.get("optimizer") is not None:
            changes = {"generator_optimizer": None, "discriminator_optimizer": None, **changes}
        config = self.get_compile_config() or {}
        self.compile_from_config({**config, **{name: keras.saving.serialize_keras_object(v) for name, v in changes.items()}})

    def get_compile_config(self) -> dict[str, Any] | None:
        if not self.compiled:
            return None
        config = {
            "generator_optimizer": self.optimizer.generator,
            "discriminator_optimizer": self.optimizer.discriminator,
            **self._compile_arguments,
        }
        return {name: keras.saving.serialize_keras_object(value) for name, value in config.items()}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        self.compile(**{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()})


def _unknown_argument(name: str) -> str:
    if name in _FOREIGN:
        return f"compile() has no argument '{name}'. Write {_FOREIGN[name]}."
    accepted = [each for each in inspect.signature(Compilation.compile).parameters if each not in ("self", "unknown")]
    return no_such("argument of compile()", name, accepted)


def _scaled(optimizer: Optimizer | str, network: keras.Model) -> Optimizer:
    """Return an optimizer, with loss scaling if the network computes in float16."""
    optimizer = keras.optimizers.get(optimizer)
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    if any(layer.compute_dtype == "float16" for layer in network.layers):
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer
