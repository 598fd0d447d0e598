"""MoCoGAN (Tulyakov et al. 2018): clips of any length, of content that stays and motion by a recurrent network."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import MoCoGAN


@register_model(
    "mocogan",
    medium="video",
    summary="Clips of any length: content that stays, and motion from a recurrent network.",
    paper="Tulyakov et al. 2018, MoCoGAN: Decomposing Motion and Content for Video Generation, arXiv:1707.04993",
    parameters=686_327,
)
def mocogan(
    video_shape: tuple[int, ...] = (16, 32, 32, 1),
    fps: float = 8.0,
    num_classes: int | None = None,
    content_dim: int = 50,
    motion_dim: int = 10,
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
) -> "MoCoGAN":
    """Build and compile MoCoGAN.

    Args:
        video_shape: Tuple `(frames, height, width, channels)` of a clip: at least 4 frames, of a size that `dcgan` can build.
            Defaults to `(16, 32, 32, 1)`.
        fps: Float, frames per second. Defaults to 8.
        num_classes: Integer, number of classes; None (default) for none.
        content_dim: Integer, length of the latent vector of content. Defaults to 50, the paper's.
        motion_dim: Integer, length of the vectors of motion, of their noise, and of the initial state. Defaults to 10, the
            paper's.
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
        A compiled `keras_gans.MoCoGAN`.

    Raises:
        ValueError: If the size cannot be built.
    """
    import keras

    from keras_gans import MoCoGAN
    from keras_gans.errors import check_count
    from keras_gans.media import Video

    from ..video_gan.networks import build_discriminator
    from .networks import build_generator

    medium = Video(tuple(video_shape), fps)
    shape = medium.sample_shape
    check_count("frames of mocogan", shape[0], least=4)
    model = MoCoGAN(
        build_generator(shape, num_classes, content_dim, motion_dim, width, kernel_size, embedding_dim),
        build_discriminator(shape, num_classes, discriminator_width, kernel_size, frames_seen, seed, any_length=True),
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
