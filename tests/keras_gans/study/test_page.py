"""The page of a study, with real clicks and keys in Chromium."""

import contextlib
import os
import time

import pytest

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)
pytest.importorskip("selenium")
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.keys import Keys

from keras_gans.study import Answers, load_study
from tests.keras_gans.study.conftest import images, make, served

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
    return next((each.text for each in page.all("main h2")), None)


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


def go_through(page, act):
    """Passes on texts and acts on trials until the end."""
    before = None
    while not page.all("#code"):
        waiting = page.all(".words button.primary, .feedback button")
        if waiting:
            with contextlib.suppress(StaleElementReferenceException):  # it was pressed, and the page went on
                waiting[0].click()
        elif page.all(".trial") and (place := page.one("#progress output").text) != before:
            act(int(place.split()[0]))
            page.until(lambda place=place: page.all(".feedback button, .words") or page.one("#progress output").text != place)
            before = place if not page.all(".feedback button") else before
        time.sleep(0.02)


def answers_of(study):
    answers = Answers(study, read_only=True)
    try:
        return answers.of(0)
    finally:
        answers.close()


def enabled(page):
    page.until(lambda: page.all(".choices button:enabled"))


def touch(page, selector):
    """Touches an element with a finger."""
    script = "const box = arguments[0].getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2];"
    x, y = page.browser.execute_script(script, page.one(selector))
    command = page.browser.execute_cdp_cmd
    command("Emulation.setTouchEmulationEnabled", {"enabled": True})
    command("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    command("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    command("Emulation.setTouchEmulationEnabled", {"enabled": False})


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_pairs_are_chosen_by_touching_an_image(page, tmp_path):
    study = make(tmp_path / "study", "a_or_b")
    with served(tmp_path / "study") as client:
        page.open(f"{client.url}?participant=ada")
        page.until(lambda: page.all(".words button"))

        def act(place):
            enabled(page)
            if place == 3:
                shot(page, "pair")
            if place % 3 == 0:
                touch(page, ".shown button[data-choice=left]")
            else:
                page.press(Keys.ARROW_RIGHT if place % 3 == 1 else Keys.ARROW_DOWN)

        go_through(page, act)
    assert [answer.choice for answer in answers_of(study)] == ["left", "right", "tie"] * 3 + ["left"]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_exposures_are_measured_in_frames_and_followed_by_masks(page, tmp_path):
    study = make(tmp_path / "study", "timed", trials=8, repeats=0)
    with served(tmp_path / "study") as client:
        page.open(f"{client.url}?participant=ada")
        page.until(lambda: page.all(".words button"))
        masks = []

        def act(place):
            if place == 3:
                page.until(lambda: page.all(".frame img.on"))
                shot(page, "flash")
            masks.append(len(page.all(".frame img")) - 1)
            enabled(page)
            assert not page.all(".frame img.on")
            if place == 4:
                shot(page, "flashed")
            page.press("r")

        go_through(page, act)
    given = answers_of(study)
    assert set(masks) == {4}
    main = [answer for answer in given if answer.phase == "main"]
    scored = [answer for answer in main if answer.kind == "scored"]
    assert [answer.exposure for answer in scored] == study.staircase.exposures([answer.correct for answer in scored])[:-1]
    for answer in given:
        assert answer.frames == pytest.approx(answer.shown / answer.frame, abs=1.5)
    near = [abs(answer.shown - answer.exposure) <= answer.frame for answer in given if answer.trial != 3]  # a picture was taken
    assert sum(near) >= 0.8 * len(near)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_sentences_are_rated_by_keys_and_buttons(page, tmp_path):
    study = make(tmp_path / "study", "likert")
    with served(tmp_path / "study") as client:
        page.open(f"{client.url}?participant=ada")
        page.until(lambda: page.all(".words button"))

        def act(place):
            enabled(page)
            if place == 2:
                shot(page, "sentence")
            if place % 2:
                page.press(str(place % 5 + 1))
            else:
                page.click(f".choices [data-choice='{place % 5 + 1}']")

        go_through(page, act)
    assert [answer.choice for answer in answers_of(study)] == [str(place % 5 + 1) for place in range(10)]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_sounds_are_rated_after_they_were_heard(page, tmp_path):
    study = make(tmp_path / "study", "opinion")
    with served(tmp_path / "study") as client:
        page.open(f"{client.url}?participant=ada")
        page.until(lambda: page.all(".words button"))

        def act(place):
            page.until(lambda: page.all(".sound button"))
            assert not page.all(".choices button:enabled")
            page.click(".sound button")
            enabled(page)
            if place == 2:
                shot(page, "sound")
            page.press(str(place % 5 + 1))

        go_through(page, act)
    assert [answer.choice for answer in answers_of(study)] == [str(place % 5 + 1) for place in range(10)]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_server_that_goes_away_for_a_while_loses_nothing(page, tmp_path):
    study = make(tmp_path / "study", practice=0, trials=4)
    with served(tmp_path / "study") as client:
        page.open(f"{client.url}?participant=ada")
        page.until(lambda: page.all(".words button"))
        pass_on(page, "Before you begin")
        pass_on(page, "Now it counts")
        until_trial(page, 0)
        port = client.url.split(":")[2].strip("/")
    page.press("g")
    page.until(lambda: "cannot be reached" in page.one("#message").text)
    shot(page, "unreachable")
    with served(tmp_path / "study", f"--port={port}"):
        until_trial(page, 1)
        assert page.one("#message").text == ""
        assert [answer.choice for answer in answers_of(study)] == ["generated"]
        # The same participant in a browser that knows nothing of them.
        page.browser.execute_script("localStorage.clear()")
        page.browser.refresh()
        pass_on(page, "Before you begin")
        page.until(lambda: "has begun already" in page.one("#message").text)
    page.browser.get_log("browser")  # of the server that was away


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_the_qualification_ends_the_study_for_those_who_guess(page, tmp_path):
    make(tmp_path / "study", qualify_on={"easy": images(40, 9, True)}, qualification=4, practice=0)
    with served(tmp_path / "study") as client:
        page.open(f"{client.url}?participant=ada")
        pass_on(page, "Before you begin")
        pass_on(page, "Qualification")
        for number in range(4):
            until_trial(page, number)
            page.press("r")
        page.until(lambda: heading(page) == "Thank you")
        shot(page, "disqualified")
        page.browser.refresh()
        page.until(lambda: heading(page) == "Thank you")
