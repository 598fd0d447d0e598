"""The gallery's page for models of sounds, in Chromium: sounds to play beside spectrograms, and the WAV files of the API."""

import base64
import io
import wave

import numpy as np
import pytest

from keras_gans.audio import read
from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import started
from tests.keras_gans.serving.saved_models import LENGTH, RATE, tone_of

pytest.importorskip("selenium")
from selenium.webdriver.common.keys import Keys

CLASSES, SPEAKERS = ("zero", "one"), ("ann", "bob", "cleo")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A server of a model of tones."""
    pytest.importorskip("tensorflow", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("sounds") / "models"
    folder.mkdir()
    saved_models.write_sounds(folder / "tones", classes=CLASSES, speakers=SPEAKERS)
    with started(folder) as running:
        yield running


def captions(page):
    return [each.text for each in page.all(".sounds li > div > span")]


def loudest(page, canvas):
    """Returns the pitch of the brightest row of a spectrogram."""
    rows = page.pixels(canvas, 3).astype(int).sum(axis=(1, 2))
    mel = (len(rows) - 0.5 - rows.argmax()) / len(rows) * np.log(1 + RATE / 2 / 700)
    return 700 * (np.exp(mel) - 1)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_sounds_are_played_beside_their_spectrograms(page, sounds):
    page.open(sounds.url)
    page.until(lambda: len(page.all(".sounds li")) == 16, 8)
    assert captions(page)[:3] == ["Seed 0, zero, ann", "Seed 1, one, bob", "Seed 2, zero, cleo"]
    page.choose("#class", "one")
    page.choose("#told-speaker", "bob")
    page.choose("#count", "4")
    page.until(lambda: captions(page) == [f"Seed {seed}, one, bob" for seed in range(4)])
    assert all(each.get_property("controls") for each in page.all(".sounds audio"))
    for seed, canvas in enumerate(page.all(".sounds canvas")):
        # A band is about 100 Hz wide there.
        assert abs(loudest(page, canvas) - (1700 + 100 * seed)) < 80
    for control in page.all("button, input, select, audio"):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    first, second = page.all(".sounds audio")[:2]
    page.until(lambda: first.get_property("duration") == LENGTH / RATE)
    # One is heard at a time.
    page.all(".spectrogram")[0].click()
    page.until(lambda: first.get_property("currentTime") > 0)
    page.all(".spectrogram")[1].click()
    page.until(lambda: second.get_property("currentTime") > 0)
    assert first.get_property("paused")
    page.until(lambda: second.get_property("ended"))
    page.press(" ")
    page.until(lambda: not second.get_property("ended"))


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_sounds_of_a_seed_and_truncation_are_saved(page, sounds):
    page.open(f"{sounds.url}#model=tones&view=listen&seed=3")
    page.until(lambda: len(page.all(".sounds li")) == 16, 8)
    slider = page.one("#truncation")
    slider.send_keys(Keys.HOME)
    for _ in range(10):
        slider.send_keys(Keys.ARROW_RIGHT)
    page.choose("#class", "zero")
    page.choose("#told-speaker", "ann")
    page.choose("#count", "4")
    page.until(lambda: captions(page) == [f"Seed {seed}, zero, ann" for seed in range(3, 7)])
    page.all(".sounds a")[2].click()
    saved, rate = read(page.downloaded("tones-seed-5.wav"))
    assert rate == RATE
    np.testing.assert_allclose(saved[:, 0], tone_of(5, 0.5), atol=1e-4)
    page.click("#save")
    together, _ = read(page.downloaded("tones-seeds-3.wav"))
    expected = np.zeros(4 * LENGTH + 3 * RATE // 2)
    for number in range(4):
        start = number * (LENGTH + RATE // 2)
        expected[start : start + LENGTH] = tone_of(3 + number, 0.5)
    np.testing.assert_allclose(together[:, 0], expected, atol=1e-4)
    page.click("#next")
    page.until(lambda: captions(page)[0] == "Seed 7, zero, ann")


def test_a_phone(page, sounds):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.open(sounds.url)
        page.until(lambda: len(page.all(".sounds li")) == 16, 8)
        assert page.browser.execute_script("return document.scrollingElement.scrollWidth") == 390
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_api_answers_with_wav_files(sounds):
    [model] = sounds.get("/v1/models")[1]["models"]
    assert (model["classes"], model["condition_names"]) == (list(CLASSES), {"speaker": list(SPEAKERS)})
    row = {"seeds": 2, "truncation": 1.0, "labels": 1, "speaker": 0}
    status, answer = sounds.predict("tones", {"signature_name": "generate_wav", "instances": [row]})
    assert status == 200, answer
    with wave.open(io.BytesIO(base64.b64decode(answer["predictions"][0]["b64"]))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (1, 2, RATE, LENGTH)
        values = np.frombuffer(file.readframes(LENGTH), "<i2") / 32768
    np.testing.assert_allclose(values, tone_of(2, label=1), atol=1e-4)
