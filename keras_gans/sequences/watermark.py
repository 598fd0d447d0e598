"""A watermark in generated text: a secret key makes some tokens, after each context, more probable and others less.

The key divides the vocabulary into green and red tokens, anew for each context and several times for each: the green lists.
Marked text contains more green tokens than chance allows, which only who has the key can count (`keras_gans.verification`).

For each list, two tokens are drawn and a green one beats a red one. A token of probability p thus gets p (1 + g - G), where g
is 1 if it is green, else 0, and G is the probability of all green tokens. That needs no drawing. Unlike a number added to the
logits of green tokens, it does not favour rare tokens: averaged over keys, no token is more probable than before.

The lists are bits of a hash of 32-bit integers that NumPy, TensorFlow, JAX and TFLite compute exactly, so the same seed and key
give the same tokens everywhere.

References: Kirchenbauer et al. 2023, "A Watermark for Large Language Models", section 2 (green lists); Dathathri et al. 2024,
"Scalable watermarking for identifying large language model outputs", Methods, two-way tournaments (how tokens are favoured);
Zobrist 1970, "A New Hashing Method with Application for Game Playing" (a table of random words for each place in the context);
Appleby 2011, MurmurHash3, `fmix32` (how they are mixed).
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from typing import Any

import numpy as np
from keras import ops

from keras_gans._typing import Array, Tensor
from keras_gans.errors import check_count

_SHORTEST_KEY = 16
_MOST_LISTS = 24
_MOST_CONTEXT = 15  # one BLAKE2 digest contains the words of a token


@dataclasses.dataclass(frozen=True)
class Watermark:
    """What marks text: `model.write(..., watermark=Watermark(key))`.

    Who has the key can find the mark, imitate it and remove it. Keep it as you keep a password.

    Args:
        key: Secret text of at least 16 characters, such as `secrets.token_hex(16)` returns.
        strength: Number of green lists for each context, an integer from 1 to 24. Default 6. With more, shorter texts show the
            mark, and the texts of one key resemble each other more. Finding the mark takes the same number.
        context: Number of previous tokens that select the lists, an integer from 1 to 15. Default 2. With more, the texts of
            one key resemble each other less, and a changed word hides more tokens. Finding the mark takes the same number.

    Raises:
        ValueError: If the key is too short, or a number is out of range.
    """

    key: str = dataclasses.field(repr=False)
    strength: int = 6
    context: int = 2

    def __post_init__(self) -> None:
        if not isinstance(self.key, str) or len(self.key) < _SHORTEST_KEY:
            given = str(len(self.key)) if isinstance(self.key, str) else repr(type(self.key).__name__)
            raise ValueError(
                f"The key of a watermark must be secret text of at least {_SHORTEST_KEY} characters; received {given}. "
                "python -c 'import secrets; print(secrets.token_hex(16))' makes one."
            )
        for name, most in (("strength", _MOST_LISTS), ("context", _MOST_CONTEXT)):
            value = getattr(self, name)
            if check_count(name, value) > most:
                raise ValueError(f"The {name} of a watermark must be an integer from 1 to {most}; received {value}.")

    def favour(self, probabilities: Tensor, recent: Tensor) -> Tensor:
        """Return the probabilities from which marked tokens are drawn.

        Args:
            probabilities: float32 of shape `(..., vocabulary_size)`.
            recent: The tokens before each, int32 of shape `(..., context)`.
        """
        own, *others = self.words(probabilities.shape[-1]).view("int32")
        mixed = ops.take(others[0], recent[..., 0])
        for place, table in enumerate(others[1:], 1):
            mixed = ops.bitwise_xor(mixed, ops.take(table, recent[..., place]))
        bits = _mix(ops.cast(ops.bitwise_xor(mixed[..., None], own), "uint32"), ops)
        for number in range(self.strength):
            green = ops.cast(_bit(bits, number, ops), "float32")
            probabilities *= 1.0 + green - ops.sum(probabilities * green, axis=-1, keepdims=True)
        return probabilities

    def favour_all(self, probabilities: Tensor, tokens: Tensor) -> Tensor:
        """Return the probabilities from which the tokens of whole sequences are drawn; the first token is not marked.

        Args:
            probabilities: float32 of shape `(batch, length, vocabulary_size)`.
            tokens: int32 of shape `(batch, length)`.
        """
        length = tokens.shape[1]
        before = ops.pad(tokens, [[0, 0], [self.context, 0]])
        recent = ops.stack([before[:, place : place + length] for place in range(self.context)], axis=-1)
        marked = self.favour(probabilities[:, 1:], recent[:, 1:])
        return ops.concatenate([probabilities[:, :1], marked], axis=1)

    def count_green(self, recent: Array, tokens: Array) -> Array:
        """Return on how many of the lists tokens are, integers of shape `(n,)`.

        Args:
            recent: The tokens before each, integers of shape `(n, context)`.
            tokens: Integers of shape `(n,)`.
        """
        own, *others = self.words(int(max(recent.max(initial=0), tokens.max(initial=0))) + 1)
        mixed = own[tokens]
        for place, table in enumerate(others):
            mixed = mixed ^ table[recent[:, place]]
        bits = _mix(mixed, np)
        return np.sum([_bit(bits, number, np) for number in range(self.strength)], axis=0, dtype="int64")

    def words(self, vocabulary_size: int) -> Array:
        """Return the key's random words for each token, at its own place and at each place of the context.

        Returns:
            uint32 of shape `(1 + context, vocabulary_size)`.
        """
        return _words(self.key, self.context, vocabulary_size)


@functools.lru_cache(16)
def _words(key: str, context: int, vocabulary_size: int) -> Array:
    # BLAKE2 takes keys of at most 64 bytes.
    secret = hashlib.sha256(key.encode()).digest()
    of_token = (
        hashlib.blake2b(token.to_bytes(4, "little"), digest_size=4 * (1 + context), key=secret, person=b"kg-watermark").digest()
        for token in range(vocabulary_size)
    )
    rows = np.frombuffer(b"".join(of_token), "<u4").reshape(vocabulary_size, 1 + context)
    return np.ascontiguousarray(rows.T).astype("uint32")


def _mix(words: Any, arithmetic: Any) -> Any:
    """Return 32-bit words each of whose bits depends on every bit of the given ones.

    Args:
        words: uint32 of any shape.
        arithmetic: What has `multiply`, `bitwise_xor` and `right_shift` of uint32, modulo 2^32: NumPy, or `keras.ops`.
    """
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        words = arithmetic.bitwise_xor(words, arithmetic.right_shift(words, np.uint32(shift)))
        words = arithmetic.multiply(words, np.uint32(factor))
    return arithmetic.bitwise_xor(words, arithmetic.right_shift(words, np.uint32(16)))


def _bit(words: Any, number: int, arithmetic: Any) -> Any:
    """Return one bit of 32-bit words, 0 or 1. TFLite has neither bitwise and nor a shift to the left."""
    return arithmetic.right_shift(arithmetic.multiply(words, np.uint32(1 << 31 - number)), np.uint32(31))
