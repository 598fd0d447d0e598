"""How well holes in images are filled in without a network: what models for inpainting have to surpass."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_gans.evaluation.patches import SIDE, patch_distance, patches_around
from keras_gans.evaluation.progress import Progress

from . import strengths

# Fills in one image: float64 in [0, 1] of shape `(height, width, channels)`, given where its hole is, `(height, width)`.
Filling = Callable[[np.ndarray, np.ndarray], np.ndarray]

_RADIUS = 3  # of the pixels around one that Telea's and the Navier-Stokes method look at, OpenCV's usual value


def mean_colour(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fill in the mean colour of all other pixels."""
    return np.where(hole[..., None], image[~hole].mean(axis=0) if (~hole).any() else 0.5, image)


def harmonic(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fill in smoothly: each pixel of the hole becomes the mean of its neighbours, of which there are fewer at the edges."""
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import spsolve

    if hole.all():
        return mean_colour(image, hole)
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(hole.sum())
    places, count = np.argwhere(hole), hole.sum()
    rows, columns, values, known = [], [], [], np.zeros((count, image.shape[-1]))
    neighbours = np.zeros(count)
    for step in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        others = places + step
        inside = ((others >= 0) & (others < hole.shape)).all(axis=1)
        neighbours += inside
        equations, others = np.flatnonzero(inside), others[inside]
        unknown = hole[tuple(others.T)]
        rows.append(equations[unknown])
        columns.append(number[tuple(others[unknown].T)])
        values.append(np.full(unknown.sum(), -1.0))
        np.add.at(known, equations[~unknown], image[tuple(others[~unknown].T)])
    rows, columns, values = [*rows, np.arange(count)], [*columns, np.arange(count)], [*values, neighbours]
    matrix = csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count))
    filled = image.copy()
    filled[hole] = spsolve(matrix.tocsc(), known).reshape(count, -1)
    return filled


def biharmonic(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fill in smoothly, with slopes that continue those around the hole (scikit-image)."""
    from skimage.restoration import inpaint_biharmonic

    return np.clip(inpaint_biharmonic(image, hole, channel_axis=-1), 0, 1)


def telea(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fill in from the rim inwards by weighted means of what is known nearby (Telea 2004, in OpenCV)."""
    import cv2

    return _by_opencv(image, hole, cv2.INPAINT_TELEA)


def navier_stokes(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fill in along lines of equal brightness, as a fluid flows (Bertalmio et al. 2001, in OpenCV)."""
    import cv2

    return _by_opencv(image, hole, cv2.INPAINT_NS)


def _by_opencv(image: np.ndarray, hole: np.ndarray, method: int) -> np.ndarray:
    import cv2

    pixels = np.rint(255 * image).astype("uint8")
    return cv2.inpaint(pixels, hole.astype("uint8"), _RADIUS, method).reshape(image.shape) / 255.0


def fillings() -> dict[str, Filling]:
    """Return the ways to fill in a hole without a network, by name: those whose libraries are installed."""
    found: dict[str, Filling] = {"mean colour": mean_colour, "harmonic": harmonic, "biharmonic": biharmonic}
    if importlib.util.find_spec("cv2"):
        found |= {"Telea": telea, "Navier-Stokes": navier_stokes}
    return found


def measure(
    dataset: str,
    mask: str,
    image_shape: tuple[int, ...] | None = None,
    num: int = 10_000,
    runs: Sequence[str] = (),
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Measure the error in the hole of every way to fill it in, on the masks of `keras-gans evaluate`.

    Args:
        dataset: Images, as `load_data` takes them.
        mask: Masks, as `load_data` takes them.
        image_shape: Size that images are resized to; None for their own.
        num: Maximum number of images.
        runs: Presets or run folders of models for inpainting, to compare with. `NAME@0` is one before adversarial training; see
            `strengths`.
        progress: Is told what is being measured.

    Returns:
        A row for each way: `name`; `hole_l1` and `hole_psnr`, means over images; `hole_fid`, the FID (`color32`) between
        patches of 32x32 pixels around the holes, None for fewer than 256 images; `images` and `share` of the pixels.

    Raises:
        ValueError: If a run is of another kind of model, or has no such strength.
    """
    from keras_gans import Inpainting, load_data
    from keras_gans.evaluation.samples import choose
    from keras_gans.metrics import hole_l1, hole_psnr

    models = {run: strengths.load(run) for run in runs}
    for run, model in models.items():
        if not isinstance(model, Inpainting):
            raise ValueError(f"{run} is a {type(model).__name__}, which does not fill in images.")
    data = load_data(dataset, image_shape, mask=mask)
    positions = choose(data, num)
    targets, masks = data.source.read(positions)[0], data.conditions["masks"][positions]
    holes = masks[..., 0] > 0
    rows = []
    real = patches_around(targets, masks) if min(targets.shape[1:3]) >= SIDE else None

    def add(name: str, filled: np.ndarray) -> None:
        scores = {each.__name__: float(each(filled, targets, masks).mean()) for each in (hole_l1, hole_psnr)}
        fid = None if real is None else patch_distance(real, patches_around(filled, masks))
        rows.append({"name": name, **scores, "hole_fid": fid, "images": len(targets), "share": float(holes.mean())})

    for name, fill in fillings().items():
        if progress is not None:
            progress(name)
        filled = [fill(target / 255.0, hole) for target, hole in zip(targets, holes, strict=True)]
        add(name, np.rint(255 * np.clip(filled, 0, 1)).astype("uint8"))
    for run, model in models.items():
        if progress is not None:
            progress(run)
        add(run, model.fill(targets, masks))
    return rows


def describe(row: dict[str, Any]) -> str:
    """Return a row as a line of text."""
    fid = "" if row["hole_fid"] is None else f", FID around it {row['hole_fid']:.3f}"
    return (
        f"{row['name']}: L1 in the hole {row['hole_l1']:.4f}, PSNR {row['hole_psnr']:.2f} dB{fid} "
        f"({row['images']:,} images, {row['share']:.1%} of the pixels)"
    )
