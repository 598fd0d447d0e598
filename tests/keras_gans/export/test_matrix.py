"""Every entry in every format, run by what will run it elsewhere."""

import sys
import zipfile

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import keras_gans
from keras_gans import export
from keras_gans.evaluation import Evaluator
from keras_gans.export.onnx import HANDLERS, OPSET
from keras_gans.export.run_export import in_batches, load_onnx
from keras_gans.export.signatures import ImageSignatures, signatures_of
from keras_gans.export.tflite_sampler import Sampler
from tests.keras_gans.export.flatbuffer import operators, read
from tests.support import entries
from tests.support.entries import IMAGES, TEXTS, reference

# What runs by default: each format where it is most likely to fail and soon done, one entry of those that are made of the same
# layers. The others take five minutes on one core. (Last run: 0.1.0, 2026-11-26; those of pggan 2026-11-29.)
FORMATS = {
    "saved_model": ("cgan",),  # of text: test_seeded.py
    "tflite": ("dcgan", "cgan"),
    "tflite of any batch": ("cgan",),
    "float16": ("dcgan",),
    "dynamic": ("dcgan",),
    "int8": ("dcgan", "cgan"),
    "onnx": ("dcgan", "cgan"),
}


# What 8 bits distort: statistics over whole images, which these networks normalise by.
TOO_COARSE = [("cut", "int8"), ("cyclegan", "int8"), ("pix2pix", "int8")]

# What the converter leaves in floats beside squares: ELU, what masks are used for before the first convolution, and a category
# on its way from an integer to a vector.
IN_FLOATS = {"gated_inpainting": {"CAST", "CONCATENATION", "ELU", "GREATER_EQUAL", "MUL"}, "infogan": {"CAST"}}


def cells(names, but=()):
    return [
        pytest.param(name, kind, marks=[] if name in common else [pytest.mark.slow])
        for name in names
        for kind, common in FORMATS.items()
        if kind not in but
    ]


def trained(name):
    return entries.trained(name, ema=0.9)


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
        return load_onnx(path)(signature, inputs), None
    runner = Interpreter(str(path)).get_signature_runner(signature)
    [batch] = {int(details["shape_signature"][0]) for details in runner.get_input_details().values()}
    return in_batches(runner, inputs), None if batch == -1 else batch


def assert_plain(kind, path, name=""):
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
        in_floats = {operator.name for operator in found if "FLOAT32" in operator.types}
        assert in_floats - {"SQUARE"} - IN_FLOATS.get(name, set()) == {"QUANTIZE", "DEQUANTIZE"}


@pytest.mark.parametrize(("name", "kind"), cells(IMAGES))
def test_images_are_those_of_keras(name, kind, tmp_path, capfd):
    model = trained(name)
    if (name, kind) in TOO_COARSE:
        with pytest.raises(ValueError, match="would be visible in its samples"):
            exported(model, kind, tmp_path)
        return
    path, difference = exported(model, kind, tmp_path)
    inputs, expected = reference(model, 5, seed=3)
    outputs, batch = run(kind, str(path), inputs)
    assert batch == (1 if kind in ("tflite", "float16", "dynamic", "int8") else None)
    [images] = outputs.values()
    assert (images.dtype, images.shape) == (np.float32, expected.shape)
    assert list(outputs) == ["images" if "images" not in inputs else "generated_images"]
    assert images.min() >= -1e-6 and images.max() <= 1 + 1e-6
    if kind in ("float16", "dynamic", "int8"):
        # Other samples than those that exporting looked at: what it said holds for them, too.
        assert np.abs(images - expected).mean() < 3 * difference.mean + 1e-6
    else:
        assert difference <= 1e-4
        np.testing.assert_allclose(images, expected, atol=1e-4)
    if path.suffix == ".tflite":
        assert_plain(kind, path, name)
    if kind in ("tflite", "float16"):
        tf.lite.experimental.Analyzer.analyze(str(path), gpu_compatibility=True)
        assert "looks compatible with GPU delegate" in capfd.readouterr().out


@pytest.mark.parametrize(("name", "kind"), cells(TEXTS, but=["int8"]))
def test_text_is_that_of_keras(name, kind, tmp_path):
    model = trained(name)
    path, difference = exported(model, kind, tmp_path)
    inputs = signatures_of(model).default_inputs(5, seed=3)
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
    outputs, _ = run(kind, str(path), {"seeds": seeds, "temperature": np.full(3, 0.5, "float32")}, "generate_with_temperature")
    lines = outputs["text"] if "text" in outputs else [joined(path, row) for row in outputs["token_ids"].tolist()]
    assert [line.decode() if isinstance(line, bytes) else line for line in lines] == model.write(seeds=seeds, temperature=0.5)
    assert len(set(lines)) > 1


def joined(path, tokens):
    """Text as the README joins it: the vocabulary in the file and the tokens up to the first 0."""
    pieces = zipfile.ZipFile(path).read("vocabulary.txt").decode().split("\n")
    return "".join(pieces[token] for token in [*tokens, 0][: [*tokens, 0].index(0)]).replace("\u2581", " ").strip()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_quantised_files_are_as_small_as_they_should_be(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("dcgan", seed=0)
    sizes = {kind: exported(model, kind, tmp_path / kind)[0].stat().st_size for kind in ("tflite", "float16", "int8")}
    assert sizes["int8"] < sizes["tflite"] / 3
    assert sizes["float16"] < sizes["tflite"] * 0.55


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_quantised_file_that_draws_something_else_is_not_kept(tmp_path, monkeypatch):
    model = trained("pggan")
    right = ImageSignatures._expected_default
    # What the file computes is right; what is expected of it lies a grey level and a tenth of the contrast away.
    monkeypatch.setattr(
        ImageSignatures, "_expected_default", lambda self, given: {"images": right(self, given)["images"] + np.float32(0.1)}
    )
    with pytest.raises(ValueError, match=r"quantised to int8 differs from the Keras model by 0\.(09|1)\d* on average"):
        exported(model, "int8", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_quantised_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"A text model cannot be quantised to int8.*Use 'dynamic'"):
        export.tflite(trained("next_token_gan"), tmp_path / "model.tflite", quantize="int8")
    with pytest.raises(ValueError, match=r"There is no quantisation 'int4'\. Did you mean 'int8'"):
        export.tflite(trained("dcgan"), tmp_path / "model.tflite", quantize="int4")
    assert list(tmp_path.iterdir()) == []


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_file_s_samples_are_measured_as_the_model_s(tmp_path):
    model = trained("cgan")
    path, _ = exported(model, "tflite", tmp_path)
    sampler = Sampler(signatures_of(model), path)
    labels = model.class_labels(7)
    expected = model.generate(7, seed=4, labels=labels)
    np.testing.assert_allclose(sampler.generate(7, seed=4, labels=labels), expected, atol=2e-4)
    data = keras_gans.load_data("digits", (8, 8, 3))
    evaluator = Evaluator(data, ["fid"], num=200, held_out=None, use_cache=False)
    found, known = (evaluator.measure_model(each, seed=1)["fid"] for each in (sampler, model))
    assert found == pytest.approx(known, rel=1e-3)


def test_without_the_extra_onnx_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(ValueError, match=r"ONNX needs tf2onnx.*keras-gans\[onnx\]"):
        export.onnx(trained("dcgan"), tmp_path / "model.onnx")
    with pytest.raises(ValueError, match=r"must end in \.onnx"):
        export.onnx(trained("dcgan"), tmp_path / "model.tflite")


def test_what_gelu_is_made_of_has_no_counterpart_and_is_written_otherwise():
    import onnxruntime
    import tf2onnx

    values = np.linspace(-4, 4, 101, dtype="float32")
    function = tf.function(lambda x: {"y": tf.math.erfc(x)}, input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])
    model, _ = tf2onnx.convert.from_function(function, function.input_signature, opset=OPSET, custom_op_handlers=HANDLERS)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": values})[0], scipy.special.erfc(values), atol=1e-6)
