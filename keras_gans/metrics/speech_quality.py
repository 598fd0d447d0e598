"""Quality and intelligibility of speech against what it should be: PESQ and STOI, by the packages `pesq` and `pystoi`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.audio.checks import check_sound_pairs
from keras_gans.audio.resampling import resample
from keras_gans.errors import check_count

_SECONDS = 4.0  # of an utterance, at least
_PAUSE = 0.2  # seconds between two sounds
_NARROW, _WIDE = 8000, 16000  # Hz


def pesq(reference: ArrayLike, sounds: ArrayLike, sample_rate: int) -> float | None:
    """Return the perceptual evaluation of speech quality, from about 1 (bad) to 4.5.

    Sounds are joined to utterances of at least four seconds, with pauses of 0.2 seconds, because single words are too short;
    the result is the mean over utterances. Below 16,000 Hz they are measured at 8,000 Hz (narrow band, ITU-T P.862.1), from
    16,000 Hz on at 16,000 Hz (wide band, P.862.2). Results of the two bands cannot be compared.

    Args:
        reference: What the sounds should be: int16, or floats in [-1, 1], shape `(n, length, 1)` or `(n, length)`.
        sounds: The sounds, of the same shape.
        sample_rate: Samples per second.

    Returns:
        None if no utterance contains speech.

    Raises:
        ValueError: If the shapes differ, or values are NaN or infinite.
        ImportError: If the extra `speech` is not installed.

    Reference: ITU-T recommendation P.862 (2001).
    """
    try:
        import pesq as package
    except ImportError as error:
        raise _missing("PESQ", "pesq") from error
    rate = _WIDE if sample_rate >= _WIDE else _NARROW
    band = "wb" if rate == _WIDE else "nb"

    def score(real: np.ndarray, fake: np.ndarray) -> float | None:
        # It divides by the loudest value.
        if not fake.any():
            return None
        try:
            return float(package.pesq(rate, real, fake, band))
        except package.NoUtterancesError:
            return None

    return _mean(reference, sounds, sample_rate, rate, score)


def stoi(reference: ArrayLike, sounds: ArrayLike, sample_rate: int) -> float | None:
    """Return the short-time objective intelligibility, from about 0 to 1 (as well understood as the reference).

    Sounds are joined to utterances as for `pesq`, and resampled to 10,000 Hz by the package.

    The arguments and errors are those of `pesq`.

    Returns:
        None if no utterance contains enough speech.

    Reference: Taal et al. 2011, "An algorithm for intelligibility prediction of time-frequency weighted noisy speech".
    """
    try:
        from pystoi import stoi as package
    except ImportError as error:
        raise _missing("STOI", "pystoi") from error

    def score(real: np.ndarray, fake: np.ndarray) -> float | None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                return float(package(real, fake, sample_rate))
            except RuntimeWarning:  # too few frames that are not silent
                return None

    return _mean(reference, sounds, sample_rate, sample_rate, score)


def _missing(title: str, package: str) -> ImportError:
    return ImportError(f"{title} needs the package {package}: pip install 'keras-gans[speech]'.")


def _mean(
    reference: ArrayLike,
    sounds: ArrayLike,
    sample_rate: int,
    measured_rate: int,
    score: Callable[[np.ndarray, np.ndarray], float | None],
) -> float | None:
    rate = check_count("sample_rate", sample_rate)
    pairs = zip(*(_utterances(each, rate) for each in check_sound_pairs(reference, sounds)), strict=True)
    scores = [score(*(resample(each, rate, measured_rate) for each in pair)) for pair in pairs]
    known = [each for each in scores if each is not None]
    return float(np.mean(known)) if known else None


def _utterances(sounds: np.ndarray, sample_rate: int) -> Iterator[np.ndarray]:
    """Yield sounds joined to utterances of at least four seconds; a shorter rest is the end of the last one."""
    padded = np.pad(sounds, [(0, 0), (0, round(_PAUSE * sample_rate))])
    together = -(-round(_SECONDS * sample_rate) // padded.shape[1])
    count = max(1, len(padded) // together)
    for index in range(count):
        last = index == count - 1
        yield padded[index * together : None if last else (index + 1) * together].reshape(-1)
