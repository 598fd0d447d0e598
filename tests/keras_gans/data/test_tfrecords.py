import json
import re
import shutil
import warnings

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load_data, memory_limit
from keras_gans.data.convert import write_records
from keras_gans.data.tfrecords import Records
from tests.keras_gans.data.messy import make_messy_folder


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype="uint8")


@pytest.fixture
def pictures(tmp_path):
    """A folder of 23 pictures in three classes."""
    for number in range(23):
        folder = tmp_path / "pictures" / "abc"[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(20 + number, 30, 3)).save(folder / f"{number:02}.png")
    return f"folder:{tmp_path / 'pictures'}"


@pytest.fixture
def npz(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return load_data(f"npz:{tmp_path / 'data.npz'}")

    return write


def write(data, path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        count = write_records(data, path, **options)
    assert count == len(load_data(f"tfrecord:{path}"))
    return load_data(f"tfrecord:{path}")


def batches_of(data, **arguments):
    batches = data.batches(4, seed=3, epoch=1, **arguments)
    batches.on_epoch_begin()
    return [batches[step] for step in range(len(batches))]


def assert_equal(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for a, b in zip(one, other, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)


# Round trips


@pytest.mark.parametrize("encoding", ["png", "raw"])
@pytest.mark.parametrize("limit", [0, 2**30])
def test_a_converted_folder_gives_the_batches_of_the_folder(pictures, tmp_path, monkeypatch, encoding, limit):
    original = load_data(pictures, image_shape=(16, 12))
    expected = batches_of(original, labels=True)
    monkeypatch.setattr(memory_limit, "LIMIT", limit)
    copy = write(load_data(pictures, image_shape=(16, 12)), tmp_path / "set", encoding=encoding)
    assert isinstance(copy.samples, np.ndarray if limit else Records)
    assert (copy.shape, copy.class_names) == (original.shape, list(original.class_names))
    assert_equal(batches_of(copy, labels=True), expected)
    copied = copy.batches(4, seed=3, epoch=1, labels=True).as_dataset().as_numpy_iterator()
    assert_equal([next(copied) for _ in range(len(expected))], expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_an_archive(npz, tmp_path, channels):
    original = npz(x=noise(9, 7, 5, channels), y=np.arange(9) * 3)
    copy = write(original, tmp_path / "set")
    np.testing.assert_array_equal(copy.samples, original.samples)
    np.testing.assert_array_equal(copy.labels, original.labels)


def test_floats_are_kept_exactly(npz, tmp_path):
    original = npz(x=np.random.default_rng(0).uniform(-1, 1, (9, 3, 4)).astype("float32"))
    copy = write(original, tmp_path / "set")
    np.testing.assert_array_equal(copy.samples, original.samples)
    assert copy.labels is None
    assert copy.samples.dtype == np.float32
    with pytest.raises(ValueError, match="only uint8 images can be resized"):
        load_data(f"tfrecord:{tmp_path / 'set'}", image_shape=(8, 8, 1))


def test_points_with_their_modes_stream_too(tmp_path, monkeypatch):
    original = load_data("ring")
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    copy = write(original, tmp_path / "set")
    assert isinstance(copy.samples, Records)
    assert_equal(batches_of(copy, labels=True)[:3], batches_of(original, labels=True)[:3])


def test_licence_and_classes_are_kept(tmp_path):
    original, copy = load_data("digits"), write(load_data("digits"), tmp_path / "set")
    assert (copy.licence, copy.class_names) == (original.licence, list(original.class_names))
    assert json.loads((tmp_path / "set/index.json").read_text())["source"] == "digits"


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_streamed_data_sets_convert_with_their_labels(tfds_data_dir, tmp_path, monkeypatch):
    held = load_data("mnist", split="test")
    monkeypatch.setattr(memory_limit, "LIMIT", 1000)
    write_records(load_data("mnist", split="test"), tmp_path / "set", encoding="raw")
    copy = load_data(f"tfrecord:{tmp_path / 'set'}")
    some = np.arange(0, 10_000, 97)
    np.testing.assert_array_equal(copy.samples[some], held.samples[some])
    np.testing.assert_array_equal(copy.labels, held.labels)
    assert list(copy.class_names) == list(held.class_names)


def test_records_can_be_resized_and_cut_like_pictures(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    original = load_data(pictures, image_shape=(20, 40))
    write_records(original, tmp_path / "set")
    np.savez(tmp_path / "same.npz", x=original.samples[np.arange(23)])
    for limit in (0, 2**30):
        monkeypatch.setattr(memory_limit, "LIMIT", limit)
        options = {"image_shape": (10, 10), "crop": "random", "flip": True}
        ours = load_data(f"tfrecord:{tmp_path / 'set'}", **options)
        assert_equal(batches_of(ours), batches_of(load_data(f"npz:{tmp_path / 'same.npz'}", **options)))


def test_unreadable_pictures_are_left_out_and_listed(tmp_path, monkeypatch):
    seen, bad = make_messy_folder(tmp_path / "messy")
    for limit in (0, 2**30):
        monkeypatch.setattr(memory_limit, "LIMIT", limit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            original = load_data(f"folder:{tmp_path / 'messy'}", image_shape=(8, 8, 3))
            count = write_records(original, tmp_path / f"set{limit}")
        assert count == len(seen)
        lines = (tmp_path / f"set{limit}" / "skipped.txt").read_text().splitlines()
        assert len(lines) == len(original.skipped) == len(bad)
    small, large = (load_data(f"tfrecord:{tmp_path / f'set{limit}'}") for limit in (0, 2**30))
    np.testing.assert_array_equal(small.samples, large.samples)
    np.testing.assert_array_equal(small.labels, large.labels)


# The files


def test_any_reader_of_tfrecord_files_can_read_them(pictures, tmp_path):
    import tensorflow as tf

    original = load_data(pictures, image_shape=(16, 12))
    write_records(original, tmp_path / "set")
    write_records(original, tmp_path / "raw", encoding="raw")
    write_records(load_data("ring"), tmp_path / "ring")
    features = {"image": tf.io.FixedLenFeature((), tf.string), "label": tf.io.FixedLenFeature((), tf.int64)}
    for name, decode in (("set", tf.io.decode_png), ("raw", lambda image: tf.io.decode_raw(image, tf.uint8))):
        files = sorted(str(path) for path in (tmp_path / name).glob("*.tfrecord"))
        parsed = [tf.io.parse_single_example(record, features) for record in tf.data.TFRecordDataset(files)]
        images = np.stack([decode(example["image"]).numpy().reshape(16, 12, 3) for example in parsed])
        np.testing.assert_array_equal(images, original.samples)
        np.testing.assert_array_equal([int(example["label"]) for example in parsed], original.labels)
    features = {"sample": tf.io.FixedLenFeature((2,), tf.float32)}
    records = tf.data.TFRecordDataset(str(tmp_path / "ring/data-00000.tfrecord"))
    points = np.stack([tf.io.parse_single_example(record, features)["sample"] for record in records.take(100)])
    np.testing.assert_array_equal(points, load_data("ring").samples[:100])


def test_large_sets_are_cut_into_files_with_their_checksums(tmp_path):
    import hashlib

    np.savez(tmp_path / "a.npz", x=noise(50, 256, 256, 1))
    original = load_data(f"npz:{tmp_path / 'a.npz'}")
    copy = write(original, tmp_path / "set", encoding="raw", shard_mb=1)
    index = json.loads((tmp_path / "set/index.json").read_text())
    assert [file["name"] for file in index["files"]] == [f"data-0000{number}.tfrecord" for number in range(4)]
    assert sum(file["count"] for file in index["files"]) == index["count"] == 50
    for file in index["files"]:
        content = (tmp_path / "set" / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    np.testing.assert_array_equal(copy.samples, original.samples)


def test_records_are_read_without_tensorflow(pictures, tmp_path, monkeypatch):
    import subprocess
    import sys

    write_records(load_data(pictures, image_shape=(16, 12)), tmp_path / "set")
    code = f"""
import sys
from keras_gans.data import load_data, memory_limit
memory_limit.LIMIT = 0
print(load_data("tfrecord:{tmp_path / "set"}").samples[[3, 1]].shape, "tensorflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(2, 16, 12, 3) False"


# Damage


@pytest.fixture
def digits(tmp_path):
    write_records(load_data("digits"), tmp_path / "set", encoding="raw")
    return tmp_path / "set"


def test_a_flipped_bit_is_noticed_wherever_it_is(tmp_path, npz):
    original = npz(x=noise(5, 4, 4, 1))
    write_records(original, tmp_path / "set", encoding="raw")
    path = tmp_path / "set/data-00000.tfrecord"
    good, noticed = path.read_bytes(), 0
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 4]) + good[position + 1 :])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = load_data(f"tfrecord:{tmp_path / 'set'}")
        if data.skipped:
            assert len(data) == 4
            assert re.search(r"data-00000.tfrecord, record \d$", data.skipped[0][0])
            assert "CRC-32" in data.skipped[0][1]
            noticed += 1
        else:
            np.testing.assert_array_equal(data.samples, original.samples)
    assert noticed == 5 * 16  # every byte of an image


def test_a_damaged_record_is_replaced_while_streaming_and_strict_refuses_it(digits, monkeypatch):
    with open(digits / "data-00000.tfrecord", "r+b") as file:
        file.seek(100)  # within the first record
        file.write(b"\xff")
    expected = load_data("digits").samples
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    data = load_data(f"tfrecord:{digits}")
    with pytest.warns(UserWarning, match="1 record could not be read"):
        np.testing.assert_array_equal(data.samples[np.array([0, 1])], expected[[1, 1]])
    for limit in (0, 2**30):
        monkeypatch.setattr(memory_limit, "LIMIT", limit)
        with pytest.raises(ValueError, match=r"1 record cannot be read, which strict forbids: .*record 0"):
            load_data(f"tfrecord:{digits}", strict=True)


def change_index(folder, **changes):
    index = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps(index | changes))


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (
            lambda folder: shutil.rmtree(folder),
            FileNotFoundError,
            r"does not contain index.json: write a set with keras-gans data convert",
        ),
        (lambda folder: (folder / "index.npz").unlink(), FileNotFoundError, "There is no file .*index.npz"),
        (lambda folder: (folder / "data-00000.tfrecord").unlink(), FileNotFoundError, "data-00000.tfrecord is missing"),
        (
            lambda folder: (folder / "data-00000.tfrecord").write_bytes(b"abc"),
            ValueError,
            "holds 3 bytes and not .*copied whole",
        ),
        (lambda folder: (folder / "index.json").write_text("{"), ValueError, "not valid JSON"),
        (lambda folder: (folder / "index.json").write_text("{}"), ValueError, "not the index of a set"),
        (lambda folder: change_index(folder, version=2), ValueError, "written in version 2 of its format; this is version 1"),
        (lambda folder: change_index(folder, count=3), ValueError, "is damaged"),
        (lambda folder: change_index(folder, files=[{}]), ValueError, "is damaged"),
        (lambda folder: change_index(folder, encoding="exe"), ValueError, "is damaged"),
        (lambda folder: change_index(folder, shape=7), ValueError, "is damaged"),
        (lambda folder: np.savez(folder / "index.npz", start=np.zeros(2)), ValueError, "does not belong to"),
    ],
)
def test_sets_that_are_not_whole_are_refused(digits, damage, error, message):
    damage(digits)
    with pytest.raises(error, match=message):
        load_data(f"tfrecord:{digits}")


def test_an_index_that_names_files_elsewhere_is_refused(digits):
    index = json.loads((digits / "index.json").read_text())
    index["files"][0]["name"] = "../other.tfrecord"
    change_index(digits, files=index["files"])
    with pytest.raises(ValueError, match="is damaged"):
        load_data(f"tfrecord:{digits}")


# What is refused when writing


def test_an_existing_folder_is_not_replaced_unless_told(digits):
    before = (digits / "index.json").read_bytes()
    with pytest.raises(FileExistsError, match="exists already"):
        write_records(load_data("ring"), digits)
    assert (digits / "index.json").read_bytes() == before
    write_records(load_data("ring"), digits, overwrite=True)
    assert load_data(f"tfrecord:{digits}").shape == (2,)


def test_what_is_drawn_anew_in_each_epoch_is_not_stored(tmp_path):
    for options in ({"flip": True}, {"crop": "random", "image_shape": (8, 4)}):
        with pytest.raises(ValueError, match="drawn anew in each epoch"):
            write_records(load_data("digits", **options), tmp_path / "set")
    with pytest.raises(ValueError, match="encoding must be one of png, raw; received 'jpeg'"):
        write_records(load_data("digits"), tmp_path / "set", encoding="jpeg")


def test_a_failure_leaves_the_old_set_and_nothing_else(digits):
    class Failing(np.ndarray):
        def __getitem__(self, positions):
            if isinstance(positions, np.ndarray) and positions[0] > 500:
                raise OSError("no space left")
            return np.asarray(self)[positions]

    data = load_data("digits")
    data.samples = data.samples.view(Failing)
    with pytest.raises(OSError, match="no space left"):
        write_records(data, digits, overwrite=True)
    assert len(load_data(f"tfrecord:{digits}")) == 1797
    assert [path.name for path in digits.parent.iterdir() if path.name.startswith(".")] == []
