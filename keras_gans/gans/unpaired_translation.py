"""Models that map images of one domain to another and back, and learn without pairs (CycleGAN)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Conditions, Shape, Tensor
from keras_gans.adversarial.freezing import freeze_lower
from keras_gans.adversarial.networks import SAMPLES
from keras_gans.adversarial.noise import Noise
from keras_gans.conditions import IMAGES, Condition, Images
from keras_gans.errors import check_count, check_weight, no_such
from keras_gans.gans.image_pool import ImagePool
from keras_gans.gans.unpaired import UnpairedModel, part_of, take_pair
from keras_gans.media import Medium

_DIRECTIONS = ("AtoB", "BtoA")
_CYCLE, _IDENTITY = "cycle", "identity"


@keras.saving.register_keras_serializable(package="keras_gans")
class UnpairedTranslation(UnpairedModel):
    """CycleGAN: maps images of domain A to domain B and back, and learns without pairs.

    Two generators are trained at once: one maps A, the condition `images`, to B, that of the samples; the other maps B to A.
    Each has a discriminator. The way there and back must lead to the same image (the cycle loss), which keeps the content of
    images. An image that is of the wanted domain already must stay as it is (the identity loss), which keeps colours.

    The discriminators see half of the time generated images of earlier steps, from a pool.

    `apply(images)` maps A to B, and `apply(images, direction="BtoA")` the other way. Exports hold the way from A to B;
    `model.network(1)` is the network of the other.

    The logs hold `cycle` and `identity`, both without their weights, beside those of `AdversarialModel`.

    Args:
        generator: Two built Keras models from images to images, from A to B and from B to A: float32 in [-1, 1]. Height and
            width may be free.
        discriminator: Two built Keras models from images to logits: of B and of A.
        seed: Integer seed for the training noise. None (default) picks a random one.
        pool_size: Integer, number of images in the pool of each domain. Defaults to 50; 0 for no pool.
        image_size: Height and width of the images that it learns from. Needed for the pool where networks take images of any
            size; images of other sizes can still be mapped.
        name: Name of the model.
        conditions: `images` alone, of the shape that the generator takes (default).
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If the networks do not fit each other, or a size is missing or out of range.

    Example:

        data = keras_gans.load_data("unpaired:fruit", (64, 64), flip=True)
        model = keras_gans.UnpairedTranslation((to_b, to_a), (of_b, of_a), image_size=(64, 64))
        model.compile()
        model.fit(data, batch_size=4, epochs=100)
        oranges = model.apply(apples)
        apples = model.apply(oranges, direction="BtoA")

    Reference: Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks", sections 3 to
    5.
    """

    more_metrics: Sequence[str] = (_CYCLE, _IDENTITY)

    def __init__(
        self,
        generator: keras.Model | Sequence[keras.Model],
        discriminator: keras.Model | Sequence[keras.Model],
        seed: int | None = None,
        pool_size: int = 50,
        image_size: Sequence[int] | None = None,
        name: str | None = None,
        *,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        generator = _joined(generator, (IMAGES, SAMPLES), "generator")
        discriminator = _joined(discriminator, (SAMPLES, IMAGES), "discriminator")
        if conditions is None:
            conditions = {IMAGES: Images(generator.inputs[0].shape[1:])}
        super().__init__(generator, discriminator, seed, name=name, conditions=conditions, medium=medium)
        self.pool_size = check_count("pool_size", pool_size, 0)
        self.image_size = None if image_size is None else tuple(check_count("image_size", side) for side in image_size)
        self.pools = self._make_pools() if self.pool_size else {}

    @classmethod
    def _check_networks(
        cls, generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if list(conditions) != [IMAGES]:
            raise ValueError(f"The only condition of {cls.__name__} is 'images'; received {', '.join(conditions) or 'none'}.")
        ways = {"the generator from A to B": (0, 1, 0), "the generator from B to A": (1, 0, 1)}
        for words, (taken, other, score) in ways.items():
            made, back = generator.outputs[taken].shape[1:], generator.inputs[other].shape[1:]
            scored = discriminator.inputs[score].shape[1:]
            for wanted, by in ((back, "the other generator"), (scored, "its discriminator")):
                if any(None not in pair and pair[0] != pair[1] for pair in zip(made, wanted, strict=True)):
                    raise ValueError(f"{words[0].upper()}{words[1:]} makes images of shape {made}, but {by} takes {wanted}.")
        return (IMAGES,), (SAMPLES, IMAGES)

    @property
    def data_shape(self) -> Shape:
        """The shape of one real sample: that of generated ones, in the size that the model learns from if one was given."""
        return self.sample_shape if self.image_size is None else (*self.image_size, self.sample_shape[-1])

    def _make_pools(self) -> dict[str, ImagePool]:
        pools = {}
        for name, output in ((SAMPLES, 0), (IMAGES, 1)):
            height, width, channels = self.generator.outputs[output].shape[1:]
            height, width = (height, width) if self.image_size is None else self.image_size
            if height is None or width is None:
                raise ValueError(
                    "The generators map images of any size: say how large the images are that they learn from, "
                    "image_size=(height, width), or use no pool, pool_size=0."
                )
            pools[name] = ImagePool(self.pool_size, (height, width, channels), name=f"pool_of_{name}")
        return pools

    def compile(self, *args: Any, cycle_weight: float = 10.0, identity_weight: float = 5.0, **kwargs: Any) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `AdversarialModel.compile`.
            cycle_weight: Weight of the cycle loss: the mean absolute difference of images and what comes back, of both domains.
            identity_weight: Weight of the identity loss: the mean absolute difference of images and what the generator of their
                own domain makes of them. 0 for none, as domains with different channels need it.
            **kwargs: As `AdversarialModel.compile`, but without penalties and feature matching; and `adversarial_weight`, the
                weight of the sum of both generators' adversarial losses, 1 by default.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self.cycle_weight = check_weight("cycle_weight", cycle_weight)
        self.identity_weight = check_weight("identity_weight", identity_weight)
        channels = [tensor.shape[-1] for tensor in self.generator.inputs]
        if self.identity_weight and channels[0] != channels[1]:
            raise ValueError(
                f"The identity loss needs domains of equal channels, and these have {channels[0]} and {channels[1]}: compile "
                "with identity_weight=0."
            )
        self.more_metrics = (_CYCLE, _IDENTITY) if self.identity_weight else (_CYCLE,)
        super().compile(*args, **kwargs)
        own = {"cycle_weight": self.cycle_weight, "identity_weight": self.identity_weight}
        self._compile_arguments = {**self._compile_arguments, **own}

    @property
    def loss_weights(self) -> dict[str, float]:
        """Weights of the cycle and the identity loss: see `UnpairedModel.loss_weights`."""
        return {_CYCLE: self.cycle_weight, _IDENTITY: self.identity_weight}

    def translate(self, real: Tensor, conditions: Conditions, training: bool) -> dict[str, Tensor]:
        """Map images both ways: see `UnpairedModel.translate`.

        Returns:
            `samples`, images of B made from A; `images`, images of A made from B; and the losses `cycle` and `identity`, sums
            over both domains.
        """
        to_b, to_a = (self.network(output, use_ema=False) for output in (0, 1))
        a, b = conditions[IMAGES], real
        made_b, made_a = to_b(a, training=training), to_a(b, training=training)
        found = {SAMPLES: made_b, IMAGES: made_a}
        if self.cycle_weight:
            found[_CYCLE] = _distance(a, to_a(made_b, training=training)) + _distance(b, to_b(made_a, training=training))
        if self.identity_weight:
            found[_IDENTITY] = _distance(a, to_a(a, training=training)) + _distance(b, to_b(b, training=training))
        return found

    def scores_of(self, images: Mapping[str, Tensor], training: bool) -> Any:
        """Return the scores of images of B (`samples`) and of A (`images`), each by its own discriminator."""
        return self.score(images[SAMPLES], {IMAGES: images[IMAGES]}, training)

    def _update_discriminator(self, real: Tensor, generated: Any, conditions: Conditions) -> None:
        noise = Noise(self.noise_seed)
        generated = {name: generated[name] for name in (SAMPLES, IMAGES)}
        generated |= {name: pool.exchange(generated[name], noise) for name, pool in self.pools.items()}
        super()._update_discriminator(real, generated, {IMAGES: self._augmented(conditions[IMAGES])})

    # Both ways.

    def apply(
        self, conditions: Any, batch_size: int = 16, use_ema: bool = True, direction: str = "AtoB", **sampling: Any
    ) -> Array:
        """Map images of A to B, or of B to A.

        Args:
            conditions: Images `(n, height, width, channels)`, uint8 or floats in [-1, 1], or a dict with these as `images`.
            batch_size: Number of images computed at a time.
            use_ema: Whether to use the averaged generators if there are any.
            direction: `"AtoB"` (default) or `"BtoA"`.
            **sampling: No others are accepted.

        Returns:
            NumPy float32 array of images in [-1, 1].

        Raises:
            ValueError: If the direction is unknown, or the images do not fit.
        """
        if direction not in _DIRECTIONS:
            raise ValueError(no_such("direction", str(direction), list(_DIRECTIONS)))
        if direction == "AtoB":
            return super().apply(conditions, batch_size, use_ema, **sampling)
        images = conditions[IMAGES] if isinstance(conditions, Mapping) else conditions
        images = Images(self.generator.inputs[1].shape[1:]).check(images)
        self.sync_state()
        batches = self._run_in_batches(self.network(1, use_ema), {IMAGES: images}, check_count("batch_size", batch_size))
        return np.concatenate([batch.astype("float32", copy=False) for batch in batches])

    def _strip(self, a: Array, b: Array, n: int, **sampling: Any) -> list[Array]:
        a, b = (each[: max(1, n // 4)] for each in (a, b))
        return [a, self.apply(a, **sampling), b, self.apply(b, direction="BtoA", **sampling)]

    # Freezing.

    @property
    def whole_discriminator(self) -> keras.Model:
        """The discriminator of samples: that of B."""
        return part_of(self.discriminator, 0)

    def freeze_discriminator(self, count: int) -> None:
        """Freeze the lower layers of both discriminators: see `AdversarialModel.freeze_discriminator`."""
        freeze_lower(part_of(self.discriminator, 1), count)
        super().freeze_discriminator(count)

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {**super().get_config(), "pool_size": self.pool_size, "image_size": self.image_size}


def _distance(images: Tensor, others: Tensor) -> Tensor:
    return ops.mean(ops.abs(images - ops.cast(others, "float32")))


def _joined(networks: Any, names: tuple[str, str], what: str) -> keras.Model:
    """Return one model that runs two side by side, each on an input of its own; one that does so already as it is."""
    if isinstance(networks, keras.Model):
        if [tensor.name for tensor in networks.inputs] != list(names) or len(networks.outputs) != 2:
            raise ValueError(f"An UnpairedTranslation has two {what}s: pass both, as a tuple.")
        return networks
    both = take_pair(networks, f"The {what}s")
    inputs = [keras.Input(each.inputs[0].shape[1:], name=name) for each, name in zip(both, names, strict=True)]
    return keras.Model(inputs, [each(tensor) for each, tensor in zip(both, inputs, strict=True)], name=what)
