"""Short clips: latents over time without recurrence, a 2-D generator of frames, and discriminators of frames and of clips."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import GAN


@register_model(
    "video_gan",
    medium="video",
    summary="Short clips, by class if there are any: a generator of frames, and discriminators of frames and of motion.",
    paper="Saito et al. 2017, Temporal Generative Adversarial Nets (TGAN), arXiv:1611.06624",
    parameters=884_771,
)
def video_gan(
    video_shape: tuple[int, ...] = (16, 32, 32, 1),
    fps: float = 8.0,
    num_classes: int | None = None,
    latent_dim: int = 64,
    motion_dim: int = 64,
    width: int = 32,
    discriminator_width: int = 32,
    kernel_size: int = 4,
    embedding_dim: int = 32,
    frames_seen: int = 2,
    loss: str = "hinge",
    augment: str | None = None,
    learning_rate: float = 2e-4,
    beta_1: float = 0.0,
    beta_2: float = 0.99,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "GAN":
    """Build and compile the GAN of clips.

    Args:
        video_shape: Tuple `(frames, height, width, channels)` of a clip: at least 4 frames, of a size that `dcgan` can build.
            Defaults to `(16, 32, 32, 1)`.
        fps: Float, frames per second. Defaults to 8.
        num_classes: Integer, number of classes; None (default) for none.
        latent_dim: Integer, length of a latent vector. Defaults to 64.
        motion_dim: Integer, length of the vector of each frame, which is made from the latent vector. Defaults to 64.
        width: Integer, channels of the generator next to a frame, doubled with each halving of the resolution. Defaults to 32.
        discriminator_width: Integer, the same of both discriminators. Defaults to 32.
        kernel_size: Integer, side of the kernels of frames. Defaults to 4.
        embedding_dim: Integer, length of the label's embedding. Defaults to 32.
        frames_seen: Integer, frames of each clip that the discriminator of frames sees. Defaults to 2.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"hinge"`.
        augment: String, augmentation before the discriminators, the same for all frames of a clip; None (default) for none.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.
        beta_2: Float, Adam's beta_2 for both networks. Defaults to 0.99.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.GAN`.

    Raises:
        ValueError: If the size cannot be built.
    """
    import keras

    from keras_gans import GAN
    from keras_gans.errors import check_count
    from keras_gans.media import Video

    from .networks import build_discriminator, build_generator

    medium = Video(tuple(video_shape), fps)
    check_count("frames of video_gan", video_shape[0], least=4)
    model = GAN(
        build_generator(medium.sample_shape, num_classes, latent_dim, motion_dim, width, kernel_size, embedding_dim),
        build_discriminator(medium.sample_shape, num_classes, discriminator_width, kernel_size, frames_seen, seed),
        seed,
        num_classes,
        medium=medium,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2),
        loss,
        augment=augment,
        ema=ema,
    )
    return model
