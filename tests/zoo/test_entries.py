"""What holds for every entry of the zoo, tested for each by its name alone."""

import json
import math
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import registry

ALL = keras_gans.list_models()
# Those of text: test_text_entries.py.
ENTRIES = [name for name in ALL if registry.get_entry(name).task == "images"]
# The smallest sizes and the shortest schedules that show everything: tests are about behaviour, not about pictures.
SHAPE = (8, 8, 3)
SMALL = {"width": 8, "latent_dim": 6, "critic_steps": 1, "first": 0, "thorough": 1, "fade_images": 8, "stable_images": 8}


def build(name, shape=SHAPE, **arguments):
    keras.utils.set_random_seed(0)
    small = {key: value for key, value in SMALL.items() if key in registry.get_entry(name).arguments}
    return keras_gans.create_model(name, image_shape=shape, seed=0, **{**small, **arguments})


def data(model, n=16):
    """Arguments of `fit`: images, with labels where the model needs some."""
    return (np.random.default_rng(0).integers(0, 256, (n, *model.data_shape), "uint8"), model.class_labels(n))


def generate(model, n, **options):
    return model.generate(n, labels=model.class_labels(n), **options)


# wgan_gp has other networks for 32x32 than for 28x28.
@pytest.mark.parametrize(("name", "shape"), [*((name, (28, 28, 1)) for name in ENTRIES), ("wgan_gp", (32, 32, 3))], ids=str)
def test_a_few_steps_train_every_weight(name, shape):
    model = build(name, shape)
    before = [[w.copy() for w in network.get_weights()] for network in (model.generator, model.discriminator)]
    history = model.fit(*data(model), batch_size=8, epochs=3, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    for network, old in zip((model.generator, model.discriminator), before, strict=True):
        for variable, value in zip(network.weights, old, strict=True):
            if model.adversarial_loss.registered_name == "wasserstein" and variable.path.endswith(
                ("logits/bias", "scores/bias")
            ):
                continue  # what is added to all scores alike changes nothing
            assert np.abs(keras.ops.convert_to_numpy(variable) - value).max() > 0, variable.path
    samples = generate(model, 3, seed=0)
    assert samples.shape == (3, *shape)
    assert np.abs(samples).max() <= 1


# A growing one, one whose discriminator normalises, and one that is told labels; the others: a minute (last run: 0.1.0,
# 2026-11-26).
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ("cgan", "dcgan", "pggan") else pytest.mark.slow) for name in ENTRIES]
)
def test_frozen_layers_of_the_discriminator_stay_as_they_are(name):
    """All layers but the last are frozen in a model that has been trained, and has grown."""
    model = build(name, (8, 8, 1) if name == "pggan" else (16, 16, 1))
    model.fit(*data(model), batch_size=8, epochs=1, verbose=0)
    model.start_from_average()
    discriminator, generator = model.whole_discriminator, model.sampling_network(use_ema=False)
    model.freeze_discriminator(keras_gans.adversarial.freezing.count_layers(discriminator) - 1)
    weights = {v.path: v for v in [*discriminator.weights, *generator.weights]}
    before = {path: keras.ops.convert_to_numpy(v).copy() for path, v in weights.items()}
    model.fit(*data(model), batch_size=8, epochs=1, verbose=0)
    same = {path for path, v in weights.items() if (keras.ops.convert_to_numpy(v) == before[path]).all()}
    heads = {v.path for v in discriminator.weights if v.path.split("/")[-2] in ("logits", "scores", "class_logits")}
    assert {v.path for v in discriminator.weights} - heads <= same
    learning = {path for path in (*heads, *(v.path for v in generator.weights)) if path.endswith("kernel")}
    # What a growing generator made its smaller images by is no longer used.
    assert len(learning & same) == (1 if name == "pggan" else 0)


@pytest.mark.parametrize("name", ENTRIES)
def test_config_round_trip_builds_the_same_model(name):
    model = build(name, ema=0.99)
    copy = type(model).from_config(json.loads(json.dumps(model.get_config())))
    assert [w.shape for w in copy.get_weights()] == [w.shape for w in model.get_weights()]
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(generate(copy, 2, seed=0), generate(model, 2, seed=0))
    assert copy.entry == model.entry


@pytest.mark.parametrize("name", ENTRIES)
def test_a_saved_model_and_a_preset_generate_the_same(name, tmp_path):
    model = build(name, ema=0.9)
    model.fit(*data(model), batch_size=8, epochs=1, verbose=0)
    expected = generate(model, 4, seed=1)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(generate(loaded, 4, seed=1), expected)
    for a, b in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b))
    keras_gans.save_preset(model, tmp_path / "preset")
    np.testing.assert_array_equal(generate(keras_gans.load_pretrained(tmp_path / "preset"), 4, seed=1), expected)


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize(
    "policy",
    [
        "mixed_float16",
        # A minute (last run: 0.1.0, 2026-11-24). What float16 can hold, bfloat16 can, too.
        pytest.param("mixed_bfloat16", marks=pytest.mark.slow),
    ],
)
def test_mixed_precision_trains_and_generates_float32(name, policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = build(name)
    finally:
        keras.config.set_dtype_policy("float32")
    assert any(layer.compute_dtype == policy.removeprefix("mixed_") for layer in model.generator.layers)
    history = model.fit(*data(model), batch_size=8, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert generate(model, 2, seed=0).dtype == np.float32


@pytest.mark.parametrize("name", ENTRIES)
def test_keras_callbacks_and_validation_work(name, tmp_path):
    model = build(name)
    history = model.fit(
        *data(model),
        batch_size=8,
        epochs=2,
        verbose=0,
        validation_data=data(model),
        callbacks=[
            keras.callbacks.ModelCheckpoint(tmp_path / "last.keras"),
            keras.callbacks.ReduceLROnPlateau(),
            keras.callbacks.CSVLogger(tmp_path / "log.csv"),
            keras_gans.callbacks.SampleGrid(tmp_path / "samples", n=4),
        ],
    ).history
    assert np.isfinite(history["val_loss"]).all()
    assert generate(keras.models.load_model(tmp_path / "last.keras"), 1, seed=0).shape == (1, *SHAPE)


@pytest.mark.parametrize("name", ALL)
def test_facts_of_the_listing_are_true(name):
    entry = registry.get_entry(name)
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model(name)
    counted = sum(math.prod(v.shape) for v in [*model.generator.trainable_variables, *model.discriminator.trainable_variables])
    assert entry.parameters == counted
    assert entry.task
    assert entry.summary
    assert entry.paper.split(", ")[-1].split(":")[0] in ("arXiv", "OpenReview")


@pytest.mark.parametrize("name", ALL)
def test_every_entry_has_a_model_card(name):
    card = Path(registry.entry_folder(name), "README.md").read_text(encoding="utf-8")
    assert f"keras-gans train {name}" in card
    assert registry.get_entry(name).paper.split(":")[-1] in card
