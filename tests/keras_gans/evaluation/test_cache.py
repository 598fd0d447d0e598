import dataclasses

import numpy as np
import pytest

import keras_gans
from keras_gans.evaluation import Evaluator, Features, cache, extractors


@pytest.fixture
def digits():
    return keras_gans.load_data("digits")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GANS_CACHE", str(tmp_path))
    return tmp_path / "features"


@pytest.fixture
def computed(monkeypatch):
    """Counts how many samples `pixels` was given."""
    counts = []
    original = extractors.Pixels.__call__
    monkeypatch.setattr(
        extractors.Pixels, "__call__", lambda self, samples: counts.append(len(samples)) or original(self, samples)
    )
    return counts


def features_of(data, **options):
    return Evaluator(data, num=40, extractor="pixels", **options)._real[1]


def test_features_are_computed_once(digits, computed, folder):
    first, again = features_of(digits), features_of(digits)
    assert computed == [40]
    np.testing.assert_array_equal(first.values, again.values)
    assert len(list(folder.iterdir())) == 1


def test_another_choice_split_size_or_content_is_computed_anew(digits, computed):
    features_of(digits)
    features_of(digits, seed=1)
    features_of(dataclasses.replace(digits, split="test"))
    features_of(keras_gans.load_data("digits", (32, 32)))
    changed = digits.samples.copy()
    changed[:, 0, 0] = 255  # the same name, split, count and shape
    found = features_of(dataclasses.replace(digits, samples=changed))
    assert computed == [40] * 5
    assert (found.values[:, 0] == 1).all()


def test_another_extractor_of_the_same_name_is_computed_anew(digits, computed, monkeypatch):
    extractor = extractors.Pixels()
    Evaluator(digits, num=40, extractor=extractor)._real  # noqa: B018
    extractor.sha256 = "another"
    Evaluator(digits, num=40, extractor=extractor)._real  # noqa: B018
    assert computed == [40, 40]


def test_a_damaged_file_is_not_used(digits, computed, folder):
    expected = features_of(digits)
    (file,) = folder.iterdir()
    for content in (file.read_bytes()[:-20], b"", b"no archive"):
        file.write_bytes(content)
        np.testing.assert_array_equal(features_of(digits).values, expected.values)
    assert computed == [40] * 4


def test_a_foreign_file_is_not_used(digits, computed, folder):
    features_of(digits)
    (file,) = folder.iterdir()
    features_of(digits, seed=1)
    other = next(path for path in folder.iterdir() if path != file)
    file.write_bytes(other.read_bytes())
    np.testing.assert_array_equal(features_of(digits).values, features_of(digits, use_cache=False).values)


def test_probabilities_are_kept_too():
    features = Features(np.ones((2, 3), "float32"), np.full((2, 4), 0.25))
    cache.remembered({"a": 1}, lambda: features)
    found = cache.remembered({"a": 1}, lambda: pytest.fail("computed again"))
    np.testing.assert_array_equal(found.probabilities, features.probabilities)


def test_a_folder_that_cannot_be_written_is_done_without(digits, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KERAS_GANS_CACHE", str(tmp_path / "file"))
    assert len(features_of(digits)) == 40
