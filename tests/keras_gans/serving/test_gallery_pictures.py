"""The gallery's page for models that map pictures, in Chromium: pictures are chosen, dropped and pasted, and masks painted."""

import base64
import io
import json
import subprocess

import numpy as np
import pytest
from PIL import Image

from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import started
from tests.support import picture_models

pytest.importorskip("selenium")
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

RED = (255, 0, 0)
# Gives the page a file: with a drop, or with a paste.
GIVE = """
const [content, kind] = arguments, bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
const data = new DataTransfer();
data.items.add(new File([bytes], `${kind}ped.png`, {type: "image/png"}));
const target = document.querySelector("#stage");
if (kind === "drop") target.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
else target.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
"""


def write_models(folder):
    """Writes models of picture files: `negative`, twice as large, with a class that darkens; `filling`, in red; and `fading`,
    to black by its strength.
    """
    import tensorflow as tf

    def each(function, *rows):
        return {"image_bytes": tf.map_fn(function, rows, fn_output_signature=tf.string)}

    def negated(row):
        pixels = 255 - tf.io.decode_png(row[0], channels=3)
        pixels = tf.cast(tf.cast(pixels, tf.int32) // (row[1] + 1), tf.uint8)
        return tf.io.encode_png(tf.repeat(tf.repeat(pixels, 2, axis=0), 2, axis=1))

    def filled(row):
        pixels, mask = tf.io.decode_png(row[0], channels=3), tf.io.decode_png(row[1], channels=1)
        return tf.io.encode_png(tf.where(mask >= 128, tf.constant(RED, tf.uint8), pixels))

    image, mask = (tf.TensorSpec((None,), tf.string, name=name) for name in ("image_bytes", "mask_bytes"))
    labels = tf.TensorSpec((None,), tf.int32, name="labels")
    functions = {
        "negative": tf.function(lambda image, labels: each(negated, image, labels), input_signature=[image, labels]),
        "filling": tf.function(lambda image, mask: each(filled, image, mask), input_signature=[image, mask]),
    }
    strength = tf.TensorSpec((None,), tf.float32, name="strength")

    def faded(row):
        pixels = tf.cast(tf.io.decode_png(row[0], channels=3), tf.float32)
        return tf.io.encode_png(tf.cast(tf.round(pixels * (1 - row[1])), tf.uint8))

    fading = tf.function(lambda image, strength: each(faded, image, strength), input_signature=[image, strength])
    same = tf.function(lambda image: {"image_bytes": tf.identity(image)}, input_signature=[image])
    saved_models._save(folder / "fading", 1, {"apply_png": same, "apply_png_with_strength": fading}, {})
    for name, function in functions.items():
        files = {"labels.txt": ("bright", "dark")} if name == "negative" else {}
        saved_models._save(folder / name, 1, {"apply_png": function}, files)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A server of these models."""
    pytest.importorskip("tensorflow", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("pictures") / "models"
    folder.mkdir()
    write_models(folder)
    with started(folder, "--max_body_mb=1") as running:
        yield running


@pytest.fixture
def photograph(tmp_path):
    """A picture, uint8 `(60, 80, 3)`, and its file."""
    rows, columns = np.mgrid[:60, :80]
    pixels = np.stack([rows * 4, columns * 3, 255 - rows - columns], -1).astype("uint8")
    Image.fromarray(pixels).save(tmp_path / "roses.png")
    return pixels, tmp_path / "roses.png"


def in_base64(path):
    return base64.b64encode(path.read_bytes()).decode()


def caption(page):
    """Returns the caption of the result, with "x" between sizes; nothing if there is no result."""
    return page.one("#caption").text.replace("\u00d7", "x") if page.all("#caption") else ""


def drag(page, selector, *places):
    """Presses the mouse at the first of several places, in shares of an element's sides, and releases it at the last."""
    target = page.one(selector)
    box, actions = target.rect, ActionChains(page.browser, duration=20)
    for number, (x, y) in enumerate(places):
        actions.move_to_element_with_offset(target, round((x - 0.5) * box["width"]), round((y - 0.5) * box["height"]))
        if number == 0:
            actions.click_and_hold()
    actions.release().perform()


def shown_share(page):
    return int(page.one(".compare").get_attribute("aria-valuenow"))


def test_a_picture_is_sent_and_compared_with_what_comes_back(page, pictures, photograph):
    pixels, path = photograph
    page.open(f"{pictures.url}#model=negative")
    page.until(lambda: page.all(".drop"))
    page.one("#picture").send_keys(str(path))
    page.until(lambda: caption(page))
    assert caption(page).startswith("roses: 80 x 60 → 160 x 120, ")
    larger = (255 - pixels).repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(page.pixels(page.one(".after"), 3), larger)
    np.testing.assert_array_equal(page.pixels(page.one(".before"), 3), pixels)
    # The divider, by mouse and by keys; beside it, either picture is seen.
    drag(page, ".compare", (0.5, 0.5), (0.2, 0.9))
    assert shown_share(page) == 20
    page.one(".compare").send_keys(Keys.ARROW_RIGHT, Keys.PAGE_UP)
    assert shown_share(page) == 32
    box = page.one(".compare").rect
    screen = np.asarray(Image.open(io.BytesIO(page.browser.get_screenshot_as_png())).convert("RGB")).astype(int)
    for share, expected in ((0.25, pixels[30, 20]), (0.75, 255 - pixels[30, 60])):
        found = screen[round(box["y"] + box["height"] / 2), round(box["x"] + share * box["width"])]
        assert np.abs(found - expected).max() < 12
    page.one(".compare").send_keys(Keys.HOME)
    assert shown_share(page) == 0
    page.click("#file")
    np.testing.assert_array_equal(np.asarray(Image.open(page.downloaded("roses-negative.png"))), larger)
    # Twice is the picture again, in another class half as bright.
    page.click("#continue")
    page.until(lambda: caption(page).startswith("roses-negative: 160 x 120 → 320 x 240"))
    page.choose("#class", "dark")
    page.until(lambda: page.pixels(page.one(".after"), 3)[0, 0].tolist() == (pixels[0, 0] // 2).tolist())
    for kind in ("drop", "paste"):
        page.browser.execute_script(GIVE, in_base64(path), kind)
        page.until(lambda kind=kind: caption(page).startswith(f"{kind}ped: 80 x 60"))


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_slider_of_strength(page, pictures, photograph):
    """It is there for models that have it, and each position shows its own result."""
    pixels, path = photograph
    page.open(f"{pictures.url}#model=fading")
    page.until(lambda: page.all(".drop"))
    assert page.one("#strength-field").is_displayed()
    page.one("#picture").send_keys(str(path))
    page.until(lambda: caption(page))
    assert not page.pixels(page.one(".after"), 3).any()
    slider = page.one("#strength")
    box = slider.rect
    ActionChains(page.browser).move_to_element_with_offset(slider, -round(box["width"] * 0.25), 0).click().perform()
    page.until(lambda: page.all(".after") and page.pixels(page.one(".after"), 3).any())
    value = float(slider.get_attribute("value"))
    assert 0.1 < value < 0.4
    assert page.one("#strength-value").text == f"{value:.2f}"
    expected = np.round(pixels * np.float32(1 - value))
    assert np.abs(page.pixels(page.one(".after"), 3) - expected).max() <= 1
    slider.send_keys(Keys.HOME)
    page.until(lambda: page.all(".after") and (page.pixels(page.one(".after"), 3) == pixels).all())
    page.open(f"{pictures.url}#model=negative")
    page.until(lambda: caption(page) or page.all(".drop"))
    assert not page.one("#strength-field").is_displayed()


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_mask_is_painted(page, pictures, photograph):
    pixels, path = photograph
    page.open(f"{pictures.url}#model=filling")
    page.until(lambda: page.all(".drop"))
    page.one("#picture").send_keys(str(path))
    page.until(lambda: page.all(".surface"))
    page.click("#go")
    page.until(lambda: "Paint over what is to be replaced" in page.one("#message").text)
    drag(page, ".surface", (0.25, 0.5), (0.5, 0.5), (0.75, 0.5))
    drag(page, ".surface", (0.5, 0.9), (0.5, 0.95))
    page.one("body").send_keys(Keys.CONTROL, "z")
    page.click("#go")
    page.until(lambda: page.all(".compare"))
    made = page.pixels(page.one(".after"), 3)
    red = (made == RED).all(axis=-1)
    assert red[30, 20:60].all()
    # A line as thick as the brush, 8 % of the width, with round ends; the second one was taken back.
    rows, columns = np.nonzero(red)
    assert (rows.min(), rows.max()) == pytest.approx((27, 32), abs=1)
    assert (columns.min(), columns.max()) == pytest.approx((17, 62), abs=1)
    np.testing.assert_array_equal(made[~red], pixels[~red])
    # The mask is still there when it is painted on.
    page.click("#again")
    page.until(lambda: page.all(".surface"))
    page.click("#clear")
    assert not page.one("#clear").is_enabled()
    page.click("#undo")
    assert page.one("#clear").is_enabled()
    page.one("#brush").send_keys(Keys.END)
    drag(page, ".surface", (0.5, 0.5))
    page.click("#go")
    page.until(lambda: page.all(".compare"))
    red = (page.pixels(page.one(".after"), 3) == RED).all(axis=-1)
    assert np.ptp(np.nonzero(red)[0]) == pytest.approx(32, abs=2)  # 40 %


@pytest.fixture
def phone(page):
    """The page on a small telephone."""
    size = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    yield page
    page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
    page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def touch(page, selector, *places):
    box = page.browser.execute_script("return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", selector)
    for number, (x, y) in enumerate(places):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if number else "touchStart"
        page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_a_finger_moves_the_divider_and_paints(phone, pictures, photograph):
    _, path = photograph
    width = "return document.scrollingElement.scrollWidth"
    phone.open(f"{pictures.url}#model=negative")
    phone.until(lambda: phone.all(".drop"))
    assert phone.browser.execute_script(width) == 360
    phone.one("#picture").send_keys(str(path))
    phone.until(lambda: caption(phone))
    touch(phone, ".compare", (0.5, 0.5), (0.7, 0.5), (0.9, 0.5))
    assert shown_share(phone) == pytest.approx(90, abs=1)
    assert phone.browser.execute_script(width) == 360
    phone.choose("#model", "filling")
    phone.until(lambda: phone.all(".surface"))
    touch(phone, ".surface", (0.5, 0.2), (0.5, 0.4), (0.5, 0.8))
    assert phone.browser.execute_script("return scrollY") == 0
    phone.click("#go")
    phone.until(lambda: phone.all(".compare"))
    red = (phone.pixels(phone.one(".after"), 3) == RED).all(axis=-1)
    assert red[14:46, 40].all()
    assert not red[:8].any()
    assert phone.browser.execute_script(width) == 360


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_pictures_are_reduced_and_turned_upright(page, pictures, tmp_path):
    pixels = np.zeros((800, 1600, 3), "uint8")
    pixels[:, :800] = 200  # bright on the left; turned clockwise, at the top
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(pixels).save(tmp_path / "large.jpg", exif=exif)
    page.open(f"{pictures.url}#model=negative")
    page.until(lambda: page.all(".drop"))
    page.one("#picture").send_keys(str(tmp_path / "large.jpg"))
    page.until(lambda: caption(page))
    assert caption(page).startswith("large: 512 x 1024, reduced from 800 x 1600 → 1024 x 2048")
    made = page.pixels(page.one(".after"))
    assert made[100, 500, 0] < 60 < 200 < made[-100, 500, 0]
    page.choose("#side", "256 pixels")
    page.until(lambda: caption(page).startswith("large: 128 x 256"))
    page.click("#zoom")
    assert page.one(".compare").rect["width"] == 256


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_what_is_no_picture_and_what_is_too_large(page, pictures, tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    page.open(f"{pictures.url}#model=negative")
    page.until(lambda: page.all(".drop"))
    page.one("#picture").send_keys(str(tmp_path / "notes.txt"))
    page.until(lambda: "notes.txt is not a picture that the browser can read" in page.one("#message").text)
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), "uint8")
    Image.fromarray(noise).save(tmp_path / "noise.png")
    page.one("#picture").send_keys(str(tmp_path / "noise.png"))
    page.until(lambda: "body is larger than 1 MiB" in page.one("#message").text)
    page.browser.get_log("browser")  # the status of that answer
    # A model of latents takes no pictures, and then the page leaves them to the browser.
    assert page.one("#go").is_enabled()


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_the_copied_command_works(page, pictures, photograph, tmp_path):
    pixels, path = photograph
    page.open(f"{pictures.url}#model=negative")
    page.until(lambda: page.all(".drop"))
    page.one("#picture").send_keys(str(path))
    page.until(lambda: caption(page))
    clipboard = "{writeText: async (text) => { window.copied = text; }}"
    page.browser.execute_script(f"Object.defineProperty(navigator, 'clipboard', {{configurable: true, value: {clipboard}}})")
    page.click("#copy")
    command = page.until(lambda: page.browser.execute_script("return window.copied"))
    (tmp_path / "photo.png").write_bytes(path.read_bytes())
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    found = np.asarray(Image.open(tmp_path / "out.png"))
    np.testing.assert_array_equal(found[::2, ::2], 255 - pixels)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_exports_on_the_page(page, photograph, tmp_path):
    pixels, path = photograph
    from keras_gans import export

    export.publish(picture_models.doubling(), tmp_path / "models", "doubling")
    with started(tmp_path / "models") as server:
        page.open(f"{server.url}#model=doubling")
        page.until(lambda: page.all(".drop"))
        for control in page.all("button, input, select"):
            if control.is_displayed():
                assert control.accessible_name, control.get_attribute("outerHTML")
        page.one("#picture").send_keys(str(path))
        page.until(lambda: caption(page))
        np.testing.assert_array_equal(page.pixels(page.one(".after"), 3), pixels.repeat(2, axis=0).repeat(2, axis=1))
        status, answer = server.predict(
            "doubling", {"signature_name": "apply_png", "instances": [{"b64": in_base64(path)}] * 2}
        )
        assert status == 200, answer
        made = [Image.open(io.BytesIO(base64.b64decode(each["b64"]))) for each in answer["predictions"]]
        assert [each.size for each in made] == [(160, 120)] * 2
        status, answer = server.predict("doubling", {"signature_name": "apply_png", "instances": ["no picture"]})
        assert (status, json.dumps(answer)) == (400, '{"error": "image_bytes must be PNG or JPEG files."}')
