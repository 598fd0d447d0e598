"""GANs whose critic estimates the Wasserstein distance: with clipped weights, or with a penalty on its gradient."""

import keras

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.constraints import ClipWeights
from keras_gans.adversarial.critic_schedule import CriticSchedule
from keras_gans.losses import Wasserstein
from keras_gans.penalties import GradientPenalty


@keras.saving.register_keras_serializable(package="keras_gans")
class WGAN(AdversarialModel):
    """The Wasserstein GAN: a critic whose weights are clipped after each of its steps, and which is trained more often.

    `-d_loss` in the logs estimates the distance, up to a factor.

    Args:
        generator: As `AdversarialModel`'s.
        discriminator: The critic.
        clip: Each weight of the critic lies in [-clip, clip], from the beginning.
        seed: As `AdversarialModel`'s, like the others.

    Reference: Arjovsky et al. 2017, "Wasserstein GAN", algorithm 1; RMSprop's rho and the critic's schedule are the authors'
    code's.
    """

    default_loss = Wasserstein
    default_critic_steps = CriticSchedule(5, first=25, every=500, thorough=100)

    def __init__(
        self, generator, discriminator, seed=None, num_classes=None, clip=0.01, name=None, *, conditions=None, medium=None
    ):
        super().__init__(generator, discriminator, seed, num_classes, name, conditions=conditions, medium=medium)
        self.clip = clip
        constraint = ClipWeights(clip)
        for variable in self.discriminator.trainable_variables:
            variable.constraint = constraint
            variable.assign(constraint(variable))

    @staticmethod
    def default_optimizers():
        return tuple(keras.optimizers.RMSprop(5e-5, rho=0.99, epsilon=1e-8) for _ in range(2))

    def get_config(self):
        return {**super().get_config(), "clip": self.clip}


@keras.saving.register_keras_serializable(package="keras_gans")
class WGANGP(AdversarialModel):
    """The Wasserstein GAN with gradient penalty: the critic's slope between real and generated samples is pulled to 1.

    The critic needs a score that depends on one sample only: no batch normalisation. Each of its steps sees a fresh batch.

    Reference: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", algorithm 1.
    """

    default_loss = Wasserstein
    default_critic_steps = 5
    default_penalties = (GradientPenalty,)

    @staticmethod
    def default_optimizers():
        return tuple(keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9) for _ in range(2))
