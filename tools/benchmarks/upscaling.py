"""How well models enlarge photographs of any size, beside Pillow's filters: fidelity against the look of detail."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from keras_gans import metrics
from keras_gans.evaluation.patches import patch_distance, patches_of
from keras_gans.evaluation.progress import Progress
from keras_gans.media.pictures import reduce_image

from . import strengths

if TYPE_CHECKING:
    from keras_gans import SuperResolution

_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "Lanczos": Image.Resampling.LANCZOS}
_COLUMNS = ("psnr_y", "ssim_y", "psnr_rgb", "haarpsi", "perceptual_distance", "lr_psnr", "tint")

# From a small image to a large one, uint8.
_Enlarge = Callable[[np.ndarray], np.ndarray]


def measure(folder: Path, names: Sequence[str], progress: Progress, num: int | None = None) -> list[dict[str, Any]]:
    """Reduce photographs, enlarge them again in several ways, and compare the results with the originals.

    An original is cut at the right and below to a multiple of the scale, and reduced by Pillow's bicubic filter, which is
    antialiased, to 8 bits.

    Args:
        folder: Folder of photographs, in colour, of any size.
        names: Names or folders of presets that enlarge images by the same scale. `NAME@0.5` is one at a strength of 0.5,
            half-way between its weights before and after adversarial training.
        progress: Is called with a line of text before each contestant.
        num: Number of photographs, the first ones by name; None for all.

    Returns:
        A row for each of Pillow's filters and each preset: its name, the number of `images`, and means over images of

        * `psnr_y`, `ssim_y`: of luma, without a border of as many pixels as the scale, as in papers;
        * `psnr_rgb`, `haarpsi`, `perceptual_distance`: see `keras_gans.metrics`;
        * `lr_psnr`: PSNR between the small image and the result, reduced again;
        * `tint`: the largest change of the mean of a colour, in levels of 255;

        and `patch_fid`: FID (`color32`) between all patches of 32x32 pixels of the results and of the originals, next to each
        other from the upper left corner; None for fewer than 256 patches.

    Raises:
        ValueError: If a preset enlarges nothing, or by another scale, or there is no photograph.
    """
    models = {name: _load(name) for name in names}
    scales = {model.scale for model in models.values()}
    if len(scales) != 1:
        raise ValueError(f"Models for one scale can be compared; these have {', '.join(map(str, sorted(scales))) or 'none'}.")
    scale = scales.pop()
    originals = list(_read(folder, scale, num))
    if not originals:
        raise ValueError(f"{folder} contains no photograph.")
    contestants: dict[str, _Enlarge] = {name: functools.partial(_resized, scale, by) for name, by in _FILTERS.items()}
    contestants |= {name: functools.partial(_enlarged, model) for name, model in models.items()}
    small = [reduce_image(original, scale) for original in originals]
    real = patches_of(originals)
    rows = []
    for name, enlarge in contestants.items():
        progress(f"{name}: {len(originals)} images")
        made = [enlarge(each) for each in small]
        numbers = [_compare(*each, scale) for each in zip(made, originals, small, strict=True)]
        row: dict[str, Any] = {"name": name, "scale": scale, "images": len(made)}
        row |= {key: float(np.mean([each[key] for each in numbers])) for key in _COLUMNS}
        row["patch_fid"] = patch_distance(real, patches_of(made))
        rows.append(row)
    return rows


def _load(name: str) -> SuperResolution:
    from keras_gans import SuperResolution

    model = strengths.load(name)
    if not isinstance(model, SuperResolution):
        raise ValueError(f"{name} is a {type(model).__name__}, which does not enlarge images.")
    return model


def _read(folder: Path, scale: int, num: int | None) -> Iterator[np.ndarray]:
    from keras_gans.data.decoded import open_picture
    from keras_gans.data.file_names import find_pictures
    from keras_gans.data.skipped import Skipped

    names = find_pictures(folder, Skipped())
    for number in range(len(names) if num is None else min(num, len(names))):
        image = np.asarray(open_picture(names[number], None).convert("RGB"))
        height, width = (side // scale * scale for side in image.shape[:2])
        yield image[:height, :width]


def _resized(scale: int, by: Image.Resampling, image: np.ndarray) -> np.ndarray:
    height, width = (side * scale for side in image.shape[:2])
    return np.asarray(Image.fromarray(image).resize((width, height), by))


def _enlarged(model: SuperResolution, image: np.ndarray) -> np.ndarray:
    from keras_gans.media.pictures import to_uint8

    return to_uint8(model.apply(image[None]))[0]


def _compare(made: np.ndarray, original: np.ndarray, small: np.ndarray, scale: int) -> dict[str, float]:
    pair = made[None], original[None]
    return {
        "psnr_y": float(metrics.psnr(*pair, luma=True, border=scale)[0]),
        "ssim_y": float(metrics.ssim(*pair, luma=True, border=scale)[0]),
        "psnr_rgb": float(metrics.psnr(*pair)[0]),
        "haarpsi": float(metrics.haarpsi(*pair)[0]),
        "perceptual_distance": float(metrics.perceptual_distance(*pair)[0]),
        "lr_psnr": float(metrics.psnr(reduce_image(made, scale)[None], small[None])[0]),
        "tint": float(np.abs(made.mean(axis=(0, 1)) - original.mean(axis=(0, 1))).max()),
    }


def describe(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as a table."""
    lines = [f"{rows[0]['images']} images, x{rows[0]['scale']}"]
    titles = ("Y-PSNR", "SSIM", "RGB-PSNR", "HaarPSI", "perceptual", "LR-PSNR", "tint", "patch FID")
    lines.append(f"{'':24}" + "".join(f"{title:>11}" for title in titles))
    digits = dict(zip(_COLUMNS, (2, 3, 2, 3, 4, 1, 2), strict=True)) | {"patch_fid": 3}
    for row in rows:
        cells = ("-" if row[key] is None else f"{row[key]:.{places}f}" for key, places in digits.items())
        lines.append(f"{row['name']:24}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(lines)


def draw(rows: Sequence[Mapping[str, Any]], path: str) -> None:
    """Draw fidelity against the look of detail, a point for each row: Blau and Michaeli 2018, "The Perception-Distortion
    Tradeoff".
    """
    from keras_gans.evaluation.report.extra import import_extra

    import_extra("matplotlib")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for row in rows:
        if row["patch_fid"] is not None:
            axes.scatter(row["psnr_y"], row["patch_fid"])
            axes.annotate(row["name"], (row["psnr_y"], row["patch_fid"]), xytext=(4, 4), textcoords="offset points")
    axes.set_xlabel("Y-PSNR (dB): more is more faithful")
    axes.set_ylabel("FID of patches: less is more like photographs")
    figure.savefig(path)
