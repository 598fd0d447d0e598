"""What exports contain beside what test_matrix.py finds in each of them."""

import os

import numpy as np
import pytest

import keras_gans
from keras_gans import export
from keras_gans.export import clean_process, parity
from keras_gans.export.signatures import ImageSignatures, signatures_of
from tests.support.entries import IMAGES, build, reference, trained


def run_tflite(path, inputs):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    [(name, signature)] = interpreter.get_signature_list().items()
    assert (name, sorted(signature["inputs"]), len(signature["outputs"])) == ("serving_default", sorted(inputs), 1)
    details = interpreter.get_signature_runner().get_input_details()
    for name, value in inputs.items():
        if details[name]["shape_signature"][0] == -1:
            interpreter.resize_tensor_input(details[name]["index"], value.shape)
    interpreter.allocate_tensors()
    [images] = interpreter.get_signature_runner()(**inputs).values()
    return images.copy(), {name: details[name]["shape_signature"].tolist() for name in inputs}


# Folding computes in float32, too, for each of them alike: tests/keras_gans/export/test_folding.py. Half a minute (last run:
# cgan 2026-11-30, others 2026-11-26).
@pytest.mark.slow
@pytest.mark.parametrize("name", IMAGES)
def test_a_model_of_mixed_precision_exports_in_float32(name, tmp_path):
    model = trained(name, policy="mixed_bfloat16", ema=0.9)
    # Compared with the float32 network: with bfloat16 activations Keras itself is less exact.
    exact = build(name, ema=0.9)
    exact.set_weights(model.get_weights())
    path, _ = export.tflite(model, tmp_path / "model.tflite")
    inputs, expected = reference(exact, 1)
    np.testing.assert_allclose(run_tflite(path, inputs)[0], expected, atol=1e-4)


def test_points_are_exported_unscaled(tmp_path):
    model = trained("gan", image_shape=(2,))
    # A batch that the check's eight samples do not fill evenly.
    path, _ = export.tflite(model, tmp_path / "points.tflite", batch=3)
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(path)).get_signature_runner()
    np.testing.assert_allclose(runner(latents=model.latents(3, seed=0))["samples"], model.generate(3, seed=0), atol=1e-5)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A conditional model of images, and its SavedModel as TensorFlow alone loads it."""
    import tensorflow as tf

    model = trained("cgan", ema=0.9, conditioning="projection")
    folder, _ = export.saved_model(model, tmp_path_factory.mktemp("export") / "cgan")
    return model, folder, tf.saved_model.load(str(folder))


def call(served, signature, **inputs):
    import tensorflow as tf

    dtypes = {"seeds": tf.int64, "labels": tf.int32, "truncation": tf.float32, "images": tf.float32}
    given = {name: tf.constant(value, dtypes[name]) for name, value in inputs.items()}
    return {name: value.numpy() for name, value in served[2].signatures[signature](**given).items()}


def test_seeds_give_the_samples_that_python_gives(served):
    seeds = [0, 3, 2**40 + 5, 2**63 - 1]
    found = call(served, "generate", seeds=seeds, labels=[0, 1, 2, 3])
    assert list(found) == ["images"]
    expected = keras_gans.media.pictures.to_uint8(served[0].generate(seeds=seeds, labels=[0, 1, 2, 3]))
    assert found["images"].dtype == np.uint8
    # Rounding: a pixel may be its neighbour, and hardly any is.
    apart = np.abs(found["images"].astype(int) - expected)
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.01
    # A row depends on its own seed only.
    alone = call(served, "generate", seeds=seeds[2:3], labels=[2])
    np.testing.assert_array_equal(alone["images"][0], found["images"][2])


def test_truncation_draws_samples_to_the_mean_one(served):
    seeds, labels = list(range(64)), [0] * 64
    full = served[0].generate(seeds=seeds, labels=labels)
    half = served[0].generate(seeds=seeds, labels=labels, truncation=0.5)
    assert half.std(axis=0).mean() < 0.8 * full.std(axis=0).mean()
    found = call(served, "generate_with_truncation", seeds=seeds, truncation=[0.5] * 64, labels=labels)["images"]
    assert np.abs(found - (half + 1) * 127.5).max() < 0.51
    none = served[0].generate(seeds=seeds, labels=labels, truncation=0.0)
    assert np.abs(none - none[:1]).max() < 1e-6


def test_png_files_hold_the_same_images(served):
    import io

    from PIL import Image

    from keras_gans.declaration import GENERATED, Declaration, extract

    inputs = {"seeds": [1, 2], "labels": [3, 4]}
    for ending, control in (("", {}), ("_with_truncation", {"truncation": [1.0, 0.7]})):
        pictures = call(served, f"generate_png{ending}", **inputs, **control)["image_bytes"]
        opened = np.stack([np.asarray(Image.open(io.BytesIO(picture))) for picture in pictures])
        np.testing.assert_array_equal(opened, call(served, f"generate{ending}", **inputs, **control)["images"])
        declared = [Declaration.from_xmp(extract(picture)) for picture in pictures]
        assert declared == [Declaration(GENERATED, served[0].name)] * 2


def test_the_everyday_signatures_take_seeds_and_conditions_alone(served):
    takes = {name: sorted(each.structured_input_signature[1]) for name, each in served[2].signatures.items()}
    assert takes == {
        "serving_default": ["labels", "latents"],
        "generate": ["labels", "seeds"],
        "generate_png": ["labels", "seeds"],
        "generate_with_truncation": ["labels", "seeds", "truncation"],
        "generate_png_with_truncation": ["labels", "seeds", "truncation"],
        "score": ["images", "labels"],
    }


def test_scores_are_the_discriminator_s(served):
    images = np.random.default_rng(0).random((4, 8, 8, 3), dtype="float32")
    found = call(served, "score", images=images, labels=[0, 1, 2, 3])["scores"]
    expected = served[0].score(images * 2 - 1, {"labels": np.arange(4)})
    np.testing.assert_allclose(found, np.asarray(expected)[:, 0], atol=1e-4)
    assert found.std() > 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seeds": [3, -1]}, "seeds must be integers from 0"),
        ({"truncation": [0.5, 1.5]}, "truncation must be a number from 0 to 1"),
        ({"truncation": [0.5, float("nan")]}, "truncation must be a number from 0 to 1"),
        ({"labels": [0, 10]}, "labels must be integers from 0 to 9"),
    ],
    ids=str,
)
def test_what_is_out_of_range_is_refused(served, wrong, message):
    import tensorflow as tf

    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        call(served, "generate_with_truncation", **{"seeds": [1, 2], "truncation": [1.0, 1.0], "labels": [0, 1], **wrong})


def test_warm_up_requests_are_answered(served):
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    path = served[1] / "assets.extra" / "tf_serving_warmup_requests"
    logs = [prediction_log_pb2.PredictionLog.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]
    requests = [log.predict_log.request for log in logs]
    assert {request.model_spec.name for request in requests} == {"cgan"}
    assert sorted(request.model_spec.signature_name for request in requests) == sorted(served[2].signatures)
    for request in requests:
        inputs = {name: tf.constant(tf.make_ndarray(value)) for name, value in request.inputs.items()}
        served[2].signatures[request.model_spec.signature_name](**inputs)


def test_normalisation_is_folded(tmp_path, monkeypatch):
    monkeypatch.setattr(parity, "check", lambda *_: 0.0)  # tested above
    folder, _ = export.saved_model(trained("dcgan", ema=0.9), tmp_path)
    import tensorflow as tf

    graph = tf.saved_model.load(str(folder)).signatures["serving_default"].graph
    assert not [op.type for op in graph.get_operations() if op.type in ("Rsqrt", "FusedBatchNormV3")]


def test_a_discriminator_that_looks_at_whole_batches_has_no_score(tmp_path, monkeypatch):
    monkeypatch.setattr(parity, "check", lambda *_: 0.0)
    folder, _ = export.saved_model(build("pggan"), tmp_path)
    import tensorflow as tf

    assert "score" not in tf.saved_model.load(str(folder)).signatures


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_versions_count_up_and_are_never_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(parity, "check", lambda *_: 0.0)  # three times what is tested above
    model = trained("gan")
    assert export.saved_model(model, tmp_path)[0].name == "1"
    assert export.saved_model(model, tmp_path, version=7)[0].name == "7"
    assert export.saved_model(model, tmp_path)[0].name == "8"
    with pytest.raises(FileExistsError, match="versions are never replaced"):
        export.saved_model(model, tmp_path, version=7)


def shifted(expected, by):
    return lambda *arguments: {name: value + np.float32(by) for name, value in expected(*arguments).items()}


# The SavedModel takes seconds more (last run: 0.1.0, 2026-11-30).
@pytest.mark.parametrize("kind", [pytest.param("saved_model", marks=pytest.mark.slow), "tflite"])
def test_an_export_that_differs_is_not_kept(kind, tmp_path, monkeypatch):
    # What the clean process computes is right; the expectation is made wrong by more than the tolerance.
    monkeypatch.setattr(ImageSignatures, "_expected_default", shifted(ImageSignatures._expected_default, 0.001))
    with pytest.raises(ValueError, match=r"differs from the Keras model by 0\.001"):
        getattr(export, kind)(trained("gan"), tmp_path / "model.tflite")
    assert not (tmp_path / "model.tflite").is_file()
    assert not list(tmp_path.rglob("saved_model.pb"))


def test_a_broken_export_is_reported_with_what_it_printed(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"not a model")
    with pytest.raises(RuntimeError, match="does not run"):
        parity.check("tflite", tmp_path / "model.tflite", signatures_of(trained("gan")))


def test_an_export_that_kills_its_process_fails_alone(tmp_path, monkeypatch):
    script = tmp_path / "run_export.py"
    script.write_text(
        "import json, os, sys\n"
        "for job in sys.stdin:\n"
        "    name = json.loads(job)['path']\n"
        "    if name.endswith('crash'):\n"
        "        print('Out of memory.', file=sys.stderr, flush=True)\n"
        "        os.abort()\n"
        "    if os.path.exists(name):\n"  # its time was over when the job arrived
        "        os.rename(name, name + ' no more')\n"
        "        os._exit(0)\n"
        "    print(json.dumps({'process': os.getpid()}), flush=True)\n"
        "    if name.endswith('last'):\n"
        "        break\n"
    )
    monkeypatch.setattr(clean_process, "_SCRIPT", script)
    (tmp_path / "idle").touch()

    def run(name):
        return clean_process.run("of this test", tmp_path / name, tmp_path / "reference.npz")

    first, second, crashed, after = (run(name) for name in ("one", "two", "crash", "three"))
    assert first == second != after
    assert crashed == {"error": "Out of memory."}
    assert run("idle") != after
    assert (tmp_path / "idle no more").exists()
    ended = run("last")["process"]
    clean_process._processes["of this test", os.getpid()]._process.wait()
    assert run("after the last")["process"] != ended
