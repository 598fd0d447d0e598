"""The gallery of a model that is told further conditions than a class, in Chromium: an exported InfoGAN."""

import json
import shlex

import numpy as np
import pytest

import keras_gans
from keras_gans.media.pictures import to_uint8
from tests.keras_gans.serving.conftest import started
from tests.support.entries import build

pytest.importorskip("selenium")
pytest.importorskip("tensorflow", exc_type=ImportError)
from selenium.webdriver.common.keys import Keys

SEEDS = [7, 8, 9, 10]


def near(found, expected):
    """Rounding: a pixel may be its neighbour."""
    return np.shape(found) == np.shape(expected) and np.abs(np.array(found, int) - expected).max() <= 1


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_categories_and_codes_are_chosen(page, tmp_path):
    model = build("infogan")
    model.generator.set_weights([5 * each for each in model.generator.get_weights()])  # an untrained one paints all grey
    keras_gans.export.saved_model(model, tmp_path / "models" / "digits")

    def expected(category, codes):
        told = {"category": [category] * len(SEEDS), "codes": [codes] * len(SEEDS)}
        return to_uint8(model.generate(seeds=SEEDS, conditions=told))

    with started(tmp_path / "models") as server:
        page.open(f"{server.url}#model=digits&seed=7")
        page.until(lambda: page.all(".tile"))
        page.choose("#count", "4")
        first = expected(0, [0.0, 0.0])
        page.until(lambda: near([page.pixels(each, 3) for each in page.all(".grid img")], first))
        category = page.one("#told-category")
        category.clear()
        category.send_keys("3", Keys.TAB)
        page.one("#told-codes-1").send_keys(Keys.END)
        changed = expected(3, [0.0, 1.0])
        assert not near(first, changed)
        page.until(lambda: near([page.pixels(each, 3) for each in page.all(".grid img")], changed))
        body = json.loads(shlex.split(page.copied("#copy"))[2])
        assert body["inputs"]["category"] == [3] * 4
        assert body["inputs"]["codes"] == [[0, 1]] * 4
        assert "category 3, codes 0 1" in page.one(".tile").get_attribute("title")
        # From one seed to another, they stay as they are.
        page.click("#tab-interpolate")
        page.until(lambda: page.all("#screen"))
        page.one("#from").clear()
        page.one("#from").send_keys("7", Keys.TAB)
        page.until(lambda: near([page.pixels(page.one("#screen"), 3)], changed[:1]))
