import json
import math

import keras
import numpy as np
import pytest
from keras import layers, ops
from scipy.special import log_softmax
from scipy.stats import norm

import keras_gans
from keras_gans.conditions import Classes, Codes

SIDE, KINDS, COUNT = 4, 3, 2
CONDITIONS = {"category": Classes(KINDS), "codes": Codes(COUNT)}


def networks(outputs=("scores", "category_logits", "code_means", "code_log_stds")):
    latents, category, codes = (
        keras.Input((2,)),
        keras.Input((), dtype="int32", name="category"),
        keras.Input((COUNT,), name="codes"),
    )
    joined = layers.Concatenate()([latents, layers.Embedding(KINDS, 4)(category), codes])
    made = layers.Reshape((SIDE, SIDE, 1))(layers.Dense(SIDE * SIDE, "tanh")(joined))
    images = keras.Input((SIDE, SIDE, 1))
    features = layers.Dense(6, "tanh")(layers.Flatten()(images))
    units = {"scores": 1, "category_logits": KINDS, "code_means": COUNT, "code_log_stds": COUNT}
    found = {name: layers.Dense(units[name], name=name)(features) for name in outputs}
    return keras.Model([latents, category, codes], made), keras.Model(images, found)


def model(**arguments):
    keras.utils.set_random_seed(0)
    made = keras_gans.InfoGAN(*networks(), seed=0, conditions=CONDITIONS, **arguments)
    made.compile()
    return made


def array(tensor):
    return np.asarray(ops.convert_to_numpy(tensor), "float64")


def images(n, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, SIDE, SIDE, 1)).astype("float32")


# The losses.


def test_the_information_is_the_bound_of_the_paper():
    """Equation 5: E log Q(c | x) + H(c), for a categorical and a factored Gaussian Q."""
    rng, n = np.random.default_rng(0), 7
    logits, means = rng.normal(size=(n, KINDS)).astype("float32"), rng.normal(size=(n, COUNT)).astype("float32")
    log_stds = rng.uniform(-2, 1, (n, COUNT)).astype("float32")
    category, codes = rng.integers(0, KINDS, n).astype("int32"), rng.uniform(-1, 1, (n, COUNT)).astype("float32")
    outputs = {"category_logits": logits, "code_means": means, "code_log_stds": log_stds}
    told = {"category": category, "codes": codes}
    of_category, of_codes = model().information(*({k: ops.convert_to_tensor(v) for k, v in d.items()} for d in (outputs, told)))
    assert float(array(of_category)) == pytest.approx(
        log_softmax(logits, axis=1)[np.arange(n), category].mean() + math.log(KINDS), rel=1e-5
    )
    densities = norm.logpdf(codes, means, np.maximum(np.exp(log_stds), 0.5))  # certainty is limited
    assert float(array(of_codes)) == pytest.approx(densities.sum(axis=1).mean() + COUNT * math.log(2), rel=1e-5)


def test_both_networks_are_rewarded_for_information():
    made = model(category_weight=2.0, code_weight=0.5)
    real, generated = ops.convert_to_tensor(images(6)), ops.convert_to_tensor(images(6, seed=1))
    told = {
        "category": ops.convert_to_tensor(CONDITIONS["category"].examples(6)),
        "codes": ops.convert_to_tensor(CONDITIONS["codes"].examples(6)),
    }
    outputs = made.discriminator(generated)
    of_category, of_codes = (float(array(each)) for each in made.information(outputs, told))
    real_scores, generated_scores = array(made.discriminator(real)["scores"]), array(outputs["scores"])
    reward = 2.0 * of_category + 0.5 * of_codes
    loss, *_ = made.discriminator_loss(real, generated, told)
    expected = (np.logaddexp(0, -real_scores) + np.logaddexp(0, generated_scores)).mean() - reward
    assert float(array(loss)) == pytest.approx(expected, rel=1e-4)
    loss = made.generator_loss(generated, real, told)
    assert float(array(loss)) == pytest.approx(np.logaddexp(0, -generated_scores).mean() - reward, rel=1e-4)


# Learning.


def test_codes_are_drawn_evenly():
    made = model()
    drawn = [made.draw_codes(300, made.noise_seed) for _ in range(10)]
    category, codes = (np.concatenate([array(each[name]) for each in drawn]) for name in ("category", "codes"))
    assert np.abs(np.bincount(category.astype(int)) / len(category) - 1 / KINDS).max() < 0.03
    assert codes.min() >= -1
    assert codes.max() < 1
    assert np.abs(codes.mean(axis=0)).max() < 0.05
    np.testing.assert_allclose(codes.var(axis=0), 1 / 3, atol=0.03)
    assert (array(drawn[0]["codes"]) != array(drawn[1]["codes"])).all()


def test_samples_come_to_tell_their_codes_without_labels():
    made = model()
    made.compile(optimizer=keras.optimizers.Adam(0.02))
    history = made.fit(images(64), batch_size=32, epochs=60, verbose=0).history
    assert history["information"][-1] > history["information"][0] + 1.0
    assert history["information"][-1] < math.log(KINDS) + COUNT * (math.log(2) - 0.5 * math.log(2 * math.pi * 0.25))
    told = {"category": np.arange(60) % KINDS, "codes": Codes(COUNT).examples(60)}
    samples = made.generate(60, seed=1, conditions=told)
    assert np.mean(made.classify(samples).argmax(axis=1) == told["category"]) > 0.9
    measured = made.evaluate(images(64), verbose=0, return_dict=True)
    assert measured["information"] == pytest.approx(history["information"][-1], abs=0.5)


def test_labels_of_the_data_are_not_needed_and_not_used():
    weights = []
    for labels in (None, np.arange(32) % 5):
        made = model()
        data = keras_gans.Data("test", images(32), labels)
        made.fit(data, batch_size=8, verbose=0)
        weights.append(made.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


# Generating.


def test_codes_are_chosen_in_generating():
    made = model()
    one = made.generate(4, seed=0, conditions={"category": 2, "codes": [0.5, -1.0]})
    each = made.generate(4, seed=0, conditions={"category": [2, 2, 2, 1], "codes": np.tile([0.5, -1.0], (4, 1))})
    np.testing.assert_array_equal(one[:3], each[:3])
    assert np.abs(one[3] - each[3]).max() > 0
    assert np.abs(one - made.generate(4, seed=0, conditions={"category": 2, "codes": [0.4, -1.0]})).max() > 0


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([0.5, 1.5], r"lie in \[-1, 1\]; these reach from 0.5 to 1.5"),
        ([0.5], r"shape \(n, 2\), or \(2,\) for one sample; received float64 of shape \(1,\)"),
        ([0.5, np.nan], "NaN"),
        (["a", "b"], "Codes of this model"),
        (np.zeros((3, 2)), "4 samples need as many codes, or one for all; received 3"),
        (None, "give the codes to generate from"),
    ],
    ids=str,
)
def test_codes_that_mean_nothing_are_refused(codes, message):
    with pytest.raises(ValueError, match=message):
        model().generate(4, conditions={"category": 0, "codes": codes})


def tiles(picture, rows, columns):
    """Returns the samples in a picture: what the corner of each tile shows, `(rows, columns)`."""
    height, width = (size // count for size, count in zip(picture.shape[:2], (rows, columns), strict=True))
    return np.stack([[picture[row * height + 4, column * width + 4, 0] for column in range(columns)] for row in range(rows)])


def test_a_picture_has_a_row_for_each_category():
    made = model()
    found = tiles(made.draw(12, seed=3), KINDS, 4)
    for row in range(KINDS):
        told = {"category": row, "codes": Codes(COUNT).examples(4)}
        samples = made.generate(4, seed=3, conditions=told)
        np.testing.assert_array_equal(found[row], np.rint((samples[:, 0, 0, 0] + 1) * 127.5))


def test_a_picture_of_what_a_code_does():
    made = model()
    found = tiles(made.draw_code(1, columns=5, seed=3), KINDS, 5)
    codes = np.stack([np.zeros(5), np.linspace(-1, 1, 5)], axis=1)
    latents = np.repeat(made.latents(1, seed=3), 5, axis=0)
    for row in range(KINDS):
        samples = made.generate_from(latents, {"category": row, "codes": codes})
        np.testing.assert_array_equal(found[row], np.rint((samples[:, 0, 0, 0] + 1) * 127.5))
    with pytest.raises(ValueError, match=r"one of the 2 codes .* counted from 0; received 2"):
        made.draw_code(2)


# Networks.


def test_networks_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"'scores' and .*'code_means'.* this one returns {'category_logits'"):
        keras_gans.InfoGAN(*networks(("scores", "category_logits")), conditions=CONDITIONS)
    for conditions in (None, {"labels": Classes(3)}, {"category": Codes(2)}):
        with pytest.raises(ValueError, match="The conditions of an InfoGAN are"):
            keras_gans.InfoGAN(*networks(), conditions=conditions)


def test_it_is_made_again_from_its_config():
    made = model(category_weight=0.5, code_weight=0.25)
    copy = keras_gans.InfoGAN.from_config(json.loads(json.dumps(made.get_config())))
    copy.set_weights(made.get_weights())
    told = made.example_conditions(5)
    np.testing.assert_array_equal(copy.generate(5, seed=0, conditions=told), made.generate(5, seed=0, conditions=told))
    assert (copy.category_weight, copy.code_weight, copy.conditions) == (0.5, 0.25, CONDITIONS)


@pytest.mark.parametrize(("categories", "codes", "names"), [(0, 2, ["codes"]), (4, 0, ["category"])])
def test_an_entry_with_one_kind_of_codes(categories, codes, names):
    made = keras_gans.create_model(
        "infogan", image_shape=(8, 8, 1), width=4, hidden=8, guess_width=8, categories=categories, codes=codes
    )
    assert list(made.conditions) == names
    logs = made.train_on_batch(np.zeros((4, 8, 8, 1), "uint8"), return_dict=True)
    assert np.isfinite(float(logs["information"]))
    assert made.draw(8).ndim == 3
    if not categories:
        with pytest.raises(ValueError, match="has no category"):
            made.classify(np.zeros((1, 8, 8, 1)))
