"""Reads files of samples to be evaluated: arrays, folders of images, text, and formats of media in other packages."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_gans.data.load import load_data
from keras_gans.data.text import read_sentences
from keras_gans.media import MEDIA, Medium, Text, infer
from keras_gans.media.clips import RATE_FILE


def read_array(path: Path) -> tuple[np.ndarray, Medium]:
    """Return the array of an .npy file, and the medium that its shape implies.

    Raises:
        ValueError: If the file does not contain an array of samples.
    """
    try:
        samples = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path} is not a NumPy array of numbers: {error}") from error
    if samples.ndim < 2:
        raise ValueError(f"{path} holds an array of shape {samples.shape}; samples are (n, height, width, channels) or (n, d).")
    samples = samples[..., None] if samples.ndim == 3 else samples
    return samples, infer(samples.shape[1:])


def read_image_folder(path: Path) -> tuple[np.ndarray, Medium]:
    """Return the images of a folder as they are: not flipped, cropped or resized."""
    if (path / RATE_FILE).is_file():
        raise ValueError(f"{path} holds clips: folders of frames, and a file {RATE_FILE}.")
    data = load_data(f"folder:{path}")
    return np.asarray(data.source.read(np.arange(len(data)))[0]), data.medium


def read_lines(path: Path) -> tuple[list[str], Medium]:
    """Return the sentences of a text file, one per line."""
    return read_sentences(path).lines, Text(())


# By suffix; a folder's is "/".
_READERS = {".npy": read_array, "/": read_image_folder, ".txt": read_lines}


def read_samples(path: Path) -> tuple[np.ndarray | list[str], Medium] | None:
    """Return the samples of a file or folder and their medium, by the first reader that can read it; None if there is none.

    Raises:
        ValueError: If no reader can; the message is that of the first.
    """
    suffix, mistakes = "/" if path.is_dir() else path.suffix, []
    for table in (_READERS, *(MEDIA[name].readers for name in MEDIA.names())):
        if suffix not in table:
            continue
        try:
            return table[suffix](path)
        except ValueError as error:
            mistakes.append(error)
    if mistakes:
        raise mistakes[0]
    return None
