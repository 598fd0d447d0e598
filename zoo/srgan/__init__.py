"""SRGAN (Ledig et al. 2017): super-resolution against a discriminator, with a perceptual loss."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SuperResolution


@register_model(
    "srgan",
    medium="images",
    summary="Enlarges images 2, 3, 4 or 8 times, crisply: the first super-resolution against a discriminator.",
    paper="Ledig et al. 2017, Photo-Realistic Single Image Super-Resolution Using a GAN, arXiv:1609.04802",
    parameters=6_762_116,
)
def srgan(
    image_shape: tuple[int | None, ...] = (None, None, 3),
    scale: int = 4,
    width: int = 64,
    blocks: int = 16,
    discriminator_width: int = 64,
    dense: int = 1024,
    pretrain_steps: int = 20_000,
    pixel: str = "l2",
    pixel_weight: float = 1.0,
    perceptual_weight: float = 1.0,
    adversarial_weight: float = 1e-3,
    learning_rate: float = 1e-4,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "SuperResolution":
    """Build and compile SRGAN.

    Args:
        image_shape: Tuple `(height, width, channels)` of large images. Only the number of channels matters: height and width
            are free. Defaults to `(None, None, 3)`.
        scale: Integer, how many times as high and wide as its input an output is: 2, 3, 4 or 8. Defaults to 4.
        width: Integer, feature maps of the generator. Defaults to 64.
        blocks: Integer, residual blocks of the generator. Defaults to 16.
        discriminator_width: Integer, feature maps of the discriminator's first layer; its last ones have eight times as many.
            Defaults to 64.
        dense: Integer, units of the discriminator's hidden dense layer. Defaults to 1024.
        pretrain_steps: Integer, number of first steps in which the generator learns from pixels alone. Defaults to 20,000; the
            paper takes a million.
        pixel: String, the loss of pixels: `"l1"`, `"l2"` (default) or `"charbonnier"`.
        pixel_weight: Float, its weight after the first steps. Defaults to 1; the paper's is 0.
        perceptual_weight: Float, weight of `keras_gans.losses.PerceptualDistance` after the first steps; 0 leaves it out.
            Defaults to 1.
        adversarial_weight: Float, weight of the adversarial loss. Defaults to 1e-3 (equation 3).
        learning_rate: Float, Adam learning rate for both networks. Defaults to 1e-4 (section 3.2).
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed of the model, or None (default). Initial weights depend on `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SuperResolution`.

    Raises:
        ValueError: If the scale or another number is out of range.
    """
    from .networks import build_discriminator, build_generator
    from .training import compile_super_resolution

    channels = image_shape[-1] or 3
    return compile_super_resolution(
        build_generator(channels, scale, width, blocks),
        build_discriminator(channels, discriminator_width, dense),
        seed,
        learning_rate,
        None,
        beta_2=0.999,
        pretrain_steps=pretrain_steps,
        loss="non_saturating",
        pixel=pixel,
        pixel_weight=pixel_weight,
        perceptual_weight=perceptual_weight,
        adversarial_weight=adversarial_weight,
        ema=ema,
    )
