"""Types that many signatures share."""

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

# Whatever the backend computes with: a `tf.Tensor`, a `jax.Array`, or a symbolic `KerasTensor` while a network is built.
Tensor: TypeAlias = Any
Array: TypeAlias = np.ndarray
# The shape of one sample: integers, or None where a size is free.
Shape: TypeAlias = tuple[Any, ...]
PathLike: TypeAlias = str | os.PathLike[str]
# What a model is told, by the names of conditions.
Conditions: TypeAlias = Mapping[str, Any]
