import keras

from keras_gans.adversarial import AdversarialModel


@keras.saving.register_keras_serializable(package="keras_gans")
class GAN(AdversarialModel):
    """The generative adversarial network: a generator and a discriminator with the non-saturating loss.

    The generator is updated on the samples that the discriminator has just been updated on, as in the authors' code of DCGAN.
    The paper generates new ones, which costs a second pass through the generator.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, to samples: float32 in [-1, 1], of
            shape `(batch, ...)`, channels last.
        discriminator: A built Keras model that maps samples of the same shape to logits, `(batch, 1)`: above 0 for real
            samples. No sigmoid.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes, for networks that also take `labels`. Default None.
        name: Name of the model.
        conditions: Further inputs of the networks by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Example:

        generator = keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(64, "tanh"), keras.layers.Reshape((8, 8, 1))]
        )
        discriminator = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
        model = keras_gans.GAN(generator, discriminator, seed=0)
        model.compile()
        model.fit(np.zeros((64, 8, 8, 1), "uint8"), batch_size=16)
        model.generate(4, seed=0)  # float32 of shape (4, 8, 8, 1)

    Reference: Goodfellow et al. 2014, "Generative Adversarial Nets", algorithm 1 with k = 1.
    """
