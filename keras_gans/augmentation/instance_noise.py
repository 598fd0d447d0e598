"""Noise on the discriminator's inputs."""

import math
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.augmentation.base import Augmentation, is_number, register


@register("instance_noise")
class InstanceNoise(Augmentation):
    """Gaussian noise on real and generated samples, so that their distributions overlap.

    Args:
        stddev: Standard deviation of the noise, for samples in [-1, 1]: a number, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the training step, such as `PolynomialDecay(0.1, 10_000, 0.0)`
            for noise that decays.

    Raises:
        ValueError: If `stddev` is negative, or neither a number nor a schedule.

    Reference: Sønderby et al. 2017, "Amortised MAP Inference for Image Super-resolution"; Arjovsky and Bottou
    2017, section 3.
    """

    def __init__(self, stddev: Any = 0.1, name: str | None = None):
        super().__init__(name=name)
        if isinstance(stddev, dict):
            stddev = keras.optimizers.schedules.deserialize(stddev)
        scheduled = isinstance(stddev, keras.optimizers.schedules.LearningRateSchedule)
        if not scheduled and not (is_number(stddev) and 0.0 <= stddev < math.inf):
            raise ValueError(
                "stddev must be a number of at least 0, or a keras.optimizers.schedules.LearningRateSchedule; "
                f"received {stddev!r}."
            )
        self.stddev: Any = stddev if scheduled else float(stddev)

    def augment(self, images: Tensor, noise: Any, step: Tensor) -> Tensor:
        stddev = self.stddev if is_number(self.stddev) else ops.cast(self.stddev(step), "float32")
        return images + stddev * noise.normal((ops.shape(images)[0], *images.shape[1:]))

    def get_config(self) -> dict[str, Any]:
        scheduled = not is_number(self.stddev)
        stddev = keras.optimizers.schedules.serialize(self.stddev) if scheduled else self.stddev
        return {**super().get_config(), "stddev": stddev}
