"""Every entry in every format, run by what will run it elsewhere."""

import functools
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import keras_gans
from keras_gans import export, registry
from keras_gans.export.run_export import in_batches, run_onnx
from keras_gans.text import Tokenizer
from tests.keras_gans.export.flatbuffer import operators, read

# The smallest sizes, and of a growing model the shortest schedule.
SMALL = {"image_shape": (8, 8, 3), "width": 8, "latent_dim": 6, "fade_images": 8, "stable_images": 8}
SMALL_TEXT = {"vocabulary_size": 16, "length": 6, "pretraining_epochs": 1, "rollouts": 1, "head_start": 1}
SENTENCES = ["a cat sits", "a dog runs in the park", "two cats run on the mat", "the dog sits"] * 8
IMAGES, TEXTS = (
    [name for name in keras_gans.list_models() if registry.get_entry(name).task == task] for task in ("images", "text")
)
# Made of the same layers as the generators of other entries.
ALIKE = ("acgan", "gan", "wgan", "wgan_gp", "seqgan")
FORMATS = ("saved_model", "tflite", "tflite of any batch", "float16", "dynamic", "int8", "onnx")
# What takes longest, and for these what is left out by default. (Last run: 0.1.0, 2026-11-26.)
RARE = {"dcgan": (), "r3gan": ("float16",), "next_token_gan": ("float16",)}
RARE_ELSEWHERE = ("float16", "dynamic", "onnx")


def cells(names, formats):
    for name in names:
        for kind in formats:
            rare = name in ALIKE or kind in RARE.get(name, RARE_ELSEWHERE)
            yield pytest.param(name, kind, marks=[pytest.mark.slow] if rare else [])


@functools.cache
def trained(name):
    """A small model whose statistics have moved, so that an export that forgets them is found out."""
    known = registry.get_entry(name).arguments
    keras.utils.set_random_seed(0)
    small = SMALL if "image_shape" in known else {**SMALL_TEXT, "filters": 4 if name == "relgan" else 0.01}
    model = keras_gans.create_model(name, **{key: value for key, value in small.items() if key in known}, ema=0.9, seed=0)
    if registry.get_entry(name).task == "text":
        model.tokenizer = Tokenizer.train(SENTENCES)
        samples = model.tokenizer.encode(SENTENCES, SMALL_TEXT["length"])[0]
    else:
        samples = np.random.default_rng(0).integers(0, 256, (32, *model.data_shape), "uint8")
    model.fit(samples, model.class_labels(len(samples)), batch_size=8, epochs=2, verbose=0)
    return model


def exported(model, kind, folder):
    """Exports; returns the file or folder, and what exporting found."""
    if kind == "saved_model":
        return export.saved_model(model, folder / "served")
    if kind == "onnx":
        return export.onnx(model, folder / "model.onnx")
    quantize = "none" if kind.startswith("tflite") else kind
    batch = None if kind == "tflite of any batch" else 1
    return export.tflite(model, folder / "model.tflite", batch=batch, quantize=quantize)


def run(kind, path, inputs, signature="serving_default"):
    """Runs an export; returns its outputs and the batch size of its inputs, None for any."""
    if kind == "saved_model":
        function = tf.saved_model.load(str(path)).signatures[signature]
        batches = {spec.shape[0] for spec in function.structured_input_signature[1].values()}
        outputs = function(**{name: tf.constant(value) for name, value in inputs.items()})
        return {name: value.numpy() for name, value in outputs.items()}, *batches
    if kind == "onnx":
        import onnxruntime

        found = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()
        assert {value.shape[0] for value in found} == {"batch"}
        return run_onnx(path, signature, inputs), None
    runner = Interpreter(str(path)).get_signature_runner(signature)
    [batch] = {int(details["shape_signature"][0]) for details in runner.get_input_details().values()}
    if batch == -1:
        runner = Interpreter(str(path)).get_signature_runner(signature)
    return in_batches(runner, inputs), None if batch == -1 else batch


def assert_plain(kind, path):
    """A TFLite file holds builtin operators only; a fixed batch none that computes shapes; int8 nothing in floats."""
    model = read(path.read_bytes())
    found = [operator for graph in operators(model) for operator in graph]
    assert "CUSTOM" not in {operator.name for operator in found}
    if kind == "tflite of any batch":
        return
    names = {operator.name for operator in operators(model)[0]}
    assert not names & {"SHAPE", "PACK", "BROADCAST_ARGS", "BROADCAST_TO"}
    # Of feature maps a part may be cut off.
    assert all(len(operator.shapes[0]) == 4 for operator in found if operator.name == "STRIDED_SLICE")
    if kind == "int8":
        assert {operator.name for operator in found if "FLOAT32" in operator.types} == {"QUANTIZE", "DEQUANTIZE"}


@pytest.mark.parametrize(("name", "kind"), cells(IMAGES, FORMATS))
def test_images_are_those_of_keras(name, kind, tmp_path):
    model = trained(name)
    path, difference = exported(model, kind, tmp_path)
    labels = model.class_labels(5)
    inputs = {"latents": np.random.default_rng(3).standard_normal((5, *model.latent_shape), dtype="float32")}
    if labels is not None:
        inputs["labels"] = labels
    expected = model.generate(5, seed=3, labels=labels) * 0.5 + 0.5
    outputs, batch = run(kind, str(path), inputs)
    assert batch == (1 if kind in ("tflite", "float16", "dynamic", "int8") else None)
    [images] = outputs.values()
    assert (list(outputs), images.dtype, images.shape) == (["images"], np.float32, expected.shape)
    assert images.min() >= -1e-6 and images.max() <= 1 + 1e-6
    if kind in ("float16", "dynamic", "int8"):
        # Other samples than those that exporting looked at: what it said holds for them, too.
        assert np.abs(images - expected).mean() < 3 * difference.mean + 1e-6
    else:
        assert difference <= 1e-4
        np.testing.assert_allclose(images, expected, atol=1e-4)
    if path.suffix == ".tflite":
        assert_plain(kind, path)


@pytest.mark.parametrize(("name", "kind"), cells(TEXTS, [kind for kind in FORMATS if kind != "int8"]))
def test_text_is_that_of_keras(name, kind, tmp_path):
    model = trained(name)
    path, difference = exported(model, kind, tmp_path)
    inputs = model.sampling_inputs(5, seed=3)
    outputs, batch = run(kind, str(path), inputs)
    assert batch == (1 if kind in ("tflite", "float16", "dynamic") else None)
    tokens = outputs["token_ids"]
    assert (list(outputs), tokens.dtype) == (["token_ids"], np.int32)
    expected = model.generate(5, seed=3)
    if kind in ("float16", "dynamic"):
        assert (tokens != expected).mean() <= 0.5
    else:
        assert difference == 0
        np.testing.assert_array_equal(tokens, expected)
    if path.suffix == ".tflite":
        assert "CUSTOM" not in {operator.name for graph in operators(read(path.read_bytes())) for operator in graph}
    if kind in ("onnx", "float16", "dynamic"):
        return
    seeds = np.array([1, 2**40 + 5, 9])
    outputs, _ = run(kind, str(path), {"seeds": seeds, "temperature": np.full(3, 0.5, "float32")}, "generate")
    lines = outputs["text"] if "text" in outputs else [joined(path, row) for row in outputs["token_ids"].tolist()]
    assert [line.decode() if isinstance(line, bytes) else line for line in lines] == model.write(seeds=seeds, temperature=0.5)
    assert len(set(lines)) > 1


def joined(path, tokens):
    """Text as the README joins it: the vocabulary in the file and the tokens up to the first 0."""
    pieces = zipfile.ZipFile(path).read("vocabulary.txt").decode().split("\n")
    return "".join(pieces[token] for token in [*tokens, 0][: [*tokens, 0].index(0)]).replace("\u2581", " ").strip()
