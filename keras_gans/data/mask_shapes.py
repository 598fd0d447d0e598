"""Random holes for inpainting: brush strokes, boxes, or a box in the middle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Draws a hole: maps a random generator, height and width to a bool array of shape `(height, width)`, True inside the hole.
Draw = Callable[[np.random.Generator, int, int], np.ndarray]

# Lengths are shares of the shorter side; pairs are ranges.
_STROKES, _CORNERS = (1, 3), (4, 12)
_THICKNESS, _LONGEST = (8 / 256, 26 / 256), 0.45
# A stroke goes to and fro, as a hand that rubs something out: this is the largest angle between two of its lines and its axis.
_ANGLE = np.pi / 3
_BOXES, _BOX = (1, 3), (1 / 8, 3 / 8)
_MIDDLE = 3 / 8


def strokes(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Draw one to three strokes of a brush, each of 4 to 12 corners.

    Reference: Yu et al. 2019, "Free-Form Image Inpainting with Gated Convolution", supplementary material, algorithm 1. Numbers
    of strokes and corners are those of the authors' code; strokes are thinner, so that they cover about 13 % of the pixels.
    """
    hole, side = np.zeros((height, width), bool), min(height, width)
    for _ in range(rng.integers(*_STROKES, endpoint=True)):
        radius = max(1.0, rng.uniform(*_THICKNESS) * side) / 2
        axis = rng.uniform(0, 2 * np.pi)
        place = rng.uniform((0, 0), (height, width))
        for corner in range(rng.integers(*_CORNERS, endpoint=True)):
            angle = axis + rng.uniform(0, _ANGLE) + corner % 2 * np.pi
            step = rng.uniform(0, _LONGEST) * side * np.array([np.sin(angle), np.cos(angle)])
            following = np.clip(place + step, 0, (height - 1, width - 1))
            _draw_line(hole, place, following, radius)
            place = following
    return hole


def boxes(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Draw one to three boxes, whose sides are an eighth to three eighths of the shorter side of the image."""
    hole, side = np.zeros((height, width), bool), min(height, width)
    for _ in range(rng.integers(*_BOXES, endpoint=True)):
        high, wide = np.maximum(1, np.rint(rng.uniform(*_BOX, size=2) * side).astype(int))
        top, left = rng.integers(height - high + 1), rng.integers(width - wide + 1)
        hole[top : top + high, left : left + wide] = True
    return hole


def mixed(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Draw strokes or boxes, each in half of the cases."""
    return (strokes if rng.random() < 0.5 else boxes)(rng, height, width)


def centre(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return a box in the middle, with three eighths of the height and width of the image."""
    hole = np.zeros((height, width), bool)
    high, wide = (max(1, round(_MIDDLE * size)) for size in (height, width))
    top, left = (height - high) // 2, (width - wide) // 2
    hole[top : top + high, left : left + wide] = True
    return hole


def _draw_line(hole: np.ndarray, start: np.ndarray, end: np.ndarray, radius: float) -> None:
    """Set all pixels whose centres are within `radius` of the line from `start` to `end`, given as row and column."""
    first = np.maximum(np.floor(np.minimum(start, end) - radius).astype(int), 0)
    last = np.minimum(np.ceil(np.maximum(start, end) + radius).astype(int) + 1, hole.shape)
    rows, columns = np.ogrid[first[0] : last[0], first[1] : last[1]]
    down, right = end - start
    squared = down**2 + right**2
    # How far along the line its nearest point lies, from 0 to 1.
    along = ((rows - start[0]) * down + (columns - start[1]) * right) / squared if squared else 0.0
    along = np.clip(along, 0.0, 1.0)
    distances = (rows - start[0] - along * down) ** 2 + (columns - start[1] - along * right) ** 2
    hole[first[0] : last[0], first[1] : last[1]] |= distances <= max(radius, 0.75) ** 2


SHAPES: dict[str, Draw] = {"strokes": strokes, "boxes": boxes, "mixed": mixed, "centre": centre}
