import json

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans.evaluation import Features, KerasExtractor, default_extractor, extractors, get_extractor, networks
from keras_gans.media.pictures import opaque
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def grey():
    return np.random.default_rng(0).integers(0, 256, (7, 28, 28, 1), dtype="uint8")


def test_folded_weights_compute_what_the_trained_network_does():
    architecture = networks.Architecture((12, 10, 3), (4, 6, 5), (1, 2, 2), classes=3)
    model = networks.build(architecture)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape) if "variance" in weight.path else rng.normal(0, 0.5, weight.shape))
    images = rng.uniform(-1, 1, (5, 12, 10, 3)).astype("float32")
    features, logits = networks.compute(images, [w.astype("float32") for w in networks.fold(model)], architecture.strides)
    expected = keras.Model(model.input, [model.layers[-2].output, model.output])(images, training=False)
    # The weights are rounded to float16, whose step is 1e-3 of a value.
    for found, wanted in zip((features, logits), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-2 * float(np.abs(wanted).max()))


@pytest.mark.parametrize("name", ["digits28", "color32"])
def test_bundled_extractors_are_small_and_tell_what_they_are(name):
    extractor = get_extractor(name)
    assert (extractors._WEIGHTS / f"{name}.npz").stat().st_size < 2e6
    facts = json.loads((extractors._WEIGHTS / f"{name}.json").read_text())
    assert facts["sha256"] == extractor.sha256
    assert facts["recipe"].startswith(f"python -m tools.train_extractor {name}")
    assert 0.8 < facts["test_accuracy"] < 1.0


def test_digits28_reads_digits_it_was_not_trained_on():
    data = keras_gans.load_data("digits")
    found = get_extractor("digits28")(data.samples)
    assert found.values.shape == (1797, 128)
    assert found.values.dtype == np.float32
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-12)
    # Another data set than MNIST, of another resolution; chance is 0.1.
    assert (found.probabilities.argmax(axis=1) == data.labels).mean() > 0.8


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize(
    ("name", "dataset"), [("digits28", "mnist"), pytest.param("color32", "cifar10", marks=pytest.mark.slow)]
)
def test_the_accuracy_on_record_is_that_on_the_test_split(name, dataset, tfds_data_dir):
    data, extractor = keras_gans.load_data(dataset, split="test"), get_extractor(name)
    some = np.arange(0, 10_000, 5)
    right = (extractor(data.samples[some]).probabilities.argmax(axis=1) == data.labels[some]).mean()
    # 2,000 of 10,000 images: four standard deviations.
    assert abs(right - extractor.facts["test_accuracy"]) < 4 * np.sqrt(0.25 / 2000)


def test_features_do_not_depend_on_how_many_images_are_given_together(grey):
    extractor = get_extractor("digits28")
    together = extractor(np.tile(grey, (40, 1, 1, 1)))
    one_by_one = [extractor(image[None]) for image in grey]
    np.testing.assert_array_equal(together.values[:7], np.concatenate([features.values for features in one_by_one]))
    np.testing.assert_array_equal(together.values[:7], together.values[-7:])


def test_a_precision_policy_does_not_change_features(grey):
    expected = get_extractor("digits28")(grey).values
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        np.testing.assert_array_equal(extractors.Bundled("digits28")(grey).values, expected)
    finally:
        keras.config.set_dtype_policy("float32")


def test_images_of_another_size_are_resized_with_antialiasing_and_results_say_so():
    extractor = get_extractor("color32")
    # Stripes finer than the small picture can show: without antialiasing they would turn black or white.
    stripes = np.zeros((1, 128, 128, 1), "uint8")
    stripes[:, :, ::2] = 255
    flat = np.full((1, 32, 32, 3), 127, "uint8")
    resized, grey, black = (extractor(images).values for images in (stripes, flat, 0 * flat))
    assert np.linalg.norm(resized - grey) < 0.1 * np.linalg.norm(black - grey)
    assert extractor.resize_for((128, 128, 1)) == "Pillow bicubic, antialiased, grey repeated in three channels"
    assert extractor.resize_for((32, 32, 3)) == "none"
    assert get_extractor("digits28").resize_for((28, 28, 1)) == "none"


def test_transparent_images_have_the_features_of_what_shows_on_a_checkerboard():
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 4), "uint8")
    extractor = get_extractor("color32")
    np.testing.assert_array_equal(extractor(images).values, extractor(opaque(images)).values)
    assert extractor.resize_for((64, 64, 4)) == "laid over a checkerboard, Pillow bicubic, antialiased"


def test_images_that_do_not_fit_are_refused(grey):
    with pytest.raises(ValueError, match=r"digits28 takes grey images only.*color32"):
        get_extractor("digits28")(np.zeros((1, 28, 28, 3), "uint8"))
    with pytest.raises(ValueError, match=r"height x width x 1, 3 or 4; received samples of shape \(2,\)"):
        get_extractor("color32")(np.zeros((5, 2), "float32"))
    with pytest.raises(ValueError, match="takes uint8 images; received float32"):
        get_extractor("digits28")(grey.astype("float32"))
    with pytest.raises(ValueError, match=r"no feature extractor 'digit28'\. Did you mean 'digits28'\?"):
        get_extractor("digit28")


def test_imagenet_gives_the_features_of_the_original_network_whatever_the_policy(monkeypatch):
    """Against outputs of the network in PyTorch, at the size at which they were computed."""
    monkeypatch.setattr(extractors, "_BLOCK", 3)
    monkeypatch.setattr(extractors.ImageNet, "image_shape", (224, 224, 3))
    monkeypatch.setattr(extractors.ImageNet, "_PART", 2)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with np.load(ROOT / "tests" / "keras_gans" / "imagenet" / "reference" / "pooled.npz") as reference:
            found = extractors.ImageNet()(reference["images"])
            np.testing.assert_allclose(found.values, reference["pooled"], atol=1e-3)
    finally:
        keras.config.set_dtype_policy("float32")
    assert found.probabilities is None


def test_imagenet_takes_images_of_any_size_and_says_how(monkeypatch, grey):
    monkeypatch.setattr(extractors, "_BLOCK", 10)
    extractor = get_extractor("imagenet")
    assert extractor.resize_for((64, 64, 3)) == "Pillow bicubic, antialiased"
    assert extractor.resize_for((128, 128, 1)) == "grey repeated in three channels"
    np.testing.assert_array_equal(extractor(grey).values, extractor(grey.repeat(3, axis=-1)).values)
    with pytest.raises(ValueError, match=r"does not predict classes: use digits28"):
        _ = extractor(grey).predictions


def test_damaged_weights_of_imagenet_are_refused(tmp_path, monkeypatch):
    from keras_gans.imagenet import weights

    (tmp_path / "weights.npz").write_bytes(weights.FILE.read_bytes()[:-1])
    monkeypatch.setattr(weights, "FILE", tmp_path / "weights.npz")
    weights.load_weights.cache_clear()
    with pytest.raises(ValueError, match=r"weights\.npz is missing or damaged .* reinstall keras_gans"):
        extractors.ImageNet()


def test_damaged_weights_are_refused(tmp_path, monkeypatch):
    for suffix in ("npz", "json"):
        content = (extractors._WEIGHTS / f"digits28.{suffix}").read_bytes()
        (tmp_path / f"digits28.{suffix}").write_bytes(content[:-1] if suffix == "npz" else content)
    monkeypatch.setattr(extractors, "_WEIGHTS", tmp_path)
    with pytest.raises(ValueError, match="damaged"):
        extractors.Bundled("digits28")


def test_pixels_are_the_samples_themselves(grey):
    pixels = get_extractor("pixels")
    np.testing.assert_allclose(pixels(grey).values, grey.reshape(7, 784) / 127.5 - 1, atol=1e-6)
    points = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    np.testing.assert_array_equal(pixels(points).values, points)
    assert pixels(points).probabilities is None


def keras_model(classes):
    inputs = keras.Input((8, 8, 3))
    features = layers.Conv2D(4, 3, kernel_initializer=keras.initializers.RandomNormal(seed=0))(inputs)
    if not classes:
        return keras.Model(inputs, features)
    pooled = layers.GlobalAveragePooling2D()(features)
    return keras.Model(inputs, [pooled, layers.Dense(classes, activation="softmax")(pooled)])


def test_any_keras_model_is_an_extractor(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype="uint8")
    model = keras_model(0)
    extractor = KerasExtractor(model, "mine", scale="0..1")
    expected = np.asarray(model(images / np.float32(255))).reshape(3, -1)
    np.testing.assert_allclose(extractor(images).values, expected, atol=1e-6)
    assert extractor.classes == 0

    classifier = keras_model(6)
    found = KerasExtractor(classifier, "mine")(images)
    np.testing.assert_allclose(found.probabilities, np.asarray(classifier(images / np.float32(127.5) - 1)[1]), atol=1e-6)

    model.save(tmp_path / "mine.keras")
    loaded = get_extractor(str(tmp_path / "mine.keras"))
    assert loaded.name == "mine.keras"
    np.testing.assert_allclose(loaded(images).values, KerasExtractor(model, "mine")(images).values, atol=1e-6)


def test_an_extractor_is_another_one_when_its_weights_or_its_scale_are(tmp_path):
    model = keras_model(0)
    first = KerasExtractor(model, "mine").sha256
    assert KerasExtractor(model, "mine").sha256 == first
    assert KerasExtractor(model, "mine", scale="0..255").sha256 != first
    model.weights[-1].assign(model.weights[-1] + 1)
    assert KerasExtractor(model, "mine").sha256 != first


def test_code_in_a_downloaded_model_is_not_run(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Lambda(lambda images: images + 1), layers.Flatten()])
    model.save(tmp_path / "evil.keras")
    with pytest.raises(ValueError, match=r"[Ll]ambda"):
        get_extractor(str(tmp_path / "evil.keras"))


def test_models_that_are_no_extractors_are_refused():
    with pytest.raises(ValueError, match="must be a functional Keras model"):
        KerasExtractor(keras.Sequential([keras.Input((8,)), layers.Dense(2)]), "dense")
    with pytest.raises(ValueError, match=r"no scale '-1\.\.2'"):
        KerasExtractor(keras_model(0), "mine", scale="-1..2")


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_inception_v3_is_taken_from_keras_applications(monkeypatch):
    # Its weights are a download; what is checked is everything around them, with weights drawn at random.
    real = keras.applications.InceptionV3
    monkeypatch.setattr(keras.applications, "InceptionV3", lambda weights: real(weights=None))
    monkeypatch.setattr(extractors, "_BLOCK", 2)  # 250 images take half a minute
    extractor = extractors._inception_v3()
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype="uint8")
    found = extractor(images)
    assert found.values.shape == (2, 2048)
    assert found.probabilities.shape == (2, 1000)
    assert extractor.resize_for((32, 32, 3)) == "Pillow bicubic, antialiased"

    def unreachable(weights):
        raise OSError("URL fetch failure\nand more")

    monkeypatch.setattr(keras.applications, "InceptionV3", unreachable)
    with pytest.raises(OSError, match=r"inception_v3 needs weights.*URL fetch failure$"):
        extractors._inception_v3()


def test_the_default_suits_the_samples():
    shapes = ((28, 28, 1), (128, 47, 1), (32, 32, 3), (128, 47, 3), (48, 64, 3), (64, 64, 1), (2,))
    expected = ["digits28"] * 2 + ["color32"] * 2 + ["imagenet"] * 2 + ["pixels"]
    assert [default_extractor(shape) for shape in shapes] == expected
    for channels in (1, 3):
        assert default_extractor((64, 64, channels), trained_against=("imagenet",)) == "color32"


def test_parts_of_features_are_joined():
    parts = [Features(np.ones((2, 3)), np.ones((2, 4))), Features(np.zeros((1, 3)), np.zeros((1, 4)))]
    joined = Features.join(parts)
    assert len(joined) == 3
    assert joined.probabilities.shape == (3, 4)
