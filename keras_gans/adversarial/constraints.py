import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gans")
class ClipWeights(keras.constraints.Constraint):
    """Keeps each weight in [-limit, limit]: how the first Wasserstein GAN bounds its critic.

    Args:
        limit: A number above 0.

    Raises:
        ValueError: If it is not.

    Reference: Arjovsky et al. 2017, algorithm 1, line 7 (c = 0.01).
    """

    def __init__(self, limit=0.01):
        if not limit > 0:
            raise ValueError(f"Weights are clipped to a limit above 0; received {limit!r}.")
        self.limit = limit

    def __call__(self, w):
        return ops.clip(w, -self.limit, self.limit)

    def get_config(self):
        return {"limit": self.limit}
