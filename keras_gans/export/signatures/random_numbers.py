"""The numbers of a seed, as `keras_gans.seeds` gives them, in a graph that every format can hold."""

import math
from types import SimpleNamespace

from keras import ops

from keras_gans import seeds


def _random_bits(tensor, shape):
    """Returns what `keras_gans.seeds.random_bits` does, as float32."""
    import tensorflow as tf

    def add(a, b):
        # TFLite adds no unsigned integers, and C++ leaves open what signed ones do on overflow.
        return ops.cast(ops.cast(a, "int64") + ops.cast(b, "int64"), "uint32")

    arithmetic = SimpleNamespace(add=add, multiply=ops.multiply, bitwise_xor=ops.bitwise_xor, right_shift=ops.right_shift)
    words = tf.bitcast(tensor, tf.uint32)
    bits = seeds.random_bits([words[:, :1], words[:, 1:]], math.prod(shape), arithmetic)
    return [ops.reshape(ops.cast(each, "float32"), (-1, *shape)) for each in bits]


def uniform(tensor, shape):
    """Returns what `keras_gans.seeds.uniform` does.

    Args:
        tensor: An int64 tensor of seeds `(batch,)`.
        shape: The shape of the numbers of one seed.
    """
    return _random_bits(tensor, shape)[0] * seeds.STEP


def normal(tensor, shape):
    """Returns what `keras_gans.seeds.normal` does; see `uniform`."""
    return seeds.box_muller(*_random_bits(tensor, shape), ops)


NOISES = {"normal": normal, "uniform": uniform}
