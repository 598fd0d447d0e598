"""GANs that are told the class: as an input of both networks, or as an answer of the discriminator."""

import keras
from keras import ops

from keras_gans.adversarial import AdversarialModel
from keras_gans.errors import check_weight

_cross_entropy = keras.losses.sparse_categorical_crossentropy


@keras.saving.register_keras_serializable(package="keras_gans")
class ConditionalGAN(AdversarialModel):
    """The conditional GAN: generator and discriminator take a class label beside their input.

    How they use it is the networks' matter: concatenated (Mirza and Osindero), or by class-conditional batch normalisation and
    a projection (Miyato and Koyama).

    Args:
        generator: Takes `[latents, labels]`, labels int32 of shape `(batch,)`.
        discriminator: Takes `[samples, labels]`, returns logits.
        num_classes: How many classes there are.
        seed: As `AdversarialModel`'s.

    Raises:
        ValueError: If `num_classes` is missing, or the discriminator takes no labels.

    Reference: Mirza and Osindero 2014, "Conditional Generative Adversarial Nets", equation 2; Miyato and Koyama 2018, "cGANs
    with Projection Discriminator".
    """

    @classmethod
    def _check_networks(cls, generator, discriminator, num_classes):
        _need_classes(cls, num_classes)
        super()._check_networks(generator, discriminator, num_classes)
        if len(discriminator.inputs) != 2:
            raise ValueError("The discriminator of a ConditionalGAN takes [samples, labels]; this one takes no labels.")


@keras.saving.register_keras_serializable(package="keras_gans")
class ACGAN(AdversarialModel):
    """The auxiliary classifier GAN: the discriminator also says which class a sample is of, and both players want it right.

    Args:
        generator: Takes `[latents, labels]`, labels int32 of shape `(batch,)`.
        discriminator: Takes samples, returns `[logits, class_logits]` of shapes `(batch, 1)` and `(batch, num_classes)`.
        num_classes: How many classes there are.
        class_weight: Of the classes' cross-entropy in both losses.
        classify_generated: Whether the discriminator learns the classes of generated samples, too (equation 2). If not, a
            sample that does not look like its class teaches it nothing wrong.
        seed: As `AdversarialModel`'s.

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
    ):
        super().__init__(generator, discriminator, seed, num_classes, name)
        check_weight("class_weight", class_weight)
        self.class_weight = class_weight
        self.classify_generated = classify_generated

    @classmethod
    def _check_networks(cls, generator, discriminator, num_classes):
        _need_classes(cls, num_classes)
        super()._check_networks(generator, discriminator, num_classes)
        shapes = [tuple(output.shape[1:]) for output in discriminator.outputs]
        if shapes != [(1,), (num_classes,)]:
            raise ValueError(
                f"The discriminator of an ACGAN of {num_classes} classes returns [logits, class_logits] of shapes (1,) and "
                f"({num_classes},); this one returns {shapes}."
            )

    def score(self, samples, labels=None, training=False):
        return self._judge(samples, training)[0]

    def _judge(self, samples, training):
        return [ops.cast(output, "float32") for output in self.discriminator(samples, training=training)]

    def _class_loss(self, class_logits, labels):
        return self.class_weight * ops.mean(_cross_entropy(labels, class_logits, from_logits=True))

    def discriminator_loss(self, real, fake, labels=None, training=True):
        (real_logits, real_classes), (fake_logits, fake_classes) = (self._judge(each, training) for each in (real, fake))
        loss = ops.mean(self.adversarial_loss.discriminator_loss(real_logits, fake_logits))
        loss += self._class_loss(real_classes, labels)
        if self.classify_generated:
            loss += self._class_loss(fake_classes, labels)
        return loss, real_logits, fake_logits

    def generator_loss(self, fake, real, labels=None, training=True):
        fake_logits, fake_classes = self._judge(fake, training)
        real_logits = self.score(real, labels, training) if self.adversarial_loss.needs_real else None
        loss = ops.mean(self.adversarial_loss.generator_loss(fake_logits, real_logits))
        return loss + self._class_loss(fake_classes, labels)

    def get_config(self):
        return {**super().get_config(), "class_weight": self.class_weight, "classify_generated": self.classify_generated}


def _need_classes(cls, num_classes):
    if num_classes is None:
        raise ValueError(f"{cls.__name__} is conditional: say how many classes there are (num_classes).")
