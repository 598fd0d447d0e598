"""Numbers from seeds: the published algorithm, and what random numbers must be like."""

import numpy as np
import pytest
from scipy import stats

from keras_gans.seeds import check_seeds, normal, threefry, uniform

# Neighbouring seeds and places, which users will take: half a million numbers.
SEEDS, PLACES = 2**13, 64


@pytest.fixture(scope="module")
def numbers():
    return uniform(range(SEEDS), (PLACES,))


# From tests/kat_vectors of Random123, the authors' own implementation: key, counter, result.
@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_known_answers(key, counter, expected):
    found = threefry(*([np.array([word], "uint32") for word in words] for words in (key, counter)))
    assert tuple(int(word[0]) for word in found) == expected


def test_a_number_is_24_bits_of_a_word_of_its_seed_and_place():
    seed = 0x243F6A8885A308D3 >> 1  # as large as seeds are, with bits in both halves
    words, _ = threefry(
        [np.array([seed & 0xFFFFFFFF], "uint32"), np.array([seed >> 32], "uint32")],
        [np.arange(6, dtype="uint32"), np.zeros(6, "uint32")],
    )
    found = uniform([seed], (2, 3))
    assert (found.dtype, found.shape) == (np.float32, (1, 2, 3))
    np.testing.assert_array_equal(found.ravel() * 2.0**24, words >> 8)


def test_a_sample_does_not_depend_on_others_or_on_its_length(numbers):
    np.testing.assert_array_equal(uniform([5], (PLACES,)), numbers[[5]])
    np.testing.assert_array_equal(uniform([7, 5, 7], (8,)), numbers[[7, 5, 7], :8])
    np.testing.assert_array_equal(uniform(np.array([3], "int32"), (4, 16)).reshape(1, PLACES), numbers[[3]])


def test_they_are_uniform(numbers):
    assert numbers.min() >= 0
    assert numbers.max() < 1
    np.testing.assert_array_equal(numbers * 2.0**24 % 1, 0)
    assert stats.kstest(numbers.ravel().astype("float64"), "uniform").pvalue > 0.01
    # Each place over the seeds, and each seed over the places: the least p-value of so many tests (Bonferroni).
    for rows in (numbers.T, numbers[:256]):
        pvalues = [stats.kstest(row.astype("float64"), "uniform").pvalue for row in rows]
        assert min(pvalues) * len(pvalues) > 0.01
    # Each of the 24 bits is 1 half of the time, up to five standard deviations.
    bits = (numbers.ravel() * 2.0**24).astype("int64")[:, None] >> np.arange(24) & 1
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(numbers.size)


def test_normal_numbers_are_normal():
    found = normal(range(SEEDS), (PLACES,))
    assert (found.dtype, found.shape) == (np.float32, (SEEDS, PLACES))
    assert np.isfinite(found).all()
    assert stats.kstest(found.ravel().astype("float64"), "norm").pvalue > 0.01
    pvalues = [stats.kstest(column.astype("float64"), "norm").pvalue for column in found.T]
    assert min(pvalues) * PLACES > 0.01
    # Neither of neighbours nor of their squares is there a correlation.
    for values in (found, found**2):
        assert abs(np.corrcoef(values[:, :-1].ravel(), values[:, 1:].ravel())[0, 1]) < 4 / np.sqrt(found.size)
        assert abs(np.corrcoef(values[:-1].ravel(), values[1:].ravel())[0, 1]) < 4 / np.sqrt(found.size)
    np.testing.assert_array_equal(normal([5], (4, 16)).ravel(), found[5])


@pytest.mark.parametrize(("seeds", "places"), [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (256, 0), (4096, 0)])
def test_neighbours_are_not_correlated(numbers, seeds, places):
    near, far = numbers[: SEEDS - seeds, : PLACES - places].ravel(), numbers[seeds:, places:].ravel()
    assert abs(np.corrcoef(near, far)[0, 1]) < 4 / np.sqrt(near.size)
    # Pairs fill the square evenly: a chi-squared test on 16 x 16 fields.
    fields = np.bincount((near * 16).astype(int) * 16 + (far * 16).astype(int), minlength=256)
    assert stats.chisquare(fields).pvalue > 0.001


def test_every_bit_of_a_seed_changes_half_of_the_bits():
    seeds = np.random.default_rng(0).integers(0, 2**63, 500)
    bits = [(uniform(seeds ^ flipped, (8,)) * 2.0**24).astype("int64") for flipped in (0, *(1 << np.arange(63)))]
    for other in bits[1:]:
        share = np.bitwise_count(bits[0] ^ other).mean() / 24
        assert abs(share - 0.5) < 5 * 0.5 / np.sqrt(24 * bits[0].size)


def test_no_two_seeds_give_the_same_sample(numbers):
    assert len(np.unique(numbers[:, :4], axis=0)) == SEEDS
    # Of single numbers as many are equal as of 2^24 there are by chance.
    first = len(np.unique(numbers[:, 0]))
    expected = 2.0**24 * -np.expm1(SEEDS * np.log1p(-(2.0**-24)))
    assert abs(SEEDS - first - (SEEDS - expected)) < 5 * np.sqrt(SEEDS - expected)


@pytest.mark.parametrize(
    ("seeds", "received"),
    [
        ([3, -1], "-1"),
        ([2**63], str(2**63)),
        ([0.5], "0.5"),
        ([True], "True"),
        (["3"], "'3'"),
        (None, "None"),
        ([], "none"),
        ([[1, 2]], r"\[1, 2\]"),
    ],
    ids=str,
)
def test_what_is_no_seed(seeds, received):
    with pytest.raises(ValueError, match=rf"integers from 0 to 2\^63 - 1, one for each sample; received {received}"):
        check_seeds(seeds)


def test_seeds_may_be_any_integers():
    for seeds in ([0, 2**63 - 1], (0, 2**63 - 1), np.array([0, 2**63 - 1], "uint64")):
        np.testing.assert_array_equal(check_seeds(seeds), np.array([0, 2**63 - 1]))
    np.testing.assert_array_equal(check_seeds(7), [7])
