"""Small models of the zoo's entries, and data to train them on.

Tests are about behaviour, not about images: the sizes are the smallest, and the schedules the shortest, that show everything.
"""

import functools

import keras
import numpy as np

import keras_gans
from keras_gans import registry
from keras_gans.text import Tokenizer

IMAGES, TEXTS = (
    [name for name in keras_gans.list_models() if registry.get_entry(name).task == task] for task in ("images", "text")
)
SENTENCES = [
    "a cat sits on a mat",
    "a dog runs in the park",
    "two cats run on the mat",
    "the dog sits",
    "a park in the rain",
] * 8
SMALL = {
    "image_shape": (8, 8, 3),
    "width": 8,
    "latent_dim": 6,
    "critic_steps": 1,
    "first": 0,
    "thorough": 1,
    "fade_images": 8,
    "stable_images": 8,
    "vocabulary_size": 16,
    "length": 6,
    "filters": 0.01,
    "pretraining_epochs": 1,
    "rollouts": 1,
    "head_start": 1,
    "discriminator_width": 4,
    "feature_size": 32,
    "mixed_channels": (4, 4, 4, 4),
    "blocks": 1,
    "growth": 4,
    "dense": 4,
    "scale": 2,
    "pretrain_steps": 1,
    "perceptual_weight": 0.0,
    "pool_size": 6,
    "patches": 8,
    "units": 8,
    "hidden": 16,
    "guess_width": 8,
}
# The side of samples if it is free.
SIDE = 16
# Of mel spectrograms, and of the discriminators of vocoders.
MEL = {"sample_rate": 8000, "n_fft": 32, "hop_length": 16, "win_length": None, "n_mels": 8}
JUDGES = {"length": None, "discriminator_width": 1, "periods": (2, 3), "segment_frames": 12}
VIDEO = {"video_shape": (4, 8, 8, 1), "width": 4, "discriminator_width": 4, "motion_dim": 4, "embedding_dim": 2}
# Where these do not fit.
OWN = {
    "gated_inpainting": {"dilations": (2,), "discriminator_depth": 2},
    "relgan": {"filters": 4},
    "fastgan": {"image_shape": (16, 16, 3)},
    "wavegan": {"length": 256, "width": 4},
    "speech_gan": {"length": 128, "width": 4, "embedding_dim": 2, "iterations": 2, **MEL},
    "vocos_gan": {**MEL, **JUDGES, "resolutions": (32,), "resolution_width": 2},
    "video_gan": VIDEO,
    "mocogan": {**VIDEO, "content_dim": 4},
    "video_prediction": {**VIDEO, "given": 2, "latent_dim": 4},
    "hifi_gan": {**MEL, **JUDGES, "scales": 1},
}


def small(name):
    """Returns the arguments of `SMALL` that an entry's builder takes."""
    own = {**SMALL, **OWN.get(name, {})}
    return {key: value for key, value in own.items() if key in registry.get_entry(name).arguments}


def build(name, policy="float32", **arguments):
    """Returns a small model of an entry, the same one each time, with a tokenizer if it generates text."""
    keras.config.set_dtype_policy(policy)
    try:
        keras.utils.set_random_seed(0)
        model = keras_gans.create_model(name, **{**small(name), "seed": 0, **arguments})
    finally:
        keras.config.set_dtype_policy("float32")
    if registry.get_entry(name).task == "text":
        model.tokenizer = Tokenizer.train(SENTENCES)
        assert model.tokenizer.size <= 16
    return model


def data(model, n=16):
    """Returns arguments of `fit`: samples, and the conditions that the model needs, or its labels."""
    free = SIDE if model.medium.name == "images" else SIDE**2
    shape = tuple(free if side is None else side for side in model.data_shape)
    if model.medium.name == "text":
        samples = model.tokenizer.encode(SENTENCES, model.medium.length)[0]
    elif model.medium.name == "images":
        samples = np.random.default_rng(0).integers(0, 256, (n, *shape), "uint8")
    else:
        samples = np.random.default_rng(0).uniform(-1, 1, (n, *shape)).astype("float32")
    if "images" in model.conditions:
        height, width = (side // model.scale for side in shape[:2])
        return samples, {name: values[:, :height, :width] for name, values in model.example_conditions(n).items()}
    if set(model.data_conditions) - {"labels"}:
        return samples, {name: condition.examples(n) for name, condition in model.data_conditions.items()}
    return samples, model.class_labels(len(samples))


def generate(model, n, **options):
    """Returns samples of a model, of every class in turn or of test images if it is told any."""
    return model.generate(n, conditions=model.example_conditions(n), **options)


def reference(model, n, seed=0):
    """Returns inputs of the signature of exports, of every class in turn, and the images in [0, 1] that Keras makes of them."""
    conditions = model.example_conditions(n)
    images = model.generate(n, seed=seed, conditions=conditions) * 0.5 + 0.5
    given = {name: value * 0.5 + 0.5 if name in ("images", "frames") else value for name, value in conditions.items()}
    return given if model.latent_shape is None else {"latents": model.latents(n, seed), **given}, images


@functools.cache
def trained(name, policy="float32", **arguments):
    """A small model whose weights and statistics have moved, so that code which forgets them is found out."""
    model = build(name, policy, **arguments)
    model.fit(*data(model, 32), batch_size=8, epochs=2, verbose=0)
    return model
