"""Presets from the Hugging Face Hub and to it, by a server on this computer that speaks as the Hub does."""

import contextlib
import json
import subprocess
import sys

import pytest

import keras_gans
from keras_gans import presets
from tests.conftest import ROOT
from tests.support.hub_server import TOKEN, HubServer
from tests.support.remote import CONFIG, FACTS, WEIGHTS, Remote, change_weights, cut, digest, find


@pytest.fixture
def server(monkeypatch, digits):
    """The Hub, with the public repository `owner/digits`."""
    server = HubServer()
    server.repositories["owner/digits"] = {"main": {file.name: file.read_bytes() for file in digits.iterdir()}}
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    yield server
    server.stop()


@pytest.fixture
def small():
    """A small model."""
    return keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3, seed=0)


def redirect(url):
    def fault(handler):
        handler.answer(307, b"", {"Location": url})
        return True

    return fault


# From the Hub


def test_a_repository_is_loaded_and_cut_downloads_go_on(server, digits):
    large = f"/{digest(digits / WEIGHTS)}/{WEIGHTS}"
    server.large.faults[large] = [cut(1_000_000)]
    folder = find("hf://owner/digits")
    assert digest(folder / WEIGHTS) == digest(digits / WEIGHTS)
    assert [headers.get("Range") for headers in server.large.asked(WEIGHTS)] == [None, "bytes=1000000-"]
    assert find("hf://owner/digits") == folder
    assert len(server.large.requests) == 2


def test_revisions_are_kept_apart(server, digits, tmp_path):
    old = find("hf://owner/digits")
    change_weights(Remote(), digits)
    server.repositories["owner/digits"]["refs/pr/1"] = {file.name: file.read_bytes() for file in digits.iterdir()}
    assert digest(find("hf://owner/digits@refs/pr/1") / WEIGHTS) == digest(digits / WEIGHTS)
    assert find("hf://owner/digits@main") == old
    with pytest.raises(ValueError, match=r"hf://owner/digits@v2 cannot be loaded \(404\): it has no revision 'v2'"):
        find("hf://owner/digits@v2")


def test_a_private_repository_needs_the_token_which_no_other_host_gets(server, monkeypatch):
    server.private.add("owner/digits")
    with pytest.raises(ValueError, match=r"\(401\): there is no such repository, or it is private: set HF_TOKEN") as caught:
        find("hf://owner/digits")
    assert "\n" not in str(caught.value)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    find("hf://owner/digits")
    assert server.requests[-1][1]["Authorization"] == f"Bearer {TOKEN}"
    assert [headers.get("Authorization") for headers in server.large.asked(WEIGHTS)] == [None]
    with pytest.raises(ValueError, match=r"owner/none cannot be loaded \(404\): there is no such repository, or HF_TOKEN may"):
        find("hf://owner/none")


def test_other_places_get_no_token(server, monkeypatch, digits):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    server.publish(digits, "/digits")
    find(f"{server.url}/digits")
    assert all("Authorization" not in headers for _, headers in server.requests)


def test_a_renamed_repository_gets_the_token_on_its_own_host(server, monkeypatch):
    server.private.add("owner/digits")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    for name in (FACTS, CONFIG, WEIGHTS):
        server.faults[f"/owner/old/resolve/main/{name}"] = [redirect(f"/owner/digits/resolve/main/{name}")]
    find("hf://owner/old")
    assert any("/owner/digits/" in path for path, _ in server.requests)
    assert {headers.get("Authorization") for _, headers in server.requests} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("http://evil.org/preset.json", "leads to http://evil.org/preset.json, and neither unprotected nor local places"),
        ("ftp://evil.org/preset.json", "leads to ftp://evil.org/preset.json, and neither unprotected nor local places"),
        ("file:///etc/passwd", "answered 307 .*'file:///etc/passwd' is not allowed"),
        (f"/owner/digits/resolve/main/{FACTS}", "cannot be loaded.*infinite loop"),
    ],
)
def test_only_safe_places_are_followed_to_and_not_for_ever(server, place, words):
    server.faults[f"/owner/digits/resolve/main/{FACTS}"] = [redirect(place)] * 99
    with pytest.raises(ValueError, match=words) as caught:
        find("hf://owner/digits")
    assert "\n" not in str(caught.value)


# To the Hub


@pytest.fixture
def uploading(monkeypatch):
    """Somebody who may upload."""
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_TOKEN", TOKEN)


def test_a_preset_goes_to_the_hub_and_comes_back(server, uploading, small, tmp_path):
    import numpy as np

    (tmp_path / "saved").mkdir()
    (tmp_path / "saved/README.md").write_text("---\nlicense: apache-2.0\n---\n# Points\n")
    (tmp_path / "saved/notes.txt").write_text("not for others")
    (tmp_path / "saved/logs").mkdir()
    (tmp_path / "saved/logs/preset.json").write_text("{}")
    saved = keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points", description="points")
    files = server.repositories["me/points"]["main"]
    assert set(files) == {"config.json", "model.weights.h5", "preset.json", "samples.png", "README.md"}
    assert json.loads(files["preset.json"])["description"] == "points"
    loaded = keras_gans.load_pretrained("hf://me/points", sha256=digest(saved.folder / FACTS))
    np.testing.assert_array_equal(loaded.generate(9, seed=5), small.generate(9, seed=5))
    # Again, to a branch.
    keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points@next", description="next points")
    assert presets.find_preset("hf://me/points@next").metadata.to_dict()["description"] == "next points"
    assert presets.find_preset("hf://me/points").metadata.to_dict()["description"] == "points"


def test_a_refused_upload_says_so_in_one_line_and_the_folder_is_saved(server, uploading, small, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_else")
    with pytest.raises(OSError, match=r"saved is saved, but not uploaded to hf://me/points: .*401") as caught:
        keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points")
    assert "\n" not in str(caught.value)
    keras_gans.load_pretrained(tmp_path / "saved")


@pytest.mark.parametrize(
    ("push_to", "error", "words"),
    [
        ("me/points", ValueError, "push_to must be hf://owner/name or hf://owner/name@branch; received 'me/points'"),
        ("https://host.org/points", ValueError, "push_to must be hf://owner/name"),
        ("hf://points", ValueError, "is no address on the Hugging Face Hub"),
        (f"hf://me/points#sha256={'0' * 64}", ValueError, "cannot be pinned yet"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_before_anything_is_saved(uploading, small, tmp_path, push_to, error, words):
    with pytest.raises(error, match=words):
        keras_gans.save_preset(small, tmp_path / "saved", push_to=push_to)
    assert not (tmp_path / "saved").exists()


def test_uploads_need_a_token_and_a_network(server, uploading, small, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(OSError, match="HF_HUB_OFFLINE forbids to upload"):
        keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.delenv("HF_TOKEN")
    with contextlib.suppress(ImportError):
        import huggingface_hub

        monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="hf://me/points: the Hugging Face Hub must know who uploads: set HF_TOKEN"):
        keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points")
    assert not (tmp_path / "saved").exists()
    assert server.requests == []


def test_without_the_extra_uploads_say_what_to_install(tmp_path):
    """In a process in which `huggingface_hub` cannot be imported."""
    program = "import sys; sys.modules['huggingface_hub'] = None\nfrom keras_gans.presets.hub import upload\nupload.destination('hf://a/b')"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert process.returncode == 1
    assert "ImportError: Uploading needs huggingface_hub: install the extra, pip install 'keras-gans[hub]'." in process.stderr
