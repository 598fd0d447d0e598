"""The base class of losses, and finding one by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.named import NamedClasses

_losses = NamedClasses("adversarial loss")
register = _losses.register

# What other libraries call these losses.
_OTHER_NAMES = {
    "bce": "non_saturating",
    "binarycrossentropy": "non_saturating",
    "vanilla": "non_saturating",
    "lsgan": "least_squares",
    "meansquarederror": "least_squares",
    "mse": "least_squares",
    "wgan": "wasserstein",
    "wgangp": "wasserstein",
    "r3gan": "relativistic",
    "ragan": "relativistic_average",
    "relativisticpairing": "relativistic",
    "rpgan": "relativistic",
}


def get(identifier: AdversarialLoss | type[AdversarialLoss] | Mapping[str, Any] | str) -> AdversarialLoss:
    """Return a loss, given its name, its class, an instance or a config.

    Args:
        identifier: One of `names()`, an `AdversarialLoss` or its class, or a dictionary as `keras.saving` makes it.

    Raises:
        ValueError: If there is no such loss. The message names the equivalent of a loss of Keras or of another library.
    """
    name = _name_of(identifier)
    if name is not None and name not in _losses:
        meant = _OTHER_NAMES.get(name.lower().replace("_", "").replace("-", ""))
        if meant is not None:
            raise ValueError(f"'{name}' is not an adversarial loss: write loss='{meant}'. There are: {', '.join(names())}.")
    return _losses.make(identifier, AdversarialLoss)


def _name_of(identifier: Any) -> str | None:
    """Return the name of a loss that is given by name, or of Keras."""
    if isinstance(identifier, keras.losses.Loss):
        return type(identifier).__name__
    if isinstance(identifier, str):
        return identifier
    is_ours = isinstance(identifier, type) and issubclass(identifier, AdversarialLoss)
    return None if is_ours else getattr(identifier, "__name__", None)


def names() -> list[str]:
    """Return the names of the losses, sorted."""
    return _losses.names()


class AdversarialLoss:
    """Base class: a discriminator's and a generator's loss.

    Attributes:
        registered_name: The loss's name.
        needs_real: Whether the generator's loss compares with real scores, as relativistic losses do.
        sign_means_real: Whether the discriminator learns to score real samples above 0 and generated ones below.
    """

    registered_name: ClassVar[str | None] = None
    needs_real: ClassVar[bool] = False
    sign_means_real: ClassVar[bool] = False

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the discriminator's loss for each pair of logits of a real and a generated sample."""
        raise NotImplementedError

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """Return the generator's loss for each generated sample's logit; `real` is given if `needs_real`."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> AdversarialLoss:
        return cls(**config)


def mean_over_scores(function: Callable[..., Tensor], *scores: Any) -> Tensor:
    """Return the mean of a function of scores: over all scores of each discriminator, then over discriminators.

    Args:
        function: Maps one tensor of each of `scores` to values of any shape.
        *scores: Tensors of equal shape, or lists of tensors, one per discriminator. None is passed on.

    Returns:
        A float32 scalar.
    """
    if not isinstance(scores[0], list | tuple):
        return ops.mean(function(*scores))
    lists = [[None] * len(scores[0]) if each is None else each for each in scores]
    means = [ops.mean(function(*each)) for each in zip(*lists, strict=True)]
    return sum(means) / len(means)


def feature_distance(real: Sequence[Tensor], generated: Sequence[Tensor]) -> Tensor:
    """Return the distance between real and generated samples in a discriminator's features, for feature matching.

    Args:
        real: Features of real samples: a list of tensors.
        generated: Features of as many generated samples.

    Returns:
        The mean over all layers of the mean absolute difference: a float32 scalar. No gradient flows through `real`.

    Reference: Salimans et al. 2016, "Improved Techniques for Training GANs", section 3.1; Wang et al. 2018, "High-Resolution
    Image Synthesis and Semantic Manipulation with Conditional GANs", equation 4 (features of samples of the same condition).
    """
    pairs = zip(real, generated, strict=True)
    distances = [ops.mean(ops.abs(ops.cast(ops.stop_gradient(one) - other, "float32"))) for one, other in pairs]
    return sum(distances) / len(distances)


def mean_feature_distance(real: Sequence[Tensor], generated: Sequence[Tensor]) -> Tensor:
    """Return the distance between the mean features of real and of generated samples, for feature matching of whole batches.

    Args:
        real: A discriminator's features of real samples: a list of tensors, the batch first.
        generated: Features of generated samples; as many layers, in any number of samples.

    Returns:
        The mean over all layers of the mean squared difference of the batches' means: a float32 scalar. No gradient flows
        through `real`.

    Reference: Salimans et al. 2016, "Improved Techniques for Training GANs", section 3.1.
    """
    pairs = [[ops.mean(ops.cast(each, "float32"), axis=0) for each in pair] for pair in zip(real, generated, strict=True)]
    return sum(ops.mean(ops.square(ops.stop_gradient(one) - other)) for one, other in pairs) / len(pairs)


def join_scores(scores: Any) -> Tensor:
    """Return the scores of one or several discriminators, vectors or maps, as one tensor `(batch, n)`."""
    flat = [ops.reshape(each, (ops.shape(each)[0], -1)) for each in keras.tree.flatten(scores)]
    return flat[0] if len(flat) == 1 else ops.concatenate(flat, axis=1)
