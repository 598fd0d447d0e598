"""DCGAN (Radford et al. 2016): strided convolutions and batch normalisation."""

from typing import TYPE_CHECKING, Any

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import GAN


@register_model(
    "dcgan",
    medium="images",
    summary="Convolutional, with batch normalisation: a simple baseline for images of 28 to 128 pixels.",
    paper="Radford et al. 2016, Unsupervised Representation Learning with DCGANs, arXiv:1511.06434",
    parameters=898_370,
)
def dcgan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    latent_dim: int = 100,
    width: int = 64,
    kernel_size: int = 4,
    normalization: str = "batch",
    loss: str = "non_saturating",
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    decay_steps: int | None = None,
    ema: float | None = None,
    seed: int | None = None,
) -> "GAN":
    """Build and compile the DCGAN.

    Args:
        image_shape: Tuple `(height, width, channels)` with 1, 3 or 4 channels. The shorter side must be 4 or 7 times a power of
            two (28, 32, 56, 64, 112, 128, ...), the longer side a multiple of that power. Defaults to `(28, 28, 1)`.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, channels next to the image, doubled with each halving of the resolution. Defaults to 64. In the paper's
            64x64 networks, the generator has 128 and the discriminator 64.
        kernel_size: Integer, side of the kernels. Defaults to 4. The paper's figure 1 shows 5, but a multiple of the stride
            makes every pixel a sum of equally many products (Odena et al. 2016), and 4 costs 16/25 as much.
        normalization: String, `"batch"` (default), `"group"` or `"none"`, in both networks. Private training needs one of the
            latter two.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"non_saturating"`.
        learning_rate: Float, Adam learning rate for both networks (section 4). Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks (section 4). Defaults to 0.5.
        decay_steps: Integer, number of steps over which both learning rates decay linearly to 0. None (default) keeps them
            constant, as in the paper.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.GAN`.

    Raises:
        ValueError: If the size cannot be built; the message names the nearest one that can.
    """
    import keras

    from keras_gans import GAN

    from .networks import build_discriminator, build_generator

    model = GAN(
        build_generator(image_shape, latent_dim, width, kernel_size, normalization),
        build_discriminator(image_shape, width, kernel_size, normalization),
        seed,
    )
    rate: Any = learning_rate
    if decay_steps is not None:
        rate = keras.optimizers.schedules.PolynomialDecay(rate, decay_steps, 0.0)
    model.compile(
        keras.optimizers.Adam(rate, beta_1=beta_1),
        keras.optimizers.Adam(rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
