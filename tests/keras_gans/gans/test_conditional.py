import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import expit, log_softmax

import keras_gans

COLORS = np.array([-1.0, 0.0, 1.0])


def label_input():
    return keras.Input((), dtype="int32")


def painting_model():
    """A generator that paints 2x2 images in the colour of their label, and a discriminator that knows these colours.

    It scores an image 1 where it has its label's colour, else far below 0.
    """

    def painted(labels):
        paint = layers.Embedding(3, 4, weights=[np.repeat(COLORS[:, None], 4, axis=1).astype("float32")], trainable=False)
        return layers.Reshape((2, 2, 1))(paint(labels))

    latents, labels = keras.Input((1,)), label_input()
    nothing = layers.Reshape((1, 1, 1))(layers.Dense(1, use_bias=False, kernel_initializer="zeros")(latents))
    generator = keras.Model([latents, labels], layers.Add()([painted(labels), nothing]))
    images, labels = keras.Input((2, 2, 1)), label_input()
    difference = layers.Flatten()(layers.Subtract()([images, painted(labels)]))
    off = layers.Multiply()([difference, difference])
    score = layers.Dense(1, kernel_initializer=keras.initializers.Constant(-100.0), bias_initializer="ones")(off)
    discriminator = keras.Model([images, labels], score)
    model = keras_gans.ConditionalGAN(generator, discriminator, seed=0, num_classes=3)
    model.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0))
    return model


@pytest.fixture(scope="module")
def painter():
    return painting_model()


def paintings(labels):
    return np.broadcast_to(COLORS[labels][:, None, None, None], (len(labels), 2, 2, 1)).astype("float32")


# Generating.


def test_generated_samples_are_of_the_labels_asked_for(painter):
    labels = np.array([2, 0, 1, 1, 2])
    np.testing.assert_array_equal(painter.generate(5, labels=labels), paintings(labels))
    np.testing.assert_array_equal(painter.generate(5, labels=labels[:, None], batch_size=2), paintings(labels))
    np.testing.assert_array_equal(painter.generate(3, labels=[0, 2, 0]), paintings([0, 2, 0]))


def test_one_label_is_for_all_samples(painter):
    np.testing.assert_array_equal(painter.generate(4, labels=2), paintings([2] * 4))
    np.testing.assert_array_equal(painter.generate(4, labels=np.int64(0)), paintings([0] * 4))


def test_class_labels_are_every_class_in_turn(painter):
    labels = painter.class_labels(7)
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels, [0, 1, 2, 0, 1, 2, 0])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "conditional: say which of its 3 classes.*labels=3.*class_labels"),
        (3, "0 to 2; received 3"),
        (-1, "0 to 2; received -1"),
        ([0, 1, 5, 2], "0 to 2; received 5"),
        ([0, 1, 2], "4 samples need as many labels, or one for all; received 3"),
        ([0.0, 1.0, 2.0, 0.0], "integers of shape .*received float64"),
        (1.5, "integers"),
        (np.eye(3, dtype="int32")[[0, 1, 2, 0]], r"not one-hot vectors; received int32 of shape \(4, 3\)"),
    ],
    ids=str,
)
def test_labels_that_mean_nothing_are_refused(painter, labels, message):
    with pytest.raises(ValueError, match=message):
        painter.generate(4, labels=labels)


def test_an_unconditional_model_takes_no_labels():
    model = keras_gans.create_model("gan", image_shape=(2,), width=4)
    assert model.class_labels(3) is None
    with pytest.raises(ValueError, match="GAN is not conditional: it generates without labels"):
        model.generate(2, labels=1)


def colours_of_tiles(picture, rows, columns):
    """The value of each tile of 2x2 images enlarged to 56x56, two pixels of white around each."""
    assert picture.shape == (rows * 58 + 2, columns * 58 + 2, 1)
    tiles = picture[2:, 2:].reshape(rows, 58, columns, 58)[:, :56, :, :56]
    assert (tiles == tiles[:, :1, :, :1]).all()
    return tiles[:, 0, :, 0]


def test_a_picture_has_a_row_for_each_class(painter):
    for n, columns in ((1, 1), (6, 2), (7, 3)):
        colours = colours_of_tiles(painter.draw(n), 3, columns)
        np.testing.assert_array_equal(colours, np.repeat([[0], [128], [255]], columns, axis=1))


def test_a_class_of_more_than_16_samples_has_several_rows(painter):
    colours = colours_of_tiles(painter.draw(50), 6, 9)
    np.testing.assert_array_equal(colours, np.repeat([[0], [0], [128], [128], [255], [255]], 9, axis=1))
    assert colours_of_tiles(painter.draw(seeds=range(17)), 3, 17)[2].tolist() == [255] * 17


def test_a_picture_of_chosen_labels(painter):
    np.testing.assert_array_equal(colours_of_tiles(painter.draw(4, labels=2), 2, 2), np.full((2, 2), 255))
    np.testing.assert_array_equal(colours_of_tiles(painter.draw(4, labels=[0, 2, 1, 0]), 2, 2), [[0, 255], [128, 0]])


# Training.


def test_both_networks_are_told_the_labels_of_the_batch(painter):
    labels = np.random.default_rng(0).integers(0, 3, 64)
    right = painter.fit(paintings(labels), labels, batch_size=16, epochs=1, verbose=0).history
    # Every real image has the colour of its label, and every generated one that of the label the discriminator gets.
    assert right["d_real"] == [1.0]
    assert right["d_fake"] == [0.0]
    wrong = painter.fit(paintings(labels), np.roll(labels, 1)[:, None], batch_size=16, epochs=1, verbose=0).history
    assert wrong["d_real"][0] == pytest.approx(np.mean(labels == np.roll(labels, 1)))
    assert wrong["d_fake"] == [0.0]
    logs = painter.evaluate(paintings(labels), labels, verbose=0, return_dict=True)
    assert (logs["d_real"], logs["d_fake"]) == (1.0, 0.0)
    with pytest.raises(ValueError, match="0 to 2; received 3"):
        painter.evaluate(paintings(labels), labels + 1, verbose=0)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, r"learns from labels.*fit\(samples, labels\)"),
        (np.array([0, 1, 2, 3] * 4), "0 to 2; received 3"),
        (np.array([0, 1, 2, -1] * 4), "0 to 2; received -1"),
        (np.eye(3, dtype="float32")[[0, 1, 2, 0] * 4], "not one-hot vectors"),
        (np.zeros(16, "float32"), "integers"),
    ],
    ids=["missing", "too large", "negative", "one-hot", "floats"],
)
def test_training_needs_labels_that_mean_something(painter, labels, message):
    with pytest.raises(ValueError, match=message):
        painter.fit(paintings([0] * 16), labels, batch_size=8, verbose=0)


def test_a_saved_model_knows_its_classes(tmp_path):
    model = keras_gans.create_model("cgan", image_shape=(2,), num_classes=4, width=2, latent_dim=3, seed=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.num_classes, loaded.conditional) == (4, True)
    labels = model.class_labels(6)
    np.testing.assert_array_equal(loaded.generate(6, seed=0, labels=labels), model.generate(6, seed=0, labels=labels))
    with pytest.raises(ValueError, match="0 to 3; received 4"):
        loaded.generate(1, labels=4)


def test_networks_that_take_no_labels_are_refused(painter):
    unconditional = keras_gans.create_model("gan", image_shape=(2, 2, 1), width=4, latent_dim=1)
    with pytest.raises(ValueError, match="give the number of classes"):
        keras_gans.ConditionalGAN(painter.generator, painter.discriminator)
    with pytest.raises(ValueError, match="class labels, say how many classes"):
        keras_gans.GAN(painter.generator, painter.discriminator)
    with pytest.raises(ValueError, match=r"discriminator of a ConditionalGAN takes .*takes no labels"):
        keras_gans.ConditionalGAN(painter.generator, unconditional.discriminator, num_classes=3)
    with pytest.raises(ValueError, match="generator takes no labels"):
        keras_gans.ConditionalGAN(unconditional.generator, painter.discriminator, num_classes=3)


@pytest.mark.parametrize("conditioning", ["concatenation", "projection"])
def test_either_way_of_conditioning_tells_both_networks_the_class(conditioning):
    keras.utils.set_random_seed(0)
    small = {"width": 4, "latent_dim": 3, "num_classes": 3, "learning_rate": 0.02}
    model = keras_gans.create_model("cgan", image_shape=(8, 8, 1), conditioning=conditioning, seed=0, **small)
    labels = model.class_labels(24)
    images = np.broadcast_to(COLORS[labels][:, None, None, None], (24, 8, 8, 1)).astype("float32")
    model.fit(images, labels, batch_size=8, epochs=2, verbose=0)  # at first, gains and offsets of all classes are equal
    samples = np.stack([model.generate(4, seed=0, labels=label) for label in range(3)])
    scores = [keras.ops.convert_to_numpy(model.score(images[:4], {"labels": np.full(4, label)})) for label in range(3)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(samples[one] - samples[other]).max() > 1e-3
        assert np.abs(scores[one] - scores[other]).max() > 1e-4


def test_the_projection_adds_a_product_of_features_and_class():
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("cgan", image_shape=(8, 8, 1), num_classes=3, width=4, conditioning="projection")
    discriminator = model.discriminator
    (embedding,) = [layer for layer in discriminator.layers if isinstance(layer, layers.Embedding)]
    images = np.random.default_rng(0).uniform(-1, 1, (5, 8, 8, 1)).astype("float32")
    vectors = np.random.default_rng(1).normal(size=embedding.embeddings.shape).astype("float32")
    vectors[0] = 0.0

    def scores(label):
        return keras.ops.convert_to_numpy(model.score(images, {"labels": np.full(5, label)}))

    vectors[2] = 2.0 * vectors[1]
    embedding.set_weights([vectors])
    # Linear in the vector of the class, and the same without it as for a vector of zeros.
    assert np.abs(scores(1) - scores(0)).max() > 1e-3
    np.testing.assert_allclose(scores(2) - scores(0), 2.0 * (scores(1) - scores(0)), rtol=1e-3, atol=1e-5)


def test_a_model_learns_which_cluster_is_which():
    centres = np.array([[0.6, 0.0], [-0.3, 0.5], [-0.3, -0.5]])
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 2048)
    points = (centres[labels] + 0.05 * rng.standard_normal((2048, 2))).astype("float32")
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model(
        "cgan", image_shape=(2,), num_classes=3, latent_dim=4, width=8, embedding_dim=8, learning_rate=2e-3, ema=0.99, seed=0
    )
    model.fit(points, labels, batch_size=64, epochs=12, verbose=0)
    for label, centre in enumerate(centres):
        samples = model.generate(300, seed=1, labels=label)
        nearest = np.linalg.norm(samples[:, None] - centres, axis=-1).argmin(axis=1)
        assert np.mean(nearest == label) > 0.95
        assert np.linalg.norm(samples.mean(axis=0) - centre) < 0.2


# The auxiliary classifier.


@pytest.fixture
def classifier():
    """An ACGAN of points whose networks are one matrix each, its weights, and real and generated points."""
    keras.utils.set_random_seed(0)
    latents, labels, points = keras.Input((2,)), label_input(), keras.Input((2,))
    generator = keras.Model([latents, labels], layers.Add()([layers.Dense(2)(latents), layers.Embedding(3, 2)(labels)]))
    discriminator = keras.Model(points, [layers.Dense(1)(points), layers.Dense(3)(points)])
    model = keras_gans.ACGAN(generator, discriminator, seed=0, num_classes=3, class_weight=0.7)
    model.compile()
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=weight.shape).astype("float32") for weight in discriminator.get_weights()]
    discriminator.set_weights(weights)
    return model, weights, rng.normal(size=(2, 6, 2)).astype("float32")


def test_losses_of_the_auxiliary_classifier(classifier):
    model, (kernel, bias, class_kernel, class_bias), (real, fake) = classifier
    labels = np.array([0, 2, 1, 1, 0, 2])

    def class_loss(points):
        return -np.mean(log_softmax(points @ class_kernel + class_bias, axis=1)[np.arange(6), labels])

    real_scores, fake_scores = real @ kernel + bias, fake @ kernel + bias
    expected = np.mean(-np.log(expit(real_scores)) - np.log(expit(-fake_scores)))
    loss, real_logits, fake_logits = model.discriminator_loss(real, fake, {"labels": labels})
    assert float(loss) == pytest.approx(expected + 0.7 * (class_loss(real) + class_loss(fake)), rel=1e-5)
    np.testing.assert_allclose(real_logits, real_scores, rtol=1e-5)
    np.testing.assert_allclose(fake_logits, fake_scores, rtol=1e-5)
    expected = np.mean(-np.log(expit(fake_scores))) + 0.7 * class_loss(fake)
    assert float(model.generator_loss(fake, real, {"labels": labels})) == pytest.approx(expected, rel=1e-5)


def test_the_discriminator_may_learn_the_classes_of_real_samples_only(classifier):
    model, (kernel, bias, class_kernel, class_bias), (real, fake) = classifier
    model = keras_gans.ACGAN.from_config({**model.get_config(), "classify_generated": False})
    model.set_weights(classifier[0].get_weights())
    model.compile()
    labels = np.array([0, 2, 1, 1, 0, 2])
    class_loss = -np.mean(log_softmax(real @ class_kernel + class_bias, axis=1)[np.arange(6), labels])
    expected = np.mean(-np.log(expit(real @ kernel + bias)) - np.log(expit(-(fake @ kernel + bias)))) + 0.7 * class_loss
    assert float(model.discriminator_loss(real, fake, {"labels": labels})[0]) == pytest.approx(expected, rel=1e-5)


def test_the_weight_of_the_classes_is_kept(classifier):
    model = classifier[0]
    copy = keras_gans.ACGAN.from_config(model.get_config())
    assert (copy.class_weight, copy.num_classes) == (0.7, 3)
    with pytest.raises(ValueError, match="class_weight must be a number of at least 0; received -1"):
        keras_gans.ACGAN(model.generator, model.discriminator, num_classes=3, class_weight=-1)


def test_a_discriminator_that_is_no_classifier_is_refused(classifier):
    model = classifier[0]
    points = keras.Input((2,))
    with pytest.raises(ValueError, match=r"ACGAN with 3 classes returns .*this one returns \[\(1,\)\]"):
        keras_gans.ACGAN(model.generator, keras.Model(points, layers.Dense(1)(points)), num_classes=3)
    with pytest.raises(ValueError, match=r"ACGAN with 2 classes returns .*this one returns \[\(1,\), \(3,\)\]"):
        keras_gans.ACGAN(model.generator, model.discriminator, num_classes=2)
    with pytest.raises(ValueError, match="3 rows, too few for 4 classes"):
        keras_gans.ACGAN(model.generator, model.discriminator, num_classes=4)


def test_labels_of_held_out_samples_are_checked_before_training(painter):
    labels = np.zeros(8, "int32")
    with pytest.raises(ValueError, match="0 to 2; received 99"):
        painter.fit(paintings(labels), labels, batch_size=4, validation_data=(paintings(labels), labels + 99), verbose=0)
