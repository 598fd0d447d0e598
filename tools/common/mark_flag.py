"""The flag `--mark`, for programs whose output is pictures or sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from absl import flags

if TYPE_CHECKING:
    from keras_gans.declaration import Declaration

MARK = flags.DEFINE_enum(
    "mark",
    "declaration",
    ["declaration", "none"],
    "What pictures and sounds say of their origin: that a model made them, and which one (docs/origin.md); or nothing.",
)


def declares() -> bool:
    """Return whether files declare their origin."""
    return MARK.value == "declaration"


def declaration_of(model: Any) -> Declaration | None:
    """Return the declaration of something that a model has made, as `keras_gans.declaration.declare` does, if it is wanted."""
    from keras_gans.declaration import declare

    return declare(model) if declares() else None
