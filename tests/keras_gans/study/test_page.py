"""The page of a study, with real clicks and keys in Chromium."""

import os
import time

import pytest

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)
pytest.importorskip("selenium")
from selenium.webdriver.common.keys import Keys

from keras_gans.study import Answers, load_study
from tests.keras_gans.study.conftest import make, served

SHOTS = os.environ.get("KERAS_GANS_SCREENSHOTS")  # a folder for pictures to look at


def shot(page, name):
    if SHOTS:
        for width in (1280, 360):
            page.browser.set_window_size(max(width, 500), 860)
            page.browser.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            )
            time.sleep(0.15)
            page.browser.save_screenshot(f"{SHOTS}/{name}_{width}.png")
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def heading(page):
    return page.one("main h2").text


def pass_on(page, title):
    """Presses the first button of a text."""
    page.until(lambda: heading(page) == title)
    page.one(".words button.primary").click()


def until_trial(page, number):
    page.until(lambda: page.one("#progress output").text.startswith(f"{number} of") and page.all(".choices button:enabled"))


def test_a_session_from_consent_to_the_code(page, tmp_path):
    study = make(tmp_path / "study")
    with served(tmp_path / "study") as client:
        page.open(f"{client.url}?participant=ada")
        page.until(lambda: heading(page) == "Before you begin")
        shot(page, "consent")
        pass_on(page, "Before you begin")
        shot(page, "introduction")
        pass_on(page, "How it works")
        feedback = []
        for number in range(2):
            until_trial(page, number)
            shot(page, f"practice{number}")
            page.click(".choices [data-choice=real]")
            page.until(lambda: page.all(".feedback button"))
            feedback.append(page.one(".feedback").text.split()[0])
            shot(page, f"feedback{number}")
            page.click(".feedback button")
        assert sorted(feedback) == ["Right.", "Wrong."]
        pass_on(page, "Now it counts")
        for number, key in ((2, Keys.ARROW_LEFT), (3, Keys.ARROW_RIGHT), (4, "g")):
            until_trial(page, number)
            page.press(key)
        until_trial(page, 5)
        # A reload in the middle of a trial: it is asked again.
        page.browser.refresh()
        pass_on(page, "Welcome back")
        for number in (5, 6, 7):
            until_trial(page, number)
            assert not page.all(".words")
            page.click(".choices [data-choice=generated]")
        page.until(lambda: page.all(".words") or page.all(".choices button:enabled"))
        while not page.all("#code"):
            if page.all(".words button.primary") and heading(page) == "A break":
                shot(page, "break")
                page.click(".words button.primary")
            else:
                place = int(page.one("#progress output").text.split()[0])
                page.until(lambda: page.all(".choices button:enabled"))
                page.click(".choices [data-choice=generated]")
                page.until(lambda place=place: page.one("#progress output").text.split()[0] != str(place) or page.all("#code"))
        shot(page, "done")
        answers = Answers(load_study(tmp_path / "study"), read_only=True)
        given = answers.of(0)
        assert page.one("#code").text == answers.completion_code(0)
        answers.close()
    assert [answer.trial for answer in given] == list(range(10))
    assert [answer.choice for answer in given][:6] == ["real", "real", "real", "generated", "generated", "generated"]
    assert all(0 < answer.milliseconds < 20_000 for answer in given)
    assert {study.by_name[answer.item].source == answer.source for answer in given} == {True}
