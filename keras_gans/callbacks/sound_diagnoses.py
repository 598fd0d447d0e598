"""Failures of models of sounds: silence, clipping and hum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keras_gans.callbacks.diagnoses import Diagnosis, Numbers, learning_rates

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# Before the names of the shares of real samples.
REAL = "real_"

# A fault is a failure if the share of generated sounds that have it exceeds that of real sounds by this.
_EXCESS = 0.2
# An untrained generator may have every fault. It is a failure if it was less frequent before, or is still there after so many
# steps.
_PATIENT_STEPS = 500


class _Fault(Diagnosis):
    """A fault of single sounds that many generated sounds have, and few real ones."""

    patience = 2

    def __init__(self, model: AdversarialModel):
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
        return f"{measured[self.name]:.0%} of generated and {measured[f'{REAL}{self.name}']:.0%} of real sounds"


class Silence(_Fault):
    """Many generated sounds are silent: no value exceeds -40 dB of full scale."""

    name = "silence"

    def words(self, measured: Numbers) -> str:
        return f"The generator falls silent: {self.shares(measured)} do not exceed -40 dB."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, _ = learning_rates(model)
        yield f"a lower learning rate for the generator: {generator / 10:.2g} has ended silence in WaveGANs"
        yield "louder data: --loudness=peak; and --trim=60, if recordings begin or end with silence"
        yield "--place=centre with a smaller --length, if most of a sound is filled up with silence"


class Clipping(_Fault):
    """Many generated sounds are clipped: at least 0.1 % of their values are at full scale."""

    name = "clipping"

    def words(self, measured: Numbers) -> str:
        return f"The generator clips: of {self.shares(measured)}, 0.1 % of the values or more are at full scale."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, _ = learning_rates(model)
        yield "quieter data: --loudness=rms leaves room above the mean"
        yield f"a lower learning rate, if the output saturates: --learning_rate={generator / 4:.2g}"
        yield "a generator whose last layer ends in tanh and does not begin with large weights"


class Hum(_Fault):
    """Many generated sounds have more than half of their energy at one lasting frequency."""

    name = "hum"

    def words(self, measured: Numbers) -> str:
        return f"The generator hums: {self.shares(measured)} have more than half of their energy at one frequency all the time."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, discriminator = learning_rates(model)
        yield "phase shuffle in a discriminator of waves, which otherwise learns the artefacts of upsampling"
        yield "kernels that are multiples of their strides, where transposed convolutions upsample"
        yield f"a lower learning rate: --learning_rate={max(generator, discriminator) / 4:.2g}"
        yield "more recordings, or variations of them: a discriminator that knows all of them by heart leads to single tones"
