"""What a user asks of private training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras

from keras_gans.errors import check_count, no_such
from keras_gans.privacy import accountant

ACCOUNTANTS = ("rdp",)


@keras.saving.register_keras_serializable(package="keras_gans")
class DPSGD:
    """Differentially private training of the discriminator: `compile(privacy=DPSGD(epsilon=10, delta=1e-5))`.

    Each step draws every sample with the same probability, takes the gradient of each drawn sample and its generated partner,
    clips it to the norm `clip`, sums these, and adds normal noise of standard deviation `noise * clip`. The trained model is
    (epsilon, delta)-differentially private with respect to adding or removing one sample of the training data.

    `fit` chooses the noise before the first step, so that all its epochs together spend `epsilon`. Or give the noise: training
    then ends when `epsilon` is spent. The promise holds for the weights of both networks, for samples, and for the logs of such
    a run. It holds for one sample: for k samples of one person, epsilon is k times as large.

    Args:
        epsilon: The budget, above 0. At 1, an attacker who has 1 % false alarms finds at most 2.7 % of the training samples; at
            3, at most 20 %; 10 promises nothing against a strong attacker, and much less in theory than in practice.
        delta: The probability with which the promise may fail, in (0, 1): smaller than 1 / number of samples.
        clip: The largest norm of a sample's gradient, above 0.
        noise: The noise multiplier, above 0; None to choose it.
        steps: Number of discriminator steps that the noise is chosen for, and after which training ends; None for those of the
            epochs that `fit` is asked for. Not to be given along with `noise`.
        accountant: `"rdp"`: see `keras_gans.privacy.accountant`.

    Raises:
        ValueError: If a value is out of range.

    Example:

        model.compile(privacy=keras_gans.privacy.DPSGD(epsilon=10, delta=1e-5), critic_steps=50)
        model.fit(images, batch_size=256, epochs=20)

    Reference: Abadi et al. 2016, "Deep Learning with Differential Privacy", algorithm 1; Bie et al. 2023, "Private GANs,
    Revisited".
    """

    def __init__(
        self,
        epsilon: float,
        delta: float,
        clip: float = 1.0,
        noise: float | None = None,
        steps: int | None = None,
        accountant: str = "rdp",
    ):
        self.epsilon = _positive("epsilon", epsilon, "Smaller is more private; 1 to 10 is usual.")
        self.delta = _positive("delta", delta, "Take less than 1 / number of samples, such as 1e-5.")
        if self.delta >= 1:
            raise ValueError(f"delta must be below 1; received {delta!r}. Take less than 1 / number of samples, such as 1e-5.")
        self.clip = _positive("clip", clip, "It is the largest norm of a sample's gradient, such as 1.0.")
        self.noise = None if noise is None else _positive("noise", noise, "Leave it out to have it chosen.")
        self.steps = None if steps is None else check_count("steps", steps)
        if noise is not None and steps is not None:
            raise ValueError("Give either noise or steps: epsilon and one of them determine the other.")
        if accountant not in ACCOUNTANTS:
            raise ValueError(no_such("accountant", str(accountant), list(ACCOUNTANTS)))
        self.accountant = accountant

    def plan(self, samples: int, batch_size: int, steps: int) -> tuple[float, int]:
        """Choose the noise, or the number of steps.

        Args:
            samples: Number of training samples.
            batch_size: Expected number of samples in a batch.
            steps: Discriminator steps that training is asked for.

        Returns:
            `(noise, steps)`: the noise multiplier, and the number of steps after which training ends.

        Raises:
            ValueError: If delta is too large for the number of samples, a batch is larger than the data, or the budget does not
                suffice for one step.
        """
        if self.delta >= 1 / samples:
            raise ValueError(
                f"delta={self.delta:g} is too large for {samples:,} samples: it permits giving some of them away whole. Take "
                f"less than 1 / {samples} = {1 / samples:.2g}, such as {_round_down(0.6 / samples):g}."
            )
        if batch_size > samples:
            raise ValueError(f"A batch of {batch_size} is larger than the data, which have {samples:,} samples.")
        rate = batch_size / samples
        if self.noise is None:
            steps = self.steps or steps
            return accountant.noise_for(self.epsilon, rate, steps, self.delta), steps
        within = accountant.steps_within(self.epsilon, rate, self.noise, self.delta)
        if not within:
            raise ValueError(
                f"One step with noise={self.noise:g} and batches of {batch_size} of {samples:,} samples spends more than "
                f"epsilon={self.epsilon:g}: take more noise, smaller batches, or a larger epsilon."
            )
        return self.noise, min(within, 2**31 - 1)

    def get_config(self) -> dict[str, Any]:
        names = ("epsilon", "delta", "clip", "noise", "steps", "accountant")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> DPSGD:
        return cls(**config)


def get(identifier: DPSGD | Mapping[str, Any] | None) -> DPSGD | None:
    """Return the settings of private training, given these, a config as `keras.saving` makes it, or None.

    Raises:
        ValueError: If it is anything else.
    """
    if isinstance(identifier, Mapping):
        identifier = keras.saving.deserialize_keras_object(identifier)
    if identifier is not None and not isinstance(identifier, DPSGD):
        raise ValueError(f"privacy takes keras_gans.privacy.DPSGD(epsilon=..., delta=...), or None; received {identifier!r}.")
    return identifier


def _positive(name: str, value: Any, advice: str) -> float:
    is_number = hasattr(value, "__float__") and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(value)) or float(value) <= 0:
        raise ValueError(f"{name} must be a number above 0; received {value!r}. {advice}")
    return float(value)


def _round_down(value: float) -> float:
    """Return a number with one significant digit, not larger than it."""
    scale = 10.0 ** math.floor(math.log10(value))
    return math.floor(value / scale) * scale
