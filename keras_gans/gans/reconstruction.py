"""Models that first learn to reproduce their targets, and then adversarially, in one call of `fit`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.networks import SAMPLES
from keras_gans.backend import minimize
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.stages import StagedModel

# The stages of training.
RECONSTRUCTION, ADVERSARIAL = 0, 1

# By the rank of a batch of samples.
_POOLING = {
    3: keras.layers.GlobalAveragePooling1D,
    4: keras.layers.GlobalAveragePooling2D,
    5: keras.layers.GlobalAveragePooling3D,
}


class ReconstructionFirst(StagedModel):
    """Base class of models whose generator maps conditions to a target: an image to another, a spectrogram to its sound.

    For `pretrain_steps` steps, only the generator learns, and only from its distance to the targets. Adversarial training
    follows in the same call of `fit`, with that distance as a part of the generator's loss.

    The first of `more_metrics` is the log of the distance, without its weight.
    """

    more_metrics: Sequence[str] = ("reconstruction",)

    def compile(self, *args: Any, adversarial_weight: float = 1.0, pretrain_steps: int | None = 0, **kwargs: Any) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `AdversarialModel.compile`.
            adversarial_weight: Weight of the adversarial loss of the generator.
            pretrain_steps: Number of training steps, from the first, in which the generator learns from its distance to the
                targets alone; None for all, as without a discriminator.
            **kwargs: As `AdversarialModel.compile`.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self.adversarial_weight = check_weight("adversarial_weight", adversarial_weight)
        if pretrain_steps is not None:
            pretrain_steps = check_count("pretrain_steps", pretrain_steps, 0)
        self.pretrain_steps = pretrain_steps if self.discriminator.weights else None
        super().compile(*args, **kwargs)
        self._compile_arguments = {
            **self._compile_arguments,
            "adversarial_weight": self.adversarial_weight,
            "pretrain_steps": self.pretrain_steps,
        }

    # Hooks.

    @property
    def reconstruction_weight(self) -> float:
        """Weight of the distance while the generator learns from it alone."""
        return 1.0

    def reconstruction_loss(self, real: Tensor, generated: Tensor) -> Tensor:
        """Return the distance between targets and outputs, without its weight: a scalar."""
        raise NotImplementedError

    def reconstruct(self, real: Tensor, conditions: Conditions) -> Tensor:
        """Return the outputs that evaluation compares with the targets."""
        return self.generate_samples(None, conditions)

    # Stages.

    @property
    def steps_done(self) -> int:
        """Number of training steps so far."""
        self.sync_state()
        return int(ops.convert_to_numpy(self.optimizer.iterations))

    @property
    def stage(self) -> int:
        """`RECONSTRUCTION` while the generator learns from its distance to the targets alone, then `ADVERSARIAL`."""
        if not self.compiled or self.pretrain_steps == 0:
            return ADVERSARIAL
        return RECONSTRUCTION if self.is_pretraining(self.steps_done) else ADVERSARIAL

    @property
    def pretrained(self) -> bool:
        """Whether the first stage is over, so that `fit` continues with adversarial training."""
        return self.stage == ADVERSARIAL

    def skip_pretraining(self) -> None:
        """Make `fit` start with adversarial training, from the current weights."""
        self.pretrain_steps = self._compile_arguments["pretrain_steps"] = 0

    def is_pretraining(self, steps_done: int) -> bool:
        """Whether, after so many training steps, the generator learns from its distance to the targets alone."""
        return self.pretrain_steps is None or steps_done < self.pretrain_steps

    def stage_callbacks(self) -> list[keras.callbacks.Callback]:
        """Return the callback that begins adversarial training."""
        return [] if self.pretrain_steps == 0 else [_BeginAdversarial()]

    @property
    def critic_steps_done(self) -> Any:
        """Discriminator updates so far, an integer scalar."""
        return self.optimizer.iterations - (self.pretrain_steps or 0)

    # The step.

    def update_players(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step of the current stage."""
        if self.step_stage == RECONSTRUCTION:
            self._reconstruct(real, conditions)
        else:
            super().update_players(real, conditions)

    def _reconstruct(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step of the generator by its distance to the targets alone."""

        def loss_fn() -> tuple[Tensor, Tensor]:
            generated, own_loss = self.generate_with_loss(real, None, conditions)
            distance = self.reconstruction_loss(real, generated)
            return self.reconstruction_weight * distance + own_loss, distance

        _, distance, norm = minimize(loss_fn, self.generator_variables, self.optimizer.generator)
        self.optimizer.iterations.assign_add(1)
        self.means.update_state(**{self.more_metrics[0]: distance}, g_grad=norm)
        if self.ema_generator is not None:
            self.update_average()

    def begin_generator(self, real: Tensor, conditions: Conditions) -> tuple[Tensor, Callable[[], tuple[Tensor, Tensor]]]:
        """Generate samples and log their distance to the targets: see `AdversarialStep.begin_generator`."""
        generated, update = super().begin_generator(real, conditions)
        distance = self.reconstruction_loss(real, ops.stop_gradient(generated))
        self.means.update_state(**{self.more_metrics[0]: distance})
        return generated, update

    def generator_loss(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the weighted adversarial loss with feature matching: see `AdversarialModel.generator_loss`."""
        adversarial, features = self.judged_losses(generated, real, conditions, training)
        loss = self.adversarial_weight * adversarial
        return loss if features is None else loss + features

    def measure_players(self, real: Tensor, conditions: Conditions) -> None:
        """Measure the distance and, during adversarial training, both losses."""
        distance = self.reconstruction_loss(real, self.reconstruct(real, conditions))
        self.means.update_state(**{self.more_metrics[0]: distance})
        if self.step_stage != RECONSTRUCTION:
            super().measure_players(real, conditions)


def no_discriminator(generator: keras.Model) -> keras.Model:
    """Return what takes the place of a discriminator: a network without weights, whose score is the mean of a sample."""
    shape = generator.outputs[0].shape
    samples = keras.Input(shape[1:], name=SAMPLES)
    means = _POOLING[len(shape)](dtype="float32")(samples)
    return keras.Model(samples, ops.mean(means, axis=-1, keepdims=True), name="no_discriminator")


class _BeginAdversarial(keras.callbacks.Callback):
    """Begins adversarial training once the first stage has taken its steps."""

    _steps: int | None = None
    _first = 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Forget an earlier call of `fit`."""
        self._steps = None

    # Reads the model only where the stage may change: on JAX, reading copies its whole state.

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Enter the model's stage before the first batch, and the next one once it is due."""
        if self._steps is None:
            self._steps = self.model.steps_done
            self._begun = not self.model.is_pretraining(self._steps)
            self.model.enter_stage(ADVERSARIAL if self._begun else RECONSTRUCTION)
        elif not self._begun and not self.model.is_pretraining(self._steps):
            self._begun = True
            self.model.enter_stage(ADVERSARIAL)
        self._first = batch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Count steps."""
        self._steps = (self._steps or 0) + batch - self._first + 1
