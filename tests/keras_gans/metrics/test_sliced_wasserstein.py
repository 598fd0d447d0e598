import tracemalloc
import warnings

import numpy as np
import pytest
from scipy import ndimage, stats

from keras_gans.metrics import sliced_wasserstein
from keras_gans.metrics.sliced_wasserstein import sliced_wasserstein_distance
from tests.support.slow import slow_but


def noise(n, *shape, seed=0, blur=0.0):
    images = np.random.default_rng(seed).normal(128, 60, (n, *shape))
    return np.clip(ndimage.gaussian_filter(images, (0, blur, blur, 0)), 0, 255).astype("uint8")


def reference_pyramid(images, levels):
    """Laplacian pyramids of `(n, height, width, channels)` as the paper's code defines them, through SciPy."""
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])[None, :, :, None] / 256
    pyramid = [images.astype("float64")]
    for _ in range(levels - 1):
        above = pyramid[-1]
        below = ndimage.convolve(above, kernel, mode="mirror")[:, ::2, ::2]
        spread = np.zeros_like(above)
        spread[:, ::2, ::2] = below
        pyramid[-1] = above - ndimage.convolve(spread, 4 * kernel, mode="mirror")
        pyramid.append(below)
    return pyramid


def reference_patches(level, per_image, rng):
    patches = []
    for image in level:
        for _ in range(per_image):
            top, left = rng.integers(0, level.shape[1] - 6), rng.integers(0, level.shape[2] - 6)
            patches.append(image[top : top + 7, left : left + 7])
    patches = np.array(patches)
    patches = (patches - patches.mean(axis=(0, 1, 2))) / patches.std(axis=(0, 1, 2))
    return patches.reshape(len(patches), -1)


def reference(real, fake, levels, per_image, directions, seed):
    """The distance of each direction, by level: `(levels, directions)`."""
    rng = np.random.default_rng(seed)
    result = []
    for ours, theirs in zip(reference_pyramid(real, levels), reference_pyramid(fake, levels), strict=True):
        ours, theirs = reference_patches(ours, per_image, rng), reference_patches(theirs, per_image, rng)
        along = rng.normal(size=(ours.shape[1], directions))
        along /= np.linalg.norm(along, axis=0)
        ours, theirs = ours @ along, theirs @ along
        distances = abs(np.sort(ours, axis=0) - np.sort(theirs, axis=0)).mean(axis=0)
        assert distances[0] == pytest.approx(stats.wasserstein_distance(ours[:, 0], theirs[:, 0]))
        result.append(1000 * distances)
    return np.array(result)


@pytest.mark.parametrize(
    ("shape", "names"),
    # The others take seconds (last run: 0.1.0, 2026-11-30).
    slow_but(
        [((32, 32, 3), ["32x32", "16x16"]), ((28, 28, 1), ["28x28", "14x14"]), ((47, 50, 1), ["47x50", "24x25", "12x13"])],
        ((28, 28, 1), ["28x28", "14x14"]),
    ),
    ids=str,
)
def test_it_is_the_published_definition(shape, names):
    real, fake = noise(40, *shape, seed=1), noise(40, *shape, seed=2, blur=2.5)
    runs = range(6)
    ours = [sliced_wasserstein_distance(real, fake, patches_per_image=64, directions=256, seed=seed).levels for seed in runs]
    theirs = np.array([reference(real, fake, len(names), 64, 256, seed=1000 + seed).mean(axis=1) for seed in runs])
    assert list(ours[0]) == names
    ours = np.array([list(levels.values()) for levels in ours])
    # Both are means of independent random runs of the same quantity.
    error = np.sqrt((ours.var(axis=0, ddof=1) + theirs.var(axis=0, ddof=1)) / len(runs))
    assert (error < 0.05 * theirs.mean(axis=0)).all()
    assert (abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 4 * error).all()


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (1, 0.02), (1.5, 0.3)])
def test_many_projections_are_compared_without_sorting(scale, shift):
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 64, 2 * sliced_wasserstein._SORTED)).astype("float32") ** 3
    second = scale * second + shift
    expected = np.mean([stats.wasserstein_distance(*rows) for rows in zip(first, second, strict=True)])
    found = np.mean([sliced_wasserstein._on_a_grid(*rows) for rows in zip(first, second, strict=True)])
    assert found == pytest.approx(expected, rel=1e-4)
    assert sliced_wasserstein._on_a_grid(first[0], first[0].copy()) == 0
    assert sliced_wasserstein._on_a_grid(np.ones(9, "float32"), np.ones(9, "float32")) == 0


def test_images_of_one_patch_leave_only_the_directions_to_chance():
    real, fake = noise(200, 7, 7, 1, seed=1), noise(200, 7, 7, 1, seed=2, blur=0.6)
    result = sliced_wasserstein_distance(real, fake, patches_per_image=1, directions=2000)
    expected = reference(real, fake, 1, 1, 2000, seed=3)[0]
    assert result.average == pytest.approx(expected.mean(), abs=4 * np.sqrt(2) * stats.sem(expected))
    assert stats.sem(expected) < 0.02 * expected.mean()


@pytest.mark.parametrize(
    ("height", "width", "names"),
    [
        (128, 128, ["128x128", "64x64", "32x32", "16x16"]),
        (28, 28, ["28x28", "14x14"]),
        (64, 30, ["64x30", "32x15"]),
        (23, 23, ["23x23", "12x12"]),
        (22, 22, ["22x22"]),
        (16, 16, ["16x16"]),
        (8, 8, ["8x8"]),
    ],
)
def test_levels_are_halved_while_they_keep_twelve_pixels(height, width, names):
    result = sliced_wasserstein_distance(
        noise(2, height, width, 1), noise(2, height, width, 1, seed=1), patches_per_image=4, directions=4
    )
    assert list(result.levels) == names
    assert result.average == pytest.approx(np.mean(list(result.levels.values())))


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_read_at_a_time_changes_nothing(channels, monkeypatch):
    real, fake = noise(21, 28, 28, channels), noise(21, 28, 28, channels, seed=1, blur=1)
    results = []
    for pixels in (28 * 28 * channels, 8 * 28 * 28 * channels, 2**22):
        monkeypatch.setattr(sliced_wasserstein, "_PIXELS", pixels)
        results.append(sliced_wasserstein_distance(real, fake, directions=20).average)
    assert results == pytest.approx(results[:1] * 3, rel=1e-6)


def test_the_seed_decides():
    real, fake = noise(8, 16, 16, 1), noise(8, 16, 16, 1, seed=1)
    results = [sliced_wasserstein_distance(real, fake, directions=20, seed=seed).average for seed in (3, 3, 4)]
    assert results[0] == results[1] != results[2]


def test_global_random_state_is_left_alone():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    sliced_wasserstein_distance(noise(2, 16, 16, 1), noise(2, 16, 16, 1), directions=2)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_a_set_against_itself_goes_to_zero_as_it_grows():
    images = noise(512, 16, 16, 1, blur=1)
    few, many = (sliced_wasserstein_distance(images[:n], images[:n], directions=64).average for n in (8, 512))
    # 64 times as many patches: an eighth, were they independent.
    assert 0 < many < few / 4
    assert many < 0.1 * sliced_wasserstein_distance(images, noise(512, 16, 16, 1), directions=64).average


def test_brightness_and_contrast_of_a_channel_are_not_seen():
    dark = noise(16, 32, 32, 3, blur=1) // 4
    bright = dark * np.array([1, 2, 3], "uint8") + np.array([50, 0, 20], "uint8")
    against_dark, against_bright = (
        sliced_wasserstein_distance(noise(16, 32, 32, 3), fake, directions=32) for fake in (dark, bright)
    )
    assert list(against_bright.levels.values()) == pytest.approx(list(against_dark.levels.values()), rel=1e-4)


def test_constant_images_give_a_number():
    real = noise(16, 28, 28, 1, blur=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        collapsed = sliced_wasserstein_distance(real, np.full_like(real, 77), directions=32)
    # All of its patches are 0, and the projections of the real ones have a mean square near 1.
    assert 500 < collapsed.average < 1000 * 7


def test_memory_is_bounded_however_many_directions(monkeypatch):
    real, fake = noise(128, 16, 16, 1), noise(128, 16, 16, 1, seed=1)
    arguments = {"patches_per_image": 64, "directions": 256}
    at_once = sliced_wasserstein_distance(real, fake, **arguments)
    allowed = 2**22
    monkeypatch.setattr(sliced_wasserstein, "_BYTES", allowed)
    monkeypatch.setattr(sliced_wasserstein, "_PATCHES", 512)
    tracemalloc.start()
    in_parts = sliced_wasserstein_distance(real, fake, **arguments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    projections = 2 * 4 * 128 * 64 * 256
    assert projections == 4 * allowed
    assert peak < 1.4 * allowed
    assert in_parts.average == pytest.approx(at_once.average, rel=1e-5)


def test_images_mapped_from_a_file(tmp_path):
    real, fake = noise(9, 16, 16, 3), noise(9, 16, 16, 3, seed=1)
    np.save(tmp_path / "fake.npy", fake)
    mapped = np.load(tmp_path / "fake.npy", mmap_mode="r")
    expected = sliced_wasserstein_distance(real, fake, directions=8)
    assert sliced_wasserstein_distance(real, mapped, directions=8) == expected


GOOD = noise(4, 16, 16, 3)


@pytest.mark.parametrize(
    ("real", "fake", "arguments", "message"),
    [
        (GOOD[:0], GOOD[:0], {}, "at least 2 image.*received 0"),
        (GOOD[:1], GOOD[:1], {}, "at least 2 image.*received 1"),
        (GOOD, GOOD[:3], {}, "4 real and 3 fake.*leave out 1"),
        (GOOD, GOOD[:, :15], {}, "16x16x3.*15x16x3"),
        (GOOD, GOOD[..., :1], {}, "16x16x3.*16x16x1"),
        (GOOD[0], GOOD[0], {}, r"\(16, 16, 3\)"),
        (GOOD[..., :2], GOOD[..., :2], {}, "1, 3 or 4"),
        (GOOD, GOOD / 255, {}, "fake must be uint8 images; received float64"),
        (GOOD, np.full(GOOD.shape, np.nan), {}, "fake must be uint8"),
        (GOOD[:, :6], GOOD[:, :6], {}, "at least 7 pixels.*6x16"),
        (GOOD, GOOD, {"patches_per_image": 0}, "patches_per_image.*received 0"),
        (GOOD, GOOD, {"directions": 2.0}, "directions.*received 2.0"),
        (GOOD, GOOD, {"seed": -1}, "seed.*received -1"),
    ],
)
def test_bad_input_is_refused(real, fake, arguments, message):
    with pytest.raises(ValueError, match=message):
        sliced_wasserstein_distance(real, fake, **arguments)
