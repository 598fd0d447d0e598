"""FastGAN (Liu et al. 2021), for few images: skip-layer excitation, and a discriminator that reconstructs real images."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import FastGAN


@register_model(
    "fastgan",
    medium="images",
    summary="For a few hundred images: skip-layer excitation, and a discriminator that also reconstructs real images.",
    paper="Liu et al. 2021, Towards Faster and Stabilized GAN Training for Few-shot Image Synthesis, arXiv:2101.04775",
    parameters=3_666_932,
)
def fastgan(
    image_shape: tuple[int, ...] = (64, 64, 3),
    num_classes: int | None = None,
    latent_dim: int = 128,
    width: int = 16,
    discriminator_width: int = 12,
    reconstruction_weight: float = 1.0,
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "FastGAN":
    """Build and compile FastGAN.

    Args:
        image_shape: Tuple `(height, width, channels)`: the shorter side 4 or 7 times a power of two, from 16 to 896 (64, 128,
            256, ...), the longer side a multiple of that power; 1 channel (grey), 3 (colour) or 4 (with transparency). Defaults
            to `(64, 64, 3)`.
        num_classes: Integer, number of classes, for a model that is told the class. None (default) for a model that is not.
        latent_dim: Integer, length of a latent vector. Defaults to 128; the authors use 256.
        width: Integer, feature maps of the generator at 128x128; twice as many at 64x64 and 32x32, sixteen times at 4x4, half
            as many at 256x256. Defaults to 16; the authors use 64.
        discriminator_width: Integer, feature maps of the discriminator next to images of 128x128; sixteen times as many at the
            end. Defaults to 12; the authors use 64.
        reconstruction_weight: Float, weight of the reconstructions in the discriminator's loss. Defaults to 1.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.FastGAN`.

    Raises:
        ValueError: If the size or a width cannot be built, or a value is out of range.
    """
    import keras

    from keras_gans import FastGAN
    from keras_gans.augmentation import DiffAugment

    from .discriminator import build_discriminator
    from .networks import build_generator

    model = FastGAN(
        build_generator("fastgan", image_shape, latent_dim, width, num_classes, seed),
        build_discriminator(image_shape, discriminator_width, num_classes),
        seed,
        num_classes,
        reconstruction_weight,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        ema=ema,
        augment=DiffAugment(["color", "translation"]),
    )
    return model
