"""Losses that tell what belongs together from what does not."""

from __future__ import annotations

from keras import ops

from keras_gans._typing import Tensor

# Keeps lengths of feature vectors from being 0.
_EPSILON = 1e-7


def patch_contrast(queries: Tensor, keys: Tensor, temperature: float = 0.07) -> Tensor:
    """Return how badly the patches of an image are found among those of another (PatchNCE).

    Each query should be most similar to the key of the same patch, by the cosine of their angle. The keys of the other patches
    of the same image are the wrong answers of a softmax cross-entropy.

    Args:
        queries: Features of patches, of shape `(batch, patches, features)`.
        keys: Features of the same patches of the other image, of the same shape. No gradient flows through them.
        temperature: Number above 0 by which similarities are divided.

    Returns:
        The cross-entropy of each query: float32 of shape `(batch, patches)`.

    Reference: Park et al. 2020, "Contrastive Learning for Unpaired Image-to-Image Translation", equations 2 and 4.
    """
    queries, keys = _unit(queries), ops.stop_gradient(_unit(keys))
    right = ops.sum(queries * keys, axis=-1) / temperature
    all_keys = ops.matmul(queries, ops.transpose(keys, (0, 2, 1))) / temperature
    return ops.logsumexp(all_keys, axis=-1) - right


def _unit(features: Tensor) -> Tensor:
    """Return features of length 1, in float32."""
    features = ops.cast(features, "float32")
    return features * ops.rsqrt(ops.sum(ops.square(features), axis=-1, keepdims=True) + _EPSILON**2)
