"""Colours under transparent pixels, in graphs: see `keras_gans.applying.transparency`."""

from __future__ import annotations

from keras_gans._typing import Tensor

# How often a picture is halved until what is still without a colour gets the mean one.
_HALVINGS = 12


def bleed(colours: Tensor, alpha: Tensor) -> Tensor:
    """Return colours with those of fully transparent pixels replaced by those of the nearest others, blended smoothly.

    Args:
        colours: uint8 `(height, width, 3)`.
        alpha: Opacity, uint8 `(height, width, 1)`, 0 for transparent.
    """
    import tensorflow as tf

    seen = alpha > 0

    def filled() -> Tensor:
        made = _fill(tf.cast(colours, tf.float32)[None], tf.cast(seen, tf.float32)[None], _HALVINGS)[0]
        return tf.where(seen, colours, tf.cast(tf.round(made), tf.uint8))

    return tf.cond(tf.reduce_all(seen) | ~tf.reduce_any(seen), lambda: colours, filled)


def _fill(colours: Tensor, weights: Tensor, halvings: int) -> Tensor:
    """Return colours where weights are 1, elsewhere those of an image of half the size, in which more pixels have colours."""
    import tensorflow as tf

    if not halvings:
        mean = tf.reduce_sum(colours * weights, (1, 2), keepdims=True) / tf.reduce_sum(weights, (1, 2), keepdims=True)
        return tf.where(weights > 0, colours, mean)
    sums, shares = (tf.nn.avg_pool2d(each, 2, 2, "SAME") for each in (colours * weights, weights))
    coarse = _fill(sums / tf.maximum(shares, 0.25), tf.cast(shares > 0, tf.float32), halvings - 1)
    for axis in (1, 2):
        coarse = tf.gather(coarse, tf.range(tf.shape(colours)[axis]) // 2, axis=axis)
    return tf.where(weights > 0, colours, coarse)
