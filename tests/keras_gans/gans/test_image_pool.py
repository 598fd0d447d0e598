"""The pool of earlier generated images."""

import keras
import numpy as np
import pytest

from keras_gans.adversarial.noise import Noise
from keras_gans.gans.image_pool import ImagePool


def exchange(pool, numbers, noise):
    """Puts images of one colour each into a pool; returns the colours that come back."""
    images = np.broadcast_to(np.asarray(numbers, "float32")[:, None, None, None], (len(numbers), 2, 2, 1))
    return np.asarray(pool.exchange(images, noise))[:, 0, 0, 0].tolist()


def colours(pool):
    return np.asarray(keras.ops.convert_to_numpy(pool.images))[:, 0, 0, 0].tolist()


def noise():
    return Noise(keras.random.SeedGenerator(0))


def test_it_is_filled_first():
    pool, random = ImagePool(5, (2, 2, 1)), noise()
    assert exchange(pool, [1, 2], random) == [1, 2]
    assert exchange(pool, [3, 4], random) == [3, 4]
    assert colours(pool) == [1, 2, 3, 4, 0]
    assert exchange(pool, [5, 6], random) == [5, 6]  # only the first of the two has a place
    assert colours(pool) == [1, 2, 3, 4, 5]


def test_half_of_the_images_are_swapped_once_it_is_full():
    pool, random = ImagePool(4, (2, 2, 1)), noise()
    exchange(pool, [0, 1, 2, 3], random)
    held, swaps, places = {0, 1, 2, 3}, 0, dict.fromkeys(range(4), 0)
    for step in range(100):
        new = [4 + 3 * step + row for row in range(3)]
        before, returned = colours(pool), exchange(pool, new, random)
        for given, got in zip(new, returned, strict=True):
            if got != given:
                assert got in held  # an old one comes back, once, and the new one stays
                held = held - {got} | {given}
                swaps += 1
                places[before.index(got)] += 1
        assert set(colours(pool)) == held
    assert swaps == pytest.approx(150, abs=4 * 75**0.5)  # four standard deviations
    assert min(places.values()) > 0.6 * swaps / 4


def test_of_a_larger_batch_the_rest_passes_by():
    pool, random = ImagePool(2, (2, 2, 1)), noise()
    assert exchange(pool, [1, 2, 3], random) == [1, 2, 3]
    assert exchange(pool, [4, 5, 6, 7], random)[2:] == [6, 7]


def test_images_of_another_size():
    with pytest.raises(ValueError, match=r"keeps images of 3x3x1, and these are 2x2x1.*pool_size=0"):
        exchange(ImagePool(2, (3, 3, 1)), [1], noise())
