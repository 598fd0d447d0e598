"""What models of sounds share that hold a `Mel`."""

from __future__ import annotations

from keras_gans.adversarial import AdversarialModel
from keras_gans.audio.mel import Mel
from keras_gans.media import Audio, Medium


class ModelOfSounds(AdversarialModel):
    """The part of `Vocoder` and `SpeechGAN` that keeps their sounds at the sample rate of their `Mel`.

    Attributes:
        mel: How mel spectrograms are made.
    """

    mel: Mel

    @property
    def medium(self) -> Medium:
        """What a sample is: `Audio`."""
        return super().medium

    @medium.setter
    def medium(self, medium: Medium) -> None:
        self.check_rate(medium)
        self._medium = medium

    def check_rate(self, medium: Medium) -> None:
        """Check that sounds have the sample rate of the mel spectrograms.

        Raises:
            ValueError: If they have another.
        """
        if isinstance(medium, Audio) and medium.sample_rate != self.mel.sample_rate:
            raise ValueError(
                f"This {type(self).__name__} makes sounds of {self.mel.sample_rate:,} Hz; the data have "
                f"{medium.sample_rate:,} Hz. Resample them (sample_rate={self.mel.sample_rate})."
            )
