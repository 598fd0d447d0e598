"""One picture of all bundled presets: samples of each, not selected by hand."""

from __future__ import annotations

import numpy as np
from PIL import Image

from keras_gans import presets
from keras_gans._typing import PathLike
from keras_gans.conditions import IMAGES
from keras_gans.files import replacing
from keras_gans.presets.model_card import PICTURE

_COLUMNS = 16
_GAP = 2  # between the images of a card's picture
_LINES, _LONGEST = 3, 96


def draw(path: PathLike, names: list[str] | None = None) -> None:
    """Draw a row of samples of each preset into a picture file: images, or a few lines of text.

    Args:
        path: A `.png` file.
        names: Names of presets; all bundled ones if None.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = names or presets.list_presets()
    figure = Figure(figsize=(10, 0.82 * len(names)), layout="constrained", dpi=100)
    FigureCanvasAgg(figure)
    rows = figure.subplots(len(names), 1, squeeze=False)[:, 0]
    for axes, name in zip(rows, names, strict=True):
        model = presets.load_pretrained(name)
        axes.axis("off")
        # The same samples as those of a larger number with this seed.
        samples = model.generate(_COLUMNS, seed=0, conditions=model.example_conditions(_COLUMNS))
        shown = _strips(name) if IMAGES in model.conditions else None
        picture = model.medium.picture(samples, _COLUMNS) if shown is None else shown
        if picture is not None:
            axes.imshow(picture[..., 0] if picture.shape[-1] == 1 else picture, cmap="gray", vmin=0, vmax=255)
        else:
            lines = [str(sample) for sample in model.medium.to_file(samples[:_LINES])]
            shortened = [line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}" for line in lines]
            if not _has_glyphs("".join(shortened)):
                shortened = [f"{presets.find_preset(name).metadata.description} Its card shows samples."]
            axes.text(0, 0.5, "\n".join(shortened), fontsize=8.5, va="center", transform=axes.transAxes)
        axes.set_title(name, fontsize=9, loc="left", pad=2)
    with replacing(path) as temporary:
        figure.savefig(temporary)


def _has_glyphs(text: str) -> bool:
    """Return whether the picture's font, Matplotlib's own, has every character of a text."""
    from matplotlib.font_manager import findfont, get_font

    return set(map(ord, text)) <= get_font(findfont("DejaVu Sans")).get_charmap().keys()


def _strips(name: str) -> np.ndarray | None:
    """Return the first inputs, outputs and targets of a preset that maps images, from its card's picture; None without one."""
    preset = presets.find_preset(name)
    side = int(preset.metadata.training.image_size or 0)
    if not side or not (preset.folder / PICTURE).is_file():
        return None
    with Image.open(preset.folder / PICTURE) as opened:
        whole = np.atleast_3d(np.asarray(opened))
    height, width = side + _GAP, _COLUMNS // 3 * 3 * (side + _GAP)
    rows = [whole[top : top + height, _GAP:] for top in range(_GAP, len(whole) - side, height)]
    return np.concatenate(rows, axis=1)[:side, : width - _GAP]
