"""DCGAN (Radford et al. 2016): strided convolutions and batch normalisation."""

from keras_gans.registry import register_model


@register_model(
    "dcgan",
    medium="images",
    summary="Convolutional, with batch normalisation: the baseline for images of 28 to 128 pixels.",
    paper="Radford et al. 2016, Unsupervised Representation Learning with DCGANs, arXiv:1511.06434",
    parameters=898_370,
)
def dcgan(
    image_shape=(28, 28, 1),
    latent_dim=100,
    width=64,
    kernel_size=4,
    loss="non_saturating",
    learning_rate=2e-4,
    beta_1=0.5,
    ema=None,
    seed=None,
):
    """Builds the DCGAN, compiled.

    Args:
        image_shape: Height, width and channels (1 or 3). The shorter side must be 4 or 7 times a power of two (28, 32, 56, 64,
            112, 128, ...), the longer side a multiple of that power.
        latent_dim: Length of a latent vector.
        width: Channels beside the image, doubled at each halving of the resolution. The paper's 64x64 generator has 128, its
            discriminator 64.
        kernel_size: Side of the kernels. The paper draws 5 (figure 1); 4 is a multiple of the stride, so that every pixel is
            the sum of equally many products (Odena et al. 2016), and costs 16/25 as much.
        loss: Name of an adversarial loss.
        learning_rate: Of Adam, for both players (section 4).
        beta_1: Of Adam (section 4).
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.GAN`.

    Raises:
        ValueError: If the size cannot be built, with the nearest that can.
    """
    import keras

    from keras_gans import GAN

    from .networks import build_discriminator, build_generator

    model = GAN(
        build_generator(image_shape, latent_dim, width, kernel_size),
        build_discriminator(image_shape, width, kernel_size),
        seed,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
