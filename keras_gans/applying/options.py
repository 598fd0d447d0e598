"""How pictures are sent through a model."""

from __future__ import annotations

import dataclasses
import numbers
from pathlib import Path
from typing import Any, Literal, get_args

from keras_gans._typing import Conditions
from keras_gans.applying.picture_files import MAX_PIXELS
from keras_gans.applying.tiling import Edges
from keras_gans.applying.written_files import output_suffix
from keras_gans.errors import check_count, no_such


@dataclasses.dataclass(frozen=True)
class Options:
    """Options of `apply_file` and `apply_files`.

    Attributes:
        scale: Size of the output for that of the picture, such as 2.5. None for what the model makes.
        width: Width of the output in pixels. The height follows, unless it is given as well.
        height: Height of the output in pixels.
        max_side: Longest side of the output. Larger ones are made smaller.
        strength: From 0 (faithful to the input) to 1 (default: the model's own output).
        mask: For inpainting: a picture, or a folder of pictures with the names of the inputs; white is painted anew.
        tile: Side of the part of a picture that is computed at a time; `auto` chooses it by `memory`.
        memory: Megabytes for one tile, as estimated from the network. None for 256.
        edges: What lies beyond the picture: None for what the network was trained with, `reflect`, or `wrap` for textures.
        tta: Whether to average over the eight ways to turn and flip a picture, which takes eight times as long.
        format: `png`, `jpg`, `webp` or `tiff`. None for the format of the target's suffix, or of the source.
        quality: Quality of JPEG and WebP files, 1 to 100.
        metadata: Whether to keep EXIF data and the resolution. The colour profile is always kept.
        mark: `declaration`, so that PNG, JPEG and WebP files say that a model changed them, and which one; or `none`.
        sign: Folder of content credentials to sign PNG, JPEG and WebP files with; None for no signature.
        overwrite: Whether to replace existing files.
        max_pixels: Most pixels of a picture, and of its output.
        conditions: Further conditions of the model by name, one value for all pictures.
        use_ema: Whether to use the averaged generator if there is one.
    """

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    max_side: int | None = None
    strength: float = 1.0
    mask: str | Path | None = None
    tile: int | Literal["auto"] = "auto"
    memory: int | None = None
    edges: Edges | None = None
    tta: bool = False
    format: str | None = None
    quality: int = 95
    metadata: bool = False
    mark: Literal["declaration", "none"] = "declaration"
    sign: str | Path | None = None
    overwrite: bool = False
    max_pixels: int = MAX_PIXELS
    conditions: Conditions | None = None
    use_ema: bool = True

    def __post_init__(self) -> None:
        for name in ("width", "height", "max_side", "memory"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name))
        check_count("max_pixels", self.max_pixels)
        if check_count("quality", self.quality) > 100:
            raise ValueError(f"quality must be an integer from 1 to 100; received {self.quality}.")
        if self.tile != "auto":
            check_count("tile", self.tile)
        if self.scale is not None and not (_is_number(self.scale) and 0 < self.scale <= 64):
            raise ValueError(f"scale must be a number above 0, up to 64; received {self.scale!r}.")
        if self.scale is not None and (self.width is not None or self.height is not None):
            raise ValueError("Give scale, or width and height, but not both.")
        if not (_is_number(self.strength) and 0 <= self.strength <= 1):
            raise ValueError(f"strength must be a number from 0 to 1; received {self.strength!r}.")
        if self.edges is not None and self.edges not in get_args(Edges):
            raise ValueError(no_such("way to continue edges", str(self.edges), list(get_args(Edges))))
        if self.mask is not None and any(value is not None for value in (self.scale, self.width, self.height, self.max_side)):
            raise ValueError("Pixels outside a mask are kept: leave out scale, width, height and max_side.")
        if self.format is not None:
            output_suffix(self.format, Path())


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
