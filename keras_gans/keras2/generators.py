"""Models from generators that Keras 2 saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from keras import ops

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.networks import LATENTS
from keras_gans.gans import GAN, ImageToImage
from keras_gans.gans.reconstruction import no_discriminator
from keras_gans.keras2.layers import Layers
from keras_gans.keras2.networks import load_network

_LABELS, _IMAGES = "labels", "images"


def load_generator(
    path: str | Path,
    discriminator: str | Path | keras.Model | None = None,
    *,
    num_classes: int | None = None,
    custom_layers: Layers | None = None,
    seed: int | None = None,
) -> AdversarialModel:
    """Make a model of a generator that Keras 2 saved as a `.h5` file.

    It generates, is evaluated, exported, and saved as `.keras` like any other model. Samples lie in [-1, 1]: those of a
    generator that ends in a sigmoid are scaled.

    * A generator of latents becomes a `keras_gans.GAN`.
    * One that also takes a class, as a number of shape `(1,)` or one-hot, becomes a `keras_gans.GAN` with labels.
    * One that takes images, of 1, 3 or 4 channels, becomes a `keras_gans.ImageToImage`.

    Args:
        path: The generator: see `load_network`.
        discriminator: A discriminator to train on with: a `.h5` file, whose sigmoid at the end is left out, or a built Keras 3
            model that returns logits. With None (default), the model has nothing to train against; its scores mean nothing.
        num_classes: Number of classes. Default None: that of the embedding or of the one-hot input that takes them.
        custom_layers: Layers that are not Keras' own, by name: see `load_network`.
        seed: Integer seed for the training noise. None (default) picks a random one.

    Returns:
        A model that is not compiled: call `compile` to train it.

    Raises:
        ValueError: If a file cannot be imported, or the inputs are none of these.

    Example:

        model = keras_gans.keras2.load_generator("generator.h5")
        images = model.generate(16, seed=0)
        keras_gans.export.tflite(model, "generator.tflite")
    """
    generator = _in_range(load_network(path, custom_layers))
    if isinstance(discriminator, str | Path):
        discriminator = load_network(discriminator, custom_layers, logits=True)
    if discriminator is None:
        discriminator = no_discriminator(generator)
    if len(generator.inputs) == 1 and _is_image(generator.inputs[0].shape):
        (images,) = generator.inputs
        images = keras.Input(images.shape[1:], name=_IMAGES)
        return ImageToImage(keras.Model(images, generator(images), name="generator"), discriminator, seed)
    if len(generator.inputs) == 1:
        return GAN(generator, discriminator, seed)
    if len(generator.inputs) > 2:
        names = [tensor.name for tensor in generator.inputs]
        raise ValueError(f"{path}: a generator has one input or two, latents and a class; this one has {names}.")
    classes = _class_input(generator, num_classes, path)
    num_classes = num_classes or _count_classes(generator, classes, path)
    if classes.shape[1:] != (1,):
        generator = _with_numbered_classes(generator, classes)
    return GAN(generator, discriminator, seed, num_classes)


def _is_image(shape: tuple[int | None, ...]) -> bool:
    return len(shape) == 4 and shape[-1] in (1, 3, 4)


def _in_range(generator: keras.Model) -> keras.Model:
    """Return a generator with samples in [-1, 1]."""
    operation: Any = generator
    while isinstance(operation, keras.Model):
        operation = operation.outputs[0]._keras_history.operation
    if getattr(operation, "activation", None) is not keras.activations.sigmoid:
        return generator
    samples = keras.layers.Rescaling(2.0, -1.0, dtype="float32")(generator.outputs[0])
    return keras.Model(generator.inputs, samples, name=generator.name)


def _class_input(generator: keras.Model, num_classes: int | None, path: str | Path) -> Any:
    """Return the input of a generator that takes the class."""
    named = [tensor for tensor in generator.inputs if tensor.shape[1:] == (1,)]
    one_hot = [tensor for tensor in generator.inputs if tensor.shape[1:] == (num_classes,)]
    found = named if len(named) == 1 else one_hot
    if len(found) != 1:
        shapes = {tensor.name: tuple(tensor.shape[1:]) for tensor in generator.inputs}
        raise ValueError(
            f"{path}: which of the inputs {shapes} is the class? It has the shape (1,), or (num_classes,) if it is one-hot: "
            "give num_classes."
        )
    return found[0]


def _count_classes(generator: keras.Model, classes: Any, path: str | Path) -> int:
    for layer in generator.layers:
        if isinstance(layer, keras.layers.Embedding) and layer.input is classes:
            return int(layer.input_dim)
    raise ValueError(f"{path}: no embedding says how many classes '{classes.name}' has: give num_classes.")


def _with_numbered_classes(generator: keras.Model, classes: Any) -> keras.Model:
    """Return a generator that takes classes by number in place of one-hot vectors."""
    labels = keras.Input((), dtype="int32", name=_LABELS)
    one_hot = ops.one_hot(labels, classes.shape[1], dtype=classes.dtype)
    latents = [keras.Input(each.shape[1:], name=LATENTS) for each in generator.inputs if each is not classes]
    taken = [one_hot if each is classes else latents[0] for each in generator.inputs]
    return keras.Model([*latents, labels], generator(taken), name="generator")
