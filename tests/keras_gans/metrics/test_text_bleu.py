import numpy as np
import pytest
from nltk.translate import bleu_score

from keras_gans.metrics.text import bleu, self_bleu

ORDERS = (1, 2, 3, 4, 5, 6)


def words(sentences, end=0):
    """Each sentence as a list, without its end."""
    return [row[: row.index(end)] if end in row else row for row in np.asarray(sentences).tolist()]


def of_nltk(hypotheses, references, end=0, orders=ORDERS):
    smoothing = bleu_score.SmoothingFunction().method1
    hypotheses, references = words(hypotheses, end), words(references, end)
    return {
        n: np.mean([bleu_score.sentence_bleu(references, one, (1 / n,) * n, smoothing) for one in hypotheses]) for n in orders
    }


def random_text(seed, count, length, vocabulary, least=0):
    """Sentences of all lengths from `least` on, in which a few words are common."""
    rng = np.random.default_rng(seed)
    tokens = 1 + (vocabulary * rng.random((count, length)) ** 2).astype("int32")
    return np.where(np.arange(length) < rng.integers(least, length + 1, (count, 1)), tokens, 0)


# Few words give many matches, repeated within sentences; many words give orders without any.
@pytest.mark.parametrize("vocabulary", [1, 3, 10, 300])
@pytest.mark.parametrize(("count", "lengths"), [(1, (9, 9)), (5, (3, 12)), (40, (12, 7))], ids=str)
def test_equals_nltk(vocabulary, count, lengths):
    hypotheses = random_text(vocabulary, 30, lengths[0], vocabulary)
    references = random_text(vocabulary + 1, count, lengths[1], vocabulary)
    assert bleu(hypotheses, references, ORDERS) == pytest.approx(of_nltk(hypotheses, references), abs=1e-9, rel=0)


CASES = {
    "an empty sentence": ([[0, 0, 0]], [[1, 2, 3]]),
    "an empty sentence and empty references": ([[0, 0, 0]], [[0, 0, 0], [0, 0, 0]]),
    "empty references": ([[1, 2, 3]], [[0, 0, 0]]),
    "shorter than n": ([[1, 2, 0, 0]], [[1, 2, 3, 4]]),
    "one word": ([[2]], [[1, 2, 3, 4]]),
    "no match": ([[5, 6, 7]], [[1, 2, 3], [2, 3, 4]]),
    "words that match, in another order": ([[3, 2, 1]], [[1, 2, 3]]),
    "the same": ([[1, 2, 3, 4, 5, 6]], [[1, 2, 3, 4, 5, 6]]),
    "nearest lengths 2 and 4 to 3": ([[1, 2, 3, 0, 0]], [[1, 2, 3, 4, 0], [1, 2, 0, 0, 0]]),
    "nearest lengths 5 and 7 to 6": ([[1, 2, 3, 4, 5, 6, 0]], [[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 0, 0]]),
    "repeated more often than in a reference": ([[1, 1, 1, 1, 1]], [[1, 1, 2, 2, 2], [2, 1, 1, 1, 2]]),
    "counts of two references are not added": ([[1, 2, 1, 2, 1, 2]], [[1, 2, 3, 3, 3, 3], [1, 2, 1, 2, 4, 4]]),
    "duplicated references": ([[1, 2, 1, 2]], [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]),
    "something behind the end": ([[1, 2, 0, 3]], [[1, 2, 0, 4], [2, 3, 0, 3]]),
}


@pytest.mark.parametrize(("hypotheses", "references"), CASES.values(), ids=CASES)
def test_edge_cases_equal_nltk(hypotheses, references):
    assert bleu(hypotheses, references, ORDERS) == pytest.approx(of_nltk(hypotheses, references), abs=1e-9, rel=0)


def test_sentences_without_an_end():
    rng = np.random.default_rng(0)
    hypotheses, references = rng.integers(0, 4, (10, 6)), rng.integers(0, 4, (20, 8))
    assert bleu(hypotheses, references, ORDERS, end=None) == pytest.approx(of_nltk(hypotheses, references, end=None), abs=1e-9)
    assert bleu(hypotheses, references, ORDERS, end=3) == pytest.approx(of_nltk(hypotheses, references, end=3), abs=1e-9)


def test_the_largest_ids_are_told_apart():
    """n-grams of large ids are not mixed up."""
    rng = np.random.default_rng(1)
    ids = 2**31 - 1 - np.arange(50)
    hypotheses, references = ids[rng.integers(0, 50, (10, 9))], ids[rng.integers(0, 50, (100, 9))]
    assert bleu(hypotheses, references, ORDERS) == pytest.approx(of_nltk(hypotheses, references), abs=1e-9, rel=0)


def test_what_is_returned():
    some = random_text(0, 5, 6, 4)
    assert list(bleu(some, some)) == [2, 3, 4, 5]
    assert list(bleu(some, some, n=3)) == [3]
    assert list(bleu(some.tolist(), some.astype("uint16"), n=[4, 2])) == [4, 2]
    assert all(type(value) is float for value in bleu(some, some).values())


def test_self_bleu_compares_the_first_with_the_others():
    samples = random_text(3, 60, 8, 5)
    assert self_bleu(samples, num=20, n=ORDERS) == pytest.approx(of_nltk(samples[:20], samples[20:]), abs=1e-9, rel=0)


def test_self_bleu_tells_variety():
    # Two words stand together once only: no sentence shares a 2-gram with another.
    various = 1 + np.arange(500 * 8).reshape(500, 8)
    assert self_bleu(various)[2] == 0
    assert self_bleu(np.repeat(various[:1], 300, axis=0)) == pytest.approx({2: 1, 3: 1, 4: 1, 5: 1})


GOOD = np.array([[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hypotheses": GOOD[0]}, r"hypotheses must have shape \(sentences, length\).*\(3,\)"),
        ({"references": GOOD[:0]}, "references holds 0 sentence"),
        ({"references": GOOD[:, :0]}, r"references must have shape.*\(2, 0\)"),
        ({"hypotheses": GOOD.astype(float)}, "hypotheses must hold the integer ids.*float64"),
        ({"hypotheses": [["a", "dog"]]}, "hypotheses must hold the integer ids"),
        ({"references": GOOD - 2}, "references must hold ids.*from -1 to 4"),
        ({"references": GOOD + 2**31}, "references must hold ids.*from 2147483649"),
        ({"n": 0}, "n must be an integer of at least 1; received 0"),
        ({"n": (2, 2.5)}, "n must be.*2.5"),
        ({"n": ()}, "n is empty"),
        ({"n": "2"}, "n must be.*'2'"),
        ({"end": -1}, "end must be.*-1"),
    ],
)
def test_bad_input_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        bleu(**{"hypotheses": GOOD, "references": GOOD, **changed})


def test_self_bleu_needs_others():
    with pytest.raises(ValueError, match=r"num=200 of the 200 sentence\(s\) in samples leave no others"):
        self_bleu(np.ones((200, 3), "int32"))
    with pytest.raises(ValueError, match=r"num must be.*0"):
        self_bleu(np.ones((200, 3), "int32"), num=0)
