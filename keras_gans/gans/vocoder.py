"""Vocoders: models that map mel spectrograms to sounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial.noise import Noise
from keras_gans.applying.receptive_field import receptive_field
from keras_gans.audio.mel import Mel
from keras_gans.audio.sample_values import to_float
from keras_gans.conditions import MELS, Condition, Mels
from keras_gans.data.source import as_source
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.reconstruction import ReconstructionFirst, no_discriminator
from keras_gans.gans.sounds import ModelOfSounds
from keras_gans.losses import LeastSquares, MelDistance, feature_distance
from keras_gans.media import Audio, Medium

if TYPE_CHECKING:
    from keras_gans.adversarial.inputs import FirstBatch
    from keras_gans.data import Data

# Number of sounds that are kept to draw and to listen to.
_EXAMPLES = 24


@keras.saving.register_keras_serializable(package="keras_gans")
class Vocoder(ModelOfSounds, ReconstructionFirst):
    """Maps mel spectrograms to sounds.

    It learns from sounds alone: `fit(sounds)`. The spectrograms are made of them in the step, as its `mel` says. The generator
    learns from the distance between the spectrograms of its output and of the real sound, from several discriminators, and
    from the distance between both sounds in the discriminators' inner features.

    Training may begin with spectrograms alone: see `pretrain_steps` of `compile`. Adversarial training follows in the same call
    of `fit`. Without a discriminator, spectrograms alone it is until the end.

    The logs hold `mel`, the distance of spectrograms without its weight, beside those of `AdversarialModel`.

    Args:
        generator: A built Keras model from `mels` (an input of that name, `(batch, frames, n_mels)` with any number of frames),
            and further conditions if there are any, to sounds `(batch, frames * hop_length, 1)`: float32 in [-1, 1].
        discriminator: A built Keras model from sounds to a dict of `scores`, a list of one tensor for each of several
            discriminators, and `features`: for each of them a list of inner tensors. None (default) for a generator that learns
            from spectrograms alone.
        seed: Integer seed for the training noise. None (default) picks a random one.
        name: Name of the model.
        mel: The `Mel` of the spectrograms. It may be left out if `conditions` holds `mels`.
        conditions: The conditions by name, `mels` among them: see `AdversarialModel`. If None, it is `mels` alone.
        medium: What a sample is. If None, `Audio` of the sample rate of `mel`.

    Raises:
        ValueError: If the networks do not fit the `Mel`, or the generator takes latents.

    Example:

        model = keras_gans.create_model("vocos_gan", sample_rate=8000, n_fft=512, hop_length=128, n_mels=64)
        model.fit(sounds, batch_size=16, epochs=20)   # (n, length, 1), int16 or floats in [-1, 1]
        sounds = model.vocode(model.mel(sounds))

    Reference: Kong et al. 2020, "HiFi-GAN", section 2.4.
    """

    default_loss = LeastSquares
    more_metrics = ("mel",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model | None = None,
        seed: int | None = None,
        name: str | None = None,
        *,
        mel: Mel | None = None,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
        **kwargs: Any,
    ) -> None:
        conditions = dict(conditions or {})
        if mel is not None:
            conditions.setdefault(MELS, Mels(mel))
        told = conditions.get(MELS)
        if not isinstance(told, Mels):
            raise ValueError("A Vocoder needs a Mel, which says how its spectrograms are made: Vocoder(..., mel=mel).")
        if mel is not None:
            told.mel.check_same(mel, "mel")
        self.mel = told.mel
        medium = Audio((None, 1), self.mel.sample_rate) if medium is None else medium
        discriminator = no_discriminator(generator) if discriminator is None else discriminator
        super().__init__(generator, discriminator, seed, name=name, conditions=conditions, medium=medium, **kwargs)
        if self.latent_shape is not None:
            raise ValueError("A Vocoder maps mel spectrograms to sounds: its generator takes 'mels' and no latents.")
        self.check_rate(medium)
        self._check_hop()
        self._groups = _group_features(self.discriminator)

    def _check_hop(self) -> None:
        shapes: Any = [(1, 8, *each.shape[2:]) if each.name == MELS else (1, *each.shape[1:]) for each in self.generator.inputs]
        made = tuple(self.generator.compute_output_shape(shapes if len(shapes) > 1 else shapes[0]))
        if made != (1, 8 * self.mel.hop_length, 1):
            raise ValueError(
                f"The generator of this Vocoder must make {self.mel.hop_length} samples of each frame, the hop_length of its "
                f"Mel; of 8 frames it makes {made[1:]}."
            )

    @property
    def data_conditions(self) -> dict[str, Condition]:
        """The conditions that training data contain: not the spectrograms, which are made of the sounds."""
        return {name: condition for name, condition in self.conditions.items() if name != MELS}

    @property
    def default_metrics(self) -> tuple[str, ...]:
        """No metrics: the log `mel` of held-out sounds tells how a vocoder learns."""
        return ()

    def compile(
        self,
        *args: Any,
        distance: keras.losses.Loss | None = None,
        mel_weight: float = 45.0,
        score_weights: Sequence[float] | None = None,
        feature_matching: float = 2.0,
        segment_frames: int | None = None,
        random_gain: float = 0.0,
        **kwargs: Any,
    ) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `AdversarialModel.compile`.
            distance: The distance between real and generated sounds. None (default) for `keras_gans.losses.MelDistance` of the
                model's `Mel` with bands up to half of the sample rate.
            mel_weight: Its weight during adversarial training.
            score_weights: Weight, in the generator's loss, of each discriminator: of the mean of its score's loss, and of its
                features. None (default) weighs all with 1.
            feature_matching: Weight of feature matching: of the sum, over the layers of a discriminator, of mean absolute
                differences.
            segment_frames: Frames of the random part of each sound that a step learns from. None (default) for whole sounds.
            random_gain: Largest number of decibels by which sounds are made softer at random. Default 0.
            **kwargs: As `ReconstructionFirst.compile`: `adversarial_weight`, `pretrain_steps`, `ema` and more.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self._distance = MelDistance(_whole_range(self.mel)) if distance is None else distance
        self.mel_weight = check_weight("mel_weight", mel_weight)
        self.random_gain = check_weight("random_gain", random_gain)
        if segment_frames is not None:
            segment_frames = check_count("segment_frames", segment_frames)
            self.mel.stft.check_length(segment_frames * self.mel.hop_length)
        self.segment_frames = segment_frames
        count = len(self._groups)
        weights = [1.0] * count if score_weights is None else [check_weight("score_weights", each) for each in score_weights]
        if len(weights) != count:
            raise ValueError(f"There are {count} discriminators; received {len(weights)} score_weights.")
        self.score_weights = weights
        super().compile(*args, feature_matching=feature_matching, **kwargs)
        arguments: dict[str, Any] = {
            **self._compile_arguments,
            "distance": self._distance,
            "mel_weight": self.mel_weight,
            "score_weights": self.score_weights,
            "segment_frames": self.segment_frames,
            "random_gain": self.random_gain,
        }
        self._compile_arguments = arguments

    # Data.

    def _checked(self, x: Any, y: Any, first: FirstBatch) -> tuple[Any, Any]:
        if MELS in y if isinstance(y, Mapping) else y is not None and not self.data_conditions:
            raise ValueError("A Vocoder makes the spectrograms of the sounds itself: fit(sounds).")
        return super()._checked(x, y, first)

    def unpack(self, data: Any) -> tuple[Tensor, Conditions]:
        """Return the sounds of a batch, cut to whole frames, and their conditions: see `AdversarialModel`."""
        real, conditions = super().unpack(data)
        hop = self.mel.hop_length
        real = real[:, : ops.shape(real)[1] // hop * hop]
        return real, {**conditions, MELS: self.mel(real)}

    def update_players(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step of the current stage on a part of each sound."""
        real = self._soften(self._cut(real))
        super().update_players(real, {**conditions, MELS: self.mel(real)})

    def _cut(self, real: Tensor) -> Tensor:
        """Return a random part of each sound."""
        if self.segment_frames is None:
            return real
        length, whole = self.segment_frames * self.mel.hop_length, real.shape[1]
        if whole is not None and whole <= length:
            return real
        count, whole = ops.shape(real)[0], ops.shape(real)[1]
        uniform = Noise(self.noise_seed).uniform((count, 1))
        latest = ops.maximum(whole - length, 0)
        start = ops.cast(ops.floor(uniform * ops.cast(latest + 1, "float32")), "int32")
        positions = ops.minimum(ops.minimum(start, latest) + ops.arange(length, dtype="int32"), whole - 1)
        return ops.take_along_axis(real[..., 0], positions, axis=1)[..., None]

    def _soften(self, real: Tensor) -> Tensor:
        if not self.random_gain:
            return real
        decibels = -self.random_gain * Noise(self.noise_seed).uniform((ops.shape(real)[0], 1, 1))
        return real * ops.power(10.0, decibels / 20.0)

    # Losses.

    @property
    def reconstruction_weight(self) -> float:
        """Weight of the distance while the generator learns from it alone."""
        return self.mel_weight

    def reconstruction_loss(self, real: Tensor, generated: Tensor) -> Tensor:
        """Return the distance between real and generated sounds, without its weight."""
        return self._distance(real, generated)

    def comparison_loss(self, generated: Tensor, real: Tensor) -> Tensor:
        """Return the weighted distance between real and generated sounds."""
        return self.mel_weight * self._distance(real, generated)

    def judged_losses(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None, training: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Return sums over discriminators of the adversarial losses and of feature matching: see `AdversarialStep`."""
        judged = self.judge(generated, conditions, training)
        matched = self.feature_matching and judged.features
        compared = self.judge(real, conditions, training) if matched or self.adversarial_loss.needs_real else None
        adversarial: Any = 0.0
        for number, (weight, score) in enumerate(zip(self.score_weights, _listed(judged.scores), strict=True)):
            other = _listed(compared.scores)[number] if compared is not None and self.adversarial_loss.needs_real else None
            adversarial = adversarial + weight * ops.mean(self.adversarial_loss.generator_loss(score, other))
        if compared is None or not matched:
            return adversarial, None
        features: Any = 0.0
        start = 0
        for weight, count in zip(self.score_weights, self._groups, strict=True):
            part = slice(start, start + count)
            if count:
                features = features + weight * count * feature_distance(compared.features[part], judged.features[part])
            start += count
        return adversarial, self.feature_matching * features

    # Using it.

    @property
    def context_frames(self) -> int:
        """Frames on either side of a frame that its sound depends on.

        Raises:
            ValueError: If the generator sees whole spectrograms.
        """
        field = receptive_field(self.generator)
        if field.radius is None:
            raise ValueError(f"This vocoder cannot work on parts of a spectrogram: {'; '.join(field.problems)}.")
        return field.radius

    def vocode(
        self, mels: ArrayLike, *, mel: Mel | None = None, chunk_frames: int | None = None, batch_size: int = 16, **told: Any
    ) -> Array:
        """Return the sounds of mel spectrograms.

        Args:
            mels: Floats of shape `(n, frames, n_mels)`, or one spectrogram of rank 2, as `model.mel(sounds)` makes them.
            mel: The `Mel` that made them, to be checked.
            chunk_frames: Number of frames computed at a time, to limit memory. None (default) for all at once. The sounds are
                the same up to rounding.
            batch_size: Number of sounds computed at a time.
            **told: `use_ema`, as in `generate`, and values of further conditions by name, if the model has any.

        Returns:
            float32 in [-1, 1] of shape `(n, frames * hop_length, 1)`, or without the first axis for one spectrogram.

        Raises:
            ValueError: If the shape or the range is wrong, or `mel` is another one; the message names the settings that differ.
        """
        if mel is not None:
            self.mel.check_same(mel)
        use_ema, mels = told.pop("use_ema", True), np.asarray(mels)
        if chunk_frames is not None:
            chunk_frames = check_count("chunk_frames", chunk_frames)
            pieces = (mels[..., start : start + chunk_frames, :] for start in range(0, mels.shape[-2], chunk_frames))
            return np.concatenate(list(self.stream(pieces, use_ema=use_ema, **told)), axis=-2)
        sounds = self.generate(batch_size=batch_size, use_ema=use_ema, conditions={MELS: mels, **told})
        return sounds[0] if mels.ndim == 2 else sounds

    def stream(self, pieces: Iterable[ArrayLike], use_ema: bool = True, **told: Any) -> Iterator[Array]:
        """Return an iterator over pieces of sound, each as soon as the frames that it depends on have arrived.

        Together they are what `vocode` makes of the whole spectrogram, up to rounding. They lag behind by `context_frames`.

        Args:
            pieces: Mel spectrograms, one after the other in time, of shape `(frames, n_mels)` or `(n, frames, n_mels)`.
            use_ema: As in `generate`.
            **told: Values of further conditions by name, if the model has any.

        Returns:
            Pieces of shape `(samples, 1)` or `(n, samples, 1)`, of several lengths.
        """
        context, hop = self.context_frames, self.mel.hop_length
        held: Array | None = None
        done = 0  # frames of those held whose sound has been returned

        def sound(end: int) -> Array:
            assert held is not None
            return self.vocode(held, use_ema=use_ema, **told)[..., done * hop : end * hop, :]

        for piece in pieces:
            piece = np.asarray(piece)
            held = piece if held is None else np.concatenate([held, piece], axis=-2)
            ready = held.shape[-2] - context
            if ready <= done:
                continue
            yield sound(ready)
            dropped = max(0, ready - context)
            held, done = held[..., dropped:, :], ready - dropped
        if held is not None and held.shape[-2] > done:
            yield sound(held.shape[-2])

    def resynthesize(self, sounds: ArrayLike, **options: Any) -> Array:
        """Return what the vocoder makes of the mel spectrograms of sounds: its copies of them.

        Args:
            sounds: int16, or floats in [-1, 1], of shape `(n, length, 1)` or `(length, 1)`.
            **options: As `vocode`.

        Returns:
            float32 in [-1, 1], cut to whole frames.
        """
        sounds = to_float(sounds)
        mels = self.mel(sounds if sounds.ndim == 3 else sounds[None])
        return self.vocode(mels if sounds.ndim == 3 else mels[0], **options)

    # Examples.

    def complete(self, data: Data) -> None:
        """Add the spectrograms of a data set's sounds, of which none is drawn at random any more: see `AdversarialModel`."""
        sounds = as_source(data.samples).read(np.arange(len(data)))[0]
        data.samples = sounds[:, : sounds.shape[1] // self.mel.hop_length * self.mel.hop_length]
        data.conditions[MELS] = self.mel(to_float(data.samples))

    def take_examples(self, data: Data) -> None:
        """Keep a few sounds of a data set, which `draw` and `example_conditions` use."""
        positions = np.sort(np.random.default_rng(0).permutation(len(data))[:_EXAMPLES])
        told = {name: as_source(data.conditions[name]).read(positions)[0] for name in self.data_conditions}
        self.examples = told, to_float(as_source(data.samples).read(positions)[0])

    def example_conditions(self, n: int) -> dict[str, Array]:
        """Return the spectrograms of some of the training sounds, or of test sounds: see `AdversarialModel`."""
        found = super().example_conditions(n)
        if self.examples is not None:
            told, sounds = self.examples
            rows = np.arange(n) % len(sounds)
            found |= {MELS: self.mel(sounds)[rows], **{name: values[rows] for name, values in told.items()}}
        return found

    def draw(self, n: int = 64, seed: int | None = 0, labels: Any = None, at_data_size: bool = False, **sampling: Any) -> Array:
        """Draw a grid of spectrograms: of real sounds, if there are examples, each followed by what is made of it.

        Args:
            n: Approximate number of sounds in the grid.
            seed: Has no effect.
            labels: Has no effect.
            at_data_size: Has no effect.
            **sampling: `batch_size`, as in `generate`.

        Returns:
            uint8 array of shape `(height, width, channels)`.
        """
        count = max(1, n // 2)
        made = self.apply(self.example_conditions(count), **sampling)
        if self.examples is None:
            return np.asarray(self.medium.picture(made))
        sounds = self.examples[1]
        real = sounds[np.arange(count) % len(sounds)][:, : made.shape[1]]
        both = np.stack([real, made], axis=1).reshape(-1, *made.shape[1:])
        return np.asarray(self.medium.picture(both, 2 * max(1, round(count**0.5))))


def _whole_range(mel: Mel) -> Mel:
    """Return a `Mel` that differs from another in that it hides no high frequencies."""
    return Mel.from_config({**mel.get_config(), "fmax": None})


def _listed(scores: Any) -> list[Tensor]:
    return list(scores) if isinstance(scores, list | tuple) else [scores]


def _group_features(discriminator: keras.Model) -> list[int]:
    """Return the number of features of each of several discriminators, in order."""
    outputs = cast(Any, discriminator).output
    if not isinstance(outputs, dict):
        return [0] * len(_listed(outputs))
    count = len(_listed(outputs["scores"]))
    features = outputs.get("features") or [[]] * count
    if count == 1 and not isinstance(features[0], list | tuple):
        features = [features]
    if len(features) != count or not all(isinstance(group, list | tuple) for group in features):
        raise ValueError(f"The discriminator of a Vocoder returns a list of features for each of its {count} scores.")
    return [len(group) for group in features]
