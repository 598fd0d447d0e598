"""Models that map images to images, with losses of pixels beside the adversarial one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial.networks import SAMPLES
from keras_gans.backend import minimize
from keras_gans.conditions import IMAGES, Condition, Images
from keras_gans.data.source import as_source
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.interpolation import Interpolation
from keras_gans.gans.stages import StagedModel
from keras_gans.losses.images import get_image_loss
from keras_gans.media.strips import strips

if TYPE_CHECKING:
    from keras_gans.data import Data

# Number of pairs that are kept to draw with.
_EXAMPLES = 24
# The side of an input by which it is found out how large an output is.
_SIDE = 1024

# The stages of training.
RECONSTRUCTION, ADVERSARIAL = 0, 1


@keras.saving.register_keras_serializable(package="keras_gans")
class ImageToImage(Interpolation, StagedModel):
    """Maps images to images: super-resolution, translation, inpainting.

    The generator maps the condition `images` to samples, without latents. It learns from pairs: `fit(targets, {"images":
    inputs})`. Its loss has up to four parts: a loss of pixels between output and target, the adversarial loss, a perceptual
    loss between output and target, and feature matching.

    Training may begin with pixels alone: for `pretrain_steps` steps, only the generator learns, and only from the pixel loss.
    Adversarial training follows in the same call of `fit`. A generator that starts from there keeps to its input, while one
    that starts from nothing often does not. Without a discriminator, pixels alone it is until the end. The weights before
    adversarial training are kept: `model.strength = 0.5` samples from the mean of both.

    The logs hold `pixel`, the pixel loss without its weight, beside those of `AdversarialModel`.

    Args:
        generator: A built Keras model from `images` (an input of that name), and further conditions if there are any, to
            samples: float32 in [-1, 1]. Height and width may be free.
        discriminator: A built Keras model from samples, or samples and `images`, to logits. None (default) for a generator that
            learns from pixels alone. In its place is a network without weights, whose score is the mean of an image.
        seed: Integer seed for the training noise. None (default) picks a random one.
        name: Name of the model.
        conditions: The conditions by name, `images` among them: see `AdversarialModel`. If None, it is `images` alone, of the
            shape that the generator takes.

    Raises:
        ValueError: If the generator takes no images, or takes latents.

    Example:

        model = keras_gans.ImageToImage(generator, discriminator)
        model.compile(loss="hinge", pixel="l1", pixel_weight=10.0, pretrain_steps=5000)
        model.fit(targets, {"images": inputs}, batch_size=16, epochs=20)
        outputs = model.apply(inputs)
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
        **kwargs: Any,
    ) -> None:
        if conditions is None:
            conditions = {IMAGES: Images(_images_input(generator).shape[1:])}
        discriminator = _no_discriminator(generator) if discriminator is None else discriminator
        super().__init__(generator, discriminator, seed, name=name, conditions=conditions, **kwargs)
        if IMAGES not in self.conditions or self.latent_shape is not None:
            raise ValueError(
                f"{type(self).__name__} maps images to images: its generator takes 'images' and no latents. Use ConditionalGAN "
                "for a generator that takes both."
            )

    def compile(
        self,
        *args: Any,
        pixel: keras.losses.Loss | str = "l1",
        pixel_weight: float = 1.0,
        adversarial_weight: float = 1.0,
        perceptual: keras.losses.Loss | str | None = None,
        perceptual_weight: float = 1.0,
        pretrain_steps: int | None = 0,
        **kwargs: Any,
    ) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `AdversarialModel.compile`.
            pixel: The loss of pixels between targets and outputs: `l1`, `l2`, `charbonnier`, or a Keras loss.
            pixel_weight: Its weight during adversarial training.
            adversarial_weight: Weight of the adversarial loss of the generator.
            perceptual: A further loss between targets and outputs: `imagenet` (`keras_gans.losses.PerceptualDistance`),
                `frequency` (`keras_gans.losses.FocalFrequency`), or a Keras loss. None (default) for none.
            perceptual_weight: Its weight.
            pretrain_steps: Number of training steps, from the first, in which the generator learns from the pixel loss alone;
                None for all, as without a discriminator.
            **kwargs: As `AdversarialModel.compile`.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self._pixel = get_image_loss(pixel)
        self._perceptual = None if perceptual is None else get_image_loss(perceptual)
        self.pixel_weight = check_weight("pixel_weight", pixel_weight)
        self.adversarial_weight = check_weight("adversarial_weight", adversarial_weight)
        self.perceptual_weight = check_weight("perceptual_weight", perceptual_weight)
        if pretrain_steps is not None:
            pretrain_steps = check_count("pretrain_steps", pretrain_steps, 0)
        self.pretrain_steps = pretrain_steps if self.discriminator.weights else None
        super().compile(*args, **kwargs)
        if self.pretrain_steps:
            self.make_faithful()
        self._compile_arguments = {
            **self._compile_arguments,
            "pixel": self._pixel,
            "pixel_weight": self.pixel_weight,
            "adversarial_weight": self.adversarial_weight,
            "perceptual": self._perceptual,
            "perceptual_weight": self.perceptual_weight,
            "pretrain_steps": self.pretrain_steps,
        }

    @property
    def trained_against(self) -> tuple[str, ...]:
        """Names of the feature extractors that the model learned to satisfy: see `AdversarialModel.trained_against`."""
        names = set(super().trained_against)
        if self.compiled and self._perceptual is not None:
            extractor = getattr(self._perceptual, "evaluation_extractor", None)
            names |= {extractor} if extractor else set()
        return tuple(sorted(names))

    @property
    def default_metrics(self) -> tuple[str, ...]:
        """PSNR first where the generator learns from pixels alone, else FID: see `AdversarialModel.default_metrics`."""
        return ("psnr", "fid") if self.compiled and self.pretrain_steps is None else ("fid", "psnr")

    def take_examples(self, data: Data) -> None:
        """Keep a few pairs of a data set, which `draw` shows."""
        positions = np.sort(np.random.default_rng(0).permutation(len(data))[:_EXAMPLES])
        inputs, targets = (as_source(each).read(positions)[0] for each in (data.conditions[IMAGES], data.samples))
        self.examples = inputs, targets

    def draw(self, n: int = 64, seed: int | None = 0, labels: Any = None, at_data_size: bool = False, **sampling: Any) -> Array:
        """Draw a grid of inputs, what the model makes of them, and targets if it has examples, side by side.

        Args:
            n: Approximate number of images in the grid.
            seed: Has no effect.
            labels: Has no effect.
            at_data_size: Has no effect.
            **sampling: `batch_size`, as in `generate`.

        Returns:
            uint8 array of shape `(height, width, channels)`.
        """
        if self.examples is None:
            inputs, *targets = (self.conditions[IMAGES].examples(max(1, n // 2)),)
        else:
            inputs, *targets = (each[: max(1, n // 3)] for each in self.examples)
        return strips([inputs, self.apply(inputs, **sampling), *targets])

    @property
    def scale(self) -> int:
        """How many times as high and wide as its input an output is; 1 if sizes are fixed and in no whole ratio."""
        given, made = _images_input(self.generator).shape[1:3], self.sample_shape[:2]
        if None in made:
            given = tuple(side or _SIDE for side in given)
            shapes = [(1, *(side or _SIDE for side in each.shape[1:])) for each in self.generator.inputs]
            made = self.generator.compute_output_shape(shapes if len(shapes) > 1 else shapes[0])[1:3]
        ratio = made[0] // given[0]
        return ratio if ratio and tuple(made) == tuple(ratio * side for side in given) else 1

    # Stages.

    @property
    def steps_done(self) -> int:
        """Number of training steps so far."""
        self.sync_state()
        return int(ops.convert_to_numpy(self.optimizer.iterations))

    @property
    def stage(self) -> int:
        """`RECONSTRUCTION` while the generator learns from pixels alone, then `ADVERSARIAL`."""
        if not self.compiled or self.pretrain_steps == 0:
            return ADVERSARIAL
        return RECONSTRUCTION if self.is_pretraining(self.steps_done) else ADVERSARIAL

    @property
    def pretrained(self) -> bool:
        """Whether the generator has learned from pixels alone, so that `fit` continues with adversarial training."""
        return self.stage == ADVERSARIAL

    def skip_pretraining(self) -> None:
        """Make `fit` start with adversarial training, from the current weights."""
        self.pretrain_steps = self._compile_arguments["pretrain_steps"] = 0

    def is_pretraining(self, steps_done: int) -> bool:
        """Whether, after so many training steps, the generator learns from pixels alone."""
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
        def loss_fn() -> tuple[Tensor, Tensor]:
            pixel = self._pixel(real, self.generate_samples(None, conditions, training=True))
            return pixel + sum(self.generator.losses), pixel

        _, pixel, norm = minimize(loss_fn, self.generator_variables, self.optimizer.generator)
        self.optimizer.iterations.assign_add(1)
        self.means.update_state(pixel=pixel, g_grad=norm)
        if self.ema_generator is not None:
            self.update_average()
        self.keep_faithful()

    def begin_generator(self, real: Tensor, conditions: Conditions) -> tuple[Tensor, Callable[[], tuple[Tensor, Tensor]]]:
        """Generate samples and log their pixel loss: see `AdversarialStep.begin_generator`."""
        generated, update = super().begin_generator(real, conditions)
        self.means.update_state(pixel=self._pixel(real, ops.stop_gradient(generated)))
        return generated, update

    def generator_loss(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the weighted adversarial loss with feature matching: see `AdversarialModel.generator_loss`."""
        adversarial, features = self.judged_losses(generated, real, conditions, training)
        loss = self.adversarial_weight * adversarial
        return loss if features is None else loss + features

    def comparison_loss(self, generated: Tensor, real: Tensor) -> Tensor:
        """Return the weighted losses of pixels and perception between outputs and targets."""
        loss = self.pixel_weight * self._pixel(real, generated)
        if self._perceptual is not None:
            loss = loss + self.perceptual_weight * self._perceptual(real, generated)
        return loss

    def measure_players(self, real: Tensor, conditions: Conditions) -> None:
        """Measure the pixel loss and, during adversarial training, both losses."""
        self.means.update_state(pixel=self._pixel(real, self.generate_samples(None, conditions)))
        if self.step_stage != RECONSTRUCTION:
            super().measure_players(real, conditions)


def _images_input(generator: keras.Model) -> Any:
    """Return the generator's input `images`."""
    for each in getattr(generator, "inputs", None) or []:
        if each.name == IMAGES:
            return each
    raise ValueError("The generator of an ImageToImage takes an input named 'images': keras.Input(..., name='images').")


def _no_discriminator(generator: keras.Model) -> keras.Model:
    samples = keras.Input(generator.outputs[0].shape[1:], name=SAMPLES)
    means = keras.layers.GlobalAveragePooling2D(dtype="float32")(samples)
    return keras.Model(samples, ops.mean(means, axis=-1, keepdims=True), name="no_discriminator")


class _BeginAdversarial(keras.callbacks.Callback):
    """Begins adversarial training once the generator has learned from pixels for long enough."""

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
