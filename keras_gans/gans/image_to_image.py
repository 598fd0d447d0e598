"""Models that map images to images, with losses of pixels beside the adversarial one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial.expected import Expected
from keras_gans.conditions import IMAGES, Condition, Images
from keras_gans.data.source import as_source
from keras_gans.errors import check_weight
from keras_gans.gans.example_images import example_images
from keras_gans.gans.interpolation import Interpolation
from keras_gans.gans.reconstruction import ReconstructionFirst, no_discriminator
from keras_gans.losses.images import get_image_loss
from keras_gans.media.strips import strips

if TYPE_CHECKING:
    from keras_gans.data import Data

# Number of pairs that are kept to draw with.
_EXAMPLES = 24
# The side of an input by which it is found out how large an output is.
_SIDE = 1024


@keras.saving.register_keras_serializable(package="keras_gans")
class ImageToImage(Interpolation, ReconstructionFirst):
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
        discriminator = no_discriminator(generator) if discriminator is None else discriminator
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
        perceptual: keras.losses.Loss | str | None = None,
        perceptual_weight: float = 1.0,
        **kwargs: Any,
    ) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `ReconstructionFirst.compile`.
            pixel: The loss of pixels between targets and outputs: `l1`, `l2`, `charbonnier`, or a Keras loss.
            pixel_weight: Its weight during adversarial training.
            perceptual: A further loss between targets and outputs: `imagenet` (`keras_gans.losses.PerceptualDistance`),
                `frequency` (`keras_gans.losses.FocalFrequency`), or a Keras loss. None (default) for none.
            perceptual_weight: Its weight.
            **kwargs: As `ReconstructionFirst.compile`: `adversarial_weight`, `pretrain_steps`, `ema` and more.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self._pixel = get_image_loss(pixel)
        self._perceptual = None if perceptual is None else get_image_loss(perceptual)
        self.pixel_weight = check_weight("pixel_weight", pixel_weight)
        self.perceptual_weight = check_weight("perceptual_weight", perceptual_weight)
        super().compile(*args, **kwargs)
        if self.pretrain_steps:
            self.make_faithful()
        self._compile_arguments = {
            **self._compile_arguments,
            "pixel": self._pixel,
            "pixel_weight": self.pixel_weight,
            "perceptual": self._perceptual,
            "perceptual_weight": self.perceptual_weight,
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
        told = {name: as_source(data.conditions[name]).read(positions)[0] for name in self.conditions}
        self.examples = told, as_source(data.samples).read(positions)[0]

    def example_conditions(self, n: int) -> dict[str, Array]:
        """Return example values of every condition for `n` samples: see `AdversarialModel` and `example_images`."""
        return example_images(self.sampling_network(), self.conditions, n)

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
        told, targets = self.example_conditions(max(1, n // 2)), []
        if self.examples is not None:
            count = max(1, n // 3)
            told, targets = {name: values[:count] for name, values in self.examples[0].items()}, [self.examples[1][:count]]
        return strips([told[IMAGES], self.apply(told, **sampling), *targets])

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

    @property
    def _expected(self) -> Expected:
        whole = super()._expected
        return dataclasses.replace(whole, scale=self.scale) if None in self.sample_shape else whole

    # The step.

    def _reconstruct(self, real: Tensor, conditions: Conditions) -> None:
        """Take a step by pixels alone, and keep its weights: see `ReconstructionFirst`."""
        super()._reconstruct(real, conditions)
        self.keep_faithful()

    def reconstruction_loss(self, real: Tensor, generated: Tensor) -> Tensor:
        """Return the pixel loss between targets and outputs, without its weight."""
        return self._pixel(real, generated)

    def comparison_loss(self, generated: Tensor, real: Tensor) -> Tensor:
        """Return the weighted losses of pixels and perception between outputs and targets."""
        loss = self.pixel_weight * self._pixel(real, generated)
        if self._perceptual is not None:
            loss = loss + self.perceptual_weight * self._perceptual(real, generated)
        return loss


def _images_input(generator: keras.Model) -> Any:
    """Return the generator's input `images`."""
    for each in getattr(generator, "inputs", None) or []:
        if each.name == IMAGES:
            return each
    raise ValueError("The generator of an ImageToImage takes an input named 'images': keras.Input(..., name='images').")
