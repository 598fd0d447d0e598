"""Labels are checked however they are given, and before any of them is learned from."""

import keras
import numpy as np
import pytest

import keras_gans

IMAGES = np.random.default_rng(0).integers(0, 256, (32, 28, 28, 1), "uint8")
LABELS = np.arange(32) % 3


class Pairs(keras.utils.PyDataset):
    """Batches of two arrays."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x) // 8

    def __getitem__(self, index):
        rows = slice(8 * index, 8 * index + 8)
        return self.x[rows], self.y[rows]


def dataset(*arrays):
    tf = pytest.importorskip("tensorflow", exc_type=ImportError)
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(8)


FORMS = {
    "arrays": lambda x, y: ((x, y), {"batch_size": 8}),
    "tf.data": lambda x, y: ((dataset(x, y),), {}),
    "PyDataset": lambda x, y: ((Pairs(x, y),), {}),
    "generator": lambda x, y: (((batch for batch in [(x[:8], y[:8]), (x[8:16], y[8:16])]),), {}),
    "dict": lambda x, y: (({"image": x, "label": y},), {"batch_size": 8}),
    "tf.data of dicts": lambda x, y: ((dataset({"image": x, "label": y}),), {}),
}


@pytest.fixture(scope="module")
def cgan():
    return keras_gans.create_model("cgan", image_shape=(28, 28, 1), num_classes=3, width=2, latent_dim=2, seed=0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.eye(3)[LABELS], r"not one-hot vectors.*labels.argmax\(axis=-1\)"),
        (LABELS + 0.5, r"received float(32|64): convert them, as with labels.astype\('int32'\)"),
        (LABELS + 7, "Labels of this model are 0 to 2; received 7"),
        (LABELS - 1, "Labels of this model are 0 to 2; received -1"),
    ],
    ids=["one-hot", "floats", "beyond", "negative"],
)
def test_labels_of_no_class_get_the_same_message_in_every_form(cgan, form, labels, message):
    arguments, options = FORMS[form](IMAGES, labels)
    before = cgan.generator.get_weights()
    with pytest.raises(ValueError, match=message):
        cgan.fit(*arguments, verbose=0, **options)
    for old, new in zip(before, cgan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("form", FORMS)
def test_good_labels_train_in_every_form(cgan, form):
    arguments, options = FORMS[form](IMAGES, LABELS)
    history = cgan.fit(*arguments, verbose=0, steps_per_epoch=2, **options)
    assert np.isfinite([values[0] for values in history.history.values()]).all()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS > 0, r"received bool: convert"),
        (np.array(["cat", "dog"] * 16), r"number the classes with names, labels = numpy.unique"),
        (np.array(["cat", "dog"] * 16, "object"), r"number the classes with names, labels = numpy.unique"),
        (np.zeros((32, 2, 2), "int32"), r"of shape \(n,\); received int32 of shape \(32, 2, 2\)"),
    ],
)
def test_labels_that_are_not_numbers_get_advice(cgan, labels, message):
    with pytest.raises(ValueError, match=message):
        cgan.fit(IMAGES, labels, batch_size=8, verbose=0)


@pytest.mark.parametrize("count", [31, 40])
def test_more_or_fewer_labels_than_samples_are_refused(cgan, count):
    labels = np.arange(count) % 3
    message = f"There are 32 samples, but {count} values of the condition 'labels'"
    with pytest.raises(ValueError, match=message):
        cgan.fit(IMAGES, labels, batch_size=8, verbose=0)
    with pytest.raises(ValueError, match=message):
        cgan.fit(IMAGES, LABELS, batch_size=8, validation_data=(IMAGES, labels), verbose=0)
    with pytest.raises(ValueError, match=message):
        cgan.evaluate(IMAGES, labels, verbose=0)


def test_a_list_of_labels_is_an_array_of_them(cgan):
    initial = cgan.get_weights()
    cgan.fit(IMAGES, LABELS.tolist(), batch_size=8, steps_per_epoch=1, verbose=0)
    assert any((before != after).any() for before, after in zip(initial, cgan.get_weights(), strict=True))
    logs = [cgan.evaluate(IMAGES, labels, batch_size=8, verbose=0) for labels in (LABELS.tolist(), LABELS)]
    np.testing.assert_allclose(logs[0], logs[1], rtol=1e-6)  # threads add up in any order


def test_a_dict_without_samples_says_which_names_are_known(cgan):
    with pytest.raises(ValueError, match="Samples in a dict must be named one of samples, images, image, x; received pixels"):
        cgan.fit({"pixels": IMAGES, "label": LABELS}, batch_size=8, verbose=0)


def test_held_out_labels_in_a_data_set_are_checked(cgan):
    pairs = keras_gans.Data("mine", IMAGES, labels=LABELS)
    with pytest.raises(ValueError, match="0 to 2; received 7"):
        cgan.fit(pairs, batch_size=8, validation_data=keras_gans.Data("others", IMAGES, labels=LABELS + 7), verbose=0)
    logs = cgan.fit(pairs, batch_size=8, validation_data=pairs, steps_per_epoch=1, verbose=0).history
    assert any(name.startswith("val_") for name in logs)
    assert len(cgan.evaluate(pairs, verbose=0)) > 1


def test_a_data_without_the_labels_that_a_model_needs_is_refused(cgan):
    data = keras_gans.Data("mine", IMAGES)
    for call in (cgan.fit, cgan.evaluate):
        with pytest.raises(ValueError, match=r"mine .* (labels|condition)"):
            call(data, verbose=0)


def test_models_with_latents_are_applied_to_conditions():
    model = keras_gans.create_model("cgan", image_shape=(2,), num_classes=4, width=2)
    made = model.apply({"labels": [3, 0, 0]}, seed=5)
    np.testing.assert_array_equal(made, model.generate(3, seed=5, labels=[3, 0, 0]))
    np.testing.assert_array_equal(made[:2], model.apply([3, 0], seed=5))
    np.testing.assert_array_equal(model.apply([3], seeds=[1, 2]), model.generate(seeds=[1, 2], labels=[3, 3]))
