"""Shows the way from one sample to another, through the latents between theirs.

    keras-gans interpolate dcgan_mnist --seeds=3,7,12,3 --output=way.webp
    keras-gans interpolate runs/cgan --seeds=3,7 --label=8 --steps=8 --output=way.png
    keras-gans interpolate runs/photos --seeds=3,7 --steps=100 --output=way.npy

The suffix of the output determines its format: `.webp`, `.gif` and `.apng` are animations, and so are `.mp4`, `.webm` and
`.mov`, with the extra `video`; `.png` and `.jpg` are pictures with a row for each pair of seeds; `.npy` is a uint8 array of
all samples. Seeds that begin and end with the same one make an animation without a jump. A seed's sample is that of
`keras-gans generate --seeds`, of exports and of the gallery.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from keras_gans import presets
from keras_gans.video.animation import FORMATS
from keras_gans.video.encoded import WRITTEN

from .common import mark_flag, program

if TYPE_CHECKING:
    import numpy as np

    from keras_gans import AdversarialModel

_SEEDS = flags.DEFINE_list("seeds", ["0", "1", "2", "3", "0"], "Seeds of the samples on the way, two or more.")
_STEPS = flags.DEFINE_integer(
    "steps", None, "Samples from each seed to the next one (default: 24; in pictures, 8).", lower_bound=1
)
_LABEL = flags.DEFINE_string("label", None, "Class by number or name, for models that are told classes (default: the first).")
_CONDITION = flags.DEFINE_multi_string(
    "condition", None, "Value of another condition, as in keras-gans generate. May be repeated (default: an example)."
)
_TRUNCATION = flags.DEFINE_float(
    "truncation", 1.0, "Values below 1 give more typical, less diverse samples.", lower_bound=0.0, upper_bound=1.0
)
_FPS = flags.DEFINE_float("fps", 24.0, "Samples per second of an animation.", lower_bound=1.0, upper_bound=100.0)
_SCALE = flags.DEFINE_integer(
    "scale", None, "Enlarge each pixel to a square of this side (default: small images, to about 200 pixels).", lower_bound=1
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples computed at a time; it bounds memory.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "way.webp", "File to write.")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output.")

GROUPS = {
    "Way": ["seeds", "steps", "label", "condition", "truncation", "batch_size"],
    "Files": ["output", "fps", "scale", "overwrite"],
}

SHARED_FLAGS = (mark_flag,)

_PICTURES, _ARRAY = (".png", ".jpg", ".jpeg"), ".npy"
_SIDE = 200  # pixels to which animations of small images are enlarged
_STEPS_ANIMATED, _STEPS_DRAWN = 24, 8


def main(arguments: list[str]) -> None:
    """Generate the samples on the way and write them."""
    preset = presets.find_preset(program.one_argument(arguments, "preset or run folder"))
    seeds = program.parse_seeds(_SEEDS.value)
    path = Path(_OUTPUT.value)
    suffix = path.suffix.lower()
    if suffix not in (*FORMATS, *WRITTEN, *_PICTURES, _ARRAY):
        raise ValueError(f"{path}: write {', '.join((*FORMATS, *WRITTEN, *_PICTURES))} or {_ARRAY}.")
    program.check_replaceable(path, _OVERWRITE.value)
    mark_flag.check_signed(suffix)
    with program.quietly():
        if not preset.medium.tiled:
            raise ValueError(
                f"{preset.name} makes {preset.medium.many}, of which there are no animations: model.interpolate in Python "
                "returns samples of any kind."
            )
        label, told = program.find_label(preset, _LABEL.value), program.find_conditions(preset, _CONDITION.value or [])
    program.import_keras()
    from keras_gans.conditions import LABELS

    model = preset.load()
    steps = _STEPS.value or (_STEPS_DRAWN if suffix in _PICTURES else _STEPS_ANIMATED)
    examples = {name: values[0] for name, values in model.example_conditions(1).items()}
    conditions = examples | told | ({} if label is None else {LABELS: label})
    sampling = {"conditions": conditions, "truncation": _TRUNCATION.value, "batch_size": _BATCH_SIZE.value}
    samples = model.medium.to_file(model.interpolate(seeds, steps, **sampling))
    _write(model, samples, steps, path)
    print(f"Wrote {len(samples)} samples from seed {seeds[0]} to seed {seeds[-1]} to {path}.")


def _write(model: AdversarialModel, samples: np.ndarray, steps: int, path: Path) -> None:
    import numpy as np

    from keras_gans import video
    from keras_gans.files import replacing
    from keras_gans.media.pictures import save_picture

    declaration, suffix = mark_flag.declaration_of(model), path.suffix.lower()
    if suffix == _ARRAY:
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.save(file, samples)
    elif suffix in _PICTURES:
        scale = _SCALE.value or 1
        rows = np.concatenate([samples[start : start + steps + 1] for start in range(0, len(samples) - 1, steps)])
        drawn = np.asarray(model.medium.picture(rows, steps + 1))
        save_picture(path, drawn.repeat(scale, axis=0).repeat(scale, axis=1), declaration)
    else:
        scale = _SCALE.value or max(1, _SIDE // max(samples.shape[1:3]))
        video.write(path, samples.repeat(scale, axis=1).repeat(scale, axis=2), _FPS.value, declaration)


if __name__ == "__main__":
    program.run(main)
