"""The compiled loop on its own, with steps written in JAX: no Keras backend is needed for it."""

import itertools

import numpy as np
import pytest

jax = pytest.importorskip("jax")
loops = pytest.importorskip("keras_gans.backend.jax_loop")

ROWS = np.random.default_rng(0).normal(size=(7, 4, 3)).astype("float32")
IMAGES = np.random.default_rng(1).normal(size=(5, 2, 6, 6, 3)).astype("float32")
OPTIONS = {"window_strides": (1, 1), "padding": "SAME", "dimension_numbers": ("NHWC", "HWIO", "NHWC")}


def dense(weight, rows):
    return rows @ weight


def convolution(weight, images):
    return jax.nn.relu(jax.lax.conv_general_dilated(images, weight, **OPTIONS))


def hidden_convolution(weight, images):
    return jax.lax.cond(images[0, 0, 0, 0] > 100, lambda: images, jax.jit(lambda: convolution(weight, images)))


def descend(layer):
    """A step of gradient descent; counts how often Python runs it, that is, how often it is traced."""

    def step(state, batch):
        step.traces += 1
        (samples, _), ((weight, count),) = batch, state

        def loss(weight):
            return (layer(weight, samples) ** 2).mean()

        value, slope = jax.value_and_grad(loss)(weight)
        return {"loss": value, "step": count}, ((weight - 0.1 * slope, count + 1),)

    step.traces = 0
    return step, jax.jit(step, donate_argnums=0)


def start(shape):
    return ((jax.numpy.asarray(np.random.default_rng(2).normal(size=shape).astype("float32")), jax.numpy.int32(0)),)


def run(function, state, batches, calls):
    """Returns the logs of the last step of each call, and the last state."""
    iterator, logs = iter([(each, None) for each in batches]), []
    for _ in range(calls):
        some, state = function(state, iterator)
        logs.append({name: np.asarray(value) for name, value in some.items()})
    return logs, jax.tree.map(np.asarray, state)


def test_a_loop_equals_its_steps_and_takes_what_is_left():
    _, single = descend(dense)
    expected, end = run(lambda state, batches: single(state, next(batches)), start((3, 3)), ROWS, 7)
    step, compiled = descend(dense)
    logs, state = run(loops.CompiledLoop(compiled, 3), start((3, 3)), ROWS, 3)
    assert logs == [expected[2], expected[5], expected[6]]
    jax.tree.map(np.testing.assert_array_equal, state, end)
    assert step.traces == 1  # to look for convolutions; the loop and the last step, which is alone, use what that found


@pytest.mark.parametrize("layer", [convolution, hidden_convolution])
@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_convolutions_loop_where_they_are_fast(monkeypatch, layer, device):
    monkeypatch.setattr(jax, "default_backend", lambda: device)
    _, compiled = descend(layer)
    loop, calls = loops.CompiledLoop(compiled, 5), []
    monkeypatch.setattr(loop, "_loop", lambda *arguments, run=loop._loop: calls.append(1) or run(*arguments))
    logs, state = run(loop, start((3, 3, 3, 3)), IMAGES, 1)
    assert bool(calls) == (device == "gpu")
    _, single = descend(layer)
    expected, end = run(lambda state, batches: single(state, next(batches)), start((3, 3, 3, 3)), IMAGES, 5)
    # XLA rounds the gradient of a convolution differently in a loop on a CPU, which is why there is none.
    tolerance = 1e-5 if device == "gpu" else 0
    jax.tree.map(lambda value, other: np.testing.assert_allclose(value, other, atol=tolerance, rtol=tolerance), state, end)
    np.testing.assert_allclose(logs[0]["loss"], expected[4]["loss"], rtol=tolerance)


def test_batches_of_several_sizes_and_on_the_device():
    _, compiled = descend(dense)
    loop, expected = loops.CompiledLoop(compiled, 3), start((3, 3))
    batches = [ROWS[0], ROWS[1], ROWS[2][:1], *map(jax.numpy.asarray, ROWS[3:6])]
    for batch in batches:
        _, expected = descend(dense)[1](expected, (batch, None))
    _, state = run(loop, start((3, 3)), batches, 2)
    jax.tree.map(np.testing.assert_array_equal, state, jax.tree.map(np.asarray, expected))


def test_no_batch_ends_the_data():
    with pytest.raises(StopIteration):
        loops.CompiledLoop(descend(dense)[1], 3)(start((3, 3)), iter([]))


def test_no_more_batches_are_taken_than_there_are_steps():
    batches = iter([(row, None) for row in itertools.chain(ROWS, ROWS)])
    loop, state = loops.CompiledLoop(descend(dense)[1], 3), start((3, 3))
    for _ in range(2):
        _, state = loop(state, batches)
    assert len(list(batches)) == 14 - 6
