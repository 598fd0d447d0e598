"""The mark that a secret key leaves in drawn tokens, without a tokenizer."""

import hashlib

import keras
import numpy as np
import pytest
import scipy.stats
from keras import ops

from keras_gans.sequences import Decoder, RecurrentLanguageModel, TransformerLanguageModel, Watermark, decode
from keras_gans.verification.text_watermark import count_green

KEY = "correct horse battery staple"
RNG = np.random.default_rng(0)


def lstm(**arguments):
    return RecurrentLanguageModel(keras.layers.LSTMCell(5), 40, 6, embedding_dim=4, **arguments)


def transformer(**arguments):
    return TransformerLanguageModel(40, 6, width=8, depth=1, heads=2, **arguments)


def drawn(model, latents, **arguments):
    return ops.convert_to_numpy(decode(model, ops.convert_to_tensor(latents), **arguments))


def lists_by_hand(key, strength, recent, token):
    """On how many lists a token is, by Python's integers: tables of BLAKE2, `fmix32` of MurmurHash3, the lowest bits."""

    def word(token, place):
        size = 4 * (1 + len(recent))
        secret = hashlib.sha256(key.encode()).digest()
        made = hashlib.blake2b(token.to_bytes(4, "little"), digest_size=size, key=secret, person=b"kg-watermark").digest()
        return int.from_bytes(made[4 * place : 4 * place + 4], "little")

    mixed = word(token, 0)
    for place, before in enumerate(recent, 1):
        mixed ^= word(before, place)
    mixed ^= mixed >> 16
    mixed = mixed * 0x85EBCA6B % 2**32
    mixed ^= mixed >> 13
    mixed = mixed * 0xC2B2AE35 % 2**32
    mixed ^= mixed >> 16
    return [mixed >> number & 1 for number in range(strength)]


@pytest.mark.parametrize(("strength", "context"), [(1, 1), (5, 2), (24, 3)])
def test_green_tokens_are_those_computed_by_hand_and_gain_what_red_ones_lose(strength, context):
    mark = Watermark(KEY, strength, context)
    recent, probabilities = RNG.integers(0, 40, (6, context), "int32"), RNG.dirichlet(np.ones(40), 6)
    expected = probabilities.copy()
    for row, before in enumerate(recent.tolist()):
        lists = np.array([lists_by_hand(KEY, strength, before, token) for token in range(40)])
        np.testing.assert_array_equal(mark.count_green(np.tile(recent[row], (40, 1)), np.arange(40)), lists.sum(axis=1))
        for green in lists.T:
            # Of two drawn tokens, a green one beats a red one; else the first wins.
            wins = np.where(green[:, None] >= green[None], 1.0, 0.0)
            pairs = expected[row][:, None] * expected[row][None]
            expected[row] = (pairs * wins).sum(axis=1) + (pairs * (1 - wins)).sum(axis=0)
    found = ops.convert_to_numpy(mark.favour(ops.convert_to_tensor(probabilities.astype("float32")), recent))
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-7)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, atol=1e-4)


def test_averaged_over_contexts_no_token_is_more_probable_than_before():
    probabilities = np.tile(np.array([0.6, 0.2, 0.1, 0.06, 0.04], "float32"), (4000, 1))
    recent = RNG.integers(0, 5, (4000, 8), "int32")
    found = ops.convert_to_numpy(Watermark(KEY, 4, 8).favour(probabilities, recent))
    errors = found.std(axis=0) / np.sqrt(len(found))
    assert (errors < 0.01).all()
    np.testing.assert_array_less(np.abs(found.mean(axis=0) - probabilities[0]), 4 * errors)


# What is slow was last run with 0.1.0, 2026-11-30.
@pytest.mark.parametrize("build", [lstm, pytest.param(transformer, marks=pytest.mark.slow)])
def test_tokens_are_drawn_one_by_one_as_from_whole_sequences(build):
    """The state that the network keeps from step to step, and the context of the mark, are those of the tokens so far."""
    model, mark = build(), Watermark(KEY, 4, 2)
    model.set_weights([0.5 * RNG.standard_normal(each.shape).astype("float32") for each in model.get_weights()])
    latents = RNG.random((60, 6), dtype="float32")
    tokens = drawn(model, latents, watermark=mark)
    shares = ops.softmax(model(tokens))
    sums = np.cumsum(ops.convert_to_numpy(mark.favour_all(shares, ops.convert_to_tensor(tokens))).astype("float64"), axis=-1)
    upper = np.take_along_axis(sums, tokens[..., None], axis=-1)[..., 0]
    lower = np.where(tokens > 0, np.take_along_axis(sums, np.maximum(tokens - 1, 0)[..., None], axis=-1)[..., 0], 0.0)
    ended = np.cumsum(tokens == 0, axis=1) - (tokens == 0) > 0
    assert (ended | ((lower - 1e-5 <= latents) & (latents <= upper + 1e-5))).all()
    plain = drawn(model, latents)
    # The first token is not marked; others are.
    np.testing.assert_array_equal(tokens[:, 0], plain[:, 0])
    assert (tokens != plain).mean() > 0.2
    compiled = Decoder(model, watermark=mark).predict({"latents": latents, "temperature": np.ones((60, 1))}, verbose=0)
    np.testing.assert_array_equal(compiled, tokens)


def test_excluded_tokens_stay_excluded_and_prompts_stay_as_they_are():
    model, mark = lstm(), Watermark(KEY, 8)
    model.set_weights([0.5 * RNG.standard_normal(each.shape).astype("float32") for each in model.get_weights()])
    latents = RNG.random((40, 6), dtype="float32")
    tokens = drawn(model, latents, top_k=3, watermark=mark)
    logits = ops.convert_to_numpy(model(tokens))
    ended = np.cumsum(tokens == 0, axis=1) - (tokens == 0) > 0
    ranks = (logits > np.take_along_axis(logits, tokens[..., None], axis=-1)).sum(axis=-1)
    assert ranks[~ended].max() <= 2
    prompt = np.tile(np.array([7, 8, 9] + [0] * 3, "int32"), (40, 1))
    tokens = drawn(model, latents, prompt=prompt, prompt_length=np.full(40, 3, "int32"), watermark=mark)
    np.testing.assert_array_equal(tokens[:, :3], prompt[:, :3])


def test_the_numbers_of_a_test_are_scipys_and_kirchenbauers():
    from keras_gans.verification import WatermarkTest

    for tokens, lists in ((1, 1), (7, 1), (40, 6), (3000, 24)):
        count = tokens * lists
        for green in sorted({0, 1, count // 3, count // 2, (count + 1) // 2, 5 * count // 9, count - 1, count}):
            found = WatermarkTest(tokens, lists, green)
            expected = scipy.stats.binom.sf(green - 1, count, 0.5)
            assert found.p == pytest.approx(expected, rel=1e-8, abs=1e-300)
            assert found.z == pytest.approx((green - 0.5 * count) / np.sqrt(count * 0.5 * 0.5))
    nothing = WatermarkTest(0, 6, 0)
    assert (nothing.p, nothing.z, nothing.marked) == (1.0, 0.0, False)
    assert nothing.words.startswith("too short to tell")


def test_text_without_the_mark_has_uniform_p_values():
    """And repeated text does, where counting twice would find a mark."""
    rows = RNG.integers(2, 40, (5, 12)).tolist()
    found = [count_green(rows, Watermark(f"another key {key:06}", 6)).p for key in range(800)]
    assert scipy.stats.kstest(found, "uniform").statistic < 0.08
    assert np.mean(np.array(found) <= 0.01) < 0.02
    mark = Watermark(KEY)
    assert count_green(rows * 50, mark) == count_green(rows, mark)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("short",), "at least 16 characters; received 5"),
        ((3,), "received 'int'"),
        ((KEY, 0), "strength must be an integer of at least 1"),
        ((KEY, 25), "strength of a watermark must be an integer from 1 to 24; received 25"),
        ((KEY, 2.5), "strength must be an integer"),
        ((KEY, 6, 16), "context of a watermark must be an integer from 1 to 15"),
    ],
    ids=str,
)
def test_watermarks_that_are_none(arguments, message):
    with pytest.raises(ValueError, match=message):
        Watermark(*arguments)


def test_the_key_does_not_appear_where_a_watermark_is_printed():
    assert KEY not in repr(Watermark(KEY))
