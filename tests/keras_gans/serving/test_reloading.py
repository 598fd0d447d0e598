"""Versions come and go while requests are answered."""

import shutil
import threading
import time

import numpy as np
import pytest

from keras_gans.serving.errors import ServingError
from keras_gans.serving.models import Models
from keras_gans.serving.settings import Settings
from keras_gans.serving.trial import Trials
from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import CLASSES, started


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_versions_come_and_go(tmp_path, versions):
    folder = tmp_path / "models"
    folder.mkdir()
    saved_models.write_images(folder / "faces", 1)
    (folder / "faces" / "notes").mkdir()
    (folder / "empty").mkdir()
    (folder / "broken" / "3").mkdir(parents=True)
    (folder / "broken" / "3" / "saved_model.pb").write_bytes(b"nothing")
    with started(folder, "--poll_seconds=0.2") as server:
        _a_broken_model_is_told_of_and_the_others_are_served(server)
        _a_new_version_takes_over_without_a_request_lost(server, folder, versions)
        _a_version_that_is_being_copied_is_loaded_when_it_is_whole(server, folder, versions)
        _a_configuration_comes_and_is_broken(server, folder)
        _a_model_that_goes(server, folder)


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """Versions 2 and 3 of that model, to be copied."""
    folder = tmp_path_factory.mktemp("versions")
    return {number: saved_models.write_images(folder / "faces", number, classes=CLASSES) for number in (2, 3)}


def states(answer):
    return {int(each["version"]): each["state"] for each in answer["model_version_status"]}


def ask(server, seed, which=""):
    content = {"signature_name": "generate", "instances": [{"seeds": seed, "truncation": 1.0}]}
    return server.predict(f"faces{which}", content)


def publish(source, folder, version):
    """Publishes a version by a rename, as `keras-gans export` does."""
    shutil.copytree(source, folder / f".{version}")
    (folder / f".{version}").rename(folder / str(version))


def _a_broken_model_is_told_of_and_the_others_are_served(server):
    status, answer = server.get("/v1/models/broken")
    assert status == 200
    [version] = answer["model_version_status"]
    assert (version["version"], version["state"]) == ("3", "END")
    assert version["status"]["error_code"] != "OK"
    assert version["status"]["error_message"]
    assert server.predict("broken", {"instances": [1.0]})[0] == 404
    assert server.get("/v1/models/empty")[0] == 404
    assert [model["name"] for model in server.get("/v1/models")[1]["models"]] == ["faces"]
    assert ask(server, 1)[0] == 200
    assert server.get("/readyz") == (200, {"status": "ready"})


def _a_new_version_takes_over_without_a_request_lost(server, folder, versions):
    stop, failures, seen = threading.Event(), [], set()

    def client(number):
        seed = number
        while not stop.is_set():
            status, answer = ask(server, seed)
            expected = {version: saved_models.image_of(seed, version=version).tolist() for version in (1, 2)}
            version = next((v for v, image in expected.items() if status == 200 and answer["predictions"] == [image]), None)
            if version is None:
                failures.append((status, answer))
            seen.add(version)
            seed += 8

    threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    publish(versions[2], folder / "faces", 2)
    server.wait_for("/v1/models/faces", lambda answer: states(answer) == {2: "AVAILABLE", 1: "END"})
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen == {1, 2}
    assert ask(server, 5, "/versions/1")[0] == 404


def _a_version_that_is_being_copied_is_loaded_when_it_is_whole(server, folder, versions):
    target = folder / "faces" / "3"
    shutil.copytree(versions[3], target, ignore=lambda *_: ["saved_model.pb", "variables"])
    time.sleep(0.6)
    assert 3 not in states(server.get("/v1/models/faces")[1])
    shutil.copy(versions[3] / "saved_model.pb", target)
    # Nothing moves for a while, and it cannot be loaded: the old one goes on.
    server.wait_for("/v1/models/faces", lambda answer: states(answer).get(3) == "END")
    assert ask(server, 5)[1]["predictions"] == [saved_models.image_of(5, version=2).tolist()]
    shutil.copytree(versions[3] / "variables", target / "variables")
    server.wait_for("/v1/models/faces", lambda answer: states(answer).get(3) == "AVAILABLE")
    assert ask(server, 5)[1]["predictions"] == [saved_models.image_of(5, version=3).tolist()]


def _a_configuration_comes_and_is_broken(server, folder):
    assert states(server.get("/v1/models/faces")[1])[2] == "END"
    config = folder / "models.config"
    text = """model_config_list { config { name: "people" base_path: "/models/faces"
        model_version_policy { specific { versions: 2 versions: 3 } }
        version_labels { key: "stable" value: 2 } } }"""
    config.write_text(text)
    server.wait_for("/v1/models/people", lambda answer: states(answer) == {2: "AVAILABLE", 3: "AVAILABLE"})
    # What the configuration does not list is not served.
    server.wait_for("/v1/models/faces", lambda answer: set(states(answer).values()) == {"END"})
    content = {"signature_name": "generate", "instances": [{"seeds": 5, "truncation": 1.0}]}
    answer = server.predict("people/labels/stable", content)[1]
    assert answer["predictions"] == [saved_models.image_of(5, version=2).tolist()]
    config.write_text("model_config_list { config { name: }")
    time.sleep(0.6)
    assert server.predict("people", content)[0] == 200
    config.write_text(text.replace("versions: 2 ", ""))
    server.wait_for("/v1/models/people", lambda answer: states(answer) == {2: "END", 3: "AVAILABLE"})
    # The label of a version that is not there.
    assert server.predict("people/labels/stable", content)[0] == 404
    assert server.predict("people", content)[0] == 200


def _a_model_that_goes(server, folder):
    shutil.rmtree(folder / "faces")
    server.wait_for("/v1/models/people", lambda answer: states(answer) == {2: "END", 3: "END"})
    assert server.predict("people", {"instances": [1]})[0] == 404
    assert server.get("/readyz")[0] == 503
    assert server.get("/healthz")[0] == 200


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_the_folder_of_one_model(tmp_path, versions):
    folder = tmp_path / "faces"
    shutil.copytree(versions[2], folder / "2")
    with started(folder) as server:
        [model] = server.get("/v1/models")[1]["models"]
        assert (model["name"], model["versions"], model["classes"]) == ("faces", [2], list(CLASSES))
        assert ask(server, 1)[0] == 200


@pytest.mark.slow
def test_memory_stays_when_versions_come_and_go(tmp_path, versions):
    """(last run: 0.1.0, 2026-11-26)"""
    folder = tmp_path / "faces"
    shutil.copytree(versions[2], folder / "1")
    memory = []
    with started(folder, "--poll_seconds=0.1") as server:
        for number in range(2, 27):
            publish(versions[2], folder, number)
            server.wait_for(f"/v1/models/faces/versions/{number}", lambda answer: "AVAILABLE" in states(answer).values())
            assert ask(server, number)[0] == 200
            shutil.rmtree(folder / str(number - 1))
            server.wait_for("/v1/models/faces", lambda answer: list(states(answer).values()).count("AVAILABLE") == 1)
            memory.append(resident(server))
    # A version takes some megabytes.
    assert max(memory[5:]) - memory[5] < 15 * 2**20


def resident(server):
    text = server.raw("GET", "/metrics")[2].decode()
    return float(text.split("\nprocess_resident_memory_bytes ")[1].split()[0])


@pytest.mark.parametrize(("too_long", "state"), [(2, "AVAILABLE"), (99, "END")])
def test_a_version_that_took_too_long_is_tried_again_a_few_times(tmp_path, monkeypatch, too_long, state):
    """As on a machine that is busy when the server starts."""
    saved_models.write_images(tmp_path / "faces")
    attempts = []

    def attempt(self, folder):
        attempts.append(time.monotonic())
        if len(attempts) <= too_long:
            raise ServingError("DEADLINE_EXCEEDED", "It was not loaded after 0.2 seconds.")

    monkeypatch.setattr(Trials, "attempt", attempt)
    models = Models(tmp_path, Settings(load_timeout=0.2, poll_seconds=0.02))
    models.start()
    models.wait()
    failed = models.states("faces")[1]
    assert (failed.state, failed.code) == ("END", "DEADLINE_EXCEEDED")
    assert failed.message.endswith("It is tried again in 0.2 seconds.")
    deadline = time.monotonic() + 20
    while len(attempts) < min(too_long + 1, 4) or models.states("faces")[1].state == "LOADING":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    models.stop()
    ended = models.states("faces")[1]
    assert ended.state == state
    assert "tried again" not in ended.message
    assert len(attempts) == min(too_long + 1, 4)
    waited = np.diff(attempts)
    assert all(seconds >= 0.2 * 2**number for number, seconds in enumerate(waited))
