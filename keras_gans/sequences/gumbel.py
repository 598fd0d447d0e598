"""The Gumbel-softmax relaxation: tokens through which a gradient passes."""

from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor

_LEAST = 1e-20


def relaxed(logits: Tensor, tokens: Tensor, uniform: Tensor, inverse_temperature: float | Tensor) -> Tensor:
    """Relax tokens that were drawn from logits to vectors of probabilities.

    The relaxation adds Gumbel noise to each logit; the largest sum selects the token. Here, the tokens have been drawn before,
    and the noise is drawn given that it selects them. The joint distribution is the same, and drawing a sequence takes one
    number per token instead of one for each token of the vocabulary.

    Args:
        logits: float32 of shape `(batch, length, vocabulary_size)`.
        tokens: Tokens drawn from these logits, int32 of shape `(batch, length)`.
        uniform: Uniform numbers in [0, 1), float32, shaped like `logits`.
        inverse_temperature: Scalar above 0. The larger it is, the closer the vectors are to one-hot ones.

    Returns:
        float32, shaped like `logits`; sums to 1 over the last axis. Its gradient is that of softmax((logits + noise) *
        inverse_temperature), with the noise held fixed.

    Reference: Jang et al. 2017, "Categorical Reparameterization with Gumbel-Softmax", equation 2; Maddison et al. 2014, "A*
    Sampling", section 3 (noise that fits a given maximum).
    """
    normal = logits - ops.logsumexp(logits, axis=-1, keepdims=True)
    exponential = -ops.log(ops.clip(uniform, _LEAST, 1.0 - 2.0**-24))
    chosen = ops.one_hot(tokens, logits.shape[-1], dtype="bool")
    # The maximum of all sums has a Gumbel distribution, whatever the token; the other sums are truncated there. With e =
    # -log(u), -log(e) is a Gumbel number, and -log(exp(-maximum) + exp(-sum)) is the truncated sum.
    maximum = -ops.log(ops.sum(ops.where(chosen, exponential, 0.0), axis=-1, keepdims=True))
    below = -ops.log(ops.exp(-maximum) + exponential * ops.exp(-normal))
    noise = ops.stop_gradient(ops.where(chosen, maximum, below) - normal)
    return ops.softmax((normal + noise) * inverse_temperature)


@keras.saving.register_keras_serializable(package="keras_gans")
class InverseTemperature:
    """Rises exponentially from 1 to `largest` over `steps` steps, and stays there.

    Args:
        largest: Final value, at least 1. Default 100.
        steps: Number of generator steps until it is reached, at least 1. Default 5,000.

    Raises:
        ValueError: If a value is below 1.

    Reference: Nie et al. 2019, "RelGAN", section 2.3 and appendix (the exponential policy).
    """

    def __init__(self, largest: float = 100.0, steps: float = 5000) -> None:
        if not (largest >= 1.0 and steps >= 1):
            raise ValueError(f"largest and steps must be at least 1; received {largest!r} and {steps!r}.")
        self.largest, self.steps = float(largest), float(steps)

    def __call__(self, step: int | Tensor) -> Tensor:
        """Return the value at a step of the generator."""
        return self.largest ** ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"largest": self.largest, "steps": self.steps}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "InverseTemperature":
        """Make an object from `get_config`."""
        return cls(**config)
