"""Prediction of clips: several possible continuations of the frames before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.backend import minimize_through
from keras_gans.conditions import FRAMES, Condition, Frames
from keras_gans.data.source import as_source
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.reconstruction import ReconstructionFirst, no_discriminator
from keras_gans.losses.images import get_image_loss
from keras_gans.media import Medium

if TYPE_CHECKING:
    from keras_gans.data import Data

# Number of clips that are kept to draw with.
_EXAMPLES = 12


@keras.saving.register_keras_serializable(package="keras_gans")
class VideoPrediction(ReconstructionFirst):
    """Predicts clips: maps the frames before, and latents, to the frames that follow.

    The generator learns from clips and what came before them: `fit(clips, {"frames": before})`. Its loss has two parts. The
    adversarial loss makes each prediction look and move like a real continuation. The pixel loss pulls predictions towards the
    truth, but only their mean: with k predictions `G(z_i; x)` of the frames `x` and the truth `y`,

        pixel_weight * mean |(G(z_1; x) + ... + G(z_k; x)) / k - y|

    so that single ones may differ from each other, and from the truth, where the future is open.

    Training may begin with the pixel loss alone (`pretrain_steps`). Without a discriminator, it is the only one until the end,
    and predictions become blurred means. The logs hold `pixel`, the pixel loss without its weight.

    Args:
        generator: A built Keras model from `frames` (an input of that name) and `latents` to clips: float32 in [-1, 1].
        discriminator: A built Keras model from `samples`, or `samples` and `frames`, to logits. None (default) for a generator
            that learns from pixels alone.
        seed: Integer seed for the training noise. None (default) picks a random one.
        name: Name of the model.
        conditions: The conditions by name, `frames` among them: see `AdversarialModel`. If None, it is `frames` alone, of the
            shape that the generator takes.
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If the generator takes no frames.

    Example:

        model = keras_gans.create_model("video_prediction", video_shape=(8, 64, 64, 1), given=4)
        model.fit(clips, {"frames": before}, batch_size=16, epochs=20)
        futures = model.forecast(before, members=8, seed=0)  # (n, 8, 8, 64, 64, 1)

    Reference: Ravuri et al. 2021, "Skilful precipitation nowcasting using deep generative models of radar", Methods (the
    generator's objective and its regularisation). Simplified: all pixels weigh the same, where the paper weighs them by the
    rainfall, and discriminators see one of the k predictions.
    """

    more_metrics = ("pixel",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model | None = None,
        seed: int | None = None,
        name: str | None = None,
        *,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        if conditions is None:
            conditions = {FRAMES: Frames(_frames_input(generator).shape[1:])}
        discriminator = no_discriminator(generator) if discriminator is None else discriminator
        super().__init__(generator, discriminator, seed, name=name, conditions=conditions, medium=medium)
        self.examples: tuple[dict[str, Array], Array] | None = None

    @property
    def given(self) -> int:
        """How many frames before a clip the model is told."""
        told: Any = self.conditions[FRAMES]
        return told.given

    def compile(
        self,
        *args: Any,
        samples_averaged: int = 2,
        pixel: keras.losses.Loss | str = "l1",
        pixel_weight: float = 20.0,
        **kwargs: Any,
    ) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `ReconstructionFirst.compile`.
            samples_averaged: Number of predictions of the same frames whose mean the pixel loss compares with the truth. The
                paper averages 6.
            pixel: The pixel loss: `l1`, `l2`, `charbonnier`, or a Keras loss.
            pixel_weight: Its weight during adversarial training. Default 20, as in the paper.
            **kwargs: As `ReconstructionFirst.compile`: `adversarial_weight`, `pretrain_steps`, `ema` and more.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self._pixel = get_image_loss(pixel)
        self.samples_averaged = check_count("samples_averaged", samples_averaged)
        self.pixel_weight = check_weight("pixel_weight", pixel_weight)
        super().compile(*args, **kwargs)
        self._compile_arguments = {
            **self._compile_arguments,
            "samples_averaged": self.samples_averaged,
            "pixel": self._pixel,
            "pixel_weight": self.pixel_weight,
        }

    def forecast(
        self, frames: ArrayLike, members: int = 8, seed: int | None = None, batch_size: int = 16, use_ema: bool = True
    ) -> Array:
        """Predict several continuations of the same frames: an ensemble.

        Args:
            frames: The frames before: uint8, or floats in [-1, 1], of shape `(n, given, height, width, channels)`.
            members: Number of predictions for each.
            seed: Integer seed of the latents; None draws new ones each time.
            batch_size: Number of clips computed at a time.
            use_ema: Whether to use the averaged generator if there is one.

        Returns:
            NumPy float32 array in [-1, 1] of shape `(n, members, frames, height, width, channels)`.

        Raises:
            ValueError: If the frames or a number do not fit the model.
        """
        members = check_count("members", members)
        before = np.repeat(self.conditions[FRAMES].check(frames), members, axis=0)
        clips = self.generate(len(before), seed, conditions={FRAMES: before}, batch_size=batch_size, use_ema=use_ema)
        return clips.reshape(-1, members, *clips.shape[1:])

    # Examples.

    def take_examples(self, data: Data) -> None:
        """Keep a few clips of a data set and what came before them, which `draw` and `example_conditions` use."""
        positions = np.sort(np.random.default_rng(0).permutation(len(data))[:_EXAMPLES])
        told = {name: as_source(data.conditions[name]).read(positions)[0] for name in self.conditions}
        self.examples = told, as_source(data.samples).read(positions)[0]

    def example_conditions(self, n: int) -> dict[str, Array]:
        """Return the conditions of some of the training clips, or test frames: see `AdversarialModel`."""
        if self.examples is None:
            return super().example_conditions(n)
        told, clips = self.examples
        rows = np.arange(n) % len(clips)
        return {name: self.conditions[name].check(values[rows]) for name, values in told.items()}

    def draw(self, n: int = 64, seed: int | None = 0, labels: Any = None, at_data_size: bool = False, **sampling: Any) -> Array:
        """Draw film strips of the frames before and of what the model predicts, each above the truth if there are examples.

        Args:
            n: Approximate number of strips.
            seed: Seed of the latents.
            labels: Has no effect.
            at_data_size: Has no effect.
            **sampling: `truncation` and `batch_size`, as in `generate`.

        Returns:
            uint8 array of shape `(height, width, channels)`.
        """
        count = max(1, n if self.examples is None else min(n // 2, len(self.examples[1])))
        told = sampling.pop("conditions", None) or self.example_conditions(count)
        before = self.conditions[FRAMES].check_for(count, told[FRAMES])
        rows = [self.generate(count, seed, conditions=told, **sampling)]
        if self.examples is not None:
            rows.append(self.medium.to_float(self.examples[1][:count]))
        strips = np.stack([np.concatenate([before, clips], axis=1) for clips in rows], axis=1)
        return np.asarray(self.medium.picture(strips.reshape(-1, *strips.shape[2:]), columns=1))

    # The step.

    def generate_with_loss(self, real: Tensor, latents: Tensor | None, conditions: Conditions) -> tuple[Tensor, Tensor]:
        """Return several predictions of each clip, `(samples_averaged, batch, ...)`, and the generator's own losses."""
        return self._predict_several(real, conditions, self.noise_seed, training=True), sum(self.generator.losses)

    def _predict_several(
        self, real: Tensor, conditions: Conditions, seed: keras.random.SeedGenerator, training: bool
    ) -> Tensor:
        count, batch = self.samples_averaged, ops.shape(real)[0]
        repeated = {name: ops.concatenate([values] * count) for name, values in conditions.items()}
        clips = self.generate_samples(self.sample_latents(count * batch, seed), repeated, training)
        return ops.reshape(clips, (count, batch, *clips.shape[1:]))

    def reconstruct(self, real: Tensor, conditions: Conditions) -> Tensor:
        """Return several predictions of each clip: `(samples_averaged, batch, ...)`."""
        return self._predict_several(real, conditions, self.evaluation_seed, training=False)

    @property
    def reconstruction_weight(self) -> float:
        """Weight of the pixel loss while the generator learns from it alone."""
        return self.pixel_weight

    def reconstruction_loss(self, real: Tensor, generated: Tensor) -> Tensor:
        """Return the pixel loss of the mean of several predictions `(samples_averaged, batch, ...)`, without its weight."""
        return self._pixel(real, ops.mean(generated, axis=0))

    def begin_generator(self, real: Tensor, conditions: Conditions) -> tuple[Tensor, Callable[[], tuple[Tensor, Tensor]]]:
        """Predict; return one prediction of each clip, and a function that updates the generator by its loss on all of them."""

        def loss_fn(generated: Tensor) -> Tensor:
            compared = self._augmented(real) if self.adversarial_loss.needs_real or self.feature_matching else real
            loss = self.generator_loss(self._augmented(generated[0]), compared, conditions)
            return loss + self.pixel_weight * self.reconstruction_loss(real, generated)

        generated, update = minimize_through(
            lambda: self.generate_with_loss(real, None, conditions), loss_fn, self.generator_variables, self.optimizer.generator
        )
        self.means.update_state(pixel=self.reconstruction_loss(real, ops.stop_gradient(generated)))
        return generated[0], update

    def comparison_loss(self, generated: Tensor, real: Tensor) -> Tensor:
        """Return the weighted pixel loss of single predictions, which evaluation adds to the generator's loss."""
        return self.pixel_weight * self._pixel(real, generated)


def _frames_input(generator: keras.Model) -> Any:
    """Return the generator's input `frames`."""
    for each in getattr(generator, "inputs", None) or []:
        if each.name == FRAMES:
            return each
    raise ValueError("The generator of a VideoPrediction takes an input named 'frames': keras.Input(..., name='frames').")
