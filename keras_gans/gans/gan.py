import keras

from keras_gans.adversarial import AdversarialModel


@keras.saving.register_keras_serializable(package="keras_gans")
class GAN(AdversarialModel):
    """The generative adversarial network: a generator and a discriminator with the non-saturating loss.

    The generator learns from the samples that the discriminator has just learned from, after it has, as in the authors' code
    of DCGAN; the paper draws new ones, which costs a second pass through the generator.

    Reference: Goodfellow et al. 2014, "Generative Adversarial Nets", algorithm 1 with k = 1.
    """
