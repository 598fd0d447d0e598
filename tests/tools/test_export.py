import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

# What TensorFlow alone finds in a SavedModel: run with the export and the file for its answer.
LOAD = """
import sys
import numpy as np
import tensorflow as tf

folder, answer = sys.argv[1:]
serve = tf.saved_model.load(folder).signatures["serving_default"]
[[name, spec]] = serve.structured_input_signature[1].items()
assert (name, spec.dtype, spec.shape.as_list()) == ("latents", tf.float32, [None, 5]), (name, spec)
latents = np.random.default_rng(0).standard_normal((6, 5), dtype="float32")
six, one = serve(latents=tf.constant(latents)), serve(latents=tf.constant(latents[:1]))
assert list(six) == ["images"], six
np.savez(answer, six=six["images"], one=one["images"])
assert not {"keras_gans", "zoo"} & {name.split(".")[0] for name in sys.modules}
"""


@pytest.fixture(scope="module")
def export(keras_gans_forked, tiny):
    """Runs `keras-gans export` on the tiny preset."""
    return lambda *arguments, **options: keras_gans_forked("export", tiny[0], *arguments, **options)


@pytest.fixture(scope="module")
def images(tiny_samples):
    """The samples of the first 6 latents of seed 0, as exports return them."""
    return tiny_samples * 0.5 + 0.5


def assert_says_where_and_how_close(process, path):
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert str(path) in process.stdout
    assert float(re.search(r"(\d\.\de[+-]\d+)", process.stdout)[1]) <= 1e-4


def assert_are(found, images):
    assert found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1
    assert images.std() > 0.05
    np.testing.assert_allclose(found, images, atol=1e-4)


@pytest.fixture(scope="module")
def saved_model(tiny, tiny_exported):
    return tiny_exported[1] / tiny[0].name


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_saved_model_runs_where_only_tensorflow_is_imported(saved_model, images, tmp_path):
    command = [sys.executable, "-I", "-c", LOAD, saved_model / "1", tmp_path / "answer.npz"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    with np.load(tmp_path / "answer.npz") as answer:
        assert_are(answer["six"], images)
        assert_are(answer["one"], images[:1])


def test_saved_model_is_laid_out_and_named_for_tensorflow_serving(saved_model):
    from tensorflow.core.protobuf import saved_model_pb2

    assert (saved_model / "1" / "variables" / "variables.index").is_file()
    [graph] = saved_model_pb2.SavedModel.FromString((saved_model / "1" / "saved_model.pb").read_bytes()).meta_graphs
    assert list(graph.meta_info_def.tags) == ["serve"]
    signature = graph.signature_def["serving_default"]
    assert signature.method_name == "tensorflow/serving/predict"
    assert list(signature.inputs) == ["latents"]
    assert list(signature.outputs) == ["images"]
    assert [dim.size for dim in signature.inputs["latents"].tensor_shape.dim] == [-1, 5]
    assert [dim.size for dim in signature.outputs["images"].tensor_shape.dim] == [-1, 8, 8, 1]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_canary_is_served_beside_the_stable_version(export, saved_model, tmp_path):
    served = shutil.copytree(saved_model.parent, tmp_path / "exports") / saved_model.name
    before = {path: path.read_bytes() for path in served.rglob("*") if path.is_file()}
    arguments = ("--format=saved_model", f"--output={served.parent}", f"--name={served.name}", "--version_label=canary")
    assert_says_where_and_how_close(export(*arguments, "--keep=1"), served / "2")
    assert sorted(path.name for path in served.iterdir()) == ["1", "2"]
    assert all(path.read_bytes() == content for path, content in before.items())
    [config] = read_config(served.parent).model_config_list.config
    assert (config.name, config.base_path, config.model_platform) == (served.name, f"/models/{served.name}", "tensorflow")
    assert dict(config.version_labels) == {"stable": 1, "canary": 2}
    assert list(config.model_version_policy.specific.versions) == [1, 2]


def read_config(root):
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    return text_format.Parse((root / "models.config").read_text(), model_server_config_pb2.ModelServerConfig())


@pytest.fixture(scope="module")
def fixed(tiny, tiny_exported):
    return tiny_exported[1] / f"{tiny[0].name}.tflite"


@pytest.fixture(scope="module")
def dynamic(export, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "dynamic.tflite"
    path.write_bytes(b"old")
    process = export("--format=tflite", "--batch=dynamic", "--overwrite", f"--output={path}")
    assert_says_where_and_how_close(process, path)
    return path


def open_tflite(path):
    from ai_edge_litert.interpreter import Interpreter

    # Operators that only full TensorFlow has are named so.
    assert b"Flex" not in path.read_bytes()
    interpreter = Interpreter(model_path=str(path))
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["latents"], "outputs": ["images"]}}
    return interpreter


def test_tflite_has_a_static_batch_of_one(fixed, images):
    runner = open_tflite(fixed).get_signature_runner("serving_default")
    latents, answer = runner.get_input_details()["latents"], runner.get_output_details()["images"]
    assert latents["dtype"] == answer["dtype"] == np.float32
    assert latents["shape_signature"].tolist() == [1, 5]
    assert answer["shape_signature"].tolist() == [1, 8, 8, 1]
    drawn = np.random.default_rng(0).standard_normal((6, 5), dtype="float32")
    assert_are(np.concatenate([runner(latents=drawn[i : i + 1])["images"].copy() for i in range(6)]), images)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_tflite_with_a_dynamic_batch_takes_any(dynamic, images):
    interpreter = open_tflite(dynamic)
    latents = interpreter.get_signature_runner("serving_default").get_input_details()["latents"]
    assert latents["shape_signature"].tolist() == [-1, 5]
    drawn = np.random.default_rng(0).standard_normal((6, 5), dtype="float32")
    for batch in (6, 1, 3):
        interpreter.resize_tensor_input(latents["index"], [batch, 5])
        interpreter.allocate_tensors()
        # A copy, because the answer lies in memory of the interpreter, which moves when it is resized.
        found = interpreter.get_signature_runner("serving_default")(latents=drawn[:batch])["images"].copy()
        assert_are(found, images[:batch])


def test_an_existing_tflite_file_is_kept(export, assert_refused, tmp_path):
    (tmp_path / "mine.tflite").write_bytes(b"mine")
    assert_refused(export("--format=tflite", "--output=mine.tflite", cwd=tmp_path), "mine.tflite", "--overwrite")
    assert (tmp_path / "mine.tflite").read_bytes() == b"mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_all_formats_in_one_folder_are_named_after_the_run(tiny, tiny_exported):
    process, folder = tiny_exported
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    name = tiny[0].name
    files = {path.name for path in folder.iterdir() if path.name.startswith(name)}
    quantised = {f"{name}_{kind}.tflite" for kind in ("float16", "dynamic", "int8")}
    assert files == {name, f"{name}.tflite", f"{name}.onnx"} | quantised
    assert (folder / name / "1" / "saved_model.pb").is_file()
    lines = process.stdout.splitlines()
    assert len(lines) == 6
    assert [line for line in lines if ", on average by " in line] == [line for line in lines if f"{name}_" in line]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_quantised_file_is_measured_beside_the_model(export, tmp_path):
    arguments = ("--quantize=int8", "--dataset=digits", "--metrics=fid", "--num=100", "--seeds=1", "--held_out=none")
    process = export("--format=tflite", f"--output={tmp_path / 'x.tflite'}", *arguments)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    header, row = (line.split() for line in process.stdout.splitlines()[-2:])
    assert header[2:4] == ["float32", "int8"]
    known, found = float(row[2]), float(row[3])
    assert known > 0
    assert abs(found - known) < 0.2 * known


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format=tflite", "--output=x.onnx"], [".tflite", "x.onnx"]),
        (["--output=x.tflite"], ["--format"]),
        (["--format=tflite"], ["--output"]),
        (["--format=tflite", "--output=x.tflite", "--batch=zero"], ["--batch", "zero"]),
        (["--format=tflite", "--output=x.tflite", "--batch=0"], ["--batch", "'0'"]),
        (["--format=onyx", "--output=x"], ["onyx", "saved_model", "tflite"]),
        (["--format=saved_model", "--output=x", "--version=0"], ["version=0"]),
        (["--format=onnx", "--output=x", "--quantize=int8"], ["--quantize", "tflite"]),
        (["--format=tflite", "--output=x.tflite", "--quantize=int4"], ["int4", "float16"]),
        (["--format=tflite", "--output=x.tflite", "--dataset=digits"], ["--dataset", "--quantize"]),
        (["--format=onnx", "--output=x.tflite"], [".onnx", "x.tflite"]),
        (["--format=saved_model", "--output=x", "--keep=0"], ["keep=0"]),
        (["--format=saved_model", "--output=x", "--name=../y"], ["name", "'../y'"]),
        (["--format=saved_model", "--output=x", "--version_label="], ["label", "''"]),
        (["--format=web", "--output=x"], ["--runtime", "npm pack onnxruntime-web"]),
        (["--format=tflite", "--output=x.tflite", "--runtime=y"], ["--runtime", "--format=web", "tflite"]),
    ],
    ids=" ".join,
)
def test_mistakes_write_nothing(export, assert_refused, tmp_path, arguments, words):
    assert_refused(export(*arguments, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []


def test_several_formats_are_several_commands(keras_gans_forked, assert_refused, tmp_path):
    process = keras_gans_forked("export", "dcgan_digits", "--format=saved_model,tflite", "--output=exports", cwd=tmp_path)
    assert_refused(process, "--format must be one of saved_model, tflite", "call it for each, or give all")
