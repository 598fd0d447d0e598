"""CycleGAN (Zhu et al. 2017): maps images of one domain to another and back, learning without pairs."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import UnpairedTranslation


@register_model(
    "cyclegan",
    medium="images",
    summary="Maps images of one kind to another and back, learning without pairs: apples to oranges, summer to winter.",
    paper="Zhu et al. 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, arXiv:1703.10593",
    parameters=28_298_120,
)
def cyclegan(
    image_shape: tuple[int, ...] = (256, 256, 3),
    input_channels: int | None = None,
    width: int = 64,
    blocks: int | None = None,
    discriminator_width: int = 64,
    discriminator_depth: int = 3,
    cycle_weight: float = 10.0,
    identity_weight: float | None = None,
    pool_size: int = 50,
    loss: str = "least_squares",
    adversarial_weight: float = 2.0,
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    decay_steps: int | None = None,
    decay_after: int = 0,
    ema: float | None = None,
    seed: int | None = None,
) -> "UnpairedTranslation":
    """Build and compile the CycleGAN.

    Args:
        image_shape: Tuple `(height, width, channels)` of the images to make; both sides multiples of 4, at least 8. Images of
            other such sizes can be mapped, too. Defaults to `(256, 256, 3)`.
        input_channels: Integer, channels of the images to map; None (default) for as many as they are mapped to.
        width: Integer, feature maps of the generators next to the image, doubled with each of two halvings. Defaults to 64.
        blocks: Integer, number of residual blocks of each generator. None (default) for 9, or 6 below 256x256 pixels (appendix
            7.2).
        discriminator_width: Integer, feature maps of the discriminators' first layer. Defaults to 64.
        discriminator_depth: Integer, the discriminators' halvings. Defaults to 3: patches of 70x70 pixels; 2 makes them 34x34.
        cycle_weight: Float, weight of the cycle loss. Defaults to 10 (section 4).
        identity_weight: Float, weight of the identity loss. None (default) for half the cycle loss' (section 5.2), or 0 where
            domains have different channels.
        pool_size: Integer, number of earlier generated images that discriminators are shown again. Defaults to 50 (section 4).
        loss: String, name of an adversarial loss. Defaults to `"least_squares"` (section 4).
        adversarial_weight: Float, weight of both generators' adversarial losses. Defaults to 2, since `least_squares` is half
            of the paper's square.
        learning_rate: Float, Adam learning rate for all networks. Defaults to 2e-4 (section 4).
        beta_1: Float, Adam's beta_1 for all networks. Defaults to 0.5.
        decay_steps: Integer, number of steps over which all learning rates decay linearly to 0. None (default) keeps them
            constant.
        decay_after: Integer, number of first steps with constant learning rates, after which `decay_steps` begin. Defaults to
            0. The paper takes 100 epochs of each.
        ema: Float, decay of the generators' moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.UnpairedTranslation`.

    Raises:
        ValueError: If the size or a number is out of range.
    """
    from keras_gans import UnpairedTranslation

    from .networks import build_discriminator, build_generator
    from .training import adam_pair, check_sides

    check_sides("cyclegan", image_shape)
    channels = image_shape[2]
    input_channels = channels if input_channels is None else input_channels
    blocks = (9 if min(image_shape[:2]) >= 256 else 6) if blocks is None else blocks
    if identity_weight is None:
        identity_weight = cycle_weight / 2 if input_channels == channels else 0.0
    model = UnpairedTranslation(
        (
            build_generator(input_channels, channels, width, blocks, "to_b"),
            build_generator(channels, input_channels, width, blocks, "to_a"),
        ),
        (
            build_discriminator(channels, discriminator_width, discriminator_depth, "of_b"),
            build_discriminator(input_channels, discriminator_width, discriminator_depth, "of_a"),
        ),
        seed,
        pool_size,
        image_shape[:2],
    )
    model.compile(
        *adam_pair(learning_rate, beta_1, decay_steps, decay_after),
        loss,
        cycle_weight=cycle_weight,
        identity_weight=identity_weight,
        adversarial_weight=adversarial_weight,
        ema=ema,
    )
    return model
