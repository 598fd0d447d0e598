"""Progressive GAN (Karras et al. 2018): grows from 4x4 pixels to the last resolution while it trains."""

from keras_gans.registry import register_model


@register_model(
    "pggan",
    medium="images",
    summary="Grows from 4x4 (or 7x7) pixels to 28, 32, 64, 128, ... while it trains.",
    paper="Karras et al. 2018, Progressive Growing of GANs for Improved Quality, Stability, and Variation, arXiv:1710.10196",
    parameters=2_186_116,
)
def pggan(
    image_shape=(28, 28, 1),
    latent_dim=128,
    width=32,
    most_channels=128,
    total_images=None,
    fade_images=None,
    stable_images=None,
    batch_sizes=None,
    learning_rates=None,
    group_size=4,
    penalty_weight=10.0,
    penalty_target=1.0,
    drift=0.001,
    learning_rate=1e-3,
    beta_2=0.99,
    ema: float | None = 0.999,
    seed=None,
):
    """Builds the progressive GAN, compiled.

    Args:
        image_shape: Height, width and channels (1 or 3). The shorter side must be 4 or 7 times a power of two (28, 32, 64, 128,
            ...), the longer side a multiple of that power.
        latent_dim: Length of a latent vector. The paper's is 512.
        width: Feature maps at the last resolution, doubled from each to the one below; the paper has 16 at 1024x1024.
        most_channels: Feature maps at most. The paper has 512.
        total_images: How many images training will show in all (`train` fills it in): the schedule is made so that a resolution
            is faded in and trained for equally long, and the last one is trained twice as long. Where it is None, the paper's
            code's 600,000 images are taken for each.
        fade_images: Over how many images a resolution is faded in: one number, or a list of one for each.
        stable_images: Over how many it is trained then.
        batch_sizes: Images of one update, likewise; those of a batch if None.
        learning_rates: Of both players, likewise; `learning_rate` if None.
        group_size: Images of the groups whose spread the discriminator sees.
        penalty_weight: Of the gradient penalty (appendix A.1).
        penalty_target: The norm it draws the gradient to: 750 for the paper's CIFAR-10 result.
        drift: Weight of the squared scores of real images (appendix A.1).
        learning_rate: Of Adam, for both players.
        beta_2: Of Adam, whose beta_1 is 0.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ProgressiveGAN`.

    Raises:
        ValueError: If the size cannot be built, or a list has not one value for each resolution.
    """
    import keras

    from keras_gans import GrowthSchedule, ProgressiveGAN
    from keras_gans.penalties import Drift, GradientPenalty

    from .networks import build_discriminator, build_generator, resolutions

    stages = len(resolutions(image_shape))
    # One phase for the first resolution, two for each other one, one more for the last.
    phase = 600_000 if total_images is None else max(1, total_images // (2 * stages))
    schedule = GrowthSchedule(
        phase if fade_images is None else fade_images,
        phase if stable_images is None else stable_images,
        batch_sizes,
        learning_rates,
    )
    model = ProgressiveGAN(
        build_generator(image_shape, latent_dim, width, most_channels),
        build_discriminator(image_shape, width, most_channels, group_size),
        seed,
        schedule,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=0.0, beta_2=beta_2, epsilon=1e-8),
        keras.optimizers.Adam(learning_rate, beta_1=0.0, beta_2=beta_2, epsilon=1e-8),
        penalties=[GradientPenalty(penalty_weight, penalty_target), Drift(drift)],
        ema=ema,
    )
    return model
