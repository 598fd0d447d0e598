import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def generate(keras_gans_forked, tiny):
    """Runs `keras-gans generate` on the tiny preset."""
    return lambda *arguments, **options: keras_gans_forked("generate", tiny[0], *arguments, **options)


@pytest.fixture(scope="module")
def array(keras_gans_cli, tiny, tmp_path_factory):
    """Six samples of seed 0 as `generate` writes them to an .npy file."""
    path = tmp_path_factory.mktemp("generate") / "samples.npy"
    process = keras_gans_cli("generate", tiny[0], "--num=6", f"--output={path}")
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert str(path) in process.stdout
    return np.load(path)


def test_array_holds_the_models_samples_in_8_bits(array, tiny_samples):
    assert array.dtype == np.uint8
    assert array.shape == (6, 8, 8, 1)
    assert array.std() > 10
    np.testing.assert_allclose(array, (tiny_samples + 1) * 127.5, atol=0.51)


def test_folder_holds_one_picture_a_sample(generate, array, tmp_path):
    """Written by another process with the same seed, two samples at a time."""
    process = generate("--num=6", "--batch_size=2", f"--output={tmp_path / 'new' / 'samples'}/")
    assert process.returncode == 0, process.stderr
    files = sorted((tmp_path / "new" / "samples").iterdir())
    assert [file.name for file in files] == [f"{index:06}.png" for index in range(6)]
    for file, expected in zip(files, array, strict=True):
        with Image.open(file) as picture:
            assert picture.mode == "L"
            np.testing.assert_array_equal(np.asarray(picture), expected[..., 0])
    assert [path.name for path in tmp_path.rglob(".*")] == []


def test_grid_shows_all_samples(generate, array, tmp_path):
    process = generate("--num=5", f"--output={tmp_path / 'grid.png'}")
    assert process.returncode == 0, process.stderr
    with Image.open(tmp_path / "grid.png") as picture:
        pixels = np.asarray(picture)
    # 3 columns and 2 rows of 8x8 images enlarged sevenfold, 2 white pixels around each.
    assert pixels.shape == (2 * 58 + 2, 3 * 58 + 2)
    tiles = [pixels[top : top + 56, left : left + 56] for top in (2, 60) for left in (2, 60, 118)]
    for tile, expected in zip(tiles[:5], array, strict=False):
        np.testing.assert_array_equal(tile, expected[..., 0].repeat(7, axis=0).repeat(7, axis=1))
    assert (tiles[5] == 255).all()


def test_overwrite_replaces_and_another_seed_gives_other_samples(generate, array, tmp_path):
    path = tmp_path / "samples.npy"
    path.write_bytes(b"old")
    process = generate("--num=6", "--seed=1", "--overwrite", f"--output={path}")
    assert process.returncode == 0, process.stderr
    other = np.load(path)
    assert other.shape == array.shape
    assert all((sample != known).any() for sample in other for known in array)


@pytest.mark.parametrize("name", ["grid.png", "samples.npy", "folder"])
def test_existing_output_is_kept(generate, assert_refused, tmp_path, name):
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    kept = path / "mine.txt" if name == "folder" else path
    kept.write_text("mine")
    assert_refused(generate(f"--output={name}", cwd=tmp_path), name, "--overwrite")
    assert kept.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_label_for_an_unconditional_model(generate, assert_refused, tmp_path):
    assert_refused(generate("--label=3", "--output=grid.png", cwd=tmp_path), "not conditional")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flag", ["--num=0", "--seed=-1", "--batch_size=0", "--num=many"])
def test_numbers_out_of_range(generate, assert_refused, tmp_path, flag):
    assert_refused(generate(flag, "--output=grid.png", cwd=tmp_path), flag)
    assert list(tmp_path.iterdir()) == []
