"""The gallery's sliders that move a sample along directions in latent space, in Chromium."""

import numpy as np
import pytest
from PIL import Image

from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import started

pytest.importorskip("selenium")
from selenium.webdriver.common.keys import Keys


def image_of(seed, *weights, label=0):
    """Returns the pixels of a sample of `write_model`: bars as high as the weights."""
    pixels = np.full((8, 8, 3), seed % 100, "uint8")
    pixels[0] += 20 * label
    for number, weight in enumerate(weights):
        pixels[:, number] = 128 + round(20 * weight)
    return pixels


def write_model(folder):
    import tensorflow as tf

    def sample(row):
        seed, weights, label = row
        pixels = tf.cast(tf.fill((8, 8, 3), seed % 100), tf.int32)
        pixels += tf.reshape(tf.one_hot(0, 8, dtype=tf.int32) * 20 * label, (8, 1, 1))
        bars = 128 + tf.cast(tf.round(20 * weights), tf.int32)
        bars = tf.tile(tf.reshape(bars, (1, 2, 1)), (8, 1, 3))
        return tf.io.encode_png(tf.cast(tf.concat([bars, pixels[:, 2:]], 1), tf.uint8))

    def edit(seeds, weights, labels):
        return {"image_bytes": tf.map_fn(sample, (seeds, weights, labels), fn_output_signature=tf.string)}

    def generate(seeds, labels):
        return edit(seeds, tf.zeros((tf.shape(seeds)[0], 2)), labels)

    seeds, weights = tf.TensorSpec((None,), tf.int64, name="seeds"), tf.TensorSpec((None, 2), tf.float32, name="weights")
    labels = tf.TensorSpec((None,), tf.int32, name="labels")
    functions = {
        "edit": tf.function(edit, input_signature=[seeds, weights, labels]),
        "generate_png": tf.function(generate, input_signature=[seeds, labels]),
    }
    saved_models._save(folder, 1, functions, {"labels.txt": ("one", "two")})


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_sliders_move_a_sample(page, tmp_path):
    pytest.importorskip("tensorflow", exc_type=ImportError)
    (tmp_path / "models").mkdir()
    write_model(tmp_path / "models" / "bars")
    with started(tmp_path / "models") as server:
        page.open(f"{server.url}#model=bars&seed=40")
        # What moves samples is not what draws them.
        page.until(lambda: page.all(".tile"))
        page.all(".tile")[3].click()
        page.click('[data-action="edit"]')

        def shows(*arguments, **options):
            page.until(
                lambda: page.all("#edited") and (page.pixels(page.one("#edited"), 3) == image_of(*arguments, **options)).all()
            )

        page.choose("#class", "one")
        shows(43, 0, 0)
        page.one("#direction-0").send_keys(Keys.END)
        shows(43, 6, 0)
        page.one("#direction-1").send_keys(*[Keys.ARROW_LEFT] * 4)
        shows(43, 6, -1)
        assert page.one("#edited").get_attribute("alt") == "Sample, seed 43, direction 1 by 6, direction 2 by -1"
        page.choose("#class", "two")
        shows(43, 6, -1, label=1)
        page.click("#next")
        shows(44, 6, -1, label=1)
        page.click("#save")
        np.testing.assert_array_equal(
            np.asarray(Image.open(page.downloaded("bars-seed-44-edited.png"))), image_of(44, 6, -1, label=1)
        )
        page.click("#reset")
        shows(44, 0, 0, label=1)
        assert not page.one("#count").is_displayed()
