"""Exports of every entry, run by what will run them elsewhere."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import export
from keras_gans.export import parity

SMALL = {"width": 8, "latent_dim": 6, "seed": 0}


def trained(name, policy="float32", **arguments):
    """A small model whose statistics have moved, so that an export that forgets them is found out."""
    keras.config.set_dtype_policy(policy)
    try:
        keras.utils.set_random_seed(0)
        model = keras_gans.create_model(name, **{**SMALL, **arguments})
    finally:
        keras.config.set_dtype_policy("float32")
    images = np.random.default_rng(0).integers(0, 256, (32, *model.sample_shape), "uint8")
    model.fit(images if len(model.sample_shape) == 3 else images / 255.0, batch_size=8, epochs=2, verbose=0)
    return model


def reference(model, n):
    """Latents of seed 0, and the images that Keras makes of them in the exported range."""
    latents = np.random.default_rng(0).standard_normal((n, *model.latent_shape), dtype="float32")
    return latents, model.generate(n, seed=0) * 0.5 + 0.5


def run_tflite(path, latents):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["latents"], "outputs": ["images"]}}
    details = interpreter.get_input_details()[0]
    if details["shape_signature"][0] == -1:
        interpreter.resize_tensor_input(details["index"], latents.shape)
    interpreter.allocate_tensors()
    return interpreter.get_signature_runner()(latents=latents)["images"].copy(), details["shape_signature"].tolist()


@pytest.mark.parametrize("name", keras_gans.list_models())
def test_saved_model_runs_without_keras_gans(name, tmp_path):
    model = trained(name, ema=0.9)
    folder, difference = export.saved_model(model, tmp_path / "served")
    assert folder == tmp_path / "served" / "1"
    assert difference <= 1e-4
    latents, expected = reference(model, 5)
    np.savez(tmp_path / "data.npz", latents=latents)
    code = (
        "import sys, json, numpy as np, tensorflow as tf\n"
        f"signature = tf.saved_model.load({str(folder)!r}).signatures['serving_default']\n"
        f"images = signature(latents=tf.constant(np.load({str(tmp_path / 'data.npz')!r})['latents']))['images'].numpy()\n"
        f"np.save({str(tmp_path / 'out.npy')!r}, images)\n"
        "spec = signature.structured_input_signature[1]['latents']\n"
        "print(json.dumps([[m for m in sys.modules if m.split('.')[0] in ('keras_gans', 'zoo')], list(spec.shape)]))"
    )
    process = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    ours, shape = json.loads(process.stdout.splitlines()[-1])
    assert ours == []
    assert shape == [None, 6]
    images = np.load(tmp_path / "out.npy")
    np.testing.assert_allclose(images, expected, atol=1e-4)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1


@pytest.mark.parametrize("batch", [1, None])
@pytest.mark.parametrize("name", keras_gans.list_models())
def test_tflite_runs_on_builtin_operators(name, batch, tmp_path):
    model = trained(name)
    path, difference = export.tflite(model, tmp_path / "model.tflite", batch=batch)
    assert difference <= 1e-4
    assert b"Flex" not in path.read_bytes()
    n = batch or 5
    latents, expected = reference(model, n)
    images, signature = run_tflite(path, latents)
    assert signature == [batch or -1, 6]
    np.testing.assert_allclose(images, expected, atol=1e-4)


@pytest.mark.parametrize("name", keras_gans.list_models())
def test_a_model_of_mixed_precision_exports_in_float32(name, tmp_path):
    model = trained(name, policy="mixed_bfloat16")
    # Parity is judged against the float32 network: with bfloat16 activations Keras itself is the less exact one.
    exact = keras_gans.create_model(name, **SMALL)
    exact.generator.set_weights(model.generator.get_weights())
    path, _ = export.tflite(model, tmp_path / "model.tflite")
    latents, expected = reference(exact, 1)
    np.testing.assert_allclose(run_tflite(path, latents)[0], expected, atol=1e-4)


def test_points_are_exported_unscaled(tmp_path):
    model = trained("gan", image_shape=(2,))
    # A batch that the check's eight samples do not fill evenly.
    path, _ = export.tflite(model, tmp_path / "points.tflite", batch=3)
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(path)).get_signature_runner()
    np.testing.assert_allclose(runner(latents=model.latents(3, seed=0))["samples"], model.generate(3, seed=0), atol=1e-5)


def test_versions_count_up_and_are_never_replaced(tmp_path):
    model = trained("gan")
    assert export.saved_model(model, tmp_path)[0].name == "1"
    assert export.saved_model(model, tmp_path, version=7)[0].name == "7"
    assert export.saved_model(model, tmp_path)[0].name == "8"
    with pytest.raises(FileExistsError, match="versions are never replaced"):
        export.saved_model(model, tmp_path, version=7)


@pytest.mark.parametrize("kind", ["saved_model", "tflite"])
def test_an_export_that_differs_is_not_kept(kind, tmp_path, monkeypatch):
    # What the clean process computes is right; the expectation is made wrong by more than the tolerance.
    monkeypatch.setattr(parity, "to_exported_range", lambda model, samples: samples * 0.5 + 0.501)
    with pytest.raises(ValueError, match=r"differs from the Keras model by 0\.001"):
        getattr(export, kind)(trained("gan"), tmp_path / "model.tflite")
    assert not (tmp_path / "model.tflite").is_file()
    assert not list(tmp_path.rglob("saved_model.pb"))


def test_a_broken_export_is_reported_with_what_it_printed(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"this is no model")
    with pytest.raises(RuntimeError, match="does not run"):
        model = trained("gan")
        parity.checked("tflite", tmp_path / "model.tflite", model, model.generator)
