import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans import metrics
from keras_gans.evaluation import Evaluator, get_extractor
from keras_gans.evaluation.patches import patch_distance, patches_around, patches_of


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (130, 8, 8, 3), "uint8")
    return np.stack([np.asarray(Image.fromarray(each).resize((64, 64), Image.Resampling.BICUBIC)) for each in coarse])


def test_patches_are_next_to_each_other(images):
    wide = np.concatenate([images[0], images[1]], axis=1)[:, :100]
    found = patches_of([wide, images[2]])
    assert found.shape == (2 * 3 + 2 * 2, 32, 32, 3)
    np.testing.assert_array_equal(found[4], wide[32:64, 32:64])
    np.testing.assert_array_equal(found[6], images[2][:32, :32])


def test_patches_around_holes(images):
    masks = np.zeros((3, 64, 64, 1), "uint8")
    masks[0, 30:41, 20:31] = 255  # its middle is (35, 25)
    masks[1, :4, 60:] = 255  # in a corner
    found = patches_around(images[:3], masks)
    np.testing.assert_array_equal(found[0], images[0][19:51, 9:41])
    np.testing.assert_array_equal(found[1], images[1][:32, 32:])
    np.testing.assert_array_equal(found[2], images[2][16:48, 16:48])


def test_few_patches_and_grey_ones_have_no_distance(images):
    patches = patches_of(images)
    assert patch_distance(patches[:255], patches) is None
    assert patch_distance(patches[..., :1], patches[..., :1]) is None


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_what_models_of_images_make_is_compared_with_inputs_and_in_patches(images):
    small = np.stack([np.asarray(Image.fromarray(each).resize((32, 32), Image.Resampling.BICUBIC)) for each in images])
    data = keras_gans.Data("photographs", images, conditions={"images": small})
    evaluator = Evaluator(data, ["lr_psnr", "patch_fid"], 130, "pixels")
    # The originals reduce to the inputs exactly; nearest neighbours do, too, but lack detail.
    order = evaluator.real_samples
    found = evaluator.measure(order)
    assert found["lr_psnr"] == np.inf
    assert found["patch_fid"] == pytest.approx(0, abs=1e-6)
    blocks = evaluator.real_condition("images").repeat(2, axis=1).repeat(2, axis=2)
    found = evaluator.measure(blocks)
    extract = get_extractor("color32")
    real, made = (extract(patches_of(each)).values for each in (order, blocks))
    assert found["patch_fid"] == pytest.approx(metrics.frechet_distance(real, made))
    back = np.stack([np.asarray(Image.fromarray(each).resize((32, 32), Image.Resampling.BICUBIC)) for each in blocks])
    errors = np.square(back.astype(float) - evaluator.real_condition("images")).mean(axis=(1, 2, 3))
    assert found["lr_psnr"] == pytest.approx(np.mean(10 * np.log10(255**2 / errors)))


def test_held_out_images_are_not_compared_with_inputs_of_others(images):
    small = images[:, ::2, ::2]
    evaluator = Evaluator(
        keras_gans.Data("photographs", images, conditions={"images": small}),
        ["lr_psnr", "patch_fid"],
        65,
        "pixels",
        held_out="half",
    )
    assert evaluator.real_row == {"lr_psnr": None, "patch_fid": None}


def test_data_without_small_copies_and_small_images_are_refused(images):
    same = keras_gans.Data("pairs", images, conditions={"images": images})
    with pytest.raises(ValueError, match=r"lr_psnr .* load it with a scale, such as scale=4"):
        Evaluator(same, ["lr_psnr"], 100, "pixels")
    little = keras_gans.Data("pairs", images[:, :16, :16], conditions={"images": images[:, :8, :8]})
    with pytest.raises(ValueError, match=r"patch_fid compares patches of 32x32 pixels in colour, and pairs holds smaller"):
        Evaluator(little, ["patch_fid"], 100, "pixels")


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_holes_are_compared_in_patches_around_them(images):
    images = np.concatenate([images, images[:, ::-1], images[:, :, ::-1], images[:, ::-1, ::-1]])
    masks = np.zeros((len(images), 64, 64, 1), "uint8")
    masks[:, 20:30, 8:40] = 255
    data = keras_gans.Data("photographs", images, conditions={"masks": masks})
    evaluator = Evaluator(data, ["hole_fid"], 520, "pixels")
    filled = np.where(evaluator.real_condition("masks") > 0, 128, evaluator.real_samples).astype("uint8")
    assert evaluator.measure(evaluator.real_samples)["hole_fid"] == pytest.approx(0, abs=1e-6)
    assert evaluator.measure(filled)["hole_fid"] > 0.1
