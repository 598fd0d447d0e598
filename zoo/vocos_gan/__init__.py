"""Vocos (Siuzdak 2023): a vocoder that predicts spectra, one for each frame, and inverts the Fourier transform."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import Vocoder


@register_model(
    "vocos_gan",
    medium="audio",
    summary="A vocoder: mel spectrograms to sounds, by ConvNeXt blocks and an inverse Fourier transform. Fast on a CPU.",
    paper="Siuzdak 2023, Vocos, arXiv:2306.00814",
    parameters=2_342_002,
)
def vocos_gan(
    length: int | None = None,
    sample_rate: int = 24_000,
    n_fft: int = 1024,
    hop_length: int = 256,
    win_length: int | None = None,
    n_mels: int = 100,
    fmax: float | None = None,
    floor: float = 1e-5,
    width: int = 192,
    hidden: int | None = None,
    blocks: int = 6,
    discriminator_width: int = 4,
    resolutions: Sequence[int] = (2048, 1024, 512),
    resolution_width: int = 8,
    bands: bool = False,
    periods: Sequence[int] = (2, 3, 5, 7, 11),
    segment_frames: int | None = 64,
    pretrain_steps: int = 0,
    pretrain_resolutions: Sequence[int] = (),
    mel_weight: float = 45.0,
    resolution_weight: float = 0.1,
    random_gain: float = 0.0,
    learning_rate: float = 5e-4,
    weight_decay: float = 0.01,
    decay_steps: int | None = None,
    ema: float | None = None,
    seed: int | None = None,
) -> "Vocoder":
    """Build and compile Vocos.

    The generator of the paper has a width of 512, a hidden width of 1536 and 8 blocks: 13,531,650 parameters. Its
    discriminators have `discriminator_width=32`, `resolution_width=32` and `bands=True`.

    Args:
        length: Integer, samples of the sounds of a data set. It has no effect on the networks, which take any length. None
            (default) if it is not known.
        sample_rate: Integer, samples per second. Defaults to 24,000, the paper's.
        n_fft: Integer, length of a frame, of the spectrograms and of the generator's transform. Defaults to 1024.
        hop_length: Integer, samples from one frame to the next. Defaults to 256.
        win_length: Integer, length of the spectrograms' window; None (default) for `n_fft`.
        n_mels: Integer, number of mel bands. Defaults to 100.
        fmax: Float, upper end of the highest band in hertz; None (default) for half of the sample rate.
        floor: Float, smallest magnitude in the spectrograms. Defaults to 1e-5.
        width: Integer, channels of the generator. Defaults to 192; the author uses 512.
        hidden: Integer, channels inside its blocks; None (default) for three times the width.
        blocks: Integer, number of ConvNeXt blocks. Defaults to 6; the author uses 8.
        discriminator_width: Integer, channels of the first layer of the multi-period discriminator. Defaults to 4; the author
            uses 32.
        resolutions: Integers, frame lengths of the multi-resolution discriminator. Defaults to `(2048, 1024, 512)`.
        resolution_width: Integer, its channels. Defaults to 8; the author uses 32.
        bands: Whether five bands of frequencies have layers of their own in it. Defaults to False; the author's have.
        periods: Integers, periods of the multi-period discriminator, in samples. Defaults to `(2, 3, 5, 7, 11)`.
        segment_frames: Integer, frames of the random part of a sound that a step learns from; None for whole sounds. Defaults
            to 64, the paper's 16,384 samples.
        pretrain_steps: Integer, number of first steps that learn from spectrograms alone. Defaults to 0.
        pretrain_resolutions: Integers, further frame lengths whose mel spectrograms the distance compares, with hops of a
            quarter. Defaults to none, as in the paper.
        mel_weight: Float, weight of the distance between spectrograms. Defaults to 45.
        resolution_weight: Float, weight of the multi-resolution discriminator relative to the multi-period one. Defaults to
            0.1.
        random_gain: Float, largest number of decibels by which sounds are made softer at random. Defaults to 0; the author's
            code uses -1 to -6 dB.
        learning_rate: Float, AdamW learning rate for both networks. Defaults to 5e-4.
        weight_decay: Float, AdamW weight decay for both networks; 0 for Adam. Defaults to 0.01, PyTorch's default.
        decay_steps: Integer, number of steps over which the learning rates decay to 0 on a cosine. None (default) keeps them
            constant; the author decays them over all steps.
        ema: Float, decay of the generator's moving average; None (default) for no average.
        seed: Integer seed for the random parts of sounds; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.Vocoder`.

    Raises:
        ValueError: If a number is out of range.
    """
    from keras_gans import Mel, Vocoder
    from keras_gans.losses import MelDistance
    from keras_gans.media import Audio

    from ..hifi_gan.training import optimizers
    from .networks import build_discriminator, build_generator

    mel = Mel(sample_rate, n_fft, hop_length, win_length, n_mels, fmax=fmax, floor=floor)
    compared = [Mel(sample_rate, mel.n_fft, mel.hop_length, mel.win_length, mel.n_mels, floor=floor)]
    for size in pretrain_resolutions:
        bands_of_size = max(1, min(mel.n_mels, mel.n_mels * size // (2 * mel.n_fft)) if size < mel.n_fft else mel.n_mels)
        compared.append(Mel(sample_rate, size, max(1, size // 4), n_mels=bands_of_size, floor=floor))
    model = Vocoder(
        build_generator(mel.n_mels, mel.n_fft, mel.hop_length, width, hidden, blocks),
        build_discriminator(discriminator_width, periods, resolutions, resolution_width, bands),
        seed,
        mel=mel,
        medium=Audio((length, 1), mel.sample_rate),
    )
    # The author takes means over the discriminators of each kind.
    weights = [1 / len(periods) for _ in periods] + [resolution_weight / len(resolutions) for _ in resolutions]
    model.compile(
        *optimizers(learning_rate, (0.8, 0.9), weight_decay, decay_steps, pretrain_steps),
        "hinge",
        distance=MelDistance(compared),
        mel_weight=mel_weight,
        score_weights=weights,
        feature_matching=1.0,
        segment_frames=segment_frames,
        random_gain=random_gain,
        pretrain_steps=pretrain_steps,
        ema=ema,
    )
    return model
