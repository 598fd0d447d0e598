import json
import os

import pytest

from keras_gans import files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# replacing


def test_file_is_made_with_its_missing_folders(tmp_path):
    with files.replacing(tmp_path / "a/b/file.txt") as temporary:
        temporary.write_text("new")
        assert temporary.suffix == ".txt"
        assert temporary.name == "file.txt"
    assert (tmp_path / "a/b/file.txt").read_text() == "new"
    assert names(tmp_path / "a/b") == ["file.txt"]


def test_old_file_is_whole_until_the_block_ends(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with files.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["file.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_keeps_the_old_file_and_leaves_nothing(tmp_path, error):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(error), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


def test_failure_without_an_old_file_leaves_nothing(tmp_path):
    with pytest.raises(ValueError), files.replacing(tmp_path / "file.txt") as temporary:
        temporary.write_text("half")
        raise ValueError
    assert names(tmp_path) == []


def make_folder(folder, name):
    folder.mkdir()
    (folder / name).write_text(name)


def test_folder_is_replaced_whole(tmp_path):
    make_folder(tmp_path / "folder", "old")
    with files.replacing(tmp_path / "folder") as temporary:
        make_folder(temporary, "new")
        assert names(tmp_path / "folder") == ["old"]
    assert names(tmp_path / "folder") == ["new"]
    assert names(tmp_path) == ["folder"]


def test_failure_keeps_the_old_folder_and_leaves_nothing(tmp_path):
    make_folder(tmp_path / "folder", "old")
    with pytest.raises(ValueError), files.replacing(tmp_path / "folder") as temporary:
        make_folder(temporary, "half")
        raise ValueError
    assert names(tmp_path / "folder") == ["old"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_block_that_makes_nothing_is_an_error_and_keeps_the_old(tmp_path, kind):
    path = tmp_path / "thing"
    if kind == "file":
        path.write_text("old")
    else:
        make_folder(path, "old")
    with pytest.raises(FileNotFoundError), files.replacing(path):
        pass
    assert names(tmp_path) == ["thing"]
    assert path.read_text() == "old" if kind == "file" else names(path) == ["old"]


def test_failing_rename_keeps_the_old_folder(tmp_path, monkeypatch):
    make_folder(tmp_path / "folder", "old")
    rename, calls = os.replace, []

    def fail_into_place(source, target):
        calls.append(target)
        if len(calls) == 2:  # the first puts the old folder aside
            raise OSError("the disk is gone")
        rename(source, target)

    monkeypatch.setattr(os, "replace", fail_into_place)
    with pytest.raises(OSError, match="the disk is gone"), files.replacing(tmp_path / "folder") as temporary:
        make_folder(temporary, "new")
    assert names(tmp_path / "folder") == ["old"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize(("old", "new"), [("file", "folder"), ("folder", "file")])
def test_file_and_folder_do_not_replace_each_other(tmp_path, old, new):
    path = tmp_path / "thing"
    make = {"file": lambda path: path.write_text("content"), "folder": lambda path: make_folder(path, "content")}
    make[old](path)
    with pytest.raises(OSError, match="thing"), files.replacing(path) as temporary:
        make[new](temporary)
    assert names(tmp_path) == ["thing"]
    assert path.is_file() if old == "file" else names(path) == ["content"]


def test_new_files_have_the_permissions_of_any_other(tmp_path):
    (tmp_path / "plain").write_text("")
    (tmp_path / "plain_folder").mkdir()
    with files.replacing(tmp_path / "ours") as temporary:
        temporary.write_text("")
    with files.replacing(tmp_path / "our_folder") as temporary:
        temporary.mkdir()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "our_folder").stat().st_mode == (tmp_path / "plain_folder").stat().st_mode


def test_relative_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with files.replacing("file.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "file.txt").read_text() == "new"


# JSON


def test_json_round_trip_keeps_every_script(tmp_path):
    value = {"name": "Ärger 猫", "list": [1, 2.5, None, True], "deep": {"a": []}}
    files.write_json(tmp_path / "file.json", value)
    assert files.read_object(tmp_path / "file.json") == value
    assert json.loads((tmp_path / "file.json").read_text(encoding="utf-8")) == value
    assert "Ärger 猫" in (tmp_path / "file.json").read_text(encoding="utf-8")


def test_value_that_json_cannot_hold_keeps_the_old_file(tmp_path):
    files.write_json(tmp_path / "file.json", {"a": 1})
    with pytest.raises(TypeError):
        files.write_json(tmp_path / "file.json", [object()])
    assert files.read_object(tmp_path / "file.json") == {"a": 1}
    assert names(tmp_path) == ["file.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"{'a': 1}", b'{"a": 1', b"\xff\xfe{}"])
def test_bad_json_names_the_file(tmp_path, content):
    (tmp_path / "bad.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.json is not valid JSON"):
        files.read_object(tmp_path / "bad.json")


def test_json_that_is_no_object_names_the_file(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"list\.json does not contain a JSON object"):
        files.read_object(tmp_path / "list.json")


def test_missing_json_names_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        files.read_object(tmp_path / "none.json")


# The rest


def test_sha256_is_the_published_one(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert files.sha256(tmp_path / "file") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_existing_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    make_folder(tmp_path / "full", "content")
    for name in ("file", "full"):
        with pytest.raises(FileExistsError, match=f"{name} exists already: give another path, or --overwrite"):
            files.refuse_existing(tmp_path / name, overwrite=False)
        files.refuse_existing(tmp_path / name, overwrite=True)
    assert names(tmp_path / "full") == ["content"]


def test_nothing_and_empty_folders_are_not_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "none"):
        assert files.refuse_existing(tmp_path / name, overwrite=False) is None
    (tmp_path / "empty" / "file").write_text("no longer")
    with pytest.raises(FileExistsError):
        files.refuse_existing(tmp_path / "empty", overwrite=False)
