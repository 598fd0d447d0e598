import numpy as np
import pytest
from PIL import Image

from keras_gans.data.sample_files import read_samples
from keras_gans.media import MEDIA, Images, Medium, Points, Text


@pytest.mark.parametrize(
    ("shape", "medium"),
    [((5, 8, 8, 3), Images((8, 8, 3))), ((5, 8, 8), Images((8, 8, 1))), ((5, 2), Points((2,)))],
)
def test_arrays_are_what_their_shape_speaks_of(shape, medium, tmp_path):
    samples = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    np.save(tmp_path / "x.npy", samples)
    found, what = read_samples(tmp_path / "x.npy")
    assert what == medium
    np.testing.assert_array_equal(found, samples.reshape(5, *medium.sample_shape))


def test_folders_hold_images_and_text_files_sentences(tmp_path):
    (tmp_path / "images").mkdir()
    Image.fromarray(np.full((4, 6), 9, "uint8")).save(tmp_path / "images" / "a.png")
    found, what = read_samples(tmp_path / "images")
    assert (found.tolist(), what) == (np.full((1, 4, 6, 1), 9).tolist(), Images((4, 6, 1)))
    (tmp_path / "x.txt").write_text("a cat\na dog\n")
    assert read_samples(tmp_path / "x.txt") == (["a cat", "a dog"], Text(()))


def test_what_no_medium_reads_is_left_to_others(tmp_path):
    assert read_samples(tmp_path / "dcgan_digits") is None
    assert read_samples(tmp_path / "x.mid") is None


def test_a_medium_of_another_package_reads_its_files_if_no_other_can(tmp_path, monkeypatch):
    class Smells(Medium):
        name = "smells"
        readers = {"/": lambda path: (np.ones((2, 3)), Smells((3,))), ".smell": lambda path: ([], Smells((3,)))}  # noqa: RUF012

    monkeypatch.setitem(MEDIA._things, "a smell", Smells)
    (tmp_path / "folder").mkdir()
    assert read_samples(tmp_path / "folder")[1] == read_samples(tmp_path / "x.smell")[1] == Smells((3,))
    Image.fromarray(np.full((4, 6), 9, "uint8")).save(tmp_path / "folder" / "a.png")
    assert read_samples(tmp_path / "folder")[1] == Images((4, 6, 1))


def test_files_that_cannot_be_read_say_why(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros(3))
    with pytest.raises(ValueError, match=r"holds an array of shape \(3,\); samples are"):
        read_samples(tmp_path / "x.npy")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="empty"):
        read_samples(tmp_path / "empty")
