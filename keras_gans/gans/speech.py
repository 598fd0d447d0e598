"""Models that speak: a conditional GAN of mel spectrograms, and a vocoder behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

import keras_gans
from keras_gans._typing import Array, Conditions, Shape, Tensor
from keras_gans.audio.mel import Mel
from keras_gans.audio.words import DIGITS
from keras_gans.conditions import LABELS, Classes, Condition
from keras_gans.errors import check_count, no_such
from keras_gans.gans.conditional import ConditionalGAN
from keras_gans.gans.sounds import ModelOfSounds
from keras_gans.gans.vocoder import Vocoder
from keras_gans.layers import GriffinLim
from keras_gans.media import Audio, Medium

# What is softer than the loudest part of a word by as much, in natural logarithms of magnitudes (40 dB), counts as silence.
_QUIET = 40 / 20 * np.log(10)
# Frames of silence that are kept on either side of a word.
_MARGIN = 3
# Of Griffin-Lim. With 64 iterations, the log spectrograms of recordings are met to 0.049, and to 0.048 with 0.99 and 32. But
# rounding errors, by which exports differ, stay below 1e-4 for nearly all sounds; with 0.99 they grow to 0.002.
_MOMENTUM = 0.3


@keras.saving.register_keras_serializable(package="keras_gans")
class SpeechGAN(ModelOfSounds, ConditionalGAN):
    """Says words: a conditional GAN of mel spectrograms, whose samples a vocoder turns into sounds.

    It learns from sounds and their labels: `fit(sounds, labels)`. Spectrograms are made of them in the step, and scaled to
    [-1, 1]; the networks know nothing else. What is sampled, exported and measured are sounds: the generator is followed by a
    vocoder, a trained one or the Griffin-Lim algorithm. The vocoder is not trained along.

    Args:
        generator: A built Keras model that maps latents and conditions to spectrograms `(batch, frames, n_mels, 1)` in [-1, 1].
        discriminator: A built Keras model that maps such spectrograms and conditions to logits.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of words; short for `conditions={"labels": Classes(num_classes)}`.
        name: Name of the model.
        mel: The `Mel` of the spectrograms, or its config, with `padding="same"`.
        vocoder: Name, folder or address of a vocoder's preset, with the same `Mel`. None (default) for Griffin-Lim.
        iterations: Number of iterations of Griffin-Lim. Default 64, with a momentum of 0.3.
        class_names: The words, by label. None (default) for the labels' numbers.
        condition_names: For other conditions that are classes, the names of their values, such as those of speakers.
        conditions: The conditions by name, `labels` among them: see `AdversarialModel`.
        medium: What a sample is. If None, `Audio` of the length and sample rate of the spectrograms.

    Raises:
        ValueError: If the networks do not fit the `Mel`, the vocoder has another one, or there are more or fewer names than
            classes.

    Example:

        model = keras_gans.create_model("speech_gan")
        model.fit(sounds, {"labels": digits}, batch_size=64, epochs=200)   # (n, 8192, 1), int16 or floats in [-1, 1]
        sound = model.speak("4 0 7", seed=0)                               # (samples, 1) at model.medium.sample_rate
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        num_classes: int | None = None,
        name: str | None = None,
        *,
        mel: Mel | Mapping[str, Any],
        vocoder: str | None = None,
        iterations: int = 64,
        class_names: Sequence[str] | None = None,
        condition_names: Mapping[str, Sequence[str]] | None = None,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        self.mel = mel if isinstance(mel, Mel) else Mel.from_config(mel)
        frames, bands = generator.outputs[0].shape[1:3]
        if bands != self.mel.n_mels:
            raise ValueError(f"The generator makes spectrograms of {bands} bands, but its Mel has {self.mel.n_mels}.")
        self._length, self.iterations = self.mel.length_of(frames), check_count("iterations", iterations)
        if medium is None:
            medium = Audio((self._length, 1), self.mel.sample_rate)
        super().__init__(generator, discriminator, seed, num_classes, name, conditions=conditions, medium=medium)
        self.check_rate(medium)
        given = {} if class_names is None else {LABELS: class_names}
        self.names = self._check_names({**(condition_names or {}), **given})
        self._followed: Any = dict  # returns the networks with a vocoder behind them
        self.use_vocoder(vocoder)

    def _check_names(self, given: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        found = {}
        for name, condition in self.conditions.items():
            if isinstance(condition, Classes) and name in given:
                found[name] = [str(each) for each in given[name]]
                if len(found[name]) != condition.count:
                    raise ValueError(f"'{name}' has {condition.count} classes; received {len(found[name])} names.")
        return found

    def _values(self, name: str) -> list[str]:
        """Return the names of a condition's values; their numbers if they have no names."""
        condition = self.conditions.get(name)
        return list(self.names.get(name, ())) or [str(number) for number in range(getattr(condition, "count", 0))]

    # The vocoder.

    def use_vocoder(self, vocoder: str | Vocoder | None) -> None:
        """Set the vocoder that turns spectrograms into sounds.

        Args:
            vocoder: Name, folder or address of a preset; None for Griffin-Lim. Or a `Vocoder`, which is not stored with the
                model.

        Raises:
            ValueError: If it is not a vocoder, or has another `Mel`; the message names the settings that differ.
        """
        model = keras_gans.load_pretrained(vocoder) if isinstance(vocoder, str) else vocoder
        if model is not None:
            if not isinstance(model, Vocoder):
                raise ValueError(f"'{vocoder}' is a {type(model).__name__}, not a Vocoder.")
            model.mel.check_same(self.mel, "this model")
        self.vocoder_name = vocoder if isinstance(vocoder, str) else None
        followed: dict[keras.Model, keras.Model] = {}
        # In functions, as Keras would count the weights of attributes among the model's.
        self._vocoder = lambda: model
        self._followed = lambda: followed

    @property
    def vocoder(self) -> Vocoder | None:
        """The vocoder; None for Griffin-Lim."""
        return self._vocoder()

    def sampling_network(self, use_ema: bool = True) -> keras.Model:
        """Return the network that generates sounds: see `AdversarialModel.sampling_network`."""
        return self._with_vocoder(self.spectrogram_network(use_ema))

    def spectrogram_network(self, use_ema: bool = True) -> keras.Model:
        """Return the network that generates spectrograms, scaled to [-1, 1]."""
        return super().sampling_network(use_ema)

    def _with_vocoder(self, network: keras.Model) -> keras.Model:
        followed = self._followed()
        if network not in followed:
            mels = self.to_mels(network.outputs[0])
            vocoder = self.vocoder
            make = (
                GriffinLim(self.mel, self.iterations, _MOMENTUM, name="vocoder")
                if vocoder is None
                else vocoder.sampling_network()
            )
            followed[network] = keras.Model(network.inputs, make(mels), name=f"{network.name}_with_vocoder")
        return followed[network]

    def to_mels(self, spectrograms: Any) -> Any:
        """Return spectrograms of the networks, tensors or arrays `(batch, frames, n_mels, 1)`, as `mel` makes them."""
        spread = (self.mel.highest - self.mel.lowest) / 2
        return (spectrograms[..., 0] + 1.0) * spread + self.mel.lowest

    # Training on spectrograms.

    @property
    def sample_shape(self) -> Shape:
        """The shape of one sound."""
        return (self._length, 1)

    def unpack(self, data: Any) -> tuple[Tensor, Conditions]:
        """Return the spectrograms of a batch of sounds as networks take them, and their conditions by name."""
        sounds, conditions = super().unpack(data)
        spread = (self.mel.highest - self.mel.lowest) / 2
        return ops.clip((self.mel(sounds) - self.mel.lowest) / spread - 1.0, -1.0, 1.0)[..., None], conditions

    # Speaking.

    def find_words(self, text: str) -> list[int]:
        """Return the labels of a text's words.

        Args:
            text: Words, separated by spaces or punctuation. Where the words are digits, `"407"` and `"four zero seven"` are
                understood, too.

        Raises:
            ValueError: If it contains no words, or one that the model does not know.
        """
        words = self._values(LABELS)
        known = {name.lower(): label for label, name in enumerate(words)}
        known = {**{word: known[str(digit)] for digit, word in enumerate(DIGITS) if str(digit) in known}, **known}
        found = []
        for token in re.findall(r"[\w']+", str(text).lower()):
            parts = [token] if token in known or not token.isdecimal() else list(token)
            for part in parts:
                if part not in known:
                    raise ValueError(no_such("word", part, words))
                found.append(known[part])
        if not found:
            raise ValueError(f"There is nothing to say: the text contains no words; received {text!r}.")
        return found

    def speak(
        self,
        text: str,
        seed: int | None = None,
        pause: float = 0.12,
        use_ema: bool = True,
        **told: str | int,
    ) -> Array:
        """Say a text: its words one after the other, with pauses between them.

        Args:
            text: Words that the model knows: see `find_words`.
            seed: Integer seed of the latents; None draws new ones each time.
            pause: Seconds between two words, besides the little silence around each.
            use_ema: Whether to sample from the averaged generator if there is one.
            **told: For a model with further conditions, the value of each, by name or number, such as `speaker="theo"`. What is
                left out is chosen by the seed, the same for all words.

        Returns:
            float32 in [-1, 1] of shape `(samples, 1)`, at `model.medium.sample_rate`.

        Raises:
            ValueError: If a word or a value is unknown.

        Example:

            keras_gans.audio.write("n.wav", model.speak("4 0 7", seed=0), model.medium.sample_rate)
        """
        if not 0 <= pause <= 60:
            raise ValueError(f"pause must be a number of seconds from 0 to 60; received {pause!r}.")
        labels = self.find_words(text)
        conditions = {LABELS: np.array(labels, "int32"), **self._find_told(told, seed)}
        mels = [self._trim(mel) for mel in self.generate_mels(len(labels), seed, conditions, use_ema)]
        silence = np.full(
            (round(pause * self.mel.sample_rate / self.mel.hop_length), self.mel.n_mels), self.mel.lowest, "float32"
        )
        joined = np.concatenate([part for mel in mels for part in (silence, mel)][1:])
        least = -(-self.mel.n_fft // self.mel.hop_length) + 1  # frames that a Fourier transform needs
        joined = np.pad(joined, [(0, max(0, least - len(joined))), (0, 0)], constant_values=self.mel.lowest)
        if self.vocoder is not None:
            return self.vocoder.vocode(joined)
        return self.mel.inverse(joined[None], self.iterations, momentum=_MOMENTUM)[0]

    def generate_mels(
        self, n: int | None = None, seed: int | None = None, conditions: Conditions | None = None, use_ema: bool = True
    ) -> Array:
        """Draw mel spectrograms, which `generate` turns into sounds.

        Args:
            n: Number of spectrograms.
            seed: As in `generate`.
            conditions: As in `generate`.
            use_ema: As in `generate`.

        Returns:
            float32 of shape `(n, frames, n_mels)`, as `model.mel` makes them.
        """
        inputs = self.inputs_for(n, seed, conditions=conditions)
        self.sync_state()
        with self.newest_weights():
            network = self.spectrogram_network(use_ema)
        return self.to_mels(np.concatenate(list(self._run_in_batches(network, inputs, 64)))).astype("float32")

    def _find_told(self, told: Mapping[str, str | int], seed: int | None) -> dict[str, Array]:
        others = [name for name in self.conditions if name != LABELS]
        for name in told:
            if not others:
                raise ValueError(f"This model is told nothing but words: leave out {name}.")
            if name not in others:
                raise ValueError(no_such("condition of this model", name, others))
        rng, found = np.random.default_rng(seed), {}
        for name in others:
            names = self._values(name)
            value = told.get(name)
            if value is None:
                number = int(rng.integers(len(names)))
            elif str(value) in names:
                number = names.index(str(value))
            elif str(value).isdecimal():
                number = int(value)
            else:
                raise ValueError(no_such(name, str(value), names))
            found[name] = self.conditions[name].check([number])
        return found

    def _trim(self, mel: Array) -> Array:
        """Return a word without the silence around it, except for a margin."""
        loud = np.flatnonzero(mel.max(axis=1) > max(mel.max() - _QUIET, self.mel.lowest + 0.1))
        if not len(loud):
            return mel[:_MARGIN]
        return mel[max(0, loud[0] - _MARGIN) : loud[-1] + 1 + _MARGIN]

    # Files.

    def get_config(self) -> dict[str, Any]:
        names = {name: list(each) for name, each in self.names.items()}
        class_names = names.pop(LABELS, None)
        return {
            **super().get_config(),
            "mel": self.mel.get_config(),
            "vocoder": self.vocoder_name,
            "iterations": self.iterations,
            "class_names": class_names,
            "condition_names": names or None,
        }
