"""Draws samples from a preset or a training run.

    keras-gans generate dcgan_digits --num=64 --seed=0 --output=grid.png
    keras-gans generate runs/dcgan --num=50000 --output=folder/
    keras-gans generate runs/cgan --num=16 --label=3
    keras-gans generate hf://owner/name --num=16                          downloaded once: see docs/presets.md
    keras-gans generate runs/cgan --seeds=3,7 --truncation=0.7            the samples that exports give for these seeds

The suffix of the output chooses its format. For images: a picture (`.png`, `.jpg`, `.webp`) shows all samples in one grid;
`.npy` is one array, uint8 of shape (N, height, width, channels); a name without a suffix, or with a slash at its end, is a
folder with one PNG per sample. A conditional model shows each of its classes: in a row of the picture, in a sub-folder, in turn
in the array.

A text model prints its sentences. `--output=samples.txt` writes one per line; `.jsonl` adds the labels.

    keras-gans generate runs/captions --num=20 --temperature=0.8 --prompt="a man"
    keras-gans generate runs/captions --seeds=3,7              the sentences that exports give for these seeds
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans import errors, presets

from .common import program

if TYPE_CHECKING:
    from keras_gans.media import Medium

_NUM = flags.DEFINE_integer("num", 64, "Number of samples.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "The same seed gives the same samples.", lower_bound=0)
_LABEL = flags.DEFINE_string("label", None, "Class to generate, by number or name (default: every class in turn).")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples computed at a time.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", None, "Output file or folder: see above (default: samples.png; text is printed).")
_SEEDS = flags.DEFINE_list("seeds", None, "One seed per sample, instead of --num and --seed.")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output.")

# Each is an option of the media whose `sampling_options` name it.
_SAMPLING = (
    flags.DEFINE_float("temperature", None, "For text: values below 1 prefer probable tokens."),
    flags.DEFINE_integer("top_k", None, "For text: draw only from this many of the most probable tokens."),
    flags.DEFINE_float("top_p", None, "For text: draw only from the likeliest tokens that together reach this probability."),
    flags.DEFINE_string("prompt", None, "For text: beginning of every sentence."),
    flags.DEFINE_float("truncation", None, "For images and points: values below 1 keep samples near the average.", 0.0, 1.0),
)


def main(arguments: list[str]) -> None:
    """Draws the samples and writes them."""
    preset = presets.find_preset(program.one_argument(arguments, "preset or run folder"))
    with program.quietly():  # a medium of another package may import Keras
        medium = preset.medium
        sampling = _which() | _options(preset, medium)
        _check_output(medium)
    program.import_keras()
    model = preset.load()
    # An old preset does not say the shape of its samples, by which a medium may have other files.
    output = _check_output(model.medium)
    model.medium.writer(output).write(model, labels=_find_label(preset, _LABEL.value), batch_size=_BATCH_SIZE.value, **sampling)
    if output is not None:
        count = len(sampling["seeds"]) if "seeds" in sampling else sampling["n"]
        print(f"Wrote {count} {medium.many} of {preset.name} to {Path(output)}.")


def _check_output(medium: Medium | type[Medium]) -> str | None:
    """Returns the output, checked; None prints."""
    output = _OUTPUT.value or medium.default_output
    medium.find_writer(output).check(output, _OVERWRITE.value)
    return output


def _which() -> dict[str, Any]:
    """Returns the arguments that say how many samples there are, and of which seeds."""
    if _SEEDS.value is None:
        return {"n": _NUM.value, "seed": _SEED.value}
    if _NUM.present or _SEED.present:
        raise ValueError("--seeds has a seed for each sample: leave out --num and --seed.")
    if not _SEEDS.value or not all(seed.strip().isdecimal() for seed in _SEEDS.value):
        raise ValueError(f"--seeds must be integers from 0, such as 3,7; received '{','.join(_SEEDS.value)}'.")
    return {"seeds": [int(seed) for seed in _SEEDS.value]}


def _options(preset: presets.Preset, medium: Medium | type[Medium]) -> dict[str, Any]:
    """Returns the sampling options that are given.

    Raises:
        ValueError: If the medium does not take one, saying which do.
    """
    from keras_gans.media import MEDIA

    given = {flag.name: flag.value for flag in _SAMPLING if flag.value is not None}
    for name in given:
        if name not in medium.sampling_options:
            takers = [other for other in MEDIA.names() if name in MEDIA[other].sampling_options]
            own = ", ".join(f"--{option}" for option in medium.sampling_options)
            raise ValueError(
                f"--{name} is about {' and '.join(takers)}, and {preset.name} makes {medium.name}"
                + (f", for which there is {own}." if own else ".")
            )
    return given


def _find_label(preset: presets.Preset, given: str | None) -> int | None:
    """Returns the number of a class from its number or its name."""
    if given is None:
        return None
    names = preset.metadata.classes
    if given in names:
        return names.index(given)
    if given.isdigit():
        return int(given)
    if not names:
        raise ValueError(f"--label={given}: the classes of {preset.name} have numbers only.")
    raise ValueError(errors.no_such("class", given, names))


if __name__ == "__main__":
    program.run(main)
