"""The flag `--watermark_strength`, for programs that mark text or look for the mark."""

from __future__ import annotations

from absl import flags

STRENGTH = flags.DEFINE_integer(
    "watermark_strength",
    None,
    "For text: number of green lists of the watermark, 1 to 24 (default: 6). Looking for the mark takes the same number.",
)


def strength() -> dict[str, int]:
    """Return the strength as an argument of `keras_gans.Watermark`, if one is given."""
    return {} if STRENGTH.value is None else {"strength": STRENGTH.value}
