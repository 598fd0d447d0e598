"""Generates samples with a preset or a training run.

    keras-gans generate dcgan_digits --num=64 --seed=0 --output=grid.png
    keras-gans generate runs/dcgan --num=50000 --output=folder/
    keras-gans generate runs/cgan --num=16 --label=3
    keras-gans generate runs/speech --label=7 --condition=speaker=theo --output=sounds/
    keras-gans generate runs/radar --condition=frames=clip.webp --num=8   eight ways in which a clip may go on
    keras-gans generate hf://owner/name --num=16                          is downloaded once: see docs/presets.md
    keras-gans generate runs/cgan --seeds=3,7 --truncation=0.7            the samples that exports give for these seeds

The suffix of the output determines its format. For images, a picture (`.png`, `.jpg`, `.webp`) shows all samples in a grid,
enlarged to about 500 pixels if they are small; `.npy` is an array, uint8 of shape (N, height, width, channels); a name without
a suffix, or ending in a slash, is a folder with one PNG file per sample. A conditional model makes samples of every class: one
row of the picture per class, one subfolder per class, or the classes in turn in the array.

A text model prints its sentences. `--output=samples.txt` writes one per line; `.jsonl` adds the labels.

    keras-gans generate runs/captions --num=20 --temperature=0.8 --prompt="a man"
    keras-gans generate runs/captions --seeds=3,7              the sentences that exports give for these seeds
    keras-gans generate runs/captions --watermark=@key.txt     marked with a secret key: see docs/origin.md
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans import errors, presets

from .common import mark_flag, program, watermark_flags, watermark_strength

if TYPE_CHECKING:
    from keras_gans.media import Medium, Writer

_NUM = flags.DEFINE_integer("num", 64, "Number of samples.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the samples. The same seed gives the same samples.", lower_bound=0)
_LABEL = flags.DEFINE_string("label", None, "Class to generate, by number or name (default: every class in turn).")
_CONDITION = flags.DEFINE_multi_string(
    "condition",
    None,
    "Value of another condition, by number or name: --condition=speaker=theo; codes as --condition=codes=-1,0.5; the "
    "frames before as --condition=frames=CLIP. May be repeated (default: every value in turn, random codes).",
)
_BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", 64, "Samples computed at a time; it bounds memory and does not change the samples.", lower_bound=1
)
_OUTPUT = flags.DEFINE_string(
    "output", None, "Output file or folder (default: samples.png; samples.npy if they cannot be drawn; text is printed)."
)
_SEEDS = flags.DEFINE_list("seeds", None, "One seed per sample, instead of --num and --seed.")
_SCALE = flags.DEFINE_integer(
    "scale",
    None,
    "For pictures of images: enlarge each pixel to a square of this side (default: about 500 pixels in all).",
    lower_bound=1,
)
_FRAMES = flags.DEFINE_integer(
    "frames", None, "For clips of models of any length, such as mocogan: frames of a clip (default: those of training).", 1
)
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output.")

# Options of the media that list them in `sampling_options`.
_SAMPLING = (
    flags.DEFINE_float(
        "temperature", None, "For text: values below 1 prefer likely tokens, values above 1 rare ones (default: 1)."
    ),
    flags.DEFINE_integer("top_k", None, "For text: draw from this many of the likeliest tokens only."),
    flags.DEFINE_float("top_p", None, "For text: draw from the likeliest tokens that together reach this probability only."),
    flags.DEFINE_string("prompt", None, "For text: the beginning of every sentence."),
    flags.DEFINE_string(
        "context", None, "For text: what sentences answer or continue, for models that take it; tabs divide turns."
    ),
    flags.DEFINE_float(
        "truncation",
        None,
        "For images and points: values below 1 give more typical, less diverse samples (default: 1).",
        0.0,
        1.0,
    ),
    watermark_flags.WATERMARK,
)

SHARED_FLAGS = (mark_flag, watermark_flags, watermark_strength)


def main(arguments: list[str]) -> None:
    """Generate the samples and write them."""
    preset = presets.find_preset(program.one_argument(arguments, "preset or run folder"))
    with program.quietly():  # a medium of another package may import Keras
        medium = preset.medium
        sampling = _which() | _options(preset, medium)
        if "context" in preset.metadata.conditions and "context" not in sampling:
            raise ValueError(f"{preset.name} answers or continues other text: give it some, with --context.")
        label, told = program.find_label(preset, _LABEL.value), program.find_conditions(preset, _CONDITION.value or [])
        if "frames" in preset.metadata.conditions and "frames" not in told:
            raise ValueError(
                f"{preset.name} predicts clips from the frames before: give it a clip, with --condition=frames=CLIP."
            )
        _check_output(medium)
    program.import_keras()
    from keras_gans.media.writers import PictureWriter

    watermark, signer = watermark_flags.watermark(), mark_flag.signer()
    sampling |= {"watermark": watermark} if watermark is not None else {}

    model = preset.load()
    if model.latent_shape is None and "mels" in model.conditions:
        raise ValueError(f"{preset.name} is a vocoder: keras-gans vocode {preset.name} in.wav --output=out.wav.")
    if model.latent_shape is None:
        raise ValueError(
            f"{preset.name} maps images to images: give it some, with keras-gans apply {preset.name} PICTURES --output=FOLDER."
        )
    if _FRAMES.value is not None:
        if not hasattr(model, "with_frames"):
            raise ValueError(
                f"--frames is for models that make clips of any length, such as mocogan; {preset.name} always makes "
                f"{model.medium.many} of shape {model.medium.sample_shape}."
            )
        model = model.with_frames(_FRAMES.value)
    # An old preset does not contain the shape of its samples, which the formats of a medium may depend on.
    output = _check_output(model.medium)
    sampling |= {"conditions": told} if told else {}
    writer = model.medium.writer(output)
    writer.declares, writer.signer = mark_flag.declares(), signer
    if isinstance(writer, PictureWriter) and model.medium.tiled:
        writer.scale = _SCALE.value
    writer.write(model, labels=label, batch_size=_BATCH_SIZE.value, **sampling)
    if output is not None:
        count = len(sampling["seeds"]) if "seeds" in sampling else sampling["n"]
        print(f"Wrote {count} {medium.many} of {preset.name} to {Path(output)}.")


def _check_output(medium: Medium | type[Medium]) -> str | None:
    """Return the output after checking it; None prints."""
    output = _OUTPUT.value or medium.default_output
    writer = medium.find_writer(output)
    if _SCALE.value is not None and not _is_enlarged(medium, writer):
        raise ValueError(f"--scale is for pictures of images, and {output or 'the output'} is none.")
    mark_flag.check_signed(getattr(writer, "suffix", "") or Path(output or "").suffix)
    writer.check(output, _OVERWRITE.value)
    return output


def _is_enlarged(medium: Medium | type[Medium], writer: type[Writer]) -> bool:
    """Whether a writer makes a picture whose pixels are those of images."""
    from keras_gans.media.writers import PictureWriter

    return writer is PictureWriter and medium.tiled


def _which() -> dict[str, Any]:
    """Return the arguments for the number of samples or their seeds."""
    if _SEEDS.value is None:
        return {"n": _NUM.value, "seed": _SEED.value}
    if _NUM.present or _SEED.present:
        raise ValueError("--seeds gives a seed for each sample: leave out --num and --seed.")
    return {"seeds": program.parse_seeds(_SEEDS.value)}


def _options(preset: presets.Preset, medium: Medium | type[Medium]) -> dict[str, Any]:
    """Return the sampling options that are given.

    Raises:
        ValueError: If the medium does not have such an option, naming those that do.
    """
    from keras_gans.media import MEDIA

    given = {flag.name: flag.value for flag in _SAMPLING if flag.value is not None}
    for name in given:
        if name not in medium.sampling_options:
            takers = [other for other in MEDIA.names() if name in MEDIA[other].sampling_options]
            own = ", ".join(f"--{option}" for option in medium.sampling_options)
            raise ValueError(
                f"--{name} is for {errors.in_words(takers)}, but {preset.name} makes {medium.name}"
                + (f", which has {own}." if own else ".")
            )
    return given


if __name__ == "__main__":
    program.run(main)
