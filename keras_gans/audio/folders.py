"""Sounds of equal length from files, as generated sounds are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_gans.audio.files import read
from keras_gans.audio.sample_values import to_int16

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".opus")


def read_one(path: Path) -> tuple[np.ndarray, int]:
    """Return the sound of a file, int16 `(1, length, 1)`, and its sample rate."""
    samples, rate = read(path)
    return to_int16(samples)[None], rate


def read_folder(path: Path) -> tuple[np.ndarray, int]:
    """Return the sounds below a folder, int16 `(n, length, 1)`, and their sample rate. Shorter ones end with silence.

    Raises:
        ValueError: If there are none, one cannot be read, or they have several sample rates.
    """
    paths = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    if not paths:
        raise ValueError(f"{path} contains no sounds ({', '.join(SUFFIXES)}).")
    found = [read(file) for file in paths]
    rates = sorted({rate for _, rate in found})
    if len(rates) > 1:
        raise ValueError(f"{path} contains sounds of several sample rates: {', '.join(f'{rate:,}' for rate in rates)} Hz.")
    sounds = np.zeros((len(found), max(len(samples) for samples, _ in found), 1), "int16")
    for sound, (samples, _) in zip(sounds, found, strict=True):
        sound[: len(samples)] = to_int16(samples)
    return sounds, rates[0]
