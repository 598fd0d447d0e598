"""GANs that are told the class: as an input of both networks, or as an answer of the discriminator."""

import keras
from keras import ops

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.networks import as_functional, call_network
from keras_gans.errors import check_weight

_cross_entropy = keras.losses.sparse_categorical_crossentropy


@keras.saving.register_keras_serializable(package="keras_gans")
class ConditionalGAN(AdversarialModel):
    """The conditional GAN: generator and discriminator take a condition, such as a class label, beside their input.

    How they use it is the networks' matter: concatenated (Mirza and Osindero), or by class-conditional batch normalisation and
    a projection (Miyato and Koyama).

    Args:
        generator: Takes latents and every condition, such as `labels`, int32 of shape `(batch,)`.
        discriminator: Takes samples and at least one condition, returns logits.
        num_classes: How many classes there are.
        seed: As `AdversarialModel`'s, like the others.

    Raises:
        ValueError: If the model is told nothing, or the discriminator takes no condition.

    Reference: Mirza and Osindero 2014, "Conditional Generative Adversarial Nets", equation 2; Miyato and Koyama 2018, "cGANs
    with Projection Discriminator".
    """

    @classmethod
    def _check_networks(cls, generator, discriminator, conditions):
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
    """The auxiliary classifier GAN: the discriminator also says which class a sample is of, and both players want it right.

    Args:
        generator: Takes latents and `labels`, int32 of shape `(batch,)`.
        discriminator: Takes samples, returns `[logits, class_logits]` of shapes `(batch, 1)` and `(batch, num_classes)`.
        num_classes: How many classes there are.
        class_weight: Of the classes' cross-entropy in both losses.
        classify_generated: Whether the discriminator learns the classes of generated samples, too (equation 2). If not, a
            sample that does not look like its class teaches it nothing wrong.
        seed: As `AdversarialModel`'s, like the others.

    Raises:
        ValueError: If `num_classes` is missing, or the discriminator returns something else.

    Reference: Odena et al. 2017, "Conditional Image Synthesis with Auxiliary Classifier GANs", equations 2 and 3.
    """

    def __init__(
        self,
        generator,
        discriminator,
        seed=None,
        num_classes=None,
        class_weight=1.0,
        classify_generated=True,
        name=None,
        *,
        conditions=None,
        medium=None,
    ):
        super().__init__(generator, discriminator, seed, num_classes, name, conditions=conditions, medium=medium)
        check_weight("class_weight", class_weight)
        self.class_weight = class_weight
        self.classify_generated = classify_generated

    @classmethod
    def _check_networks(cls, generator, discriminator, conditions):
        _need_conditions(cls, conditions)
        if "labels" not in conditions:
            raise ValueError("An ACGAN is told classes: say how many there are (num_classes).")
        names = super()._check_networks(generator, discriminator, conditions)
        classes = conditions["labels"].count
        shapes = [tuple(output.shape[1:]) for output in as_functional(discriminator).outputs]
        if shapes != [(1,), (classes,)]:
            raise ValueError(
                f"The discriminator of an ACGAN of {classes} classes returns [logits, class_logits] of shapes (1,) and "
                f"({classes},); this one returns {shapes}."
            )
        return names

    def score(self, samples, conditions=None, training=False):
        return self._judge(samples, conditions, training)[0]

    def _judge(self, samples, conditions, training):
        """Returns logits and class logits."""
        inputs = {"samples": samples, **(conditions or {})}
        outputs = call_network(self.discriminator, self._discriminator_inputs, inputs, training)
        return [ops.cast(output, "float32") for output in outputs]

    def _class_loss(self, class_logits, labels):
        return self.class_weight * ops.mean(_cross_entropy(labels, class_logits, from_logits=True))

    def discriminator_loss(self, real, generated, conditions=None, training=True):
        judged = (self._judge(each, conditions, training) for each in (real, generated))
        (real_logits, real_classes), (generated_logits, generated_classes) = judged
        loss = ops.mean(self.adversarial_loss.discriminator_loss(real_logits, generated_logits))
        loss += self._class_loss(real_classes, conditions["labels"])
        if self.classify_generated:
            loss += self._class_loss(generated_classes, conditions["labels"])
        return loss, real_logits, generated_logits

    def generator_loss(self, generated, real, conditions=None, training=True):
        logits, classes = self._judge(generated, conditions, training)
        real_logits = self.score(real, conditions, training) if self.adversarial_loss.needs_real else None
        loss = ops.mean(self.adversarial_loss.generator_loss(logits, real_logits))
        return loss + self._class_loss(classes, conditions["labels"])

    def get_config(self):
        return {**super().get_config(), "class_weight": self.class_weight, "classify_generated": self.classify_generated}


def _need_conditions(cls, conditions):
    if not conditions:
        raise ValueError(f"{cls.__name__} is conditional: say how many classes there are (num_classes), or give conditions.")
