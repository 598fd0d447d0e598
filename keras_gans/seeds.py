"""Random numbers of a sample from its seed alone: the same in Python and in every export.

A number is a function of a seed and of its index within a sample. It comes from the block cipher Threefry-2x32 with 20 rounds,
whose key is the seed and whose counter is the index: from the first word, or for normal numbers from both words. There is no
state: samples do not depend on their neighbours, and a longer sample starts with the numbers of a shorter one. The cipher uses
only additions, multiplications, shifts and exclusive ors of unsigned 32-bit integers, which NumPy, TensorFlow and TFLite
compute exactly.

Reference: Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3". It is JAX's default generator, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from keras_gans._typing import Tensor

Seeds: TypeAlias = "int | np.integer | Iterable[int]"

_ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)
_PARITY = np.uint32(0x1BD11BDA)
STEP = 2.0**-24  # between neighbouring numbers: float32 holds all of these


def check_seeds(seeds: Seeds) -> np.ndarray:
    """Return seeds of samples as an int64 array of shape `(n,)`.

    Args:
        seeds: Integers from 0 to 2^63 - 1, at least one; or one number.

    Raises:
        ValueError: If they are not, saying what is wrong.
    """
    given = list(seeds) if np.iterable(seeds) else [seeds]
    wrong = [seed for seed in given if not _is_seed(seed)]
    if wrong or not given:
        what = repr(wrong[0]) if wrong else "none"
        raise ValueError(f"seeds must be integers from 0 to 2^63 - 1, one for each sample; received {what}.")
    return np.array(given, "int64")


def _is_seed(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= int(value) < 2**63


def uniform(seeds: Seeds, shape: Sequence[int]) -> np.ndarray:
    """Return random numbers for each seed.

    Args:
        seeds: See `check_seeds`.
        shape: Shape of the numbers for one seed.

    Returns:
        float32 `(n, *shape)`, uniform in [0, 1): multiples of 2^-24.

    Raises:
        ValueError: As `check_seeds` does.
    """
    bits, _ = random_bits(_key(seeds), math.prod(shape))
    return (bits.astype("float32") * np.float32(STEP)).reshape(-1, *shape)


def normal(seeds: Seeds, shape: Sequence[int]) -> np.ndarray:
    """Return normally distributed random numbers for each seed.

    Args:
        seeds: See `check_seeds`.
        shape: Shape of the numbers for one seed.

    Returns:
        float32 `(n, *shape)` of mean 0 and variance 1, below 5.8 in size. Its last digits depend on the machine's logarithm
        and cosine.

    Raises:
        ValueError: As `check_seeds` does.

    Reference: Box and Muller 1958, "A Note on the Generation of Random Normal Deviates", the first of its two numbers.
    """
    radius, angle = (bits.astype("float32") for bits in random_bits(_key(seeds), math.prod(shape)))
    return box_muller(radius, angle).reshape(-1, *shape)


def box_muller(radius: Tensor, angle: Tensor, functions: Any = np) -> Tensor:
    """Return normal numbers made of two float32 arrays, or tensors, of 24 random bits.

    Args:
        radius: Numbers 0 to 2^24 - 1.
        angle: The same.
        functions: What has `log`, `sqrt` and `cos`.
    """
    # One is added because there is no logarithm of 0.
    distance = functions.sqrt(np.float32(-2) * functions.log((radius + np.float32(1)) * np.float32(STEP)))
    return distance * functions.cos(angle * np.float32(2 * math.pi * STEP))


def _key(seeds: Seeds) -> list[np.ndarray]:
    """Return the lower and the upper halves of seeds, uint32 `(n, 1)`."""
    seeds = check_seeds(seeds)
    return [word.astype("uint32")[:, None] for word in (seeds & 0xFFFFFFFF, seeds >> 32)]


def random_bits(key: Sequence[Tensor], count: int, arithmetic: Any = np) -> list[Tensor]:
    """Return twice 24 random bits for each place; the first ones, times `STEP`, are the numbers of `uniform`.

    Args:
        key: Two uint32 arrays `(n, 1)`: the lower and the upper halves of seeds.
        count: How many places there are.
        arithmetic: See `threefry`.

    Returns:
        Two uint32 arrays `(n, count)`.
    """
    places = np.arange(count, dtype="uint32")[None]
    words = threefry(key, (places, np.zeros((1, 1), "uint32")), arithmetic)
    return [arithmetic.right_shift(word, np.uint32(8)) for word in words]


def threefry(key: Sequence[Tensor], counter: Sequence[Tensor], arithmetic: Any = np) -> tuple[Tensor, Tensor]:
    """Encrypt counters by Threefry-2x32 with 20 rounds.

    Args:
        key: Two uint32 arrays.
        counter: Two more, of shapes that broadcast with the key's.
        arithmetic: What has `add`, `multiply`, `bitwise_xor` and `right_shift` of uint32, modulo 2^32: NumPy, say.

    Returns:
        Two uint32 arrays.
    """
    xor, add = arithmetic.bitwise_xor, arithmetic.add
    keys = [*key, xor(xor(key[0], key[1]), _PARITY)]
    left, right = (add(word, each) for word, each in zip(counter, key, strict=True))
    for turn in range(20):
        left = add(left, right)
        by = _ROTATIONS[turn % 8]
        # There is no shift to the left in TFLite.
        turned = xor(arithmetic.multiply(right, np.uint32(1 << by)), arithmetic.right_shift(right, np.uint32(32 - by)))
        right = xor(turned, left)
        if turn % 4 == 3:
            done = turn // 4 + 1
            left = add(left, keys[done % 3])
            right = add(add(right, keys[(done + 1) % 3]), np.uint32(done))
    return left, right
