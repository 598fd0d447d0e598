"""Progressive GAN (Karras et al. 2018): grows from 4x4 pixels to the last resolution while it trains."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import ProgressiveGAN


@register_model(
    "pggan",
    medium="images",
    summary="Grows from 4x4 (or 7x7) pixels to 28, 32, 64, 128, ... while it trains.",
    paper="Karras et al. 2018, Progressive Growing of GANs for Improved Quality, Stability, and Variation, arXiv:1710.10196",
    parameters=2_186_116,
)
def pggan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    latent_dim: int = 128,
    width: int = 32,
    most_channels: int = 128,
    total_images: int | None = None,
    fade_images: int | list[int] | None = None,
    stable_images: int | list[int] | None = None,
    batch_sizes: int | list[int] | None = None,
    learning_rates: float | list[float] | None = None,
    group_size: int = 4,
    penalty_weight: float = 10.0,
    penalty_target: float = 1.0,
    drift: float = 0.001,
    learning_rate: float = 1e-3,
    beta_2: float = 0.99,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "ProgressiveGAN":
    """Build and compile the progressive GAN.

    Args:
        image_shape: Tuple `(height, width, channels)` with 1, 3 or 4 channels. The shorter side must be 4 or 7 times a power of
            two (28, 32, 64, 128, ...), the longer side a multiple of that power. Defaults to `(28, 28, 1)`.
        latent_dim: Integer, length of a latent vector. Defaults to 128; the paper has 512.
        width: Integer, feature maps at the last resolution, doubled from each resolution to the one below. Defaults to 32; the
            paper has 16 at 1024x1024.
        most_channels: Integer, maximum number of feature maps. Defaults to 128; the paper has 512.
        total_images: Integer, number of images that training will show in total (`keras-gans train` fills it in). The schedule
            then gives each resolution equally long phases of fading in and of training, and the last one twice the training.
            None (default) uses 600,000 images per phase, as in the authors' code.
        fade_images: Integer, images over which a resolution is faded in, or a list with a value for each resolution. None
            (default) follows `total_images`.
        stable_images: Integer, images for which a resolution is trained after that, or a list. None (default) follows
            `total_images`.
        batch_sizes: Integer, images per update, or a list. None (default) makes one update of each batch.
        learning_rates: Float, learning rate of both networks, or a list. None (default) uses `learning_rate`.
        group_size: Integer, images in each group whose spread the discriminator measures. Defaults to 4.
        penalty_weight: Float, weight of the gradient penalty (appendix A.1). Defaults to 10.
        penalty_target: Float, gradient norm towards which the penalty pulls. Defaults to 1; 750 in the paper for CIFAR-10.
        drift: Float, weight of the squared scores of real images (appendix A.1). Defaults to 0.001.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 1e-3.
        beta_2: Float, Adam's beta_2; beta_1 is 0. Defaults to 0.99.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ProgressiveGAN`.

    Raises:
        ValueError: If the size cannot be built, or a list does not have a value for each resolution.
    """
    import keras

    from keras_gans import GrowthSchedule, ProgressiveGAN
    from keras_gans.penalties import Drift, GradientPenalty

    from .networks import build_discriminator, build_generator, resolutions

    stages = len(resolutions(image_shape))
    # One phase for the first resolution, two for each of the others, and one more for the last.
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
