"""Flags for watermarks in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from absl import flags

from .secret_keys import read_key
from .watermark_strength import STRENGTH, strength

if TYPE_CHECKING:
    from keras_gans import Watermark

WATERMARK = flags.DEFINE_string(
    "watermark",
    None,
    "For text: a secret key of at least 16 characters, or @FILE that contains it. It marks the text, and verify --key finds "
    "the mark (docs/origin.md).",
)


def watermark() -> Watermark | None:
    """Return the watermark that is wanted, or None.

    Raises:
        FileNotFoundError: If the key's file does not exist.
        ValueError: If the key or the strength is not valid, or there is a strength without a key.
    """
    if WATERMARK.value is None:
        if STRENGTH.value is not None:
            raise ValueError("--watermark_strength needs a key: add --watermark=@FILE.")
        return None
    from keras_gans import Watermark

    return Watermark(read_key(WATERMARK.value), **strength())
