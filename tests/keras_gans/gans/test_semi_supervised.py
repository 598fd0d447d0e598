import json

import keras
import numpy as np
import pytest
from keras import layers, ops
from scipy.special import log_softmax, logsumexp

import keras_gans
from keras_gans.conditions import UNLABELLED
from keras_gans.data.labelled import hide_labels, split_labelled
from keras_gans.losses import mean_feature_distance

SIDE, CLASSES = 4, 3


def networks(outputs=("class_logits", "scores", "features"), classes=CLASSES):
    """A generator of one layer, and a discriminator whose features are 5 numbers."""
    generator = [keras.Input((2,)), layers.Dense(SIDE * SIDE, "tanh"), layers.Reshape((SIDE, SIDE, 1))]
    images = keras.Input((SIDE, SIDE, 1))
    features = layers.Dense(5, "tanh")(layers.Flatten()(images))
    logits = layers.Dense(classes, name="class_logits")(features)
    found = {"class_logits": logits, "scores": ops.logsumexp(logits, axis=-1, keepdims=True), "features": [features]}
    return keras.Sequential(generator), keras.Model(images, {name: found[name] for name in outputs})


def model(seed=0, **compiling):
    keras.utils.set_random_seed(seed)
    made = keras_gans.SemiSupervisedGAN(*networks(), seed=0, num_classes=CLASSES)
    made.compile(**compiling)
    return made


def pictures(n, seed=0):
    """Images whose brightness is their class, and the classes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % CLASSES
    noise = rng.normal(0, 0.1, (n, SIDE, SIDE, 1))
    return np.clip(noise + (labels - 1)[:, None, None, None] * 0.7, -1, 1).astype("float32"), labels.astype("int32")


def half_known(labels, n):
    return np.where(np.arange(len(labels)) < n, labels, UNLABELLED)


# The losses, against their formulas.


def array(tensor):
    return np.asarray(ops.convert_to_numpy(tensor), "float64")


def test_the_losses_are_those_of_the_paper():
    """Sections 3.1 and 5: D(x) = Z / (Z + 1) with Z the sum of exponentials of the logits."""
    made = model(feature_matching=2.0)
    real, labels = pictures(6)
    generated, labelled = (np.random.default_rng(seed).uniform(-1, 1, (6, SIDE, SIDE, 1)).astype("float32") for seed in (1, 2))
    of = {name: made.discriminator(x) for name, x in (("real", real), ("generated", generated), ("labelled", labelled))}
    logits = {name: array(outputs["class_logits"]) for name, outputs in of.items()}
    d_real = np.exp(logsumexp(logits["real"], axis=1)) / (np.exp(logsumexp(logits["real"], axis=1)) + 1)
    d_fake = np.exp(logsumexp(logits["generated"], axis=1)) / (np.exp(logsumexp(logits["generated"], axis=1)) + 1)
    supervised = -log_softmax(logits["labelled"], axis=1)[np.arange(6), labels].mean()
    expected = -np.log(d_real).mean() - np.log(1 - d_fake).mean() + supervised
    conditions = {"labelled": ops.convert_to_tensor(labelled), "labels": ops.convert_to_tensor(labels)}
    loss, *_ = made.discriminator_loss(ops.convert_to_tensor(real), ops.convert_to_tensor(generated), conditions)
    assert float(array(loss)) == pytest.approx(expected, rel=1e-5)
    means = [array(of[name]["features"][0]).mean(axis=0) for name in ("real", "generated")]
    found = made.generator_loss(ops.convert_to_tensor(generated), ops.convert_to_tensor(real))
    assert float(array(found)) == pytest.approx(2.0 * ((means[0] - means[1]) ** 2).mean(), rel=1e-5)


def test_the_generator_may_learn_from_scores_as_well():
    made = model(feature_matching=0.0, adversarial_weight=0.5)
    samples, _ = pictures(6)
    scores = array(made.discriminator(samples)["scores"])
    loss = made.generator_loss(ops.convert_to_tensor(samples), ops.convert_to_tensor(samples))
    assert float(array(loss)) == pytest.approx(0.5 * np.logaddexp(0, -scores).mean(), rel=1e-5)
    with pytest.raises(ValueError, match="learns from nothing"):
        made.compile(feature_matching=0.0)


def test_mean_features_of_batches_are_compared_not_single_samples():
    features = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    assert float(array(mean_feature_distance([features], [features[::-1].copy()]))) == pytest.approx(0.0, abs=1e-12)
    assert float(array(mean_feature_distance([features], [features[:4] + 1.0]))) == pytest.approx(
        ((features.mean(axis=0) - features[:4].mean(axis=0) - 1.0) ** 2).mean(), rel=1e-4
    )


# Learning.


def test_it_learns_classes_from_few_labels_and_says_how_well_on_held_out_samples():
    made = model(optimizer=keras.optimizers.Adam(0.02))
    (samples, labels), held_out = pictures(96), pictures(30, seed=1)
    history = made.fit(samples, half_known(labels, 6), batch_size=16, epochs=8, verbose=0, validation_data=held_out).history
    found = made.classify(held_out[0])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)
    accuracy = np.mean(found.argmax(axis=1) == held_out[1])
    assert accuracy == 1.0
    assert history["val_accuracy"][-1] == pytest.approx(accuracy)
    assert made.evaluate(*held_out, verbose=0, return_dict=True)["accuracy"] == pytest.approx(accuracy)


def test_labels_that_are_known_are_learned_from():
    samples, labels = pictures(32)
    weights = []
    for given in (labels, np.roll(labels, 1)):
        made = model()
        made.fit(samples, half_known(given, 8), batch_size=8, verbose=0)
        weights.append(made.get_weights())
    assert any((one != other).any() for one, other in zip(*weights, strict=True))


def test_all_forms_of_data_are_the_same():
    samples, labels = pictures(32)
    few = half_known(labels, 8)
    data = keras_gans.Data("test", samples, few)
    made = model()
    ways = [(samples, few), (samples, few.tolist()), (samples, few[:, None]), ({"image": samples, "label": few}, None)]
    ways += [(samples, {"labels": few}), (data, None), (split_labelled(data), None)]
    found = [made.arrange_data(*way)[0].batches(8, seed=1, conditions=["labelled", "labels"]) for way in ways]
    loaded = [batches.load(batches.order(1)[2], (1, 2, 0)) for batches in found]
    for batch, told in loaded:
        np.testing.assert_array_equal(batch, loaded[0][0])
        for name in ("labelled", "labels"):
            np.testing.assert_array_equal(told[name], loaded[0][1][name])


def test_single_batches_are_trained_on_and_measured():
    made = model()
    samples, labels = pictures(8)
    logs = made.train_on_batch(samples, half_known(labels, 4), return_dict=True)
    assert set(logs) >= {"d_loss", "g_loss", "accuracy"}
    measured = made.test_on_batch(samples, labels, return_dict=True)
    assert measured["accuracy"] == pytest.approx(np.mean(made.classify(samples).argmax(axis=1) == labels))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.full(6, -1), "All 6 samples of samples are unlabelled"),
        ([0, 1, 2, 3, -1, -1], "0 to 2; received 3"),
        ([0, 1, -2, 0, -1, -1], "0 to 2; received -2"),
        ([0, 1], "6 samples, but 2 labels: pass -1"),
        ([0.0, 1.0, 2.0, 0.0, 1.0, 2.0], "integers of shape"),
        (None, "learns from labelled, labels"),
    ],
    ids=str,
)
def test_labels_that_mean_nothing_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        model().fit(pictures(6)[0], labels, batch_size=2, verbose=0)


def test_labels_of_data_are_those_of_the_model():
    with pytest.raises(ValueError, match="0 to 2; received 3"):
        model().fit(keras_gans.Data("test", pictures(8)[0], np.arange(8) % 4), batch_size=2, verbose=0)


# Networks.


def test_networks_that_do_not_fit_are_refused():
    def build(outputs=("class_logits", "scores", "features"), classes=CLASSES, **arguments):
        return keras_gans.SemiSupervisedGAN(*networks(outputs), num_classes=classes, **arguments)

    with pytest.raises(ValueError, match="needs num_classes"):
        build(classes=None)
    with pytest.raises(ValueError, match="told nothing; received the conditions labels"):
        build(conditions={"labels": keras_gans.conditions.Classes(3)})
    with pytest.raises(ValueError, match=r"'class_logits', 'scores' and 'features'; .* a dict of 'features', 'scores'"):
        build(("scores", "features"))
    with pytest.raises(ValueError, match=r"4 classes have the shape \(4,\); those of this discriminator \(3,\)"):
        build(classes=4)


def test_it_is_not_told_classes():
    made = model()
    assert made.generate(3, seed=0).shape == (3, SIDE, SIDE, 1)
    with pytest.raises(ValueError, match="not conditional"):
        made.generate(3, labels=1)


def test_the_classifier_is_a_model_of_its_own(tmp_path):
    made = model()
    samples, labels = pictures(30)
    made.classifier.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    before = made.classify(samples)
    made.classifier.fit(samples, labels, epochs=2, verbose=0)
    assert np.abs(made.classify(samples) - before).max() > 0  # the same weights
    made.classifier.save(tmp_path / "classifier.keras")
    loaded = keras.models.load_model(tmp_path / "classifier.keras")
    logits = array(loaded(samples))
    np.testing.assert_allclose(made.classify(samples), np.exp(log_softmax(logits, axis=1)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(made.classify(samples[0]), made.classify(samples[:1]))
    assert made.classify(samples[:0]).shape == (0, CLASSES)
    with pytest.raises(ValueError, match=r"shape \(3, 3, 1\)"):
        made.classify(np.zeros((2, 3, 3, 1)))


def test_it_is_made_again_from_its_config():
    made = model(adversarial_weight=0.25)
    copy = keras_gans.SemiSupervisedGAN.from_config(json.loads(json.dumps(made.get_config())))
    copy.compile_from_config(made.get_compile_config())
    copy.set_weights(made.get_weights())
    samples, _ = pictures(5)
    np.testing.assert_array_equal(copy.classify(samples), made.classify(samples))
    assert (copy.adversarial_weight, copy.feature_matching, copy.class_weight) == (0.25, 1.0, 1.0)


# Data of which few samples are labelled.


def test_labels_are_hidden_but_for_as_many_of_each_class():
    known = keras_gans.load_data("digits")
    data = keras_gans.load_data("digits", labels=25, seed=3)
    kept = data.labels != UNLABELLED
    assert np.bincount(data.labels[kept]).tolist() == [3] * 5 + [2] * 5
    np.testing.assert_array_equal(data.labels[kept], known.labels[kept])
    np.testing.assert_array_equal(data.labels, keras_gans.load_data("digits", labels=25, seed=3).labels)
    assert (data.labels != keras_gans.load_data("digits", labels=25, seed=4).labels).any()
    assert data.num_classes == 10
    assert "25 of 1,797 labels are used, the others are hidden" in data.notes


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (9, "leaves some of the 10 classes .* at least one each"),
        (1797, "180 .* only 1"),
        (0, "labels must be"),
        (True, "labels"),
    ],
)
def test_numbers_of_labels_that_are_not_there_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        keras_gans.load_data("digits", labels=labels)


def test_data_without_labels_are_refused():
    data = keras_gans.Data("test", np.zeros((4, 8, 8, 1), "uint8"))
    for way in (lambda: hide_labels(data, 2), lambda: split_labelled(data)):
        with pytest.raises(ValueError, match="test has no labels"):
            way()


def test_labelled_samples_stand_beside_all_samples_with_their_own_labels():
    samples = np.arange(12, dtype="uint8")[:, None, None, None] * np.ones((1, 4, 4, 1), "uint8")
    labels = np.array([0, -1, 1, -1, 2, -1, -1, -1, -1, -1, -1, 1])
    batches = split_labelled(keras_gans.Data("test", samples, labels)).batches(4, seed=5, conditions=["labelled", "labels"])
    seen, taken = [], []
    for step in range(3):
        batch, told = batches.load(batches.order(0)[step], (0, step, 0))
        seen += batch[:, 0, 0, 0].tolist()
        taken += told["labelled"][:, 0, 0, 0].tolist()
        np.testing.assert_array_equal(labels[told["labelled"][:, 0, 0, 0]], told["labels"])
    assert sorted(seen) == list(range(12))
    assert sorted(taken) == sorted([0, 2, 4, 11] * 3)
