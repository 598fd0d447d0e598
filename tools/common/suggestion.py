"""What `train` suggests for a folder of photographs: the model and the flags that suit their number and size."""

from __future__ import annotations

import math
import shlex

from .run import Run

# Photographs, not symbols or thumbnails.
_LEAST_SIDE = 48
# With as many samples, a discriminator needs no help from ImageNet.
_MANY = 20_000
# Samples shown to `projected_gan` until its pictures hardly change: see docs/pictures.md.
_SHOWN = 200_000
_MODELS = ("projected_gan", "fastgan")
_SIZES = (64, 128, 256)


def suggest(name: str, run: Run, shape: tuple[int, ...], count: int) -> str | None:
    """Return a line with a better command for a run, or None if there is nothing to suggest.

    Args:
        name: The model's name.
        run: The run's settings.
        shape: Shape of a sample: `(height, width, channels)` of images.
        count: Number of samples.
    """
    if len(shape) != 3 or min(shape[:2]) < _LEAST_SIDE or count >= _MANY:
        return None
    epochs = math.ceil(_SHOWN / count)
    if name in _MODELS:
        flags = []
        if run.epochs < epochs / 2:
            flags.append(f"--epochs={epochs} (now {run.epochs})")
        if run.flip is None:
            flags.append("--flip where a mirror image is as good as the original")
        if not flags:
            return None
        return f"For {count:,} photographs, docs/pictures.md suggests {', and '.join(flags)}."
    flags = [f"--dataset={run.dataset}", f"--image_size={_image_size(shape)}"]
    flags += [] if run.flip is False else ["--flip"]
    flags += [f"--batch_size={min(32, count)}", f"--epochs={epochs}"]
    return (
        f"{_MODELS[0]} learns {count:,} photographs better than {name} (docs/pictures.md): "
        f"{shlex.join(['keras-gans', 'train', _MODELS[0], *flags])}"
    )


def _image_size(shape: tuple[int, ...]) -> str:
    """Return the largest size of `projected_gan` that needs no enlarging, as --image_size takes it."""
    side = max((size for size in _SIZES if size <= min(shape[:2])), default=_SIZES[0])
    return f"{side}x{side}x{shape[2]}" if shape[2] != 3 else str(side)
