"""Network interpolation: the weights before and after adversarial training, and everything in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.ema import clone_for_averaging

_HAS_FAITHFUL = "has_faithful"


class Interpolation(AdversarialModel):
    """The part of `ImageToImage` that keeps the generator as it was before adversarial training.

    A generator that learned from pixels alone is faithful and soft; after adversarial training, it is crisp, and makes up
    detail. As the second starts from the first, the means of their weights are generators, too, and lie between the two.

    Reference: Wang et al. 2018, "ESRGAN", section 3.4.
    """

    # The network that generated when adversarial training began; None for a model that does not learn from pixels alone first.
    faithful_generator: keras.Model | None = None

    _strength = 1.0
    # Returns the network of a strength below 1.
    _mixed: Callable[[], keras.Model | None] = staticmethod(lambda: None)

    def keep_faithful(self) -> None:
        """Copy the weights that generate now to the faithful generator. Runs in a step's graph."""
        if self.faithful_generator is not None:
            source = self.generator if self.ema_generator is None else self.ema_generator
            for kept, weight in zip(self.faithful_generator.weights, source.weights, strict=True):
                kept.assign(weight)

    def make_faithful(self) -> None:
        """Create the faithful generator, if there is none, with the generator's weights."""
        if self.faithful_generator is None:
            self.faithful_generator = clone_for_averaging(self.generator, prefix="faithful")

    @property
    def strength(self) -> float:
        """How much of adversarial training shows, from 0 (faithful) to 1 (crisp): the weight of the trained weights in a mean.

        It applies to `apply`, `generate`, exports, and everything else that samples, but is not stored. Default 1. Setting it
        takes the weights of that moment.

        Raises:
            ValueError: If it is not between 0 and 1, or the model does not learn from pixels alone first.
        """
        return self._strength

    @strength.setter
    def strength(self, value: float) -> None:
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"strength must be a number from 0 to 1; received {value!r}.")
        if value < 1.0 and self.faithful_generator is None:
            raise ValueError(
                "strength needs the weights before adversarial training, which this model does not have: it was compiled "
                "without pretrain_steps."
            )
        self._strength = float(value)
        # In a function, as Keras would count the weights of an attribute among the model's.
        mixed = None if value == 1.0 else self.interpolated(value)
        self._mixed = lambda: mixed

    def interpolated(self, strength: float) -> keras.Model:
        """Return a copy of the generator that generates at a strength below 1, from the weights of this moment."""
        assert self.faithful_generator is not None, "strength says so"
        self.sync_state()
        crisp = self.generator if self.ema_generator is None else self.ema_generator
        mixed = clone_for_averaging(self.generator, prefix="mixed")
        pairs = zip(self.faithful_generator.get_weights(), crisp.get_weights(), strict=True)
        mixed.set_weights([(1.0 - strength) * faithful + strength * weight for faithful, weight in pairs])
        return mixed

    def sampling_network(self, use_ema: bool = True) -> keras.Model:
        """Return the network that generates: see `AdversarialModel.sampling_network`, and `strength`."""
        mixed = self._mixed()
        return mixed if use_ema and mixed is not None else super().sampling_network(use_ema)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), _HAS_FAITHFUL: self.faithful_generator is not None}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        config = dict(config)
        has_faithful = config.pop(_HAS_FAITHFUL, False)
        model = super().from_config(config, custom_objects)
        if has_faithful:
            model.make_faithful()
        return model
