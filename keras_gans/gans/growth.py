"""When a progressive GAN grows: the schedule, and the callback that follows it."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from keras_gans.errors import check_count

_NAMES = ("fade_images", "stable_images", "batch_sizes", "learning_rates")


@keras.saving.register_keras_serializable(package="keras_gans")
class GrowthSchedule:
    """How many images a progressive GAN is trained on at each resolution.

    Each resolution except the first is faded in over `fade_images` images and then trained for `stable_images` more. The last
    one is trained until training ends. Each argument is one value for all resolutions, or a list with a value for each, the
    lowest resolution first.

    Args:
        fade_images: Images over which a resolution is faded in, an integer >= 0. Default 600,000. The value of the first
            resolution is ignored.
        stable_images: Images for which it is trained after that, an integer >= 1. Default 600,000.
        batch_sizes: Images per update, an integer >= 1. It must divide the batch size of `fit`; a larger batch is divided into
            several updates. None (default) makes one update of each batch.
        learning_rates: Learning rates of both networks, above 0. None (default) keeps those of the optimizers.

    Raises:
        ValueError: If a value is out of range.

    Reference: Karras et al. 2018, "Progressive Growing of GANs", appendix A.1: 800,000 images for each fade and each stable
    phase (600,000 in the authors' code for CelebA-HQ).
    """

    def __init__(
        self,
        fade_images: int | Sequence[int] = 600_000,
        stable_images: int | Sequence[int] = 600_000,
        batch_sizes: int | Sequence[int] | None = None,
        learning_rates: float | Sequence[float] | None = None,
    ) -> None:
        self.fade_images = _each(lambda value: check_count("fade_images", value, 0), fade_images)
        self.stable_images = _each(lambda value: check_count("stable_images", value, 1), stable_images)
        self.batch_sizes = _each(lambda value: check_count("batch_sizes", value, 1), batch_sizes)
        self.learning_rates = _each(_check_rate, learning_rates)

    def check(self, stages: int) -> None:
        """Check that each list has a value for each resolution.

        Args:
            stages: Number of resolutions.

        Raises:
            ValueError: If a list is shorter or longer.
        """
        for name in _NAMES:
            values = getattr(self, name)
            if isinstance(values, list) and len(values) != stages:
                raise ValueError(
                    f"{name} has {len(values)} values, but the networks grow through {stages} resolutions: "
                    + ("the schedule never reaches the last one." if len(values) < stages else "give one for each.")
                )

    def start(self, stage: int) -> int:
        """Return the number of images after which a resolution begins."""
        return sum(self.fade(number) + _at(self.stable_images, number) for number in range(stage))

    def fade(self, stage: int) -> int:
        """Return the number of images over which a resolution is faded in."""
        return _at(self.fade_images, stage) if stage else 0

    def batch_size(self, stage: int) -> int | None:
        """Return the number of images per update, or None for the whole batch."""
        return _at(self.batch_sizes, stage)

    def learning_rate(self, stage: int) -> float | None:
        """Return the learning rate of both networks, or None for that of their optimizers."""
        return _at(self.learning_rates, stage)

    def stage(self, images: int, stages: int) -> int:
        """Return the resolution to train after a number of images, counted from 0.

        Args:
            images: Images that the model has been trained on.
            stages: Number of resolutions.
        """
        return max(stage for stage in range(stages) if self.start(stage) <= images)

    def get_config(self) -> dict[str, Any]:
        """Return the schedule's arguments."""
        return {name: getattr(self, name) for name in _NAMES}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "GrowthSchedule":
        """Make a schedule from `get_config`."""
        return cls(**config)


def _each(check: Any, values: Any) -> Any:
    """Check one value, or each of a list; None stays None."""
    if values is None:
        return None
    return [check(value) for value in values] if isinstance(values, list | tuple) else check(values)


def _check_rate(rate: float) -> float:
    if not rate > 0:
        raise ValueError(f"learning_rates must be above 0; received {rate!r}.")
    return float(rate)


def _at(values: Any, stage: int) -> Any:
    return values[stage] if isinstance(values, list) else values


class Growth(keras.callbacks.Callback):
    """Makes a `ProgressiveGAN` grow when it has been trained on enough images. Follows callbacks that restore the model."""

    _images: int | None = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Forget an earlier call of `fit`."""
        self._images = None

    # Reads the model only where the stage may change: on JAX, reading copies its whole state.

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Enter the next stage if it is due."""
        if self._images is None:
            model = self.model
            self._schedule, self._stages = model.schedule, model.stages
            self._images = model.find_images_shown()
            self._batch_size = model.data and model.data.batch_size
            self._grow()
        elif self._images >= self._next:
            self._grow()
        self._first = batch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Count images."""
        if self._batch_size is None:  # only the model knows
            self._images = self.model.find_images_shown()
        else:
            self._images += (batch - self._first + 1) * self._batch_size

    def _grow(self) -> None:
        assert self._images is not None, "set when the first batch begins"
        self.model.enter_stage(self._schedule.stage(self._images, self._stages))
        starts = [self._schedule.start(stage) for stage in range(self._stages)]
        self._next = min((start for start in starts if start > self._images), default=math.inf)
