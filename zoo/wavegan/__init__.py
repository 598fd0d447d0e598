"""WaveGAN (Donahue et al. 2019): sounds from one-dimensional convolutions."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import WGANGP


@register_model(
    "wavegan",
    medium="audio",
    summary="Sounds, sample by sample, by one-dimensional convolutions with phase shuffle; WGAN-GP, classes by argument.",
    paper="Donahue et al. 2019, Adversarial Audio Synthesis, arXiv:1802.04208",
    parameters=2_299_362,
)
def wavegan(
    length: int = 8192,
    sample_rate: int = 8000,
    num_classes: int | None = None,
    latent_dim: int = 100,
    width: int = 16,
    kernel_size: int = 24,
    phase_shuffle: int = 2,
    critic_steps: int = 5,
    learning_rate: float = 1e-4,
    ema: float | None = None,
    seed: int | None = None,
) -> "WGANGP":
    """Build and compile WaveGAN.

    The paper's networks have `length=16384, sample_rate=16000, width=64, kernel_size=25`: 19,065,345 parameters in the
    generator and 17,427,969 in the critic.

    Args:
        length: Integer, samples of a sound: at most 16 times a power of 4, and a multiple of that power. Defaults to 8192.
        sample_rate: Integer, samples per second. Defaults to 8,000.
        num_classes: Integer, number of classes, for a model that is told the class: it is embedded beside the latents, and
            projected onto the critic's features. None (default) for a model that is not.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, channels next to the sound, doubled by each layer. Defaults to 16; the authors use 64.
        kernel_size: Integer, length of the kernels. Defaults to 24, a multiple of the stride; the authors use 25.
        phase_shuffle: Integer, largest shift of the critic's feature maps, 0 for none. Defaults to 2.
        critic_steps: Integer, updates of the critic for each of the generator. Defaults to 5.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 1e-4.
        ema: Float, decay of the generator's moving average; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.WGANGP`.

    Raises:
        ValueError: If sounds of this length cannot be built, or a number is out of range.
    """
    import keras

    from keras_gans import WGANGP
    from keras_gans.errors import check_count
    from keras_gans.media import Audio

    from .networks import build_critic, build_generator

    shuffle = check_count("phase_shuffle", phase_shuffle, 0)
    model = WGANGP(
        build_generator(length, num_classes, latent_dim, width, kernel_size),
        build_critic(length, num_classes, width, kernel_size, shuffle, seed),
        seed,
        num_classes,
        medium=Audio((length, 1), sample_rate),
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=0.5, beta_2=0.9),
        keras.optimizers.Adam(learning_rate, beta_1=0.5, beta_2=0.9),
        critic_steps=critic_steps,
        ema=ema,
    )
    return model
