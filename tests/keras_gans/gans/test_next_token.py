import keras
import numpy as np
import pytest
import scipy.special
from keras import layers, ops

import keras_gans
from keras_gans.sequences import NextTokenDiscriminator, RecurrentLanguageModel, TokenDiscriminator

VOCABULARY, LENGTH = 6, 5
RNG = np.random.default_rng(0)


def network(vocabulary_size=VOCABULARY, length=LENGTH, dim=8, ends=False, **arguments):
    return RecurrentLanguageModel(layers.GRUCell(16), vocabulary_size, length, dim, ends=ends, **arguments)


def made(pretraining=0, anchor_weight=0.0, **arguments):
    keras.utils.set_random_seed(0)
    players = network(**arguments), NextTokenDiscriminator(network(**arguments))
    return keras_gans.NextTokenGAN(*players, 0, keras_gans.Pretraining(pretraining), anchor_weight)


def countings(n):
    """Sequences in which each token is the one before plus one, and after the last comes the first."""
    return ((RNG.integers(0, VOCABULARY, (n, 1)) + np.arange(LENGTH)) % VOCABULARY).astype("int32")


def fix_scores(model, scores):
    """Makes the discriminator give each token the same logit wherever it stands."""
    last = model.discriminator.network.predict_token
    last.set_weights([np.zeros_like(last.get_weights()[0]), np.asarray(scores, "float32")])


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize("loss", ["non_saturating", pytest.param("relativistic", marks=pytest.mark.slow)])
def test_writing_is_learnt_from_the_discriminator_alone(loss):
    model = made()
    model.compile(keras.optimizers.Adam(5e-3, beta_1=0.5), keras.optimizers.Adam(1e-2, beta_1=0.5), loss=loss)

    def share_right():
        tokens = model.generate(500, seed=0)
        return float(np.mean((tokens[:, 1:] - tokens[:, :-1]) % VOCABULARY == 1)), len(set(tokens[:, 0]))

    assert share_right()[0] < 0.35
    model.fit(countings(6_400), batch_size=64, epochs=4, verbose=0)
    right, begun = share_right()
    assert right > 0.9
    assert begun == VOCABULARY


def test_the_gradient_is_that_of_the_expected_reward():
    """For one token, the gradient by the logits is exactly p (r - E[r]), with rewards r = log sigmoid(D)."""
    scores = np.array([0.0, 1.0, 4.0], "float32")
    model = made(vocabulary_size=3, length=1)
    fix_scores(model, scores)
    model.compile(keras.optimizers.SGD(1.0), keras.optimizers.SGD(0.0))
    p = scipy.special.softmax(ops.convert_to_numpy(model.logits(np.zeros((1, 1), "int32")))[0, 0])
    model.fit(np.zeros((4, 1), "int32"), batch_size=4, epochs=1, verbose=0)
    rewards = scipy.special.log_expit(scores)
    bias = ops.convert_to_numpy(model.generator.predict_token.bias)  # was 0
    np.testing.assert_allclose(bias, p * (rewards - p @ rewards), atol=1e-5)


def test_the_discriminators_loss_is_the_mean_over_all_that_could_be_drawn():
    model = made(ends=True)
    model.compile()
    real = np.array([[3, 2, 0, 0, 0], [1, 2, 3, 4, 5]], "int32")
    distributions = model.generate_for(real, {}, model.noise_seed)
    loss, of_real, _ = model.discriminator_loss(real, distributions, training=False)
    every = ops.convert_to_numpy(model.discriminator.of_every_token(real)).astype("float64")
    counted = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    p = scipy.special.softmax(ops.convert_to_numpy(model.generator(real)).astype("float64"), axis=-1)
    total = 0.0
    for row in range(2):
        for place in range(LENGTH):
            at = every[row, place]
            expected = -scipy.special.log_expit(at[real[row, place]])
            expected -= sum(p[row, place, token] * scipy.special.log_expit(-at[token]) for token in range(VOCABULARY))
            total += counted[row, place] * expected
    assert float(loss) == pytest.approx(total / counted.sum(), rel=1e-5)
    np.testing.assert_allclose(of_real, np.take_along_axis(every, real[..., None], axis=-1)[..., 0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.score(real), of_real, rtol=1e-5, atol=1e-6)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_an_anchored_generator_ends_between_its_reference_and_the_rewards():
    """The distribution that minimises -E[D] + w KL(q | reference) is the reference's times exp(D / w)."""
    scores = np.array([1.0, 0.0, 2.0], "float32")
    model = made(pretraining=1, anchor_weight=0.8, vocabulary_size=3, length=1)
    model.compile(keras.optimizers.Adam(1e-2), keras.optimizers.SGD(0.0), loss="hinge")
    tokens = RNG.choice(3, size=(640, 1), p=[0.2, 0.3, 0.5]).astype("int32")
    model.fit(tokens, batch_size=16, epochs=1, verbose=0)
    assert model.stage == 1
    fix_scores(model, scores)
    model.fit(tokens, batch_size=16, epochs=8, verbose=0)
    reference, found = (
        ops.convert_to_numpy(model.logits(tokens[:1], network=which))[0, 0] for which in (model.reference, model.generator)
    )
    np.testing.assert_allclose(scipy.special.softmax(found), scipy.special.softmax(reference + scores / 0.8), atol=2e-3)


def test_after_pretraining_the_discriminator_begins_with_the_generators_vectors():
    model = made(pretraining=1, anchor_weight=0.5)
    model.compile(discriminator_optimizer=keras.optimizers.SGD(0.0))
    before = model.discriminator.network.embed.get_weights()[0].copy()
    model.fit(countings(64), batch_size=16, epochs=1, verbose=0)
    vectors = model.discriminator.network.embed.get_weights()[0]
    assert (vectors != before).any()
    np.testing.assert_array_equal(vectors, model.reference.embed.get_weights()[0])


def test_what_does_not_fit():
    vectors = keras.Input((LENGTH, 8))
    of_sequences = TokenDiscriminator(keras.Model(vectors, layers.Dense(1)(layers.Flatten()(vectors))), VOCABULARY)
    with pytest.raises(ValueError, match="NextTokenGAN needs a LanguageModel and a NextTokenDiscriminator"):
        keras_gans.NextTokenGAN(network(), of_sequences)
    with pytest.raises(ValueError, match="anchor_weight must be a number of at least 0"):
        made(anchor_weight=-1.0)
    with pytest.raises(ValueError, match=r"shape \(6, 8\), those of the discriminator \(6, 4\)\. Set share_vectors=False"):
        keras_gans.NextTokenGAN(network(), NextTokenDiscriminator(network(dim=4)))
    keras_gans.NextTokenGAN(network(), NextTokenDiscriminator(network(dim=4)), share_vectors=False)
