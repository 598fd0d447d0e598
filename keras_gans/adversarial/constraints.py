import keras
from keras import ops

from keras_gans._typing import Tensor


@keras.saving.register_keras_serializable(package="keras_gans")
class ClipWeights(keras.constraints.Constraint):
    """Clips each weight to [-limit, limit], as the original Wasserstein GAN does to bound its critic.

    Args:
        limit: A number above 0.

    Raises:
        ValueError: If `limit` is not above 0.

    Reference: Arjovsky et al. 2017, algorithm 1, line 7 (c = 0.01).
    """

    def __init__(self, limit: float = 0.01):
        if not limit > 0:
            raise ValueError(f"Weights are clipped to a limit above 0; received {limit!r}.")
        self.limit = float(limit)

    def __call__(self, w: Tensor) -> Tensor:
        return ops.clip(w, -self.limit, self.limit)

    def get_config(self) -> dict[str, float]:
        return {"limit": self.limit}
