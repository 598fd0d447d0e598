"""Text GANs whose generators learn through relaxed tokens: the Gumbel-softmax."""

import keras
from keras import ops

from keras_gans.adversarial.noise import Noise
from keras_gans.backend import minimize_through
from keras_gans.errors import check_weight
from keras_gans.gans.sequence import SequenceGAN
from keras_gans.losses import RelativisticPairing
from keras_gans.sequences import InverseTemperature, relaxed


@keras.saving.register_keras_serializable(package="keras_gans")
class RelGAN(SequenceGAN):
    """The relational GAN: the discriminator sees relaxed tokens, and its gradient passes through them to the generator.

    The generator itself goes on from tokens, not from relaxed ones; real sequences are tokens, too. The relaxation becomes
    sharper as training goes on. By default both players' losses compare each generated sequence with a real one.

    Args:
        generator: A `LanguageModel`.
        discriminator: A `TokenDiscriminator`.
        seed: As `AdversarialModel`'s.
        pretraining: As `SequenceGAN`'s.
        inverse_temperature: Of the relaxation, as a function of the generator's adversarial steps: an `InverseTemperature`; its
            defaults if None.
        likelihood_weight: The weight of the real sequences' negative log-likelihood in the generator's loss.

    Raises:
        ValueError: If a value is out of range.

    Reference: Nie et al. 2019, "RelGAN: Relational Generative Adversarial Networks for Text Generation", sections 2.1 to 2.3;
    Jolicoeur-Martineau 2019, "The Relativistic Discriminator" (the loss).
    """

    default_loss = RelativisticPairing

    def __init__(
        self, generator, discriminator, seed=None, pretraining=None, inverse_temperature=None, likelihood_weight=0.0, name=None
    ):
        super().__init__(generator, discriminator, seed, pretraining, name=name)
        check_weight("likelihood_weight", likelihood_weight)
        self.inverse_temperature = inverse_temperature or InverseTemperature()
        self.likelihood_weight = likelihood_weight

    def _relaxed(self, tokens, conditions, seed, training=False):
        logits = self.logits(tokens, conditions, training=training)
        uniform = Noise(seed).uniform((ops.shape(tokens)[0], *logits.shape[1:]))
        sharpness = self.inverse_temperature(self.optimizer.generator.iterations)
        soft = relaxed(logits, tokens, uniform, sharpness)
        if not self.generator.ends:
            return soft
        counted = self.generator.counted(tokens)[..., None]
        return ops.where(counted > 0, soft, ops.one_hot(tokens, logits.shape[-1], dtype="float32"))

    def generate_samples(self, latents, conditions=None, training=False):
        tokens = super().generate_samples(latents, conditions, training)
        return self._relaxed(tokens, conditions, self.noise_seed if training else self.evaluation_seed, training)

    def learn_from(self, tokens, real, conditions):
        def generate():
            own = sum(self.generator.losses)
            if self.likelihood_weight:
                own = own + self.likelihood_weight * self.nll(real, conditions, training=True)
            return self._relaxed(tokens, conditions, self.noise_seed, training=True), own

        def loss_fn(relaxed_tokens):
            return self.generator_loss(relaxed_tokens, real, conditions)

        return minimize_through(generate, loss_fn, self.generator_variables, self.optimizer.generator)

    def get_config(self):
        return {
            **super().get_config(),
            "inverse_temperature": keras.saving.serialize_keras_object(self.inverse_temperature),
            "likelihood_weight": self.likelihood_weight,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        rise = keras.saving.deserialize_keras_object(config["inverse_temperature"], custom_objects=custom_objects)
        return super().from_config({**config, "inverse_temperature": rise}, custom_objects)
