"""Presets from the Hugging Face Hub and to it, with a local server that behaves like the Hub."""

import contextlib
import json
import re
import subprocess
import sys

import pytest

import keras_gans
from keras_gans import presets
from keras_gans.presets import model_card
from tests.conftest import ROOT
from tests.support.hub_server import TOKEN, HubServer
from tests.support.remote import CONFIG, FACTS, WEIGHTS, Remote, change_weights, cut, digest, find, then


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


# From the Hub


def test_a_repository_is_loaded_though_its_download_is_cut_off(server, digits):
    large = f"/{digest(digits / WEIGHTS)}/{WEIGHTS}"
    server.large.faults[large] = [cut(1_000_000)]
    folder = find("hf://owner/digits")
    assert digest(folder / WEIGHTS) == digest(digits / WEIGHTS)
    assert len(server.large.asked(WEIGHTS)) == 2
    assert find("hf://owner/digits") == folder
    assert len(server.large.requests) == 2


def test_all_files_are_of_one_commit(server, digits):
    """Though the branch moves on while they are downloaded."""
    old = digest(digits / WEIGHTS)
    content = server.repositories["owner/digits"]["main"]

    def move_on():
        server.repositories["owner/digits"]["main"] = {**content, WEIGHTS: b"of another model"}

    server.faults[f"/owner/digits/resolve/{server.commit('owner/digits', 'main')}/{CONFIG}"] = [then(move_on)]
    assert digest(find("hf://owner/digits") / WEIGHTS) == old


def test_the_copy_is_used_offline_and_if_the_hub_does_not_answer(server, monkeypatch):
    folder = find("hf://owner/digits")
    asked = len(server.heads)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert find("hf://owner/digits") == folder
    assert len(server.heads) == asked
    monkeypatch.delenv("HF_HUB_OFFLINE")
    server.stop()
    with pytest.warns(UserWarning, match=r"hf://owner/digits cannot be reached: .*: using the copy in the cache\.") as caught:
        assert find("hf://owner/digits") == folder
    assert "\n" not in str(caught[0].message)
    with pytest.raises(OSError, match="hf://owner/none cannot be reached"):
        find("hf://owner/none")


def test_a_file_that_is_not_what_its_manifest_says_is_refused(server, digits):
    files = server.repositories["owner/digits"]["main"]
    for wrong, words in (
        (files[WEIGHTS][:-1] + b"?", "is damaged: it differs from what its SHA-256 says"),
        (files[WEIGHTS] + b"?", r"has 3,007,657 bytes, not 3,007,656 as expected"),
    ):
        server.repositories["owner/digits"]["main"] = {**files, WEIGHTS: wrong}
        with pytest.raises(ValueError, match=words):
            find("hf://owner/digits")


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
    authorized = {name.lower(): value for name, value in server.requests[-1][1].items()}
    assert authorized["authorization"] == f"Bearer {TOKEN}"
    elsewhere = [headers for _, headers in (*server.large.requests, *server.large.heads)]
    assert elsewhere
    assert not [headers for headers in elsewhere if "authorization" in map(str.lower, headers)]
    with pytest.raises(
        ValueError, match=r"owner/none cannot be loaded \(404\): there is no such repository, or your token may"
    ):
        find("hf://owner/none")


def test_other_places_get_no_token(server, monkeypatch, digits):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    server.publish(digits, "/digits")
    find(f"{server.url}/digits")
    assert not [headers for _, headers in server.requests if "authorization" in map(str.lower, headers)]


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


def test_a_model_uploads_itself_with_a_card_that_says_how_to_load_it(server, uploading, small):
    import numpy as np

    assert small.push_to_hub("hf://me/points", description="Points on a ring") == "hf://me/points"
    files = server.repositories["me/points"]["main"]
    assert set(files) == {"config.json", "model.weights.h5", "preset.json", "samples.png", "README.md"}
    card = files["README.md"].decode()
    assert "Points on a ring. Model: `gan` of keras_gans." in card
    names = {}
    exec(re.search("```python\n(.*?)```", card, re.DOTALL)[1], names)  # what the card says
    np.testing.assert_array_equal(names["samples"], small.generate(64, seed=0))


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_run_is_pushed_from_the_command_line(server, uploading, small, tmp_path, keras_gans_forked):
    keras_gans.save_preset(small, tmp_path / "digits" / "best", description="Points.")
    (tmp_path / "digits" / "best" / "checkpoint").write_text("not for others")
    env = {"HF_ENDPOINT": server.url, "HF_TOKEN": TOKEN}
    process = keras_gans_forked("push", "digits/best", "hf://me/points", cwd=tmp_path, env=env)
    assert process.returncode == 0, process.stderr
    assert process.stdout == 'Uploaded digits/best. Load it with keras_gans.load_pretrained("hf://me/points").\n'
    files = server.repositories["me/points"]["main"]
    assert "checkpoint" not in files
    assert "# digits\n" in files["README.md"].decode()
    assert 'load_pretrained("hf://me/points")' in files["README.md"].decode()
    assert not (tmp_path / "digits" / "best" / "README.md").exists()

    process = keras_gans_forked("push", "digits/best", "me/points", cwd=tmp_path, env=env)
    assert process.returncode == 2
    assert "The destination must be hf://owner/name" in process.stderr
    assert keras_gans_forked("push", "digits/best", cwd=tmp_path, env=env).returncode == 2


def test_a_card_that_somebody_wrote_is_uploaded_and_one_that_was_made_is_made_anew(small, tmp_path):
    folder = keras_gans.save_preset(small, tmp_path / "points", description="Points.").folder
    made = model_card.write(folder).read_text(encoding="utf-8")
    assert f'load_pretrained("{folder}")' in made
    assert model_card.for_upload(folder, "hf://me/points") == made.replace(str(folder), "hf://me/points")
    (folder / "README.md").write_text(f"{made}\nMade on a rainy day.\n")
    assert model_card.for_upload(folder, "hf://me/points") == f"{made}\nMade on a rainy day.\n"


def test_a_refused_upload_says_so_in_one_line_and_the_folder_is_saved(server, uploading, small, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_else")
    with pytest.raises(OSError, match=r"hf://me/points: the upload failed\. .*401") as caught:
        keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points")
    assert "\n" not in str(caught.value)
    keras_gans.load_pretrained(tmp_path / "saved")


@pytest.mark.parametrize(
    ("push_to", "error", "words"),
    [
        ("me/points", ValueError, "The destination must be hf://owner/name or hf://owner/name@branch; received 'me/points'"),
        ("https://host.org/points", ValueError, "The destination must be hf://owner/name"),
        ("hf://points", ValueError, "is not an address on the Hugging Face Hub"),
        (f"hf://me/points#sha256={'0' * 64}", ValueError, "An upload cannot be pinned"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_before_anything_is_saved(uploading, small, tmp_path, push_to, error, words):
    with pytest.raises(error, match=words):
        keras_gans.save_preset(small, tmp_path / "saved", push_to=push_to)
    assert not (tmp_path / "saved").exists()


def test_uploads_need_a_token_and_a_network(server, uploading, small, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(OSError, match="HF_HUB_OFFLINE forbids uploads"):
        keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.delenv("HF_TOKEN")
    with contextlib.suppress(ImportError):
        import huggingface_hub

        monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(ValueError, match=r"hf://me/points: the Hugging Face Hub must know who you are\. Set HF_TOKEN"):
        keras_gans.save_preset(small, tmp_path / "saved", push_to="hf://me/points")
    assert not (tmp_path / "saved").exists()
    assert server.requests == []


@pytest.mark.parametrize(
    ("call", "missing", "words"),
    [
        ("hub.hugging_face.destination('hf://a/b', None)", "huggingface_hub", "Uploading needs huggingface_hub"),
        ("find_preset('hf://a/b')", "huggingface_hub", "Loading hf://a/b needs huggingface_hub"),
        ("find_preset('https://a.org/b')", "pooch", "Loading https://a.org/b needs pooch"),
    ],
)
def test_without_the_extra_an_error_names_it(call, missing, words):
    """In a process that cannot import a package of the extra."""
    imports = "from keras_gans.presets import find_preset, hub\nimport keras_gans.presets.hub.hugging_face"
    program = f"import sys; sys.modules[{missing!r}] = None\n{imports}\n{call}"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert process.returncode == 1
    assert f"ImportError: {words}. Install the extra: pip install 'keras-gans[hub]'." in process.stderr
