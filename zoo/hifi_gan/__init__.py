"""HiFi-GAN (Kong et al. 2020): a vocoder of transposed convolutions, with discriminators of periods and of scales."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import Vocoder


@register_model(
    "hifi_gan",
    medium="audio",
    summary="A vocoder: mel spectrograms to sounds, by transposed convolutions. V1 to V3 and a small one.",
    paper="Kong et al. 2020, HiFi-GAN, arXiv:2010.05646",
    parameters=4_831_545,
)
def hifi_gan(
    length: int | None = None,
    sample_rate: int = 22_050,
    n_fft: int = 1024,
    hop_length: int = 256,
    win_length: int | None = None,
    n_mels: int = 80,
    fmax: float | None = None,
    floor: float = 1e-5,
    version: str = "small",
    width: int | None = None,
    discriminator_width: int = 8,
    scales: int = 3,
    periods: Sequence[int] = (2, 3, 5, 7, 11),
    segment_frames: int | None = 32,
    pretrain_steps: int = 0,
    mel_weight: float = 45.0,
    random_gain: float = 0.0,
    learning_rate: float = 2e-4,
    weight_decay: float = 0.01,
    decay_steps: int | None = None,
    ema: float | None = None,
    seed: int | None = None,
) -> "Vocoder":
    """Build and compile HiFi-GAN.

    Args:
        length: Integer, samples of the sounds of a data set. It has no effect on the networks, which take any length. None
            (default) if it is not known.
        sample_rate: Integer, samples per second. Defaults to 22,050, the paper's.
        n_fft: Integer, length of a frame of the spectrograms, in samples. Defaults to 1024.
        hop_length: Integer, samples from one frame to the next. Defaults to 256. Other values change the factors of upsampling.
        win_length: Integer, length of the window; None (default) for `n_fft`.
        n_mels: Integer, number of mel bands. Defaults to 80.
        fmax: Float, upper end of the highest band in hertz; None (default) for half of the sample rate. The authors use 8,000.
        floor: Float, smallest magnitude in the spectrograms. Defaults to 1e-5.
        version: String, size of the generator: `"v1"`, `"v2"` or `"v3"` as in the paper, or `"small"` (default).
        width: Integer, channels of the generator before the first upsampling; None (default) for those of the version.
        discriminator_width: Integer, channels of the first layer of the multi-period discriminator. Defaults to 8; the authors
            use 32.
        scales: Integer, number of scales of the multi-scale discriminator; 0 for none. Defaults to 3.
        periods: Integers, periods of the multi-period discriminator, in samples. Defaults to `(2, 3, 5, 7, 11)`.
        segment_frames: Integer, frames of the random part of a sound that a step learns from; None for whole sounds. Defaults
            to 32, the paper's 8,192 samples.
        pretrain_steps: Integer, number of first steps that learn from spectrograms alone. Defaults to 0.
        mel_weight: Float, weight of the distance between spectrograms. Defaults to 45.
        random_gain: Float, largest number of decibels by which sounds are made softer at random. Defaults to 0.
        learning_rate: Float, AdamW learning rate for both networks. Defaults to 2e-4.
        weight_decay: Float, AdamW weight decay for both networks; 0 for Adam. Defaults to 0.01, as in the authors' code.
        decay_steps: Integer, number of steps over which the learning rates decay to 0 on a cosine. None (default) keeps them
            constant; the authors multiply them by 0.999 after each epoch.
        ema: Float, decay of the generator's moving average; None (default) for no average.
        seed: Integer seed for the random parts of sounds; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.Vocoder`.

    Raises:
        ValueError: If there is no such version, or a number is out of range.
    """
    from keras_gans import Mel, Vocoder
    from keras_gans.media import Audio

    from .networks import build_discriminator, build_generator, find_version
    from .training import optimizers

    mel = Mel(sample_rate, n_fft, hop_length, win_length, n_mels, fmax=fmax, floor=floor)
    generator = build_generator(mel.n_mels, find_version(version, width, mel.hop_length))
    model = Vocoder(
        generator,
        build_discriminator(discriminator_width, periods, scales),
        seed,
        mel=mel,
        medium=Audio((length, 1), mel.sample_rate),
    )
    model.compile(
        *optimizers(learning_rate, (0.8, 0.99), weight_decay, decay_steps, pretrain_steps),
        "least_squares",
        mel_weight=mel_weight,
        segment_frames=segment_frames,
        random_gain=random_gain,
        pretrain_steps=pretrain_steps,
        ema=ema,
    )
    return model
