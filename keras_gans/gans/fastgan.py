"""A GAN for few images, whose discriminator is also an autoencoder of real images."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.networks import as_functional, call_network, read_judgement
from keras_gans.adversarial.noise import Noise
from keras_gans.conditions import Condition
from keras_gans.errors import check_weight
from keras_gans.layers import ImageQuarter
from keras_gans.losses import Hinge
from keras_gans.losses.base import mean_over_scores
from keras_gans.media import Medium

_RECONSTRUCTIONS = "reconstructions"
_WHOLE, _QUARTER = "whole", "quarter"


@keras.saving.register_keras_serializable(package="keras_gans")
class FastGAN(AdversarialModel):
    """The GAN of Liu et al. for few images: the discriminator also learns to reconstruct real images from its features.

    A discriminator that must reconstruct images pays attention to all of them, which keeps it from memorising a few. Its
    reconstructions are compared with the image, or a quarter of it, reduced to their size. In training, the margin of the hinge
    loss is drawn for each score.

    `d_loss` in the logs includes the reconstructions.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, to images: float32 in [-1, 1].
        discriminator: A built Keras model that maps images to a dict of `scores` and `reconstructions`. The latter is a dict of
            lists of images in [-1, 1]: `whole` images, and `quarter`, those that `keras_gans.layers.ImageQuarter` chooses. The
            sides of a reconstruction divide those of what it reconstructs.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes, for networks that also take `labels`. Default None.
        reconstruction_weight: Weight of the mean absolute difference between images and reconstructions. Default 1.
        margin_noise: Largest number by which a margin of the loss is reduced at random. Default 0.2.
        name: Name of the model.
        conditions: Further inputs of the networks by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If a number is below 0, or the discriminator returns no reconstructions.

    Reference: Liu et al. 2021, "Towards Faster and Stabilized GAN Training for High-fidelity Few-shot Image Synthesis",
    section 3.2, equations 3 to 5, and the authors' code (margins).
    """

    default_loss = Hinge

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        num_classes: int | None = None,
        reconstruction_weight: float = 1.0,
        margin_noise: float = 0.2,
        name: str | None = None,
        *,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        super().__init__(generator, discriminator, seed, num_classes, name, conditions=conditions, medium=medium)
        self.reconstruction_weight = check_weight("reconstruction_weight", reconstruction_weight)
        self.margin_noise = check_weight("margin_noise", margin_noise)
        self._quarter = ImageQuarter(dtype="float32")

    @classmethod
    def _check_networks(
        cls, generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[Any, Any]:
        names = AdversarialModel._check_networks(generator, discriminator, conditions)
        outputs = getattr(as_functional(discriminator), "output", None)
        if outputs is not None and not (isinstance(outputs, dict) and _RECONSTRUCTIONS in outputs):
            raise ValueError(
                "The discriminator of a FastGAN returns a dict of 'scores' and 'reconstructions'; this one returns "
                f"{sorted(outputs) if isinstance(outputs, dict) else 'scores alone'}. Without reconstructions, use GAN."
            )
        return names

    @staticmethod
    def default_optimizers() -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
        """Return Adam with the settings of the authors' code for both networks."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5), keras.optimizers.Adam(2e-4, beta_1=0.5)

    def discriminator_loss(
        self, real: Tensor, generated: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Any, Any]:
        """Return the loss with the reconstructions of real images: see `AdversarialModel.discriminator_loss`."""
        inputs = {"samples": real, **(conditions or {})}
        outputs = call_network(self.discriminator, self._discriminator_inputs, inputs, training)
        real_scores = read_judgement(outputs).scores
        generated_scores = self.score(generated, conditions, training)
        strict = self.margin_noise if training else 0.0
        loss = mean_over_scores(
            self.adversarial_loss.discriminator_loss,
            self._lenient(real_scores, strict),
            self._lenient(generated_scores, -strict),
        )
        loss += self.reconstruction_weight * self.reconstruction_loss(real, outputs[_RECONSTRUCTIONS])
        return loss, real_scores, generated_scores

    def _lenient(self, scores: Any, most: float) -> Any:
        """Return scores moved by random parts of `most`: under the hinge loss, that moves its margin instead."""
        if not most:
            return scores
        noise = Noise(self.noise_seed)
        return keras.tree.map_structure(lambda each: each + most * noise.uniform(ops.shape(each)), scores)

    def reconstruction_loss(self, images: Tensor, reconstructions: Mapping[str, list[Tensor]]) -> Tensor:
        """Return the mean absolute difference between images and each of their reconstructions, summed over these.

        Args:
            images: float32 in [-1, 1], shape `(batch, height, width, channels)`.
            reconstructions: Lists of images by what they show, `whole` or `quarter`: see the class.
        """
        seen = {_WHOLE: images, _QUARTER: self._quarter(images)}
        distances = [
            ops.mean(ops.abs(_reduced(seen[part], each.shape[1:3]) - ops.cast(each, "float32")))
            for part, several in reconstructions.items()
            for each in several
        ]
        return sum(distances)

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        own = {"reconstruction_weight": self.reconstruction_weight, "margin_noise": self.margin_noise}
        return {**super().get_config(), **own}


def _reduced(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Return images in a smaller size: the means of squares of pixels."""
    factors = tuple(old // new for old, new in zip(images.shape[1:3], size, strict=True))
    return images if factors == (1, 1) else ops.average_pool(images, factors, factors, data_format="channels_last")
