"""Models that fill in holes in images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial.networks import call_network
from keras_gans.conditions import IMAGES, MASKS, Condition, Images, Masks
from keras_gans.errors import check_weight
from keras_gans.gans.image_to_image import ImageToImage
from keras_gans.gans.reconstruction import RECONSTRUCTION
from keras_gans.layers import Composite
from keras_gans.media.pictures import to_uint8


@keras.saving.register_keras_serializable(package="keras_gans")
class Inpainting(ImageToImage):
    """Fills in holes in images: what masks show in white becomes new, everything else stays as it is, in every bit.

    It learns from images with masks (`load_data("folder:PATH", mask="strokes")`): samples are the whole images, and the
    conditions are `images`, with grey in place of the hole, and `masks`.

    Two pixel losses train the generator: one of its output, which differs from the target only inside the hole, and one of
    what the network makes outside of it, which is then replaced by the image. The second one lets a network continue what is
    around the hole; it counts as part of the generator's own losses. The log `pixel` is the first one.

    Args:
        generator: A built Keras model from `images` and `masks` (inputs of these names, 1 inside the hole) to samples: float32
            in [-1, 1], of the size of the images. If its last layer is not a `keras_gans.layers.Composite`, it gets one.
        discriminator: A built Keras model from samples, and `masks`, `images` or both if it has such inputs, to logits. None
            (default) for a generator that learns from pixels alone.
        *args: As `ImageToImage`.
        conditions: As `ImageToImage`. If None, `images` of the shape that the generator takes, and `masks`.
        **kwargs: As `ImageToImage`.

    Raises:
        ValueError: If the generator does not take images and masks, or changes the size of images.

    Example:

        data = keras_gans.load_data("folder:pictures", (64, 64), mask="strokes", flip=True)
        model = keras_gans.create_model("gated_inpainting", image_shape=data.shape, width=16)
        model.fit(data.batches(16, conditions=["images", "masks"]), epochs=20)
        filled = model.fill(images, masks)   # uint8 in, uint8 out
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model | None = None,
        *args: Any,
        conditions: Mapping[str, Condition] | None = None,
        **kwargs: Any,
    ) -> None:
        inputs = {each.name: each for each in getattr(generator, "inputs", None) or []}
        if IMAGES not in inputs or MASKS not in inputs:
            raise ValueError(
                "The generator of an Inpainting takes inputs named 'images' and 'masks': keras.Input(..., name='masks')."
            )
        if conditions is None:
            conditions = {IMAGES: Images(inputs[IMAGES].shape[1:]), MASKS: Masks(inputs[MASKS].shape[1:])}
        super().__init__(_composed(generator, inputs), discriminator, *args, conditions=conditions, **kwargs)
        if self.scale != 1:
            raise ValueError("The generator of an Inpainting keeps the size of images.")

    def compile(self, *args: Any, hole_weight: float = 1.0, known_weight: float = 1.0, **kwargs: Any) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `ImageToImage.compile`.
            hole_weight: Weight of the pixel loss inside the hole. Both losses are means over the whole image, so that each
                pixel counts as much with equal weights.
            known_weight: Weight of the pixel loss outside of the hole, of what `Composite` then replaces by the image.
            **kwargs: As `ImageToImage.compile`. `pixel_weight` multiplies both during adversarial training.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self.hole_weight = check_weight("hole_weight", hole_weight)
        self.known_weight = check_weight("known_weight", known_weight)
        super().compile(*args, **kwargs)
        self._compile_arguments = {
            **self._compile_arguments,
            "hole_weight": self.hole_weight,
            "known_weight": self.known_weight,
        }

    @property
    def default_metrics(self) -> tuple[str, ...]:
        """The error in the hole first where the generator learns from pixels alone, else FID."""
        return ("hole_l1", "fid") if self.compiled and self.pretrain_steps is None else ("fid", "hole_l1")

    def fill(self, images: ArrayLike, masks: ArrayLike, batch_size: int = 16, use_ema: bool = True) -> Array:
        """Fill in holes in images.

        Args:
            images: uint8, or floats in [-1, 1], of shape `(n, height, width, channels)`, or one image of rank 3. What is inside
                the holes has no influence.
            masks: White (255, True or 1.0) in the hole: bool, uint8 or floats, of shape `(n, height, width)` or
                `(n, height, width, 1)`; or one for all, without the first axis.
            batch_size: Number of images computed at a time.
            use_ema: Whether to use the averaged generator if there is one.

        Returns:
            The images, of the dtype and rank given (float32 for floats). Outside of the holes, no bit is changed.

        Raises:
            ValueError: If images and masks differ in size or number, or the model does not take them.
        """
        images = np.asarray(images)
        several = images[None] if images.ndim == 3 else images
        masks = self.conditions[MASKS].check_for(len(several), masks)
        filled = self.apply({IMAGES: several, MASKS: masks}, batch_size, use_ema)
        filled = to_uint8(filled) if images.dtype == np.uint8 else filled
        return filled[0] if images.ndim == 3 else filled

    def _checked_conditions(self, n: int, given: Mapping[str, Any]) -> dict[str, Array]:
        checked = super()._checked_conditions(n, given)
        sizes = [checked[name].shape[1:3] for name in (MASKS, IMAGES)]
        if sizes[0] != sizes[1]:
            masks, images = ("x".join(map(str, size)) for size in sizes)
            raise ValueError(f"Masks must have the size of the images: they are {masks}, and the images {images}.")
        return checked

    @property
    def reconstruction_weight(self) -> float:
        """Weight of the pixel loss inside the hole while the generator learns from pixels alone."""
        return self.hole_weight

    def generate_with_loss(self, real: Tensor, latents: Tensor | None, conditions: Conditions) -> tuple[Tensor, Tensor]:
        """Return samples, and the loss outside of the hole with the generator's own: see `AdversarialStep`."""
        if not self.known_weight:
            return super().generate_with_loss(real, latents, conditions)
        output = self.generator.outputs[0]
        made = output._keras_history.operation.input[0]
        # A name of its own, because those that Keras counts decide how layers that come later are called.
        both = keras.Model(self.generator.inputs, [output, made], name="generator_with_raw_output")
        generated, made = call_network(both, self._generator_inputs, dict(conditions), training=True)
        known = self._pixel(real, ops.where(conditions[MASKS] >= 0.5, real, made))
        weight = self.known_weight * (1.0 if self.step_stage == RECONSTRUCTION else self.pixel_weight)
        return generated, weight * known + sum(self.generator.losses)

    def comparison_loss(self, generated: Tensor, real: Tensor) -> Tensor:
        """Return the weighted losses of pixels, inside the hole, and perception between outputs and targets."""
        loss = self.pixel_weight * self.hole_weight * self._pixel(real, generated)
        if self._perceptual is not None:
            loss = loss + self.perceptual_weight * self._perceptual(real, generated)
        return loss


def _composed(generator: keras.Model, inputs: Mapping[str, Any]) -> keras.Model:
    """Return a generator that ends with a `Composite`: itself if it does."""
    outputs = generator.outputs[0]
    if isinstance(outputs._keras_history.operation, Composite):
        return generator
    composed = Composite(name="composite")([outputs, inputs[IMAGES], inputs[MASKS]])
    return keras.Model(generator.inputs, composed, name=generator.name)
