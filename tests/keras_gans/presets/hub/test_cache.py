"""Presets from a web server as users meet them: loaded, kept, pinned, changed, without a network, by several at once."""

import json
import subprocess
import threading
from pathlib import Path

import pytest

import keras_gans
from keras_gans import presets
from keras_gans.presets import model_card
from tests.support.remote import (
    CONFIG,
    FACTS,
    PLACE,
    WEIGHTS,
    change_weights,
    digest,
    find,
    refuse,
    stalled,
    start,
    then,
    wait_for,
    write_manifest,
)

# The plain case


def test_the_folder_has_what_the_server_has_and_is_fetched_once(remote, published, digits, capsys):
    folder = find(published)
    for name in (CONFIG, WEIGHTS, FACTS):
        assert (folder / name).read_bytes() == (digits / name).read_bytes()
    assert "Downloading http://127.0.0.1" in capsys.readouterr().err
    assert find(published) == folder
    assert [len(remote.asked(name)) for name in (CONFIG, WEIGHTS, FACTS)] == [1, 1, 2]
    assert remote.asked("samples.png") == []  # not needed for a load
    assert capsys.readouterr().err == ""


def test_a_tokenizer_comes_along(remote, digits):
    (digits / "tokenizer.model").write_bytes(b"words")
    write_manifest(digits, names=(CONFIG, WEIGHTS, "tokenizer.model"))
    remote.publish(digits, PLACE)
    folder = presets.find_preset(f"{remote.url}{PLACE}").folder
    assert (folder / "tokenizer.model").read_bytes() == b"words"


def test_a_loaded_model_is_the_saved_one(remote, tmp_path):
    import numpy as np

    model = keras_gans.load_pretrained("dcgan_digits")
    keras_gans.save_preset(model, tmp_path / "saved")
    remote.publish(tmp_path / "saved", PLACE)
    loaded = keras_gans.load_pretrained(f"{remote.url}{PLACE}/")
    np.testing.assert_array_equal(loaded.generate(4, seed=3), model.generate(4, seed=3))


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_the_command_line_takes_addresses_and_pins(keras_gans_forked, published, digits, tmp_path):
    import numpy as np

    pinned = f"{published}#sha256={digest(digits / FACTS)}"
    process = keras_gans_forked("generate", pinned, "--num=4", "--output=samples.npy", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert f"Wrote 4 samples of {published} to samples.npy." in process.stdout
    expected = (keras_gans.load_pretrained("dcgan_digits").generate(4, seed=0) + 1) * 127.5
    np.testing.assert_allclose(np.load(tmp_path / "samples.npy"), expected, atol=0.51)

    process = keras_gans_forked("list", published, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert [line.split()[:2] for line in process.stdout.splitlines()] == [["preset", "model"], [published, "dcgan"]]

    process = keras_gans_forked("generate", f"{published}#sha256={'0' * 64}", cwd=tmp_path)
    assert process.returncode == 2
    assert len(process.stderr.splitlines()) == 1
    assert "is not what was asked for" in process.stderr


def test_a_server_calls_it_by_its_name(published, remote, digits):
    from keras_gans_tools.common import program

    assert program.served_name(presets.find_preset(published)) == "digits"
    remote.publish(digits, "/runs/faces/best")
    assert program.served_name(presets.find_preset(f"{remote.url}/runs/faces/best")) == "faces"


# What was changed since, and pins


def test_a_changed_preset_is_fetched_again_but_not_the_files_that_stayed(remote, published, digits, cache):
    old = find(published)
    weights = change_weights(remote, digits)
    new = find(published)
    assert (new / WEIGHTS).read_bytes() == weights
    assert digest(old / WEIGHTS) != digest(new / WEIGHTS)  # a process that loads the old one is not disturbed
    assert [len(remote.asked(name)) for name in (CONFIG, WEIGHTS)] == [1, 2]

    facts = json.loads((digits / FACTS).read_text())
    (digits / FACTS).write_text(json.dumps({**facts, "description": "other words"}))
    remote.publish(digits, PLACE)
    assert presets.find_preset(published).metadata.to_dict()["description"] == "other words"
    assert [len(remote.asked(name)) for name in (CONFIG, WEIGHTS)] == [1, 2]


def test_a_preset_that_is_replaced_while_it_is_fetched_is_fetched_as_it_is_then(remote, published, digits):
    new = []
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [then(lambda: new.append(change_weights(remote, digits)))]
    assert (find(published) / WEIGHTS).read_bytes() == new[0]
    assert len(remote.asked(FACTS)) == 2


def test_a_new_version_that_is_damaged_is_not_taken_for_the_old_one(remote, published, digits):
    find(published)
    change_weights(remote, digits)
    remote.files[f"{PLACE}/{WEIGHTS}"] = bytes(3_007_656)
    with pytest.raises(ValueError, match="is damaged or another file"):
        find(published)


def test_a_pin_is_checked_and_then_needs_no_server(remote, published, digits):
    pin = digest(digits / FACTS)
    folder = find(published, sha256=pin.upper())
    change_weights(remote, digits)
    asked = len(remote.requests)
    assert find(f"{published}#sha256={pin}") == folder
    assert len(remote.requests) == asked
    assert find(published) != folder
    now = digest(digits / FACTS)
    for wrong in ("0" * 64, digest(digits / CONFIG)):
        with pytest.raises(ValueError, match=rf"the SHA-256 of its preset\.json is {now}, and the pin is {wrong}"):
            find(published, sha256=wrong)


def test_a_pinned_preset_is_fetched_though_its_server_was_never_asked_without_pin(remote, published, digits):
    assert find(published, sha256=digest(digits / FACTS)) == find(published)
    assert len(remote.asked(WEIGHTS)) == 1


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, FACTS])
@pytest.mark.parametrize("damage", ["changed", "shorter", "gone"])
def test_a_damaged_file_in_the_cache_is_fetched_again_and_only_that(remote, published, digits, monkeypatch, name, damage):
    folder = find(published)
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage != "gone":
        (folder / name).write_bytes(content[:-1] + b"?" * (damage == "changed"))
    monkeypatch.setenv("KERAS_GANS_OFFLINE", "1")
    with pytest.raises(OSError, match="KERAS_GANS_OFFLINE forbids"):
        find(published)
    monkeypatch.delenv("KERAS_GANS_OFFLINE")
    remote.requests.clear()
    assert (find(published) / name).read_bytes() == content
    assert {path for path, _ in remote.requests} == {f"{PLACE}/{FACTS}", f"{PLACE}/{name}"}


def test_pins_are_for_what_comes_from_elsewhere(digits):
    with pytest.raises(ValueError, match=r"sha256 is for presets from elsewhere .*digits' is on this computer"):
        keras_gans.load_pretrained(digits, sha256="0" * 64)


def test_no_card_is_written_into_the_cache(published):
    with pytest.raises(ValueError, match="is elsewhere"):
        model_card.write(published)
    find(published)


# Several at once


def test_two_processes_at_once_get_the_same_folder(remote, published, digits):
    event = threading.Event()
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [stalled((digits / WEIGHTS).read_bytes(), 1000, event)] * 2
    processes = [start(published) for _ in range(2)]
    wait_for(lambda: len(remote.asked(WEIGHTS)) == 2)  # both are half way
    event.set()
    printed = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], printed
    assert printed[0][0] == printed[1][0]
    assert find(published) == Path(printed[0][0].strip())
    assert len(remote.asked(WEIGHTS)) == 2


# Without a network


@pytest.mark.parametrize("variable", ["KERAS_GANS_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_only_the_cache_is_used(remote, published, digits, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    with pytest.raises(OSError, match=rf"is not in the cache \(.*\), and {variable} forbids downloading it") as caught:
        find(published)
    assert "\n" not in str(caught.value)
    monkeypatch.setenv(variable, "0")
    folder = find(published)
    asked = len(remote.requests)
    monkeypatch.setenv(variable, "true")
    assert find(published) == folder
    assert find(published, sha256=digest(digits / FACTS)) == folder
    with pytest.raises(OSError, match="is not in the cache"):
        find(published, sha256="0" * 64)
    assert len(remote.requests) == asked


def test_without_a_server_the_copy_is_used_with_a_warning_of_one_line(remote, published):
    folder = find(published)
    remote.stop()
    with pytest.warns(UserWarning, match=r"preset\.json cannot be read.*refused.*: using the copy in the cache\.") as caught:
        assert find(published) == folder
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)
    with pytest.raises(OSError, match=r"refused.*\(tried 3 times\)"):
        find(f"{published}/other")


def test_a_new_version_that_cannot_be_fetched_to_the_end_leaves_the_one_before(remote, published, digits):
    folder = find(published)
    weights = change_weights(remote, digits)
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [refuse(503)] * 3
    with pytest.warns(UserWarning, match=r"503 .*\(tried 3 times\): using the copy in the cache\."):
        assert find(published) == folder
    assert (find(published) / WEIGHTS).read_bytes() == weights


def test_a_preset_that_was_withdrawn_is_not_silently_loaded(remote, published):
    find(published)
    remote.files.clear()
    with pytest.raises(ValueError, match=r"\(404\).*There is a copy in the cache: KERAS_GANS_OFFLINE=1 loads it\."):
        find(published)


def test_a_cache_that_others_fill_may_be_read_only(remote, published, small_disk, cache):
    folder = find(published)
    (entry,) = cache.iterdir()
    (entry / "current.json").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert find(published) == folder
    remote.files[f"{PLACE}/{FACTS}"] = remote.files[f"{PLACE}/{FACTS}"] + b" "
    with pytest.raises(OSError, match="Read-only file system"):
        find(published)
