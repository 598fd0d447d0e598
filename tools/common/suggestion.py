"""What `train` suggests for a folder of photographs: the model and the flags that suit their number and size."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping

from .run import Run

# Photographs, not symbols or thumbnails.
_LEAST_SIDE = 48
# With as many samples, a discriminator needs no help from ImageNet.
_MANY = 20_000
# With fewer, of all or of a class, a model can only repeat them.
_TOO_FEW = 20
# Samples shown to `projected_gan` until its pictures hardly change: see docs/pictures.md.
_SHOWN = 200_000
_MODELS = ("projected_gan", "fastgan")
# With at most so many, a preset of other photographs is a better start, and with so many samples shown it gets no better: see
# docs/pictures.md.
_FEW, _PRESET, _SHOWN_TUNING = 200, "projected_gan_flowers64", 15_000
_SIZES = (64, 128, 256)


def suggest(name: str, run: Run, shape: tuple[int, ...], count: int, classes: Mapping[str, int] | None = None) -> list[str]:
    """Return what to say before a run with photographs, a line each: what is too few, and a better command.

    Args:
        name: The model's name.
        run: The run's settings.
        shape: Shape of a sample: `(height, width, channels)` of images.
        count: Number of samples.
        classes: Their number in each class, by name, for a model that is told the class.
    """
    if len(shape) != 3 or min(shape[:2]) < _LEAST_SIDE or count >= _MANY:
        return []
    if count < _TOO_FEW:
        return [f"{count} photographs are too few: the model will repeat them. See docs/pictures.md."]
    scarce = [f"{label} ({number})" for label, number in (classes or {}).items() if number < _TOO_FEW]
    lines = [f"Too few photographs, which the model will repeat, have: {', '.join(scarce)}."] if scarce else []
    if count <= _FEW and shape[2] == 3:
        return [*lines, f"So few photographs suit fine-tuning better (docs/pictures.md): {_tuning(run, count)}"]
    epochs = math.ceil(_SHOWN / count)
    if name in _MODELS:
        flags = []
        if run.epochs < epochs / 2:
            flags.append(f"--epochs={epochs} (now {run.epochs})")
        if run.flip is None:
            flags.append("--flip where a mirror image is as good as the original")
        if flags:
            lines.append(f"For {count:,} photographs, docs/pictures.md suggests {', and '.join(flags)}.")
        return lines
    flags = [f"--dataset={run.dataset}", f"--image_size={_image_size(shape)}"]
    flags += [] if run.flip is False else ["--flip"]
    flags += [f"--batch_size={min(32, count)}", f"--epochs={epochs}"]
    command = shlex.join(["keras-gans", "train", _MODELS[0], *flags])
    return [*lines, f"{_MODELS[0]} is made for as few as {count:,} photographs (docs/pictures.md): {command}"]


def _tuning(run: Run, count: int) -> str:
    """Return the command that fine-tunes a preset on a number of photographs."""
    flags = [f"--dataset={run.dataset}", *([] if run.flip is False else ["--flip"]), f"--batch_size={min(25, count)}"]
    flags += [f"--epochs={math.ceil(_SHOWN_TUNING / count)}", "--augment=translation,cutout"]
    return shlex.join(["keras-gans", "finetune", _PRESET, *flags])


def _image_size(shape: tuple[int, ...]) -> str:
    """Return the largest size of `projected_gan` that needs no enlarging, as --image_size takes it."""
    side = max((size for size in _SIZES if size <= min(shape[:2])), default=_SIZES[0])
    return f"{side}x{side}x{shape[2]}" if shape[2] != 3 else str(side)
