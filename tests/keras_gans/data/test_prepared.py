"""What TensorFlow Datasets has prepared, read where it and TensorFlow are not."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_gans.data import load_data, memory_limit
from keras_gans.data import tfds as source
from keras_gans.data.prepared_images import interleaved
from keras_gans.data.skipped import UnreadableWarning
from tests.support.prepared import write_prepared

ROOT = Path(__file__).parents[3]


@pytest.fixture
def without(monkeypatch, tmp_path):
    """Makes TensorFlow Datasets missing; prepared data sets are in a folder of the test."""
    monkeypatch.setattr(source, "_missing_library", lambda: ImportError("No module named 'tensorflow'"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))


def pictures(*counts, shape=(6, 5, 1), seed=0):
    """For each count, so many pairs of noise and a label."""
    rng = np.random.default_rng(seed)
    return [[(rng.integers(0, 256, shape, "uint8"), int(rng.integers(2))) for _ in range(count)] for count in counts]


def assert_holds(data, samples):
    np.testing.assert_array_equal(data.samples[np.arange(len(samples))], np.stack([image for image, _ in samples]))
    assert data.labels.tolist() == [label for _, label in samples]


def test_samples_labels_names_and_licence(without, tmp_path):
    train, test = pictures(5)[0], pictures(3, seed=1)[0]
    write_prepared(tmp_path, {"train": [train], "test": [test]}, redistributionInfo={"license": "CC0"})
    for name in ("pets", "tfds:pets", "tfds:pets:1.0.0"):
        data = load_data(name)
        assert repr(data) == f"{name}: 5 samples of 6x5x1, 2 classes"
        assert (data.class_names, data.licence, data.notes) == (["cat", "dog"], "CC0", [])
        assert (data.samples.dtype, data.labels.dtype) == (np.uint8, np.int32)
        assert_holds(data, train)
    assert_holds(load_data("pets", split="test"), test)


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("train[:40%]", slice(0, 4)),
        ("train[:26%]", slice(0, 3)),
        ("train[-3:]", slice(7, 10)),
        ("train[2:-7]", slice(2, 3)),
        ("train[5:6]+train[9:]", [5, 9]),
        ("all", slice(0, 10)),
    ],
)
def test_parts_of_splits(without, tmp_path, split, expected):
    files = pictures(3, 7)
    write_prepared(tmp_path, {"train": files})
    everything = np.array([image for file in files for image, _ in file])
    np.testing.assert_array_equal(load_data("pets", split=split).samples, everything[expected])


@pytest.mark.parametrize("split", ["valid", "train[:1shard]", "train[:200%]", "train[3]", "train[0:11]", "train+valid", ""])
def test_unknown_split_lists_the_splits(without, tmp_path, split):
    write_prepared(tmp_path, {"train": pictures(10), "test": pictures(1)})
    with pytest.raises(ValueError, match=r"'pets' has no split .* It has: train, test; a part of one looks like train\[:10%\]"):
        load_data("pets", split=split)


def test_the_newest_version_and_the_only_configuration(without, tmp_path):
    old, new = pictures(1, 2)
    write_prepared(tmp_path, {"train": [old]}, name="pets/small").rename(tmp_path / "pets/small/0.9.1")
    write_prepared(tmp_path, {"train": [new]}, name="pets/small").rename(tmp_path / "pets/small/0.10.0")
    assert len(load_data("tfds:pets")) == len(load_data("tfds:pets/small")) == 2
    assert len(load_data("tfds:pets/small:0.9.1")) == 1
    write_prepared(tmp_path, {"train": [old]}, name="pets/large")
    with pytest.raises(ValueError, match="'pets' has several configurations: name one of pets/large, pets/small"):
        load_data("tfds:pets")


def test_data_without_labels_and_of_several_sizes(without, tmp_path):
    samples = [(image, None) for image, _ in pictures(2, shape=(8, 6, 3))[0]] + [(pictures(1, shape=(4, 4, 3))[0][0][0], None)]
    write_prepared(tmp_path, {"train": [samples]}, names=None, shape=(-1, -1, 3))
    with pytest.raises(ValueError, match=r"'pets' contains images of several sizes.*--image_size=64"):
        load_data("pets")
    data = load_data("pets", image_shape=(4, 4))
    assert (data.labels, data.class_names, data.shape) == (None, None, (4, 4, 3))
    np.testing.assert_array_equal(data.samples[2], samples[2][0])
    assert data.notes == ["3 images: resized to 4x4"]


def test_jpegs_are_noted(without, tmp_path):
    write_prepared(tmp_path, {"train": pictures(1, shape=(16, 16, 3))}, shape=(16, 16, 3), kind="JPEG")
    assert [note.partition(" by ")[0] for note in load_data("pets").notes] == ["JPEGs were decoded"]


def test_data_too_large_for_memory_are_read_while_they_are_used(without, tmp_path, monkeypatch):
    files = pictures(4, 4)
    write_prepared(tmp_path, {"train": files})
    monkeypatch.setattr(memory_limit, "LIMIT", 10)
    data = load_data("pets")
    assert not isinstance(data.samples, np.ndarray)
    assert_holds(data, [*files[0], *files[1]])
    images, labels = data.batches(4, labels=True)[0]
    assert (images.shape, labels.shape) == ((4, 6, 5, 1), (4,))


# Damage


def test_a_damaged_record_is_left_out_and_named(without, tmp_path):
    (samples,) = pictures(4)
    file = write_prepared(tmp_path, {"train": [samples]}) / "pets-train.tfrecord-00000-of-00001"
    content = file.read_bytes()
    place = content.index(b"IDAT", content.index(b"IDAT") + 1) + 8
    file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    with pytest.warns(UnreadableWarning, match=r"1 record could not be read .*00000-of-00001, record 1"):
        data = load_data("pets")
    assert_holds(data, [samples[0], *samples[2:]])
    assert data.skipped == [(f"{file}, record 1", data.skipped[0][1])]
    assert "CRC-32C" in data.skipped[0][1]
    with pytest.raises(ValueError, match=r"record 1 \(.*CRC-32C"):
        load_data("pets", strict=True)


def test_files_that_are_missing_cut_off_or_of_another_set(without, tmp_path):
    folder = write_prepared(tmp_path, {"train": pictures(4, 2)})
    first, second = sorted(folder.glob("*.tfrecord*"))
    content = second.read_bytes()
    second.write_bytes(content[:-9])
    with pytest.raises(ValueError, match=r"00001-of-00002 is cut off in record 1\. Copy or prepare"):
        load_data("pets")
    second.write_bytes(first.read_bytes())
    with pytest.raises(ValueError, match="00001-of-00002 holds 4 records and not 2: copy or prepare"):
        load_data("pets")
    second.unlink()
    with pytest.raises(ValueError, match=r"00001-of-00002 cannot be read \(No such file"):
        load_data("pets")


def test_formats_that_are_not_read(without, tmp_path):
    folder = write_prepared(tmp_path, {"train": pictures(1)}, fileFormat="array_record")
    with pytest.raises(ValueError, match="format array_record; without TensorFlow, only TFRecord"):
        load_data("pets")
    write_prepared(tmp_path, {"train": pictures(1)}, name="named")
    file = tmp_path / "named/1.0.0/features.json"
    file.write_text(file.read_text().replace('"classLabel"', '"text"'))
    with pytest.raises(ValueError, match="'named' has labels that are not integers"):
        load_data("named")
    (folder / "features.json").write_text('{"type": "FeaturesDict", "content": "{}"}')
    with pytest.raises(ValueError, match=r"features\.json was written by an old version .* prepare the data set again"):
        load_data("pets")


def test_a_set_that_is_not_prepared_says_what_to_do(without, tmp_path):
    with pytest.raises(ImportError, match=r"'tfds:pets' needs tensorflow .*prepared: pip install .*TFDS_DATA_DIR.*npz:PATH"):
        load_data("pets")


# Against TensorFlow


def test_several_files_come_in_the_order_of_tensorflow():
    tf = pytest.importorskip("tensorflow", exc_type=ImportError)
    rng = np.random.default_rng(0)
    for counts in ([3], [40, 5, 17, 16, 33, 1], rng.integers(1, 60, 20).tolist(), [16] * 18, [32, *[4] * 20]):
        starts = np.cumsum(counts) - counts
        files = tf.data.Dataset.from_tensor_slices((starts, np.array(counts, "int64"))).interleave(
            lambda start, count: tf.data.Dataset.range(start, start + count),
            cycle_length=16,
            block_length=16,
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        assert interleaved(counts).tolist() == list(files.as_numpy_iterator()), counts


def test_tensorflow_datasets_reads_the_same(tmp_path, monkeypatch):
    """A set of 18 files, which are read in turn."""
    tfds = pytest.importorskip("tensorflow_datasets")
    pytest.importorskip("tensorflow", exc_type=ImportError)
    folder = write_prepared(tmp_path, {"train": pictures(*range(20, 38))})
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    builder = tfds.builder_from_directory(str(folder))
    monkeypatch.setattr(source, "_missing_library", lambda: ImportError())
    for split in ("train", "train[30%:-10%]", "train[:25]+train[400:]"):
        data = load_data("pets", split=split)
        expected = list(builder.as_dataset(split=split).as_numpy_iterator())
        assert_holds(data, [(each["image"], int(each["label"])) for each in expected])
    assert data.class_names == builder.info.features["label"].names


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_mnist_is_the_same_without_tensorflow(tfds_data_dir, tmp_path):
    code = f"""
import sys
import numpy as np
from keras_gans.data import load_data
data = load_data("mnist", split="test")
assert "tensorflow" not in sys.modules
np.savez({str(tmp_path / "mnist.npz")!r}, x=data.samples, y=data.labels, names=list(data.class_names), licence=data.licence)
"""
    paths = [str(ROOT / "tests/without_tensorflow"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TFDS_DATA_DIR": str(tfds_data_dir)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)
    found, data = np.load(tmp_path / "mnist.npz"), load_data("mnist", split="test")
    np.testing.assert_array_equal(found["x"], data.samples)
    np.testing.assert_array_equal(found["y"], data.labels)
    assert found["names"].tolist() == list(data.class_names)
    assert str(found["licence"]) == data.licence
