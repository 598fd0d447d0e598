"""GAN (Goodfellow et al. 2014): two multilayer perceptrons."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import GAN


@register_model(
    "gan",
    medium="images",
    summary="The original GAN: two multilayer perceptrons, for samples of any shape.",
    paper="Goodfellow et al. 2014, Generative Adversarial Nets, arXiv:1406.2661",
    parameters=2_019_857,
)
def gan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    latent_dim: int = 100,
    width: int = 256,
    loss: str = "non_saturating",
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    ema: float | None = None,
    seed: int | None = None,
) -> "GAN":
    """Build and compile the original GAN, with multilayer perceptrons.

    Args:
        image_shape: Tuple of integers, shape of one sample, of any rank: `(28, 28, 1)` (default) for images, `(2,)` for points.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, units of the generator's first hidden layer. The other layers have multiples of it. Defaults to 256.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"non_saturating"`.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

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
