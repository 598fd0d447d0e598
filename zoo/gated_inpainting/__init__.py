"""Gated inpainting (Yu et al. 2019): fills in holes of any shape in images."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import Inpainting


@register_model(
    "gated_inpainting",
    medium="images",
    summary="Fills in holes of any shape in images: gated convolutions, a discriminator of patches.",
    paper="Yu et al. 2019, Free-Form Image Inpainting with Gated Convolution, arXiv:1806.03589",
    parameters=11_355_123,
)
def gated_inpainting(
    image_shape: tuple[int | None, ...] = (256, 256, 3),
    width: int = 48,
    dilations: tuple[int, ...] = (2, 4, 8, 16),
    discriminator_width: int = 64,
    discriminator_depth: int = 6,
    pretrain_steps: int = 20_000,
    pixel: str = "l1",
    pixel_weight: float = 1.0,
    hole_weight: float = 1.0,
    known_weight: float = 1.0,
    adversarial_weight: float = 1.0,
    feature_matching: float = 0.0,
    perceptual: str | None = None,
    perceptual_weight: float = 1.0,
    learning_rate: float = 1e-4,
    pretrain_learning_rate: float | None = None,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "Inpainting":
    """Build and compile gated inpainting.

    Args:
        image_shape: Tuple `(height, width, channels)` of images, both sides multiples of 4. Images of other such sizes can be
            filled in, too. Defaults to `(256, 256, 3)`.
        width: Integer, feature maps of the generator next to the image; four times as many at a quarter of the size. Defaults
            to 48; 16 on a CPU.
        dilations: Tuple of integers, dilation of each convolution in the middle of the generator. Defaults to `(2, 4, 8, 16)`.
        discriminator_width: Integer, feature maps of the discriminator's first layer; at most four times as many in later ones.
            Defaults to 64.
        discriminator_depth: Integer, the discriminator's halvings. Defaults to 6, for 256x256; 4 for 64x64.
        pretrain_steps: Integer, number of first steps in which the generator learns from pixels alone. Defaults to 20,000.
        pixel: String, the loss of pixels: `"l1"` (default), `"l2"` or `"charbonnier"`.
        pixel_weight: Float, its weight after the first steps. Defaults to 1 (section 3.3).
        hole_weight: Float, weight of the pixel loss inside the hole. Defaults to 1.
        known_weight: Float, weight of the pixel loss outside of it, before the image replaces what the network made there.
            Defaults to 1.
        adversarial_weight: Float, weight of the adversarial loss. Defaults to 1 (section 3.3). With 0, the generator learns
            from pixels alone, as a baseline, and there is no discriminator.
        feature_matching: Float, weight of the distance in the discriminator's inner features. Defaults to 0.
        perceptual: String, a further loss: `"imagenet"` or `"frequency"`; None (default) for none.
        perceptual_weight: Float, its weight. Defaults to 1.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 1e-4, as in the authors' code.
        pretrain_learning_rate: Float, Adam learning rate of the first steps; None (default) for `learning_rate`.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed of the model, or None (default). Initial weights depend on `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.Inpainting`.

    Raises:
        ValueError: If the size or a number is out of range.
    """
    from typing import Any

    import keras

    from keras_gans import Inpainting

    from .networks import STEP, build_discriminator, build_generator

    *sides, channels = image_shape
    if any(side is not None and side % STEP for side in sides):
        raise ValueError(
            f"gated_inpainting needs sides that are multiples of {STEP}; received {'x'.join(map(str, sides))}: choose another "
            "image size."
        )
    rate: Any = learning_rate
    if pretrain_learning_rate is not None and pretrain_steps:
        rate = keras.optimizers.schedules.PiecewiseConstantDecay([pretrain_steps], [pretrain_learning_rate, learning_rate])
    model = Inpainting(
        build_generator(channels or 3, width, dilations),
        build_discriminator(channels or 3, discriminator_width, discriminator_depth, features=feature_matching > 0)
        if adversarial_weight
        else None,
        seed,
    )
    model.compile(
        keras.optimizers.Adam(rate, beta_1=0.5),
        keras.optimizers.Adam(learning_rate, beta_1=0.5),
        "hinge",
        pixel=pixel,
        pixel_weight=pixel_weight,
        hole_weight=hole_weight,
        known_weight=known_weight,
        adversarial_weight=adversarial_weight,
        feature_matching=feature_matching,
        perceptual=perceptual,
        perceptual_weight=perceptual_weight,
        pretrain_steps=pretrain_steps,
        ema=ema,
    )
    return model
