"""Small networks for the tests of the adversarial core."""

import keras
import numpy as np
from keras import layers


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


def all_values(model):
    """Every variable that training changes, as arrays."""
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables if "metric" not in v.path]
