"""Paths given as data sources without their kind, and errors that need no backend."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import check_source, load_data


@pytest.fixture
def files(tmp_path):
    (tmp_path / "pictures").mkdir()
    Image.fromarray(np.zeros((8, 8), "uint8")).save(tmp_path / "pictures" / "a.png")
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "index.json").write_text("{}")
    np.savez(tmp_path / "x.npz", x=np.zeros((3, 4, 4, 1), "uint8"))
    (tmp_path / "words.txt").write_text("a b\n")
    (tmp_path / "table.csv").write_text("1,2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("pictures", "folder:{}/pictures"),
        ("pictures/a.png", "folder:{}/pictures"),
        ("records", "tfrecord:{}/records"),
        ("x.npz", "npz:{}/x.npz"),
        ("words.txt", "text:{}/words.txt"),
    ],
)
def test_an_existing_path_gets_the_source_that_reads_it(files, name, suggestion):
    with pytest.raises(ValueError, match="is a path, not the name of a data set: did you mean") as error:
        load_data(str(files / name))
    assert f"did you mean '{suggestion.format(files)}'?" in str(error.value)


def test_a_path_that_nothing_reads_and_one_that_is_not_there(files):
    with pytest.raises(ValueError, match="no data source reads such files"):
        load_data(str(files / "table.csv"))
    with pytest.raises(FileNotFoundError, match=r"There is no file or folder .*/nowhere"):
        load_data(str(files / "nowhere"))


def test_a_folder_named_without_a_slash_is_suggested_where_no_data_set_has_its_name(files, monkeypatch):
    pytest.importorskip("tensorflow_datasets")
    monkeypatch.chdir(files)
    with pytest.raises(ValueError, match=r"There is no data set 'pictures', but .* did you mean 'folder:pictures'"):
        load_data("pictures")


def test_a_folder_named_like_a_data_set_does_not_hide_it(tfds_data_dir, tmp_path, monkeypatch):
    (tmp_path / "mnist").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_data("mnist", split="train[:8]").name == "mnist"


@pytest.mark.parametrize(
    ("source", "options", "error"),
    [
        ("folder:nowhere", {}, FileNotFoundError),
        ("npz:nowhere.npz", {}, FileNotFoundError),
        ("text:nowhere.txt", {}, FileNotFoundError),
        ("tfrecord:nowhere", {}, FileNotFoundError),
        ("fodler:x", {}, ValueError),
        ("digits", {"split": "test"}, ValueError),
        ("ring", {"image_shape": (8, 8)}, ValueError),
    ],
)
def test_mistakes_are_found_before_anything_is_read(source, options, error):
    with pytest.raises(error):
        check_source(source, **options)


def test_checking_imports_no_backend(files):
    code = f"""
import sys
from keras_gans.data import check_source

check_source("npz:{files}/x.npz")
print([name for name in ("keras", "tensorflow", "jax") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
