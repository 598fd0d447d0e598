"""What every layer has to stand."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.backend import input_gradient


def check_saving(model, samples, folder):
    """Saves and loads a model; its layers' configurations and its outputs, eagerly and compiled, stay the same."""
    samples = samples if isinstance(samples, list) else np.asarray(samples, "float32")
    model.save(folder / "model.keras")
    copy = keras.models.load_model(folder / "model.keras")
    for layer, loaded in zip(model.layers, copy.layers, strict=True):
        assert type(loaded) is type(layer)
        assert loaded.get_config() == layer.get_config()
    outputs = np.array(model(samples))
    np.testing.assert_allclose(copy(samples), outputs, rtol=1e-6, atol=1e-7)
    # `predict` compiles: a graph on TensorFlow, with batches of an unknown size, XLA on JAX.
    np.testing.assert_allclose(copy.predict(samples, verbose=0), outputs, rtol=1e-5, atol=1e-5)
    assert tuple(outputs.shape[1:]) == tuple(model.output_shape[1:])


def gradient_and_second(fn, x, weights):
    """Returns the gradient g by x of sum(weights * fn(x)^2), and the gradient by x of sum(g^2)."""

    def first(samples):
        return input_gradient(lambda t: ops.sum(ops.square(fn(t)) * weights), samples)

    tensor = ops.convert_to_tensor(np.asarray(x, "float32"))
    return np.array(first(tensor)), np.array(input_gradient(lambda t: ops.sum(ops.square(first(t))), tensor))


def check_gradients(fn, x, epsilon=1e-2, rtol=0.02):
    """Compares both gradients with differences along random directions."""
    rng = np.random.default_rng(1)
    x = np.asarray(x, "float32")
    weights = rng.uniform(0.5, 1.5, np.shape(fn(x))).astype("float32")
    gradients = gradient_and_second(fn, x, weights)
    for _ in range(3):
        step = rng.normal(size=x.shape).astype("float32")
        ends = [x + epsilon * step, x - epsilon * step]
        sums = [np.sum(np.square(np.array(fn(end), "float64")) * weights) for end in ends]
        norms = [np.sum(np.square(gradient_and_second(fn, end, weights)[0], dtype="float64")) for end in ends]
        for gradient, (upper, lower) in zip(gradients, (sums, norms), strict=True):
            # A direction in which little changes is measured by how much might.
            scale = float(np.linalg.norm(gradient) * np.linalg.norm(step))
            slope = float((upper - lower) / (2 * epsilon))
            assert float(np.sum(gradient * step)) == pytest.approx(slope, rel=rtol, abs=rtol * scale / 10)


def converted_to_tflite(model):
    """Converts a model with builtin operators only; returns a function that runs it. Skips on other backends."""
    if keras.config.backend() != "tensorflow":
        pytest.skip("TFLite files come from TensorFlow")
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    interpreter = Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()

    def run(*inputs):
        # The converter changes the order of inputs: they are told apart by their dtypes.
        for details in interpreter.get_input_details():
            (values,) = (values for values in inputs if values.dtype == details["dtype"])
            interpreter.set_tensor(details["index"], values)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    return run
