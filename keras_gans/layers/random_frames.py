from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class RandomFrames(keras.layers.Layer):
    """Takes a few frames of each clip, in their order, at random in training.

    A clip is cut into as many equal parts as frames are taken, one from each part: in training from a random place, in
    inference from the middle.

    Args:
        count: Number of frames to take.
        seed: Integer seed; None (default) picks a random one.
        **kwargs: As `keras.layers.Layer`.

    Call arguments:
        inputs: Clips of shape `(batch, frames, ...)`, of known sizes except for the batch.

    Reference: Clark et al. 2019, "Adversarial Video Generation on Complex Datasets" (DVD-GAN), section 3.2 (a
    discriminator of a few random frames).
    """

    def __init__(self, count: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count, self.seed = check_count("count", count), seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check that clips have enough frames."""
        frames = input_shape[1]
        if frames is None or frames < self.count:
            raise ValueError(f"RandomFrames takes {self.count} of the frames of a clip; these have {frames}.")
        super().build(input_shape)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Return the frames: `(batch, count, ...)`."""
        frames, rest = inputs.shape[1], inputs.shape[2:]
        batch = ops.shape(inputs)[0]
        if training:
            shares = keras.random.uniform((batch, self.count), seed=self.seed_generator, dtype="float32")
        else:
            shares = ops.full((batch, self.count), 0.5, dtype="float32")
        places = ops.floor((np.arange(self.count, dtype="float32") + shares) * (frames / self.count))
        # A product with ones and zeros: its gradient does not scatter.
        chosen = ops.equal(ops.minimum(places, frames - 1)[..., None], np.arange(frames, dtype="float32"))
        flat = ops.reshape(inputs, (batch, frames, int(np.prod(rest))))
        return ops.reshape(ops.matmul(ops.cast(chosen, inputs.dtype), flat), (-1, self.count, *rest))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the frames that are taken."""
        return (input_shape[0], self.count, *input_shape[2:])

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "count": self.count, "seed": self.seed}
