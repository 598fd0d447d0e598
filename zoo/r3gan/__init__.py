"""R3GAN (Huang et al. 2024): the modern baseline. Relativistic pairs, two zero-centred penalties, no tricks."""

from keras_gans.registry import register_model


@register_model(
    "r3gan",
    medium="images",
    summary="The modern baseline: relativistic pairs, penalties on both sides, residual networks without normalisation.",
    paper="Huang et al. 2024, The GAN is dead; long live the GAN! A Modern Baseline GAN, arXiv:2501.05441",
    parameters=344_256,
)
def r3gan(
    image_shape=(28, 28, 1),
    latent_dim=64,
    width=32,
    blocks=1,
    group_width=16,
    gamma=1.0,
    learning_rate=2e-4,
    beta_2=0.99,
    decay_steps=None,
    ema: float | None = 0.999,
    seed=None,
):
    """Builds R3GAN, compiled.

    Args:
        image_shape: Height, width and channels (1 or 3), the shorter side 4 or 7 times a power of two (28, 32, 64, ...); or the
            shape of other samples, such as `(2,)` for points, for which both networks are multilayer perceptrons.
        latent_dim: Length of a latent vector.
        width: Feature maps beside the image, doubled at each halving of the resolution up to four times as many. The paper's
            networks have 768 to 1024 everywhere.
        blocks: Residual blocks at each resolution. The paper has 2.
        group_width: Feature maps that one group of a convolution sees.
        gamma: Weight of both penalties (equation 3): 1 for stacked MNIST, 0.05 for CIFAR-10, 2 for FFHQ at 64x64.
        learning_rate: Of Adam, for both players.
        beta_2: Of Adam, whose beta_1 is 0.
        decay_steps: Steps over which, on a cosine, the learning rate falls to a quarter and gamma to a tenth, as for CIFAR-10;
            None for constant ones.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.R3GAN`.

    Raises:
        ValueError: If the size cannot be built, or a value is out of range.
    """
    import keras

    from keras_gans import R3GAN
    from keras_gans.penalties import R1, R2

    if len(image_shape) == 3:
        from .networks import build_discriminator, build_generator

        networks = (
            build_generator(image_shape, latent_dim, width, blocks, group_width),
            build_discriminator(image_shape, width, blocks, group_width),
        )
    else:
        from ..gan.networks import build_discriminator, build_generator

        networks = build_generator(image_shape, latent_dim, 4 * width), build_discriminator(image_shape, 4 * width)

    def falling(value, share):
        return value if decay_steps is None else keras.optimizers.schedules.CosineDecay(value, decay_steps, alpha=share)

    model = R3GAN(*networks, seed)
    model.compile(
        keras.optimizers.Adam(falling(learning_rate, 0.25), beta_1=0.0, beta_2=beta_2),
        keras.optimizers.Adam(falling(learning_rate, 0.25), beta_1=0.0, beta_2=beta_2),
        penalties=[R1(falling(gamma, 0.1)), R2(falling(gamma, 0.1))],
        ema=ema,
    )
    return model
