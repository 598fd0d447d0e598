"""Prediction of clips from the frames before: a U-Net with latents, and discriminators of frames and of clips."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import VideoPrediction


@register_model(
    "video_prediction",
    medium="video",
    summary="Predicts clips from the frames before, each time in another possible way: weather radar, or a picture that moves.",
    paper="Ravuri et al. 2021, Skilful precipitation nowcasting using deep generative models of radar, arXiv:2104.00954",
    parameters=3_811_412,
)
def video_prediction(
    video_shape: tuple[int, ...] = (8, 64, 64, 1),
    fps: float = 8.0,
    given: int = 4,
    latent_dim: int = 16,
    width: int = 32,
    depth: int | None = None,
    blocks: int = 2,
    fastest: float = 4.0,
    discriminator_width: int = 32,
    kernel_size: int = 4,
    frames_seen: int = 2,
    samples_averaged: int = 2,
    pixel_weight: float = 20.0,
    adversarial_weight: float = 1.0,
    pretrain_steps: int = 0,
    loss: str = "hinge",
    learning_rate: float = 2e-4,
    beta_1: float = 0.0,
    beta_2: float = 0.99,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "VideoPrediction":
    """Build and compile the GAN that predicts clips.

    Args:
        video_shape: Tuple `(frames, height, width, channels)` of what is predicted: of a size that `dcgan` can build, sides
            multiples of 2^depth. Defaults to `(8, 64, 64, 1)`.
        fps: Float, frames per second. Defaults to 8.
        given: Integer, frames before the clip, which the model is told. Defaults to 4; with 1, a picture is set in motion.
        latent_dim: Integer, channels of the latents, a map of the size of the smallest feature map. Defaults to 16.
        width: Integer, feature maps of the generator at the size of a frame, doubled with each halving, up to four times.
            Defaults to 32.
        depth: Integer, the generator's halvings; None (default) for as many as the size allows, at most 3.
        blocks: Integer, residual blocks of the generator at the smallest size. Defaults to 2.
        fastest: Float, largest speed of the flow along each axis, in pixels a frame. Defaults to 4.
        discriminator_width: Integer, feature maps of both discriminators next to a frame, doubled with each halving. Defaults
            to 32.
        kernel_size: Integer, side of the discriminators' kernels. Defaults to 4.
        frames_seen: Integer, frames of each clip that the discriminator of frames sees. Defaults to 2.
        samples_averaged: Integer, predictions of the same frames whose mean the pixel loss compares with the truth. Defaults to
            2; the paper takes 6.
        pixel_weight: Float, weight of the pixel loss (L1). Defaults to 20, as in the paper.
        adversarial_weight: Float, weight of the adversarial loss. Defaults to 1. With 0, the generator learns from pixels
            alone, as a baseline of blurred means, and there is no discriminator.
        pretrain_steps: Integer, number of first steps in which the generator learns from pixels alone. Defaults to 0.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"hinge"`.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.
        beta_2: Float, Adam's beta_2 for both networks. Defaults to 0.99.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.VideoPrediction`.

    Raises:
        ValueError: If the size cannot be built, or a number is out of range.
    """
    import keras

    from keras_gans import VideoPrediction
    from keras_gans.errors import check_count, check_weight
    from keras_gans.media import Video

    from .networks import build_discriminator, build_generator

    medium = Video(tuple(video_shape), fps)
    shape, given = medium.sample_shape, check_count("given", given)
    depth = _choose_depth(shape[1:3], depth)
    model = VideoPrediction(
        build_generator(shape, given, latent_dim, width, depth, blocks, check_weight("fastest", fastest)),
        build_discriminator(shape, given, discriminator_width, kernel_size, frames_seen, seed) if adversarial_weight else None,
        seed,
        medium=medium,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2),
        loss,
        samples_averaged=samples_averaged,
        pixel_weight=pixel_weight,
        adversarial_weight=adversarial_weight,
        pretrain_steps=pretrain_steps,
        ema=ema,
    )
    return model


def _choose_depth(sides: tuple[int, ...], depth: int | None) -> int:
    """Return the number of halvings.

    Raises:
        ValueError: If the sides cannot be halved so often.
    """
    from keras_gans.errors import check_count

    depth = min(3, *((side & -side).bit_length() - 1 for side in sides)) if depth is None else check_count("depth", depth)
    if depth < 1 or any(side % 2**depth for side in sides):
        height, width = sides
        raise ValueError(
            f"video_prediction needs sides that are multiples of {2 ** max(depth, 1)} (2^depth); received {height}x{width}."
        )
    return depth
