import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
from keras import ops

from keras_gans.sequences import (
    Decoder,
    RecurrentLanguageModel,
    RelationalMemoryCell,
    TransformerLanguageModel,
    decode,
    log_probabilities,
    mean_over,
)
from tests.support.slow import slow_but

RNG = np.random.default_rng(0)


def lstm(vocabulary_size=11, length=6, **arguments):
    return RecurrentLanguageModel(keras.layers.LSTMCell(5), vocabulary_size, length, embedding_dim=4, **arguments)


def two_cells(vocabulary_size=11, length=6, **arguments):
    cells = keras.layers.StackedRNNCells([keras.layers.GRUCell(5), keras.layers.LSTMCell(4)])
    return RecurrentLanguageModel(cells, vocabulary_size, length, embedding_dim=4, tied=True, **arguments)


def relational(vocabulary_size=11, length=6, **arguments):
    return RecurrentLanguageModel(RelationalMemoryCell(2, 2, 3), vocabulary_size, length, embedding_dim=4, **arguments)


def transformer(vocabulary_size=11, length=6, **arguments):
    return TransformerLanguageModel(vocabulary_size, length, width=8, depth=2, heads=2, **arguments)


def made(build, **arguments):
    """A model of large random weights, so that what should not matter would be seen if it did."""
    model, rng = build(**arguments), np.random.default_rng(0)
    model.set_weights([0.7 * rng.standard_normal(weights.shape).astype("float32") for weights in model.get_weights()])
    return model


BUILDERS = (lstm, two_cells, relational, transformer)
KINDS = pytest.mark.parametrize("build", BUILDERS)


def drawn(model, latents, **arguments):
    return ops.convert_to_numpy(decode(model, ops.convert_to_tensor(latents), **arguments))


def uniform(n, length=6):
    return RNG.random((n, length), dtype="float32")


def probabilities(model, tokens, labels=None, temperature=1.0):
    logits = model(tokens if labels is None else [tokens, labels])
    return scipy.special.softmax(ops.convert_to_numpy(logits).astype("float64") / temperature, axis=-1)


def test_a_class_changes_a_new_model_as_much_as_a_token_does():
    """Small vectors of classes were hardly learnt: a model of two kinds of reviews wrote either at random."""
    keras.utils.set_random_seed(0)
    model = RecurrentLanguageModel(keras.layers.LSTMCell(32), 50, 6, ends=False, num_classes=2)
    tokens = RNG.integers(0, 50, (64, 6), "int32")
    others = np.concatenate([(tokens[:, :1] + 1) % 50, tokens[:, 1:]], axis=1)
    labels = np.zeros(64, "int32")

    def second_logits(tokens, labels):
        return ops.convert_to_numpy(model([tokens, labels]))[:, 1]

    of_token = np.std(second_logits(others, labels) - second_logits(tokens, labels))
    of_class = np.std(second_logits(tokens, labels + 1) - second_logits(tokens, labels))
    assert of_class > of_token / 2


# Others are slow (last run: 0.1.0, 2026-11-30).
@pytest.mark.parametrize(
    ("build", "num_classes"),
    slow_but([(build, count) for build in BUILDERS for count in (None, 3)], (lstm, 3), (transformer, None)),
)
def test_a_context_is_read_before_the_sequence(build, num_classes):
    model = made(build, context_length=4, num_classes=num_classes)
    tokens, context = RNG.integers(0, 11, (5, 6), "int32"), RNG.integers(0, 11, (5, 4), "int32")
    labels = None if num_classes is None else np.array([0, 1, 2, 0, 1], "int32")
    told = [context] if labels is None else [labels, context]
    expected = ops.convert_to_numpy(model([tokens, *told]))
    assert expected.shape == (5, 6, 11)
    # The same, token by token.
    state, previous = model.begin(5, labels, context), np.zeros(5, "int32")
    for position in range(6):
        logits, state = model.step(previous, position + 4, state, labels)
        np.testing.assert_allclose(ops.convert_to_numpy(logits), expected[:, position], atol=1e-4)
        previous = tokens[:, position]
    # Each token of the context matters, the last as much as the first; what comes later in the sequence does not.
    for place in (0, 3):
        other = context.copy()
        other[:, place] = (other[:, place] + 1) % 11
        assert np.abs(ops.convert_to_numpy(model([tokens, *told[:-1], other]))[:, 0] - expected[:, 0]).max() > 1e-3
    latents = uniform(5)
    whole = drawn(model, latents, labels=labels, context=context)
    one = drawn(model, latents[2:3], labels=None if labels is None else labels[2:3], context=context[2:3])
    np.testing.assert_array_equal(whole[2:3], one)
    again = type(model).from_config(model.get_config())
    assert (again.context_length, again.places, again.takes) == (4, 10, model.takes)
    # A model without contexts is described as it was before there were any.
    assert "context_length" not in build().get_config()


@keras.saving.register_keras_serializable(package="tests")
class CellBuiltWhenCalled(keras.layers.Layer):
    """A cell as users may write it: without `build`."""

    state_size = output_size = 5

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(5, "tanh")

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, 5))]

    def call(self, inputs, states, training=False):
        output = self.dense(ops.concatenate([inputs, states[0]], axis=-1))
        return output, [output]


def test_cells_that_build_their_weights_when_called(tmp_path):
    with pytest.warns(UserWarning, match=r"does not have a `build\(\)` method"):  # Keras' own
        model = RecurrentLanguageModel(CellBuiltWhenCalled(), 11, 6, embedding_dim=4)
    names = [weight.path.split("/", 1)[1] for weight in model.weights]
    assert sum("dense" in name for name in names) == 2
    assert len(names) == 5
    tokens = RNG.integers(0, 11, (3, 6), "int32")
    model.save(tmp_path / "model.keras")
    with pytest.warns(UserWarning, match="build"):
        again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(ops.convert_to_numpy(again(tokens)), ops.convert_to_numpy(model(tokens)))


def inverted(cumulated, latents):
    """The first token whose cumulated probability exceeds the number, by search; and how near the nearest boundary is."""
    tokens = np.array(
        [
            [np.searchsorted(c, u, side="right") for c, u in zip(*row, strict=True)]
            for row in zip(cumulated, latents, strict=True)
        ]
    )
    return tokens, np.abs(cumulated - latents[..., None]).min(axis=-1)


@KINDS
@pytest.mark.parametrize("classes", [None, 3])
@pytest.mark.parametrize("temperature", slow_but([1.0, 0.5], 0.5))
def test_tokens_are_what_inversion_of_the_whole_sequences_probabilities_gives(build, classes, temperature):
    """So the state that is carried from token to token holds all of what is before, and nothing else."""
    model = made(build, ends=False, num_classes=classes)
    latents = uniform(200)
    labels = None if classes is None else RNG.integers(0, classes, 200).astype("int32")
    tokens = drawn(model, latents, labels=labels, temperature=temperature)
    assert tokens.dtype == np.int32
    expected, distance = inverted(probabilities(model, tokens, labels, temperature).cumsum(axis=-1), latents)
    certain = distance > 1e-5
    assert certain.mean() > 0.99
    np.testing.assert_array_equal(tokens[certain], expected[certain])
    if classes:  # and the classes do matter
        assert (tokens != drawn(model, latents, labels=(labels + 1) % classes, temperature=temperature)).any()


@KINDS
def test_a_token_depends_on_those_before_it_only(build):
    model = made(build)
    tokens = RNG.integers(0, 11, (4, 6)).astype("int32")
    logits = ops.convert_to_numpy(model(tokens))
    for place in range(6):
        other = tokens.copy()
        other[:, place] = (other[:, place] + 1) % 11
        changed = np.abs(ops.convert_to_numpy(model(other)) - logits).max(axis=(0, 2)) > 1e-5
        assert not changed[: place + 1].any()
        assert changed[place + 1 :].all() or place == 5


@KINDS
def test_behind_the_end_there_is_nothing(build):
    tokens = drawn(made(build, vocabulary_size=3), uniform(300))
    ended = (tokens == 0).cumsum(axis=1) > 0
    assert 0.05 < ended.mean() < 0.98
    assert (tokens[ended] == 0).all()


def test_frequencies_of_tokens_are_their_probabilities():
    model = made(lstm, ends=False)
    tokens = drawn(model, uniform(20_000))
    expected = probabilities(model, tokens[:1])[0, 0]
    counts = np.bincount(tokens[:, 0], minlength=11)
    assert scipy.stats.chisquare(counts, 20_000 * expected).pvalue > 1e-3


def test_restricted_draws():
    model = made(lstm, ends=False)
    latents = uniform(2_000)
    first = probabilities(model, np.zeros((1, 6), "int32"))[0, 0]
    order = np.argsort(-first)
    most = drawn(model, latents, top_k=3)[:, 0]
    assert set(most) == set(order[:3])
    np.testing.assert_allclose(
        np.bincount(most, minlength=11)[order[:3]] / 2_000, first[order[:3]] / first[order[:3]].sum(), atol=0.04
    )
    needed = int(np.searchsorted(first[order].cumsum(), 0.7)) + 1
    assert set(drawn(model, latents, top_p=0.7)[:, 0]) == set(order[:needed])
    np.testing.assert_array_equal(drawn(model, latents, top_k=1), drawn(model, uniform(2_000), top_k=1))
    np.testing.assert_array_equal(drawn(model, latents, top_k=99, top_p=1.0), drawn(model, latents))


@KINDS
def test_prompts_are_gone_on_with(build):
    model = made(build, ends=False)
    latents, prompt = uniform(50), RNG.integers(0, 11, (50, 6)).astype("int32")
    lengths = RNG.integers(0, 7, 50).astype("int32")
    tokens = drawn(model, latents, prompt=prompt, prompt_length=lengths)
    kept = np.arange(6) < lengths[:, None]
    np.testing.assert_array_equal(tokens[kept], prompt[kept])
    expected, distance = inverted(probabilities(model, tokens).cumsum(axis=-1), latents)
    free = ~kept & (distance > 1e-5)
    np.testing.assert_array_equal(tokens[free], expected[free])


@pytest.mark.parametrize("size", [2, 3, 10, 97, 5000])
def test_every_token_of_a_vocabulary_can_be_drawn(size):
    """Blocks of cumulated probabilities may not leave the last ones out, nor add any."""
    from keras_gans.sequences.decoding import select

    middles = (np.arange(size) + 0.5) / size
    tokens = ops.convert_to_numpy(select(ops.ones((size, size)), ops.convert_to_tensor(middles.astype("float32"))))
    np.testing.assert_array_equal(tokens, np.arange(size))


def test_tokens_without_probability_are_never_drawn():
    from keras_gans.sequences.decoding import select

    weights = np.zeros((3, 10), "float32")
    weights[:, 4] = 2.0
    np.testing.assert_array_equal(select(weights, np.array([0.0, 0.5, 1 - 2.0**-24], "float32")), [4, 4, 4])


def test_log_probabilities_and_what_counts():
    logits, tokens = RNG.standard_normal((3, 6, 11)).astype("float32"), RNG.integers(0, 11, (3, 6)).astype("int32")
    expected = np.take_along_axis(scipy.special.log_softmax(logits, axis=-1), tokens[..., None], axis=-1)[..., 0]
    np.testing.assert_allclose(log_probabilities(logits, tokens), expected, rtol=1e-5)
    tokens = np.array([[5, 0, 0], [1, 2, 3], [0, 0, 0]], "int32")
    counted = made(lstm, length=3).counted(tokens)
    np.testing.assert_array_equal(counted, [[1, 1, 0], [1, 1, 1], [1, 0, 0]])
    np.testing.assert_array_equal(made(lstm, length=3, ends=False).counted(tokens), np.ones((3, 3)))
    assert float(mean_over(ops.convert_to_tensor([[1.0, 2, 9], [3, 4, 5], [6, 9, 9]]), counted)) == pytest.approx(21 / 6)


@KINDS
def test_a_copy_from_the_configuration_is_equal(build):
    model = made(build, num_classes=2)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
    copy.set_weights(model.get_weights())
    inputs = [RNG.integers(0, 11, (2, 6)).astype("int32"), np.array([0, 1], "int32")]
    np.testing.assert_array_equal(model(inputs), copy(inputs))


# Those that are slow were last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize("build", slow_but([lstm, two_cells, relational, transformer], lstm, transformer))
def test_a_decoder_draws_in_one_call(build):
    model = made(build)
    latents = uniform(7)
    tokens = Decoder(model, top_k=5).predict_on_batch({"latents": latents, "temperature": np.full((7, 1), 0.9, "float32")})
    np.testing.assert_array_equal(tokens, drawn(model, latents, temperature=0.9, top_k=5))


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        (lstm, {"vocabulary_size": 1}, "vocabulary_size"),
        (lstm, {"length": 0}, "length"),
        (lstm, {"num_classes": 0}, "num_classes"),
        (TransformerLanguageModel, {"vocabulary_size": 5, "length": 4, "width": 6, "heads": 4}, "heads must divide width"),
    ],
)
def test_what_cannot_be_built(build, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**arguments)


@pytest.mark.parametrize("sizes", [(0, 2, 3), (1, 0, 3), (1, 2, 0)])
def test_a_relational_memory_has_slots_heads_and_numbers(sizes):
    with pytest.raises(ValueError, match="must be an integer of at least 1"):
        RelationalMemoryCell(*sizes)


def test_an_empty_relational_memory_attends_to_what_it_is_given():
    # With one slot and keys that do not tell slot and input apart, a head takes half of the values of each.
    cell = RelationalMemoryCell(1, 1, 4)
    x = RNG.standard_normal((3, 5)).astype("float32")
    state = cell.get_initial_state(3)
    np.testing.assert_array_equal(ops.convert_to_numpy(state[0]), np.tile([1.0, 0.0, 0.0, 0.0], (3, 1)))
    cell(x, state)
    cell.set_weights([0.5 * RNG.standard_normal(weights.shape).astype("float32") for weights in cell.get_weights()])
    cell.to_key.set_weights([np.zeros((4, 4), "float32"), np.ones(4, "float32")])
    for norm in cell.norms:
        norm.set_weights([np.ones(4, "float32"), np.zeros(4, "float32")])
    dense = {
        layer.name: [w.astype("float64") for w in layer.get_weights()] for layer in (cell.to_slot, cell.to_value, *cell.feed)
    }

    def apply(name, value):
        kernel, bias = dense[name]
        return value @ kernel + bias

    def normalised(value):
        mean, deviation = value.mean(axis=-1, keepdims=True), value.var(axis=-1, keepdims=True)
        return (value - mean) / np.sqrt(deviation + 1e-5)

    memory, slot = np.tile([1.0, 0.0, 0.0, 0.0], (3, 1)), apply("to_slot", x)
    attended = normalised(memory + (apply("to_value", memory) + apply("to_value", slot)) / 2)
    changed = normalised(attended + apply("feed_1", np.maximum(apply("feed_0", attended), 0.0)))
    kernel, bias = cell.gates_of_input.get_weights()
    gates = slot @ kernel + bias + np.tanh(memory) @ cell.gates_of_memory.get_weights()[0]
    expected = scipy.special.expit(gates[:, :4]) * np.tanh(changed) + scipy.special.expit(gates[:, 4:] + 1.0) * memory
    output, (following,) = cell(x, state)
    np.testing.assert_allclose(ops.convert_to_numpy(output), expected, atol=1e-5)
    np.testing.assert_array_equal(output, following)


@KINDS
def test_under_mixed_precision_logits_and_numbers_stay_float32(build):
    exact = made(build)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build()
        model.set_weights(exact.get_weights())
    finally:
        keras.config.set_dtype_policy("float32")
    tokens = RNG.integers(0, 11, (5, 6)).astype("int32")
    found, expected = (ops.convert_to_numpy(network(tokens)) for network in (model, exact))
    assert found.dtype == np.float32
    assert 0 < np.abs(found - expected).max() < 0.05
    # A number in the middle of a token's interval stands for it in either precision.
    latents = uniform(50)
    given = {"latents": latents, "temperature": np.ones((50, 1), "float32")}
    written, right = (ops.convert_to_numpy(Decoder(network)(given)) for network in (model, exact))
    assert np.mean(written == right) > 0.9
