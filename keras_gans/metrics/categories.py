"""How well categories that nobody has named agree with classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["assign", "category_accuracy"]


def category_accuracy(categories: ArrayLike, labels: ArrayLike) -> float:
    """Return the share of samples whose category is that of their class, if each class is given the category that fits best.

    No two classes share a category. If there are more categories than classes, samples of those that are left over count as
    wrong; so do samples of classes that are left over.

    Args:
        categories: Categories, integers from 0, shape `(n,)`.
        labels: Classes, integers from 0, shape `(n,)`.

    Raises:
        ValueError: If they are not as many integers from 0, at least one.

    Reference: Chen et al. 2016, "InfoGAN", section 7.2 (each category is matched with a type of digit).
    """
    categories, labels = np.asarray(categories), np.asarray(labels)
    for name, values in (("categories", categories), ("labels", labels)):
        if values.ndim != 1 or not values.size or not np.issubdtype(values.dtype, np.integer) or values.min() < 0:
            raise ValueError(
                f"{name} are integers from 0 of shape (n,), at least one; received {values.dtype} of shape {values.shape}"
                f"{f', as low as {values.min()}' if values.size and values.dtype.kind == 'i' else ''}."
            )
    if len(categories) != len(labels):
        raise ValueError(f"There are {len(categories)} categories, but {len(labels)} labels.")
    counts = np.zeros((max(categories.max(), labels.max()) + 1,) * 2, "int64")
    np.add.at(counts, (labels, categories), 1)
    return float(counts[np.arange(len(counts)), assign(counts)].sum() / len(labels))


def assign(gains: ArrayLike) -> np.ndarray:
    """Return, for each row of a square matrix, a column of its own, with the largest possible sum of entries.

    Args:
        gains: Square matrix of numbers.

    Returns:
        int64 array: a permutation of the columns.

    Raises:
        ValueError: If the matrix is not square.

    Reference: Kuhn 1955, "The Hungarian method for the assignment problem"; here by shortest augmenting paths, in cubic time
    (Jonker and Volgenant 1987).
    """
    gains = np.asarray(gains, "float64")
    if gains.ndim != 2 or gains.shape[0] != gains.shape[1]:
        raise ValueError(f"A square matrix is needed; received one of shape {gains.shape}.")
    size = len(gains)
    # A row and a column more, numbered 0, in which each search starts.
    costs = np.zeros((size + 1, size + 1))
    costs[1:, 1:] = gains.max(initial=0.0) - gains
    row_price, column_price = np.zeros(size + 1), np.zeros(size + 1)
    row_of = np.zeros(size + 1, "int64")  # by column; 0 for a column that is free
    for row in range(1, size + 1):
        row_of[0] = row
        column, distance = 0, np.full(size + 1, np.inf)
        before, done = np.zeros(size + 1, "int64"), np.zeros(size + 1, bool)
        while row_of[column]:
            done[column] = True
            here = row_of[column]
            reach = costs[here] - row_price[here] - column_price
            nearer = ~done & (reach < distance)
            distance[nearer], before[nearer] = reach[nearer], column
            step = distance[~done].min()
            row_price[row_of[done]] += step
            column_price[done] -= step
            distance[~done] -= step
            column = int(np.flatnonzero(~done & (distance == distance[~done].min()))[0])
        while column:  # along the path, every row moves on by one column
            row_of[column], column = row_of[before[column]], before[column]
    found = np.zeros(size, "int64")
    found[row_of[1:] - 1] = np.arange(size)
    return found
