import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from keras_gans.metrics.text import classify


def topics(count, seed, least=0):
    """Sentences of 3 topics, whose words overlap; 0 ends some of them."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, count, p=[0.6, 0.3, 0.1])
    sentences = rng.integers(least, 12, (count, 8)) + 4 * labels[:, None] * rng.integers(0, 2, (count, 8))
    return sentences, labels


def as_text(sentences):
    return [" ".join(f"w{token}" for token in row[: np.argmax(np.append(row, 0) == 0)]) for row in sentences]


@pytest.mark.parametrize("smoothing", [1.0, 0.1])
def test_it_is_naive_bayes_of_scikit_learn(smoothing):
    training, labels = topics(200, 0)
    sentences, wanted = topics(300, 1)
    sentences[0] = 99  # nothing known
    counter = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\w+")
    theirs = MultinomialNB(alpha=smoothing).fit(counter.fit_transform(as_text(training)), labels)
    found = classify(sentences, training, labels, smoothing=smoothing)
    np.testing.assert_array_equal(found, theirs.predict(counter.transform(as_text(sentences))))
    assert found[0] == 0  # the most frequent class
    assert 0.6 < (found == wanted).mean() < 1


def test_narrower_and_wider_sentences():
    training, labels = topics(100, 0, least=1)
    sentences, _ = topics(50, 1, least=1)
    wider = np.pad(sentences, ((0, 0), (0, 5)))
    np.testing.assert_array_equal(classify(wider, training, labels), classify(sentences, training, labels))
    assert classify([[3, 0]], [[3, 0, 0], [4, 0, 0]], [5, 0]).tolist() == [5]


def test_bad_labels_are_refused():
    training, labels = topics(10, 0)
    for wrong in (labels[:-1], labels - 5, labels / 1.0, labels[:, None]):
        with pytest.raises(ValueError, match="labels must hold an integer of at least 0 for each of 10 training"):
            classify(training, training, wrong)
    with pytest.raises(ValueError, match="smoothing must be above 0; received 0"):
        classify(training, training, labels, smoothing=0)
    with pytest.raises(ValueError, match="sentences holds 0"):
        classify(training[:0], training, labels)
