import itertools
import random

import keras
import numpy as np
import pytest

from keras_gans.evaluation.language_model import LanguageModelScorer, forward_score, reverse_score
from keras_gans.metrics import frechet_distance

WORDS, LENGTH = 8, 8


class Chain:
    """A Markov chain of words, 0 of which ends a sentence if there are ends: its sentences, and their exact scores."""

    def __init__(self, seed, ends=True):
        rng = np.random.default_rng(seed)
        # No word is rare after another: the scores of rare ones differ much from sample to sample.
        probabilities = 0.7 * rng.dirichlet(np.full(WORDS, 0.3), size=WORDS + 1) + 0.3 / WORDS
        if ends:
            probabilities[:, 0] = 0.15
            probabilities /= probabilities.sum(axis=1, keepdims=True)
        self.first, self.following = probabilities[0], probabilities[1:]
        self.end = 0 if ends else None

    def sample(self, count, seed):
        uniform = np.random.default_rng(seed).random((LENGTH, count, 1))
        sentences, ended = np.zeros((count, LENGTH), "int32"), np.zeros(count, bool)
        probabilities = np.tile(self.first, (count, 1))
        for place in range(LENGTH):
            words = np.minimum((probabilities.cumsum(axis=1) < uniform[place]).sum(axis=1), WORDS - 1)
            sentences[:, place] = np.where(ended, 0, words)
            ended |= (words == 0) & (self.end is not None)
            probabilities = self.following[words]
        return sentences

    def nats_a_token(self, model):
        """The cross entropy of this chain's sentences under a model that is another, or this one."""
        nats = -(self.first * np.log(model.first)).sum()
        tokens, words = 1.0, self.first.copy()
        for _ in range(LENGTH - 1):
            if self.end is not None:
                words[0] = 0
            nats -= words @ (self.following * np.log(model.following)).sum(axis=1)
            tokens += words.sum()
            words = words @ self.following
        return nats / tokens


def small(chain, **settings):
    return LanguageModelScorer(
        **{"vocabulary_size": WORDS, "end": chain.end, "embedding_dim": 16, "units": 16, "learning_rate": 1e-2, **settings}
    )


# Without ends is slow (last run: 0.1.0, 2026-11-29).
@pytest.fixture(scope="module", params=[True, pytest.param(False, marks=pytest.mark.slow)], ids=["with ends", "without"])
def chains(request):
    """Two chains, and a scorer that learnt from each."""
    both = Chain(1, request.param), Chain(2, request.param)
    return both, [small(chain).fit(chain.sample(6000, seed=0)) for chain in both]


def test_scores_are_the_chains_cross_entropies(chains):
    chains, scorers = chains
    for chain in chains:
        fresh = chain.sample(4000, seed=1)
        for model, scorer in zip(chains, scorers, strict=True):
            # What a chain seldom says, the other's scorer has seldom seen: it is known less well.
            assert scorer.score(fresh) == pytest.approx(chain.nats_a_token(model), rel=0.01 if model is chain else 0.03)
    # The two chains are far enough apart for the above to mean something.
    assert chains[0].nats_a_token(chains[1]) > 1.2 * chains[0].nats_a_token(chains[0])


def test_features_are_farther_apart_the_more_words_are_replaced(chains):
    (chain, _), (scorer, _) = chains
    real, sentences, rng = scorer.features(chain.sample(4000, seed=2)), chain.sample(4000, seed=3), np.random.default_rng(0)
    assert real.shape == (4000, 16)
    assert real.dtype == np.float32
    distances = []
    for share in (0, 0.2, 0.5, 1):
        # An end stays one, and no word becomes one: lengths are kept.
        replaced = (rng.random(sentences.shape) < share) & (sentences > 0)
        other = scorer.features(np.where(replaced, rng.integers(1, WORDS, sentences.shape), sentences))
        distances.append(frechet_distance(real, other))
    assert all(2 * nearer < farther for nearer, farther in itertools.pairwise(distances))


@pytest.fixture(scope="module")
def scorer():
    """One that has learnt little, of sentences that end."""
    return small(Chain(1), max_epochs=1).fit(Chain(1).sample(100, seed=0))


def test_all_tokens_weigh_the_same_and_sentences_do_not_depend_on_each_other(scorer):
    sentences = Chain(1).sample(150, seed=1)
    counts = np.minimum((np.cumsum(sentences == 0, axis=1) == 0).sum(axis=1) + 1, LENGTH)
    scores = [scorer.score(sentences[index : index + 1]) for index in range(20)]
    assert scorer.score(sentences[:20]) == pytest.approx(np.average(scores, weights=counts[:20]), rel=1e-5)
    features = scorer.features(sentences)
    np.testing.assert_allclose(scorer.features(sentences[70:90]), features[70:90], atol=1e-5)
    np.testing.assert_allclose(scorer.features(sentences[::-1]), features[::-1], atol=1e-5)


def test_what_stands_behind_the_end_plays_no_part(scorer):
    short, long = [[1, 2, 0, 0]], [[1, 2, 0, *[7] * 10]]
    assert scorer.score(short) == pytest.approx(scorer.score(long), rel=1e-5)
    np.testing.assert_allclose(scorer.features(short), scorer.features(long), atol=1e-5)
    # The ending 0 is a token; a sentence that fills its row has none.
    assert scorer.score([[1, 2]]) != pytest.approx(scorer.score(short), rel=1e-3)
    assert np.isfinite(scorer.features([[0, 0]])).all()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_generator_that_repeats_itself_scores_well_forward_and_badly_reversed():
    chain = Chain(1)
    word = int(chain.first[1:].argmax()) + 1
    repeated = np.tile([word, 0, 0], (1500, 1))
    expected = -(np.log(chain.first[word]) + np.log(chain.following[word, 0])) / 2
    assert expected < 0.9 * chain.nats_a_token(chain)
    assert forward_score(chain.sample(3000, seed=0), repeated, WORDS) == pytest.approx(expected, rel=0.1)
    assert reverse_score(repeated, chain.sample(1000, seed=1), WORDS) > 2 * chain.nats_a_token(chain)


def test_training_stops_when_held_out_sentences_become_less_probable():
    noise = np.random.default_rng(0).integers(1, 50, (200, 10))
    scorer = LanguageModelScorer(50, end=None, learning_rate=2e-2).fit(noise)
    best = int(np.argmin(scorer.history))
    assert len(scorer.history) == best + 3 < 30
    # What was learnt since the best epoch is given up: nothing can be known of noise but its words.
    fresh = np.random.default_rng(1).integers(1, 50, (500, 10))
    assert scorer.score(fresh) == pytest.approx(scorer.history[best], rel=0.02)
    assert scorer.score(fresh) < scorer.history[-1] - 0.02


def numbers():
    """The next random numbers of all that the caller may have seeded."""
    return [random.random(), np.random.random(), *np.asarray(keras.random.normal((3,))).tolist()]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_seeds_decide_and_the_callers_state_is_left_alone():
    chain = Chain(1)
    training, fresh = chain.sample(300, seed=0), chain.sample(100, seed=1)

    def numbers_of(scorer):
        return scorer.score(fresh), scorer.features(fresh).tolist()

    keras.utils.set_random_seed(5)
    expected = numbers()
    keras.utils.set_random_seed(5)
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        scorer = small(chain, max_epochs=2).fit(training)
        first = numbers_of(scorer)
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(policy)
    assert numbers() == expected
    # Learning begins anew each time.
    assert numbers_of(scorer.fit(chain.sample(300, seed=2))) != first
    assert numbers_of(scorer.fit(training)) == first
    assert numbers_of(small(chain, seed=1, max_epochs=2).fit(training)) != first


def test_words_that_were_never_seen_are_improbable_not_impossible():
    scorer = LanguageModelScorer(100, max_epochs=2).fit(Chain(1).sample(300, seed=0))
    seen, unseen = scorer.score([[1, 2, 3, 0]]), scorer.score([[90, 91, 92, 0]])
    assert seen + 1 < unseen < 100


GOOD = np.ones((4, 3), "int32")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocabulary_size": 1}, "vocabulary_size must be.*at least 2.*1"),
        ({"units": 0}, "units must be.*0"),
        ({"embedding_dim": 1.5}, "embedding_dim must be.*1.5"),
        ({"max_epochs": 0}, "max_epochs"),
        ({"seed": -1}, "seed"),
        ({"end": 9}, "end must be a token, from 0 to 8, or None; received 9"),
        ({"held_out": 1}, "held_out must be a number above 0.*1"),
        ({"held_out": "a"}, "held_out must be a number above 0.*'a'"),
        ({"learning_rate": 0}, "learning_rate must be.*0"),
        ({"learning_rate": None}, "learning_rate must be.*None"),
        ({"learning_rate": float("nan")}, "learning_rate must be.*nan"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LanguageModelScorer(**{"vocabulary_size": 9, **arguments})


def test_bad_sentences_are_refused():
    scorer = LanguageModelScorer(5, max_epochs=1)
    for method in (scorer.score, scorer.features):
        with pytest.raises(ValueError, match=r"call fit\(sentences\) first"):
            method(GOOD)
    with pytest.raises(ValueError, match=r"sentences holds 1 sentence\(s\), but at least 2"):
        scorer.fit(GOOD[:1])
    with pytest.raises(ValueError, match="holds the token 5, but vocabulary_size is 5"):
        scorer.fit(GOOD * 5)
    scorer.fit(GOOD)
    with pytest.raises(ValueError, match="holds the token 7"):
        scorer.score(GOOD * 7)
    with pytest.raises(ValueError, match="integer ids"):
        scorer.features(GOOD / 2)
    with pytest.raises(ValueError, match="holds 0"):
        scorer.score(GOOD[:0])
    with pytest.raises(ValueError, match="generated holds 0"):
        forward_score(GOOD, GOOD[:0])
    with pytest.raises(ValueError, match="generated holds 1"):
        reverse_score(GOOD[:1], GOOD)
    with pytest.raises(ValueError, match="holds the token 3, but vocabulary_size is 3"):
        forward_score(GOOD * 2, GOOD * 3, vocabulary_size=3)
