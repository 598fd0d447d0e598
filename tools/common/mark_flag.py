"""The flags `--mark` and `--sign`, for programs whose output is pictures or sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from absl import flags

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_gans.declaration import Declaration

MARK = flags.DEFINE_enum(
    "mark",
    "declaration",
    ["declaration", "none"],
    "What pictures and sounds say of their origin: that a model made them, and which one (docs/origin.md); or nothing.",
)
SIGN = flags.DEFINE_string(
    "sign",
    None,
    "Sign PNG, JPEG, WebP and WAV files with content credentials: a folder that keras-gans credentials init has made.",
)


def declares() -> bool:
    """Return whether files declare their origin."""
    return MARK.value == "declaration"


def declaration_of(model: Any) -> Declaration | None:
    """Return the declaration of something that a model has made, as `keras_gans.declaration.declare` does, if it is wanted."""
    import dataclasses

    from keras_gans.declaration import declare

    return dataclasses.replace(declare(model), signer=signer()) if declares() else None


def signer() -> Callable[[bytes, Declaration], bytes] | None:
    """Return what signs files, if they are to be signed.

    Raises:
        FileNotFoundError: If the folder lacks the key or its certificates.
        ValueError: If these cannot be used, or files are not to declare anything.
    """
    if SIGN.value is None:
        return None
    if not declares():
        raise ValueError("--sign signs what files declare: leave out --mark=none.")
    from keras_gans.credentials import Credentials

    return Credentials.load(SIGN.value).sign


def check_signed(suffix: str) -> None:
    """Raise ValueError if files with this suffix are to be signed and cannot be."""
    if SIGN.value is None:
        return
    from keras_gans.credentials import SUFFIXES

    if suffix.lower() not in SUFFIXES:
        raise ValueError(f"--sign is for {', '.join(SUFFIXES)} files; received {suffix or 'output without a suffix'}.")
