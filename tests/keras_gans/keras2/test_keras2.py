"""Files that Keras 2 wrote, and what it computed with them: tests/support/keras2_files.py made both."""

import json
import re
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.keras2 import layers, load_generator, load_network


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    with zipfile.ZipFile(Path(__file__).with_name("saved.zip")) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def recorded(saved):
    return np.load(saved / "outputs.npz")


def change(path, to, **settings):
    """Copies a file with other settings of its last layer."""
    to.write_bytes(path.read_bytes())
    with h5py.File(to, "a") as file:
        description = json.loads(file.attrs["model_config"])
        description["config"]["layers"][-1]["config"].update(settings)
        file.attrs["model_config"] = json.dumps(description)
    return to


# Networks


@pytest.mark.parametrize(
    "name",
    [
        *("dcgan", "conditional", "one_hot", "discriminator", "translation"),
        # Together, these have every layer that is imported.
        *("activations", "one_dimension", "two_dimensions", "three_dimensions", "shared"),
    ],
)
def test_a_network_computes_what_it_computed_in_keras_2(name, saved, recorded):
    inputs = {
        "conditional": [recorded["latents"], recorded["numbers"]],
        "one_hot": [recorded["latents"], np.eye(3, dtype="float32")],
        "discriminator": recorded["images"],
        "translation": recorded["pictures"],
    }
    outputs = load_network(saved / f"{name}.h5")(inputs.get(name, recorded["latents"]))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(outputs), recorded[name], rtol=1e-5, atol=1e-6)


def test_every_layer_that_is_imported_is_in_one_of_the_files(saved):
    found = set()
    for path in saved.glob("*.h5"):
        with h5py.File(path) as file:
            found |= set(re.findall(r'"class_name": "(\w+)"', file.attrs["model_config"]))
    assert layers.KNOWN - found == set()


def test_names_and_frozen_layers_are_kept(saved, tmp_path):
    network = load_network(change(saved / "discriminator.h5", tmp_path / "frozen.h5", trainable=False))
    with_weights = [layer for layer in network.layers if layer.weights]
    assert [(layer.name, layer.trainable) for layer in with_weights] == [("conv2d", True), ("dense", False)]
    assert {"noise_in", "class_in"} == {tensor.name for tensor in load_network(saved / "one_hot.h5").inputs}


def test_layers_of_your_own_are_built_by_your_classes(saved, recorded):
    class Twice(keras.layers.Layer):
        def call(self, inputs):
            return 2.0 * inputs

        @classmethod
        def from_config(cls, config):
            return cls(name=config["name"])

    outputs = load_network(saved / "code.h5", {"Lambda": Twice})(recorded["latents"])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(outputs), recorded["code"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("code", r"code\.h5: The layer 'lambda' \(Lambda\) holds code of Python, which is not executed"),
        ("function", r"function\.h5: The layer 'tf\.math\.multiply' \(TFOpLambda\) is a TensorFlow function"),
        ("in_training", r"called with \{'training': True\}, which Keras 3 does not keep"),
    ],
)
def test_what_keras_3_cannot_do_is_refused(name, message, saved):
    with pytest.raises(ValueError, match=message):
        load_network(saved / f"{name}.h5")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "hard_sigmoid"}, "another function in Keras 3"),
        ({"activation": "sigmiod"}, "There is no activation 'sigmiod'. Did you mean 'sigmoid'?"),
        ({"activation": {"module": "os", "class_name": "system", "config": {}}}, "not one of the layers that are imported"),
        ({"renorm": True}, "has renorm=True, which Keras 3 does not have"),
        ({"units": 2}, "The weights 'dense/kernel:0' of the layer 'dense' have the shape"),
        ({"use_bias": False}, "has 1 weights in Keras 3, but 2 in the file"),
    ],
)
def test_settings_that_would_change_the_output_are_refused(settings, message, saved, tmp_path):
    path = change(saved / "discriminator.h5", tmp_path / "changed.h5", **settings)
    with pytest.raises(ValueError, match=message):
        load_network(path)


def test_other_files_are_refused(saved, tmp_path):
    text = tmp_path / "text.h5"
    text.write_text("no network")
    with pytest.raises(ValueError, match="is not an HDF5 file"):
        load_network(text)
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.save_weights(tmp_path / "only.weights.h5")
    with pytest.raises(ValueError, match="holds weights without their network"):
        load_network(tmp_path / "only.weights.h5")
    newer = change(saved / "discriminator.h5", tmp_path / "newer.h5")
    with h5py.File(newer, "a") as file:
        file.attrs["keras_version"] = "3.15.1"
    with pytest.raises(ValueError, match=r"saved by Keras 3\.15\.1.*keras\.models\.load_model reads it"):
        load_network(newer)


def test_weights_in_other_files_are_not_read(saved, tmp_path):
    path = change(saved / "discriminator.h5", tmp_path / "linked.h5")
    with h5py.File(path, "a") as file:
        del file["model_weights/dense/dense/bias:0"]
        file["model_weights/dense/dense/bias:0"] = h5py.ExternalLink(
            saved / "discriminator.h5", "model_weights/dense/dense/bias:0"
        )
    with pytest.raises(ValueError, match=r"'bias:0' of .* is missing, or lies in another file"):
        load_network(path)


# Models


def test_a_generator_of_latents_is_a_gan(saved, recorded, tmp_path):
    model = load_generator(saved / "dcgan.h5")
    np.testing.assert_allclose(model.generate_from(recorded["latents"]), recorded["dcgan"], atol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.generate(2, seed=0), model.generate(2, seed=0))


def test_a_class_by_number_is_a_condition_and_samples_of_a_sigmoid_are_scaled(saved, recorded):
    model = load_generator(saved / "conditional.h5")
    assert model.num_classes == 5
    images = model.generate_from(recorded["latents"], {"labels": recorded["numbers"][:, 0]})
    np.testing.assert_allclose(images, 2 * recorded["conditional"] - 1, atol=1e-5)


def test_a_one_hot_class_is_a_condition(saved, recorded, tmp_path):
    with pytest.raises(ValueError, match="give num_classes"):
        load_generator(saved / "one_hot.h5")
    model = load_generator(saved / "one_hot.h5", num_classes=3)
    model.save(tmp_path / "model.keras")
    for each in (model, keras.models.load_model(tmp_path / "model.keras")):
        images = each.generate_from(recorded["latents"], {"labels": np.arange(3)})
        np.testing.assert_allclose(images, recorded["one_hot"], atol=1e-6)


def test_a_generator_of_images_maps_images_to_images(saved, recorded):
    model = load_generator(saved / "translation.h5")
    assert isinstance(model, keras_gans.ImageToImage)
    np.testing.assert_allclose(model.apply(recorded["pictures"]), recorded["translation"], atol=1e-5)


def test_a_model_is_measured_and_trains_on_with_its_discriminator(saved, recorded):
    model = load_generator(saved / "dcgan.h5", saved / "discriminator.h5", seed=0)
    logits = keras.ops.convert_to_numpy(model.discriminator(recorded["images"]))
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), recorded["discriminator"], atol=1e-6)
    data = keras_gans.load_data("digits", (8, 8))
    evaluator = keras_gans.evaluation.Evaluator(data, ["swd"], num=64)
    assert evaluator.measure(model.generate(64, seed=0))["swd"] > evaluator.measure(data.samples[:64])["swd"]
    model.compile(optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5))
    losses = model.fit(data.samples[:512], batch_size=64, epochs=3, verbose=0).history["d_loss"]
    assert losses[-1] < losses[0]


def test_a_model_is_exported(saved, tmp_path):
    if keras.config.backend() != "tensorflow":
        pytest.skip("export needs TensorFlow")
    path, difference = keras_gans.export.tflite(load_generator(saved / "conditional.h5"), tmp_path / "model.tflite")
    assert path.stat().st_size > 0
    assert difference < 1e-5
