import collections
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans.data import load_data, memory_limit
from tests.support import pages
from tests.support.forked import Forked

# Of digits 0 to 9 in the test split: LeCun et al. 1998; the split has 10,000 images.
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def held():
    """The test split of mnist, in memory."""
    if not Path(os.environ.get("TFDS_DATA_DIR", "none"), "mnist").is_dir():
        pytest.skip("TFDS_DATA_DIR names no folder with a prepared mnist")
    return load_data("mnist", split="test")


@pytest.fixture
def streamed(tfds_data_dir, monkeypatch):
    """The same, too large for memory."""
    monkeypatch.setattr(memory_limit, "LIMIT", 1000)
    return load_data("mnist", split="test")


def one_epoch(batches, steps):
    return [tuple(np.asarray(part) for part in batch) for batch in batches.take(steps)]


def run_forked(code, data_dir):
    """Runs code where TensorFlow has been imported, but not its data sets."""
    code = "import sys; assert 'tensorflow_datasets' not in sys.modules\n" + code
    return Forked(pages.run_python, [code], env={**os.environ, "TFDS_DATA_DIR": str(data_dir)}).finish(120)


def run_python(code, data_dir):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TFDS_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# In memory


def test_mnist_is_the_published_one(tfds_data_dir, held):
    assert held.samples.shape == (10_000, 28, 28, 1)
    assert held.samples.dtype == np.uint8
    assert held.labels.dtype == np.int32
    assert np.bincount(held.labels).tolist() == TEST_COUNTS
    assert list(held.class_names) == list("0123456789")
    assert held.licence == "CC BY-SA 3.0"
    # LeCun's training set has mean 0.1307 of 1; the test set, 0.1325.
    assert held.samples.mean() / 255 == pytest.approx(0.1325, abs=0.0005)


@pytest.mark.parametrize("source", ["tfds:mnist", "tfds:mnist:3.0.1"])
def test_ways_to_name_it(tfds_data_dir, held, source):
    data = load_data(source, split="test")
    np.testing.assert_array_equal(data.samples, held.samples)
    np.testing.assert_array_equal(data.labels, held.labels)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_images_are_resized_as_pillow_does_it(tfds_data_dir, held):
    small = load_data("mnist", image_shape=(14, 14), split="test")
    assert small.shape == (14, 14, 1)
    for index in range(0, 10_000, 1000):
        expected = Image.fromarray(held.samples[index, ..., 0]).resize((14, 14), Image.Resampling.LANCZOS)
        np.testing.assert_array_equal(small.samples[index, ..., 0], expected)
    np.testing.assert_array_equal(small.labels, held.labels)


# Streamed


def test_stream_looks_like_the_data_in_memory(held, streamed):
    assert streamed.streamed
    assert not held.streamed
    assert (len(streamed), streamed.shape) == (len(held), held.shape)
    assert list(streamed.class_names) == list(held.class_names)


def test_an_epoch_of_the_stream_shows_each_image_once_with_its_label(held, streamed):
    batches = one_epoch(streamed.batches(64, labels=True).as_dataset(), steps=156)
    assert {images.shape for images, _ in batches} == {(64, 28, 28, 1)}
    assert {images.dtype for images, _ in batches} == {np.dtype("uint8")}
    seen = collections.Counter(
        (image.tobytes(), int(label)) for images, labels in batches for image, label in zip(images, labels, strict=True)
    )
    there = collections.Counter((image.tobytes(), int(label)) for image, label in zip(held.samples, held.labels, strict=True))
    assert seen.total() == 156 * 64
    assert not seen - there
    assert (there - seen).total() == 10_000 - 156 * 64  # the remainder


def order(batches, steps):
    """The bytes of each batch, without labels."""
    return [np.asarray(images).tobytes() for images in batches.take(steps)]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_order_of_the_stream_is_a_function_of_seed_and_epoch(streamed):
    # Ten batches an epoch, so that epochs 0, 1 and 2 are quick.
    two = order(streamed.batches(1000, seed=3).as_dataset(), steps=20)
    assert order(streamed.batches(1000, seed=3).as_dataset(), steps=20) == two
    assert order(streamed.batches(1000, seed=3, epoch=1).as_dataset(), steps=10) == two[10:]
    assert two[:10] != two[10:]
    assert order(streamed.batches(1000, seed=4).as_dataset(), steps=1) != two[:1]


def test_stream_can_be_run_through_again(streamed):
    batches = streamed.batches(1000, seed=3).as_dataset()
    assert order(batches, steps=2) == order(batches, steps=2)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_global_seed_does_not_change_the_order_of_the_stream(streamed):
    orders = []
    for seed in (0, 1):
        keras.utils.set_random_seed(seed)
        orders.append(order(streamed.batches(1000, seed=3).as_dataset(), steps=1))
    assert orders[0] == orders[1]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_stream_resizes_like_the_data_in_memory(tfds_data_dir, streamed, monkeypatch):
    small = load_data("mnist", image_shape=(8, 8, 3), split="test")
    assert small.streamed
    images = np.asarray(next(iter(small.batches(1000, seed=3).as_dataset()))[0])
    originals = np.asarray(next(iter(streamed.batches(1000, seed=3).as_dataset()))[0])
    assert images.shape == (1000, 8, 8, 3)
    for image, original in zip(images[:50], originals, strict=False):
        expected = Image.fromarray(original[..., 0]).convert("RGB").resize((8, 8), Image.Resampling.LANCZOS)
        np.testing.assert_array_equal(image, np.asarray(expected))


# What is not there


def test_unknown_split_lists_the_splits(tfds_data_dir):
    with pytest.raises(ValueError, match=r"'mnist' has no split 'validation'. It has: .*test.*train|train.*test"):
        load_data("mnist", split="validation")


@pytest.mark.parametrize("source", ["mnits", "tfds:mnits"])
def test_misspelt_data_set_suggests_the_nearest(tfds_data_dir, source):
    before = sorted(path.name for path in tfds_data_dir.iterdir())
    with pytest.raises(ValueError, match=r"There is no data source 'mnits'. Did you mean 'mnist'") as error:
        load_data(source)
    assert len(str(error.value)) < 300  # not all of the thousand names
    assert sorted(path.name for path in tfds_data_dir.iterdir()) == before


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize("message", ["no network\\nand a second line", pytest.param("", marks=pytest.mark.slow)])
def test_data_set_that_is_not_prepared_and_cannot_be(tmp_path, message):
    code = f"""
import tensorflow_datasets as tfds
from keras_gans.data import load_data
from keras_gans.data import tfds as ours

ours._network_error = lambda: None

def fail(builder):
    raise ConnectionError("{message}")

tfds.core.DatasetBuilder.download_and_prepare = fail
try:
    load_data("mnist")
except ValueError as error:
    print(error)
"""
    done = run_forked(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"The data set 'mnist' is not prepared in {tmp_path}" in done.stdout
    assert "ConnectionError" in done.stdout
    assert "Set TFDS_DATA_DIR to a folder that holds it." in done.stdout
    assert "second line" not in done.stdout


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_data_set_that_is_not_prepared_where_there_is_no_network_is_refused_at_once(tmp_path):
    code = """
import socket
from keras_gans.data import load_data
from keras_gans.data import tfds as ours

def refuse(*arguments, **options):
    raise OSError("no network here")

socket.getaddrinfo = refuse
import tensorflow_datasets
try:
    load_data("mnist")
except ValueError as error:
    print(error)
"""
    done = run_forked(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"The data set 'mnist' is not prepared in {tmp_path}" in done.stdout
    assert "there is no network to download it from (no network here). Set TFDS_DATA_DIR" in done.stdout


def test_missing_library_says_what_needs_it_and_what_does_not(tmp_path):
    code = """
import sys
sys.modules["tensorflow_datasets"] = None
from keras_gans.data import load_data

assert len(load_data("digits")) == 1797
try:
    load_data("mnist")
except ImportError as error:
    print(error)
"""
    done = run_forked(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "'tfds:mnist' needs tensorflow and tensorflow-datasets" in done.stdout
    assert "npz:PATH or folder:PATH" in done.stdout


def test_data_that_fit_in_memory_need_no_tensorflow(tmp_path):
    np.savez(tmp_path / "data.npz", x=np.zeros((2, 4, 4, 1), "uint8"))
    code = f"""
import sys
from keras_gans.data import load_data

for source in ("digits", "ring", "grid", "npz:{tmp_path / "data.npz"}"):
    load_data(source)
print("tensorflow" in sys.modules, "keras" in sys.modules)
"""
    done = run_python(code, tmp_path)
    assert done.stdout.strip() == "False False", done.stderr


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_streamed_data_set_trains_through_fit(streamed):
    keras.utils.set_random_seed(5)  # as the command line does
    model = keras_gans.create_model("gan", image_shape=streamed.shape, width=4, latent_dim=3, seed=0)
    history = model.fit(streamed.batches(32, seed=1).as_dataset(), epochs=2, steps_per_epoch=3, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 6
