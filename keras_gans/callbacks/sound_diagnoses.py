"""Failures of models of sounds: silence, clipping and hum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keras_gans.callbacks.diagnoses import Numbers, learning_rates
from keras_gans.callbacks.faults import Fault

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel


class Silence(Fault):
    """Many generated sounds are silent: no value exceeds -40 dB of full scale."""

    name = "silence"

    def words(self, measured: Numbers) -> str:
        return f"The generator falls silent: {self.shares(measured)} do not exceed -40 dB."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, _ = learning_rates(model)
        yield f"a lower learning rate for the generator: {generator / 10:.2g} has ended silence in WaveGANs"
        yield "louder data: --loudness=peak; and --trim=60, if recordings begin or end with silence"
        yield "--place=centre with a smaller --length, if most of a sound is filled up with silence"


class Clipping(Fault):
    """Many generated sounds are clipped: at least 0.1 % of their values are at full scale."""

    name = "clipping"

    def words(self, measured: Numbers) -> str:
        return f"The generator clips: of {self.shares(measured)}, 0.1 % of the values or more are at full scale."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, _ = learning_rates(model)
        yield "quieter data: --loudness=rms leaves room above the mean"
        yield f"a lower learning rate, if the output saturates: --learning_rate={generator / 4:.2g}"
        yield "a generator whose last layer ends in tanh and does not begin with large weights"


class Hum(Fault):
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
