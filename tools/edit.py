"""Edits what a generator makes: finds directions in its latent space, and projects pictures into it.

    keras-gans edit dcgan_mnist --output=edits.png                 a sample, moved along the directions that change most
    keras-gans edit runs/photos --find=ganspace --count=12 --seed=7 --output=edits.png
    keras-gans edit runs/photos photo.jpg --output=edits.png       the nearest picture that the model can make, and its edits

Each row of the output is a direction, from its negative to its positive end; the middle is the sample itself. Given a picture,
the first row shows it and what the model makes of the latents that were found for it. `--save=edits.npz` stores `latents`
(of the sample or the picture), `vectors` and `shares` (how much of all change each direction accounts for).

Directions have no names: look at them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from absl import flags

from keras_gans import presets

from .common import mark_flag, program

if TYPE_CHECKING:
    import numpy as np

    from keras_gans import AdversarialModel

_OUTPUT = flags.DEFINE_string("output", "edits.png", "Picture to write.")
_SAVE = flags.DEFINE_string("save", None, "Write latents and directions to this .npz file.")
_FIND = flags.DEFINE_enum(
    "find",
    "sefa",
    ["sefa", "ganspace"],
    "sefa takes what moves the first layer's output most, ganspace principal components of a layer's output.",
)
_LAYER = flags.DEFINE_string("layer", None, "Name of the generator's layer (default: the first, or the middle one).")
_COUNT = flags.DEFINE_integer("count", 8, "Number of directions.", lower_bound=1)
_AMOUNTS = flags.DEFINE_list("amounts", ["-4", "-2", "0", "2", "4"], "Distances from the sample.")
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the sample, or of the search.", lower_bound=0)
_LABEL = flags.DEFINE_string("label", None, "Class by number or name, for models that are told classes (default: the first).")
_STEPS = flags.DEFINE_integer("steps", 500, "Steps of the search for a picture's latents.", lower_bound=1)
_STARTS = flags.DEFINE_integer("starts", 8, "Starting points of that search.", lower_bound=1)
_PERCEPTUAL_WEIGHT = flags.DEFINE_float(
    "perceptual_weight", 0.0, "Weight of the perceptual distance beside that of pixels, for photographs.", lower_bound=0.0
)
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output.")

GROUPS = {
    "Directions": ["find", "layer", "count", "amounts", "label", "seed"],
    "Pictures": ["steps", "starts", "perceptual_weight"],
    "Files": ["output", "save", "overwrite"],
}

SHARED_FLAGS = (mark_flag,)


def main(arguments: list[str]) -> None:
    """Find directions, and draw a sample or a picture moved along them."""
    if not 1 <= len(arguments) <= 2:
        raise ValueError(f"one preset or run folder, and one picture if any; received {' '.join(arguments) or 'nothing'}.")
    amounts = _amounts()
    for path in filter(None, (_OUTPUT.value, _SAVE.value)):
        program.check_replaceable(path, _OVERWRITE.value)
    preset = presets.find_preset(arguments[0])
    label = program.find_label(preset, _LABEL.value)
    program.import_keras()
    import numpy as np

    from keras_gans.editing import find_directions
    from keras_gans.files import replacing
    from keras_gans.media.pictures import save_picture

    model = preset.load()
    if model.num_classes is not None and label is None:
        label = 0
    found = find_directions(model, _FIND.value, _COUNT.value, layer=_LAYER.value, label=label, seed=_SEED.value)
    given = {} if label is None else {"labels": label}
    latents, first = model.latents(1, _SEED.value), []
    if len(arguments) == 2:
        target = _read(arguments[1], model)
        projection = model.project(
            target,
            labels=label,
            steps=_STEPS.value,
            starts=_STARTS.value,
            perceptual_weight=_PERCEPTUAL_WEIGHT.value,
            seed=_SEED.value,
        )
        latents, first = projection.latents, [target[None], model.medium.to_file(projection.images)]
        print(f"The nearest picture that was found has a PSNR of {projection.psnr[0]:.1f} dB.")
    moved = np.concatenate([found.move(latents, number, amounts)[0] for number in range(len(found.vectors))])
    rows = model.medium.to_file(model.generate_from(moved, given))
    if first:
        blank = np.full((len(amounts) - 2, *rows.shape[1:]), 255, "uint8")
        rows = np.concatenate([*first, blank, rows])
    declaration = mark_flag.declaration_of(model)
    save_picture(_OUTPUT.value, np.asarray(model.medium.picture(rows, len(amounts))), declaration)
    print(
        f"Wrote {len(found.vectors)} directions, which account for {found.shares.sum():.0%} of all change, to {_OUTPUT.value}."
    )
    if _SAVE.value:
        with replacing(_SAVE.value) as temporary, open(temporary, "wb") as file:
            np.savez(file, latents=latents, vectors=found.vectors, shares=found.shares, method=np.array(found.method))


def _amounts() -> list[float]:
    try:
        amounts = [float(amount) for amount in _AMOUNTS.value]
    except ValueError as error:
        raise ValueError(f"--amounts must be numbers, such as -4,0,4; received '{','.join(_AMOUNTS.value)}'.") from error
    if len(amounts) < 2:
        raise ValueError("--amounts needs two numbers or more, such as -4,0,4.")
    return amounts


def _read(path: str, model: AdversarialModel) -> np.ndarray:
    """Return a picture at the size of a model's samples, uint8."""
    from keras_gans.data.decoded import open_picture
    from keras_gans.data.resize import ImageOptions

    if not model.medium.pixels:
        raise ValueError(f"This model makes {model.medium.name}, not images: it cannot make pictures.")
    return ImageOptions().prepare(open_picture(path, None), tuple(model.sample_shape))


if __name__ == "__main__":
    program.run(main)
