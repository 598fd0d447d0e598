"""The base class of augmentations, and finding one by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import keras

from keras_gans._typing import Tensor
from keras_gans.errors import no_such
from keras_gans.named import NamedClasses

_augmentations = NamedClasses("augmentation")
register = _augmentations.register
# Names of augmentations with certain arguments: name -> function that makes one.
_shorthands: dict[str, Callable[[], Augmentation]] = {}


def register_shorthand(name: str, make: Callable[[], Augmentation]) -> None:
    """Register a name for the augmentation that `make()` returns."""
    _shorthands[name] = make


def get(
    identifier: Augmentation | type[Augmentation] | Mapping[str, Any] | str | Sequence[Any],
) -> Augmentation:
    """Return an augmentation, given its name, its class, an instance, a config or a list of these.

    Args:
        identifier: One of `names()` (the name of a transformation means `DiffAugment` with only that one); an `Augmentation` or
            its class; a dictionary as `keras.saving` makes it; or a list of these, which are applied in this order.

    Raises:
        ValueError: If there is no such augmentation.
    """
    if isinstance(identifier, Mapping):
        return get(keras.saving.deserialize_keras_object(identifier))
    if isinstance(identifier, list | tuple):
        return Augmentations(identifier)
    if isinstance(identifier, str) and identifier in _shorthands:
        return _shorthands[identifier]()
    if isinstance(identifier, str) and identifier not in _augmentations:
        raise ValueError(no_such("augmentation", identifier, names()))
    return _augmentations.make(identifier, Augmentation)


def names() -> list[str]:
    """Return the names of the augmentations, sorted."""
    return sorted([*_augmentations.names(), *_shorthands])


class Augmentation(keras.layers.Layer):
    """Base class: a random change of samples.

    It is a layer only so that Keras tracks and saves its variables. A model calls its two methods, never the layer itself.
    """

    def __init__(self, name: str | None = None):
        super().__init__(name=name, dtype="float32")
        self.built = True

    def augment(self, images: Tensor, noise: Any, step: Tensor) -> Tensor:
        """Return changed samples.

        Args:
            images: float32 samples in [-1, 1], shape `(batch, height, width, channels)`.
            noise: A `keras_gans.adversarial.noise.Noise`, from which random numbers are drawn.
            step: Number of training steps done: an integer scalar.

        Returns:
            float32 samples of the same shape. Values may exceed [-1, 1].
        """
        raise NotImplementedError

    def observe(self, real_logits: Tensor) -> None:
        """Is called after each update of the discriminator.

        Args:
            real_logits: float32 logits of the augmented real samples, shape `(batch, 1)`.
        """

    @property
    def needs_sign(self) -> bool:
        """Whether it depends on the sign of real scores, which must then mean real or generated."""
        return False

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


@keras.saving.register_keras_serializable(package="keras_gans")
class Augmentations(Augmentation):
    """Several augmentations, applied in order.

    Args:
        augmentations: At least one augmentation, in any form that `get` takes.

    Raises:
        ValueError: If the list is empty, or there is no such augmentation.
    """

    def __init__(self, augmentations: Sequence[Any], name: str | None = None):
        super().__init__(name=name)
        if not augmentations:
            raise ValueError(f"A list of augmentations must not be empty. There are: {', '.join(names())}.")
        self.augmentations = [get(identifier) for identifier in augmentations]

    def augment(self, images: Tensor, noise: Any, step: Tensor) -> Tensor:
        for augmentation in self.augmentations:
            images = augmentation.augment(images, noise, step)
        return images

    def observe(self, real_logits: Tensor) -> None:
        for augmentation in self.augmentations:
            augmentation.observe(real_logits)

    @property
    def needs_sign(self) -> bool:
        return any(augmentation.needs_sign for augmentation in self.augmentations)

    def get_config(self) -> dict[str, Any]:
        serialized = [keras.saving.serialize_keras_object(augmentation) for augmentation in self.augmentations]
        return {**super().get_config(), "augmentations": serialized}


def is_number(value: Any) -> bool:
    """Whether a value is a real number, which may be a NumPy scalar; a boolean is not."""
    return isinstance(value, Real) and not isinstance(value, bool)
