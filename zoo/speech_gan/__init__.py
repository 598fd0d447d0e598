"""Speech: spoken words from a label, by a conditional GAN of mel spectrograms with a vocoder behind it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SpeechGAN


@register_model(
    "speech_gan",
    medium="audio",
    summary="Says words, by digit and speaker: a conditional GAN of mel spectrograms, and a vocoder or Griffin-Lim.",
    paper="Donahue et al. 2019, Adversarial Audio Synthesis (SpecGAN), arXiv:1802.04208",
    parameters=1_973_858,
)
def speech_gan(
    length: int = 8192,
    sample_rate: int = 8000,
    n_fft: int = 512,
    hop_length: int = 128,
    win_length: int | None = 400,
    n_mels: int = 64,
    floor: float = 1e-4,
    conditions: Mapping[str, Any] | None = None,
    class_names: Sequence[str] | None = None,
    condition_names: Mapping[str, Sequence[str]] | None = None,
    vocoder: str | None = None,
    iterations: int = 64,
    latent_dim: int = 100,
    width: int = 32,
    kernel_size: int = 4,
    embedding_dim: int = 32,
    loss: str = "hinge",
    augment: str | None = "time_shift",
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "SpeechGAN":
    """Build and compile the GAN that speaks.

    Args:
        length: Integer, samples of a sound: `hop_length` times a number of frames that `dcgan` can build, such as 64. Defaults
            to 8192.
        sample_rate: Integer, samples per second. Defaults to 8,000.
        n_fft: Integer, length of a frame of the spectrograms, in samples. Defaults to 512.
        hop_length: Integer, samples from one frame to the next. Defaults to 128.
        win_length: Integer, length of the window; None for `n_fft`. Defaults to 400.
        n_mels: Integer, number of mel bands, a size that `dcgan` can build. Defaults to 64.
        floor: Float, smallest magnitude in the spectrograms. Defaults to 1e-4, which hides most of the noise of recordings.
        conditions: What the model is told, by name, as `keras_gans.conditions.to_config` writes it: classes alone, `labels`
            among them. None (default) for the labels of ten words.
        class_names: Strings, the words by label. None (default) for the labels' numbers.
        condition_names: The names of the values of other conditions, such as `{"speaker": [...]}`.
        vocoder: String, name or folder of a vocoder's preset with the same settings of spectrograms. None (default) for
            Griffin-Lim.
        iterations: Integer, number of iterations of Griffin-Lim. Defaults to 64.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, channels next to the spectrogram, doubled with each halving of the resolution. Defaults to 32.
        kernel_size: Integer, side of the kernels. Defaults to 4.
        embedding_dim: Integer, length of each condition's embedding. Defaults to 32.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"hinge"`.
        augment: String, augmentation of spectrograms before the discriminator. Defaults to `"time_shift"`; None for none.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SpeechGAN`.

    Raises:
        ValueError: If the size cannot be built, a condition is not a class, or the vocoder has other spectrograms.
    """
    import keras

    from keras_gans import Mel, SpeechGAN
    from keras_gans.conditions import LABELS, Classes, from_config

    from .networks import build_discriminator, build_generator

    mel = Mel(sample_rate, n_fft, hop_length, win_length, n_mels, floor=floor)
    if length % mel.hop_length:
        raise ValueError(
            f"speech_gan makes whole frames: length must be a multiple of hop_length={mel.hop_length}; received {length}."
        )
    told = {name: condition for name, condition in from_config(conditions or {}).items() if isinstance(condition, Classes)}
    told = told or {LABELS: Classes(10)}
    if LABELS not in told:
        raise ValueError(f"speech_gan learns words by their labels, which the data do not have: it was told {', '.join(told)}.")
    shape = (mel.frames_of(length), mel.n_mels, 1)
    model = SpeechGAN(
        build_generator(shape, told, latent_dim, width, kernel_size, embedding_dim),
        build_discriminator(shape, told, width, kernel_size),
        seed,
        mel=mel,
        vocoder=vocoder,
        iterations=iterations,
        class_names=class_names,
        condition_names=condition_names,
        conditions=told,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        augment=augment,
        ema=ema,
    )
    return model
