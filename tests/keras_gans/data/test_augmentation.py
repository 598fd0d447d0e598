"""Random cuts and flips: functions of (seed, epoch, step), whatever loads the batches and however many share the work."""

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load_data, memory_limit
from keras_gans.data.batches import Batches
from keras_gans.data.decoded import Croppable, DecodedSamples


@pytest.fixture
def pictures(tmp_path):
    """A folder of 21 pictures of several shapes in three classes."""
    rng = np.random.default_rng(0)
    for number in range(21):
        folder = tmp_path / "pictures" / "abc"[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        size = (int(rng.integers(10, 40)), int(rng.integers(10, 40)), 3)
        Image.fromarray(rng.integers(0, 256, size, dtype="uint8")).save(folder / f"{number:02}.png")
    return f"folder:{tmp_path / 'pictures'}"


def epoch_of(batches):
    batches.on_epoch_begin()
    epoch = [batches[step] for step in range(batches.num_batches)]
    batches.on_epoch_end()
    return epoch


def through_tensorflow(batches, count, **parts):
    iterator = batches.as_dataset(**parts).as_numpy_iterator()
    return [next(iterator) for _ in range(count)]


def assert_equal(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def expected_batch(data, whole, seed, epoch, step, batch_size, flip):
    """A batch made anew from whole pictures, by the documented order and the documented random numbers."""
    order = np.random.default_rng((seed, epoch)).permutation(len(whole))
    positions = order[step * batch_size : (step + 1) * batch_size]
    sequence = np.random.SeedSequence((seed, epoch, step), spawn_key=(1,))
    numbers = np.random.default_rng(sequence).random((batch_size, 2 + flip), dtype="float32")
    height, width = data.shape[:2]
    images = []
    for position, row in zip(positions, numbers, strict=True):
        picture = whole[position]
        unit = min(picture.width / width, picture.height / height)
        size = (max(width, round(picture.width / unit)), max(height, round(picture.height / unit)))
        resized = np.asarray(picture.resize(size, Image.Resampling.LANCZOS) if size != picture.size else picture)
        top, left = (int(n * (have - want + 1)) for n, have, want in zip(row, resized.shape, (height, width), strict=False))
        cut = resized[top : top + height, left : left + width]
        images.append(cut[:, ::-1] if flip and row[2] < 0.5 else cut)
    return np.stack(images), data.labels[positions]


@pytest.mark.parametrize("limit", [0, 2**30])
@pytest.mark.parametrize("flip", [False, True])
def test_batches_are_those_made_by_hand(pictures, monkeypatch, limit, flip):
    monkeypatch.setattr(memory_limit, "LIMIT", limit)
    data = load_data(pictures, image_shape=(12, 8), crop="random", flip=flip)
    assert isinstance(data.samples, Croppable if limit else DecodedSamples)
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    names = load_data(pictures, image_shape=(12, 8)).samples
    whole = [Image.open(names.name(position)).convert("RGB") for position in range(21)]
    batches = data.batches(4, seed=3, epoch=2, labels=True)
    for epoch in (2, 3):
        expected = [expected_batch(data, whole, 3, epoch, step, 4, flip) for step in range(5)]
        assert_equal(epoch_of(batches), expected)


@pytest.mark.parametrize("limit", [0, 2**30])
def test_both_ways_to_load_give_the_same_from_any_step_on(pictures, monkeypatch, limit):
    monkeypatch.setattr(memory_limit, "LIMIT", limit)
    data = load_data(pictures, image_shape=(12, 8), crop="random", flip=True)
    batches = data.batches(4, seed=3, labels=True)
    whole = epoch_of(batches) + epoch_of(batches)
    assert_equal(through_tensorflow(data.batches(4, seed=3, labels=True), 10), whole)
    batches.seek(0, 3)
    assert_equal(epoch_of(batches) + epoch_of(batches), whole[3:])
    batches.seek(0, 3)
    assert_equal(through_tensorflow(batches, 7), whole[3:])
    batches.seek(1, 1)
    assert_equal(through_tensorflow(batches, 4), whole[6:])


@pytest.mark.parametrize("crop", ["random", "centre"])
@pytest.mark.parametrize(("parts", "replicas"), [(2, 1), (1, 4), (2, 2), (4, 2)])
def test_parts_of_workers_and_replicas_make_up_the_whole(pictures, monkeypatch, crop, parts, replicas):
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    data = load_data(pictures, image_shape=(12, 8), crop=crop, flip=True)
    whole = through_tensorflow(data.batches(8, seed=3, labels=True), 4)
    shares = []
    for part in range(parts):
        batches = data.batches(8, seed=3, labels=True)
        batches.seek(0, 1)
        shares.append(through_tensorflow(batches, 3 * replicas, part=part, parts=parts, replicas=replicas))
    for step in range(3):
        pieces = [share[step * replicas + replica] for share in shares for replica in range(replicas)]
        together = tuple(np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
        assert_equal([together], [whole[1 + step]])


def test_shorter_epochs_are_beginnings_of_whole_ones(pictures):
    data = load_data(pictures, image_shape=(12, 8), crop="random", flip=True)
    whole, short = data.batches(4, seed=3), data.batches(4, seed=3).take(2)
    for _ in range(2):
        assert_equal(epoch_of(short), epoch_of(whole)[:2])


def test_numbers_differ_between_seeds_epochs_steps_and_rows(pictures):
    data = load_data(pictures, image_shape=(12, 8), crop="random", flip=True)
    drawn = [
        tuple(row)
        for seed in (0, 1)
        for epoch in range(3)
        for step in range(5)
        for row in data.batches(4, seed=seed).numbers(epoch, step)
    ]
    assert len(set(drawn)) == len(drawn) == 2 * 3 * 5 * 4


def test_half_of_the_images_are_flipped_and_nothing_else_happens_to_them():
    samples = np.arange(2000, dtype="float32")[:, None, None, None] + np.array([0.0, 0.25])[None, None, :, None]
    batches = Batches(samples, batch_size=2000, seed=1, shuffle=False, flip=True)
    (seen,) = batches[0]
    flipped = seen[:, 0, 0, 0] > seen[:, 0, 1, 0]
    np.testing.assert_array_equal(np.where(flipped[:, None, None, None], seen[:, :, ::-1], seen), samples)
    assert abs(flipped.mean() - 0.5) < 5 * 0.5 / np.sqrt(2000)
    assert (samples[0] == [[[0], [0.25]]]).all()  # the samples themselves are left alone


def test_the_order_is_that_without_augmentation(pictures):
    plain = load_data(pictures, image_shape=(12, 8)).batches(4, seed=3)
    varied = load_data(pictures, image_shape=(12, 8), crop="random", flip=True).batches(4, seed=3)
    np.testing.assert_array_equal(plain.order(5), varied.order(5))
    assert plain.numbers(0, 0) is None


@pytest.mark.parametrize("source", ["ring", "grid"])
def test_points_cannot_be_flipped(source):
    with pytest.raises(ValueError, match="which cannot be flipped: only images can"):
        load_data(source, flip=True)


# Streams of TensorFlow Datasets


@pytest.fixture
def streamed(tfds_data_dir, monkeypatch):
    monkeypatch.setattr(memory_limit, "LIMIT", 1000)
    return load_data("mnist", image_shape=(20, 28), split="test", crop="random", flip=True)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_stream_is_augmented_by_the_same_numbers(streamed):
    originals = load_data("mnist", split="test").batches(50, seed=3)
    ours, theirs = through_tensorflow(streamed.batches(50, seed=3), 3), through_tensorflow(originals, 3)
    for step in range(3):
        numbers = np.random.default_rng(np.random.SeedSequence((3, 0, step), spawn_key=(1,))).random((50, 3), dtype="float32")
        for image, original, row in zip(ours[step][0], theirs[step][0], numbers, strict=True):
            top = int(row[0] * 9)
            cut = original[top : top + 20]
            np.testing.assert_array_equal(image, cut[:, ::-1] if row[2] < 0.5 else cut)


# A quarter of a minute (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_a_stream_can_begin_at_any_step_and_be_shared(streamed):
    whole = through_tensorflow(streamed.batches(1000, seed=3, labels=True).take(3), 6)
    batches = streamed.batches(1000, seed=3, labels=True).take(3)
    batches.seek(0, 2)
    assert_equal(through_tensorflow(batches, 4), whole[2:])
    batches.seek(1, 1)
    pieces = [through_tensorflow(batches, 2, part=part, parts=2, replicas=2) for part in range(2)]
    together = tuple(np.concatenate(arrays) for arrays in zip(*pieces[0], *pieces[1], strict=True))
    assert_equal([together], [whole[4]])


# Twenty seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_a_held_data_set_is_cut_at_random_too(tfds_data_dir):
    data = load_data("mnist", image_shape=(20, 28), split="test", crop="random")
    assert isinstance(data.samples, Croppable)
    assert data.batches(5)[0][0].shape == (5, 20, 28, 1)
    assert len(data.labels) == len(data) == 10_000
