import numpy as np
import pytest
from PIL import Image

from tests.support import pages
from tests.support.forked import Forked


@pytest.fixture(scope="module")
def generate(keras_gans_forked, tiny):
    """Runs `keras-gans generate` on the tiny preset."""
    return lambda *arguments, **options: keras_gans_forked("generate", tiny[0], *arguments, **options)


@pytest.fixture(scope="module")
def array(keras_gans_forked, tiny, tmp_path_factory):
    """Six samples of seed 0 as `generate` writes them to an .npy file."""
    path = tmp_path_factory.mktemp("generate") / "samples.npy"
    process = keras_gans_forked("generate", tiny[0], "--num=6", f"--output={path}")
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


def test_small_pictures_are_enlarged_to_be_looked_at(generate, tmp_path):
    """To about 500 pixels, unless a scale is given; the pixels stay the same."""
    sizes = {}
    for scale in ([], ["--scale=1"], ["--scale=4"]):
        process = generate("--num=4", *scale, "--overwrite", "--output=grid.png", cwd=tmp_path)
        assert process.returncode == 0, process.stderr
        with Image.open(tmp_path / "grid.png") as picture:
            sizes[" ".join(scale)] = np.asarray(picture)
    assert sizes["--scale=1"].shape == (118, 118)
    assert sizes[""].shape == (472, 472)
    np.testing.assert_array_equal(sizes[""], sizes["--scale=4"])
    np.testing.assert_array_equal(sizes[""][::4, ::4], sizes["--scale=1"])


def test_only_pictures_of_images_are_scaled(generate, points, keras_gans_forked, assert_refused, tmp_path):
    assert_refused(generate("--scale=2", "--output=samples.npy", cwd=tmp_path), "--scale", "samples.npy")
    folder, _ = points
    assert_refused(keras_gans_forked("generate", "run", "--scale=2", cwd=folder), "--scale is for pictures of images")


def test_grid_shows_all_samples(generate, array, tmp_path):
    process = generate("--num=5", "--scale=1", f"--output={tmp_path / 'grid.png'}")
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


COUNTED = """
import sys
from keras_gans_tools.common import program
program.import_keras()
from keras_gans import AdversarialModel
run = AdversarialModel.run_network

def counted(self, network, inputs):
    samples = run(self, network, inputs)
    print("computed", len(samples))
    return samples

AdversarialModel.run_network = counted
from keras_gans_tools import cli
cli.main()
"""


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize(
    "output", ["grid.png", pytest.param("samples.npy", marks=pytest.mark.slow), pytest.param("folder/", marks=pytest.mark.slow)]
)
def test_samples_are_computed_once_in_batches(tiny, tmp_path, output):
    arguments = ["generate", str(tiny[0]), "--num=10", "--batch_size=4", f"--output={output}"]
    codes = [f"import sys; sys.argv = ['keras-gans', *{arguments!r}]", COUNTED]
    process = Forked(pages.run_python, codes, tmp_path).finish(300)
    assert process.returncode == 0, process.stderr
    *computed, last = process.stdout.splitlines()
    assert computed == ["computed 4", "computed 4", "computed 2"]
    assert last == f"Wrote 10 samples of {tiny[0]} to {output.rstrip('/')}."


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--temperature=0.5"], ["--temperature is for text", "makes images", "--truncation"]),
        (["--prompt=a man"], ["--prompt is for text", "makes images"]),
        (["--output=samples.txt"], ["samples.txt", ".png", ".npy", "/ (a folder"]),
    ],
    ids=lambda value: value[0],
)
def test_what_images_do_not_take_is_refused(generate, assert_refused, tmp_path, flags, words):
    assert_refused(generate(*flags, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []


def test_what_text_does_not_take_is_refused(keras_gans_forked, assert_refused, tmp_path):
    process = keras_gans_forked("generate", "seqgan_coco", "--truncation=0.5", cwd=tmp_path)
    assert_refused(
        process, "--truncation is for audio, images, points and video", "seqgan_coco makes text", "--temperature, --top_k"
    )
    process = keras_gans_forked("generate", "seqgan_coco", "--output=x.png", cwd=tmp_path)
    assert_refused(process, "x.png", ".txt", ".jsonl")


@pytest.fixture(scope="module")
def points(keras_gans_forked, tmp_path_factory):
    """A run of a model of five numbers, and what it printed."""
    folder = tmp_path_factory.mktemp("points")
    np.savez(folder / "points.npz", x=np.random.default_rng(0).uniform(-1, 1, (64, 5)).astype("float32"))
    train = ("train", "gan", "--dataset=npz:points.npz", "--epochs=1", "--set=width=4", "--run_dir=run", "--metrics=none")
    process = keras_gans_forked(*train, cwd=folder)
    assert process.returncode == 0, process.stderr
    return folder, process.stdout


def test_the_last_line_of_train_names_only_files_that_are_there(points):
    folder, printed = points
    assert printed.splitlines()[-1] == "Wrote run: generate samples with keras-gans generate run"
    assert not list((folder / "run").glob("samples*"))


def test_samples_that_cannot_be_drawn_become_an_array(points, keras_gans_forked):
    folder, _ = points
    process = keras_gans_forked("generate", "run", "--num=3", cwd=folder)
    assert process.returncode == 0, process.stderr
    assert process.stdout == "Wrote 3 samples of run to samples.npy.\n"
    assert np.load(folder / "samples.npy").shape == (3, 5)


def test_clips_are_as_long_as_asked_for(generate, keras_gans_forked, assert_refused, tmp_path):
    import keras_gans
    from tests.support.entries import build

    model = build("mocogan", video_shape=(4, 8, 8, 1))
    keras_gans.save_preset(model, tmp_path / "clips")
    process = keras_gans_forked("generate", tmp_path / "clips", "--num=2", "--frames=9", "--output=clips.npy", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    clips = np.load(tmp_path / "clips.npy")
    assert clips.shape == (2, 9, 8, 8, 1)
    expected = model.medium.to_file(model.with_frames(9).generate(2, seed=0))
    assert np.abs(clips.astype(int) - expected).max() <= 1
    assert_refused(generate("--frames=9"), "--frames is for models that make clips of any length", "mocogan")
