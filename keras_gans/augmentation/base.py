"""What every augmentation is, and how one is found by its name."""

from numbers import Real

import keras

from keras_gans.errors import no_such
from keras_gans.named import NamedClasses

_augmentations = NamedClasses("augmentation")
register = _augmentations.register
# Names that stand for one augmentation with an argument of its own: name -> what makes it.
_shorthands = {}


def register_shorthand(name, make):
    """Lets a name stand for the augmentation that `make()` returns."""
    _shorthands[name] = make


def get(identifier):
    """Returns an augmentation from its name, its class, itself, its serialized form, or a list of these.

    Args:
        identifier: One of `names()`, of which that of a transformation means `DiffAugment` with it alone; an `Augmentation` or
            its class; a dictionary as `keras.saving` makes it; or a list or tuple of these, which are applied in this order.

    Raises:
        ValueError: If there is no such augmentation.
    """
    if isinstance(identifier, dict):
        return get(keras.saving.deserialize_keras_object(identifier))
    if isinstance(identifier, list | tuple):
        return Augmentations(identifier)
    if isinstance(identifier, str) and identifier in _shorthands:
        return _shorthands[identifier]()
    if isinstance(identifier, str) and identifier not in _augmentations:
        raise ValueError(no_such("augmentation", identifier, names()))
    return _augmentations.make(identifier, Augmentation)


def names() -> list[str]:
    """Returns the names of the augmentations, sorted."""
    return sorted([*_augmentations.names(), *_shorthands])


class Augmentation(keras.layers.Layer):
    """Base class: a random change of samples.

    It is a layer only so that Keras tracks and saves its variables: a model calls its two methods, never the layer itself.
    """

    def __init__(self, name=None):
        super().__init__(name=name, dtype="float32")
        self.built = True

    def augment(self, images, noise, step):
        """Returns changed samples.

        Args:
            images: float32 samples in [-1, 1], shape `(batch, height, width, channels)`.
            noise: A `keras_gans.adversarial.noise.Noise`, from which all random numbers come.
            step: Integer scalar: how many training steps are done.

        Returns:
            float32, of the same shape. Values may lie beyond [-1, 1].
        """
        raise NotImplementedError

    def observe(self, real_logits):
        """Learns how the discriminator does; called once for each of its updates.

        Args:
            real_logits: float32 logits of the real samples as they were augmented, shape `(batch, 1)`.
        """

    @property
    def needs_sign(self):
        """Whether it learns from the sign of real scores, which must be the discriminator's verdict then."""
        return False

    def get_config(self):
        return {"name": self.name}


@keras.saving.register_keras_serializable(package="keras_gans")
class Augmentations(Augmentation):
    """Several augmentations, applied in turn.

    Args:
        augmentations: A list of what `get` takes; at least one.

    Raises:
        ValueError: If the list is empty, or there is no such augmentation.
    """

    def __init__(self, augmentations, name=None):
        super().__init__(name=name)
        if not augmentations:
            raise ValueError(f"A list of augmentations must hold at least one: {', '.join(names())}; received an empty one.")
        self.augmentations = [get(identifier) for identifier in augmentations]

    def augment(self, images, noise, step):
        for augmentation in self.augmentations:
            images = augmentation.augment(images, noise, step)
        return images

    def observe(self, real_logits):
        for augmentation in self.augmentations:
            augmentation.observe(real_logits)

    @property
    def needs_sign(self):
        return any(augmentation.needs_sign for augmentation in self.augmentations)

    def get_config(self):
        serialized = [keras.saving.serialize_keras_object(augmentation) for augmentation in self.augmentations]
        return {**super().get_config(), "augmentations": serialized}


def is_number(value):
    """Whether a value is a real number, and no boolean."""
    return isinstance(value, Real) and not isinstance(value, bool)
