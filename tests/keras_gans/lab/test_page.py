"""The page in Chromium, with clicks, keys and touches."""

import re

import numpy as np
import pytest

from keras_gans.lab import page as page_files
from keras_gans.lab.arrays import decode
from keras_gans.lab.lessons import get_lesson
from keras_gans.lab.recording import read_recording
from tests.keras_gans.lab.test_recording import message

pytest.importorskip("selenium")
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


def step_of(page):
    return int(page.one("#step").get_property("value") or 0)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
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


def test_on_a_phone_a_finger_meets_play(page, lab):
    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        page.open(lab.url)
        page.until(lambda: page.all("#numbers div"))
        met = """
        const box = document.querySelector("#play").getBoundingClientRect();
        return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).id;
        """
        assert page.browser.execute_script(met) == "play"
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 360
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def box_of(page, selector="#plane"):
    page.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", page.one(selector))
    return page.browser.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.x, r.y, r.width]", page.one(selector)
    )


def touch(page, kind, *places, selector="#plane"):
    box = box_of(page, selector)
    points = [{"x": box[0] + x * box[2], "y": box[1] + y * box[2]} for x, y in places]
    page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def tap(page, place, selector="#plane"):
    """Taps a point of the plane, from -1.1 to 1.1 in both directions."""
    at = ((place[0] + 1.1) / 2.2, (1.1 - place[1]) / 2.2)
    touch(page, "touchStart", at, selector=selector)
    touch(page, "touchEnd", selector=selector)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_point_is_probed_by_finger_and_keys_and_a_sample_shows_its_path(page, lab):
    lab.ask("command", {"do": "reset", "seed": 1})
    page.open(lab.url)
    page.until(lambda: page.all("#numbers div"))
    tap(page, (0.8, -0.8))
    page.until(lambda: "at (0.8, -0.8), score" in page.one("#picked").text)
    probe = lab.until(lambda m: m["type"] == "frame" and m.get("probe"))["probe"]
    said = re.search(r"score (\S+), gradient \((\S+), (\S+)\)", page.one("#picked").text)
    assert float(said[1]) == pytest.approx(probe["score"], rel=0.05, abs=1e-4)
    assert [float(said[2]), float(said[3])] == pytest.approx(probe["gradient"], rel=0.05, abs=1e-4)
    # The generator begins in the middle: a tap there meets a sample, and its path grows with each step.
    frame = lab.until(lambda m: m["type"] == "frame")
    tap(page, decode(frame["generated"])[:2])
    page.until(lambda: "from latent" in page.one("#picked").text)
    before = page.pixels(page.one("#plane"), 3)
    page.press("b")
    page.until(lambda: step_of(page) == 1)
    page.until(lambda: (page.pixels(page.one("#plane"), 3) != before).any())
    page.one("#plane").send_keys(Keys.ESCAPE)
    page.until(lambda: page.one("#picked").text == "")
    page.one("#plane").send_keys(*[Keys.ARROW_UP] * 18, Keys.ENTER)
    page.until(lambda: "at (0, 0.9), score" in page.one("#picked").text)
    page.one("#plane").send_keys(Keys.ESCAPE)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_step_is_shown_part_by_part(page, lab):
    lab.ask("command", {"do": "reset"})
    page.open(lab.url)
    page.until(lambda: page.all("#numbers div") and step_of(page) == 0)
    page.choose("#speed", "slow motion, part by part")
    page.click("#play")
    page.until(lambda: page.one("#part").text.startswith("Discriminator, generate"))
    assert {each.get_attribute("data-part") for each in page.all("#graph .lit")} == {
        "latents",
        "a",
        "generator",
        "b",
        "generated",
    }
    # The frame before is shown until the update.
    assert step_of(page) == 0
    page.until(lambda: page.one("#part").text.startswith("Discriminator, predict"))
    assert re.search(r"right on \d+ % and \d+ %", page.one("#part").text)
    page.until(lambda: page.one("#part").text.startswith("Discriminator, loss"))
    assert re.search(r"it is \d+\.\d+", page.one("#part").text)
    page.click("#play")
    page.until(lambda: page.one("#play").text == "Play" and step_of(page) == 1 and not page.all("#graph .lit"))
    page.choose("#speed", "as fast as possible")


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_two_runs_side_by_side_and_advice_that_is_tried(page, lab):
    """The second run begins from the seed of the first: without changes, both are the same at each step."""
    lab.ask("command", {"do": "reset", "data": "blobs"})
    page.open(lab.url)
    page.until(lambda: page.all("#numbers div") and step_of(page) == 0)
    page.click("#compare")
    page.until(lambda: page.one("#plane-2").is_displayed(), 120)
    page.until(lambda: page.one("#step").get_property("value") == "0 · 0", 120)
    page.press("b")
    page.until(lambda: page.one("#step").get_property("value") == "1 · 1")
    first, second = (lab.until(lambda m, run=run: m["type"] == "frame" and m["run"] == run) for run in (0, 1))
    for name in ("generated", "heat", "scores", "manifold", "gradients"):
        assert first[name] == second[name]
    # Settings of the second run alone.
    page.click('[name=target][value="1"]')
    page.choose("#loss", "hinge")
    page.until(lambda: "B: loss hinge" in page.one("#beside figcaption").text, 60)
    page.click("#compare")
    page.until(lambda: not page.one("#plane-2").is_displayed())
    lab.ask("command", {"do": "change", "generator_rate": 0.003})
    lab.ask("command", {"do": "play", "until": 3000})
    page.until(lambda: page.all("#findings button"), 200)
    lab.ask("command", {"do": "pause"})
    page.one("#findings button").click()
    page.until(lambda: page.one("#plane-2").is_displayed(), 120)
    page.until(lambda: "generator rate" in page.one("#beside figcaption").text, 60)
    # Before its first frame, the second run has a dash in place of the step.
    page.until(lambda: re.fullmatch(r"\d+ · (2[1-9]|[3-9]\d|\d{3,})", page.one("#step").get_property("value")), 60)
    lab.ask("command", {"do": "alone"})
    page.until(lambda: not page.one("#plane-2").is_displayed())


def test_points_are_drawn_by_finger_and_keys(page, lab):
    page.open(lab.url)
    page.until(lambda: page.all("#numbers div"))
    page.choose("#data", "drawn")
    page.until(lambda: page.one("#drawing").is_displayed())
    touch(page, "touchStart", (0.25, 0.25))
    for share in np.linspace(0.25, 0.75, 20):
        touch(page, "touchMove", (share, 0.25))
    touch(page, "touchEnd")
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


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
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


def test_a_lesson_works_from_a_file_on_a_phone_by_keyboard(page, tmp_path):
    path = tmp_path / "lessons.html"
    path.write_text(page_files.standalone({name: get_lesson(name).messages() for name in ("collapse", "averaging")}), "utf-8")
    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        page.open(path.as_uri())
        page.until(lambda: page.one("#lesson-title").text == "Mode collapse" and page.all("#numbers div"))
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 360
        scenes = get_lesson("collapse").scenes
        assert page.one("#lesson-text").text == scenes[0][1]
        assert page.one("#plane").is_displayed() and page.one("#plane-2").is_displayed()
        # What the page decodes is what Python does.
        frames = [each for each in get_lesson("collapse").messages() if each["type"] == "frame"]
        page.press("n")
        page.until(lambda: page.one("#lesson-text").text == scenes[1][1])
        assert page.one("#step").get_property("value") == f"{scenes[1][0]} · {scenes[1][0]}"
        at = next(each for each in frames if each["step"] == scenes[1][0] and each["run"] == 1)
        tap(page, decode(at["generated"])[:2], selector="#plane-2")
        page.until(lambda: "B: sample" in page.one("#picked").text)
        number = int(re.search(r"B: sample (\d+)", page.one("#picked").text)[1])
        x, y = decode(at["generated"]).reshape(-1, 2)[number]
        said = re.search(r"B: sample .* to \((\S+), (\S+)\)", page.one("#picked").text)
        assert [float(said[1]), float(said[2])] == pytest.approx([x, y], abs=0.005)
        page.press("p")
        page.until(lambda: page.one("#lesson-text").text == scenes[0][1])
        # Play stops where there are new words.
        page.press(" ")
        page.until(lambda: page.one("#lesson-text").text == scenes[1][1] and page.one("#play").text == "Play")
        assert f"step={scenes[1][0]}" in page.browser.current_url
        page.choose("#lesson", "Averaging")
        page.until(lambda: page.one("#lesson-title").text == "Averaging")
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
