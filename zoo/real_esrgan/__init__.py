"""Real-ESRGAN (Wang et al. 2021): super-resolution of photographs that have been through more than a reduction."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SuperResolution


@register_model(
    "real_esrgan",
    medium="images",
    summary="Enlarges images 2, 3, 4 ... times, fast: a compact generator, a discriminator of each pixel.",
    paper="Wang et al. 2021, Real-ESRGAN: Training Real-World Blind Super-Resolution, arXiv:2107.10833",
    parameters=5_590_193,
)
def real_esrgan(
    image_shape: tuple[int | None, ...] = (None, None, 3),
    scale: int = 4,
    width: int = 64,
    blocks: int = 32,
    discriminator_width: int = 64,
    pretrain_steps: int = 20_000,
    pixel: str = "l1",
    pixel_weight: float = 1.0,
    perceptual_weight: float = 1.0,
    adversarial_weight: float = 0.1,
    learning_rate: float = 1e-4,
    pretrain_learning_rate: float | None = 2e-4,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "SuperResolution":
    """Build and compile Real-ESRGAN with its compact generator.

    Args:
        image_shape: Tuple `(height, width, channels)` of large images. Only the number of channels matters: height and width
            are free, multiples of 8 in training. Defaults to `(None, None, 3)`.
        scale: Integer, how many times as high and wide as its input an output is. Defaults to 4.
        width: Integer, feature maps of the generator. Defaults to 64.
        blocks: Integer, convolutions of the generator between the first and the last. Defaults to 32, as in the authors'
            `general` models; their models for animations have 16.
        discriminator_width: Integer, feature maps of the discriminator's first and last layers; those in the middle have eight
            times as many. Defaults to 64.
        pretrain_steps: Integer, number of first steps in which the generator learns from pixels alone. Defaults to 20,000; the
            authors take a million.
        pixel: String, the loss of pixels: `"l1"` (default), `"l2"` or `"charbonnier"`.
        pixel_weight: Float, its weight after the first steps. Defaults to 1.
        perceptual_weight: Float, weight of `keras_gans.losses.PerceptualDistance` after the first steps; 0 leaves it out.
            Defaults to 1.
        adversarial_weight: Float, weight of the adversarial loss. Defaults to 0.1.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 1e-4.
        pretrain_learning_rate: Float, Adam learning rate of the first steps. Defaults to 2e-4; None for `learning_rate`.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed of the model, or None (default). Initial weights depend on `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SuperResolution`.

    Raises:
        ValueError: If the scale or another number is out of range.
    """
    from ..srgan.training import compile_super_resolution
    from .networks import build_discriminator, build_generator

    channels = image_shape[-1] or 3
    return compile_super_resolution(
        build_generator(channels, scale, width, blocks),
        build_discriminator(channels, discriminator_width),
        seed,
        learning_rate,
        pretrain_learning_rate,
        pretrain_steps=pretrain_steps,
        loss="non_saturating",
        pixel=pixel,
        pixel_weight=pixel_weight,
        perceptual_weight=perceptual_weight,
        adversarial_weight=adversarial_weight,
        ema=ema,
    )
