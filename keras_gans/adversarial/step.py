"""One step of adversarial training, written once for all backends and algorithms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.ema import update_average
from keras_gans.adversarial.networks import Judgement, call_network, read_judgement
from keras_gans.adversarial.noise import Noise
from keras_gans.adversarial.parts import Part
from keras_gans.adversarial.private_step import private_step
from keras_gans.backend import minimize, minimize_through
from keras_gans.losses.base import feature_distance, join_scores, mean_over_scores
from keras_gans.penalties.base import CriticBatch

DISCRIMINATOR_METRICS = ("d_loss", "d_real", "d_fake")
GENERATOR_METRICS = ("g_loss",)
NORMS = ("d_grad", "g_grad")
TRAINING_METRICS = (*NORMS, "penalty")

# Updates the generator; returns its loss and the norm of its gradient.
GeneratorUpdate = Callable[[], tuple[Tensor, Tensor]]


class AdversarialStep(Part):
    """The part of `AdversarialModel` that trains: its step, and the hooks in which algorithms differ.

    Hooks receive `conditions` as a dict of tensors by condition name, empty for an unconditional model. A discriminator's
    scores are a tensor, or a list of tensors if it consists of several discriminators.
    """

    # Hooks: what a subclass may change.

    @property
    def generator_variables(self) -> list[keras.Variable]:
        """The variables that the generator's optimizer updates."""
        return self.generator.trainable_variables

    @property
    def discriminator_variables(self) -> list[keras.Variable]:
        """The variables that the discriminator's optimizer updates."""
        return self.discriminator.trainable_variables

    def sample_latents(self, count: Tensor, seed: keras.random.SeedGenerator) -> Tensor | None:
        """Return latents for `count` samples, drawn from a seed generator; None for a generator without latents."""
        if self.latent_shape is None:
            return None
        return getattr(Noise(seed), self.latent_noise)((count, *self.latent_shape))

    def _latents_for(self, real: Tensor, seed: keras.random.SeedGenerator) -> Tensor | None:
        """Return as many latents as there are real samples; sizes that the generator leaves free are those of the samples."""
        sizes, latent_shape = ops.shape(real), self.latent_shape
        if latent_shape is None or None not in latent_shape:
            return self.sample_latents(sizes[0], seed)
        shape = (size if given is None else given for given, size in zip(latent_shape, sizes[1:], strict=False))
        return getattr(Noise(seed), self.latent_noise)((sizes[0], *shape))

    def generate_samples(self, latents: Tensor | None, conditions: Conditions | None = None, training: bool = False) -> Tensor:
        """Return the generator's samples for a batch of latents and conditions."""
        return call_network(self.generator, self._generator_inputs, {"latents": latents, **(conditions or {})}, training)

    def generate_with_loss(self, real: Tensor, latents: Tensor | None, conditions: Conditions) -> tuple[Tensor, Tensor]:
        """Return samples in training mode, and the generator's own losses, such as those of regularizers.

        Args:
            real: Real samples of the same conditions.
            latents: As in `generate_samples`.
            conditions: As in `generate_samples`.
        """
        return self.generate_samples(latents, conditions, training=True), sum(self.generator.losses)

    def generate_for(
        self, real: Tensor, conditions: Conditions, seed: keras.random.SeedGenerator, training: bool = False
    ) -> Tensor:
        """Return as many generated samples as there are real ones, of the same conditions, as the discriminator takes them."""
        return self.generate_samples(self._latents_for(real, seed), conditions, training)

    def judge(self, samples: Tensor, conditions: Conditions | None = None, training: bool = False) -> Judgement:
        """Return the discriminator's scores of a batch of samples, and its inner features if it returns any."""
        inputs = {"samples": samples, **(conditions or {})}
        return read_judgement(call_network(self.discriminator, self._discriminator_inputs, inputs, training))

    def score(self, samples: Tensor, conditions: Conditions | None = None, training: bool = False) -> Any:
        """Return the discriminator's scores of a batch of samples in float32."""
        return self.judge(samples, conditions, training).scores

    def discriminator_loss(
        self, real: Tensor, generated: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Any, Any]:
        """Return the discriminator's loss on a batch, without penalties.

        Args:
            real: Real samples, shape `(batch, ...)`.
            generated: Generated samples of the same shape.
            conditions: The conditions of both, by name.
            training: Whether layers run in training mode.

        Returns:
            `(loss, real_scores, generated_scores)`.
        """
        real_scores = self.score(real, conditions, training)
        generated_scores = self.score(generated, conditions, training)
        loss = mean_over_scores(self.adversarial_loss.discriminator_loss, real_scores, generated_scores)
        return loss, real_scores, generated_scores

    def generator_loss(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the generator's loss on a batch.

        Args:
            generated: Generated samples, shape `(batch, ...)`.
            real: Real samples of the same shape, for losses that compare.
            conditions: The conditions of both, by name.
            training: Whether layers run in training mode.
        """
        adversarial, features = self.judged_losses(generated, real, conditions, training)
        return adversarial if features is None else adversarial + features

    def judged_losses(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None, training: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Return the generator's adversarial loss, and its weighted loss of feature matching, None without that."""
        judged = self.judge(generated, conditions, training)
        compared = None
        if self.adversarial_loss.needs_real or self.feature_matching:
            compared = self.judge(real, conditions, training)
        real_scores = compared.scores if compared is not None and self.adversarial_loss.needs_real else None
        adversarial = mean_over_scores(self.adversarial_loss.generator_loss, judged.scores, real_scores)
        if compared is None or not self.feature_matching:
            return adversarial, None
        return adversarial, self.feature_matching * self._feature_distance(compared, judged)

    def comparison_loss(self, generated: Tensor, real: Tensor) -> Tensor | None:
        """Return a further loss of the generator that compares samples as they are, without augmentation; None for none.

        Args:
            generated: Generated samples, shape `(batch, ...)`.
            real: Real samples of the same shape and conditions.
        """
        return None

    @staticmethod
    def _feature_distance(real: Judgement, generated: Judgement) -> Tensor:
        if not generated.features:
            raise ValueError(
                "feature_matching compares inner features, but this discriminator returns none: let it return a dict of "
                "'scores' and 'features'."
            )
        return feature_distance(real.features, generated.features)

    # The step.

    def adversarial_step(self, data: Any) -> dict[str, Tensor]:
        """Update the discriminator, then if it is due the generator, on one batch. Returns the logs."""
        if self.ledger is not None:
            private_step(self, data)
            # The scores of real samples are not private.
            return self._results(without=DISCRIMINATOR_METRICS)
        real, conditions = self.unpack(data)
        self.update_players(real, conditions)
        return self._results()

    def update_players(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step of the discriminator, and of the generator if it is due, on real samples."""
        if self.critic_schedule.is_constant_one:
            # Both networks learn from the same samples, so that one pass through the generator serves both.
            generated, update_generator = self.begin_generator(real, conditions)
            self._update_discriminator(real, _without_gradient(generated), conditions)
            self.optimizer.iterations.assign_add(1)
            self._track_generator(*update_generator())
        else:
            self.update_discriminator(real, conditions)
            due = self.critic_schedule.is_due(self.critic_steps_done)
            self.run_if(due, lambda: self.update_generator(real, conditions))

    def update_discriminator(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step of the discriminator alone, on real samples and new generated ones."""
        generated = self.generate_for(real, conditions, self.noise_seed, training=True)
        self._update_discriminator(real, _without_gradient(generated), conditions)
        self.optimizer.iterations.assign_add(1)

    def update_generator(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step of the generator alone; losses that compare use the real samples."""
        self._track_generator(*self.begin_generator(real, conditions)[1]())

    def _update_discriminator(self, real: Tensor, generated: Tensor, conditions: Conditions) -> None:
        real, generated = self._augmented(real), self._augmented(generated)

        def loss_fn() -> tuple[Tensor, tuple]:
            loss, real_scores, generated_scores = self.discriminator_loss(real, generated, conditions)
            batch = CriticBatch(
                score=lambda samples: self.score(samples, conditions, training=True),
                real=real,
                fake=generated,
                real_logits=real_scores,
                fake_logits=generated_scores,
                noise=Noise(self.noise_seed),
                step=self.optimizer.iterations,
            )
            penalty = sum(penalty(batch) for penalty in self.penalties)
            loss = loss + sum(self.discriminator.losses)
            return loss + penalty, (loss, penalty, real_scores, generated_scores)

        _, (loss, penalty, real_scores, generated_scores), norm = minimize(
            loss_fn, self.discriminator_variables, self.optimizer.discriminator
        )
        penalties = {"penalty": penalty} if self.penalties else {}
        logs = _discriminator_logs(loss, real_scores, generated_scores)
        self.means.update_state(**logs, d_grad=norm, **penalties)
        if self.augmentation is not None:
            self.augmentation.observe(join_scores(real_scores))

    def begin_generator(self, real: Tensor, conditions: Conditions) -> tuple[Tensor, GeneratorUpdate]:
        """Generate samples; return them, and a function that updates the generator by its loss on them."""
        latents = self._latents_for(real, self.noise_seed)

        def generate() -> tuple[Tensor, Tensor]:
            return self.generate_with_loss(real, latents, conditions)

        def loss_fn(generated: Tensor) -> Tensor:
            compared = self._augmented(real) if self.adversarial_loss.needs_real or self.feature_matching else real
            loss = self.generator_loss(self._augmented(generated), compared, conditions)
            comparison = self.comparison_loss(generated, real)
            return loss if comparison is None else loss + comparison

        return minimize_through(generate, loss_fn, self.generator_variables, self.optimizer.generator)

    def _augmented(self, samples: Tensor) -> Tensor:
        if self.augmentation is None:
            return samples
        return self.augmentation.augment(samples, Noise(self.noise_seed), self.optimizer.iterations)

    def _track_generator(self, loss: Tensor, norm: Tensor) -> None:
        self.means.update_state(g_loss=loss, g_grad=norm)
        if self.ema_generator is not None:
            self.update_average()

    def update_average(self) -> None:
        """Move the averaged generator towards the generator."""
        assert self.ema_generator is not None and self.ema_decay is not None
        update_average(self.ema_generator, self.generator, self.ema_decay, self.optimizer.generator.iterations)

    def evaluation_step(self, data: Any) -> dict[str, Tensor]:
        """Measure both losses and the discriminator's accuracy on one batch, changing no weight. Returns the logs."""
        real, conditions = self.unpack(data)
        self.measure_players(real, conditions)
        return self._results(without=TRAINING_METRICS)

    def measure_players(self, real: Tensor, conditions: Conditions) -> None:
        """Add the losses on real samples, without augmentation, to the logs."""
        generated = self.generate_for(real, conditions, self.evaluation_seed)
        loss, real_scores, generated_scores = self.discriminator_loss(real, generated, conditions, training=False)
        generator_loss = self.generator_loss(generated, real, conditions, training=False)
        comparison = self.comparison_loss(generated, real)
        if comparison is not None:
            generator_loss = generator_loss + comparison
        self.means.update_state(**_discriminator_logs(loss, real_scores, generated_scores), g_loss=generator_loss)

    def _results(self, without: Sequence[str] = ()) -> dict[str, Tensor]:
        means = {name: mean for name, mean in self.means.result().items() if name not in without}
        return {"loss": means.get("d_loss", 0.0) + means["g_loss"], **means}


def _without_gradient(generated: Any) -> Any:
    return keras.tree.map_structure(ops.stop_gradient, generated)


def _discriminator_logs(loss: Tensor, real_scores: Any, generated_scores: Any) -> dict[str, Tensor]:
    return {
        "d_loss": loss,
        "d_real": mean_over_scores(lambda scores: ops.cast(scores > 0, "float32"), real_scores),
        "d_fake": mean_over_scores(lambda scores: ops.cast(scores < 0, "float32"), generated_scores),
    }
