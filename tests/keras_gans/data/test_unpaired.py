"""Images of two domains without pairs."""

import itertools
import warnings

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import Data, load_data
from keras_gans.data.batches import Batches
from keras_gans.data.unpaired import UnpairedValues


def save(colour, path, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (colour, colour // 2, 0)).save(path)


@pytest.fixture
def folders(tmp_path):
    """Seven images in A, with colours from 0 on, and four in B, from 100 on, of other sizes."""
    for number in range(7):
        save(number, tmp_path / "A" / f"{number}.png", (8, 10))
    for number in range(4):
        save(100 + number, tmp_path / "B" / "sub" / f"{number}.png", (12 + number, 12))
    return tmp_path


def load(source, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_data(source, **arguments)


def colours(images):
    return images[:, 0, 0, 0].tolist()


def epochs(batches, numbers):
    """Returns the colours of samples and inputs, batch by batch, of some epochs."""
    found = []
    for epoch in numbers:
        batches.seek(epoch)
        for step in range(len(batches)):
            samples, conditions = batches[step]
            found.append((colours(samples), colours(conditions["images"])))
    return found


def flat(found, side):
    return list(itertools.chain.from_iterable(pair[side] for pair in found))


def test_samples_are_b_and_inputs_are_a_of_one_size(folders):
    data = load(f"unpaired:{folders}", image_shape=(8, 8))
    assert (len(data), data.shape, data.conditions["images"].shape) == (4, (8, 8, 3), (4, 8, 8, 3))
    assert colours(data.samples) == [100, 101, 102, 103]
    assert "7 images of A, 4 of B" in data.notes
    # Where nothing is shuffled, inputs have a fixed order that goes through all of them.
    assert colours(data.conditions["images"][np.arange(4)]) == [0, 1, 3, 5]
    turned = load(f"unpaired:{folders}", image_shape=(8, 8), direction="BtoA")
    assert colours(turned.samples) == list(range(7))
    assert colours(turned.conditions["images"][np.arange(7)]) == [100, 100, 101, 101, 102, 102, 103]


def test_all_of_a_larger_domain_is_used_before_anything_repeats(folders):
    batches = load(f"unpaired:{folders}", image_shape=(8, 8)).batches(2, seed=3, conditions=("images",))
    found = epochs(batches, range(7))
    assert sorted(flat(found[:2], 0)) == [100, 101, 102, 103]
    inputs = flat(found, 1)
    for start in range(0, 28, 7):  # four passes in seven epochs of four
        assert sorted(inputs[start : start + 7]) == list(range(7))
    assert len({tuple(inputs[start : start + 7]) for start in range(0, 28, 7)}) > 1


def test_a_smaller_domain_repeats_within_an_epoch(folders):
    batches = load(f"unpaired:{folders}", image_shape=(8, 8), direction="BtoA").batches(7, conditions=("images",))
    ((samples, inputs),) = epochs(batches, [0])
    assert sorted(samples) == list(range(7))
    assert sorted(inputs[:4]) == [100, 101, 102, 103]


def test_the_order_of_inputs_is_a_function_of_seed_epoch_and_step(folders):
    data = load(f"unpaired:{folders}", image_shape=(8, 8))
    first = epochs(data.batches(2, seed=1, conditions=("images",)), range(3))
    assert epochs(data.batches(2, seed=1, conditions=("images",)), range(3)) == first
    assert epochs(data.batches(2, seed=2, conditions=("images",)), range(3)) != first
    # From the middle, and by threads of tf.data, of which each reads a part of a batch.
    tf = pytest.importorskip("tensorflow")
    batches = data.batches(2, seed=1, conditions=("images",))
    batches.seek(1, 1)
    parts = tf.data.Dataset.zip(tuple(batches.as_dataset(part, 2) for part in range(2))).take(3)
    read = [
        tuple(list(itertools.chain.from_iterable(colours(half[side]) for half in halves)) for side in (0, 1))
        for halves in ([(s.numpy(), c["images"].numpy()) for s, c in both] for both in parts)
    ]
    assert read == first[3:]


def test_both_sides_are_cropped_and_mirrored_on_their_own():
    columns = np.broadcast_to(np.arange(6, dtype="uint8")[None, None, :, None], (64, 6, 6, 1))
    batches = Batches(columns, {"images": UnpairedValues(columns[:50], 64)}, 64, flip=True)
    samples, conditions = batches[0]
    ways = {(one > 0, other > 0) for one, other in zip(colours(samples), colours(conditions["images"]), strict=True)}
    assert len(ways) == 4


def test_data_that_are_made_in_memory():
    samples = np.zeros((6, 4, 4, 1), "uint8")
    data = Data("mine", samples, conditions={"images": UnpairedValues(samples[:4] + 7, 6)})
    assert colours(data.batches(6, conditions=("images",))[0][1]["images"]) == [7] * 6


def test_the_folders_of_cyclegan_have_two_splits(tmp_path):
    for number, name in enumerate(["trainA", "trainB", "testA", "testB"]):
        save(number, tmp_path / name / "0.png")
    for split, expected in (("train", (0, 1)), ("test", (2, 3))):
        data = load(f"unpaired:{tmp_path}", split=split)
        assert (colours(data.conditions["images"][np.arange(1)])[0], colours(data.samples)[0]) == expected
        assert data.split == split


def test_what_is_missing_is_named(tmp_path):
    save(0, tmp_path / "A" / "0.png")
    save(0, tmp_path / "apples" / "0.png")
    with pytest.raises(FileNotFoundError, match="the folders A and B, or trainA and trainB, with images"):
        load_data(f"unpaired:{tmp_path}")
    save(0, tmp_path / "B" / "0.png")
    with pytest.raises(FileNotFoundError, match=r"the folders testA and testB, with .*it contains A, B, apples"):
        load_data(f"unpaired:{tmp_path}", split="test")
    with pytest.raises(ValueError, match="no direction 'AB'"):
        load_data(f"unpaired:{tmp_path}", direction="AB")
    (tmp_path / "B" / "0.png").write_bytes(b"no image")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="B contains no readable image"):
        load_data(f"unpaired:{tmp_path}")


def test_an_unreadable_image_is_left_out(folders):
    (folders / "A" / "3.png").write_bytes(b"no image")
    with pytest.warns(UserWarning, match="1 image could not be read"):
        data = load_data(f"unpaired:{folders}", image_shape=(8, 8))
    batches = data.batches(4, conditions=("images",))
    assert set(flat(epochs(batches, range(3)), 1)) == {0, 1, 2, 4, 5, 6}
