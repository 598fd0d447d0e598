import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.layers import BatchNormalization

RNG = np.random.default_rng(0)


def pair(shape, **arguments):
    """Keras' layer and ours with equal, uncommon weights."""
    theirs, ours = keras.layers.BatchNormalization(**arguments), BatchNormalization(**arguments)
    theirs.build(shape)
    ours.build(shape)
    weights = [RNG.uniform(0.5, 1.5, weight.shape) for weight in theirs.weights]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    return theirs, ours


@pytest.mark.parametrize("shape", [(16, 5, 6, 7), (32, 9), (8, 4, 3), (6, 3, 2, 4, 5)])
@pytest.mark.parametrize("arguments", [{}, {"momentum": 0.9, "epsilon": 1e-5}, {"scale": False}, {"center": False}])
def test_it_trains_as_keras_own_does(shape, arguments):
    theirs, ours = pair(shape, **arguments)
    for _ in range(2):
        x = RNG.normal(2.0, 3.0, shape).astype("float32")
        np.testing.assert_allclose(ours(x, training=True), theirs(x, training=True), rtol=1e-4, atol=1e-5)
        for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-4)
    np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "arguments",
    [{"axis": 1}, {"renorm": True}, {"dtype": "float64"}, {"trainable": False}],
    ids=["axis", "renorm", "f64", "frozen"],
)
def test_what_the_fast_way_cannot_do_is_left_to_keras(arguments):
    theirs, ours = pair((8, 4, 4, 3), **arguments)
    x = RNG.normal(size=(8, 4, 4, 3)).astype(arguments.get("dtype", "float32"))
    np.testing.assert_array_equal(ours(x, training=True), theirs(x, training=True))


def test_a_mask_is_left_to_keras():
    theirs, ours = pair((4, 5, 3))
    x, mask = RNG.normal(size=(4, 5, 3)).astype("float32"), RNG.uniform(size=(4, 5)) > 0.3
    np.testing.assert_array_equal(ours(x, training=True, mask=mask), theirs(x, training=True, mask=mask))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_statistics_are_float32_under_mixed_precision(policy):
    theirs, ours = pair((64, 4, 4, 3), dtype=policy)
    x = ops.cast(RNG.normal(100.0, 1.0, (64, 4, 4, 3)), keras.dtype_policies.get(policy).compute_dtype)
    outputs = ours(x, training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == ours.compute_dtype
    theirs(x, training=True)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert mine.dtype == np.float32
        np.testing.assert_allclose(mine, other, rtol=1e-3)
    np.testing.assert_allclose(ops.cast(outputs, "float32"), ops.cast(theirs(x, training=True), "float32"), atol=0.05)


def numpy_gradient(x, weight, gamma, beta, epsilon):
    """The gradient with respect to x of sum(weight * normalised(x)^2), in float64 (Ioffe and Szegedy 2015, section 3)."""
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    normal = (x - mean) / np.sqrt(variance + epsilon)
    upper = 2 * (gamma * normal + beta) * weight * gamma
    return (upper - upper.mean((0, 1, 2)) - normal * (upper * normal).mean((0, 1, 2))) / np.sqrt(variance + epsilon)


def test_gradients_of_both_orders_are_right():
    """Gradient penalties need the second. Keras' own layer gets it wrong on TensorFlow, where the mean counts as constant."""
    if keras.config.backend() != "tensorflow":
        pytest.skip("taken with TensorFlow's tape")
    import tensorflow as tf

    _, layer = pair((16, 4, 4, 3))
    gamma, beta = (np.array(weight, "float64") for weight in layer.get_weights()[:2])
    samples, weight = RNG.normal(2.0, 3.0, (16, 4, 4, 3)), RNG.normal(size=(16, 4, 4, 3))
    x = tf.constant(samples, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            loss = tf.reduce_sum(layer(x, training=True) ** 2 * weight)
        first = inner.gradient(loss, x)
        loss = tf.reduce_sum(first**2 * weight)
    second = outer.gradient(loss, x).numpy()
    np.testing.assert_allclose(first, numpy_gradient(samples, weight, gamma, beta, layer.epsilon), rtol=1e-3, atol=1e-4)
    for position in [(0, 0, 0, 0), (3, 1, 2, 1), (15, 3, 3, 2)]:
        ends = []
        for sign in (1, -1):
            moved = samples.copy()
            moved[position] += sign * 1e-5
            ends.append(np.sum(numpy_gradient(moved, weight, gamma, beta, layer.epsilon) ** 2 * weight))
        assert second[position] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-3, abs=1e-3)


def test_it_is_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 3)), BatchNormalization(momentum=0.9)])
    model.save(tmp_path / "model.keras")
    layer = keras.models.load_model(tmp_path / "model.keras").layers[0]
    assert type(layer) is BatchNormalization
    assert layer.momentum == 0.9
