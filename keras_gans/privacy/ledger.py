"""What private training has spent, as variables of the model, so that checkpoints keep it."""

from __future__ import annotations

import math
import secrets
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans.privacy import accountant
from keras_gans.privacy.dpsgd import DPSGD

_STEPS, _LAST, _SAMPLES, _BATCH = range(4)


class Ledger(keras.layers.Layer):
    """The state of private training: the noise, the steps so far and at most, and the secret seed of the noise.

    It is a layer only so that Keras tracks its variables, which makes them part of checkpoints. The seed is drawn from the
    operating system and stored nowhere else: an attacker who knows it can take the noise away.

    Args:
        settings: What the user has asked for.
    """

    def __init__(self, settings: DPSGD):
        super().__init__(name="privacy", dtype="float32")
        self.settings = settings
        self.counts = self.add_weight(shape=(4,), initializer="zeros", dtype="int32", trainable=False, name="counts")
        self.multiplier = self.add_weight(
            shape=(), initializer="zeros", dtype="float32", trainable=False, autocast=False, name="noise"
        )
        self.secret = keras.random.SeedGenerator(secrets.randbits(31))
        self.renew_secret()
        self.built = True

    def renew_secret(self) -> None:
        """Replace the seed of the noise by another one."""
        state = self.secret.state
        state.assign(np.array([secrets.randbits(32), secrets.randbits(32)], "uint32").astype(state.dtype))

    def _numbers(self) -> list[int]:
        return [int(number) for number in ops.convert_to_numpy(self.counts)]

    @property
    def steps(self) -> int:
        """Private steps so far."""
        return self._numbers()[_STEPS]

    @property
    def last(self) -> int:
        """The number of steps after which the budget is spent; 0 before the first `fit`."""
        return self._numbers()[_LAST]

    @property
    def batch_size(self) -> int:
        """Expected number of samples in a batch; 0 before the first `fit`."""
        return self._numbers()[_BATCH]

    @property
    def noise(self) -> float:
        """The noise multiplier, as steps use it."""
        return float(ops.convert_to_numpy(self.multiplier))

    @property
    def is_spent(self) -> bool:
        """Whether no step is left."""
        steps, last, _, _ = self._numbers()
        return 0 < last <= steps

    def begin(self, samples: int, batch_size: int, steps: int) -> None:
        """Choose the noise before the first step, or check that training goes on as it began.

        Args:
            samples: Number of training samples.
            batch_size: Expected number of samples in a batch.
            steps: Discriminator steps that this `fit` is asked for.

        Raises:
            ValueError: If the budget is spent, or data or batches differ from those that the noise was chosen for.
        """
        done, last, before, size = self._numbers()
        if not done:
            noise, last = self.settings.plan(samples, batch_size, steps)
            self.counts.assign(np.array([0, last, samples, batch_size], "int32"))
            self.multiplier.assign(_at_least(noise))
            return
        self.refuse_if_spent()
        if (samples, batch_size) != (before, size):
            raise ValueError(
                f"The noise was chosen for batches of {size} of {before:,} samples; this fit has batches of {batch_size} of "
                f"{samples:,}. Give it the same."
            )

    def refuse_if_spent(self) -> None:
        """Raise ValueError if no step is left."""
        if self.is_spent:
            raise ValueError(
                f"The privacy budget is spent: epsilon is {self.epsilon():.3g} after {self.steps:,} steps. Further training "
                "would break the promise. Train a new model, with a larger epsilon or more noise."
            )

    def noisy_mean(self, sums: list[Any]) -> list[Any]:
        """Return what the optimizer sees of summed clipped gradients, and count the step."""
        deviation = ops.convert_to_tensor(self.multiplier) * self.settings.clip
        size = ops.cast(self.counts[_BATCH], "float32")
        noisy = [
            (each + deviation * keras.random.normal(ops.shape(each), dtype="float32", seed=self.secret)) / size for each in sums
        ]
        self.counts.assign(ops.convert_to_tensor(self.counts) + np.array([1, 0, 0, 0], "int32"))
        return noisy

    def epsilon(self, steps: int | None = None) -> float:
        """Return what some steps have spent; None for all so far."""
        done, _, samples, size = self._numbers()
        steps = done if steps is None else steps
        return accountant.epsilon_of(size / samples, self.noise, steps, self.settings.delta) if steps else 0.0

    def statement(self) -> dict[str, Any]:
        """Return what a preset says of the promise, as JSON values."""
        done, _, samples, size = self._numbers()
        return {
            "epsilon": math.ceil(self.epsilon() * 1e4) / 1e4,
            "delta": self.settings.delta,
            "adjacency": "add or remove one sample",
            "accountant": self.settings.accountant,
            "noise": round(self.noise, 6),
            "clip": self.settings.clip,
            "samples": samples,
            "batch_size": size,
            "steps": done,
            "sampling": "Poisson",
            "seed": "withheld",
        }

    def get_config(self) -> dict[str, Any]:
        return {"settings": keras.saving.serialize_keras_object(self.settings)}


def _at_least(number: float) -> np.float32:
    """Return the smallest float32 that is not below a number."""
    near = np.float32(number)
    return near if float(near) >= number else np.nextafter(near, np.float32(np.inf))
