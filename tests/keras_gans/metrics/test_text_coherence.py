import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from keras_gans.metrics.text import coherence


def texts(rng, count):
    """Texts of 12 words of 200, some of them much more frequent than others."""
    return [[f"w{word}" for word in set(np.minimum(rng.geometric(0.03, 12), 200))] for _ in range(count)]


def test_it_is_that_of_a_truncated_singular_value_decomposition():
    rng = np.random.default_rng(0)
    contexts, sentences, documents = texts(rng, 80), texts(rng, 80), texts(rng, 150)
    counter = CountVectorizer(analyzer=lambda words: words, binary=True)
    held = counter.fit_transform(documents).toarray().astype(float)
    weights = np.log(len(documents) / held.sum(axis=0))
    svd = TruncatedSVD(20, algorithm="arpack").fit(held * weights)
    similar = cosine_similarity(*(svd.transform(counter.transform(each).toarray() * weights) for each in (contexts, sentences)))
    before = [np.mean(np.delete(row, index) < row[index]) for index, row in enumerate(similar)]
    assert coherence(contexts, sentences, documents, dimensions=20) == pytest.approx(np.mean(before), abs=1e-3)


def test_sentences_without_a_known_word_are_neither_before_nor_behind():
    documents = texts(np.random.default_rng(1), 50)
    assert coherence(documents, [["unknown"]] * 50, documents) == 0.5
    assert coherence(documents, [documents[0]] * 50, documents) == 0.5
    assert coherence(documents, documents, documents) > 0.99


@pytest.mark.parametrize(
    ("contexts", "sentences", "documents", "dimensions", "message"),
    [
        (
            [["a"]] * 2,
            [["a"]] * 3,
            [["a"]] * 2,
            5,
            "as many sentences as contexts.*received 2 contexts, 3 sentences",
        ),
        ([["a"]], [["a"]], [["a"]] * 2, 5, "received 1 contexts"),
        ([["a"]] * 2, [["a"]] * 2, [["a"]], 5, "and 1 documents"),
        ([["a"]] * 2, [["a"]] * 2, [["a"], ["b"]], 0, "dimensions"),
    ],
)
def test_arguments_are_checked(contexts, sentences, documents, dimensions, message):
    with pytest.raises(ValueError, match=message):
        coherence(contexts, sentences, documents, dimensions)
