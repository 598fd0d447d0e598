import warnings

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load_data
from tests.keras_gans.data.messy import make_messy_folder


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "messy"
    return root, *make_messy_folder(root)


@pytest.fixture(scope="module")
def converted(messy, keras_gans_forked, tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted") / "set"
    arguments = ("--image_size=16", "--crop=pad", "--background=black", f"--output={folder}")
    return keras_gans_forked("data", "convert", f"--dataset=folder:{messy[0]}", *arguments), folder


def test_convert_says_what_it_wrote_and_what_it_left_out(messy, converted):
    _, seen, bad = messy
    process, folder = converted
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert process.stdout.splitlines() == [
        f"Wrote {len(seen)} samples of 16x16x3 to {folder}: train with --dataset=tfrecord:{folder}",
        f"{len(seen)} images: resized to 16x16, made RGB",
        "4 images have transparency: laid over black (--image_size=16x16x4 keeps it)",
        "1 image has more than 8 bits a channel: reduced to 8",
        "8 of 24 images are copies of others",  # the same picture turned by EXIF, and in other files
        "4 other files were ignored: 1 .db, 1 .txt, 1 .csv, 1 without a suffix",
        f"{len(bad)} images could not be read and are left out: see {folder}/skipped.txt",
    ]
    assert len((folder / "skipped.txt").read_text().splitlines()) == len(bad)


def test_what_was_converted_is_what_the_folder_holds(messy, converted):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        original = load_data(f"folder:{messy[0]}", image_shape=(16, 16), crop="pad", background="black")
    copy = load_data(f"tfrecord:{converted[1]}")
    np.testing.assert_array_equal(copy.samples, original.samples)
    np.testing.assert_array_equal(copy.labels, original.labels)
    assert copy.class_names == ["good", "mixed"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["data"], ["action: convert", "none was given"]),
        (["data", "convrt"], ["no action 'convrt'", "Did you mean 'convert'"]),
        (["data", "convert", "--output=x"], ["--dataset is needed"]),
        (["data", "convert", "--dataset=digits"], ["--output is needed"]),
        (["data", "convert", "--dataset=digits", "--output=x", "--image_size=big"], ["--image_size", "64x96"]),
        (["data", "convert", "--dataset=digits", "--output=x", "--crop=random"], ["--crop=random", "centre|pad"]),
        (["data", "convert", "--dataset=folder:nowhere", "--output=x"], ["There is no folder nowhere"]),
        (["data", "convert", "--dataset=digits", "--output=full"], ["full exists already", "--overwrite"]),
        (["data", "convert", "--dataset=digits", "--output=x", "--background=rde"], ["background must be a colour", "'rde'"]),
    ],
    ids=lambda value: " ".join(value[:3]),
)
def test_what_is_wrong_is_said_in_one_line(keras_gans_forked, assert_refused, tmp_path, arguments, words):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    assert_refused(keras_gans_forked(*arguments, cwd=tmp_path), *words)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_strict_conversion_refuses_a_messy_folder(messy, keras_gans_forked, assert_refused, tmp_path):
    arguments = (f"--dataset=folder:{messy[0]}", "--image_size=8", "--strict", f"--output={tmp_path / 'set'}")
    assert_refused(keras_gans_forked("data", "convert", *arguments), f"{len(messy[2])} images cannot be read", "strict")
    assert list(tmp_path.iterdir()) == []


# Training on a messy folder


SMALL = ("gan", "--batch_size=8", "--set=width=8", "--epochs=2")


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_messy_folder_trains_and_the_run_lists_what_was_skipped(messy, keras_gans_forked, tmp_path):
    root, seen, bad = messy
    run = tmp_path / "run"
    arguments = (f"--dataset=folder:{root}", "--image_size=8x16", "--crop=random", "--flip", f"--run_dir={run}")
    process = keras_gans_forked("train", *SMALL, *arguments)
    assert process.returncode == 0, process.stderr
    assert "Warning" not in process.stderr
    assert f"{len(bad)} images could not be read and are skipped: see {run}/logs/skipped.txt" in process.stdout
    assert f"{len(seen)} samples of 8x16x3" in process.stdout
    lines = [line.split("\t") for line in (run / "logs/skipped.txt").read_text().splitlines()]
    assert sorted(path.removeprefix(f"{root}/") for path, _ in lines) == sorted(bad)
    with Image.open(run / "samples.png") as picture:
        assert picture.size


def test_strict_training_refuses_it_and_touches_nothing(messy, keras_gans_forked, assert_refused, tmp_path):
    arguments = (f"--dataset=folder:{messy[0]}", "--image_size=8", "--strict", f"--run_dir={tmp_path / 'run'}")
    assert_refused(keras_gans_forked("train", *SMALL, *arguments), f"{len(messy[2])} images cannot be read", "empty.png")
    assert list(tmp_path.iterdir()) == []


# Half a minute (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_a_resumed_run_keeps_its_cuts_and_flips(messy, keras_gans_forked, assert_refused, tmp_path):
    import h5py

    source = (f"--dataset=folder:{messy[0]}", "--image_size=8x16", "--crop=random", "--flip", "--background=black")
    weights = {}
    for name, stops in (("whole", [2]), ("parts", [1, 2])):
        run = tmp_path / name
        for number, epochs in enumerate(stops):
            arguments = ("--resume",) if number else (*SMALL, *source)
            process = keras_gans_forked("train", *arguments, f"--epochs={epochs}", f"--run_dir={run}")
            assert process.returncode == 0, process.stderr
        with h5py.File(run / "model.weights.h5") as file:
            found = weights[name] = {}
            file.visititems(lambda key, item, found=found: found.update({key: item[()]}) if hasattr(item, "shape") else None)
    assert weights["whole"].keys() == weights["parts"].keys()
    for key, value in weights["whole"].items():
        np.testing.assert_array_equal(weights["parts"][key], value, err_msg=key)
    refused = keras_gans_forked("train", "--resume", "--epochs=3", "--noflip", f"--run_dir={tmp_path / 'parts'}")
    assert_refused(refused, "flip=True", "flip=False")


# Half a minute (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_a_converted_set_trains_to_the_weights_of_the_original(messy, converted, keras_gans_forked, tmp_path):
    sources = {
        "folder": (f"--dataset=folder:{messy[0]}", "--image_size=16", "--crop=pad", "--background=black"),
        "set": (f"--dataset=tfrecord:{converted[1]}",),
    }
    for name, source in sources.items():
        process = keras_gans_forked("train", *SMALL, *source, "--flip", f"--run_dir={tmp_path / name}")
        assert process.returncode == 0, process.stderr
    from keras_gans import load_pretrained

    folder, copy = (load_pretrained(tmp_path / name).generate(4, seed=0) for name in sources)
    np.testing.assert_array_equal(folder, copy)
