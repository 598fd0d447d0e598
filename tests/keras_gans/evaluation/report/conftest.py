import math

import keras
import pytest
from keras import layers

import keras_gans
from keras_gans.evaluation import METRICS
from tests.support.networks import make_networks


@pytest.fixture(scope="session")
def make_model():
    """Builds an untrained GAN of images of a shape from 4 latents, or of 2-D points from 8."""

    def make(shape=(8, 8, 1), latent_shape=(4,)):
        keras.utils.set_random_seed(1)
        if shape == (2,):
            return keras_gans.GAN(*make_networks(), seed=0)
        generator = keras.Sequential(
            [
                keras.Input(latent_shape),
                layers.Flatten(),
                layers.Dense(math.prod(shape), "tanh", kernel_initializer="glorot_normal"),
                layers.Reshape(shape),
            ]
        )
        discriminator = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1)])
        return keras_gans.GAN(generator, discriminator, seed=0)

    return make


@pytest.fixture
def metrics():
    """A metric that is better lower, one that is better higher, and one that is neither."""
    return {name: METRICS[name] for name in ("fid", "precision", "authenticity")}


@pytest.fixture
def results():
    """A result as evaluations return it."""
    return {
        "name": "a model",
        "protocol": {
            "dataset": "mnist",
            "split": "train",
            "image_shape": [28, 28, 1],
            "real": 10_000,
            "fake": 5_000,
            "held_out": 2_345,
            "data_sha256": "0123456789abcdef" * 4,
            "extractor": "digits28",
            "extractor_sha256": "fedcba9876543210" * 4,
            "resize": "none",
            "pixels": "8 bits",
            "settings": {"precision_k": 3},
            "version": "0.1.0",
        },
        "seeds": [7, 8, 9],
        "metrics": {
            "fid": {"mean": 12.0, "std": 1.0, "values": [11.0, 12.0, 13.0]},
            "precision": {"mean": 0.75, "std": 0.02, "values": [0.73, 0.75, 0.77]},
            "authenticity": {"mean": 0.5, "std": 0.1, "values": [0.4, 0.5, 0.6]},
        },
        "real": {"fid": 1.25, "precision": 0.984, "authenticity": None},
    }
