"""Noise on what the discriminator sees."""

import math

import keras
from keras import ops

from keras_gans.augmentation.base import Augmentation, is_number, register


@register("instance_noise")
class InstanceNoise(Augmentation):
    """Gaussian noise on samples, so that the two players' distributions overlap and their difference has a gradient.

    Args:
        stddev: The noise's standard deviation, where samples are in [-1, 1]: a number, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the training step, which lets the noise decay, such as
            `PolynomialDecay(0.1, 10_000, 0.0)`.

    Raises:
        ValueError: If `stddev` is negative, or neither a number nor a schedule.

    Reference: Sønderby et al. 2017, "Amortised MAP Inference for Image Super-resolution"; Arjovsky and Bottou
    2017, section 3.
    """

    def __init__(self, stddev=0.1, name=None):
        super().__init__(name=name)
        if isinstance(stddev, dict):
            stddev = keras.optimizers.schedules.deserialize(stddev)
        scheduled = isinstance(stddev, keras.optimizers.schedules.LearningRateSchedule)
        if not scheduled and not (is_number(stddev) and 0.0 <= stddev < math.inf):
            raise ValueError(
                "stddev must be a number of at least 0, or a keras.optimizers.schedules.LearningRateSchedule; "
                f"received {stddev!r}."
            )
        self.stddev = stddev

    def augment(self, images, noise, step):
        stddev = self.stddev if is_number(self.stddev) else ops.cast(self.stddev(step), "float32")
        return images + stddev * noise.normal((ops.shape(images)[0], *images.shape[1:]))

    def get_config(self):
        scheduled = not is_number(self.stddev)
        stddev = keras.optimizers.schedules.serialize(self.stddev) if scheduled else self.stddev
        return {**super().get_config(), "stddev": stddev}
