import difflib

import numpy as np
import pytest

from keras_gans.metrics.text import copied_runs, copied_share, distinct_n, duplicated_share, novelty, repetition

TEXT = np.array(
    [
        [1, 2, 1, 2, 1],
        [3, 4, 0, 0, 0],
        [3, 4, 0, 9, 9],  # the same: tokens behind the end do not count
        [5, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
    ]
)


def ngrams(row, n, end=0):
    row = row.tolist()
    row = row[: row.index(end)] if end in row else row
    return [tuple(row[place : place + n]) for place in range(len(row) - n + 1)]


def random_text(seed, count=50, length=12, vocabulary=5):
    rng = np.random.default_rng(seed)
    tokens = rng.integers(1, vocabulary + 1, (count, length))
    return np.where(np.arange(length) < rng.integers(0, length + 1, (count, 1)), tokens, 0)


@pytest.mark.parametrize(("n", "expected"), [(1, 5 / 10), (2, 3 / 6), (3, 2 / 3), (4, 1), (5, 1), (6, 0)])
def test_distinct_ngrams_counted_by_hand(n, expected):
    assert distinct_n(TEXT, n) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "expected"), [(1, 3 / 5 / 5), (2, 2 / 4 / 5), (3, 1 / 3 / 5), (4, 0), (5, 0), (6, 0)])
def test_repeated_ngrams_counted_by_hand(n, expected):
    assert repetition(TEXT, n) == pytest.approx(expected)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_ngrams_as_counted_one_by_one(n):
    text = random_text(n)
    everything = [ngram for row in text for ngram in ngrams(row, n)]
    assert distinct_n(text, n) == pytest.approx(len(set(everything)) / len(everything))
    shares = [1 - len(set(found)) / len(found) if (found := ngrams(row, n)) else 0 for row in text]
    assert repetition(text, n) == pytest.approx(np.mean(shares))


def test_the_usual_orders():
    text = random_text(0)
    assert distinct_n(text) == distinct_n(text, 2) != distinct_n(text, 3)
    assert repetition(text) == repetition(text, 4) != repetition(text, 3)


def test_without_an_end_every_token_is_a_word():
    text = np.array([[0, 0, 0, 0], [1, 0, 0, 1]])
    assert distinct_n(text, 2, end=None) == pytest.approx(3 / 6)
    assert repetition(text, 2, end=None) == pytest.approx((2 / 3 + 0) / 2)
    assert duplicated_share([[0, 1], [0, 2]]) == 1
    assert duplicated_share([[0, 1], [0, 2]], end=None) == 0


def test_duplicates_count_with_their_originals():
    assert duplicated_share(TEXT) == 2 / 5
    assert duplicated_share(TEXT[2:]) == 0
    assert duplicated_share(np.ones((7, 3), int)) == 1


def test_copies_are_sentences_of_the_training_text():
    training = np.array([[3, 4, 0], [5, 6, 7], [1, 2, 1]])
    # Only "3 4", twice: a beginning, an end or the same words in another order are not copies.
    assert copied_share(TEXT, training) == 2 / 5
    assert novelty(TEXT, training) == 3 / 5
    assert copied_share(training, TEXT) == pytest.approx(1 / 3)
    assert copied_share([[6, 7, 0], [7, 6, 5], [5, 6, 0]], training) == 0


def test_a_sentence_ends_where_its_row_does():
    assert copied_share([[5, 6]], [[5, 6, 0]]) == 1
    assert copied_share([[5, 6]], [[5, 6, 7]]) == 0
    assert copied_share([[5, 6]], [[5, 6, 0]], end=None) == 0


def longest_common_run(row, others):
    """By Python's difflib, of lists without what follows their ends."""
    words = [row[: row.index(0)] if 0 in row else row for row in (row.tolist(), *(other.tolist() for other in others))]
    matchers = (difflib.SequenceMatcher(None, words[0], other, autojunk=False) for other in words[1:])
    return max(matcher.find_longest_match().size for matcher in matchers)


def test_copied_runs_are_those_of_difflib():
    rng = np.random.default_rng(0)
    # Few words, ends here and there.
    generated, training = rng.integers(0, 6, (30, 12)), rng.integers(0, 6, (40, 17))
    generated[0] = training[7, 3:15]
    generated[1, 0] = 0
    found = copied_runs(generated, training)
    assert found.tolist() == [longest_common_run(row, training) for row in generated]
    assert found[1] == 0
    assert len(set(found)) > 3
    # Among themselves.
    expected = [longest_common_run(row, np.delete(training, i, axis=0)) for i, row in enumerate(training)]
    assert copied_runs(training).tolist() == expected


def test_a_run_stands_in_one_training_sentence_in_this_order():
    training = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 0]])
    assert copied_runs([[3, 4, 5, 0], [6, 5, 4, 0], [9, 9, 9, 9], [1, 2, 3, 4]], training).tolist() == [2, 1, 0, 3]
    # What follows an end does not count.
    assert copied_runs([[5, 0, 6, 7]], training).tolist() == [1]
    assert copied_runs([[7, 0]], training, end=None).tolist() == [2]
    # A sentence shares nothing with itself, but all with its duplicate.
    assert copied_runs([[1, 2, 3], [4, 5, 6]]).tolist() == [0, 0]
    assert copied_runs([[1, 2, 3], [1, 2, 3], [2, 3, 9]]).tolist() == [3, 3, 2]


def test_the_share_of_copies_in_a_mixture_is_found():
    rng = np.random.default_rng(0)
    training, new = rng.integers(1, 50, (300, 20)), rng.integers(50, 99, (70, 20))
    assert copied_share(np.concatenate([training[40:70], new]), training) == pytest.approx(0.3)


@pytest.mark.parametrize("measure", [distinct_n, repetition, duplicated_share])
def test_bad_sentences_are_refused(measure):
    with pytest.raises(ValueError, match=r"sentences must have shape.*\(5,\)"):
        measure(TEXT[0])
    with pytest.raises(ValueError, match="sentences holds 0"):
        measure(TEXT[:0])
    with pytest.raises(ValueError, match=r"integer ids.*float64"):
        measure(TEXT / 2)


@pytest.mark.parametrize("measure", [distinct_n, repetition])
@pytest.mark.parametrize("n", [0, 1.5, True])
def test_bad_orders_are_refused(measure, n):
    with pytest.raises(ValueError, match="n must be an integer of at least 1"):
        measure(TEXT, n)


@pytest.mark.parametrize("measure", [copied_runs, copied_share, novelty])
def test_bad_pairs_are_refused(measure):
    with pytest.raises(ValueError, match=r"(generated|sentences) holds 0"):
        measure(TEXT[:0], TEXT)
    with pytest.raises(ValueError, match=r"training must hold ids.*from -1"):
        measure(TEXT, TEXT - 1)
