"""What the two players minimise.

Every loss takes logits (unbounded scores, larger means more real) of shape `(batch, ...)` and returns one value a score, of
the same shape in float32; the model takes the mean. Losses are Keras serializables: a compiled model stores them.
"""

import keras
from keras import ops

from keras_gans.errors import no_such

_losses = {}


def _register(name):
    def register(cls):
        cls.name = name
        _losses[name] = cls
        return keras.saving.register_keras_serializable(package="keras_gans")(cls)

    return register


def get(identifier):
    """Returns a loss from its name, itself, or its serialized form.

    Args:
        identifier: One of `names()`, an `AdversarialLoss`, or a dictionary as `keras.saving` makes it.

    Raises:
        ValueError: If there is no such loss.
    """
    if isinstance(identifier, AdversarialLoss):
        return identifier
    if isinstance(identifier, dict):
        return keras.saving.deserialize_keras_object(identifier)
    if isinstance(identifier, str) and identifier in _losses:
        return _losses[identifier]()
    raise ValueError(no_such("adversarial loss", str(identifier), names()))


def names():
    """Returns the names of the losses, sorted."""
    return sorted(_losses)


class AdversarialLoss:
    """Base class: a pair of losses for one game.

    `needs_real` tells whether the generator's loss compares with real scores (relativistic losses do); `sign_means_real`,
    whether it draws real scores above 0 and generated ones below, so that a score's sign is the discriminator's verdict.
    """

    name = None
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


class _CrossEntropyDiscriminator(AdversarialLoss):
    """The discriminator that estimates the probability of "real" by cross-entropy."""

    sign_means_real = True

    def __init__(self, label_smoothing=0.0):
        if not 0.0 <= label_smoothing < 0.5:
            raise ValueError(f"label_smoothing must be in [0, 0.5); received {label_smoothing}.")
        self.label_smoothing = label_smoothing

    def discriminator_loss(self, real, fake):
        # Cross-entropy of logit x with target t is softplus(x) - t x; here t = 1 - label_smoothing for real samples.
        return ops.softplus(-real) + self.label_smoothing * real + ops.softplus(fake)

    def get_config(self):
        return {"label_smoothing": self.label_smoothing}


@_register("non_saturating")
class NonSaturating(_CrossEntropyDiscriminator):
    """The generator maximises log D(G(z)): the loss everybody means by "GAN".

    Args:
        label_smoothing: How far the target for real samples lies below 1 (one-sided label smoothing, in [0, 0.5)).

    Reference: Goodfellow et al. 2014, section 3; Salimans et al. 2016, section 3.4 (smoothing).
    """

    def generator_loss(self, fake, real=None):
        return ops.softplus(-fake)


@_register("minimax")
class Minimax(_CrossEntropyDiscriminator):
    """The generator minimises log(1 - D(G(z))): the zero-sum game of the theory, with vanishing gradients early on.

    Args:
        label_smoothing: How far the target for real samples lies below 1.

    Reference: Goodfellow et al. 2014, equation 1.
    """

    def generator_loss(self, fake, real=None):
        return -ops.softplus(fake)


@_register("least_squares")
class LeastSquares(AdversarialLoss):
    """Squared distance of scores from 1 (real) and 0 (generated).

    Reference: Mao et al. 2017, equation 9 (a = 0, b = c = 1).
    """

    def discriminator_loss(self, real, fake):
        return 0.5 * ops.square(real - 1.0) + 0.5 * ops.square(fake)

    def generator_loss(self, fake, real=None):
        return 0.5 * ops.square(fake - 1.0)


@_register("hinge")
class Hinge(AdversarialLoss):
    """The discriminator stops where scores are beyond the margin +-1.

    Reference: Lim and Ye 2017; Miyato et al. 2018, equations 16 and 17.
    """

    sign_means_real = True

    def discriminator_loss(self, real, fake):
        return ops.relu(1.0 - real) + ops.relu(1.0 + fake)

    def generator_loss(self, fake, real=None):
        return -fake


@_register("wasserstein")
class Wasserstein(AdversarialLoss):
    """The difference of mean scores. The critic needs a Lipschitz bound from elsewhere: clipping or a penalty.

    Reference: Arjovsky et al. 2017, algorithm 1.
    """

    def discriminator_loss(self, real, fake):
        return fake - real

    def generator_loss(self, fake, real=None):
        return -fake


@_register("relativistic")
class RelativisticPairing(AdversarialLoss):
    """Each generated sample is compared with one real sample: softplus of their difference, either way round.

    Reference: Jolicoeur-Martineau 2018, section 4.1; Huang et al. 2024, equation 2.
    """

    needs_real = True

    def discriminator_loss(self, real, fake):
        return ops.softplus(fake - real)

    def generator_loss(self, fake, real=None):
        return ops.softplus(real - fake)
