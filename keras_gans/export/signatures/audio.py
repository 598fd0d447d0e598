"""Exports of sounds: float32 in [-1, 1], WAV files, and the sample rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.export.signatures.base import SIGNATURES, Arrays, Generate, Signature, Signatures, Tensors
from keras_gans.export.signatures.declared import declared_wav, packet_of
from keras_gans.files import as_json
from keras_gans.layers import GriffinLim
from keras_gans.media import Audio

AUDIO_FILE = "audio.json"


@SIGNATURES.register("audio")
class AudioSignatures(Signatures):
    """Signatures of models of sounds.

    `serving_default` and `generate` return `audio` `(batch, length, 1)`, float32 in [-1, 1]. `generate_wav` returns `wav_bytes`
    `(batch,)`, WAV files of 16 bits: servers send outputs whose names end like this as bytes. The file `audio.json` holds the
    sample rate, and how mel spectrograms are made for models that work with these.
    """

    output = "audio"

    @property
    def difference_hint(self) -> str:
        """What to do about an export that differs: a vocoder, if the model has none. The errors of Griffin-Lim grow."""
        if not any(isinstance(layer, GriffinLim) for layer in self.network.layers):
            return ""
        return " Its Griffin-Lim algorithm makes rounding errors larger: give it a vocoder (--set=vocoder=NAME)."

    @property
    def _sample_rate(self) -> int:
        return cast(Audio, self.model.medium).sample_rate

    def find_files(self, class_names: Sequence[str]) -> dict[str, bytes]:
        settings: dict[str, Any] = {"sample_rate": self._sample_rate}
        mel = getattr(self.model, "mel", None)
        if mel is not None:
            settings["mel"] = mel.get_config()
        return {**super().find_files(class_names), AUDIO_FILE: as_json(settings)}

    def find_signatures(self) -> dict[str, Signature]:
        return {**super().find_signatures(), **self.seeded("generate_wav", self._generate_wav, self._expected_wav)}

    def to_exported(self, samples: Any) -> Any:
        return ops.clip(samples, -1.0, 1.0)

    def to_file(self, samples: Tensor) -> Tensor:
        return ops.clip(samples, -1.0, 1.0)

    def before_rounding(self, samples: Any) -> Any:
        return np.clip(samples, -1.0, 1.0)

    def _generate_wav(self, given: Tensors, generate: Generate, server: bool) -> Tensors:
        import tensorflow as tf

        rate, packet = self._sample_rate, packet_of(self.model)
        sounds = self.to_file(self.sample(given, generate))
        count = sounds.shape[1]

        def encode(sound: Tensor) -> Tensor:
            content = tf.audio.encode_wav(sound, rate)  # it saturates
            return content if count is None else declared_wav(content, packet, count)

        return {"wav_bytes": tf.map_fn(encode, sounds, fn_output_signature=tf.string)}

    def _expected_wav(self, given: Mapping[str, Any]) -> Arrays:
        return {"wav_bytes": self.before_rounding(self.expected_samples(given))}
