"""Samples out of range are refused however they are given: floats from 0 to 255, or (with a warning) from 0 to 1."""

import warnings

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.media.ranges import RangeWarning

PIXELS = np.random.default_rng(0).integers(0, 256, (32, 4, 4, 1)).astype("float32")


class Slices(keras.utils.PyDataset):
    """Batches of an array."""

    def __init__(self, x):
        super().__init__()
        self.x = x

    def __len__(self):
        return len(self.x) // 8

    def __getitem__(self, index):
        return (self.x[8 * index : 8 * index + 8],)


def generator(x):
    return ((x[start : start + 8],) for start in range(0, len(x), 8))


def dataset(x):
    tf = pytest.importorskip("tensorflow", exc_type=ImportError)
    return tf.data.Dataset.from_tensor_slices(x).batch(8)


FORMS = {
    "array": lambda x: x,
    "tensor": keras.ops.convert_to_tensor,
    "list": list,
    "tuple": lambda x: (x,),
    "dict": lambda x: {"image": x},
    "Data": lambda x: keras_gans.Data("mine", x),
    "Batches": lambda x: keras_gans.Data("mine", x).batches(8),
    "generator": generator,
    "PyDataset": Slices,
    "tf.data": dataset,
    "tf.data of dicts": lambda x: dataset({"image": x, "id": np.arange(len(x))}),
}


IN_BATCHES = ("Batches", "generator", "PyDataset", "tf.data", "tf.data of dicts")


def size(form):
    return {} if form in IN_BATCHES else {"batch_size": 8}


@pytest.fixture(scope="module")
def gan():
    return keras_gans.create_model("gan", image_shape=(4, 4, 1), width=2, latent_dim=2, seed=0)


@pytest.mark.parametrize("form", FORMS)
def test_floats_up_to_255_are_refused_before_the_first_step(gan, form):
    before = gan.generator.get_weights()
    with pytest.raises(ValueError, match=r"Images in floating point must lie in \[-1, 1\]; these reach 25\d"):
        gan.fit(FORMS[form](PIXELS), verbose=0, **size(form))
    for old, new in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("form", FORMS)
def test_floats_in_range_train_however_they_are_given(gan, form):
    seen = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", message="Your input ran out of data")  # a generator ends
        gan.fit(FORMS[form](PIXELS / 127.5 - 1), verbose=0, callbacks=[count], **size(form))
    assert seen == [0, 1, 2, 3]


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("form", ["array", "tensor", "generator", "PyDataset", "tf.data", "Batches"])
def test_floats_from_0_to_1_are_warned_of(gan, form):
    with pytest.warns(RangeWarning, match=r"expected in \[-1, 1\]; these lie between 0.*2 \* x - 1"):
        gan.fit(FORMS[form](PIXELS / PIXELS.max()), verbose=0, **size(form))


@pytest.mark.parametrize("form", ["array", "tensor", "tf.data"])
def test_held_out_samples_are_checked_like_the_others(gan, form):
    held_out = FORMS[form](PIXELS)
    with pytest.raises(ValueError, match="these reach 25"):
        gan.fit(PIXELS / 127.5 - 1, batch_size=8, validation_data=held_out if form == "tf.data" else (held_out,), verbose=0)
    with pytest.raises(ValueError, match="these reach 25"):
        gan.evaluate(held_out, verbose=0)


def test_a_single_batch_is_checked_too(gan):
    for method in (gan.train_on_batch, gan.test_on_batch):
        with pytest.raises(ValueError, match="these reach 25"):
            method(PIXELS[:8])


@pytest.mark.parametrize("last", ["tanh", None])
def test_vectors_may_exceed_the_range_if_the_generator_can(last):
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(6, last), keras.layers.Reshape((2, 3))])
    discriminator = keras.Sequential([keras.Input((2, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, seed=0)
    model.compile()
    table = np.random.default_rng(0).normal(0, 2, (16, 2, 3)).astype("float32")
    if last is None:
        model.fit(table, batch_size=8, verbose=0)
    else:
        with pytest.raises(ValueError, match=r"Samples in floating point must lie in \[-1, 1\]"):
            model.fit(table, batch_size=8, verbose=0)


def test_volumes_are_checked():
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8), keras.layers.Reshape((2, 2, 2, 1))])
    discriminator = keras.Sequential([keras.Input((2, 2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, seed=0)
    model.compile()
    with pytest.raises(ValueError, match=r"Samples in floating point must lie in \[-1, 1\]; these reach 200"):
        model.fit(np.full((8, 2, 2, 2, 1), 200.0, "float32"), batch_size=8, verbose=0)


def test_checking_an_array_takes_no_memory():
    import tracemalloc

    array = np.random.default_rng(0).uniform(-1, 1, (256, 64, 64, 3)).astype("float32")  # 12.6 MB
    medium = keras_gans.media.Images((64, 64, 3))
    tracemalloc.start()
    medium.check(array)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000
