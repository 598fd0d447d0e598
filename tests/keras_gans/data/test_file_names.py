import os

import pytest

from keras_gans.data.file_names import Names, find_pictures
from keras_gans.data.skipped import Skipped


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def found(root):
    names = find_pictures(root, Skipped())
    return [os.path.relpath(names[position], root) for position in range(len(names))]


def test_names_come_back_as_they_went_in():
    names = Names()
    names.add(b"/some/folder", [b"a.png", "写真.png".encode()])
    names.add(b"/empty", [])
    names.add(b"/other", [b"", b"\xff.png"])
    assert len(names) == 4
    paths = ["/some/folder/a.png", "/some/folder/写真.png", "/other/", "/other/\udcff.png"]
    assert [names[position] for position in range(4)] == paths
    assert os.fsencode(names[3]) == b"/other/\xff.png"
    assert list(names.folders()) == [("/some/folder", 2), ("/empty", 0), ("/other", 2)]


def test_a_name_takes_its_own_bytes_and_eight_more():
    names = Names()
    names.add(b"folder", [f"{number:06}.png".encode() for number in range(10_000)])
    assert names.nbytes == 10_000 * (10 + 8) + 8


def test_the_order_is_that_of_names_folder_by_folder(tmp_path):
    touch(tmp_path, "b.png", "a.png", "b/2.png", "b/10.png", "a/z/1.png", "a/1.png", "B/1.png")
    assert found(tmp_path) == ["a.png", "b.png", "B/1.png", "a/1.png", "a/z/1.png", "b/10.png", "b/2.png"]


def test_a_folder_counts_once_and_under_its_own_name(tmp_path):
    touch(tmp_path, "root/zebras/1.png", "elsewhere/2.png", "elsewhere/deep/3.png")
    (tmp_path / "root/apes").mkdir()
    (tmp_path / "root/apes/link").symlink_to(tmp_path / "root/zebras")
    (tmp_path / "root/first").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root/second").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/loop").symlink_to(tmp_path / "root")
    assert found(tmp_path / "root") == ["zebras/1.png", "first/2.png", "first/deep/3.png"]


def test_folders_named_like_pictures_are_folders(tmp_path):
    touch(tmp_path, "album.png/1.png")
    assert found(tmp_path) == ["album.png/1.png"]


def test_folders_that_may_not_be_read_are_reported(tmp_path, monkeypatch):
    touch(tmp_path, "open/1.png", "shut/2.png")
    scandir = os.scandir

    def refuse(folder):
        if os.fsencode(folder).endswith(b"shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)  # root, as which tests may run, may read everything
    skipped = Skipped()
    assert len(find_pictures(tmp_path, skipped)) == 1
    assert skipped == [(str(tmp_path / "shut"), "Permission denied")]


@pytest.mark.parametrize("ending", ["/", "/."])
def test_a_path_may_end_as_shells_complete_it(tmp_path, ending):
    from keras_gans.data import load_data

    touch(tmp_path, "a/1.png")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="contains no readable image"):
        load_data(f"folder:{tmp_path}{ending}")
