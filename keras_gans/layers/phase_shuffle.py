from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class PhaseShuffle(keras.layers.Layer):
    """Shifts feature maps of sounds in time by a random number of steps in training, the same for a whole batch.

    Generators whose layers upsample leave artefacts that always have the same phase, which a discriminator could learn to look
    for. What is shifted out at one end is replaced by reflection at the other. In inference, the layer does nothing.

    Args:
        shift: Largest shift in either direction, an integer of at least 1. Default 2, the paper's.
        seed: Integer seed of the shifts; None (default) picks a random one.
        **kwargs: As `keras.layers.Layer`.

    Call arguments:
        inputs: Feature maps of shape `(batch, length, channels)`, longer than the shift.

    Reference: Donahue et al. 2019, "Adversarial Audio Synthesis" (WaveGAN), section 3.3; one shift for a batch as in the
    authors' code.
    """

    def __init__(self, shift: int = 2, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shift, self.seed = check_count("shift", shift), seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Return the shifted maps."""
        if not training:
            return inputs
        start = keras.random.randint((), 0, 2 * self.shift + 1, seed=self.seed_generator)
        padded = ops.pad(inputs, [[0, 0], [self.shift, self.shift], [0, 0]], mode="reflect")
        return ops.slice(padded, ops.stack([0, start, 0]), ops.shape(inputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the layer's arguments."""
        return {**super().get_config(), "shift": self.shift, "seed": self.seed}
