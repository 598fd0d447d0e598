"""ESRGAN (Wang et al. 2018): super-resolution with dense blocks and a relativistic discriminator."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SuperResolution


@register_model(
    "esrgan",
    medium="images",
    summary="Enlarges images 2, 4 or 8 times, crisply: dense blocks without normalisation, a relativistic discriminator.",
    paper="Wang et al. 2018, ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks, arXiv:1809.00219",
    parameters=21_436_620,
)
def esrgan(
    image_shape: tuple[int | None, ...] = (None, None, 3),
    scale: int = 4,
    width: int = 64,
    blocks: int = 23,
    growth: int = 32,
    discriminator_width: int = 64,
    dense: int = 100,
    pretrain_steps: int = 20_000,
    pixel: str = "l1",
    pixel_weight: float = 1e-2,
    perceptual_weight: float = 1.0,
    adversarial_weight: float = 5e-3,
    learning_rate: float = 1e-4,
    pretrain_learning_rate: float | None = 2e-4,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "SuperResolution":
    """Build and compile ESRGAN.

    Args:
        image_shape: Tuple `(height, width, channels)` of large images. Only the number of channels matters: height and width
            are free. Defaults to `(None, None, 3)`.
        scale: Integer, how many times as high and wide as its input an output is: 2, 4 or 8. Defaults to 4.
        width: Integer, feature maps of the generator. Defaults to 64.
        blocks: Integer, residual-in-residual dense blocks of the generator. Defaults to 23, the authors'; 2 or 3 on a CPU.
        growth: Integer, feature maps that each convolution of a dense block adds. Defaults to 32.
        discriminator_width: Integer, feature maps of the discriminator's first layer; its last ones have eight times as many.
            Defaults to 64.
        dense: Integer, units of the discriminator's hidden dense layer. Defaults to 100.
        pretrain_steps: Integer, number of first steps in which the generator learns from pixels alone. Defaults to 20,000; the
            authors take a million.
        pixel: String, the loss of pixels: `"l1"` (default), `"l2"` or `"charbonnier"`.
        pixel_weight: Float, its weight after the first steps. Defaults to 1e-2 (section 4.1).
        perceptual_weight: Float, weight of `keras_gans.losses.PerceptualDistance` after the first steps; 0 leaves it out.
            Defaults to 1, as in equation 3.
        adversarial_weight: Float, weight of the adversarial loss. Defaults to 5e-3 (section 4.1).
        learning_rate: Float, Adam learning rate for both networks. Defaults to 1e-4 (section 4.1).
        pretrain_learning_rate: Float, Adam learning rate of the first steps. Defaults to 2e-4 (section 4.1); None for
            `learning_rate`.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999, as in the authors' code.
        seed: Integer seed of the model, or None (default). Initial weights depend on `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SuperResolution`.

    Raises:
        ValueError: If the scale or another number is out of range.
    """
    from ..srgan.networks import build_discriminator
    from ..srgan.training import compile_super_resolution
    from .networks import build_generator

    channels = image_shape[-1] or 3
    return compile_super_resolution(
        build_generator(channels, scale, width, blocks, growth),
        build_discriminator(channels, discriminator_width, dense),
        seed,
        learning_rate,
        pretrain_learning_rate,
        pretrain_steps=pretrain_steps,
        loss="relativistic_average",
        pixel=pixel,
        pixel_weight=pixel_weight,
        perceptual_weight=perceptual_weight,
        adversarial_weight=adversarial_weight,
        ema=ema,
    )
