"""R3GAN (Huang et al. 2024), a modern baseline: a relativistic loss, two zero-centred penalties, no tricks."""

from typing import TYPE_CHECKING, Any

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import R3GAN


@register_model(
    "r3gan",
    medium="images",
    summary="The modern baseline: a relativistic loss, two gradient penalties, residual networks without normalisation.",
    paper="Huang et al. 2024, The GAN is dead; long live the GAN! A Modern Baseline GAN, arXiv:2501.05441",
    parameters=344_256,
)
def r3gan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    latent_dim: int = 64,
    width: int = 32,
    blocks: int = 1,
    group_width: int = 16,
    gamma: float = 1.0,
    learning_rate: float = 2e-4,
    beta_2: float = 0.99,
    decay_steps: int | None = None,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "R3GAN":
    """Build and compile R3GAN.

    Args:
        image_shape: Tuple `(height, width, channels)` with 1, 3 or 4 channels, the shorter side 4 or 7 times a power of two
            (28, 32, 64, ...); or the shape of other samples, such as `(2,)` for points, for which both networks are multilayer
            perceptrons. Defaults to `(28, 28, 1)`.
        latent_dim: Integer, length of a latent vector. Defaults to 64.
        width: Integer, feature maps next to the image, doubled with each halving of the resolution up to four times as many.
            Defaults to 32. The paper's networks have 768 to 1024 everywhere.
        blocks: Integer, residual blocks at each resolution. Defaults to 1; the paper has 2.
        group_width: Integer, feature maps in each group of a grouped convolution. Defaults to 16.
        gamma: Float, weight of both gradient penalties (equation 3). Defaults to 1, for stacked MNIST; the paper uses 0.05 for
            CIFAR-10 and 2 for FFHQ at 64x64.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_2: Float, Adam's beta_2; beta_1 is 0. Defaults to 0.99.
        decay_steps: Integer, number of steps over which, on a cosine, the learning rate decays to a quarter and gamma to a
            tenth, as for CIFAR-10. None (default) keeps both constant.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.R3GAN`.

    Raises:
        ValueError: If the size cannot be built, or a value is out of range.
    """
    import keras

    from keras_gans import R3GAN
    from keras_gans.penalties import R1, R2

    if len(image_shape) == 3:
        from . import networks

        generator = networks.build_generator(image_shape, latent_dim, width, blocks, group_width)
        discriminator = networks.build_discriminator(image_shape, width, blocks, group_width)
    else:
        from ..gan import networks as perceptrons

        generator = perceptrons.build_generator(image_shape, latent_dim, 4 * width)
        discriminator = perceptrons.build_discriminator(image_shape, 4 * width)

    def falling(value: float, share: float) -> Any:
        return value if decay_steps is None else keras.optimizers.schedules.CosineDecay(value, decay_steps, alpha=share)

    model = R3GAN(generator, discriminator, seed)
    model.compile(
        keras.optimizers.Adam(falling(learning_rate, 0.25), beta_1=0.0, beta_2=beta_2),
        keras.optimizers.Adam(falling(learning_rate, 0.25), beta_1=0.0, beta_2=beta_2),
        penalties=[R1(falling(gamma, 0.1)), R2(falling(gamma, 0.1))],
        ema=ema,
    )
    return model
