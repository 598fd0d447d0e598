"""Conditional GAN (Mirza and Osindero 2014), by argument with a projection discriminator (Miyato and Koyama 2018)."""

from keras_gans.registry import register_model


@register_model(
    "cgan",
    medium="images",
    summary="Generates the class that is asked for: labels beside the input, or a projection discriminator.",
    paper="Mirza and Osindero 2014, Conditional Generative Adversarial Nets, arXiv:1411.1784",
    parameters=1_253_978,
)
def cgan(
    image_shape=(28, 28, 1),
    num_classes=10,
    latent_dim=100,
    width=64,
    kernel_size=4,
    conditioning="concatenation",
    embedding_dim=50,
    loss="non_saturating",
    learning_rate=2e-4,
    beta_1=0.5,
    ema=None,
    seed=None,
):
    """Builds the conditional GAN, compiled.

    Args:
        image_shape: Height, width and channels (1 or 3), in the sizes of `dcgan`; or the shape of other samples, such as `(2,)`
            for points, for which both networks are multilayer perceptrons.
        num_classes: How many classes there are.
        latent_dim: Length of a latent vector.
        width: Channels beside the image, doubled at each halving of the resolution.
        kernel_size: Side of the kernels.
        conditioning: `"concatenation"`: an embedding of the label stands beside the latents, and is one more channel of the
            images. `"projection"`: the generator's batch normalisation has gains and offsets for each class, and the
            discriminator adds the product of its features with a vector of the class; for images only.
        embedding_dim: Length of the label's embedding, for concatenation.
        loss: Name of an adversarial loss.
        learning_rate: Of Adam, for both players.
        beta_1: Of Adam.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ConditionalGAN`.

    Raises:
        ValueError: If the size cannot be built, or `conditioning` is neither or does not fit the samples.
    """
    import keras

    from keras_gans import ConditionalGAN
    from keras_gans.errors import no_such

    from .networks import build_discriminator, build_generator

    if conditioning not in ("concatenation", "projection"):
        raise ValueError(no_such("conditioning", str(conditioning), ["concatenation", "projection"]))
    if conditioning == "projection" and len(image_shape) != 3:
        raise ValueError(f"The projection discriminator is for images; samples of shape {tuple(image_shape)} are none.")
    model = ConditionalGAN(
        build_generator(image_shape, num_classes, latent_dim, width, kernel_size, conditioning, embedding_dim),
        build_discriminator(image_shape, num_classes, width, kernel_size, conditioning, embedding_dim),
        seed,
        num_classes,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
