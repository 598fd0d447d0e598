"""Conversations in the terminal."""

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.text import Tokenizer
from keras_gans_tools.common.conversation import Conversation


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    tokenizer = Tokenizer.train(["where is the dog ?", "the cat sat in the park .", "i like dogs , and cats !"])
    arguments = {"vocabulary_size": tokenizer.size, "length": 6, "context_length": 8, "seed": 0, "units": 8}
    model = keras_gans.create_model("next_token_gan", **arguments)
    model.tokenizer = tokenizer
    rng = np.random.default_rng(0)
    for network in (model.generator, model.ema_generator):
        network.set_weights([rng.normal(0, 0.7, each.shape) for each in network.get_weights()])
    return model


def test_each_line_is_answered_given_those_before(model):
    talk = Conversation(model, seed=3, temperature=0.7)
    first, second = talk.take("Where is the dog?"), talk.take("I like cats, zebras.")
    answers = [model.write(seeds=[3], temperature=0.7, context=[["where is the dog ?"]])[0]]
    turns = ["where is the dog ?", answers[0], "i like cats , zebras ."]
    answers += model.write(seeds=[4], temperature=0.7, context=[turns])
    assert first == f"model: {answers[0]}"
    assert second == f"model: {answers[1]}\n       (unknown to the model: zebras)"


def test_commands(model):
    talk = Conversation(model, seed=3, temperature=0.7)
    assert talk.take("/again") == "(there is no answer yet)"
    first = talk.take("the dog")
    assert talk.take("/again") == f"model: {model.write(seeds=[4], temperature=0.7, context='the dog')[0]}"
    assert len(talk.turns) == 2
    assert talk.take("/seed 3") == "(seed 3)"
    assert talk.take("/again") == first
    assert talk.take("/temperature 2") == "(temperature 2)"
    talk.take("/seed 3")
    assert talk.take("/again") == f"model: {model.write(seeds=[3], temperature=2.0, context='the dog')[0]}"
    assert talk.take("/forget") == "(a new conversation)"
    assert talk.turns == []
    for line, answer in (
        ("/seed -1", "(a seed is an integer from 0, as in /seed 7; received '-1')"),
        ("/temperature hot", "(a temperature is a number above 0, as in /temperature 0.5; received 'hot')"),
        ("/temperature nan", "(a temperature is a number above 0, as in /temperature 0.5; received 'nan')"),
    ):
        assert talk.take(line) == answer
    assert "Did you mean '/seed'?" in talk.take("/sed 3")
    assert talk.take("/quit") is None


# A quarter of a minute (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_the_program_answers_what_it_is_sent(model, tmp_path, keras_gans_cli, keras_gans_forked, assert_refused):
    keras_gans.save_preset(model, tmp_path / "answers", dtype="float32")
    process = keras_gans_cli("chat", "answers", "--seed=3", cwd=tmp_path, typed="Where is the dog?\n\n/again\n")
    assert process.returncode == 0, process.stderr
    answers = [model.write(seeds=[seed], temperature=0.7, context="where is the dog ?")[0] for seed in (3, 4)]
    shown = ["you:   Where is the dog?", f"model: {answers[0]}", "you:   /again", f"model: {answers[1]}"]
    assert process.stdout.splitlines() == shown
    written = keras_gans_forked("generate", "answers", "--num=2", "--context=where is\tthe dog ?", cwd=tmp_path)
    assert written.stdout.splitlines() == model.write(2, seed=0, context=[["where is", "the dog ?"]])
    assert_refused(keras_gans_forked("generate", "answers", cwd=tmp_path), "other text: give it some, with --context.")
    assert_refused(keras_gans_forked("chat", "poems"), "poems does not answer: it takes no context.")
