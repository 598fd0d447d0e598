"""What every loss is, and how one is found by its name."""

from keras_gans.named import NamedClasses

_losses = NamedClasses("adversarial loss")
register = _losses.register


def get(identifier):
    """Returns a loss from its name, its class, itself, or its serialized form.

    Args:
        identifier: One of `names()`, an `AdversarialLoss` or its class, or a dictionary as `keras.saving` makes it.

    Raises:
        ValueError: If there is no such loss.
    """
    return _losses.make(identifier, AdversarialLoss)


def names() -> list[str]:
    """Returns the names of the losses, sorted."""
    return _losses.names()


class AdversarialLoss:
    """Base class: a pair of losses for one game.

    `needs_real` tells whether the generator's loss compares with real scores (relativistic losses do); `sign_means_real`,
    whether it draws real scores above 0 and generated ones below, so that a score's sign is the discriminator's verdict.
    """

    registered_name = None
    needs_real = False
    sign_means_real = False

    def discriminator_loss(self, real, fake):
        """Returns the discriminator's loss for each pair of a real and a generated sample's logits."""
        raise NotImplementedError

    def generator_loss(self, fake, real=None):
        """Returns the generator's loss for each generated sample's logit; `real` is given where `needs_real`."""
        raise NotImplementedError

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
