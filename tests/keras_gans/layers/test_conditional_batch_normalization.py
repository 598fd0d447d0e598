import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.layers.conditional_batch_normalization import ConditionalBatchNormalization
from tests.keras_gans.layers.checks import check_saving, converted_to_tflite

RNG = np.random.default_rng(0)
LABELS = np.array([0, 2, 1, 2, 0, 2], "int32")


def built(shape, **arguments):
    """A layer of three classes with weights of all kinds, and these by the end of their paths."""
    layer = ConditionalBatchNormalization(3, **arguments)
    layer.build([shape, (None,)])
    for weight in layer.weights:
        weight.assign(RNG.uniform(0.5, 1.5, weight.shape))
    return layer, {weight.path.split("/")[-1]: np.array(weight, "float64") for weight in layer.weights}


def reference(x, labels, weights, mean, variance, epsilon):
    outputs = []
    for sample, label in zip(x.astype("float64"), labels.reshape(-1), strict=True):
        normal = (sample - mean) / np.sqrt(variance + epsilon)
        outputs.append(normal * weights["gamma"][label] + weights["beta"][label])
    return np.stack(outputs)


@pytest.mark.parametrize("shape", [(6, 4), (6, 3, 2, 4)])
@pytest.mark.parametrize("labels", [LABELS, LABELS[:, None]], ids=["flat", "column"])
def test_each_class_has_its_gains_and_offsets_and_all_share_the_statistics(shape, labels):
    layer, weights = built(shape, momentum=0.8, epsilon=1e-3)
    x = RNG.normal(2.0, 3.0, shape).astype("float32")
    moving = weights["moving_mean"], weights["moving_variance"]
    np.testing.assert_allclose(layer([x, labels]), reference(x, labels, weights, *moving, 1e-3), rtol=1e-4, atol=1e-5)

    axes = tuple(range(len(shape) - 1))
    mean, variance = x.mean(axes, dtype="float64"), x.var(axes, dtype="float64")
    trained = layer([x, labels], training=True)
    np.testing.assert_allclose(trained, reference(x, labels, weights, mean, variance, 1e-3), rtol=1e-4, atol=1e-4)
    after = {weight.path.split("/")[-1]: np.array(weight) for weight in layer.weights}
    np.testing.assert_allclose(after["moving_mean"], 0.8 * moving[0] + 0.2 * mean, rtol=1e-5)
    np.testing.assert_allclose(after["moving_variance"], 0.8 * moving[1] + 0.2 * variance, rtol=1e-4)


def test_it_begins_as_plain_batch_normalization():
    x = RNG.normal(2.0, 3.0, (6, 2, 2, 5)).astype("float32")
    plain = keras.layers.BatchNormalization(epsilon=1e-5)
    outputs = ConditionalBatchNormalization(3)([x, LABELS], training=True)
    np.testing.assert_allclose(outputs, plain(x, training=True), rtol=1e-4, atol=1e-5)


def test_gains_and_offsets_are_trained_and_statistics_are_not():
    layer, _ = built((6, 4))
    assert sorted(weight.path.split("/")[-1] for weight in layer.trainable_weights) == ["beta", "gamma"]
    assert [weight.shape for weight in layer.trainable_weights] == [(3, 4), (3, 4)]
    assert len(layer.non_trainable_weights) == 2


def make_model(batch_size=None):
    images, labels = keras.Input((4, 4, 3), batch_size), keras.Input((), batch_size, dtype="int32")
    model = keras.Model([images, labels], ConditionalBatchNormalization(3, momentum=0.5)([images, labels]))
    for weight in model.weights:
        weight.assign(RNG.uniform(0.5, 1.5, weight.shape))
    return model


def test_it_is_saved_and_loaded(tmp_path):
    model = make_model()
    assert model.output_shape == (None, 4, 4, 3)
    check_saving(model, [RNG.normal(size=(6, 4, 4, 3)).astype("float32"), LABELS], tmp_path)


def test_tflite_has_builtin_operators_for_it():
    model = make_model(batch_size=1)
    run = converted_to_tflite(model)
    for label in range(3):
        inputs = [RNG.normal(size=(1, 4, 4, 3)).astype("float32"), np.array([label], "int32")]
        np.testing.assert_allclose(run(*inputs), model(inputs), rtol=1e-4, atol=1e-5)


def test_the_policy_decides_the_dtype():
    layer = ConditionalBatchNormalization(3, dtype="mixed_float16")
    x = RNG.normal(500.0, 1.0, (6, 8, 8, 2)).astype("float32")
    outputs = layer([x, LABELS], training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    assert all(keras.backend.standardize_dtype(weight.dtype) == "float32" for weight in layer.weights)
    # Float16 holds numbers around 500 to a quarter.
    np.testing.assert_allclose(ops.cast(outputs, "float32"), (x - x.mean((0, 1, 2))) / x.std((0, 1, 2)), atol=0.2)
