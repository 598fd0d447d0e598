"""What pictures are sent through: the network of a model, or a filter for comparison."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from keras_gans._typing import Array, Conditions
from keras_gans.applying.holes import learned_depth
from keras_gans.applying.receptive_field import receptive_field
from keras_gans.declaration import Declaration, declare
from keras_gans.errors import no_such

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

IMAGES, MASKS = "images", "masks"


class Filter:
    """A filter in place of a model, by name: what a network is compared with.

    Args:
        name: `lanczos` or `bicubic`.

    Raises:
        ValueError: If there is no such filter.
    """

    NAMES = ("lanczos", "bicubic")
    scale = 2.0
    takes_masks = False

    def __init__(self, name: str):
        if name not in self.NAMES:
            raise ValueError(no_such("filter", name, list(self.NAMES)))
        self.resampling = Image.Resampling[name.upper()]


class AppliedNetwork:
    """The generator of a model from images to images.

    Args:
        model: An `AdversarialModel` whose generator maps the condition `images`, and `masks` if it fills them in, to images.
        strength: From 0 to 1: see `Options.strength`.
        conditions: Values of further conditions, one each.
        use_ema: Whether to use the averaged generator if there is one.

    Attributes:
        field: What the network sees.
        scale: How much larger it makes images.
        channels: Channels of its input and of its output.
        takes_masks: Whether it has the condition `masks`.
        blend: Weight of the output where it is blended with the input.

    Raises:
        ValueError: If the model does not map images to images, a condition is missing, or it does not have a strength.
    """

    def __init__(
        self, model: AdversarialModel, strength: float = 1.0, conditions: Conditions | None = None, use_ema: bool = True
    ):
        kind = type(model).__name__
        if IMAGES not in model.conditions or model.latent_shape is not None or not getattr(model.generator, "inputs", None):
            raise ValueError(
                f"This {kind} does not map images to images: its generator must take the condition 'images' and no latents. "
                "Models of latents generate: model.generate(n), or keras-gans generate."
            )
        self._model = model
        self.takes_masks = MASKS in model.conditions
        self._constants = {name: model.conditions[name].check_for(1, value) for name, value in dict(conditions or {}).items()}
        missing = [name for name in model.conditions if name not in (IMAGES, MASKS, *self._constants)]
        if missing:
            raise ValueError(
                f"This model has further conditions: give {', '.join(missing)} (conditions={{'{missing[0]}': ...}})."
            )
        model.sync_state()
        self.blend = 1.0
        self._network = model.newest_sampling_network(use_ema)
        self.field = receptive_field(self._network)
        self.scale = float(self.field.scale)
        self.channels = (model.conditions[IMAGES].spec()[0][-1], self._network.outputs[0].shape[-1])
        if strength < 1:
            self._set_strength(strength)

    @functools.cached_property
    def learned_depth(self) -> int | None:
        """How deep the holes were that the model was trained to fill, in pixels: see `learned_depth`."""
        return learned_depth(self._model)

    def declaration(self) -> Declaration:
        """Return what outputs declare of their origin: a picture, and this model."""
        return declare(self._model)

    def _set_strength(self, strength: float) -> None:
        """Interpolate between the weights of two networks, or blend output and input where they have the same size."""
        if getattr(self._model, "faithful_generator", None) is not None:
            self._network = self._model.interpolated(strength)
        elif self.scale == 1 and self.channels[0] in (1, self.channels[1]) and not self.takes_masks:
            self.blend = strength
        else:
            raise ValueError(
                f"strength={strength:g} needs a model that keeps its generator from before adversarial training "
                "(faithful_generator), or one whose output has the size of its input; this model is neither. Leave it out."
            )

    def __call__(self, images: Array, masks: Array | None = None) -> Array:
        """Return the network's output.

        Args:
            images: float32 `(n, height, width, channels)` in [-1, 1].
            masks: uint8 `(n, height, width, 1)`, 255 where images are painted anew; for models that take them.

        Returns:
            float32 `(n, scale * height, scale * width, channels)` in [-1, 1].
        """
        inputs: dict[str, Any] = {IMAGES: images}
        if masks is not None:
            inputs[MASKS] = self._model.conditions[MASKS].check(masks)
        inputs |= {name: np.repeat(value, len(images), axis=0) for name, value in self._constants.items()}
        made = np.asarray(self._model.run_network(self._network, self._model.arrange_inputs(inputs)), "float32")
        return made if self.blend == 1 else self.blend * made + (1 - self.blend) * images


def as_network(model: AdversarialModel | str, strength: float, conditions: Conditions | None, use_ema: bool) -> Any:
    """Return the `AppliedNetwork` of a model, or the `Filter` of a name."""
    if isinstance(model, str):
        return Filter(model)
    return AppliedNetwork(model, strength, conditions, use_ema)
