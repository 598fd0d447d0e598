"""Exact resumption of training: checkpoints, the state of training, and the callback."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gans.resume.exact_resume import ExactResume

__all__ = ["ExactResume"]


def __getattr__(name: str) -> Any:
    # Imported on first use: downloads use the lock of this package without Keras.
    if name != "ExactResume":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from keras_gans.resume.exact_resume import ExactResume

    return ExactResume
