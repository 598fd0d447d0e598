import keras

from keras_gans.adversarial import AdversarialModel
from keras_gans.losses import Hinge


@keras.saving.register_keras_serializable(package="keras_gans")
class ProjectedGAN(AdversarialModel):
    """The projected GAN: its discriminators see features of a frozen, pretrained network instead of pixels.

    The discriminator contains the frozen network as a layer, `keras_gans.imagenet.ImageNetFeatures`. It returns a list of maps
    of logits, one for each scale. The loss is the hinge loss, without penalties.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, to images: float32 in [-1, 1].
        discriminator: A built Keras model that maps images to a list of maps of logits.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes, for networks that also take `labels`. Default None.
        name: Name of the model.
        conditions: Further inputs of the networks by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Reference: Sauer et al. 2021, "Projected GANs Converge Faster", section 3.
    """

    default_loss = Hinge

    @staticmethod
    def default_optimizers() -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
        """Return Adam with beta_1 = 0 for both networks."""
        return (
            keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.99),
            keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.99),
        )
