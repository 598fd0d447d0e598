"""What holds for every entry of the zoo, tested for each by its name alone."""

import math
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import registry
from tests.support.checks import check_entry, check_entry_trains
from tests.support.entries import IMAGES, build, data, generate
from tests.support.slow import slow_but

ALL = keras_gans.list_models()
# Networks for 28x28 are others than for 8x8, except for some. Growing and residual ones take long to compile at that size.
SMALL = ("fastgan", "pggan", "projected_gan", "r3gan")
SHAPES = {name: {"image_shape": (28, 28, 1)} for name in IMAGES if name not in SMALL}


# Five minutes, most of which is compiling: by default, one entry without conditions, one with, and one that maps images. Others
# are trained and saved, by the next test or by tests/golden and tests/keras_gans/gans (last run: 0.1.0, 2026-11-29).
CLASSES = {name: {"num_classes": 2} for name in ("seqgan", "next_token_gan", "projected_gan", "video_gan")}
WHOLE = ("cgan", "edsr")


@pytest.mark.parametrize("name", slow_but(ALL, *WHOLE))
def test_entry(name, tmp_path):
    check_entry(name, tmp_path, **SHAPES.get(name, {}), **CLASSES.get(name, {}))


@pytest.mark.parametrize(
    "name",
    slow_but(["acgan", "dcgan", "next_token_gan", "r3gan", "vocos_gan", "wgan", "wgan_gp"], "dcgan", "wgan_gp"),
)
def test_an_entry_is_trained_and_saved(name, tmp_path):
    check_entry_trains(name, tmp_path, **CLASSES.get(name, {}))


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.parametrize(
    ("name", "shape"),
    # wgan_gp has other networks for 32x32 than for 28x28.
    slow_but([("wgan_gp", (32, 32, 3)), ("pggan", (28, 28, 1)), ("r3gan", (28, 28, 1))]),
    ids=str,
)
def test_networks_of_other_sizes(name, shape):
    check_entry_trains(name, image_shape=shape)


# Discriminators that consist of several: all layers from where they part count as one, the last.
SEVERAL = ("fastgan", "infogan", "projected_gan")


# One whose discriminator normalises, and one that is told labels; the others: a minute (last run: 0.1.0, 2026-11-29).
@pytest.mark.parametrize("name", slow_but([name for name in IMAGES if name not in SEVERAL], "cgan", "dcgan"))
def test_frozen_layers_of_the_discriminator_stay_as_they_are(name):
    """All layers but the last are frozen in a model that has been trained, and has grown."""
    model = build(name, image_shape=(8, 8, 1) if name == "pggan" else (16, 16, 1))
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


# What float16 can hold, bfloat16 can, too. The others consist of the same layers and penalties (last run: 0.1.0, 2026-11-29).
@pytest.mark.parametrize(
    ("name", "policy"),
    [
        pytest.param(name, policy, marks=() if common and policy == "mixed_float16" else pytest.mark.slow)
        for name, common in ((name, name in ("cgan", "wgan_gp")) for name in IMAGES)
        for policy in ("mixed_float16", "mixed_bfloat16")
    ],
)
def test_mixed_precision_trains_and_generates_float32(name, policy):
    model = build(name, policy)
    assert any(layer.compute_dtype == policy.removeprefix("mixed_") for layer in model.generator.layers)
    history = model.fit(*data(model), batch_size=8, epochs=1, verbose=0).history
    assert np.isfinite([values for key, values in history.items() if key.endswith("loss")]).all()
    assert generate(model, 2, seed=0).dtype == np.float32


# One has more than a thousand layers (last run: 0.1.0, 2026-11-29).
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] if name == "esrgan" else []) for name in ALL])
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
