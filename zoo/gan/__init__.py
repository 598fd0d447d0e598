"""GAN (Goodfellow et al. 2014): two multilayer perceptrons."""

from keras_gans.registry import register_model


@register_model(
    "gan",
    medium="images",
    summary="The classic: two multilayer perceptrons, for samples of any shape.",
    paper="Goodfellow et al. 2014, Generative Adversarial Nets, arXiv:1406.2661",
    parameters=2_019_857,
)
def gan(
    image_shape=(28, 28, 1),
    latent_dim=100,
    width=256,
    loss="non_saturating",
    learning_rate=2e-4,
    beta_1=0.5,
    ema=None,
    seed=None,
):
    """Builds the multilayer GAN, compiled.

    Args:
        image_shape: Shape of one sample, of any rank: `(28, 28, 1)` for images, `(2,)` for points.
        latent_dim: Length of a latent vector.
        width: Units of the generator's first hidden layer; the others follow (see `networks.py`).
        loss: Name of an adversarial loss.
        learning_rate: Of Adam, for both players.
        beta_1: Of Adam.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.GAN`.

    Raises:
        ValueError: If a value is out of range.
    """
    import keras

    from keras_gans import GAN

    from .networks import build_discriminator, build_generator

    model = GAN(build_generator(image_shape, latent_dim, width), build_discriminator(image_shape, width), seed)
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
