"""Projected GAN (Sauer et al. 2021): its discriminators see the features of a frozen ImageNet classifier."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import ProjectedGAN


@register_model(
    "projected_gan",
    medium="images",
    summary="For photographs: four discriminators of the features of a frozen ImageNet classifier. Learns from few images.",
    paper="Sauer et al. 2021, Projected GANs Converge Faster, arXiv:2111.01007",
    parameters=3_490_599,
)
def projected_gan(
    image_shape: tuple[int, ...] = (64, 64, 3),
    num_classes: int | None = None,
    latent_dim: int = 128,
    width: int = 16,
    discriminator_width: int = 32,
    feature_size: int = 96,
    mixed_channels: Sequence[int] = (32, 32, 32, 32),
    projection_seed: int = 0,
    learning_rate: float = 2e-4,
    beta_1: float = 0.0,
    beta_2: float = 0.99,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "ProjectedGAN":
    """Build and compile the projected GAN.

    Args:
        image_shape: Tuple `(height, width, channels)`: the shorter side 4 or 7 times a power of two, from 16 to 896 (64, 128,
            256, ...), the longer side a multiple of that power; 1 channel (grey), 3 (colour) or 4 (with transparency). Defaults
            to `(64, 64, 3)`.
        num_classes: Integer, number of classes, for a model that is told the class. None (default) for a model that is not.
        latent_dim: Integer, length of a latent vector. Defaults to 128; the authors use 256.
        width: Integer, feature maps of the generator at 128x128; twice as many at 64x64 and 32x32, sixteen times at 4x4, half
            as many at 256x256. Defaults to 16; the authors use 128 or 64.
        discriminator_width: Integer, an eighth of the discriminators' feature maps after the last halving. Defaults to 32; the
            authors use 64.
        feature_size: Integer, side in pixels to which images are resized for the ImageNet network. Defaults to 96; the authors
            use 224, which is 5.4 times as many pixels.
        mixed_channels: Four integers, channels of each scale after the random mixing, the finest first. Defaults to
            `(32, 32, 32, 32)`; the authors use `(64, 128, 256, 512)`.
        projection_seed: Integer, seed of the random mixing, which is not trained. Defaults to 0.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.
        beta_2: Float, Adam's beta_2 for both networks. Defaults to 0.99.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ProjectedGAN`.

    Raises:
        ValueError: If a size, a width or a number of channels cannot be built, or a value is out of range.
    """
    import keras

    from keras_gans import ProjectedGAN

    from ..fastgan.networks import build_generator
    from .networks import build_discriminator

    model = ProjectedGAN(
        build_generator("projected_gan", image_shape, latent_dim, width, num_classes, seed),
        build_discriminator(image_shape, num_classes, feature_size, mixed_channels, discriminator_width, projection_seed),
        seed,
        num_classes,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2),
        ema=ema,
        augment="diff_augment",
    )
    return model
