"""Clips of a server: played on its page in Chromium, and as WebP files."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_gans.video.files import _read_animation
from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import started
from tests.keras_gans.serving.saved_models import FRAMES

pytest.importorskip("selenium")
from selenium.webdriver.common.keys import Keys

CLASSES = ("zero", "one")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """A server of a model of clips."""
    pytest.importorskip("tensorflow", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("clips") / "models"
    folder.mkdir()
    saved_models.write_clips(folder / "clips", classes=CLASSES, fps=4)
    with started(folder) as running:
        yield running


def level(page, canvas):
    return int(page.pixels(canvas, 3)[5, 5, 0])


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_clips_are_played_and_gone_through(page, clips):
    page.open(f"{clips.url}#view=watch&seed=3")
    page.until(lambda: len(page.all(".clips canvas")) == 16, 8)
    assert [each.text for each in page.all(".clips li span")][:2] == ["Seed 3, zero", "Seed 4, one"]
    first, second = page.all(".clips canvas")[:2]
    # They play, at once.
    page.until(lambda: page.one("#play-clips").text == "Pause")
    seen = set()
    page.until(lambda: len(seen.add(level(page, first)) or seen) > 2)
    page.one("#play-clips").click()
    slider = page.one("#frame")
    slider.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 4)
    page.until(lambda: (level(page, first), level(page, second)) == (40, 41))
    assert page.one("#frame-value").text == f"5 / {FRAMES}"
    for control in page.all("button, input, select, .clips a"):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    assert page.all(".clips a")[1].get_attribute("href") == clips.url.rstrip("/") + "/v1/models/clips/clip.webp?seed=4&label=1"


def test_a_clip_is_a_webp(clips):
    status, headers, content = clips.raw("GET", "/v1/models/clips/clip.webp?seed=7&label=1")
    assert (status, headers["Content-Type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(content)) as picture:
        found = _read_animation(picture)
    assert (len(found.frames), found.fps) == (FRAMES, 4)
    np.testing.assert_array_equal(found.frames[:, 5, 5, 0], 10 * np.arange(FRAMES) + 1)
    np.testing.assert_array_equal(found.frames[:, 0, 5, 0], 7)
    listed = clips.get("/v1/models")[1]["models"][0]
    assert (listed["fps"], listed["classes"]) == (4, list(CLASSES))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "takes seed and label; received neither"),
        ("seed=3", "takes seed and label; received seed"),
        ("seed=-1&label=1", "seed must be an integer from 0"),
        ("seed=3&label=99999999999", "label must be an integer from 0 to 2147483647"),
        ("seed=3&label=1&label=2", "takes seed and label"),
    ],
)
def test_mistakes_are_said(clips, query, message):
    status, content = clips.get(f"/v1/models/clips/clip.webp?{query}")
    assert status == 400
    assert message in content["error"]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_models_that_predict_answer_to_frames_alone(page, clips, tmp_path):
    from keras_gans.export import saved_model
    from tests.support.entries import build

    model = build("video_prediction")
    saved_model(model, tmp_path / "models" / "prediction")
    frames = model.medium.to_file(model.example_conditions(1)["frames"])
    with started(tmp_path / "models") as running:
        given = {"signature_name": "generate", "inputs": {"seeds": [3], "frames": frames.tolist()}}
        status, content = running.post("/v1/models/prediction:predict", given)
        assert status == 200
        expected = model.medium.to_file(model.generate(seeds=[3], conditions={"frames": frames}))
        assert np.abs(np.array(content["outputs"]).astype(int) - expected).max() <= 1
        status, content = running.get("/v1/models/prediction/clip.webp?seed=3")
        assert status == 400
        assert "predicts clips from frames, which clip.webp does not take" in content["error"]
        page.open(running.url)
        page.until(lambda: "prediction has no signature that this page knows" in page.one("#message").text, 8)
