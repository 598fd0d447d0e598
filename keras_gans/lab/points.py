"""The models and the data of the lab."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import keras
import numpy as np

from keras_gans.adversarial import AdversarialModel
from keras_gans.data import Data, load_data, mixtures
from keras_gans.errors import no_such
from keras_gans.lab.drawing import drawn_samples
from keras_gans.lab.settings import DRAWN, MODELS, Setup
from keras_gans.media.ranges import RangeWarning
from keras_gans.registry import create_model, get_entry

# The distributions whose modes can be counted.
_MIXTURES: dict[str, Callable[[], mixtures.Mixture]] = {
    "ring": mixtures.ring,
    "grid": mixtures.grid,
    "blobs": mixtures.blobs,
}


def build_model(setup: Setup) -> AdversarialModel:
    """Return a new compiled model of points.

    Raises:
        ValueError: If the model does not exist or does not make points of two coordinates without conditions.
    """
    accepted = get_entry(setup.model).arguments
    given = {name: value for name, value in setup.arguments().items() if name in accepted}
    if "seed" in accepted:
        given["seed"] = setup.seed
    keras.utils.set_random_seed(setup.seed)
    try:
        model = create_model(setup.model, **given)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{setup.model} cannot make points: {str(error).splitlines()[0]}") from error
    check_points_model(model, setup.model)
    return model


def check_points_model(model: AdversarialModel, name: str) -> None:
    """Raise ValueError unless a model is compiled and makes points of two coordinates without conditions."""
    if not isinstance(model, AdversarialModel):
        raise ValueError(f"The lab trains an AdversarialModel; received {type(model).__name__}.")
    if tuple(model.sample_shape) != (2,) or model.conditional or model.latent_shape is None:
        raise ValueError(no_such("model of points without conditions", name, list(MODELS)))
    if model.optimizer is None:
        raise ValueError("The model is not compiled: call model.compile first.")


def data_of(name: str, samples: np.ndarray) -> Data:
    """Return points as data. They may all be on one side, which would be a mistake for images."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RangeWarning)
        return Data(name, samples)


def load_points(setup: Setup) -> tuple[Data, mixtures.Mixture | None]:
    """Return the data of a setup, and the mixture they come from if its modes can be counted."""
    if setup.data == DRAWN:
        return data_of(DRAWN, drawn_samples(setup.points)), None
    mixture = _MIXTURES.get(setup.data)
    return load_data(setup.data), None if mixture is None else mixture()
