"""What models have in common that learn from images of two domains without pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.networks import SAMPLES
from keras_gans.backend import minimize_through
from keras_gans.conditions import IMAGES, Images
from keras_gans.data.source import as_source
from keras_gans.errors import check_weight
from keras_gans.gans.example_images import example_images
from keras_gans.losses import LeastSquares
from keras_gans.losses.base import mean_over_scores
from keras_gans.media.strips import strips

if TYPE_CHECKING:
    from keras_gans.data import Data

# Number of images of each domain that are kept to draw with.
_EXAMPLES = 24


class UnpairedModel(AdversarialModel):
    """Base class of models that map images of domain A, the condition `images`, to domain B, that of the samples.

    `generator` is a container: a Keras model of which only one part, the first output's, maps A to B. That part is what the
    model samples from and exports. What else the container holds is trained with it and belongs to its moving average.

    The loss of the generator is the adversarial one and the other losses that `translate` returns, each with its weight.
    """

    default_loss = LeastSquares
    # How many times as high and wide as its input an output is, as `ImageToImage.scale` says.
    scale = 1

    def compile(self, *args: Any, adversarial_weight: float = 1.0, **kwargs: Any) -> None:
        """Configure the model for training: see `AdversarialModel.compile`.

        Args:
            *args: As `AdversarialModel.compile`.
            adversarial_weight: Weight of the generator's adversarial loss, the sum over discriminators.
            **kwargs: As `AdversarialModel.compile`, but without penalties and feature matching.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self.adversarial_weight = check_weight("adversarial_weight", adversarial_weight)
        super().compile(*args, **kwargs)
        if self.penalties or self.feature_matching:
            what = "penalties" if self.penalties else "feature matching"
            raise ValueError(f"{type(self).__name__} is trained without {what}: leave it out.")
        self._compile_arguments = {**self._compile_arguments, "adversarial_weight": self.adversarial_weight}

    def translate(self, real: Tensor, conditions: Conditions, training: bool) -> dict[str, Tensor]:
        """Map images and measure the result.

        Args:
            real: Images of B, float32 in [-1, 1], shape `(batch, height, width, channels)`.
            conditions: As many images of A, by the name `images`.
            training: Whether layers run in training mode.

        Returns:
            Images by name: `samples`, those of B made from A; and scalars, the losses without their weights, by the names of
            `loss_weights`.
        """
        raise NotImplementedError

    @property
    def loss_weights(self) -> dict[str, float]:
        """The weights of the losses that `translate` returns, by name. A loss of weight 0 is not computed."""
        raise NotImplementedError

    def scores_of(self, images: Mapping[str, Tensor], training: bool) -> Any:
        """Return the scores of images by name, as `translate` returns them."""
        return self.score(images[SAMPLES], None, training)

    # Networks.

    def network(self, output: int = 0, use_ema: bool = True) -> keras.Model:
        """Return the part of the generator that an output of the container comes from."""
        averaged = use_ema and self.ema_generator is not None
        return part_of(self.ema_generator if averaged else self.generator, output)

    def sampling_network(self, use_ema: bool = True) -> keras.Model:
        """Return the network that maps A to B: see `AdversarialModel.sampling_network`."""
        return self.network(0, use_ema)

    def generate_samples(self, latents: Tensor | None, conditions: Conditions | None = None, training: bool = False) -> Tensor:
        """Return images of B made from images of A: see `AdversarialModel.generate_samples`."""
        return self.network(use_ema=False)((conditions or {})[IMAGES], training=training)

    @property
    def whole_discriminator(self) -> keras.Model:
        """The discriminator of samples of B."""
        return self.discriminator

    # Drawing.

    def take_examples(self, data: Data) -> None:
        """Keep a few images of both domains of a data set, which `draw` shows."""
        positions = np.sort(np.random.default_rng(0).permutation(len(data))[:_EXAMPLES])
        inputs, samples = (as_source(each).read(positions)[0] for each in (data.conditions[IMAGES], data.samples))
        self.examples = inputs, samples

    def example_conditions(self, n: int) -> dict[str, Array]:
        """Return example values of every condition for `n` samples: see `AdversarialModel` and `example_images`."""
        return example_images(self.sampling_network(), self.conditions, n)

    def draw(self, n: int = 64, seed: int | None = 0, labels: Any = None, at_data_size: bool = False, **sampling: Any) -> Array:
        """Draw a grid of images and what the model makes of them, side by side.

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
            a = self.example_conditions(n)[IMAGES]
            b = Images(self.sample_shape).of_side(a.shape[1]).examples(n)
        else:
            a, b = self.examples
        return strips(self._strip(a, b, n, **sampling))

    def _strip(self, a: Array, b: Array, n: int, **sampling: Any) -> list[Array]:
        """Return arrays of as many images, to draw side by side."""
        a = a[: max(1, n // 2)]
        return [a, self.apply(a, **sampling)]

    # The step.

    def generate_for(
        self, real: Tensor, conditions: Conditions, seed: keras.random.SeedGenerator, training: bool = False
    ) -> dict[str, Tensor]:
        """Return what `translate` does, and log its losses: see `AdversarialModel.generate_for`."""
        made = self.translate(real, conditions, training)
        self._log(made)
        return made

    def begin_generator(self, real: Tensor, conditions: Conditions) -> tuple[Any, Callable[[], tuple[Tensor, Tensor]]]:
        """Map images, log the losses, and return what updates the generator: see `AdversarialStep.begin_generator`."""

        def generate() -> tuple[dict[str, Tensor], Tensor]:
            return self.translate(real, conditions, training=True), sum(self.generator.losses)

        def loss_fn(made: dict[str, Tensor]) -> Tensor:
            return self.generator_loss(self._augmented(made), self._augmented(real), conditions)

        made, update = minimize_through(generate, loss_fn, self.generator_variables, self.optimizer.generator)
        self._log(made)
        return made, update

    def _log(self, made: Mapping[str, Tensor]) -> None:
        self.means.update_state(**{name: ops.stop_gradient(made[name]) for name in self.loss_weights if name in made})

    def _augmented(self, samples: Any) -> Any:
        if not isinstance(samples, dict):
            return super()._augmented(samples)
        augment = super()._augmented
        return {name: each if name in self.loss_weights else augment(each) for name, each in samples.items()}

    def discriminator_loss(
        self, real: Tensor, generated: Any, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Any, Any]:
        """Return the discriminators' loss: see `AdversarialModel.discriminator_loss`.

        Args:
            real: Images of B.
            generated: Generated images by name, as `translate` returns them.
            conditions: Images of A, by the name `images`.
            training: Whether layers run in training mode.
        """
        real_scores = self.scores_of({SAMPLES: real, **(conditions or {})}, training)
        generated_scores = self.scores_of(generated, training)
        loss = mean_over_scores(self.adversarial_loss.discriminator_loss, real_scores, generated_scores)
        return loss, real_scores, generated_scores

    def generator_loss(
        self, generated: Any, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the generator's loss: see `AdversarialModel.generator_loss`.

        Args:
            generated: Generated images and losses by name, as `translate` returns them.
            real: Images of B.
            conditions: Images of A, by the name `images`.
            training: Whether layers run in training mode.
        """
        scores = self.scores_of(generated, training)
        compared = None
        if self.adversarial_loss.needs_real:
            compared = self.scores_of({SAMPLES: real, **(conditions or {})}, training)
        count = len(scores) if isinstance(scores, list) else 1
        loss = self.adversarial_weight * count * mean_over_scores(self.adversarial_loss.generator_loss, scores, compared)
        return loss + sum(weight * generated[name] for name, weight in self.loss_weights.items() if weight)


def part_of(container: keras.Model, output: int = 0) -> keras.Model:
    """Return the network that an output of a container of networks comes from."""
    return container.outputs[output]._keras_history.operation


def take_pair(networks: Any, words: str) -> tuple[keras.Model, keras.Model]:
    """Return two built Keras models that are given as a tuple.

    Args:
        networks: The models.
        words: What they are, for messages.

    Raises:
        ValueError: If they are something else, or have the same name.
    """
    both = tuple(networks) if isinstance(networks, tuple | list) else ()
    if len(both) != 2 or not all(isinstance(each, keras.Model) and getattr(each, "inputs", None) for each in both):
        raise ValueError(f"{words} are a tuple of two functional or sequential Keras models; received {networks!r}.")
    if both[0].name == both[1].name:
        raise ValueError(f"{words} need different names; both are called '{both[0].name}'.")
    return both[0], both[1]
