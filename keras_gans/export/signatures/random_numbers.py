"""The random numbers of a seed, as in `keras_gans.seeds`, in graphs that every format can hold."""

import math
from types import SimpleNamespace

from keras import ops

from keras_gans import seeds
from keras_gans._typing import Tensor


def _random_bits(tensor: Tensor, shape: tuple[int, ...]) -> list[Tensor]:
    """Return `keras_gans.seeds.random_bits` as float32."""
    import tensorflow as tf

    def add(a: Tensor, b: Tensor) -> Tensor:
        # TFLite cannot add unsigned integers, and in C++ the overflow of signed ones is undefined.
        return ops.cast(ops.cast(a, "int64") + ops.cast(b, "int64"), "uint32")

    arithmetic = SimpleNamespace(add=add, multiply=ops.multiply, bitwise_xor=ops.bitwise_xor, right_shift=ops.right_shift)
    words = tf.bitcast(tensor, tf.uint32)
    bits = seeds.random_bits([words[:, :1], words[:, 1:]], math.prod(shape), arithmetic)
    return [ops.reshape(ops.cast(each, "float32"), (-1, *shape)) for each in bits]


def uniform(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return `keras_gans.seeds.uniform` in a graph.

    Args:
        tensor: int64 seeds `(batch,)`.
        shape: The shape of the numbers of one seed.
    """
    return _random_bits(tensor, shape)[0] * seeds.STEP


def normal(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return `keras_gans.seeds.normal` in a graph; see `uniform`."""
    radius, angle = _random_bits(tensor, shape)
    return seeds.box_muller(radius, angle, ops)


NOISES = {"normal": normal, "uniform": uniform}
