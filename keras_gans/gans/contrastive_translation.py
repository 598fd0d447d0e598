"""Models that map images of one domain to another, and learn without pairs and without the way back (CUT)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.networks import SAMPLES
from keras_gans.adversarial.noise import Noise
from keras_gans.conditions import IMAGES, Condition, Images
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.unpaired import UnpairedModel, take_pair
from keras_gans.losses.contrastive import patch_contrast
from keras_gans.media import Medium

_CONTRAST, _IDENTITY = "contrast", "identity"


@keras.saving.register_keras_serializable(package="keras_gans")
class ContrastiveTranslation(UnpairedModel):
    """CUT: maps images of domain A, the condition `images`, to domain B, that of the samples, and learns without pairs.

    The generator consists of an encoder and a decoder. Each patch of a generated image must be found again, by its features,
    among the patches of the image it was made from (`keras_gans.losses.patch_contrast`). The encoder gives these features at
    several depths, and small networks, one for each depth, prepare them for the comparison. Images of B that the generator is
    given are compared in the same way with what it makes of them, which keeps colours (`identity`).

    The logs hold `contrast` and, if it is used, `identity`, both without their weights, beside those of `AdversarialModel`.

    Args:
        generator: Two built Keras models. The encoder maps images, float32 in [-1, 1], to a list of feature maps. The decoder
            maps the last of them to images. Height and width may be free.
        discriminator: A built Keras model from images of B to logits.
        seed: Integer seed for the training noise. None (default) picks a random one.
        units: Integer, size of both layers of the networks that prepare features. Defaults to 256.
        name: Name of the model.
        conditions: `images` alone, of the shape that the encoder takes (default).
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If the networks do not fit each other, or a number is out of range.

    Example:

        data = keras_gans.load_data("unpaired:fruit", (64, 64), flip=True)
        model = keras_gans.ContrastiveTranslation((encoder, decoder), discriminator)
        model.compile()
        model.fit(data, batch_size=4, epochs=100)
        oranges = model.apply(apples)

    Reference: Park et al. 2020, "Contrastive Learning for Unpaired Image-to-Image Translation", section 3, and the authors'
    code.
    """

    more_metrics: Sequence[str] = (_CONTRAST, _IDENTITY)

    def __init__(
        self,
        generator: keras.Model | Sequence[keras.Model],
        discriminator: keras.Model,
        seed: int | None = None,
        units: int = 256,
        name: str | None = None,
        *,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        units = check_count("units", units)
        if not isinstance(generator, keras.Model):
            generator = _container(*take_pair(generator, "Encoder and decoder"), units)
        if conditions is None:
            conditions = {IMAGES: Images(generator.inputs[0].shape[1:])}
        super().__init__(generator, discriminator, seed, name=name, conditions=conditions, medium=medium)
        self.units = units

    @classmethod
    def _check_networks(
        cls, generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if list(conditions) != [IMAGES]:
            raise ValueError(f"The only condition of {cls.__name__} is 'images'; received {', '.join(conditions) or 'none'}.")
        if len(generator.outputs) < 2 or len(generator.inputs) != len(generator.outputs):
            raise ValueError(f"The generator of {cls.__name__} is a tuple of an encoder and a decoder.")
        made = generator.outputs[0].shape[1:]
        takers = {"the encoder": generator.inputs[0], "the discriminator": discriminator.inputs[0]}
        for by, tensor in takers.items():
            if any(None not in pair and pair[0] != pair[1] for pair in zip(made, tensor.shape[1:], strict=True)):
                raise ValueError(f"The decoder makes images of shape {made}, but {by} takes {tensor.shape[1:]}.")
        return (IMAGES,), (SAMPLES,)

    def compile(
        self,
        *args: Any,
        contrast_weight: float = 1.0,
        identity: bool = True,
        temperature: float = 0.07,
        patches: int = 256,
        **kwargs: Any,
    ) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `AdversarialModel.compile`.
            contrast_weight: Weight of the contrastive loss: the mean of that of images of A and, with `identity`, that of B.
            identity: Whether images of B are mapped and compared, too. FastCUT goes without, with a weight of 10.
            temperature: Number above 0 by which similarities of patches are divided.
            patches: Number of patches of an image that are compared, drawn at random at each depth.
            **kwargs: As `AdversarialModel.compile`, but without penalties and feature matching; and `adversarial_weight`, the
                weight of the generator's adversarial loss, 1 by default.

        Raises:
            ValueError: If a value is out of range or unknown.
        """
        self.contrast_weight = check_weight("contrast_weight", contrast_weight)
        self.identity, self.temperature = bool(identity), check_weight("temperature", temperature)
        if not self.temperature:
            raise ValueError("temperature must be above 0; received 0.")
        self.patches = check_count("patches", patches, 2)
        self.more_metrics = (_CONTRAST, _IDENTITY) if self.identity else (_CONTRAST,)
        super().compile(*args, **kwargs)
        own = {
            "contrast_weight": self.contrast_weight,
            "identity": self.identity,
            "temperature": self.temperature,
            "patches": self.patches,
        }
        self._compile_arguments = {**self._compile_arguments, **own}

    @property
    def loss_weights(self) -> dict[str, float]:
        """Weights of the contrastive losses of A and of B: see `UnpairedModel.loss_weights`."""
        if not self.identity:
            return {_CONTRAST: self.contrast_weight}
        return {_CONTRAST: self.contrast_weight / 2, _IDENTITY: self.contrast_weight / 2}

    def translate(self, real: Tensor, conditions: Conditions, training: bool) -> dict[str, Tensor]:
        """Map images: see `UnpairedModel.translate`.

        Returns:
            `samples`, images of B made from A; and the losses `contrast` and, if it is used, `identity`.
        """
        encoder, decoder = (layer for layer in self.network(use_ema=False).layers if isinstance(layer, keras.Model))
        images = conditions[IMAGES]
        count = ops.shape(images)[0]
        given = ops.concatenate([images, real], axis=0) if self.identity else images
        features = encoder(given, training=training)
        made = decoder(features[-1], training=training)
        losses = self._contrast(encoder(made, training=training), features, training)
        found = {SAMPLES: made[:count], _CONTRAST: ops.mean(losses[:count])}
        return {**found, _IDENTITY: ops.mean(losses[count:])} if self.identity else found

    def _contrast(self, made: Sequence[Tensor], given: Sequence[Tensor], training: bool) -> Tensor:
        """Return the mean loss of each image, over patches and depths."""
        noise = Noise(self.noise_seed if training else self.evaluation_seed)
        losses = []
        for depth, (queries, keys) in enumerate(zip(made, given, strict=True), start=1):
            queries, keys = (ops.reshape(each, (ops.shape(each)[0], -1, each.shape[-1])) for each in (queries, keys))
            chosen = ops.argsort(noise.uniform((ops.shape(queries)[1],)))[: self.patches]
            prepare = self.network(depth, use_ema=False)
            queries, keys = (prepare(ops.take(each, chosen, axis=1), training=training) for each in (queries, keys))
            losses.append(ops.mean(patch_contrast(queries, keys, self.temperature), axis=-1))
        return sum(losses) / len(losses)

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {**super().get_config(), "units": self.units}


def _container(encoder: keras.Model, decoder: keras.Model, units: int) -> keras.Model:
    """Return one model of the encoder with the decoder, and of a small network for each of the encoder's outputs."""
    if len(encoder.outputs) < 2 and not isinstance(encoder.output, list):
        raise ValueError("The encoder returns a list of feature maps, of which the decoder takes the last.")
    images = keras.Input(encoder.inputs[0].shape[1:], name=IMAGES)
    translator = keras.Model(images, decoder(encoder(images)[-1]), name="to_b")
    inputs, outputs = [keras.Input(images.shape[1:], name=IMAGES)], []
    outputs.append(translator(inputs[0]))
    for number, features in enumerate(encoder.outputs):
        channels = features.shape[-1]
        parts = [keras.Input((None, channels)), layers.Dense(units, "relu"), layers.Dense(units)]
        inputs.append(keras.Input((None, channels), name=f"features_{number}"))
        outputs.append(keras.Sequential(parts, name=f"prepare_{number}")(inputs[-1]))
    return keras.Model(inputs, outputs, name="generator")
