"""When a progressive GAN grows: the schedule, and the callback that follows it."""

import math

import keras

from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class GrowthSchedule:
    """How many images a progressive GAN is shown at each resolution.

    Each resolution but the first is faded in over `fade_images`, and then trained over `stable_images`; the last one is
    trained for as long as training lasts. Each value is one for all resolutions, or a list of one for each, from the smallest
    (whose `fade_images` count for nothing).

    Args:
        fade_images: Integers >= 0.
        stable_images: Integers >= 1.
        batch_sizes: Images of one update; what a batch holds if None. Where a batch holds more, several updates are made of it.
        learning_rates: Of both players; their optimizers' own if None.

    Raises:
        ValueError: If a value is out of range.

    Reference: Karras et al. 2018, "Progressive Growing of GANs", appendix A.1: 800,000 images (CelebA-HQ, 600,000 in the
    authors' code) for each fade and each stable phase.
    """

    def __init__(self, fade_images=600_000, stable_images=600_000, batch_sizes=None, learning_rates=None):
        self.fade_images, self.stable_images = fade_images, stable_images
        self.batch_sizes, self.learning_rates = batch_sizes, learning_rates
        for name, least in (("fade_images", 0), ("stable_images", 1), ("batch_sizes", 1)):
            for value in _listed(getattr(self, name)):
                check_count(name, value, least)
        for rate in _listed(learning_rates):
            if not rate > 0:
                raise ValueError(f"learning_rates must be above 0; received {rate!r}.")

    def check(self, stages):
        """Checks that there is a value for each of so many resolutions.

        Raises:
            ValueError: If a list is shorter or longer.
        """
        for name in ("fade_images", "stable_images", "batch_sizes", "learning_rates"):
            values = getattr(self, name)
            if isinstance(values, list | tuple) and len(values) != stages:
                raise ValueError(
                    f"{name} has {len(values)} values, but the networks grow through {stages} resolutions: "
                    + ("the schedule never reaches the last." if len(values) < stages else "give one for each.")
                )

    def start(self, stage):
        """Returns after how many images a resolution begins, counted from 0."""
        return sum(self.fade(number) + _at(self.stable_images, number) for number in range(stage))

    def fade(self, stage):
        """Returns over how many images a resolution is faded in."""
        return _at(self.fade_images, stage) if stage else 0

    def batch_size(self, stage):
        """Returns the images of one update, or None."""
        return _at(self.batch_sizes, stage)

    def learning_rate(self, stage):
        """Returns the learning rate of both players, or None."""
        return _at(self.learning_rates, stage)

    def stage(self, images, stages):
        """Returns which of so many resolutions is trained after some images."""
        return max(stage for stage in range(stages) if self.start(stage) <= images)

    def get_config(self):
        return {name: getattr(self, name) for name in ("fade_images", "stable_images", "batch_sizes", "learning_rates")}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _listed(values):
    if values is None:
        return ()
    return values if isinstance(values, list | tuple) else (values,)


def _at(values, stage):
    return values[stage] if isinstance(values, list | tuple) else values


class Growth(keras.callbacks.Callback):
    """Makes a `ProgressiveGAN` grow when it has been shown enough images. Comes after callbacks that restore the model."""

    def on_train_begin(self, logs=None):
        self._images = None

    # Only where the stage changes may this look at the model: on JAX, that copies its whole state.

    def on_train_batch_begin(self, batch, logs=None):
        if self._images is None:
            model = self.model
            self._schedule, self._stages = model.schedule, model.stages
            self._images = model.find_images_shown()
            self._images_each_call = model.data and model.data.batch_size * model.steps_per_execution
            self._grow()
        elif self._images >= self._next:
            self._grow()
        if self._images_each_call is not None:
            self._images += self._images_each_call

    def on_train_batch_end(self, batch, logs=None):
        if self._images_each_call is None:  # of data of an unknown order the batch size is unknown, too
            self._images = self.model.find_images_shown()

    def _grow(self):
        self.model.enter_stage(self._schedule.stage(self._images, self._stages))
        starts = [self._schedule.start(stage) for stage in range(self._stages)]
        self._next = min((start for start in starts if start > self._images), default=math.inf)
