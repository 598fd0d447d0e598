"""Translation without pairs where the truth is known: digits, and their inverse in another colour and with thicker lines."""

import keras
import numpy as np
import pytest
from scipy import ndimage

import keras_gans
from keras_gans.evaluation.extractors import get_extractor

INK, PAPER = np.array([40.0, 30.0, 110.0]), np.array([250.0, 225.0, 150.0])


def padded(images):
    return np.pad(images[..., 0], ((0, 0), (2, 2), (2, 2)))


def white_on_black(images):
    return np.repeat(padded(images)[..., None], 3, axis=-1)


def ink_on_paper(images):
    thick = ndimage.grey_dilation(padded(images), size=(1, 2, 2))[..., None] / 255
    return np.rint(PAPER + (INK - PAPER) * thick).astype("uint8")


def amount_of_ink(images):
    """Undoes the colours of `ink_on_paper`: grey images in [0, 255]."""
    axis = INK - PAPER
    return np.clip((images - PAPER) @ axis / (axis @ axis), 0, 1) * 255


def read(grey):
    """Returns the digits that a classifier of real MNIST reads."""
    return get_extractor("digits28")(np.rint(grey[:, 2:-2, 2:-2, None]).astype("uint8")).probabilities.argmax(axis=1)


# Two minutes (last run: 0.1.0, 2026-11-29).
@pytest.mark.slow
def test_digits_are_still_read_in_either_direction(tfds_data_dir):
    train, test = (keras_gans.load_data("mnist", split=split) for split in ("train", "test"))
    # No digit is in both domains.
    a, b = white_on_black(train.samples[:4000]), ink_on_paper(train.samples[4000:8000])
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model(
        "cyclegan", image_shape=(32, 32, 3), width=16, blocks=3, discriminator_width=32, discriminator_depth=2, seed=0
    )
    model.fit(b, a, batch_size=8, epochs=1, verbose=0)

    some, labels = test.samples[:1000], test.labels[:1000]
    true_a, true_b = white_on_black(some), ink_on_paper(some)
    assert (read(amount_of_ink(true_b)) == labels).mean() > 0.98

    def translated(images, **direction):
        made = np.asarray(model.apply(images.astype("float32") / 127.5 - 1, **direction))
        return np.rint((made + 1) * 127.5)

    made_b, made_a = translated(true_a), translated(true_b, direction="BtoA")
    assert (read(amount_of_ink(made_b)) == labels).mean() >= 0.95
    assert (read(made_a.mean(axis=-1)) == labels).mean() >= 0.95
    # And they are the images that nobody showed it beside their originals.
    assert np.abs(made_b - true_b).mean() < 0.05 * 255
    assert np.abs(made_a - true_a).mean() < 0.05 * 255
