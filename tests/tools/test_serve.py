"""`keras-gans serve` on what `keras-gans export` writes."""

import base64
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.keras_gans.serving.conftest import started
from tests.support.ports import free_ports


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_what_is_exported_is_served(tiny_exported, tiny):
    process, exports = tiny_exported
    assert process.returncode == 0, process.stderr
    images = np.asarray(tiny[1].generate(seeds=[3, 2**62]))
    expected = np.clip(np.round((images + 1) * 127.5), 0, 255)
    assert expected.std() > 10
    rows = [{"seeds": seed} for seed in (3, 2**62)]
    with started(exports) as server:
        assert [model["name"] for model in server.get("/v1/models")[1]["models"]] == ["tiny"]
        status, answer = server.predict("tiny/labels/stable", {"signature_name": "generate", "instances": rows})
        assert status == 200
        assert np.abs(np.array(answer["predictions"]) - expected).max() <= 1
        status, answer = server.predict("tiny", {"signature_name": "generate_png", "instances": rows})
        assert status == 200
        pictures = [np.asarray(Image.open(io.BytesIO(base64.b64decode(each["b64"])))) for each in answer["predictions"]]
        assert np.abs(np.array(pictures)[..., None] - expected).max() <= 1
        latents = np.random.default_rng(0).standard_normal((2, 5)).round(4)
        status, answer = server.predict("tiny", {"instances": latents.tolist()})
        assert status == 200
        wanted = np.asarray(tiny[1].ema_generator(latents.astype("float32"), training=False)) * 0.5 + 0.5
        np.testing.assert_allclose(answer["predictions"], wanted, atol=1e-4)
        status, answer = server.predict("tiny", {"signature_name": "score", "instances": wanted.tolist()})
        assert status == 200
        scores = np.ravel(tiny[1].score(wanted * 2 - 1, training=False))
        np.testing.assert_allclose(answer["predictions"], scores, atol=1e-3)
        assert (
            "seeds must be integers"
            in server.predict("tiny", {"signature_name": "generate", "instances": [rows[0] | {"seeds": -1}]})[1]["error"]
        )
        assert b"<title>" in server.raw("GET", "/")[2]
        assert server.terminate() == 0


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_preset_or_run_is_exported_once_and_served(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GANS_CACHE", str(tmp_path))
    images = np.asarray(tiny[1].generate(seeds=[3]))
    rows = [{"seeds": 3, "truncation": 1.0}]
    for again in (False, True):
        with started(tiny[0]) as server:
            assert any("Exporting" in line for line in server.printed) != again
            assert any("Loading TensorFlow" in line for line in server.printed)
            assert [model["name"] for model in server.get("/v1/models")[1]["models"]] == ["tiny"]
            [signature] = [
                key
                for key, value in server.get("/v1/models/tiny/metadata")[1]["metadata"]["signature_def"][
                    "signature_def"
                ].items()
                if key.startswith("generate") and "png" not in key and "truncation" in value["inputs"]
            ]
            status, answer = server.predict("tiny", {"signature_name": signature, "instances": rows})
            assert status == 200
            assert np.abs(np.array(answer["predictions"]) - np.clip(np.round((images + 1) * 127.5), 0, 255)).max() <= 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "run folder or folder of exported models is needed"),
        (["nowhere"], "nowhere"),
        (["."], "holds no model"),
        (["bad"], "models.config"),
        (["bad", "--max_batch_size=0"], "max_batch_size"),
    ],
    ids=["none", "missing", "empty", "configuration", "flag"],
)
def test_mistakes_are_said_in_one_line(keras_gans_forked, assert_refused, tmp_path, arguments, words):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "models.config").write_text("model_config_list { config { }")
    assert_refused(keras_gans_forked("serve", *arguments, cwd=tmp_path), words)


@pytest.mark.parametrize("flags", [["--port"], ["--port=0", "--grpc_port"]], ids=["http", "grpc"])
def test_a_port_that_is_in_use(keras_gans_forked, assert_refused, tiny_exported, flags):
    import socket

    _, exports = tiny_exported
    with socket.socket() as taken:
        [port] = free_ports(1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        *others, flag = flags
        assert_refused(keras_gans_forked("serve", exports, *others, f"{flag}={port}"), f"127.0.0.1:{port}", f"another {flag}")


def test_without_the_extra_it_says_what_to_install(tmp_path):
    (tmp_path / "hide.py").write_text(
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'uvicorn' else find(name, *rest)\n"
        "sys.argv[1:] = ['serve', '.']\n"
        "from keras_gans_tools import cli\n"
        "cli.main()\n"
    )
    process = subprocess.run([sys.executable, tmp_path / "hide.py"], capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert process.stderr.strip() == "keras-gans serve: uvicorn missing: install the extra, pip install 'keras-gans[serve]'."


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_the_space_of_the_page_shows_samples(tmp_path, keras_gans_forked):
    page = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    [container] = re.findall(r"```text\n(FROM .*?)```", page, re.DOTALL)
    [port] = re.findall(r"app_port: (\d+)", page)
    [export] = re.findall(r"^RUN keras-gans (.*)$", container, re.MULTILINE)
    finished = keras_gans_forked(*export.split(), cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    program, verb, folder, *given = json.loads(re.search(r"^CMD (.*)$", container, re.MULTILINE)[1])
    assert [program, verb] == ["keras-gans", "serve"]
    assert f"--port={port}" in given
    with started(tmp_path / folder, *(flag for flag in given if not flag.startswith("--port"))) as server:
        # As the Hub's proxy asks, with the Space's name.
        status, _, content = server.raw("GET", "/", headers={"Host": "owner-digits.hf.space"})
        assert status == 200
        assert b"<title>" in content
        answer = server.predict("cgan_mnist", {"signature_name": "generate", "instances": [{"seeds": 3, "labels": 7}]})
        assert np.shape(answer[1]["predictions"]) == (1, 28, 28, 1)
