"""The gallery in Chromium, with clicks and keys."""

import base64
import io
import json
import subprocess
import time

import numpy as np
import pytest
from PIL import Image

from keras_gans import seeds
from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import started
from tests.support.ports import free_ports

pytest.importorskip("selenium")
from selenium.webdriver.common.keys import Keys

from tests.keras_gans.serving.browsing import PIXELS


def image(seed, **options):
    return saved_models.image_of(seed, version=2, **options)


def assert_shows(page, expected):
    def is_so():
        found = page.shown()
        return len(found) == len(expected) and all((a == b).all() for a, b in zip(found, expected, strict=True))

    page.until(is_so)


def test_samples_of_seeds_classes_and_truncation(page, server):
    page.open(server.url)
    page.until(lambda: page.all(".cards li"))
    page.choose("#model", "digits")
    # Each class in turn.
    assert_shows(page, [image(seed, label=seed % 3) for seed in range(16)])
    page.choose("#class", "two")
    page.choose("#count", "4")
    assert_shows(page, [image(seed, label=2) for seed in range(4)])
    page.click("#next")
    assert_shows(page, [image(seed, label=2) for seed in range(4, 8)])
    page.press(Keys.ARROW_LEFT)
    assert_shows(page, [image(seed, label=2) for seed in range(4)])
    slider = page.one("#truncation")
    slider.send_keys(Keys.HOME)
    for _ in range(10):
        slider.send_keys(Keys.ARROW_RIGHT)
    assert page.one("#truncation-value").text == "0.50"
    assert_shows(page, [image(seed, label=2, truncation=0.5) for seed in range(4)])
    # Another seed, by a key.
    page.press("r")
    page.until(lambda: page.one("#seed").get_property("value") != "0")
    seed = int(page.one("#seed").get_property("value"))
    assert_shows(page, [image(each, label=2, truncation=0.5) for each in range(seed, seed + 4)])
    page.choose("#version", "stable (1)")
    expected = [saved_models.image_of(each, 0.5, label=2) for each in range(seed, seed + 4)]
    assert_shows(page, expected)
    assert float(page.one("#milliseconds").text) > 0
    page.click("#save")
    saved = np.asarray(Image.open(page.downloaded(f"digits-seeds-{seed}.png")))[..., 0]
    for number, each in enumerate(expected):
        top, left = number // 2 * 6, number % 2 * 6
        np.testing.assert_array_equal(saved[top : top + 4, left : left + 4], each[..., 0])
    # The address says what is shown.
    assert f"seed={seed}" in page.browser.current_url


def test_a_sample_is_saved_and_begins_an_interpolation(page, server):
    page.open(f"{server.url}#model=digits&view=samples&seed=40")
    assert_shows(page, [image(seed, label=(seed - 40) % 3) for seed in range(40, 56)])
    page.all(".tile")[4].click()
    page.until(lambda: page.one("#detail").get_property("open"))
    assert "seed 44, one" in page.one(".detail-title").text
    page.click('[data-action="save"]')
    saved = np.asarray(Image.open(page.downloaded("digits-seed-44.png")))
    np.testing.assert_array_equal(saved[..., None] if saved.ndim == 2 else saved[..., :1], image(44, label=1))
    page.click('[data-action="from"]')
    page.until(lambda: page.all("#screen"))
    assert page.one("#from").get_property("value") == "44"
    assert page.one("#class").get_property("value") == "1"
    ends = expected_images(server, [44, 1], label=1)
    frames = page.all(".strip canvas")
    assert len(frames) == 9
    for frame, expected in ((frames[0], ends[0]), (frames[-1], ends[1]), (page.one("#screen"), ends[0])):
        assert np.abs(page.pixels(frame).astype(int) - expected).max() <= 1
    page.all(".strip button")[-1].click()
    assert np.abs(page.pixels(page.one("#screen")).astype(int) - ends[1]).max() <= 1
    page.click("#play")
    seen = set()
    page.until(lambda: seen.add(page.pixels(page.one("#screen")).tobytes()) or len(seen) > 2)
    page.press(" ")
    time.sleep(0.2)
    assert page.pixels(page.one("#screen")).tobytes() == page.pixels(page.one("#screen")).tobytes()
    assert page.one("#play").text == "Play"


def expected_images(server, given, label):
    """What the served model makes of the latents that Python draws from seeds."""
    latents = seeds.normal(given, (saved_models.LATENTS,)).tolist()
    inputs = {"latents": latents, "labels": [label] * len(given)}
    images = server.predict("digits", {"inputs": inputs})[1]["outputs"]
    return np.round(np.array(images) * 255).astype(int)


def test_latents_are_those_of_python(page, server):
    page.open(server.url)
    given = [0, 1, 7, 2**31, 2**32 - 1, 2**32, 2**53 - 1]
    found = page.browser.execute_async_script(
        "const done = arguments[1]; import('/latents.js').then(m => done(arguments[0].map(seed => m.normal(seed, 50))));", given
    )
    np.testing.assert_allclose(np.array(found, "float32"), seeds.normal(given, (50,)), atol=2e-6)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_walk_goes_on_until_it_is_paused(page, server):
    page.open(f"{server.url}#model=digits&view=samples")
    page.until(lambda: page.all("#tab-walk"))
    page.click("#tab-walk")
    page.until(lambda: page.all("#screen"))
    caption = page.one("#caption").text
    slider = page.one("#pace")
    slider.send_keys(Keys.END)
    # From seed to seed: more than the first requests gave.
    page.until(lambda: page.one("#caption").text not in ("", caption))
    page.press(" ")
    before = page.pixels(page.one("#screen")).tobytes()
    time.sleep(0.3)
    assert page.pixels(page.one("#screen")).tobytes() == before
    page.press(" ")
    page.until(lambda: page.pixels(page.one("#screen")).tobytes() != before)


def test_text(page, server):
    page.open(f"{server.url}#model=captions&view=write")
    page.until(lambda: page.all(".cards li"))
    assert [each.text for each in page.all(".cards p")][:2] == ["man eats soup größer", "eats soup größer a"]
    assert not page.all("#tab-interpolate")
    page.choose("#count", "4")
    page.until(lambda: len(page.all(".cards li")) == 4)
    page.click("#save")
    lines = page.downloaded("captions-seeds-0.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [each.text for each in page.all(".cards p")]


def test_text_goes_on_from_a_prompt(page, server):
    page.open(f"{server.url}#model=captions&view=write")
    page.until(lambda: page.all(".cards li"))
    page.one("#prompt").send_keys("a man", Keys.ENTER)
    page.until(lambda: page.all(".cards p") and page.one(".cards p").text == "a man man eats soup größer")
    page.one("#prompt").send_keys(" zebra", Keys.ENTER)
    page.until(lambda: "never seen" in page.one("#message").text)


def test_a_model_that_the_page_does_not_know(page, server):
    page.open(f"{server.url}#model=foreign")
    page.until(lambda: "no signature that this page knows" in page.one("#message").text)
    for selector in ("#seed", "#count", "#truncation", "#go", "#save"):
        assert not page.one(selector).is_displayed()
    page.choose("#model", "digits")
    page.until(lambda: page.all(".grid img"))
    for selector in ("#seed", "#count", "#truncation", "#go", "#save"):
        assert page.one(selector).is_displayed()


def write_samples(folder, size, seeded=True, classes=()):
    """Writes a model of samples that are `size` numbers: by `generate` from seeds, or by `serving_default` from latents."""
    import tensorflow as tf

    def samples(numbers, scale, labels=None):
        # A spiral; another class lies further in.
        turns = tf.cast(numbers, tf.float32)[:, None] * 0.37 + tf.range(size, dtype=tf.float32) * 1.57
        scale = scale[:, None] * (1.0 if labels is None else 1.0 - 0.4 * tf.cast(labels, tf.float32)[:, None])
        return {"samples": (0.3 + 0.6 * tf.sin(tf.cast(numbers, tf.float32) / 90)[:, None] ** 2) * tf.cos(turns) * scale}

    spec = tf.TensorSpec
    inputs = [spec((None,), tf.int64, "seeds"), spec((None,), tf.float32, "truncation")]
    if classes:
        inputs.append(spec((None,), tf.int32, "labels"))
    signatures = {"generate": tf.function(samples, input_signature=inputs)}
    if not seeded:
        # Some lie outside.
        plain = tf.function(
            lambda latents: {"samples": latents * 0.5}, input_signature=[spec((None, size), tf.float32, "latents")]
        )
        signatures = {"serving_default": plain}
    return saved_models._save(folder, 1, signatures, {"labels.txt": classes} if classes else {})


@pytest.fixture(scope="module")
def various(tmp_path_factory):
    """A server of models of points and of other samples, of one class, of colour photographs, and of few signatures."""
    pytest.importorskip("tensorflow", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("various") / "models"
    folder.mkdir()
    write_samples(folder / "classes", 2, classes=("outer", "inner"))
    write_samples(folder / "latents", 2, seeded=False)
    write_samples(folder / "points", 2)
    write_samples(folder / "signals", 5)
    saved_models.write_images(folder / "one_class", conditional=True, classes=("cat",))
    saved_models.write_replies(folder / "replies")
    write_signatures_of_seeds(folder)
    with started(folder, "--batch_timeout_ms=2") as running:
        yield running


MARGIN = 40  # of points.js


def places(canvas, points):
    """Returns the row and column of each point in a canvas."""
    side = len(canvas) - 2 * MARGIN
    x, y = np.array(points).T
    return np.round(MARGIN + (1 - y) / 2 * side).astype(int), np.round(MARGIN + (1 + x) / 2 * side).astype(int)


def assert_plots(page, points):
    """There is a dot at each of the points, and none elsewhere."""

    def is_so():
        (canvas,) = page.all("#screen") or [None]
        if canvas is None:
            return False
        width, height, data = page.browser.execute_script(PIXELS, canvas)
        pixels = np.array(data, "uint8").reshape(height, width, 4)[..., :3].astype(int)
        # Lines are fainter, and the numbers at the axes lie outside.
        dots = np.abs(pixels - pixels[MARGIN // 3, MARGIN // 3]).max(axis=-1) > 40
        dots[:MARGIN] = dots[-MARGIN:] = dots[:, :MARGIN] = dots[:, -MARGIN:] = False
        inside = np.array([point for point in points if max(map(abs, point)) <= 1])
        expected = np.zeros_like(dots)
        rows, columns = places(dots, inside)
        if not dots[rows, columns].all():
            return False
        for row in range(-4, 5):
            for column in range(-4, 5):
                expected[rows + row, columns + column] = True
        return width == height > 300 and not (dots & ~expected).any()

    page.until(is_so)


def answered(server, model, count, start=0, signature="generate", **columns):
    """What a model's REST API gives for seeds."""
    found = []
    for first in range(start, start + count, 128):
        numbers = list(range(first, min(first + 128, start + count)))
        inputs = {name: [value(each - start) for each in numbers] for name, value in columns.items()}
        status, answer = server.predict(model, {"signature_name": signature, "inputs": {"seeds": numbers, **inputs}})
        assert status == 200, answer
        found += answer["outputs"]
    return found


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_points_of_seeds_and_truncation(page, various):
    page.open(f"{various.url}#model=points")
    expected = answered(various, "points", 512, truncation=lambda _: 1)
    assert_plots(page, expected)
    assert page.one("#caption").text == "512 points, seeds 0 to 511"
    assert not page.all("#tabs button")[1:]
    before = page.pixels(page.one("#screen"))
    page.one("#seed").clear()
    page.one("#seed").send_keys("7000", Keys.ENTER)
    page.until(lambda: page.one("#caption").text == "512 points, seeds 7000 to 7511")
    assert_plots(page, answered(various, "points", 512, 7000, truncation=lambda _: 1))
    assert (page.pixels(page.one("#screen")) != before).any()
    page.choose("#points", "128")
    page.click("#next")
    page.until(lambda: page.one("#caption").text == "128 points, seeds 7128 to 7255")
    slider = page.one("#truncation")
    slider.send_keys(Keys.HOME)
    for _ in range(10):
        slider.send_keys(Keys.ARROW_RIGHT)
    expected = answered(various, "points", 128, 7128, truncation=lambda _: 0.5)
    assert_plots(page, expected)
    # The file is the picture that is shown; it is drawn anew in other colours.
    page.click("#save")
    saved = np.asarray(Image.open(page.downloaded("points-seeds-7128.png")))[..., :1]
    np.testing.assert_array_equal(saved, page.pixels(page.one("#screen")))
    page.click("#theme")
    page.click("#theme")
    page.until(lambda: page.pixels(page.one("#screen"))[0, 0, 0] < 60)
    assert_plots(page, expected)
    page.click("#theme")
    page.until(lambda: page.pixels(page.one("#screen"))[0, 0, 0] > 200)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_points_of_classes(page, various):
    page.open(f"{various.url}#model=classes")
    assert_plots(page, answered(various, "classes", 512, truncation=lambda _: 1, labels=lambda i: i % 2))
    assert [each.text for each in page.all(".legend li")] == ["outer", "inner"]
    page.choose("#class", "inner")
    assert_plots(page, answered(various, "classes", 512, truncation=lambda _: 1, labels=lambda _: 1))
    assert not page.all(".legend li")


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_points_of_latents(page, various):
    page.open(f"{various.url}#model=latents")
    points = seeds.normal(list(range(512)), (2,)) * 0.5
    assert_plots(page, points)
    outside = (np.abs(points).max(axis=1) > 1).sum()
    assert page.one("#caption").text == f"512 points, seeds 0 to 511; {outside} outside"


def test_samples_that_cannot_be_shown(page, various):
    page.open(f"{various.url}#model=signals")
    page.until(lambda: "signals returns samples of shape (batch, 5)" in page.one("#message").text)
    assert "wrong" not in page.one("#message").get_attribute("class")
    assert not page.one("#go").is_displayed()
    # The command that the page names works.
    command = page.one("#command").text
    body, url = command.removeprefix("curl -d '").split("' ")
    assert url == f"{various.url.rstrip('/')}/v1/models/signals:predict"
    status, answer = various.predict("signals", json.loads(body))
    assert status == 200
    assert np.shape(answer["outputs"]) == (1, 5)
    assert page.browser.execute_script("return document.scrollingElement.scrollWidth") <= 1280
    # The others are still there.
    page.press("r")
    page.choose("#model", "points")
    page.until(lambda: page.all("#screen"))
    page.choose("#model", "signals")
    page.until(lambda: page.all("#command"))
    assert not page.all("#screen")


def test_a_phone(page, server):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for view, selector in (("samples", ".grid img"), ("interpolate", "#screen"), ("walk", "#screen")):
            page.open(f"{server.url}#model=digits&view={view}")
            page.until(lambda selector=selector: page.all(selector))
            assert page.browser.execute_script("return document.scrollingElement.scrollWidth") == 390
            button = page.one("#go").rect
            assert button["height"] >= 44
            assert 0 <= button["x"] <= 390 - button["width"]
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_colours(page, server):
    def ground(scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        colour = page.browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        return sum(map(int, colour.removeprefix("rgb(").rstrip(")").split(",")))

    page.open(server.url)
    try:
        assert ground("dark") < 100 < 600 < ground("light")
        page.click("#theme")
        page.click("#theme")
        assert ground("light") < 100
        assert "dark" in page.one("#theme").get_attribute("aria-label")
        page.click("#theme")
    finally:
        page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_nothing_comes_from_elsewhere_and_everything_has_a_name(page, server):
    page.open(f"{server.url}#model=digits")
    page.until(lambda: page.all(".grid img"))
    loaded = page.browser.execute_script("return performance.getEntriesByType('resource').map(each => each.name)")
    assert len(loaded) > 8
    assert [name for name in loaded if not name.startswith((server.url, "data:"))] == []
    for control in page.all("button, input, select"):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    _, headers, _ = server.raw("GET", "/")
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_another_server(page, server):
    address = f"http://127.0.0.1:{free_ports(1)[0]}"
    page.open(f"{server.url}?server={address}")
    page.until(lambda: f"{address} does not answer" in page.one("#message").text)
    assert "--enable_cors_support" in page.one("#message").text
    page.open(f"{server.url}?server=javascript:alert(1)")
    page.until(lambda: "?server= must look like" in page.one("#message").text)
    # One that cannot say which models it has.
    page.open(f"{server.url}?server={server.url}/nothing")
    page.until(lambda: page.one("#model-name").is_displayed())
    page.one("#model-name").send_keys("digits" + Keys.ENTER)
    page.until(lambda: "wrong" in page.one("#message").get_attribute("class"))


def test_png_of_the_server_is_what_the_page_shows(page, server):
    page.open(f"{server.url}#model=digits&seed=3")
    page.until(lambda: page.all(".grid img"))
    source = page.all(".grid img")[0].get_attribute("src")
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))
    np.testing.assert_array_equal(picture, image(3, label=0)[..., 0])


def write_signatures_of_seeds(folder):
    """Writes models with the seeds' signature without knobs, and with it twice, of colour photographs; and one of text."""
    import tensorflow as tf

    def picture(seeds, truncation=1.0):
        value = tf.cast(seeds, tf.float32) * 10 * truncation
        return tf.cast(tf.ones((1, 32, 32, 3)) * tf.reshape(value, (-1, 1, 1, 1)), tf.uint8)

    def encoded(images):
        return {"image_bytes": tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)}

    names = {"seeds": tf.TensorSpec((None,), tf.int64, "seeds"), "truncation": tf.TensorSpec((None,), tf.float32, "truncation")}
    latents = tf.TensorSpec((None, 1), tf.float32, "latents")
    rows = {
        "serving_default": (
            lambda latents: {"images": tf.ones((1, 32, 32, 3)) * tf.sigmoid(latents)[..., None, None]},
            [latents],
        ),
        "generate": (lambda seeds: {"images": picture(seeds)}, [names["seeds"]]),
        "generate_png": (lambda seeds: encoded(picture(seeds)), [names["seeds"]]),
    }
    more = {
        "generate_png_with_truncation": (lambda seeds, truncation: encoded(picture(seeds, truncation)), list(names.values())),
    }
    for name, signatures in (("seeds_alone", rows), ("both", {**rows, **more})):
        functions = {key: tf.function(function, input_signature=specs) for key, (function, specs) in signatures.items()}
        saved_models._save(folder / name, 1, functions)

    texts = {
        "generate": tf.function(
            lambda seeds: {"text": tf.strings.join(["plain ", tf.strings.as_string(seeds)])}, input_signature=[names["seeds"]]
        ),
    }
    saved_models._save(folder / "text", 1, texts)


def run_in_shell(command):
    return json.loads(subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, check=True).stdout)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_commands_are_copied_and_give_what_is_shown(page, server):
    page.open(f"{server.url}#model=digits&view=samples&seed=5")
    expected = [image(seed, label=(seed - 5) % 3) for seed in range(5, 21)]
    assert_shows(page, expected)
    found = run_in_shell(page.copied("#copy"))["outputs"]
    pictures = [np.asarray(Image.open(io.BytesIO(base64.b64decode(each["b64"])))) for each in found]
    np.testing.assert_array_equal(np.array(pictures)[..., None], expected)
    page.all(".tile")[1].click()
    page.until(lambda: page.one("#detail").get_property("open"))
    [found] = run_in_shell(page.copied('[data-action="copy"]'))["outputs"]
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(found["b64"]))))[..., None], expected[1])
    page.click('[data-action="close"]')
    # An apostrophe does not end the shell's word.
    page.choose("#model", "captions")
    page.until(lambda: page.all(".cards li"))
    page.one("#prompt").send_keys("the cat's", Keys.TAB)
    page.until(lambda: page.one(".cards p").text.startswith("the cat's"))
    texts = run_in_shell(page.copied("#copy"))["outputs"]["text"]
    assert texts == [each.text for each in page.all(".cards p")]


def test_a_sample_is_enlarged(page, server):
    page.open(f"{server.url}#model=digits&view=samples")
    page.until(lambda: page.all(".tile"))
    before = page.all(".tile img")[0].size["width"]
    page.all(".tile")[0].click()
    page.until(lambda: page.one("#detail").get_property("open"))
    shown = page.one(".detail-picture img").size
    assert shown["width"] == shown["height"] > 2 * before
    assert shown["height"] < 860


def test_one_class_is_no_choice(page, various):
    page.open(f"{various.url}#model=one_class&view=samples")
    assert_shows(page, [saved_models.image_of(seed) for seed in range(16)])
    for selector in ("#class-field", "#class-number-field", "#from", "#to"):
        assert not page.one(selector).is_displayed()


def test_photographs_are_enlarged_smoothly_and_digits_are_not(page, various):
    def rendering():
        return page.one(".grid img").value_of_css_property("image-rendering")

    page.open(f"{various.url}#model=both&view=samples")
    page.until(lambda: page.all(".grid img"))
    assert rendering() == "auto"
    page.choose("#model", "one_class")
    page.until(lambda: rendering() == "pixelated")


@pytest.mark.parametrize(("model", "truncates"), [("seeds_alone", False), ("both", True)])
def test_signatures_with_seeds_alone(page, various, model, truncates):
    page.open(f"{various.url}#model={model}&view=samples")
    assert_shows(page, [np.full((32, 32, 1), seed * 10, "uint8") for seed in range(16)])
    assert page.one("#truncation-field").is_displayed() == truncates
    if truncates:
        slider = page.one("#truncation")
        slider.send_keys(Keys.HOME)
        for _ in range(10):
            slider.send_keys(Keys.ARROW_RIGHT)
        assert_shows(page, [np.full((32, 32, 1), seed * 5, "uint8") for seed in range(16)])


def test_text_of_seeds_alone(page, various):
    page.open(f"{various.url}#model=text&view=write&seed=3")
    page.until(lambda: [each.text for each in page.all(".cards p")][:2] == ["plain 3", "plain 4"])
    assert not page.one("#temperature-field").is_displayed()


def test_text_answers_and_what_it_writes_is_taken(page, various):
    def shown():
        return [each.text for each in page.all(".cards p")][:2]

    def answers(context):
        return [saved_models.answer_to(seed, context).strip() for seed in (3, 4)]

    page.open(f"{various.url}#model=replies&view=write&seed=3")
    page.until(lambda: shown() == answers(""))
    assert not page.one("#prompt").is_displayed()
    page.one("#context").send_keys("how are you", Keys.TAB)
    page.until(lambda: shown() == answers("how are you"))
    # The second answer becomes a turn; then the first one is put behind it, and other seeds go on.
    page.all(".cards li")[1].find_element("xpath", ".//button[.='As a turn']").click()
    turns = f"how are you\t{answers('how are you')[1]}"
    page.until(lambda: shown() == answers(turns))
    page.all(".cards li")[0].find_element("xpath", ".//button[.='Continue']").click()
    page.until(lambda: shown() == answers(f"{turns} {answers(turns)[0]}"))
    assert page.one("#context").get_property("value").count("\n") == 1
    page.one("#dice").click()
    page.until(lambda: shown()[0].endswith(f"to how are you / answer 4 to how are you {answers(turns)[0]}"))
    assert shown() != answers(f"{turns} {answers(turns)[0]}")


def test_the_page_leads_to_the_description_of_the_api(page, server):
    page.open(server.url)
    assert page.one("#description").get_property("href") == f"{server.url}openapi.json"
    status, _, content = server.raw("GET", "/docs")
    assert status == 200
    assert json.loads(content)["openapi"]
