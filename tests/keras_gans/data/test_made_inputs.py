"""Inputs that are made from images: pairs from one folder, and degraded photographs."""

import numpy as np
import pytest
import scipy.ndimage
from PIL import Image

import keras_gans
from keras_gans import load_data
from keras_gans.data import made_inputs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve colour pictures of 24x32 pixels."""
    path = tmp_path_factory.mktemp("pictures")
    rows, columns = np.mgrid[0:24, 0:32] / 32.0
    for number in range(12):
        waves = [np.sin((3 + number) * rows), np.cos(9 * columns + number), np.sin(7 * rows * columns + number)]
        Image.fromarray(np.rint(127.5 + 120 * np.stack(waves, axis=-1)).astype("uint8")).save(path / f"{number}.png")
    return path


def read(data, positions=(0, 1)):
    samples, conditions = data.batches(2, seed=0, conditions=["images"]).load(np.array(positions))
    return samples, conditions["images"]


def test_grey_is_pillow_s(folder):
    samples, inputs = read(load_data(f"folder:{folder}", make_pairs="grey"))
    expected = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in samples])[..., None]
    assert np.abs(inputs.astype(int) - expected).max() <= 1
    assert inputs.shape == (2, 24, 32, 1)


def test_edges_are_where_sobel_s_operator_is_steepest(folder):
    samples, inputs = read(load_data(f"folder:{folder}", make_pairs="edges"))
    luma = made_inputs.grey(samples[0], np.random.default_rng(0))[..., 0].astype(float)
    steepness = np.hypot(*(scipy.ndimage.sobel(luma, axis, mode="nearest") for axis in (0, 1)))
    expected = steepness > np.quantile(steepness, 0.9)
    assert (inputs[0, ..., 0] > 0).mean() == pytest.approx(0.1, abs=0.02)
    assert ((inputs[0, ..., 0] > 0) == expected).mean() > 0.995
    assert not made_inputs.edges(np.full((8, 8, 3), 7, "uint8"), np.random.default_rng(0)).any()


def test_noise_and_compression_differ_from_step_to_step_and_not_in_evaluation(folder):
    for kind, low, high in (("noise", 20, 26), ("jpeg", 1, 40)):
        data = load_data(f"folder:{folder}", make_pairs=kind)
        batches = data.batches(2, seed=3, conditions=["images"])
        first, again, later = (batches.load(np.array([0, 1]), (0, step, 0)) for step in (0, 0, 1))
        np.testing.assert_array_equal(first[1]["images"], again[1]["images"])
        assert (first[1]["images"] != later[1]["images"]).any()
        difference = first[1]["images"].astype(float) - first[0]
        assert low < difference.std() < high
        fixed = [data.conditions["images"].read(np.array([5, 4]))[0] for _ in range(2)]
        np.testing.assert_array_equal(*fixed)
        assert (fixed[0][0] != fixed[0][1]).any()


def test_photographs_are_degraded_and_cut_at_the_same_place(folder, tmp_path):
    options = {"crop": "patch", "scale": 4, "flip": True}
    data = load_data(f"folder:{folder}", (16, 16), degrade="real", **options)
    samples, conditions = data.batches(4, seed=1, conditions=["images"]).load(np.arange(4), (0, 3, 0))
    assert (samples.shape, conditions["images"].shape) == ((4, 16, 16, 3), (4, 4, 4, 3))
    # With settings that change nothing, it is the reduction of the patch.
    nothing = "blur = 0\nresize = [0, 0, 1]\ngaussian_noise = 1\nnoise = [0, 0]\nquality = [100, 100]\n"
    (tmp_path / "nothing.toml").write_text(f"final_sinc = 0\n[first]\n{nothing}[second]\n{nothing}")
    data = load_data(f"folder:{folder}", (16, 16), degrade=str(tmp_path / "nothing.toml"), **options)
    samples, conditions = data.batches(4, seed=1, conditions=["images"]).load(np.arange(4), (0, 3, 0))
    means = samples.reshape(4, 4, 4, 4, 4, 3).mean(axis=(2, 4))
    # JPEG halves the resolution of colours.
    luma = [made_inputs.grey(each, None).astype(float) for each in (conditions["images"], means)]
    assert np.abs(luma[0] - luma[1]).mean() < 12
    assert np.abs(luma[0] - luma[1][:, :, ::-1]).mean() > 20
    assert (
        "inputs are 4 times smaller, after a degradation (real)" in load_data(f"folder:{folder}", degrade="real", scale=4).notes
    )
    plain = load_data(f"folder:{folder}", degrade="bicubic", scale=4)
    np.testing.assert_array_equal(read(plain)[1], read(load_data(f"folder:{folder}", scale=4))[1])


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_without_a_scale_it_is_restoration():
    data = load_data("digits", (16, 16), degrade="real")
    assert data.conditions["images"].shape == (1797, 16, 16, 1)
    model = keras_gans.create_model("pix2pix", image_shape=(16, 16, 1), width=2, discriminator_width=2, discriminator_depth=1)
    history = model.fit(data.batches(64, conditions=["images"]), epochs=1, steps_per_epoch=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("digits", {"make_pairs": "sketch"}, "no kind of made pairs 'sketch'"),
        ("digits", {"make_pairs": "grey", "mask": "centre"}, "holds pairs already"),
        ("digits", {"degrade": "reel"}, "no degradation 'reel'. Did you mean 'real'"),
        ("digits", {"degrade": "real", "scale": 5}, "scale=5 must divide"),
        ("ring", {"make_pairs": "grey"}, "ring holds points"),
    ],
)
def test_mistakes(source, options, message):
    with pytest.raises(ValueError, match=message):
        load_data(source, **options)
    with pytest.raises(FileNotFoundError):
        load_data("digits", degrade="nowhere.toml")
