"""Pictures in a notebook while `fit` runs."""

import base64
import io
import re
import sys
import types

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans.callbacks import Live


@pytest.fixture
def outputs(monkeypatch):
    """What a notebook has shown: one list of HTML for each output, whose last one is on screen."""
    shown = []

    class Handle:
        def __init__(self, first):
            shown.append([first._repr_html_()])

        def update(self, page):
            shown[-1].append(page._repr_html_())

    display = types.ModuleType("IPython.display")
    display.display = lambda page, display_id: Handle(page)
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return shown


def fitted(*callbacks, epochs=2):
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=2, seed=0)
    rng = np.random.default_rng(0)
    model.generator.set_weights([rng.normal(0, 0.3, each.shape) for each in model.generator.get_weights()])
    model.discriminator.set_weights([rng.normal(0, 0.3, each.shape) for each in model.discriminator.get_weights()])
    points = rng.uniform(-1, 1, (64, 2)).astype("float32")
    model.fit(points, batch_size=8, epochs=epochs, verbose=0, callbacks=list(callbacks))
    return model


def test_pictures_replace_each_other_and_end_with_the_trained_model(outputs):
    model = fitted(Live(seconds=0, n=5))
    (pages,) = outputs
    assert len(pages) >= 2
    assert "Samples after 16 steps" in pages[-1] and "discriminator loss" in pages[-1]
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", pages[-1])[1]))))
    np.testing.assert_array_equal(picture, model.draw(5, 0).squeeze())
    assert len(re.findall("<polyline", pages[-1])) == 2 and "nan" not in pages[-1]


def test_training_is_the_same_with_and_without(outputs):
    first, second = fitted(Live(seconds=0)), fitted()
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_ipython_nothing_happens(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    fitted(Live(seconds=0), epochs=1)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("arguments", "words"), [({"seconds": -1}, "seconds"), ({"n": 0}, "n must be")])
def test_values_out_of_range_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        Live(**arguments)
