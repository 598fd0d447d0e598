import keras
import pytest

import keras_gans
from tests.support.networks import make_networks


@pytest.fixture
def make_gan():
    """Builds a small compiled GAN, with the same weights and noise for the same seed; `networks`: two, or how to make them."""

    def make(seed=0, networks=None, **compile_arguments):
        keras.utils.set_random_seed(seed)
        if networks is None or isinstance(networks, dict):
            networks = make_networks(**networks or {})
        model = keras_gans.GAN(*networks, seed=seed)
        model.compile(**compile_arguments)
        return model

    return make


@pytest.fixture
def points():
    """256 points on a ring."""
    return keras_gans.data.mixtures.ring().sample(256, seed=3)[0]
