"""Tokens that a gradient passes through: the Gumbel-softmax relaxation."""

import keras
from keras import ops

_LEAST = 1e-20


def relaxed(logits, tokens, uniform, inverse_temperature):
    """Returns the relaxed one-hot vectors of tokens that were drawn from logits.

    The relaxation adds Gumbel noise to each logit, of which the largest sum says the token. Here the token was drawn before, by
    other means, and the noise is drawn so that it gives this token: together that is the same distribution, and drawing
    sequences needs one number a token instead of one for each word of the vocabulary.

    Args:
        logits: float32 `(batch, length, vocabulary_size)`.
        tokens: int32 `(batch, length)`, drawn from these logits.
        uniform: float32 in [0, 1), shaped as `logits`.
        inverse_temperature: Scalar above 0: the larger, the nearer to one-hot vectors.

    Returns:
        float32, shaped as `logits`; sums to 1 over the last axis. The gradient is that of softmax((logits + noise) *
        inverse_temperature), the noise held fixed.

    Reference: Jang et al. 2017, "Categorical Reparameterization with Gumbel-Softmax", equation 2; Maddison et al. 2014, "A*
    Sampling", section 3 (noise that fits a given maximum).
    """
    normal = logits - ops.logsumexp(logits, axis=-1, keepdims=True)
    exponential = -ops.log(ops.clip(uniform, _LEAST, 1.0 - 2.0**-24))
    chosen = ops.one_hot(tokens, logits.shape[-1], dtype="bool")
    # The maximum of all sums is Gumbel distributed, whatever the token; each other sum is cut off there. With -log(u) = e:
    # -log e is a Gumbel number, and -log(exp(-maximum) + exp(-sum)) is the sum cut off.
    maximum = -ops.log(ops.sum(ops.where(chosen, exponential, 0.0), axis=-1, keepdims=True))
    below = -ops.log(ops.exp(-maximum) + exponential * ops.exp(-normal))
    noise = ops.stop_gradient(ops.where(chosen, maximum, below) - normal)
    return ops.softmax((normal + noise) * inverse_temperature)


@keras.saving.register_keras_serializable(package="keras_gans")
class InverseTemperature:
    """Rises from 1 to a largest value, exponentially, and stays there.

    Args:
        largest: The last value.
        steps: After how many steps of the generator it is reached.

    Reference: Nie et al. 2019, "RelGAN", section 2.3 and appendix (the exponential policy).
    """

    def __init__(self, largest=100.0, steps=5000):
        if not (largest >= 1.0 and steps >= 1):
            raise ValueError(f"largest and steps must be at least 1; received {largest!r} and {steps!r}.")
        self.largest, self.steps = largest, steps

    def __call__(self, step):
        return float(self.largest) ** ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)

    def get_config(self):
        return {"largest": self.largest, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
