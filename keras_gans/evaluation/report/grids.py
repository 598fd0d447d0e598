"""Samples of several models in one picture, under their names."""

from __future__ import annotations

import math
from collections.abc import Mapping

from numpy.typing import ArrayLike

from keras_gans._typing import PathLike
from keras_gans.evaluation.report.charts import drawing
from keras_gans.evaluation.report.rows import sample_rows
from keras_gans.files import replacing
from keras_gans.media import Medium
from keras_gans.media.pictures import grid

_ACROSS = 3  # grids side by side
_INCHES = 3.6


def write_grids(path: PathLike, samples: Mapping[str, ArrayLike], *, medium: Medium | None = None) -> None:
    """Draw a grid of samples for each of several models, side by side, into a picture that is replaced as a whole.

    Args:
        path: Ends in `.png`.
        samples: Name -> samples, as `write_report` takes them. At most 64 of each (points: 2,048) are drawn, evenly spaced.
        medium: Their `Medium`; inferred from their shape if None.

    Raises:
        ImportError: If the extra `reports` is not installed.
        ValueError: If there are none, they cannot be drawn, or `path` ends in anything else.
    """
    if not str(path).lower().endswith(".png"):
        raise ValueError(f"{path}: grids are written as .png.")
    if not samples:
        raise ValueError("There are no samples to draw.")
    with drawing():
        from matplotlib.figure import Figure

        across = 2 if len(samples) == 4 else min(_ACROSS, len(samples))
        down = math.ceil(len(samples) / across)
        figure = Figure(figsize=(_INCHES * across, (_INCHES + 0.3) * down), layout="constrained")
        panels = list(figure.subplots(down, across, squeeze=False).flat)
        for axes in panels:
            axes.axis("off")
        for axes, (name, drawn) in zip(panels, samples.items(), strict=False):
            tiles = sample_rows(drawn, medium=medium)[0].pictures
            picture = grid(tiles, math.ceil(math.sqrt(len(tiles))))
            axes.imshow(picture[..., 0] if picture.shape[-1] == 1 else picture, cmap="gray", vmin=0, vmax=255)
            axes.set_title(name, fontsize=11, loc="left", pad=4)
        with replacing(path) as temporary:
            figure.savefig(temporary, dpi=160, format="png", metadata={"Software": None})
