"""Samples from a folder of pictures."""

import collections
import concurrent.futures
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from keras_gans.data import memory
from keras_gans.data.resize import complete_shape, fit_picture

_SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"}


def load(path, image_shape=None):
    """Returns the pictures below a folder, with a label for each first-level sub-folder if all pictures are in one.

    Pictures are turned upright (EXIF), cut at the centre to the target's proportions and resized. Files that are no pictures
    by their suffix are passed over; unreadable pictures are left out with a warning that names them.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it holds no readable picture, or pictures of several sizes and no `image_shape` was given.
    """
    root = Path(path)
    if not root.is_dir():
        raise FileNotFoundError(f"There is no folder {root}.")
    files = sorted(_find_pictures(root))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sizes = list(pool.map(_size, files))
    _warn_of_unreadable([file for file, size in zip(files, sizes, strict=True) if size is None])
    readable = [(file, size) for file, size in zip(files, sizes, strict=True) if size is not None]
    if not readable:
        raise ValueError(f"{root} holds no readable picture ({', '.join(sorted(_SUFFIXES))}).")
    files, sizes = zip(*readable, strict=True)
    shape = _target_shape(root, sizes, image_shape)
    pictures = Pictures(files, shape)
    classes = sorted({file.relative_to(root).parts[0] for file in files if len(file.relative_to(root).parts) > 1})
    labels = None
    if classes and all(len(file.relative_to(root).parts) > 1 for file in files):
        number = {name: index for index, name in enumerate(classes)}
        labels = np.array([number[file.relative_to(root).parts[0]] for file in files], "int32")
    return {
        "samples": pictures[np.arange(len(files))] if memory.fits(pictures.shape) else pictures,
        "labels": labels,
        "class_names": classes if labels is not None else None,
    }


def _find_pictures(root):
    """Yields the paths of picture files below a folder: no hidden ones, and each linked folder once."""
    seen = {os.path.realpath(root)}
    for directory, folders, names in os.walk(root, followlinks=True):
        visible = sorted(name for name in folders if not name.startswith("."))
        folders.clear()
        for name in visible:
            real = os.path.realpath(Path(directory, name))
            if real not in seen:
                seen.add(real)
                folders.append(name)
        for name in names:
            if Path(name).suffix.lower() in _SUFFIXES and not name.startswith("."):
                yield Path(directory, name)


class Pictures:
    """Picture files that look like one uint8 array of shape `(n, height, width, channels)`, decoded when indexed."""

    def __init__(self, files, shape):
        self.files = files
        self.shape = (len(files), *shape)

    def __len__(self):
        return len(self.files)

    def __getitem__(self, positions):
        result = np.empty((len(positions), *self.shape[1:]), "uint8")

        def decode(index):
            with Image.open(self.files[positions[index]]) as picture:
                result[index] = fit_picture(ImageOps.exif_transpose(picture), self.shape[1:])

        with concurrent.futures.ThreadPoolExecutor() as pool:
            collections.deque(pool.map(decode, range(len(positions))), maxlen=0)
        return result


def _size(file):
    """Returns height, width and channels of a picture that can be decoded, else None."""
    try:
        with Image.open(file) as picture:
            width, height = picture.size
            picture.draft("RGB", (1, 1))  # decodes a JPEG at an eighth of its size: enough to see that it is whole
            picture.load()
            swapped = picture.getexif().get(0x0112, 1) >= 5  # EXIF orientations 5 to 8 lie on their side
            channels = 1 if picture.mode in ("1", "L", "I", "I;16", "F") else 3
            return (width, height, channels) if swapped else (height, width, channels)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _warn_of_unreadable(files):
    if files:
        some = ", ".join(str(file) for file in files[:5]) + (", ..." if len(files) > 5 else "")
        count = "1 picture could not be read and is" if len(files) == 1 else f"{len(files)} pictures could not be read and are"
        warnings.warn(f"{count} left out: {some}", stacklevel=4)


def _target_shape(root, sizes, image_shape):
    own = collections.Counter(size[:2] for size in sizes)
    channels = max(size[2] for size in sizes)
    if image_shape is None and len(own) > 1:
        (height, width), count = own.most_common(1)[0]
        raise ValueError(
            f"{root} holds pictures of {len(own)} sizes (the commonest, {height}x{width}, {count} times): say which size to "
            "bring them to, as image_shape=(64, 64) or --image_size=64."
        )
    return complete_shape(image_shape, (*sizes[0][:2], channels))
