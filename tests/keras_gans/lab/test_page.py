"""The page in Chromium, with clicks, keys and touches."""

import re

import numpy as np
import pytest

from keras_gans.lab import page as page_files
from keras_gans.lab.recording import read_recording
from tests.keras_gans.lab.test_recording import message

pytest.importorskip("selenium")
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


def step_of(page):
    return int(page.one("#step").get_property("value") or 0)


def test_a_model_is_trained_changed_and_begun_again(page, lab):
    lab.ask("command", {"do": "reset"})
    page.open(lab.url)
    page.until(lambda: page.one("#play").is_displayed() and page.all("#numbers div"))
    page.until(lambda: step_of(page) == 0)
    for number, selector in enumerate(('[data-step="discriminator"]', '[data-step="both"]'), start=1):
        page.click(selector)
        page.until(lambda: step_of(page) == number)  # noqa: B023
    page.press("b")
    page.until(lambda: step_of(page) == 3)
    before = page.pixels(page.one("#plane"), 3)
    page.press(" ")
    page.until(lambda: step_of(page) > 50 and page.one("#play").text == "Pause")
    page.click("#play")
    page.until(lambda: page.one("#play").text == "Play")
    assert (page.pixels(page.one("#plane"), 3) != before).any()
    assert page.all("#curves canvas") and "of 8" in page.one("#numbers").text
    # Rules change while it is paused, and the code says so.
    page.choose("#loss", "hinge")
    rate = page.one("#generator_rate")
    rate.clear()
    rate.send_keys("0.001", Keys.TAB)
    page.click("#code summary")
    page.until(lambda: "loss='hinge'" in page.one("#python").text and "learning_rate = 0.001" in page.one("#python").text)
    # Layers: the same frame with and without arrows.
    shown = page.pixels(page.one("#plane"), 3)
    page.click('[data-layer="gradients"]')
    page.until(lambda: (page.pixels(page.one("#plane"), 3) != shown).any())
    page.click('[data-layer="gradients"]')
    seed = page.one("#seed")
    seed.clear()
    seed.send_keys("5", Keys.ENTER)
    page.until(lambda: step_of(page) == 0 and "set_random_seed(5)" in page.one("#python").text)


def test_points_are_drawn_by_finger_and_keys(page, lab):
    page.open(lab.url)
    page.until(lambda: page.all("#numbers div"))
    page.choose("#data", "drawn")
    page.until(lambda: page.one("#drawing").is_displayed())
    page.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", page.one("#plane"))
    box = page.browser.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.x, r.y, r.width]", page.one("#plane")
    )

    def touch(kind, *places):
        points = [{"x": box[0] + x * box[2], "y": box[1] + y * box[2]} for x, y in places]
        page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0.25, 0.25))
    for share in np.linspace(0.25, 0.75, 20):
        touch("touchMove", (share, 0.25))
    touch("touchEnd")
    page.one("#plane").send_keys(*[Keys.ARROW_DOWN] * 10, Keys.ENTER)
    page.click("#draw-done")
    page.until(lambda: "drawn" in page.one("#python").get_property("textContent"))
    state = lab.until(lambda m: m["type"] == "state" and m["status"] == "ready")
    points = np.array(state["setup"]["points"])
    by_finger, by_keys = points[:-5], points[-5:]
    assert len(by_finger) >= 10
    np.testing.assert_allclose(by_finger[:, 1], 0.55, atol=0.02)
    assert by_finger[:, 0].min() == pytest.approx(-0.55, abs=0.02) and by_finger[:, 0].max() == pytest.approx(0.55, abs=0.02)
    np.testing.assert_allclose(by_keys, [[0, -0.5]] * 5, atol=0.12)
    # The code reads the file that the page offers.
    assert "npz:drawn.npz" in page.one("#python").get_property("textContent")
    page.click("#code summary")
    page.click("#drawn-link a")
    with np.load(page.downloaded("drawn.npz")) as file:
        assert file["images"].shape == (16_384, 2)


def test_a_recording_of_the_page_can_be_read(page, lab):
    lab.ask("command", {"do": "reset"})
    page.open(lab.url)
    page.until(lambda: page.all("#numbers div"))
    page.click("#record")
    page.until(lambda: page.one("#record").text == "Stop and download")
    page.click('[data-step="both"]')
    page.until(lambda: step_of(page) == 1)
    page.click("#record")
    recording = read_recording(page.downloaded("gan-ring-seed-0.jsonl.gz"))
    assert recording.whole and recording.messages[-1]["step"] == 1


@pytest.fixture
def replayed(tmp_path):
    hostile = "</script><script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
    finding = {"failure": hostile, "step": 3, "message": hostile, "advice": [hostile], "measured": {}}
    state = message("state", setup={"model": hostile, "data": "ring", "seed": 0}, code={"python": hostile, "command": hostile})
    frames = [message("frame", step=step, at=step / 10, findings=[finding][: step // 3]) for step in range(6)]
    path = tmp_path / "replay.html"
    path.write_text(page_files.standalone([state, *frames]), encoding="utf-8")
    return path


def test_a_replay_works_from_a_file_on_a_phone_by_keyboard(page, replayed):
    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        page.open(replayed.as_uri())
        page.until(lambda: page.all("#numbers div"))
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 360
        slider = page.one("#position")
        slider.send_keys(Keys.END)
        page.until(lambda: step_of(page) == 5)
        slider.send_keys(Keys.ARROW_LEFT)
        page.until(lambda: step_of(page) == 4)
        assert "onerror" in page.one("#findings").text
        page.press(" ")
        page.until(lambda: step_of(page) == 5 and page.one("#play").text == "Play")
        assert page.browser.title == "keras_gans lab" and not page.all("#controls #model:not([hidden] *)")
        small = [
            each for each in page.browser.find_elements(By.CSS_SELECTOR, "button, input[type=range]") if each.is_displayed()
        ]
        assert all(each.size["height"] >= 16 for each in small)
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_scripts_are_small_and_load_nothing_from_elsewhere(replayed):
    scripts = {name: path.read_text() for name, path in page_files.files().items() if path.suffix == ".js"}
    assert sum(map(len, scripts.values())) < 60_000
    for text in (*scripts.values(), page_files.files()["index.html"].read_text(), page_files.files()["lab.css"].read_text()):
        assert not re.search(r"https?://|@import|//cdn", text)
    assert not re.search(
        r'(src|href)="(?!#|drawn)[^"]+', re.sub(r"<script.*?</script>", "", replayed.read_text(), flags=re.DOTALL)
    )
    # One file holds all modules, so that no two may use a name at their top level.
    names = [
        name
        for text in scripts.values()
        for name in re.findall(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", text, re.M)
    ]
    names += [
        name
        for text in scripts.values()
        for more in re.findall(r"^let (.*);", text, re.M)
        for name in re.findall(r"(?:, )(\w+) =", more)
    ]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
