"""Training loops of a user's own, and lists of logs."""

import keras
import numpy as np
import pytest

import keras_gans
from tests.support.slow import slow_but

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (8, 16, 16, 1), dtype="uint8")
TOKENS = RNG.integers(1, 8, (8, 4)).astype("int32")
LABELS = np.arange(8) % 3

MODELS = {
    "gan": ({"image_shape": (16, 16, 1), "width": 4}, (IMAGES,)),
    "cgan": ({"image_shape": (16, 16, 1), "width": 4, "num_classes": 3}, (IMAGES, LABELS)),
    "wgan_gp": ({"image_shape": (16, 16, 1), "width": 4}, (IMAGES,)),
    "pggan": ({"image_shape": (16, 16, 1), "width": 4, "most_channels": 8}, (IMAGES,)),
    "seqgan": ({"vocabulary_size": 8, "length": 4}, (TOKENS,)),
}


# Stages and penalties take long to compile (last run: 0.1.0, 2026-11-29).
@pytest.mark.parametrize("name", slow_but(MODELS, "gan", "cgan"))
def test_single_batches_log_in_a_graph_what_they_log_eagerly(name):
    arguments, batch = MODELS[name]
    logs = []
    for eager in (True, False):
        keras.utils.set_random_seed(0)
        model = keras_gans.create_model(name, seed=0, **arguments)
        model.compile_with(run_eagerly=eager)
        if name == "seqgan":
            logs.append([model.train_on_batch(*batch, return_dict=True), model.test_on_batch(*batch, return_dict=True)])
            model.skip_pretraining()
        else:
            logs.append([])
        logs[-1] += [model.train_on_batch(*batch, return_dict=True) for _ in range(2)]
        logs[-1].append(model.test_on_batch(*batch, return_dict=True))
    for one, two in zip(*logs, strict=True):
        assert one == pytest.approx(two, rel=2e-3, abs=2e-4)
    assert all(np.isfinite(list(each.values())).all() for each in logs[0])


def test_fit_goes_on_after_single_batches_and_they_after_fit(make_gan, points):
    model = make_gan()
    model.train_on_batch(points[:32])
    model.fit(points, batch_size=32, verbose=0)
    before = model.discriminator.get_weights()[0]
    model.train_on_batch(points[:32])
    assert np.abs(model.discriminator.get_weights()[0] - before).max() > 0


def test_lists_of_logs_are_in_the_order_of_their_names(make_gan, points):
    model = make_gan(penalties=["drift"])
    names = model.metrics_names
    assert names == ["loss", "d_loss", "d_real", "d_fake", "g_loss"]
    values = model.test_on_batch(points)
    model.evaluation_seed.state.assign(keras.random.SeedGenerator(0).state)
    named = model.evaluate(points, batch_size=256, verbose=0, return_dict=True)
    model.evaluation_seed.state.assign(keras.random.SeedGenerator(0).state)
    listed = model.evaluate(points, batch_size=256, verbose=0)
    assert dict(zip(names, listed, strict=True)) == pytest.approx(named)
    assert len(values) == len(names) and values[0] == pytest.approx(values[1] + values[4])
    assert len(model.train_on_batch(points)) == len(names) + 3
