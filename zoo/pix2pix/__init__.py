"""pix2pix (Isola et al. 2017): maps images to images of the same size, learning from pairs."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import PairedTranslation


@register_model(
    "pix2pix",
    medium="images",
    summary="Maps images to images of the same size, learning from pairs: maps to photographs, grey to colour, noisy to clean.",
    paper="Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks, arXiv:1611.07004",
    parameters=57_183_236,
)
def pix2pix(
    image_shape: tuple[int, ...] = (256, 256, 3),
    input_channels: int | None = None,
    width: int = 64,
    depth: int | None = None,
    dropout: float = 0.5,
    discriminator_width: int = 64,
    discriminator_depth: int = 3,
    pretrain_steps: int = 0,
    pixel: str = "l1",
    pixel_weight: float = 100.0,
    loss: str = "non_saturating",
    adversarial_weight: float = 1.0,
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    ema: float | None = None,
    seed: int | None = None,
) -> "PairedTranslation":
    """Build and compile pix2pix.

    Args:
        image_shape: Tuple `(height, width, channels)` of the images to make; both sides multiples of 2^depth. Images of other
            such sizes can be mapped, too. Defaults to `(256, 256, 3)`.
        input_channels: Integer, channels of the images to map; None (default) for as many as they are mapped to.
        width: Integer, feature maps of the generator next to the image, doubled with each halving, up to eight times. Defaults
            to 64.
        depth: Integer, number of halvings; None (default) for as many as the size allows, at most 8.
        dropout: Float, share of features that the generator's inner layers drop in training. Defaults to 0.5.
        discriminator_width: Integer, feature maps of the discriminator's first layer. Defaults to 64.
        discriminator_depth: Integer, the discriminator's halvings. Defaults to 3: patches of 70x70 pixels; 2 makes them 34x34.
        pretrain_steps: Integer, number of first steps in which the generator learns from pixels alone. Defaults to 0.
        pixel: String, the loss of pixels: `"l1"` (default), `"l2"` or `"charbonnier"`.
        pixel_weight: Float, its weight. Defaults to 100 (section 3.3).
        loss: String, name of an adversarial loss. Defaults to `"non_saturating"`.
        adversarial_weight: Float, weight of the adversarial loss. Defaults to 1. With 0, the generator learns from pixels
            alone, as a baseline, and there is no discriminator.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4 (section 3.3).
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5 (section 3.3).
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.PairedTranslation`.

    Raises:
        ValueError: If the size or a number is out of range.
    """
    import keras

    from keras_gans import PairedTranslation

    from .networks import build_discriminator, build_generator

    height, width_in_pixels, channels = image_shape
    input_channels = channels if input_channels is None else input_channels
    depth = min(8, _halvings(height), _halvings(width_in_pixels)) if depth is None else depth
    if depth < 1 or height % 2**depth or width_in_pixels % 2**depth:
        raise ValueError(
            f"pix2pix needs sides that are multiples of {2 ** max(depth, 1)} (2^depth); received {height}x{width_in_pixels}."
        )
    judged = (input_channels, channels, discriminator_width, discriminator_depth)
    model = PairedTranslation(
        build_generator(input_channels, channels, width, depth, dropout),
        build_discriminator(*judged) if adversarial_weight else None,
        seed,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        pixel=pixel,
        pixel_weight=pixel_weight,
        adversarial_weight=adversarial_weight,
        pretrain_steps=pretrain_steps,
        ema=ema,
    )
    return model


def _halvings(side: int) -> int:
    """Return how often a side can be halved."""
    return (side & -side).bit_length() - 1
