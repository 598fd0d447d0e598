import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans import conditions
from keras_gans.data.data import Data
from keras_gans.editing import slerp
from keras_gans.evaluation import Evaluator
from keras_gans.evaluation.report import figures, walks
from keras_gans.evaluation.report.rows import pictures, sample_rows
from keras_gans.media import Medium
from keras_gans.media.pictures import scatter, to_uint8

SHAPES = [(8, 8, 1), (8, 6, 3)]


def latent(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def uint8_images(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype="uint8")


# Samples


@pytest.mark.parametrize("shape", SHAPES)
def test_pictures_of_images_are_their_pixels(shape):
    pixels = uint8_images(0, 5, *shape)
    np.testing.assert_array_equal(pictures(pixels), pixels)
    np.testing.assert_array_equal(pictures((pixels / 127.5 - 1).astype("float32")), pixels)


def test_samples_are_one_row():
    pixels = uint8_images(0, 64, 8, 8, 3)
    (row,) = sample_rows(pixels, label="some")
    np.testing.assert_array_equal(row.pictures, pixels)
    assert row.label == "some"


def test_of_many_samples_some_of_each_class_are_shown():
    sorted_by_class = np.repeat(np.arange(10, dtype="uint8"), 500).reshape(-1, 1, 1, 1)
    (row,) = sample_rows(sorted_by_class)
    assert np.bincount(row.pictures.ravel()).tolist() == pytest.approx([6.4] * 10, abs=0.7)


def test_points_are_one_scatter_plot_of_all():
    points = np.random.default_rng(0).uniform(-1, 1, (2048, 2))
    (row,) = sample_rows(points)
    np.testing.assert_array_equal(row.pictures, scatter(points)[None])


@pytest.mark.parametrize("shape", [(3,), (8, 8, 2), (8, 8)])
def test_samples_that_cannot_be_drawn_are_refused(shape):
    with pytest.raises(ValueError, match="cannot be drawn: only images"):
        sample_rows(np.zeros((4, *shape), "float32"))


# Interpolations


@pytest.mark.parametrize("shape", SHAPES)
def test_interpolations_lead_from_one_sample_to_another(make_model, shape):
    model = make_model(shape)
    rows = walks.interpolations(model, rows=2, steps=5, seed=3)
    assert [row.label for row in rows] == ["From seed 3 to seed 4", "From seed 5 to seed 6"]
    for row, seed in zip(rows, (3, 5), strict=True):
        assert row.pictures.shape == (5, *shape)
        for picture, end in ((row.pictures[0], seed), (row.pictures[-1], seed + 1)):
            np.testing.assert_array_equal(picture, to_uint8(model.generate(1, seed=end))[0])
        assert not np.array_equal(row.pictures[2], row.pictures[0])


def test_figures_are_those_of_the_averaged_generator(make_model):
    model = make_model()
    model.compile(ema=0.5)
    model.generator.set_weights([weight + 0.3 for weight in model.generator.get_weights()])
    ends = walks.interpolations(model, rows=1, steps=2)[0].pictures
    expected = [to_uint8(model.generate(1, seed=seed))[0] for seed in (0, 1)]
    np.testing.assert_array_equal(ends, expected)
    assert not np.array_equal(ends[0], to_uint8(model.generate(1, seed=0, use_ema=False))[0])


def test_decode_does_not_depend_on_the_batch_size(make_model):
    model, latents = make_model(), latent(0, 10, 4)
    whole = walks.decode(model, latents, batch_size=64)
    np.testing.assert_allclose(walks.decode(model, latents, batch_size=3), whole, atol=1e-6)
    np.testing.assert_allclose(whole, keras.ops.convert_to_numpy(model(latents)), atol=1e-6)


def test_the_way_between_points_is_one_plot(make_model):
    model = make_model((2,))
    row = walks.interpolations(model, rows=1, steps=50, seed=4)[0]
    way = walks.decode(model, slerp(model.latents(1, 4)[0], model.latents(1, 5)[0], 50))
    np.testing.assert_array_equal(row.pictures, scatter(way)[None])


# Traversals


@pytest.mark.parametrize("latent_shape", [(4,), (2, 1, 2)])
def test_the_middle_of_a_traversal_is_the_sample_itself(make_model, latent_shape):
    model = make_model(latent_shape=latent_shape)
    rows = walks.traversals(model, steps=5, seed=11)
    base = to_uint8(model.generate(1, seed=11))[0]
    assert len(rows) == 4  # as many as a latent has numbers, fewer than five
    for row in rows:
        np.testing.assert_array_equal(row.pictures[2], base)
        assert not np.array_equal(row.pictures[0], base)


def test_a_traversal_walks_along_its_direction(make_model):
    model = make_model()
    (row,) = walks.traversals(model, directions=np.eye(4)[[2]], steps=3, extent=2.5, seed=1)
    latents = model.latents(1, 1).repeat(3, axis=0)
    latents[:, 2] += [-2.5, 0, 2.5]
    np.testing.assert_array_equal(row.pictures, to_uint8(walks.decode(model, latents)))
    assert list(row.captions) == ["-2.5", "0", "+2.5"]
    assert row.label == "Direction 1, ±2.5 from seed 1"


@pytest.mark.parametrize("steps", [1, 2, 8])
def test_a_traversal_without_a_middle_is_refused(make_model, steps):
    with pytest.raises(ValueError, match=f"odd number of at least 3.*received {steps}"):
        walks.traversals(make_model(), steps=steps)


def test_directions_that_fit_no_latent_are_refused(make_model):
    with pytest.raises(ValueError, match=r"received \(5, 3\)"):
        walks.traversals(make_model(), directions=np.ones((5, 3)))


def linear_model(matrix, shape):
    """A GAN whose samples are `matrix @ latent`."""
    generator = keras.Sequential(
        [keras.Input((matrix.shape[1],)), layers.Dense(len(matrix), use_bias=False), layers.Reshape(shape)]
    )
    generator.layers[0].set_weights([matrix.T.astype("float32")])
    discriminator = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1)])
    return keras_gans.GAN(generator, discriminator, seed=0)


@pytest.mark.parametrize("shape", [(16, 8, 1), (64, 96, 3)])
def test_principal_directions_of_a_linear_generator_are_its_singular_vectors(shape):
    rng = np.random.default_rng(5)
    # Images of smooth waves, which reducing them does not take away.
    waves = np.cos(np.pi * np.arange(1, 4)[:, None] * (np.arange(np.prod(shape)) + 0.5) / np.prod(shape))
    right = np.linalg.qr(rng.standard_normal((6, 6)))[0][:3]
    strengths = np.array([0.5, 0.2, 0.08])
    model = linear_model((waves.T * strengths) @ right, shape)
    found = walks.principal_directions(model, 3, n=64)
    np.testing.assert_allclose(found @ found.T, np.eye(3), atol=1e-5)
    np.testing.assert_allclose(np.abs(np.sum(found * right, axis=1)), 1.0, atol=1e-4)
    assert (found[np.arange(3), np.abs(found).argmax(axis=1)] > 0).all()


def test_principal_directions_are_not_those_of_single_pixels():
    checkerboard = np.indices((64, 64)).sum(axis=0) % 2 * 2.0 - 1
    brightness = np.ones((64, 64))
    model = linear_model(np.stack([0.5 * checkerboard.ravel(), 0.1 * brightness.ravel()], axis=1), (64, 64, 1))
    np.testing.assert_allclose(walks.principal_directions(model, 1, n=64), [[0, 1]], atol=1e-4)


def test_principal_directions_are_the_same_each_time(make_model):
    model = make_model()
    first, again = (walks.principal_directions(model, 2, n=128) for _ in range(2))
    np.testing.assert_array_equal(first, again)


# Classes and neighbours


class Conditional(keras_gans.GAN):
    """Generates grey images as bright as their labels, with one pixel that says which latent they come from."""

    conditional = True

    def generate(self, n, seed=None, labels=None, **options):
        samples = np.full((n, *self.sample_shape), -1.0, "float32") + np.reshape(labels, (n, 1, 1, 1)) / 10
        samples[:, 0, 0, 0] = np.tanh(self.latents(n, seed)[:, 0])
        return samples


@pytest.fixture
def conditional(make_model):
    model = make_model()
    return Conditional(model.generator, model.discriminator, seed=0)


def test_a_row_for_each_class_from_the_same_latents(conditional):
    rows = figures.class_rows(conditional, labels=[3, 0], n=4, seed=2, names=["zero", "1", "2", "3"])
    assert [row.label for row in rows] == ["Class 3", "Class 0: zero"]
    for row, label in zip(rows, (3, 0), strict=True):
        assert (row.pictures[:, 1:] == to_uint8(np.float32(label / 10 - 1))).all()
    np.testing.assert_array_equal(rows[0].pictures[:, 0, 0], rows[1].pictures[:, 0, 0])
    assert len(np.unique(rows[0].pictures[:, 0, 0])) == 4


def test_models_without_classes_and_latents_without_a_class_are_refused(make_model, conditional):
    with pytest.raises(ValueError, match="GAN is not conditional: it has no classes"):
        figures.class_rows(make_model(), [0])
    with pytest.raises(ValueError, match="Conditional is conditional: give labels with the latents"):
        walks.traversals(conditional)


def test_ways_of_a_conditional_model_stay_within_a_class():
    model = keras_gans.create_model("cgan", image_shape=(8, 8, 1), num_classes=2, width=4, latent_dim=3, seed=0)
    for number, row in enumerate(walks.interpolations(model, rows=3, steps=4)):
        ends = [model.generate(1, seed=seed, labels=[number % 2]) for seed in (2 * number, 2 * number + 1)]
        assert np.abs(row.pictures[[0, -1]].astype(int) - pictures(np.concatenate(ends))).max() <= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_each_sample_stands_beside_its_neighbours(shape):
    generated = uint8_images(0, 3, *shape)
    real = uint8_images(1, 20, *shape)
    distances = np.sqrt(((generated[:, None] / 255 - real[None] / 255) ** 2).sum(axis=(2, 3, 4)))
    indices = distances.argsort(axis=1)[:, :6]
    nearest = np.take_along_axis(distances, indices, axis=1)
    rows = figures.nearest_neighbours((generated / 127.5 - 1).astype("float32"), real, indices, nearest, rows=2, k=4)
    assert len(rows) == 2
    for number, row in enumerate(rows):
        np.testing.assert_array_equal(row.pictures[0], generated[number])
        np.testing.assert_array_equal(row.pictures[1:], real[indices[number, :4]])
        assert row.captions[0] == "sample"
        np.testing.assert_allclose([float(text) for text in row.captions[1:]], nearest[number, :4], rtol=1e-2)


@pytest.mark.parametrize(
    ("shape", "indices", "distances", "message"),
    [
        ((3, 2), (3, 4), (3, 4), r"Neighbours are drawn of images only; received samples of shape \(2,\)"),
        ((3, 8, 8, 1), (3, 4), (3, 5), r"received \(3, 4\) and \(3, 5\)"),
        ((3, 8, 8, 1), (2, 4), (2, 4), r"shape \(3, k\), with a row for each generated image; received \(2, 4\)"),
        ((3, 8, 8, 1), (3,), (3,), r"received \(3,\) and \(3,\)"),
    ],
)
def test_neighbours_that_do_not_fit_are_refused(shape, indices, distances, message):
    with pytest.raises(ValueError, match=message):
        figures.nearest_neighbours(np.zeros(shape), np.zeros((9, *shape[1:])), np.zeros(indices, int), np.zeros(distances))


# Models that map images


def translator(shape, latent_dim=None):
    """A GAN from 4x4 grey images, and latents if it has any, to samples of a shape, which are brightest where the input is."""
    image = keras.Input((4, 4, 1), name="images")
    x = layers.UpSampling2D(shape[0] // 4)(image)
    x = layers.Conv2D(shape[-1], 1, kernel_initializer="ones", use_bias=False)(x)
    latents = [] if latent_dim is None else [keras.Input((latent_dim,), name="latents")]
    if latents:
        x = layers.Add()([x, layers.Reshape((1, 1, 1))(layers.Dense(1)(latents[0]))])
    discriminator = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1)])
    told = {"images": conditions.Images((4, 4, 1))}
    return keras_gans.GAN(keras.Model([*latents, image], x), discriminator, conditions=told, seed=0)


def test_samples_of_images_stand_beside_their_inputs():
    inputs = uint8_images(0, 30, 4, 4, 1)
    model = translator((8, 8, 3))
    figure = figures.model_figures(model, conditions={"images": inputs})
    assert list(figure) == ["inputs"]
    assert len(figure["inputs"]) == 12
    for row, chosen in zip(figure["inputs"], np.linspace(0, 29, 12).astype(int), strict=True):
        assert row.captions == ["images", "sample"]
        given, sample = row.pictures
        assert given.shape == sample.shape == (8, 8, 3)
        np.testing.assert_array_equal(sample, inputs[chosen].repeat(2, axis=0).repeat(2, axis=1).repeat(3, axis=2))
        assert np.abs(given.mean() - inputs[chosen].mean()) < 2


def test_inputs_of_models_with_latents_have_several_samples():
    rows = figures.beside_conditions(translator((8, 8, 1), latent_dim=3), rows=2)
    assert [row.captions for row in rows] == [["images", "sample", "sample", "sample"]] * 2
    for row in rows:
        assert row.pictures.shape == (4, 8, 8, 1)
        assert len(np.unique(row.pictures[1:].reshape(3, -1), axis=0)) == 3


def test_a_report_shows_inputs_real_samples_and_neighbours():
    inputs, samples = uint8_images(0, 20, 4, 4, 1), uint8_images(1, 20, 8, 8, 3)
    data = Data("pairs", samples, conditions={"images": inputs})
    evaluator = Evaluator(data, num=20, extractor="pixels")
    model = translator((8, 8, 3))
    shown = figures.evaluation_figures(evaluator, model)
    assert list(shown) == ["inputs", "real_samples", "neighbours"]
    made = to_uint8(model.generate(conditions={"images": inputs}))
    assert any((shown["neighbours"][0].pictures[0] == sample).all() for sample in made)
    assert list(figures.evaluation_figures(evaluator, samples=made)) == ["samples", "real_samples", "neighbours"]


def test_models_that_are_told_nothing_stand_beside_nothing(make_model):
    with pytest.raises(ValueError, match="GAN is not conditional: there are no conditions to draw"):
        figures.beside_conditions(make_model())


# All of a model


@pytest.mark.parametrize("shape", [(8, 8, 3), (2,)])
def test_all_figures_of_a_model_are_the_same_each_time(make_model, shape):
    first, again = (figures.model_figures(make_model(shape), seed=5) for _ in range(2))
    assert list(first) == ["samples", "interpolations", "traversals"]
    for section, rows in first.items():
        for row, same in zip(rows, again[section], strict=True):
            np.testing.assert_array_equal(row.pictures, same.pictures)
            assert row.pictures.dtype == np.uint8


def test_figures_of_a_conditional_model_are_its_classes(conditional):
    assert list(figures.model_figures(conditional, labels=[0, 1])) == ["classes"]


def test_a_model_of_what_cannot_be_drawn_has_no_figures():
    assert figures.model_figures(linear_model(np.ones((3, 2)), (3,))) == {}


def test_the_medium_says_whether_samples_can_be_drawn(make_model):
    model = make_model()
    model.medium = Medium((8, 8, 1))
    assert figures.model_figures(model) == {}
    with pytest.raises(ValueError, match="cannot be drawn"):
        pictures(model.generate(2, seed=0), model.medium)
