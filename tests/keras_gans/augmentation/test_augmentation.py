import itertools
import warnings

import keras
import numpy as np
import pytest
import scipy.stats
from keras import ops

import keras_gans
from keras_gans import augmentation
from keras_gans.adversarial.noise import Noise
from keras_gans.augmentation import AdaptiveAugment, Augmentation, Augmentations, DiffAugment, InstanceNoise, adaptive
from keras_gans.backend import input_gradient

RNG = np.random.default_rng(0)


def pictures(n=64, height=16, width=24, channels=3):
    return RNG.uniform(0.1, 1.0, (n, height, width, channels)).astype("float32")


def augmented(layer, images, seed=0, step=0, **arguments):
    return layer.augment(ops.convert_to_tensor(images), Noise(keras.random.SeedGenerator(seed)), step, **arguments)


def compiled(fn, variables=()):
    """Compiles a function of tensors; calls of it change `variables`, as they would uncompiled."""
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(fn, autograph=False)
    import jax

    @jax.jit
    def pure(values, *tensors):
        with keras.StatelessScope(list(zip(variables, values, strict=True))) as scope:
            outputs = fn(*tensors)
        return outputs, [scope.get_current_value(variable) for variable in variables]

    def call(*tensors):
        outputs, values = pure([variable.value for variable in variables], *tensors)
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return outputs

    return call


def moved(image, down, right):
    """An image moved by whole pixels, zeros where nothing comes from."""
    result = np.zeros_like(image)
    height, width = image.shape[:2]
    for row, column in np.ndindex(height, width):
        if 0 <= row - down < height and 0 <= column - right < width:
            result[row, column] = image[row - down, column - right]
    return result


def shifts_found(images, results):
    """By how much each image was moved: the one move that explains the result."""
    found = []
    for image, result in zip(images, results, strict=True):
        most = [side // 8 for side in image.shape[:2]]
        moves = itertools.product(*[range(-each, each + 1) for each in most])
        fitting = [move for move in moves if np.array_equal(moved(image, *move), result)]
        assert len(fitting) == 1
        found += fitting
    return np.array(found)


def colors_found(images, results):
    """Each image's brightness, saturation and contrast, from what they do to means over images, over pixels and to the rest."""
    before, after = images.astype("float64"), results.astype("float64")
    brightness = (after - before).mean((1, 2, 3))

    def slopes(x, y):
        slope = (x * y).sum((1, 2, 3)) / (x * x).sum((1, 2, 3))
        np.testing.assert_allclose(y, slope[:, None, None, None] * x, atol=1e-5)  # that it is a line at all
        return slope

    grey_before, grey_after = before.mean(-1, keepdims=True), after.mean(-1, keepdims=True)
    contrast = slopes(
        grey_before - grey_before.mean((1, 2), keepdims=True), grey_after - grey_after.mean((1, 2), keepdims=True)
    )
    if images.shape[-1] == 1:
        return brightness, None, contrast
    return brightness, slopes(before - grey_before, after - grey_after) / contrast, contrast


def assert_uniform(numbers, low, high):
    """That numbers are spread over [low, high] as uniform ones are."""
    assert low - 1e-4 <= numbers.min() and numbers.max() <= high + 1e-4
    assert scipy.stats.kstest(numbers, scipy.stats.uniform(low, high - low).cdf).pvalue > 1e-3


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.parametrize("channels", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_translation_moves_each_image_by_up_to_an_eighth_and_fills_with_zero(channels):
    images = pictures(400, channels=channels)
    found = shifts_found(images, np.array(augmented(DiffAugment("translation"), images)))
    # All 5 x 7 moves of an image of 16 x 24, equally often.
    counts = np.unique(found, axis=0, return_counts=True)[1]
    assert len(counts) == 35
    assert scipy.stats.chisquare(counts).pvalue > 1e-3


def test_the_gradient_of_a_translation_is_the_move_back():
    images, weights = pictures(), pictures()
    layer = DiffAugment("translation")
    shifts = shifts_found(images, np.array(augmented(layer, images)))
    gradient = input_gradient(lambda x: ops.sum(weights * augmented(layer, x), axis=(1, 2, 3)), ops.convert_to_tensor(images))
    for down, right, got, weight in zip(*shifts.T, np.array(gradient), weights, strict=True):
        np.testing.assert_allclose(got, moved(weight, -down, -right), rtol=1e-6)


@pytest.mark.parametrize("policy", ["color", "translation", "cutout", "color,translation,cutout"])
@pytest.mark.parametrize("channels", [1, 3])
def test_gradients_are_right(policy, channels):
    """With the same random numbers every transformation is affine: a step along v changes it by exactly gradient . v."""
    images, weights, direction = (pictures(8, channels=channels) for _ in range(3))

    def score(x):
        return ops.sum(weights * augmented(DiffAugment(policy), x), axis=(1, 2, 3))

    gradient = np.array(input_gradient(score, ops.convert_to_tensor(images)), "float64")
    change = np.array(score(images + direction), "float64") - np.array(score(images), "float64")
    np.testing.assert_allclose((gradient * direction).sum((1, 2, 3)), change, rtol=1e-3)


@pytest.mark.parametrize(("height", "width"), [(16, 24), (14, 18)])
def test_cutout_sets_a_rectangle_of_half_of_each_side_to_zero(height, width):
    results = np.array(augmented(DiffAugment("cutout"), np.ones((2000, height, width, 2), "float32")))
    assert set(np.unique(results)) == {0.0, 1.0}
    np.testing.assert_array_equal(results[..., 0], results[..., 1])
    gone = results[..., 0] == 0
    rows, columns = gone.any(2), gone.any(1)
    np.testing.assert_array_equal(gone, rows[:, :, None] & columns[:, None, :])  # rectangles
    for stretch, side in ((rows, height), (columns, width)):
        assert (np.abs(np.diff(stretch, axis=1)).sum(1) <= 2).all()  # in one piece
        lengths = stretch.sum(1)
        assert lengths.max() == side // 2
        # The rectangle's middle is anywhere in the image, so that a half of it at least is inside.
        assert lengths.min() == np.ceil(side // 2 / 2)
        whole = (stretch.argmax(1) > 0) & (stretch[:, ::-1].argmax(1) > 0)
        assert (lengths[whole] == side // 2).all()
        assert stretch.any(0).all()
    # Rows and columns are drawn apart from each other.
    assert abs(np.corrcoef(rows.argmax(1), columns.argmax(1))[0, 1]) < 0.1


def test_colors_change_as_the_paper_says():
    images = pictures(1000, 8, 8)
    brightness, saturation, contrast = colors_found(images, np.array(augmented(DiffAugment("color"), images)))
    assert_uniform(brightness, -0.5, 0.5)
    assert_uniform(saturation, 0.0, 2.0)
    assert_uniform(contrast, 0.5, 1.5)
    assert np.abs(np.corrcoef([brightness, saturation, contrast]) - np.eye(3)).max() < 0.15


def test_colors_of_one_channel():
    images = pictures(1000, 8, 8, 1)
    brightness, _, contrast = colors_found(images, np.array(augmented(DiffAugment("color"), images)))
    assert_uniform(brightness, -0.5, 0.5)
    assert_uniform(contrast, 0.5, 1.5)


def test_the_policy_is_an_order():
    """Brightness after cutout changes what was cut out; before it, it does not."""
    images = pictures(32)
    for policy, zeros_remain in (("color, cutout", True), (["cutout", "color"], False)):
        assert (np.array(augmented(DiffAugment(policy), images)) == 0).any() == zeros_remain


def test_every_image_is_changed_in_its_own_way():
    images = np.repeat(pictures(1), 64, axis=0)
    results = np.array(augmented(DiffAugment(), images)).reshape(64, -1)
    assert len(np.unique(results, axis=0)) == 64


def test_noise_decides():
    images = pictures()
    for layer in (DiffAugment(), InstanceNoise()):
        first, same, other = (np.array(augmented(layer, images, seed)) for seed in (0, 0, 1))
        np.testing.assert_array_equal(first, same)
        assert (first != other).any()


def test_probability_zero_changes_nothing():
    images = pictures()
    np.testing.assert_array_equal(augmented(DiffAugment(probability=0.0), images), images)
    np.testing.assert_array_equal(augmented(AdaptiveAugment(), images), images)


@pytest.mark.parametrize("probability", [0.5, 0.9])
@pytest.mark.parametrize("as_tensor", [False, True])
def test_probability_is_the_share_of_images_to_which_each_transformation_is_done(probability, as_tensor):
    images = pictures(1000, 16, 16)

    def results(policy):
        if as_tensor:
            return np.array(augmented(DiffAugment(policy), images, probability=ops.convert_to_tensor(probability)))
        return np.array(augmented(DiffAugment(policy, probability), images))

    brightness, saturation, contrast = colors_found(images, results("color"))
    color = [np.abs(brightness) > 1e-5, np.abs(saturation - 1) > 1e-4, np.abs(contrast - 1) > 1e-4]
    others = {policy: (results(policy) != images).any((1, 2, 3)) for policy in ("translation", "cutout")}
    # Of the moves by up to 2 pixels either way, one in 25 is by none.
    for touched, share in [*[(each, 1.0) for each in color], (others["translation"], 24 / 25), (others["cutout"], 1.0)]:
        assert scipy.stats.binomtest(int(touched.sum()), 1000, probability * share).pvalue > 1e-4
    # Whether one is done says nothing of another.
    assert np.abs(np.corrcoef(color) - np.eye(3)).max() < 0.15


def test_the_number_of_images_may_be_unknown_to_a_graph():
    if keras.config.backend() != "tensorflow":
        pytest.skip("JAX knows all shapes")
    import tensorflow as tf

    images = pictures(5)
    layer = Augmentations([DiffAugment(), InstanceNoise()])
    seed = keras.random.SeedGenerator(0)
    signature = [tf.TensorSpec((None, *images.shape[1:]), tf.float32)]
    fn = tf.function(lambda x: layer.augment(x, Noise(seed), 0), input_signature=signature, autograph=False)
    np.testing.assert_allclose(fn(images), augmented(layer, images), atol=1e-5)


def test_several_are_applied_in_turn():
    images = pictures()
    layer = augmentation.get([DiffAugment("cutout"), "instance_noise"])
    noise = Noise(keras.random.SeedGenerator(0))
    expected = layer.augmentations[0].augment(images, noise, 0)
    expected = layer.augmentations[1].augment(expected, noise, 0)
    np.testing.assert_allclose(augmented(layer, images), expected, rtol=1e-6)
    assert (np.array(expected) != 0).all()  # the noise came last


# ADA: p rises by (images seen) / 500_000 where the mean sign is above the target.


def observed(layer, batches):
    """p after each batch of logits."""
    history = []
    for logits in batches:
        layer.observe(ops.convert_to_tensor(np.reshape(logits, (-1, 1)).astype("float32")))
        history.append(float(layer.probability))
    return history


def test_p_rises_and_falls_with_the_images_seen():
    layer = AdaptiveAugment(images=500_000, every=4)
    sure, fooled = np.full(500, 7.5), np.full(500, -0.1)
    rises = observed(layer, [sure] * 12)
    np.testing.assert_allclose(rises, [500 * (n // 4 * 4) / 500_000 for n in range(1, 13)], rtol=1e-5)
    falls = observed(layer, [fooled] * 8)
    np.testing.assert_allclose(falls, [(6000 - 500 * (n // 4 * 4)) / 500_000 for n in range(1, 9)], rtol=1e-5)


def test_p_stays_a_probability():
    layer = AdaptiveAugment(images=1000, every=1)
    assert observed(layer, [-np.ones(100)] * 3) == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(observed(layer, [np.ones(100)] * 12), [*np.arange(0.1, 1.05, 0.1), 1.0, 1.0], rtol=1e-5)


@pytest.mark.parametrize(("positive", "direction"), [(75, -1), (79, -1), (81, 1), (100, 1)])
def test_p_keeps_the_mean_sign_at_the_target(positive, direction):
    """80 positive signs among 100 have a mean of 0.6."""
    layer = AdaptiveAugment(target=0.6, images=1000, every=1)
    layer.p.assign(0.5)
    logits = np.concatenate([np.ones(positive), -np.ones(100 - positive)])
    assert observed(layer, [logits])[0] == pytest.approx(0.5 + 0.1 * direction)


def test_the_mean_sign_is_that_of_all_updates_since_the_last_change():
    layer = AdaptiveAugment(target=0.6, images=1000, every=2)
    # Together 0.65, though the second alone is below the target; the next two are 0.55, though their last is above it.
    shares = [[1.0, 0.3], [0.3, 0.8]]
    batches = [np.where(np.arange(100) < 100 * (1 + mean) / 2, 1.0, -1.0) for pair in shares for mean in pair]
    np.testing.assert_allclose(observed(layer, batches), [0.0, 0.2, 0.2, 0.0], atol=1e-6)


def test_images_of_all_replicas_count(monkeypatch):
    """As if a second replica, which sees only signs of -1, computed beside this one."""
    monkeypatch.setattr(adaptive, "replica", lambda: (0, 2))
    monkeypatch.setattr(adaptive, "replica_mean", lambda mean: (mean - 1.0) / 2.0)
    layer = AdaptiveAugment(target=-0.1, images=1000, every=1)
    assert observed(layer, [np.ones(100)])[0] == pytest.approx(0.2)
    layer = AdaptiveAugment(target=0.1, images=1000, every=1)
    layer.p.assign(0.5)
    assert observed(layer, [np.ones(100)])[0] == pytest.approx(0.3)


def test_adaptive_augmentation_works_in_a_compiled_step():
    layer = AdaptiveAugment(DiffAugment("cutout"), images=400, every=2)
    seed = keras.random.SeedGenerator(0)
    images = np.ones((100, 8, 8, 1), "float32")

    def step(logits):
        layer.observe(logits)
        return layer.augment(ops.convert_to_tensor(images), Noise(seed), 0)

    step = compiled(step, [*layer.variables, seed.state])
    sure = ops.ones((100, 1))
    touched = [float(np.mean((np.array(step(sure)) == 0).any((1, 2, 3)))) for _ in range(6)]
    assert touched[0] == 0.0  # p is still 0
    assert 0.3 < touched[1] < 0.7 and 0.3 < touched[2] < 0.7  # 0.5
    assert touched[3:] == [1.0, 1.0, 1.0]
    assert float(layer.probability) == 1.0


def test_the_state_of_adaptive_augmentation_is_saved():
    """Where it is a model's part, its variables are the model's."""

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.augmentation = augmentation.get(["instance_noise", AdaptiveAugment(images=1000, every=3)])
            self.built = True

    first, second = Model(), Model()
    observed(first.augmentation.augmentations[1], [np.ones(100)] * 4)
    assert first.trainable_variables == []
    assert {"p", "seen"} <= {variable.name for variable in first.non_trainable_variables}
    second.set_weights(first.get_weights())
    # p, and that one of three batches is already behind.
    histories = [observed(model.augmentation.augmentations[1], [np.ones(100)] * 2) for model in (first, second)]
    np.testing.assert_allclose(histories, [[0.3, 0.6]] * 2, rtol=1e-5)


def test_the_state_survives_a_file(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.augmentation = AdaptiveAugment(images=1000, every=1)
    model.augmentation.p.assign(0.25)
    model.save_weights(tmp_path / "model.weights.h5")
    model.augmentation.p.assign(0.0)
    model.load_weights(tmp_path / "model.weights.h5")
    assert float(model.augmentation.probability) == 0.25


@pytest.mark.parametrize(
    ("loss", "warned"), [("wasserstein", True), ("least_squares", True), ("hinge", False), ("minimax", False)]
)
def test_adaptive_augmentation_warns_where_signs_mean_nothing(loss, warned):
    model = keras_gans.create_model("dcgan", image_shape=(8, 8, 1), width=4, latent_dim=4)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.compile(loss=loss, augment=["instance_noise", "adaptive"])
    assert [loss in str(warning.message) for warning in caught] == [True] * warned


# Instance noise.


def test_instance_noise_is_gaussian_with_the_given_deviation():
    images = pictures(64)
    added = (np.array(augmented(InstanceNoise(0.3), images), "float64") - images).ravel()
    assert scipy.stats.kstest(added[::7] / 0.3, "norm").pvalue > 1e-3
    assert added.std() == pytest.approx(0.3, rel=0.02)


def test_instance_noise_decays_with_the_step():
    layer = InstanceNoise(keras.optimizers.schedules.PolynomialDecay(0.2, 100, 0.0))
    images = ops.zeros((32, 16, 16, 1))
    seed = keras.random.SeedGenerator(0)
    noisy = compiled(lambda step: layer.augment(images, Noise(seed), step), [seed.state])
    for step, stddev in ((0, 0.2), (50, 0.1), (75, 0.05), (100, 0.0), (1000, 0.0)):
        # A compiler may take the decay's last step to 0 but for what float32 rounds.
        assert np.std(noisy(ops.convert_to_tensor(step, "int32"))) == pytest.approx(stddev, rel=0.05, abs=1e-7)


def test_the_gradient_passes_through_instance_noise_unchanged():
    images, weights = pictures(4), pictures(4)
    gradient = input_gradient(
        lambda x: ops.sum(weights * augmented(InstanceNoise(), x), axis=(1, 2, 3)), ops.convert_to_tensor(images)
    )
    np.testing.assert_allclose(gradient, weights, rtol=1e-6)


# The registry.


@pytest.mark.parametrize(
    "layer",
    [
        DiffAugment("cutout,color", 0.3),
        AdaptiveAugment(DiffAugment(["translation"]), target=0.5, images=1000, every=2),
        InstanceNoise(0.2),
        InstanceNoise(keras.optimizers.schedules.PolynomialDecay(0.1, 50, 0.0)),
        Augmentations(["adaptive", InstanceNoise(0.2)]),
    ],
    ids=["diff", "adaptive", "noise", "decay", "several"],
)
def test_augmentations_survive_serialization(layer):
    copy = augmentation.get(keras.saving.serialize_keras_object(layer))
    assert type(copy) is type(layer)
    assert copy.get_config() == layer.get_config()
    images = pictures(8)
    for each in (copy, layer):
        for _ in range(8):
            each.observe(ops.ones((500, 1)))
    np.testing.assert_array_equal(augmented(copy, images, step=20), augmented(layer, images, step=20))


def test_every_name_gives_an_augmentation():
    of_images = ["adaptive", "color", "cutout", "diff_augment", "instance_noise"]
    assert augmentation.names() == [*of_images, "time_shift", "translation"]
    assert augmentation.get("cutout").policy == ["cutout"]
    for name in augmentation.names():
        assert isinstance(augmentation.get(name), Augmentation)
    layer = DiffAugment()
    assert augmentation.get(layer) is layer


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: augmentation.get("diff_augmant"), "Did you mean 'diff_augment'"),
        (lambda: augmentation.get(["diff_augment", "ada"]), "no augmentation 'ada'"),
        (lambda: augmentation.get([]), "must not be empty"),
        (lambda: augmentation.get(3), "no augmentation '3'"),
        (lambda: DiffAugment("color,translations"), "Did you mean 'translation'"),
        (lambda: DiffAugment([]), "policy"),
        (lambda: DiffAugment("color,color"), "each at most once"),
        (lambda: DiffAugment(probability=1.5), "probability"),
        (lambda: DiffAugment(probability=-0.1), "probability"),
        (lambda: AdaptiveAugment("instance_noise"), "DiffAugment"),
        (lambda: AdaptiveAugment(target=1.0), "target"),
        (lambda: AdaptiveAugment(images=0), "images"),
        (lambda: AdaptiveAugment(every=0), "every"),
        (lambda: InstanceNoise(-0.1), "stddev"),
        (lambda: InstanceNoise("0.1"), "stddev"),
        (lambda: augmented(DiffAugment(), np.zeros((4, 2), "float32")), r"\(4, 2\)"),
    ],
)
def test_mistakes_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_spectrograms_are_shifted_in_time_only():
    frames = np.random.default_rng(0).normal(size=(30, 16, 3, 1)).astype("float32")
    shifted = np.array(augmented(augmentation.TimeShift(0.25), frames))
    padded = np.pad(frames, [(0, 0), (4, 4), (0, 0), (0, 0)], constant_values=-1.0)
    shifts = set()
    for number, found in enumerate(shifted):
        [shift] = [start for start in range(9) if np.allclose(found, padded[number, start : start + 16], atol=1e-6)]
        shifts.add(shift)
    assert len(shifts) > 5
    with pytest.raises(ValueError, match="share must be a number from 0 to 1"):
        augmentation.TimeShift(1.5)
