"""Signatures of models that no entry of the zoo is: told images, several things at once, or of a medium of somebody else."""

import base64
import io
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers
from PIL import Image

import keras_gans
from keras_gans import conditions, export
from keras_gans.conditions import Condition
from keras_gans.declaration import COMPOSITE, Declaration, extract
from keras_gans.export import parity
from keras_gans.export.signatures import SIGNATURES, ImageSignatures, Signatures, signatures_of
from keras_gans.export.tflite_sampler import Sampler
from keras_gans.media import Medium
from keras_gans.media.pictures import to_uint8
from keras_gans.serving.errors import ServingError
from keras_gans.serving.servable import Servable

# What TensorFlow and ONNX Runtime find alone: run with a SavedModel, an ONNX file, inputs, and the file for the answers.
RUN = """
import sys
import numpy as np
import onnxruntime
import tensorflow as tf

saved_model, onnx, given, answer = sys.argv[1:]
serve = tf.saved_model.load(saved_model).signatures["serving_default"]
session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
answers = {}
with np.load(given) as inputs:
    for name in inputs.files:
        [answers[f"onnx {name}"]] = session.run(["generated_images"], {"images": inputs[name]})
        answers[f"saved_model {name}"] = serve(images=tf.constant(inputs[name]))["generated_images"].numpy()
np.savez(answer, **answers)
assert not {"keras_gans", "keras_gans_zoo"} & {name.split(".")[0] for name in sys.modules}
"""


def moved(model):
    """Gives normalisation other statistics than it begins with, so that an export that forgets them is found out."""
    random = np.random.default_rng(0)
    for layer in model.generator.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 2.0, weight.shape) for weight in layer.get_weights()])
    return model


def down(x, filters):
    return layers.LeakyReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 4, 2, "same", use_bias=False)(x)))


def up(x, filters):
    return layers.ReLU()(layers.BatchNormalization()(layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=False)(x)))


def translator():
    """pix2pix in small: a U-Net of two levels for images of any size, without latents, and a discriminator of patches."""
    keras.utils.set_random_seed(0)
    images = keras.Input((None, None, 3), name="images")
    half = down(images, 4)
    quarter = down(half, 8)
    merged = layers.Concatenate()([up(quarter, 4), half])
    generator = keras.Model(images, layers.Conv2DTranspose(3, 4, 2, "same", activation="tanh")(merged))
    samples, told = keras.Input((None, None, 3), name="samples"), keras.Input((None, None, 3), name="images")
    patches = layers.Conv2D(1, 4, padding="same")(down(layers.Concatenate()([samples, told]), 8))
    discriminator = keras.Model([samples, told], patches)
    told = {"images": conditions.Images((None, None, 3))}
    return moved(keras_gans.AdversarialModel(generator, discriminator, seed=0, conditions=told))


@pytest.fixture(scope="module")
def model():
    return translator()


@pytest.fixture(scope="module")
def served(model, tmp_path_factory):
    """Its SavedModel's folder, and what exporting found."""
    return export.saved_model(model, tmp_path_factory.mktemp("export") / "translator")


@pytest.fixture(scope="module")
def functions(served):
    return tf.saved_model.load(str(served[0])).signatures


def pictures(*shape):
    return np.random.default_rng(1).random((*shape, 3), dtype="float32")


def expected(model, images):
    return model.apply(images * 2 - 1) * 0.5 + 0.5


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_images_of_any_size_are_translated_where_nothing_of_ours_is(model, served, tmp_path):
    onnx, difference = export.onnx(model, tmp_path / "model.onnx")
    assert max(difference, served[1]) <= 1e-4
    given = {"small": pictures(2, 16, 16), "wide": pictures(3, 24, 40)}
    np.savez(tmp_path / "given.npz", **given)
    command = [sys.executable, "-I", "-c", RUN, served[0], onnx, tmp_path / "given.npz", tmp_path / "answer.npz"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    with np.load(tmp_path / "answer.npz") as answers:
        assert len(answers.files) == 4
        for name in answers.files:
            images = given[name.split()[1]]
            np.testing.assert_allclose(answers[name], expected(model, images), atol=1e-4)
            assert answers[name].std() > 0.05


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_tflite_translates_tiles_of_one_size(model, tmp_path):
    path, difference = export.tflite(model, tmp_path / "model.tflite", input_size=32)
    assert difference <= 1e-4
    interpreter = Interpreter(str(path))
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["images"], "outputs": ["generated_images"]}}
    runner = interpreter.get_signature_runner()
    assert runner.get_input_details()["images"]["shape_signature"].tolist() == [1, 32, 32, 3]
    tile = pictures(1, 32, 32)
    np.testing.assert_allclose(runner(images=tile)["generated_images"], expected(model, tile), atol=1e-4)
    # Measured as the model is.
    three = to_uint8(pictures(3, 32, 32) * 2 - 1)
    drawn = Sampler(signatures_of(model), path).generate(3, conditions={"images": three})
    np.testing.assert_allclose(drawn, model.apply(three), atol=2e-4)


def test_a_translator_takes_no_seeds_but_8_bit_images(model, functions):
    assert sorted(functions) == ["apply_png", "generate", "generate_png", "score", "serving_default"]  # none with truncation
    for name in ("generate", "generate_png"):
        [[given, spec]] = functions[name].structured_input_signature[1].items()
        assert (given, spec.dtype, spec.shape.as_list()) == ("images", tf.uint8, [None, None, None, 3])
    images = to_uint8(pictures(2, 8, 16) * 2 - 1)
    pixels = functions["generate"](images=tf.constant(images))["generated_images"].numpy()
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - to_uint8(model.apply(images))).max() <= 1
    files = functions["generate_png"](images=tf.constant(images))["image_bytes"]
    np.testing.assert_array_equal(np.stack([tf.io.decode_png(file) for file in files]), pixels)
    assert Declaration.from_xmp(extract(files[1].numpy())).source == COMPOSITE


def test_a_map_of_scores_is_exported_as_its_mean(model, functions):
    told, judged = pictures(4, 16, 16), pictures(4, 16, 16)[::-1].copy()
    found = functions["score"](images=tf.constant(told), generated_images=tf.constant(judged))["scores"].numpy()
    maps = np.asarray(model.score(judged * 2 - 1, {"images": told * 2 - 1}))
    assert maps.shape == (4, 8, 8, 1)
    np.testing.assert_allclose(found, maps.mean(axis=(1, 2, 3)), atol=1e-4)
    assert found.std() > 0


def test_images_out_of_range_are_refused(functions):
    for wrong in (255 * pictures(1, 8, 8), pictures(1, 8, 8) * 2 - 1, np.full((1, 8, 8, 3), np.nan, "float32")):
        with pytest.raises(tf.errors.InvalidArgumentError, match="images must be floats from 0 to 1"):
            functions["serving_default"](images=tf.constant(wrong))


def test_our_server_loads_it_without_trust(model, served):
    file, image = io.BytesIO(), to_uint8(pictures(20, 24) * 2 - 1)
    Image.fromarray(image).save(file, "PNG")
    signature = Servable("translator", 1, served[0]).signature("apply_png")
    [content] = signature.run({"image_bytes": np.array([file.getvalue()], object)})["image_bytes"]
    made = np.asarray(Image.open(io.BytesIO(content))).astype(int)
    assert np.abs(made - to_uint8(model.apply(image))[0]).max() <= 1
    with pytest.raises(ServingError, match=r"^image_bytes must be PNG or JPEG files\.$"):
        signature.run({"image_bytes": np.array([b""], object)})


def test_a_client_may_ask_for_a_translation(model, tmp_path, monkeypatch):
    monkeypatch.setattr(parity, "check", lambda *_: 0.0)  # tested above
    export.publish(model, tmp_path, "translator")
    request = json.loads((tmp_path / "clients" / "translator.json").read_text())
    assert request["signature_name"] == "apply_png"
    [[name, image]] = request["instances"][0].items()
    assert name == "image_bytes"
    assert Image.open(io.BytesIO(base64.b64decode(image["b64"]))).size == (32, 32)


def told_much(scores=1):
    """A model that is told a class and an image, and whose discriminator consists of several."""
    keras.utils.set_random_seed(0)
    latents, labels = keras.Input((6,), name="latents"), keras.Input((), name="labels", dtype="int32")
    images = keras.Input((8, 8, 3), name="images")
    one = layers.Reshape((8, 8, 1))(layers.Dense(64)(layers.Concatenate()([latents, layers.Embedding(5, 4)(labels)])))
    made = layers.Conv2D(3, 3, padding="same", activation="tanh")(down_same(layers.Concatenate()([one, images])))
    generator = keras.Model([latents, labels, images], made)
    samples, told = keras.Input((8, 8, 3), name="samples"), keras.Input((), name="labels", dtype="int32")
    features = layers.Add()([layers.Flatten()(samples), layers.Embedding(5, 192)(told)])
    judged = [layers.Dense(1)(features), layers.Conv2D(1, 3)(samples)][:scores]
    discriminator = keras.Model([samples, told], judged if scores > 1 else judged[0])
    both = {"labels": conditions.Classes(5), "images": conditions.Images((8, 8, 3))}
    return moved(keras_gans.AdversarialModel(generator, discriminator, seed=0, conditions=both))


def down_same(x):
    return layers.LeakyReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same", use_bias=False)(x)))


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_class_and_an_image_together(tmp_path):
    model = told_much(scores=2)
    folder, difference = export.saved_model(model, tmp_path / "served", class_names="abcde")
    assert difference <= 1e-4
    assert (folder / "assets" / "labels.txt").read_text() == "a\nb\nc\nd\ne\n"
    functions = tf.saved_model.load(str(folder)).signatures
    takes = {name: sorted(each.structured_input_signature[1]) for name, each in functions.items()}
    assert takes == {
        "serving_default": ["images", "labels", "latents"],
        "generate": ["images", "labels", "seeds"],
        "generate_with_truncation": ["images", "labels", "seeds", "truncation"],
        "generate_png": ["images", "labels", "seeds"],
        "generate_png_with_truncation": ["images", "labels", "seeds", "truncation"],
        "score": ["generated_images", "labels"],  # the discriminator is not told the image
    }
    images, labels, seeds = pictures(3, 8, 8), np.array([0, 3, 4], "int32"), [3, 2**40, 7]
    told = {"images": to_uint8(images * 2 - 1), "labels": labels}
    given = {"seeds": tf.constant(seeds, tf.int64), "truncation": tf.constant([1.0, 0.5, 1.0])}
    found = functions["generate_with_truncation"](**given, **{name: tf.constant(value) for name, value in told.items()})
    pixels = [
        to_uint8(model.generate(seeds=[seed], truncation=knob, conditions={name: v[i : i + 1] for name, v in told.items()}))
        for i, (seed, knob) in enumerate(zip(seeds, [1.0, 0.5, 1.0], strict=True))
    ]
    assert np.abs(found["generated_images"].numpy().astype(int) - np.concatenate(pixels)).max() <= 1
    judged = pictures(3, 8, 8)
    scores = functions["score"](generated_images=tf.constant(judged), labels=tf.constant(labels))["scores"].numpy()
    vector, patches = (np.asarray(each) for each in model.score(judged * 2 - 1, {"labels": labels}))
    np.testing.assert_allclose(scores, (vector[:, 0] + patches.mean(axis=(1, 2, 3))) / 2, atol=1e-4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels must be integers from 0 to 4"):
        functions["score"](generated_images=tf.constant(judged), labels=tf.constant([0, 5, 1]))


class Waveforms(Medium):
    """A medium of somebody else: sound, `(length, 1)`, in 16 bits in files."""

    name = "waveforms"


class Pitch(Condition):
    """A condition of somebody else, which exports know nothing of."""

    kind = "pitch"
    words = "pitches"

    def get_config(self):
        return {}

    def check(self, values):
        return np.asarray(values, "float32")

    def to_network(self, values):
        return values

    def examples(self, n):
        return np.linspace(-1, 1, n, dtype="float32")[:, None]

    def spec(self):
        return (1,), "float32"


class WaveformSignatures(Signatures):
    output = "audio"
    scores_samples = True

    def to_file(self, samples):
        return keras.ops.cast(keras.ops.round(samples * 32767.0), "int16")

    def before_rounding(self, samples):
        return samples * np.float32(32767.0)


def speaker():
    keras.utils.set_random_seed(0)
    latents, pitch = keras.Input((4,), name="latents"), keras.Input((1,), name="pitch")
    generator = keras.Model(
        [latents, pitch], layers.Reshape((24, 1))(layers.Dense(24, "tanh")(layers.Concatenate()([latents, pitch])))
    )
    samples = keras.Input((24, 1), name="samples")
    discriminator = keras.Model(samples, layers.Dense(1)(layers.Flatten()(samples)))
    return keras_gans.AdversarialModel(
        generator, discriminator, seed=0, conditions={"pitch": Pitch()}, medium=Waveforms((24, 1))
    )


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(SIGNATURES, "_things", dict(SIGNATURES._things))
    return SIGNATURES.register("waveforms")(WaveformSignatures)


def test_a_medium_registers_signatures_of_its_own(registered, tmp_path):
    model = speaker()
    folder, difference = export.saved_model(model, tmp_path / "served")
    assert difference <= 1e-4
    functions = tf.saved_model.load(str(folder)).signatures
    assert sorted(functions) == ["generate", "generate_with_truncation", "score", "serving_default"]
    pitches = np.array([[0.5], [-1.0]], "float32")
    given = {"seeds": tf.constant([1, 2], tf.int64), "pitch": tf.constant(pitches)}
    audio = functions["generate"](**given)["audio"].numpy()
    assert audio.dtype == np.int16
    wanted = model.generate(seeds=[1, 2], conditions={"pitch": pitches})
    np.testing.assert_allclose(audio, wanted * 32767, atol=1)
    path, difference = export.tflite(model, tmp_path / "model.tflite")
    assert difference <= 1e-4
    [(name, signature)] = Interpreter(str(path)).get_signature_list().items()
    assert (name, sorted(signature["inputs"]), signature["outputs"]) == ("serving_default", ["latents", "pitch"], ["audio"])


def test_16_bit_samples_that_differ_are_not_kept(registered, tmp_path, monkeypatch):
    monkeypatch.setattr(WaveformSignatures, "before_rounding", lambda self, samples: samples * np.float32(32767) + 20)
    with pytest.raises(ValueError, match=r"differs from the Keras model by 0\.0003"):
        export.saved_model(speaker(), tmp_path / "served")


def test_a_medium_without_signatures_is_exported_as_it_is(tmp_path):
    signatures = signatures_of(speaker())
    assert type(signatures) is Signatures
    assert set(signatures.all) == {"serving_default", "generate", "generate_with_truncation"}
    assert signatures.output == "samples"


def test_images_are_known_by_their_medium(model):
    assert type(signatures_of(model)) is ImageSignatures


class Subclass(keras.Model):
    """A generator that is not a graph of layers."""

    latent_shape, sample_shape = (4,), (8, 8, 3)

    def __init__(self):
        super().__init__()
        self.dense, self.shape_it = layers.Dense(192, "tanh"), layers.Reshape((8, 8, 3))

    def call(self, inputs):
        return self.shape_it(self.dense(inputs["latents"]))


def test_a_generator_that_is_no_graph_of_layers(tmp_path):
    keras.utils.set_random_seed(0)
    generator = Subclass()
    generator({"latents": np.zeros((1, 4), "float32")})
    samples = keras.Input((8, 8, 3))
    discriminator = keras.Model(samples, layers.Dense(1)(layers.Flatten()(samples)))
    model = keras_gans.AdversarialModel(generator, discriminator, seed=0)
    path, difference = export.tflite(model, tmp_path / "model.tflite")
    assert difference <= 1e-4
    runner = Interpreter(str(path)).get_signature_runner()
    images = runner(latents=model.latents(1, seed=5))["images"]
    np.testing.assert_allclose(images, model.generate(1, seed=5) * 0.5 + 0.5, atol=1e-4)
