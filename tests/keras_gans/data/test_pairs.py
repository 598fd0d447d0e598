"""Pairs of images: in two folders, and side by side."""

import warnings

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load_data, memory_limit


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype="uint8")


def save(array, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def load(source, **arguments):
    """Loads pairs; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_data(source, **arguments)


@pytest.fixture
def folders(tmp_path):
    """Three pairs of other suffixes; targets are twice as large as inputs. Names begin with what they are."""
    for number in range(3):
        save(noise(number, 8, 12, 3), tmp_path / "A" / "sub" / f"{number}.png")
        save(noise(10 + number, 16, 24, 3), tmp_path / "B" / "sub" / f"{number}.bmp")
    return tmp_path


def test_pairs_are_images_of_equal_names(folders):
    data = load(f"pairs:{folders}")
    assert len(data) == 3
    assert data.shape == (16, 24, 3)
    for number in range(3):
        np.testing.assert_array_equal(data.samples[number], noise(10 + number, 16, 24, 3))
        np.testing.assert_array_equal(data.conditions["images"][number], noise(number, 8, 12, 3))
    assert data.notes == []


def test_both_are_resized_and_keep_their_ratio(folders):
    data = load(f"pairs:{folders}", image_shape=(8, 8))
    assert data.shape == (8, 8, 3)
    assert data.conditions["images"].shape == (3, 4, 4, 3)
    with pytest.raises(ValueError, match="choose an image size that is a multiple of 2"):
        load(f"pairs:{folders}", image_shape=(9, 9))


def test_the_direction_can_be_turned(tmp_path):
    save(noise(0, 8, 8), tmp_path / "A" / "a.png")
    save(noise(1, 8, 8, 3), tmp_path / "B" / "a.png")
    data = load(f"pairs:{tmp_path}", direction="BtoA")
    np.testing.assert_array_equal(data.samples[0][..., 0], noise(0, 8, 8))
    np.testing.assert_array_equal(data.conditions["images"][0], noise(1, 8, 8, 3))
    with pytest.raises(ValueError, match=r"no direction 'AB'\. Did you mean 'AtoB'"):
        load(f"pairs:{tmp_path}", direction="AB")


def test_what_has_no_partner_is_left_out_and_named(folders):
    save(noise(7, 8, 12, 3), folders / "A" / "alone.png")
    save(noise(7, 16, 24, 3), folders / "B" / "other.png")
    save(noise(8, 16, 20, 3), folders / "B" / "narrow.png")
    save(noise(8, 8, 12, 3), folders / "A" / "narrow.png")
    (folders / "A" / "broken.png").write_bytes(b"no image")
    save(noise(9, 16, 24, 3), folders / "B" / "broken.png")
    with pytest.warns(UserWarning, match="images could not be read"):
        data = load_data(f"pairs:{folders}")
    assert len(data) == 3
    reasons = {path.rpartition("/")[2]: why for path, why in data.skipped}
    assert reasons["alone.png"] == "has no partner in B"
    assert reasons["other.png"] == "has no partner in A"
    assert reasons["narrow.png"] == "8x12 beside 16x20: others have a ratio of 2"
    assert "not a PNG" in reasons["broken.png"]


def test_a_pixel_that_cannot_be_decoded_takes_its_partner_with_it(tmp_path):
    for number in range(4):
        for folder in "AB":
            save(noise(number, 16, 16, 3), tmp_path / folder / f"{number}.png")
    content = (tmp_path / "A" / "2.png").read_bytes()
    (tmp_path / "A" / "2.png").write_bytes(content[: len(content) // 2])
    with pytest.warns(UserWarning):
        data = load_data(f"pairs:{tmp_path}")
    np.testing.assert_array_equal(data.samples, data.conditions["images"])
    np.testing.assert_array_equal(data.samples[2], noise(3, 16, 16, 3))
    with pytest.raises(ValueError, match="strict"):
        load_data(f"pairs:{tmp_path}", strict=True)


@pytest.mark.parametrize("crop", ["centre", "random"])
@pytest.mark.parametrize("streamed", [False, True])
def test_pairs_stay_aligned_in_random_crops_and_flips(tmp_path, monkeypatch, crop, streamed):
    for number in range(6):
        image = noise(number, 20, 30, 3)
        save(image, tmp_path / "A" / f"{number}.png")
        save(255 - image, tmp_path / "B" / f"{number}.png")
    if streamed:
        monkeypatch.setattr(memory_limit, "fits", lambda shape: False)
    data = load(f"pairs:{tmp_path}", image_shape=(20, 20), crop=crop, flip=True)
    batches = data.batches(3, seed=1, conditions=("images",))
    for epoch in range(2):
        batches.seek(epoch)
        for step in range(2):
            samples, conditions = batches[step]
            np.testing.assert_array_equal(samples, 255 - conditions["images"])


def test_random_crops_need_pairs_of_one_size(folders):
    with pytest.raises(ValueError, match=r"crop=random is for pairs of equal size.*use crop=patch"):
        load(f"pairs:{folders}", image_shape=(8, 8), crop="random")


def test_patches_of_pairs_show_the_same_place(tmp_path):
    for number in range(8):
        small = noise(number, 12, 16, 3)
        save(small, tmp_path / "A" / f"{number}.png")
        save(small.repeat(3, axis=0).repeat(3, axis=1), tmp_path / "B" / f"{number}.png")
    data = load(f"pairs:{tmp_path}", image_shape=(15, 15), crop="patch")
    samples, conditions = data.batches(8, conditions=("images",))[0]
    np.testing.assert_array_equal(samples, conditions["images"].repeat(3, axis=1).repeat(3, axis=2))


def test_folders_that_are_no_pairs(tmp_path):
    (tmp_path / "lr").mkdir()
    with pytest.raises(FileNotFoundError, match=r"must contain the folders A \(inputs\) and B \(targets\).*it contains lr"):
        load(f"pairs:{tmp_path}")
    save(noise(0, 9, 9, 3), tmp_path / "A" / "a.png")
    (tmp_path / "B").mkdir()
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="contains no pair"):
        load_data(f"pairs:{tmp_path}")
    save(noise(0, 12, 12, 3), tmp_path / "B" / "a.png")
    with pytest.raises(ValueError, match=r"must be 1, 2, 3 \.\.\. times those of inputs; these are 12x12 and 9x9"):
        load(f"pairs:{tmp_path}")
    with pytest.raises(ValueError, match="takes no option 'direction': only aligned:PATH, pairs:PATH"):
        load(f"folder:{tmp_path}", direction="AtoB")


# Side by side


def test_halves_of_an_image_are_a_pair(tmp_path):
    for number in range(3):
        save(noise(number, 8, 24, 3), tmp_path / f"{number}.png")
    data = load(f"aligned:{tmp_path}")
    assert data.shape == (8, 12, 3)
    np.testing.assert_array_equal(data.conditions["images"][1], noise(1, 8, 24, 3)[:, :12])
    np.testing.assert_array_equal(data.samples[1], noise(1, 8, 24, 3)[:, 12:])
    turned = load(f"aligned:{tmp_path}", direction="BtoA", image_shape=(4, 4))
    assert turned.shape == (4, 4, 3)
    left = Image.fromarray(noise(1, 8, 24, 3)[:, :12]).resize((4, 4), Image.Resampling.LANCZOS, box=(2, 0, 10, 8))
    np.testing.assert_array_equal(turned.samples[1], np.asarray(left))


def test_halves_of_a_width_that_is_odd_or_of_another_size(tmp_path):
    save(noise(0, 8, 24, 3), tmp_path / "a.png")
    save(noise(0, 8, 24, 3), tmp_path / "b.png")
    save(noise(0, 8, 23, 3), tmp_path / "odd.png")
    with pytest.warns(UserWarning, match="1 image could not be read"):
        data = load_data(f"aligned:{tmp_path}")
    assert len(data) == 2
    assert data.skipped[0][1] == "23 pixels wide: two images of equal width have an even number"
    save(noise(0, 16, 24, 3), tmp_path / "c.png")
    with pytest.raises(ValueError, match="images of 2 sizes"):
        load_data(f"aligned:{tmp_path}")
    (tmp_path / "none").mkdir()
    with pytest.raises(ValueError, match="contains no readable image of two side by side"):
        load_data(f"aligned:{tmp_path / 'none'}")
