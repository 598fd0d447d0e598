import numpy as np
import pytest
from PIL import Image

from keras_gans.imagenet.network import compute
from keras_gans.imagenet.weights import load_weights, unpack
from keras_gans_tools import pack_imagenet


@pytest.fixture(scope="module")
def exact():
    """Weights that are not multiples of their scales, unlike the bundled ones."""
    rng = np.random.default_rng(0)
    return {name: (values * rng.uniform(0.9, 1.1, values.shape)).astype("float32") for name, values in load_weights().items()}


def test_large_kernels_take_half_the_space_and_lose_little(exact):
    packed = pack_imagenet.pack(exact)
    assert sum(values.nbytes for values in packed.values()) < 0.53 * sum(values.nbytes for values in exact.values())
    restored = unpack(packed)
    assert restored.keys() == exact.keys()
    for name, values in exact.items():
        if name.endswith("bias"):
            np.testing.assert_array_equal(restored[name], values)
            continue
        steps = np.abs(values).max((0, 1, 3) if "depthwise" in name else (0, 1, 2), keepdims=True) / 32767
        assert (np.abs(restored[name] - values) <= 0.51 * steps).all(), name


def test_corrected_biases_keep_the_means_of_channels(exact):
    images = np.random.default_rng(1).uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    # Coarser rounding than that to 16 bits, whose effect is larger than that of float32.
    coarse = {name: np.round(values, 2) if name.endswith("kernel") else values for name, values in exact.items()}
    corrected = dict(coarse)
    pack_imagenet.correct_biases(exact, corrected, images)
    expected, before, after = (
        np.mean(compute(images, weights, (24,), False)[0], axis=(0, 1, 2)) for weights in (exact, coarse, corrected)
    )
    assert np.abs(after - expected).max() < 0.01 * np.abs(before - expected).max()


def test_photographs_are_taken_at_even_distances(tmp_path):
    for number in range(81):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"{number:03}.png")
    found = pack_imagenet.read_photographs(tmp_path)
    assert found.shape == (40, 224, 224, 3)
    np.testing.assert_allclose((found[:, 0, 0, 0] + 1) * 127.5, np.arange(1, 81, 2), atol=1e-4)
    with pytest.raises(ValueError, match="holds 0 photographs; 40 are needed"):
        pack_imagenet.read_photographs(tmp_path / "none")
