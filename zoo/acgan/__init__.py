"""Auxiliary classifier GAN (Odena et al. 2017): the discriminator also says which class an image is of."""

from keras_gans.registry import register_model


@register_model(
    "acgan",
    medium="images",
    summary="Generates the class that is asked for; its discriminator is a classifier, too.",
    paper="Odena et al. 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, arXiv:1610.09585",
    parameters=1_275_200,
)
def acgan(
    image_shape=(28, 28, 1),
    num_classes=10,
    latent_dim=100,
    width=64,
    kernel_size=4,
    embedding_dim=50,
    class_weight=1.0,
    classify_generated=False,
    dropout=0.5,
    loss="non_saturating",
    learning_rate=2e-4,
    beta_1=0.5,
    ema=None,
    seed=None,
):
    """Builds the auxiliary classifier GAN, compiled.

    Args:
        image_shape: Height, width and channels (1 or 3), in the sizes of `dcgan`.
        num_classes: How many classes there are.
        latent_dim: Length of a latent vector.
        width: Channels beside the image, doubled at each halving of the resolution.
        kernel_size: Side of the kernels.
        embedding_dim: Length of the label's embedding, which stands beside the latents.
        class_weight: Of the classes' cross-entropy in both losses.
        classify_generated: Whether the discriminator learns the classes of generated images, too, as in the paper; if not, an
            image that does not look like its class teaches it nothing wrong.
        dropout: Share of the discriminator's features left out in training (appendix A).
        loss: Name of an adversarial loss.
        learning_rate: Of Adam, for both players.
        beta_1: Of Adam.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ACGAN`.

    Raises:
        ValueError: If the size cannot be built.
    """
    import keras

    from keras_gans import ACGAN

    from .networks import build_discriminator, build_generator

    model = ACGAN(
        build_generator(image_shape, num_classes, latent_dim, width, kernel_size, embedding_dim),
        build_discriminator(image_shape, num_classes, width, kernel_size, dropout),
        seed,
        num_classes,
        class_weight,
        classify_generated,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
