"""Images with holes, and the masks that show these."""

import itertools

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import Data, load_data, memory_limit
from keras_gans.data.masks import add_masks

CONDITIONS = ("images", "masks")


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype="uint8")


def save(array, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def folder(tmp_path):
    for number in range(6):
        save(noise(number, 20, 24, 3), tmp_path / f"{number}.png")
    return tmp_path


def check_batch(samples, conditions):
    """The images are the samples, but for the hole, which is grey."""
    images, masks = conditions["images"], conditions["masks"]
    assert masks.dtype == images.dtype == np.uint8
    assert masks.shape == (*samples.shape[:3], 1)
    assert set(np.unique(masks)) == {0, 255}
    np.testing.assert_array_equal(images, np.where(masks == 255, 128, samples))


def all_batches(data, epochs=2, **options):
    batches = data.batches(3, seed=1, conditions=CONDITIONS, **options)
    for epoch in range(epochs):
        batches.seek(epoch)
        for step in range(len(batches)):
            yield batches[step]


@pytest.mark.parametrize("crop", ["centre", "random", "patch"])
@pytest.mark.parametrize("streamed", [False, True])
def test_holes_fit_random_crops_and_flips_and_are_others_each_time(folder, monkeypatch, crop, streamed):
    if streamed:
        monkeypatch.setattr(memory_limit, "fits", lambda shape: False)
    data = load_data(f"folder:{folder}", (16, 16), crop=crop, flip=True, mask="strokes")
    assert data.shape == (16, 16, 3)
    found = list(all_batches(data))
    for batch in found:
        check_batch(*batch)
    masks = np.concatenate([conditions["masks"] for _, conditions in found])
    assert len(np.unique(masks.reshape(len(masks), -1), axis=0)) == 12


def test_masks_are_a_function_of_seed_epoch_and_step(folder):
    first, again = [load_data(f"folder:{folder}", (16, 16), mask="boxes") for _ in range(2)]
    for one, two in zip(all_batches(first), all_batches(again), strict=True):
        for name in CONDITIONS:
            np.testing.assert_array_equal(one[1][name], two[1][name])
    # From the middle of an epoch on.
    batches = first.batches(3, seed=1, conditions=CONDITIONS)
    batches.seek(1, 1)
    batches.on_epoch_begin()
    *_, last = all_batches(again)
    np.testing.assert_array_equal(batches[0][1]["masks"], last[1]["masks"])


def test_a_dataset_of_tensorflow_has_the_same_masks(folder):
    data = load_data(f"folder:{folder}", (16, 16), flip=True, mask="mixed")
    batches = data.batches(3, conditions=CONDITIONS)
    expected = [batches[step] for step in range(2)]
    batches.seek(0)
    for (samples, conditions), (wanted, told) in zip(itertools.islice(batches.as_dataset(), 2), expected, strict=True):
        np.testing.assert_array_equal(samples, wanted)
        for name in CONDITIONS:
            np.testing.assert_array_equal(conditions[name], told[name])


@pytest.mark.parametrize("mask", ["strokes", "boxes", "mixed", "centre"])
def test_in_evaluation_each_sample_has_its_mask(folder, mask):
    data = load_data(f"folder:{folder}", (16, 16), mask=mask)
    everything = np.arange(6)
    samples, images, masks = (each[everything] for each in (data.samples, *(data.conditions[name] for name in CONDITIONS)))
    check_batch(samples, {"images": images, "masks": masks})
    again = load_data(f"folder:{folder}", (16, 16), mask=mask).conditions["masks"]
    np.testing.assert_array_equal(again[everything[::-1]][::-1], masks)
    assert len(np.unique(masks.reshape(6, -1), axis=0)) == (1 if mask == "centre" else 6)
    assert data.notes[-1].startswith(f"masks ({mask}) cover ")


def test_masks_from_a_folder(folder, tmp_path_factory):
    masks = tmp_path_factory.mktemp("masks")
    half = np.zeros((40, 40), "uint8")
    half[:20] = 255
    save(half, masks / "half.png")
    save(np.dstack([half.T] * 3), masks / "deep" / "colour.bmp")
    save((half[::-1] > 0) * np.uint16(65535), masks / "deep.png")
    save(np.where(half > 0, 140, 120).astype("uint8"), masks / "grey.png")
    data = load_data(f"folder:{folder}", (16, 12), mask=f"folder:{masks}")
    expected = np.zeros((3, 16, 12), "uint8")
    expected[0, :8] = expected[1, 8:] = expected[2, :, :6] = 255
    found = data.conditions["masks"][np.arange(6)]
    trained = np.concatenate([conditions["masks"] for _, conditions in all_batches(data, 4)])
    for mask in (*found, *trained):
        assert any((mask[..., 0] == each).all() for each in expected)
    assert len(np.unique(trained.reshape(24, -1), axis=0)) == 3
    assert data.notes[-1].endswith("cover 50% of the pixels on average")


def test_masks_that_cannot_be_used(folder, tmp_path_factory):
    masks = tmp_path_factory.mktemp("masks")
    with pytest.raises(ValueError, match="contains no mask: grey images, white where"):
        load_data(f"folder:{folder}", (16, 16), mask=f"folder:{masks}")
    save(np.zeros((8, 8), "uint8"), masks / "black.png")
    (masks / "broken.png").write_bytes(b"no image")
    with pytest.warns(UserWarning, match="2 masks could not be read"), pytest.raises(ValueError, match="no mask"):
        load_data(f"folder:{folder}", (16, 16), mask=f"folder:{masks}")
    with pytest.raises(FileNotFoundError):
        load_data(f"folder:{folder}", (16, 16), mask=f"folder:{masks / 'none'}")
    with pytest.raises(ValueError, match=r"no mask 'stroke'\. Did you mean 'strokes'"):
        load_data(f"folder:{folder}", (16, 16), mask="stroke")


def test_data_that_take_no_masks(folder):
    with pytest.raises(ValueError, match="mask makes inputs of images, and ring holds points"):
        load_data("ring", mask="boxes")
    with pytest.raises(ValueError, match="holds pairs already: leave mask"):
        load_data(f"folder:{folder}", (16, 16), scale=2, mask="boxes")
    with pytest.raises(ValueError, match=r"no condition 'images'.*mask=strokes"):
        Data("some", noise(0, 4, 8, 8, 3)).batches(2, conditions=CONDITIONS)


def test_arrays_in_floating_point_get_a_hole_of_zeros():
    images = np.random.default_rng(0).uniform(0.5, 1, (4, 8, 8, 1)).astype("float32")
    data = Data("some", images)
    add_masks(data, "centre")
    found = data.conditions["images"][np.arange(4)]
    assert found.dtype == np.float32
    assert (found[:, 2:5, 2:5] == 0).all()
    assert (found == 0).sum() == 4 * 9
