"""CUT (Park et al. 2020): maps images of one domain to another, learning without pairs and without the way back."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import ContrastiveTranslation


@register_model(
    "cut",
    medium="images",
    summary="Maps images of one kind to another, learning without pairs: one direction, in less time and memory than cyclegan.",
    paper="Park et al. 2020, Contrastive Learning for Unpaired Image-to-Image Translation, arXiv:2007.15651",
    parameters=14_709_444,
)
def cut(
    image_shape: tuple[int, ...] = (256, 256, 3),
    width: int = 64,
    blocks: int | None = None,
    discriminator_width: int = 64,
    discriminator_depth: int = 3,
    contrast_weight: float = 1.0,
    identity: bool = True,
    temperature: float = 0.07,
    patches: int = 256,
    units: int = 256,
    loss: str = "least_squares",
    adversarial_weight: float = 2.0,
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    decay_steps: int | None = None,
    decay_after: int = 0,
    ema: float | None = None,
    seed: int | None = None,
) -> "ContrastiveTranslation":
    """Build and compile CUT.

    Args:
        image_shape: Tuple `(height, width, channels)` of both domains; both sides multiples of 4, at least 8. Images of other
            such sizes can be mapped, too. Defaults to `(256, 256, 3)`.
        width: Integer, feature maps of the generator next to the image, doubled with each of two halvings. Defaults to 64.
        blocks: Integer, number of residual blocks of the generator. None (default) for 9, or 6 below 256x256 pixels.
        discriminator_width: Integer, feature maps of the discriminator's first layer. Defaults to 64.
        discriminator_depth: Integer, the discriminator's halvings. Defaults to 3: patches of 70x70 pixels; 2 makes them 34x34.
        contrast_weight: Float, weight of the contrastive loss. Defaults to 1. FastCUT takes 10.
        identity: Boolean, whether images of the wanted domain are mapped and compared, too. Defaults to True. FastCUT goes
            without, and so maps half as many.
        temperature: Float, the number by which similarities of patches are divided. Defaults to 0.07.
        patches: Integer, number of patches of an image that are compared at each depth. Defaults to 256.
        units: Integer, size of both layers of the networks that prepare features. Defaults to 256.
        loss: String, name of an adversarial loss. Defaults to `"least_squares"`.
        adversarial_weight: Float, weight of the generator's adversarial loss. Defaults to 2, since `least_squares` is half of
            the authors' square.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        decay_steps: Integer, number of steps over which both learning rates decay linearly to 0. None (default) keeps them
            constant.
        decay_after: Integer, number of first steps with constant learning rates, after which `decay_steps` begin. Defaults to
            0. The authors take 200 epochs of each, and 150 and 50 for FastCUT.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ContrastiveTranslation`.

    Raises:
        ValueError: If the size or a number is out of range.
    """
    from keras_gans import ContrastiveTranslation

    from ..cyclegan.networks import build_discriminator
    from ..cyclegan.training import adam_pair, check_sides
    from .networks import build_generator

    check_sides("cut", image_shape)
    channels = image_shape[2]
    blocks = (9 if min(image_shape[:2]) >= 256 else 6) if blocks is None else blocks
    model = ContrastiveTranslation(
        build_generator(channels, width, blocks),
        build_discriminator(channels, discriminator_width, discriminator_depth, "discriminator"),
        seed,
        units,
    )
    model.compile(
        *adam_pair(learning_rate, beta_1, decay_steps, decay_after),
        loss,
        contrast_weight=contrast_weight,
        identity=identity,
        temperature=temperature,
        patches=patches,
        adversarial_weight=adversarial_weight,
        ema=ema,
    )
    return model
