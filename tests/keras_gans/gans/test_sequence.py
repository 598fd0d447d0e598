import copy
import json
import pickle
import zipfile

import keras
import numpy as np
import pytest
import scipy.special
from keras import layers, ops

import keras_gans
from keras_gans.sequences import InverseTemperature, RecurrentLanguageModel, TokenDiscriminator
from keras_gans.text import Tokenizer
from tests.support.slow import slow_but

VOCABULARY, LENGTH = 6, 5
RNG = np.random.default_rng(0)


def generator(vocabulary_size=VOCABULARY, length=LENGTH, ends=False, **arguments):
    return RecurrentLanguageModel(layers.GRUCell(16), vocabulary_size, length, 8, ends=ends, **arguments)


def discriminator(dense=False, vocabulary_size=VOCABULARY, length=LENGTH):
    vectors = keras.Input((length, 8))
    if dense:
        logits = layers.Reshape((length,))(layers.Dense(1)(layers.GRU(16, return_sequences=True)(vectors)))
    else:
        x = layers.Conv1D(16, 2, activation="relu")(vectors)
        logits = layers.Dense(1)(layers.Flatten()(x))
    return TokenDiscriminator(keras.Model(vectors, logits), vocabulary_size, dense)


def countings(n):
    """Sequences in which each token is the one before plus one, and after the last comes the first."""
    return ((RNG.integers(0, VOCABULARY, (n, 1)) + np.arange(LENGTH)) % VOCABULARY).astype("int32")


def share_right(tokens):
    return float(np.mean((tokens[:, 1:] - tokens[:, :-1]) % VOCABULARY == 1))


# Learning.


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rollouts", "dense", "relaxed"])
def test_writing_is_learnt_from_the_discriminator_alone(kind):
    keras.utils.set_random_seed(0)
    pretraining = keras_gans.Pretraining(epochs=0)
    if kind == "relaxed":
        model = keras_gans.RelGAN(generator(), discriminator(), 0, pretraining, InverseTemperature(5.0, 1000))
    else:
        model = keras_gans.SeqGAN(generator(), discriminator(kind == "dense"), 0, pretraining, rollouts=2, discount=0.5)
    rates = {"rollouts": (5e-3, 5e-3), "dense": (2e-3, 5e-3), "relaxed": (2e-3, 5e-3)}[kind]
    model.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates), loss="non_saturating")
    before = share_right(model.generate(500, seed=0))
    assert before < 0.35
    model.fit(countings(6_400), batch_size=64, epochs=4, verbose=0)
    tokens = model.generate(500, seed=0)
    assert share_right(tokens) > 0.9
    if kind != "relaxed":  # whose gradients are biased: it soon prefers one of the six sequences
        assert len(set(tokens[:, 0])) >= 4


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_likelihood_reaches_what_is_possible():
    """Only the first token is open: log(6) nats in 5 tokens."""
    keras.utils.set_random_seed(0)
    model = keras_gans.SeqGAN(generator(), discriminator(), 0, keras_gans.Pretraining(epochs=20, patience=20))
    model.compile(keras.optimizers.Adam(1e-2))
    x, held_out = countings(2_000), countings(500)
    history = model.fit(x, batch_size=50, epochs=8, validation_data=(held_out,), verbose=0).history
    assert model.stage == 0
    assert history["val_nll"][-1] == pytest.approx(np.log(6) / 5, abs=0.01)
    assert model.mean_nll(held_out) == pytest.approx(history["val_nll"][-1], rel=1e-4)
    assert share_right(model.generate(200, seed=1)) > 0.98


# From one stage to the next.


def stages(values, **schedule):
    """What each epoch's end says, for given held-out values."""
    model = keras_gans.SeqGAN(generator(), discriminator(), 0, keras_gans.Pretraining(**schedule))
    model.compile()
    weights, ended = [], []
    for value in values:
        model.generator.set_weights([np.full_like(array, len(weights)) for array in model.generator.get_weights()])
        weights.append(len(weights))
        ended.append(model.end_pretraining_epoch(value))
        if ended[-1]:
            break
    return model, ended, float(model.generator.get_weights()[0].flat[0])


def test_pretraining_ends_when_held_out_text_says_so_and_takes_the_best_weights():
    model, ended, weights = stages([5.0, 4.0, 4.5, 3.9, 4.1, 4.2, 1.0], epochs=20, patience=2)
    assert ended == [False] * 5 + [True]
    assert weights == 3.0
    assert model.stage == 1
    assert float(model.reference.get_weights()[0].flat[0]) == 3.0


def test_pretraining_ends_after_its_epochs():
    _, ended, weights = stages([5.0, 4.0, 3.0, 2.0], epochs=3, patience=1)
    assert (ended, weights) == ([False, False, True], 2.0)
    _, ended, weights = stages([None, None], epochs=2)  # no held-out text: the last weights
    assert (ended, weights) == ([False, True], 1.0)


def test_both_stages_in_one_fit_and_each_trains_what_is_its():
    keras.utils.set_random_seed(0)
    model = keras_gans.SeqGAN(
        generator(), discriminator(dense=True), 0, keras_gans.Pretraining(2, learning_rate=1e-2, then=1e-3)
    )
    model.compile(ema=0.9)
    seen = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            model.sync_state()
            rate = float(ops.convert_to_numpy(model.optimizer.generator.learning_rate))
            seen.append((model.discriminator.get_weights()[0].copy(), model.generator.get_weights()[0].copy(), round(rate, 6)))

    first = model.discriminator.get_weights()[0].copy()
    history = model.fit(countings(320), batch_size=32, epochs=4, verbose=0, callbacks=[Look()]).history
    np.testing.assert_array_equal(seen[1][0], first)  # the discriminator waits
    assert (seen[2][0] != first).any() and (seen[3][1] != seen[2][1]).any()
    assert [rate for *_, rate in seen] == [0.01, 0.01, 0.001, 0.001]
    assert history["d_loss"][:2] == [0.0, 0.0] and min(history["d_loss"][2:]) > 0
    assert min(history["nll"][:2]) > 0 and history["nll"][2:] == [0.0, 0.0]
    assert model.stage == 1


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.slow
@pytest.mark.parametrize("stage", [0, 1])
def test_a_saved_model_goes_on_where_it_was(stage, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras_gans.RelGAN(generator(), discriminator(), 0, keras_gans.Pretraining(1 + 9 * (1 - stage)))
    model.compile(ema=0.9)
    x = countings(128)
    model.fit(x, batch_size=32, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    assert (model.stage, other.stage) == (stage, stage)
    np.testing.assert_array_equal(model.generate(20, seed=0), other.generate(20, seed=0))
    histories = [one.fit(x, batch_size=32, epochs=1, verbose=0).history for one in (model, other)]
    for name, values in histories[0].items():
        assert values == pytest.approx(histories[1][name], rel=1e-4), name


def copies(kind, model, folder):
    """A model as it comes back from a file, a checkpoint or another process."""
    if kind == "keras":
        model.save(folder / "model.keras")
        return keras.models.load_model(folder / "model.keras")
    if kind == "checkpoint":
        checkpoint = keras.callbacks.ModelCheckpoint(folder / "checkpoint.keras")
        model.fit(countings(16), batch_size=8, verbose=0, callbacks=[checkpoint])
        return keras.models.load_model(folder / "checkpoint.keras")
    return copy.deepcopy(model) if kind == "deepcopy" else pickle.loads(pickle.dumps(model))


# Copies are pickled (last run: 0.1.0, 2026-11-29).
@pytest.mark.parametrize("kind", slow_but(["keras", "checkpoint", "pickle", "deepcopy"], "keras"))
def test_a_copied_model_keeps_its_words(kind, tmp_path):
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    model.compile()
    model.tokenizer = Tokenizer.train(["a cat", "a big dog"])
    other = copies(kind, model, tmp_path)
    assert other.tokenizer == model.tokenizer
    assert other.write(3, seed=0) == model.write(3, seed=0)


def test_a_model_without_words_has_none_when_it_is_loaded(tmp_path):
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert "assets/tokenizer.model" not in archive.namelist()
    assert keras.models.load_model(tmp_path / "model.keras").tokenizer is None


@pytest.mark.parametrize("pretraining", [0, 5])
def test_single_batches_are_trained_on_in_the_stage_that_was_reached(pretraining):
    """Not on a discriminator that has not begun: until pretraining is over, its weights stay."""
    model = keras_gans.SeqGAN(generator(), discriminator(), 0, keras_gans.Pretraining(pretraining))
    model.compile(run_eagerly=keras.config.backend() == "tensorflow")
    stages = []
    for _ in range(2):
        before = model.discriminator.get_weights()[0].copy()
        model.train_on_batch(countings(8))
        stages.append((model.stage, bool((model.discriminator.get_weights()[0] != before).any())))
        measured = model.test_on_batch(countings(8), return_dict=True)
        assert measured["nll"] > 0
        model.skip_pretraining()
    assert stages == [(int(pretraining == 0), pretraining == 0), (1, True)]


# Rewards.


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_rewards_of_completions_stand_where_they_belong():
    """The generator counts on from any token, so that each prefix has one completion; its last token is scored."""
    keras.utils.set_random_seed(0)
    model = keras_gans.SeqGAN(generator(), discriminator(), 0, keras_gans.Pretraining(12), rollouts=3)
    model.compile(keras.optimizers.Adam(1e-2))
    model.fit(countings(3_000), batch_size=50, epochs=10, verbose=0)
    model.score = lambda samples, *_: 20.0 * ops.cast(ops.equal(samples[:, -1:], 1), "float32") - 10.0
    tokens = ((np.arange(4 * VOCABULARY)[:, None] // 4 + np.arange(LENGTH)) % VOCABULARY).astype("int32")
    expected = np.repeat(tokens[:, -1:] == 1, LENGTH, axis=1)
    tokens[::2, -1] = 1  # what the sequence itself says at the end is the reward of the last token only
    expected[:, -1] = tokens[:, -1] == 1
    rewards = ops.convert_to_numpy(model._rewards(ops.convert_to_tensor(tokens), None))
    assert rewards.shape == tokens.shape
    np.testing.assert_allclose(rewards, expected, atol=0.01)


def test_verdicts_for_each_token_are_summed_with_a_discount():
    model = keras_gans.SeqGAN(generator(), discriminator(dense=True), 0, discount=0.5)
    verdicts = RNG.standard_normal((3, LENGTH)).astype("float32")
    counted = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]], "float32")
    expected = np.zeros((3, LENGTH))
    for place in range(LENGTH):
        for later in range(place, LENGTH):
            expected[:, place] += 0.5 ** (later - place) * verdicts[:, later] * counted[:, later]
    returned = ops.convert_to_numpy(model._discounted(ops.convert_to_tensor(verdicts), ops.convert_to_tensor(counted)))
    np.testing.assert_allclose(returned, expected, rtol=1e-5, atol=1e-6)


def test_what_is_usual_is_the_mean_of_the_others():
    rewards = np.array([[1.0, 2.0], [3.0, 5.0], [8.0, 100.0]], "float32")
    counted = np.array([[1, 1], [1, 1], [1, 0]], "float32")
    advantage = ops.convert_to_numpy(keras_gans.SeqGAN._advantage(*map(ops.convert_to_tensor, (rewards, counted))))
    np.testing.assert_allclose(advantage[:, 0], [1 - 5.5, 3 - 4.5, 8 - 2.0])
    np.testing.assert_allclose(advantage[:2, 1], [2 - 5.0, 5 - 2.0])


def test_the_policy_gradient_points_where_the_expected_reward_grows():
    """For one token, the mean over many sequences is the gradient of the expected reward by the logits: p (r - E[r])."""
    scores = np.array([0.0, 1.0, 4.0], "float32")
    vectors = keras.Input((1, 1))
    scorer = TokenDiscriminator(keras.Model(vectors, layers.Reshape((1,))(vectors)), 3, dense=True)
    scorer.embed.embeddings.assign(scores[:, None])
    model = keras_gans.SeqGAN(generator(3, 1), scorer, 0, keras_gans.Pretraining(0))
    model.compile(keras.optimizers.SGD(1.0), keras.optimizers.SGD(0.0))
    p = scipy.special.softmax(ops.convert_to_numpy(model.logits(np.zeros((1, 1), "int32")))[0, 0])
    model.fit(np.zeros((20_000, 1), "int32"), batch_size=20_000, epochs=1, verbose=0)
    rewards = 2.0 * scipy.special.expit(scores) - 1.0
    bias = ops.convert_to_numpy(model.generator.predict_token.bias)  # was 0
    np.testing.assert_allclose(bias, p * (rewards - p @ rewards), atol=0.01)
    assert np.abs(bias).max() > 0.1


# Generating.


def test_the_same_seed_gives_the_same_sequences_whatever_the_batch():
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    tokens = model.generate(10, seed=3)
    assert (tokens.dtype, tokens.shape) == (np.int32, (10, LENGTH))
    np.testing.assert_array_equal(model.generate(10, seed=3, batch_size=3), tokens)
    np.testing.assert_array_equal(model.generate(4, seed=3), tokens[:4])
    assert (model.generate(10, seed=4) != tokens).any()


def test_each_sequence_has_its_seed():
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    given = [5, 2**63 - 1, 0, 5, *range(100, 140)]
    tokens = model.generate(seeds=given)
    assert (tokens.dtype, tokens.shape) == (np.int32, (len(given), LENGTH))
    np.testing.assert_array_equal(tokens[0], tokens[3])
    assert len(np.unique(tokens, axis=0)) > len(given) / 2
    np.testing.assert_array_equal(model.generate(seeds=given[:2]), tokens[:2])
    np.testing.assert_array_equal(model.generate(seeds=given[1]), tokens[1:2])
    np.testing.assert_array_equal(model.generate(seeds=given[::-1], batch_size=3), tokens[::-1])
    # The numbers are those of `uniform`, and probabilities are followed: as often as the model says.
    many = model.generate(seeds=range(4000))
    logits = keras.ops.convert_to_numpy(model.generator(many[:1]))[0, 0]
    shares = np.bincount(many[:, 0], minlength=VOCABULARY) / 4000
    np.testing.assert_allclose(shares, np.exp(logits) / np.exp(logits).sum(), atol=0.04)


def test_prompts_begin_the_sequences():
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    tokens = model.generate(10, seed=0, prompts=np.array([4, 2, 0, 0, 0]))
    np.testing.assert_array_equal(tokens[:, :2], [[4, 2]] * 10)
    assert len(np.unique(tokens[:, 2:], axis=0)) > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_k": 0}, "top_k"),
        ({"top_p": 0.0}, "top_p"),
        ({"top_p": 1.5}, "top_p"),
        ({"prompts": np.array([9, 0, 0, 0, 0])}, "0 to 5"),
        ({"labels": 1}, "not conditional"),
        ({"n": 0}, "n must be"),
        ({"n": None}, "how many"),
        ({"seeds": [1, 2]}, "leave out n and seed"),
        ({"n": None, "seed": 1, "seeds": [1]}, "leave out n and seed"),
        ({"n": None, "seeds": [-1]}, "seeds must be integers from 0"),
        ({"batch_size": 0}, "batch_size must be"),
    ],
    ids=str,
)
def test_what_cannot_be_generated(arguments, message):
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    with pytest.raises(ValueError, match=message):
        model.generate(**{"n": 3, **arguments})


def test_a_class_can_be_asked_for():
    """Sequences of 1 have class 0, sequences of 2 class 1."""
    keras.utils.set_random_seed(0)
    model = keras_gans.SeqGAN(generator(num_classes=2), discriminator(), 0, keras_gans.Pretraining(9))
    model.compile(keras.optimizers.Adam(1e-2))
    labels = RNG.integers(0, 2, 600).astype("int32")
    model.fit(np.repeat(labels[:, None] + 1, LENGTH, axis=1).astype("int32"), labels, batch_size=20, epochs=3, verbose=0)
    for label in (0, 1):
        assert np.mean(model.generate(50, seed=0, labels=label) == label + 1) > 0.95


# What does not fit.


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_an_answer_depends_on_what_was_said(tmp_path):
    """Learns to go on from the last token of the context, whatever stands before it."""
    keras.utils.set_random_seed(0)
    context = RNG.integers(0, VOCABULARY, (600, 3)).astype("int32")
    answers = ((context[:, -1:] + 1 + np.arange(LENGTH)) % VOCABULARY).astype("int32")
    vectors = keras.Input((3 + LENGTH, 8))
    judge = TokenDiscriminator(keras.Model(vectors, layers.Dense(1)(layers.Flatten()(vectors))), VOCABULARY, context_length=3)
    model = keras_gans.SeqGAN(generator(context_length=3), judge, 0, keras_gans.Pretraining(12, 1, 2e-2, 1e-4), rollouts=1)
    model.compile(*(keras.optimizers.Adam(rate) for rate in (2e-2, 1e-3)))
    model.fit(answers, {"context": context}, batch_size=20, epochs=12, verbose=0)
    asked = RNG.integers(0, VOCABULARY, (200, 3)).astype("int32")
    written = model.generate(200, seed=0, conditions={"context": asked})
    assert np.mean(written[:, 0] == (asked[:, -1] + 1) % VOCABULARY) > 0.9
    nll = model.mean_nll(answers[:100], conditions={"context": context[:100]})
    wrong = model.mean_nll(answers[:100], conditions={"context": np.roll(context[:100], 1, axis=0)})
    assert nll < 0.5 < wrong - nll
    log_p, counted = model.token_log_probabilities(answers[:100], conditions={"context": context[:100]})
    assert -(log_p * counted).sum() / counted.sum() == pytest.approx(nll, rel=1e-5)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").generate(200, seed=0, conditions={"context": asked})
    np.testing.assert_array_equal(again, written)


def test_contexts_are_given_as_text():
    tokenizer = Tokenizer.train(["where is the dog ?", "the cat sat in the park ."])
    model = keras_gans.SeqGAN(
        generator(tokenizer.size, context_length=6, ends=True), discriminator(vocabulary_size=tokenizer.size), 0
    )
    with pytest.raises(ValueError, match="give the context"):
        model.generate(2, seed=0)
    with pytest.raises(ValueError, match="no tokenizer: give contexts as tokens"):
        model.generate(2, seed=0, conditions={"context": "the dog"})
    model.tokenizer = tokenizer
    turns = [["Where is the dog?", "the cat sat"], "the park"]
    tokens = tokenizer.encode_contexts(turns, 6)[0]
    assert tokenizer.decode_contexts(tokens) == [["dog ?", "the cat sat"], ["the park"]]
    assert model.write(2, seed=0, context=turns) == model.write(2, seed=0, conditions={"context": tokens})
    assert model.write(3, seed=0, context="the dog") == model.write(3, seed=0, context=["the dog"] * 3)
    assert model.write(1, seed=0, context=[[]]) == model.write(1, seed=0, context="")
    assert model.describe(2, {"context": turns}) == {"context": [["dog ?", "the cat sat"], ["the park"]]}
    for wrong, message in (
        (np.zeros((2, 5), "int32"), "Contexts of this model are 6 integer tokens each"),
        (np.full((2, 6), 99), "Tokens of contexts are 0 to"),
        ([["a"], [3]], "Contexts of this model are 6 integer tokens each"),
        (["the dog"] * 3, "2 samples need as many contexts, or one for all; received 3"),
    ):
        with pytest.raises(ValueError, match=message):
            model.generate(2, seed=0, conditions={"context": wrong})


def test_networks_and_data_that_do_not_fit():
    with pytest.raises(ValueError, match="length 5 from 7 tokens, but the discriminator takes sequences of length 5 from 6"):
        keras_gans.SeqGAN(generator(vocabulary_size=7), discriminator())
    with pytest.raises(ValueError, match="needs a LanguageModel and a TokenDiscriminator"):
        keras_gans.SeqGAN(discriminator(), generator())
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    with pytest.raises(ValueError, match="no augmentation"):
        model.compile(augment="diff_augment")
    with pytest.raises(ValueError, match="gradient with respect to samples, but tokens have none"):
        model.compile(penalties="r1")
    model.compile()
    with pytest.raises(ValueError, match=r"shape \(4,\), but this model generates \(5,\)"):
        model.fit(np.zeros((8, 4), "int32"), batch_size=4, verbose=0)
    with pytest.raises(ValueError, match="integer tokens"):
        model.fit(np.zeros((8, 5), "float32"), batch_size=4, verbose=0)
    for token in (VOCABULARY, -1):
        with pytest.raises(
            ValueError, match=rf"from 0 to 5 \(the vocabulary has 6\); received {min(token, 0)} to {max(token, 0)}"
        ):
            model.fit(np.array([[0, 0, token, 0, 0]] * 8, "int32"), batch_size=4, verbose=0)
    with pytest.raises(ValueError, match="There are no tokens"):
        model.medium.check(np.zeros((0, 5), "int32"))


def test_numpy_numbers_are_numbers():
    model = keras_gans.SeqGAN(
        generator(np.int64(VOCABULARY), np.int32(LENGTH)),
        discriminator(),
        0,
        keras_gans.Pretraining(np.int64(1), np.int64(1)),
        np.int8(2),
    )
    assert model.generate(np.int64(2), 0, temperature=np.float32(0.5), top_k=np.int64(3), top_p=np.float64(0.9)).shape == (
        2,
        LENGTH,
    )
    json.dumps(model.get_config())


def test_a_tokenizer_has_no_more_tokens_than_the_networks():
    model = keras_gans.SeqGAN(generator(), discriminator(), 0)
    with pytest.raises(ValueError, match="has 7 tokens, but the networks only 6: build the model with vocabulary_size=7"):
        model.tokenizer = Tokenizer.train(["a cat", "a very big dog"])


def test_discriminators_need_sequences_of_a_fixed_length():
    vectors = keras.Input((None, 8))
    network = keras.Model(vectors, layers.Dense(1)(layers.GlobalMaxPooling1D()(vectors)))
    with pytest.raises(ValueError, match=r"fixed length.*received \(None, None, 8\)"):
        TokenDiscriminator(network, VOCABULARY)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epochs": -1}, "pretraining epochs"),
        ({"patience": 0}, "patience"),
        ({"learning_rate": 1e-2}, "both stages"),
        ({"learning_rate": 0.0, "then": 1.0}, "above 0"),
    ],
)
def test_schedules_that_make_no_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        keras_gans.Pretraining(**arguments)
