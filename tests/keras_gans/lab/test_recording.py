"""Recordings: read back as they were, whole, cut off, damaged and foreign."""

import gzip
import json

import numpy as np
import pytest

from keras_gans.lab.arrays import encode
from keras_gans.lab.recording import Recorder, is_recording, read_recording


def message(kind, **more):
    rng = np.random.default_rng(0)
    sizes = {"frame": (1024, 882, 1600, 256), "state": (1024, 1024, 882)}[kind]
    names = {"frame": ("generated", "manifold", "heat", "gradients"), "state": ("real", "latents", "grid")}[kind]
    arrays = {name: encode(rng.uniform(-1, 1, size)) for name, size in zip(names, sizes, strict=True)}
    if kind == "state":
        rules = {"setup": {"model": "gan", "data": "ring", "seed": 0}, "rules": {}, "code": {"python": "1", "command": "2"}}
        return {"type": kind, "status": "ready", "modes": 8, "same": {"js": 0.01, "kl": 0.02}, **rules, **arrays, **more}
    measures = {"js": 0.5, "kl": 2.0, "modes": 3, "quality": 0.4}
    rest = {"step": 1, "playing": True, "seconds": 1, "frame_seconds": 0.1, "findings": [], "scores": [-1, 2]}
    return {"type": kind, "logs": {"d_loss": 1.0}, "measures": measures, **rest, **arrays, **more}


@pytest.fixture
def messages():
    building = {"type": "state", "status": "building", "setup": {}}
    return [building, message("state"), *(message("frame", step=step, logs={"d_loss": step / 10}) for step in range(5))]


@pytest.fixture
def path(tmp_path, messages):
    path = tmp_path / "a.jsonl.gz"
    recorder = Recorder(path)
    for each in messages:
        recorder.add(each)
    recorder.close()
    recorder.add(messages[-1])  # too late
    return path


def without_times(found):
    return [{name: value for name, value in each.items() if name != "at"} for each in found]


def test_a_recording_is_read_back(path, messages):
    found = read_recording(path)
    assert found.whole and found.frames == 5 and without_times(found.messages) == messages
    times = [each["at"] for each in found.messages]
    assert times == sorted(times) and is_recording(path)


def test_plain_lines_are_read_too(path, tmp_path, messages):
    plain = tmp_path / "a.jsonl"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    assert without_times(read_recording(plain).messages) == messages and is_recording(plain)


@pytest.mark.parametrize("packed", [True, False])
def test_of_a_recording_that_is_cut_off_the_whole_part_is_read(path, tmp_path, messages, packed):
    content = path.read_bytes() if packed else gzip.decompress(path.read_bytes())
    cut, seen = tmp_path / "cut", set()
    for length in [*range(0, len(content), max(1, len(content) // 60)), len(content) - 1]:
        cut.write_bytes(content[:length])
        try:
            found = read_recording(cut)
        except ValueError as error:
            assert "\n" not in str(error) and str(cut) in str(error)
        else:
            assert without_times(found.messages) == messages[: len(found.messages)]
            seen.add(found.frames)
    assert len(seen) >= 4


def test_a_file_that_is_still_written_can_be_read(tmp_path, messages):
    path = tmp_path / "open.gz"
    recorder = Recorder(path)
    for each in messages[:4]:
        recorder.add(each)
    found = read_recording(path)
    assert not found.whole and found.frames == 2
    recorder.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: ['{"format":"keras_gans.lab","version":3}', *lines[1:]], "of version 3"),
        (lambda lines: ['{"format":"keras_gans.lab"}', *lines[1:]], "of version None"),
        (lambda lines: ['{"format":"other","version":1}', *lines[1:]], "not a recording"),
        (lambda lines: ["[1, 2]", *lines[1:]], "not a recording"),
        (lambda lines: ["\x00\x01", *lines[1:]], "not a recording"),
        (lambda lines: lines[1:], "not a recording"),
        (lambda lines: lines[:1], "no frame"),
        (lambda lines: [*lines[:4], "{", *lines[5:]], "line 5 is damaged"),
        (lambda lines: [*lines[:4], "[" * 100_000, *lines[5:]], "line 5 is damaged"),
        (lambda lines: [*lines[:4], '{"type":"frame","step":NaN}', *lines[5:]], "NaN is not JSON"),
        (lambda lines: [*lines[:4], '{"type":"frame","step":1}', *lines[5:]], "not an array"),
        (lambda lines: [*lines[:4], '{"type":"script"}', *lines[5:]], "neither a state nor a frame"),
        (lambda lines: [*lines[:4], lines[4].replace('"measures"', '"x"'), *lines[5:]], "'measures' is missing"),
        (lambda lines: [*lines[:4], json.dumps(message("frame", heat=encode(np.zeros(4)))), *lines[5:]], "1600 numbers"),
        (lambda lines: [*lines, "x" * 2_000_000], "too long"),
    ],
)
def test_what_is_no_recording_of_this_version_is_refused_in_one_line(path, tmp_path, change, words):
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    other = tmp_path / "other.gz"
    other.write_bytes(gzip.compress("\n".join(change(lines)).encode() + b"\n"))
    with pytest.raises(ValueError, match=words) as refused:
        read_recording(other)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400


def test_files_and_folders_of_other_kinds(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        read_recording(tmp_path)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(ValueError, match="not a recording"):
        read_recording(tmp_path / "picture.png")
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b" + bytes(20))
    with pytest.raises(ValueError, match="not a recording"):
        read_recording(tmp_path / "broken.gz")
    assert not is_recording(tmp_path / "broken.gz") and not is_recording(tmp_path)
