"""`keras_gans.lab` in a notebook: a model is trained as by `fit`, and shown by a server or within the notebook."""

import html
import json
import time
import urllib.error
import urllib.request

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)

import keras
from starlette.testclient import TestClient

import keras_gans
from keras_gans.lab.recording import Recorder
from tests.keras_gans.lab.test_recording import message


def build():
    keras.utils.set_random_seed(3)
    return keras_gans.create_model("gan", image_shape=(2,), width=8, latent_dim=2, seed=3)


class Client:
    """Commands to a page, and its newest messages."""

    def __init__(self, url):
        self.url = url

    def send(self, **command):
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}command", json.dumps(command).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["number"]

    def until(self, condition, seconds=60):
        end = time.monotonic() + seconds
        with urllib.request.urlopen(f"{self.url}events", timeout=seconds) as lines:
            for line in lines:
                assert time.monotonic() < end
                if line.startswith(b"data: ") and condition(found := json.loads(line[6:])):
                    return found
        raise AssertionError("The stream has ended.")


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_model_at_hand_is_trained_as_by_fit_and_begun_again():
    model = build()
    page = keras_gans.lab(model, "grid", batch_size=64, seed=5)
    try:
        text = page._repr_html_()
        assert f'src="{page.url}"' in text and "sandbox=" in text
        client = Client(page.url)
        client.send(do="play", until=30)
        frame = client.until(lambda m: m["type"] == "frame" and m["step"] == 30 and not m["playing"])
        assert "keras_gans.load_data('grid')" in frame["code"]["python"] and frame["code"]["command"] == ""
        fitted = build()
        fitted.fit(keras_gans.load_data("grid").batches(64, seed=5), epochs=1, steps_per_epoch=30, verbose=0)
        trained = model.get_weights()
        for one, other in zip(trained, fitted.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        client.send(do="reset", seed=9)
        client.until(lambda m: m["type"] == "frame" and m["step"] == 0)
        client.send(do="play", until=30)
        client.until(lambda m: m["type"] == "frame" and m["step"] == 30 and not m["playing"])
        for one, other in zip(model.get_weights(), fitted.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        with pytest.raises(urllib.error.HTTPError) as refused:
            client.send(do="beside")
        assert "no second run" in refused.value.read().decode()
        refused.value.close()
    finally:
        page.close()
    assert model.generate(3, seed=0).shape == (3, 2)
    page.close()  # once more does nothing
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(page.url, timeout=5)


def test_a_recording_needs_no_server(tmp_path):
    recorder = Recorder(tmp_path / "a.jsonl.gz")
    for each in (message("state"), message("frame")):
        recorder.add(each)
    recorder.close()
    page = keras_gans.lab(tmp_path / "a.jsonl.gz")
    text = page._repr_html_()
    assert page.url is None and text.startswith("<iframe srcdoc=")
    shown = html.unescape(text.partition('srcdoc="')[2].partition('"')[0])
    assert shown.startswith("<!doctype html>") and 'id="recording"' in shown
    assert "allow-same-origin" not in text  # it cannot reach the notebook


def test_a_run_folder_is_served(tmp_path):
    (tmp_path / "logs").mkdir()
    page = keras_gans.lab(str(tmp_path))
    try:
        with urllib.request.urlopen(f"{page.url}mode.json", timeout=10) as answer:
            assert json.loads(answer.read()) == {"mode": "run"}
    finally:
        page.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"what": lambda: keras_gans.create_model("gan", image_shape=(4, 4, 1), width=4)}, "points without conditions"),
        ({"what": lambda: keras.Sequential()}, "received Sequential"),
        ({"what": build, "data": "rung"}, "Did you mean 'ring'"),
        ({"what": build, "data": np.zeros((5, 3))}, r"shape \(n, 2\)"),
        ({"what": build, "data": np.full((5, 2), 3.0)}, r"floats in \[-1, 1\]"),
        ({"what": build, "batch_size": 1}, "batch_size"),
        ({"what": lambda: "runs/missing.gz"}, "runs/missing.gz"),
        ({"what": build, "height": 5}, "height"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = {**arguments, "what": arguments["what"]()}
    with pytest.raises((ValueError, OSError), match=words) as refused:
        keras_gans.lab(**arguments)
    assert "\n" not in str(refused.value)


def test_other_sites_cannot_show_the_page_but_notebooks_can():
    from keras_gans.lab.app import application, fixed_routes

    answer = TestClient(application(fixed_routes("run", {}), set())).get("/", headers={"Host": "127.0.0.1"})
    ancestors = answer.headers["content-security-policy"].partition("frame-ancestors ")[2].split()
    assert ancestors == ["'self'", "http://localhost:*", "http://127.0.0.1:*", "vscode-webview:"]
