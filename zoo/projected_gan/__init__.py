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
    """Build and compile the projected GAN."""
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
