"""The worst samples of a run, and those nearest to its training samples."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)

from starlette.applications import Starlette
from starlette.testclient import TestClient

import keras_gans
from keras_gans.lab import extremes
from keras_gans.lab.run import run_routes


@pytest.fixture
def run_folder(tmp_path):
    model = keras_gans.create_model("dcgan", image_shape=(28, 28, 1), width=8, seed=0)
    keras_gans.save_preset(model, tmp_path / "run", dataset="digits")
    return tmp_path / "run"


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
def test_samples_are_ordered_by_the_distance_of_their_features(run_folder):
    found = extremes.find_extremes(run_folder)
    assert found["extractor"] == "digits28" and found["count"] == 512
    worst, nearest = found["worst"], found["nearest"]
    assert worst["distances"] == sorted(worst["distances"], reverse=True) and len({*worst["indices"]}) == 8
    assert nearest["distances"] == sorted(nearest["distances"]) and nearest["distances"][-1] <= worst["distances"][-1]
    # By another way: the features of these samples and of all training images.
    model, data = keras_gans.load_pretrained(run_folder), keras_gans.load_data("digits", (28, 28, 1))
    extractor = keras_gans.evaluation.get_extractor("digits28")
    samples = model.medium.to_file(model.generate(512, seed=0))
    real = np.asarray(data.samples)
    features, of_real = (extractor(each).values.astype("float64") for each in (samples, real))
    distances = [np.linalg.norm(of_real - one, axis=1).min() for one in features[worst["indices"]]]
    np.testing.assert_allclose(distances, worst["distances"], rtol=1e-3)
    # The picture holds the samples above and their neighbours below.
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(nearest["picture"]))).convert("L"))
    first = picture[2 : 2 + 56 : 2, 2 : 2 + 56 : 2]
    np.testing.assert_array_equal(first, samples[nearest["indices"][0], :, :, 0])


def test_a_run_that_cannot_be_compared_says_why(tmp_path):
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=2)
    keras_gans.save_preset(model, tmp_path / "points", dataset="ring")
    with pytest.raises(ValueError, match="Samples of points"):
        extremes.find_extremes(tmp_path / "points")
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=4, latent_dim=2)
    keras_gans.save_preset(model, tmp_path / "unknown")
    with pytest.raises(ValueError, match="does not say what it was trained on"):
        extremes.find_extremes(tmp_path / "unknown")


def test_a_page_asks_once_for_each_state_of_the_weights(tmp_path, monkeypatch):
    asked = []

    def answer(command, **_):
        asked.append(command)
        text = json.dumps({"count": 512} if len(asked) == 1 else {"error": "no weights"})
        return type("Done", (), {"stdout": b"noise\n" + text.encode() + b"\n", "returncode": 0})()

    monkeypatch.setattr(extremes.subprocess, "run", answer)
    client = TestClient(Starlette(routes=run_routes(tmp_path)))
    assert client.get("/extremes").json() == {"status": "none"}
    assert client.post("/extremes", data={"a": "form"}).status_code == 415 and not asked

    def ask():
        client.post("/extremes", json={})
        for _ in range(1000):
            if (found := client.get("/extremes").json())["status"] != "computing":
                return found
        raise AssertionError(found)

    (tmp_path / "model.weights.h5").write_bytes(b"a")
    assert ask() == {"status": "ready", "count": 512} and ask()["status"] == "ready" and len(asked) == 1
    (tmp_path / "model.weights.h5").unlink()
    assert ask() == {"status": "failed", "error": "no weights"} and len(asked) == 2
