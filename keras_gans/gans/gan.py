import keras

from keras_gans.adversarial import AdversarialModel


@keras.saving.register_keras_serializable(package="keras_gans")
class GAN(AdversarialModel):
    """The generative adversarial network: a generator and a discriminator with the non-saturating loss.

    Reference: Goodfellow et al. 2014, "Generative Adversarial Nets", algorithm 1 with k = 1.
    """
