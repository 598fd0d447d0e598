"""Faults of single samples as failures of training: what media measure by `fault_shares`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_gans.callbacks.diagnoses import Diagnosis, Numbers

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# Before the names of the shares of real samples.
REAL = "real_"

# A fault is a failure if the share of generated samples that have it exceeds that of real ones by this.
_EXCESS = 0.2
# An untrained generator may have every fault. It is a failure if it was less frequent before, or is still there after so many
# steps.
_PATIENT_STEPS = 500


class Fault(Diagnosis):
    """A fault of single samples that many generated samples have, and few real ones."""

    patience = 2

    def __init__(self, model: AdversarialModel):
        self._many = model.medium.many
        self._first: int | None = None
        self._least = 1.0

    @classmethod
    def applies_to(cls, model: AdversarialModel) -> bool:
        return cls.name in model.medium.fault_names

    def symptoms(self, numbers: Numbers, step: int) -> dict[str, float] | None:
        if self.name not in numbers:
            return None
        share, of_real = numbers[self.name], numbers.get(f"{REAL}{self.name}", 0.0)
        self._first = step if self._first is None else self._first
        self._least = min(self._least, share)
        if share < of_real + _EXCESS:
            return None
        if step - self._first < _PATIENT_STEPS and share < self._least + _EXCESS:
            return None
        return {self.name: share, f"{REAL}{self.name}": of_real}

    def restore(self, measured: Numbers) -> None:
        self._least = 0.0

    def shares(self, measured: Numbers) -> str:
        """Return the shares in words."""
        return f"{measured[self.name]:.0%} of generated and {measured[f'{REAL}{self.name}']:.0%} of real {self._many}"
