"""Small networks for the tests of the adversarial core, which run on every backend."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans


def make_networks(batch_norm=True, dropout=True, **discriminator_options):
    """Returns a generator from 8 latents to 2-D points and a discriminator of such points."""
    generator = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16),
            *([layers.BatchNormalization(momentum=0.9)] if batch_norm else []),
            layers.LeakyReLU(0.2),
            layers.Dense(2, dtype="float32"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(16, **discriminator_options),
            layers.LeakyReLU(0.2),
            *([layers.Dropout(0.3)] if dropout else []),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


@pytest.fixture
def make_gan():
    """Builds a small compiled GAN, with the same weights and noise for the same seed."""

    def make(seed=0, networks=None, **compile_arguments):
        keras.utils.set_random_seed(seed)
        model = keras_gans.GAN(*(networks or make_networks()), seed=seed)
        model.compile(**compile_arguments)
        return model

    return make


@pytest.fixture
def points():
    """256 points on a ring."""
    return keras_gans.data.mixtures.ring().sample(256, seed=3)[0]


def all_values(model):
    """Every variable that training changes, as arrays."""
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables if "metric" not in v.path]
