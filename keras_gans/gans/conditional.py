"""Conditional GANs: the class is an input of both networks (ConditionalGAN), or an output of the discriminator (ACGAN)."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.networks import as_functional, call_network
from keras_gans.conditions import Condition
from keras_gans.errors import check_weight
from keras_gans.media import Medium

_cross_entropy = keras.losses.sparse_categorical_crossentropy


@keras.saving.register_keras_serializable(package="keras_gans")
class ConditionalGAN(AdversarialModel):
    """The conditional GAN: generator and discriminator take a condition, such as a class label, as a further input.

    The networks decide how to use it. Mirza and Osindero concatenate it with the other input; Miyato and Koyama use
    class-conditional batch normalisation and a projection discriminator.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, and an input for each condition, to
            samples: float32 in [-1, 1]. The condition `labels` is int32 of shape `(batch,)`.
        discriminator: A built Keras model that maps samples and at least one condition to logits, `(batch, 1)`. No sigmoid.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes; short for `conditions={"labels": Classes(num_classes)}`.
        name: Name of the model.
        conditions: The conditions by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If there are no conditions, or the discriminator takes none of them.

    Reference: Mirza and Osindero 2014, "Conditional Generative Adversarial Nets", equation 2; Miyato and Koyama 2018, "cGANs
    with Projection Discriminator".
    """

    @classmethod
    def _check_networks(
        cls, generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[Any, Any]:
        _need_conditions(cls, conditions)
        names = super()._check_networks(generator, discriminator, conditions)
        if names[1] is not None and not set(names[1]) & set(conditions):
            raise ValueError(
                f"The discriminator of a ConditionalGAN takes samples and {' or '.join(conditions)}; this one takes no "
                f"{' and no '.join(conditions)}."
            )
        return names


@keras.saving.register_keras_serializable(package="keras_gans")
class ACGAN(AdversarialModel):
    """The auxiliary classifier GAN: the discriminator also classifies samples, and both networks train on its classification.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, and `labels`, int32 of shape
            `(batch,)`, to samples: float32 in [-1, 1].
        discriminator: A built Keras model that maps samples to `[logits, class_logits]`, of shapes `(batch, 1)` and
            `(batch, num_classes)`.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes; required unless `conditions` contains `labels`.
        class_weight: Weight of the class cross-entropy in both losses. Default 1.
        classify_generated: Whether the discriminator also learns from the classes of generated samples, as in equation 2.
            Default True. With False, samples that do not look like their class cannot mislead it.
        name: Name of the model.
        conditions: The conditions by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If `num_classes` is missing, or the discriminator has other outputs.

    Reference: Odena et al. 2017, "Conditional Image Synthesis with Auxiliary Classifier GANs", equations 2 and 3.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        num_classes: int | None = None,
        class_weight: float = 1.0,
        classify_generated: bool = True,
        name: str | None = None,
        *,
        conditions: dict[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        super().__init__(generator, discriminator, seed, num_classes, name, conditions=conditions, medium=medium)
        self.class_weight = check_weight("class_weight", class_weight)
        self.classify_generated = classify_generated

    @classmethod
    def _check_networks(
        cls, generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[Any, Any]:
        _need_conditions(cls, conditions)
        labels: Any = conditions.get("labels")
        if labels is None:
            raise ValueError("An ACGAN needs classes: give their number (num_classes).")
        names = super()._check_networks(generator, discriminator, conditions)
        shapes = [tuple(output.shape[1:]) for output in as_functional(discriminator).outputs]
        if shapes != [(1,), (labels.count,)]:
            raise ValueError(
                f"The discriminator of an ACGAN with {labels.count} classes returns [logits, class_logits] of shapes (1,) and "
                f"({labels.count},); this one returns {shapes}."
            )
        return names

    def score(self, samples: Tensor, conditions: Conditions | None = None, training: bool = False) -> Tensor:
        """Return the logits of samples, float32 of shape `(batch, 1)`."""
        return self._score_and_classify(samples, conditions, training)[0]

    def _score_and_classify(self, samples: Tensor, conditions: Conditions | None, training: bool) -> tuple[Tensor, Tensor]:
        """Return logits and class logits in float32."""
        inputs = {"samples": samples, **(conditions or {})}
        logits, class_logits = call_network(self.discriminator, self._discriminator_inputs, inputs, training)
        return ops.cast(logits, "float32"), ops.cast(class_logits, "float32")

    def _class_loss(self, class_logits: Tensor, conditions: Conditions | None) -> Tensor:
        assert conditions is not None, "an ACGAN is always conditional"
        return self.class_weight * ops.mean(_cross_entropy(conditions["labels"], class_logits, from_logits=True))

    def discriminator_loss(
        self, real: Tensor, generated: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss with the class cross-entropy: see `AdversarialModel.discriminator_loss`."""
        real_logits, real_classes = self._score_and_classify(real, conditions, training)
        generated_logits, generated_classes = self._score_and_classify(generated, conditions, training)
        loss = ops.mean(self.adversarial_loss.discriminator_loss(real_logits, generated_logits))
        loss += self._class_loss(real_classes, conditions)
        if self.classify_generated:
            loss += self._class_loss(generated_classes, conditions)
        return loss, real_logits, generated_logits

    def generator_loss(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the loss with the class cross-entropy: see `AdversarialModel.generator_loss`."""
        logits, classes = self._score_and_classify(generated, conditions, training)
        real_logits = self.score(real, conditions, training) if self.adversarial_loss.needs_real else None
        loss = ops.mean(self.adversarial_loss.generator_loss(logits, real_logits))
        return loss + self._class_loss(classes, conditions)

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {**super().get_config(), "class_weight": self.class_weight, "classify_generated": self.classify_generated}


def _need_conditions(cls: type[AdversarialModel], conditions: Mapping[str, Condition]) -> None:
    if not conditions:
        raise ValueError(
            f"A {cls.__name__} is conditional: give the number of classes (num_classes), or other conditions (conditions)."
        )
