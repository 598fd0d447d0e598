"""What every loss is, and how one is found by its name."""

import keras
from keras import ops

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


def mean_over_scores(function, *scores):
    """Returns the mean of a function of scores: of all scores of each discriminator, and then of the discriminators alike.

    Args:
        function: Maps one tensor of each of `scores` to values of any shape.
        *scores: Tensors of equal shape, or lists of tensors, one for each discriminator; None is passed on.

    Returns:
        A float32 scalar.
    """
    if not isinstance(scores[0], list | tuple):
        return ops.mean(function(*scores))
    lists = [[None] * len(scores[0]) if each is None else each for each in scores]
    means = [ops.mean(function(*each)) for each in zip(*lists, strict=True)]
    return sum(means) / len(means)


def feature_distance(real, generated):
    """Returns how far generated samples lie from real ones in a discriminator's features, for feature matching.

    Args:
        real: Features of real samples: a list of tensors.
        generated: Those of as many generated ones, alike.

    Returns:
        The mean over all layers of the mean absolute difference: a float32 scalar. No gradient passes through `real`.

    Reference: Salimans et al. 2016, "Improved Techniques for Training GANs", section 3.1; Wang et al. 2018, "High-Resolution
    Image Synthesis and Semantic Manipulation with Conditional GANs", equation 4 (the features of samples of one condition).
    """
    pairs = zip(real, generated, strict=True)
    distances = [ops.mean(ops.abs(ops.cast(ops.stop_gradient(one) - other, "float32"))) for one, other in pairs]
    return sum(distances) / len(distances)


def join_scores(scores):
    """Returns the scores of one or several discriminators, vectors or maps, as one tensor `(batch, n)`."""
    flat = [ops.reshape(each, (ops.shape(each)[0], -1)) for each in keras.tree.flatten(scores)]
    return flat[0] if len(flat) == 1 else ops.concatenate(flat, axis=1)
