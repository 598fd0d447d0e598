"""The page that runs an export in the browser: in Chromium, with the real ONNX Runtime Web where npm can get it."""

import functools
import http.server
import io
import shutil
import subprocess
import tarfile
import threading

import keras
import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans import export

pytest.importorskip("selenium")
from tests.keras_gans.serving.browsing import browser, page  # noqa: F401

NEEDED = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("cgan", image_shape=(16, 14, 3), num_classes=3, width=4, latent_dim=5)


@pytest.fixture
def served(tmp_path):
    """The address at which the files of `tmp_path` are served, by nothing but Python."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


# Last run: 0.1.0, 2026-11-30, with onnxruntime-web 1.30.0.
@pytest.mark.slow
def test_the_browser_draws_what_keras_draws(model, page, served, tmp_path):  # noqa: F811
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    subprocess.run(["npm", "pack", "onnxruntime-web"], cwd=tmp_path, check=True, capture_output=True)
    [archive] = tmp_path.glob("onnxruntime-web-*.tgz")
    names = ("daisies", "roses", "tulips")
    folder, difference = export.web(model, tmp_path / "page", archive, "flowers", "Small flowers.", names)
    assert difference < 1e-5

    def shown():
        found = [page.pixels(each, 3).astype(int) for each in page.all("#samples canvas")]
        return np.stack(found) if found else np.zeros((1, 1))

    def assert_shows(**sampling):
        expected = np.rint((model.generate(**sampling) + 1) * 127.5)
        page.until(lambda: shown().shape == expected.shape and abs(shown() - expected).max() <= 1)

    page.open(f"{served}/{folder.name}/")
    assert_shows(seeds=range(16), labels=np.arange(16) % 3)
    assert page.one("h1").text == "flowers"
    page.choose("#class", "tulips")
    assert_shows(seeds=range(16), labels=2)
    set_value = "const [field, value] = arguments; field.value = value; field.dispatchEvent(new Event('input'))"
    page.browser.execute_script(set_value, page.one("#seed"), 2**40)
    assert_shows(seeds=range(2**40, 2**40 + 16), labels=2)
    page.click("#samples button")
    with Image.open(page.downloaded(f"flowers_{2**40}.png")) as saved:
        assert saved.size == (14, 16)
    page.click("#others")
    page.until(lambda: page.one("#seed").get_property("value") != str(2**40))
    # Nothing comes from elsewhere.
    loaded = page.browser.execute_script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert len(loaded) >= 7
    assert all(each.startswith((f"{served}/page/", "data:")) for each in loaded), loaded


@pytest.mark.parametrize("kind", ["missing", "another", "empty"])
def test_what_is_not_the_runtime_is_refused(model, kind, tmp_path):
    path = tmp_path / "package.tgz"
    if kind == "another":
        path.write_text("no archive")
    elif kind == "empty":
        with tarfile.open(path, "w:gz") as archive:
            archive.addfile(tarfile.TarInfo(f"package/dist/{NEEDED[0]}"), io.BytesIO())
    with pytest.raises(ValueError, match=r"package\.tgz is not the npm package onnxruntime-web .*: `npm pack onnxruntime-web`"):
        export.web(model, tmp_path / "page", path)
    assert not (tmp_path / "page").exists()


def test_models_that_the_page_cannot_ask_are_refused(tmp_path):
    points = keras_gans.create_model("gan", image_shape=(2,), width=4)
    with pytest.raises(ValueError, match=r"The page draws images from normal latents.* This model makes points from latents"):
        export.web(points, tmp_path / "page", tmp_path)
