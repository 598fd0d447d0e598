import keras

from keras_gans.adversarial import AdversarialModel
from keras_gans.losses import RelativisticPairing
from keras_gans.penalties import R1, R2


@keras.saving.register_keras_serializable(package="keras_gans")
class R3GAN(AdversarialModel):
    """The regularised relativistic GAN: pairs of a real and a generated sample, and zero-centred penalties on both.

    Reference: Huang et al. 2024, "The GAN is dead; long live the GAN! A Modern Baseline GAN", sections 2 and 3.
    """

    default_loss = RelativisticPairing
    default_penalties = (R1(1.0), R2(1.0))

    @staticmethod
    def default_optimizers():
        return tuple(keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.99) for _ in range(2))
