"""What is refused, and how that is said."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans import callbacks
from keras_gans.privacy import DPSGD
from tests.support.networks import make_networks

POINTS = keras_gans.data.mixtures.ring().sample(128)[0]
PRIVATE = {"epsilon": 3.0, "delta": 1e-3}


def make_gan(**options):
    model = keras_gans.GAN(*make_networks(dropout=False), seed=0)
    model.compile(**{"privacy": DPSGD(**PRIVATE), **options})
    return model


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epsilon": 0}, "epsilon must be a number above 0; received 0."),
        ({"epsilon": float("inf")}, "epsilon must be a number above 0"),
        ({"delta": 0.0}, "delta must be a number above 0"),
        ({"delta": 1.0}, "delta must be below 1; received 1.0. Take less than 1 / number of samples"),
        ({"clip": -1}, "clip must be a number above 0; received -1"),
        ({"noise": 0}, "noise must be a number above 0; received 0. Leave it out to have it chosen."),
        ({"steps": 2.5}, "steps must be an integer of at least 1; received 2.5."),
        ({"noise": 1.0, "steps": 10}, "Give either noise or steps"),
        ({"accountant": "pld"}, "There is no accountant 'pld'"),
    ],
)
def test_values_out_of_range_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        DPSGD(**{**PRIVATE, **arguments})


def test_compile_takes_nothing_else():
    with pytest.raises(ValueError, match=r"privacy takes keras_gans.privacy.DPSGD.* received 10"):
        make_gan(privacy=10)


def normalized():
    generator, _ = make_networks()
    critic = [keras.Input((2,)), layers.Dense(8), layers.BatchNormalization(name="norm"), layers.Dense(1)]
    return generator, keras.Sequential(critic)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "relativistic"}, "The loss 'relativistic' shows real samples to the generator"),
        ({"loss": "relativistic_average"}, "shows real samples to the generator"),
        ({"penalties": "dragan"}, "The penalty 'dragan' depends on all samples of a batch together"),
        ({"augment": "adaptive"}, "Adaptive augmentation adapts to the scores of real samples"),
        ({"feature_matching": 1.0}, "feature_matching shows real samples to the generator"),
        ({"steps_per_execution": 4}, "leave steps_per_execution at 1"),
    ],
)
def test_what_would_break_the_promise_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make_gan(**options)


def test_layers_that_mix_samples_are_refused_in_the_discriminator():
    model = keras_gans.GAN(*normalized())
    with pytest.raises(ValueError, match="the discriminator's layer 'norm' mixes samples"):
        model.compile(privacy=DPSGD(**PRIVATE))


def test_a_conditional_generator_must_not_mix_classes():
    latents, labels = keras.Input((4,), name="latents"), keras.Input((), dtype="int32", name="labels")
    x = layers.Concatenate()([latents, layers.Embedding(3, 2)(labels)])
    generator = keras.Model([latents, labels], layers.BatchNormalization(name="norm")(layers.Dense(2)(x)))
    points, told = keras.Input((2,), name="samples"), keras.Input((), dtype="int32", name="labels")
    scores = layers.Dense(1)(layers.Concatenate()([points, layers.Embedding(3, 2)(told)]))
    model = keras_gans.ConditionalGAN(generator, keras.Model([points, told], scores), num_classes=3)
    with pytest.raises(ValueError, match="The generator's layer 'norm' mixes the classes of a batch"):
        model.compile(privacy=DPSGD(**PRIVATE))


def test_models_whose_generator_sees_real_samples_are_refused():
    model = keras_gans.create_model("pix2pix", image_shape=(16, 16, 3), width=4)
    with pytest.raises(ValueError, match="PairedTranslation cannot be trained privately, because its generator"):
        model.compile_with(privacy=DPSGD(**PRIVATE))


@pytest.mark.parametrize(
    ("settings", "batch_size", "message"),
    [
        ({"delta": 0.01}, 16, r"delta=0.01 is too large for 128 samples: .* less than 1 / 128 = 0.0078, such as 0.004"),
        ({}, 129, "There are 128 samples, fewer than one batch of 129: set batch_size to at most 128"),
        ({"noise": 0.01}, 16, "One step with noise=0.01 and batches of 16 of 128 samples spends more than epsilon=3"),
    ],
)
def test_fit_says_what_does_not_fit_the_data(settings, batch_size, message):
    model = make_gan(privacy=DPSGD(**{**PRIVATE, **settings}))
    with pytest.raises(ValueError, match=message):
        model.fit(POINTS, batch_size=batch_size, verbose=0)


def test_data_that_cannot_be_drawn_at_random_are_refused():
    model = make_gan()
    with pytest.raises(ValueError, match="Private training draws each batch at random from all samples: pass an array"):
        model.fit((POINTS[:16] for _ in range(4)), steps_per_epoch=4, verbose=0)
    with pytest.raises(ValueError, match=r"call fit\(samples, ...\)"):
        model.train_on_batch(POINTS[:16])


@pytest.mark.parametrize("callback", [callbacks.TrainingDoctor, callbacks.EvaluateSamples])
def test_callbacks_that_publish_what_real_samples_show_are_refused(callback):
    data = keras_gans.Data("points", POINTS)
    made = (
        callback()
        if callback is callbacks.TrainingDoctor
        else callback(keras_gans.evaluation.Evaluator(data, ["precision_recall"], 16))
    )
    with pytest.raises(ValueError, match=f"{callback.__name__} compares generated samples with real ones"):
        make_gan().fit(POINTS, batch_size=16, verbose=0, callbacks=[made])


def test_settings_survive_serialization():
    model = make_gan(privacy=DPSGD(2, 1e-4, clip=0.5, noise=3.0))
    model.compile_with(loss="hinge")
    assert model.ledger.settings.get_config() == DPSGD(2, 1e-4, clip=0.5, noise=3.0).get_config()
    assert np.isfinite(model.ledger.settings.clip)
