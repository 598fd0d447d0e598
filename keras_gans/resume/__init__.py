"""What lets a training run go on exactly where it was stopped: checkpoints, the state of training, and the callback."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gans.resume.exact_resume import ExactResume

__all__ = ["ExactResume"]


def __getattr__(name: str) -> Any:
    # Not before it is asked for: downloads need the lock of this room, and not Keras.
    if name != "ExactResume":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from keras_gans.resume.exact_resume import ExactResume

    return ExactResume
