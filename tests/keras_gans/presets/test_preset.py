import hashlib
import json
import os

import keras
import numpy as np
import pytest
from keras import layers

import keras_gans
from keras_gans import presets, registry

CLASSES = {"dcgan": keras_gans.GAN, "gan": keras_gans.GAN, "wgan_gp": keras_gans.WGANGP}
SMALL = {"image_shape": (2,), "width": 4, "latent_dim": 3}


def make_model(seed=0, **arguments):
    keras.utils.set_random_seed(seed)
    return keras_gans.create_model("gan", **{**SMALL, "seed": seed, **arguments})


def train(model, epochs=1):
    model.fit(keras_gans.data.mixtures.ring().sample(64)[0], batch_size=16, epochs=epochs, verbose=0)
    return model


def edit_json(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def assert_same_samples(one, two, **arguments):
    np.testing.assert_array_equal(one.generate(9, seed=5, **arguments), two.generate(9, seed=5, **arguments))


# Saving and loading


def test_loaded_model_draws_the_same_samples(tmp_path):
    model = train(make_model())
    saved = keras_gans.save_preset(model, tmp_path / "preset", description="Points.", metrics={"fid": 3})
    loaded = keras_gans.load_pretrained(tmp_path / "preset")
    assert_same_samples(model, loaded)
    for one, two in zip(model.discriminator.get_weights(), loaded.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert loaded.entry == model.entry
    assert saved.metadata.to_dict()["description"] == "Points."
    assert saved.metadata.to_dict()["metrics"] == {"fid": 3}
    assert saved.config["arguments"]["width"] == 4
    # Dense layers by hand: 3-4-8-16-2 and 2-8-4-1.
    assert saved.metadata.to_dict()["parameters"] == {"generator": 16 + 40 + 144 + 34, "discriminator": 24 + 36 + 5}
    assert saved.size == (tmp_path / "preset/model.weights.h5").stat().st_size


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_preset_of_half_the_size_is_the_average_alone_rounded(tmp_path):
    model = train(make_model(ema=0.5, width=64))
    keras_gans.save_preset(model, tmp_path / "full")
    preset = keras_gans.save_preset(model, tmp_path / "half", averaged_only=True, dtype="float16")
    loaded = preset.load()
    sizes = [(tmp_path / name / "model.weights.h5").stat().st_size for name in ("full", "half")]
    assert sizes[1] < 0.45 * sizes[0]
    for ours, theirs in (
        (loaded.ema_generator, model.ema_generator),
        (loaded.generator, model.ema_generator),
        (loaded.discriminator, model.discriminator),
    ):
        for one, two in zip(ours.weights, theirs.weights, strict=True):
            assert one.dtype == two.dtype
            np.testing.assert_array_equal(one.numpy(), two.numpy().astype("float16").astype("float32"))
    assert np.abs(loaded.generate(9, seed=5) - model.generate(9, seed=5)).max() < 1e-2
    train(loaded)


def test_numbers_too_large_for_half_the_bits_are_kept(tmp_path):
    model = make_model()
    large = model.generator.weights[0]
    large.assign(np.full(large.shape, 1e5, "float32"))
    loaded = keras_gans.save_preset(model, tmp_path, dtype="float16").load()
    np.testing.assert_array_equal(loaded.generator.weights[0].numpy(), large.numpy())
    with pytest.raises(ValueError, match=r"float8.*float16"):
        keras_gans.save_preset(model, tmp_path, dtype="float8")


def test_folder_holds_the_four_documented_files(tmp_path):
    keras_gans.save_preset(make_model(), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"config.json", "model.weights.h5", "preset.json", "samples.png"}


def test_preset_says_how_large_the_files_of_a_load_are_and_their_sha256(tmp_path):
    saved = keras_gans.save_preset(make_model(), tmp_path, files="something else")
    for name in ("config.json", "model.weights.h5"):
        content = (tmp_path / name).read_bytes()
        assert saved.metadata.to_dict()["files"].pop(name) == {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
        }
    assert saved.metadata.to_dict()["files"] == {}
    assert saved.metadata.to_dict()["sha256"] == hashlib.sha256((tmp_path / "model.weights.h5").read_bytes()).hexdigest()
    edit_json(tmp_path / "preset.json", files=None)  # as older versions wrote it
    keras_gans.load_pretrained(tmp_path)


def test_average_is_kept_when_only_compile_asked_for_it(tmp_path):
    model = make_model()
    model.compile(ema=0.5)
    train(model, epochs=3)
    assert not np.array_equal(model.generate(9, seed=5), model.generate(9, seed=5, use_ema=False))
    keras_gans.save_preset(model, tmp_path)
    loaded = keras_gans.load_pretrained(tmp_path)
    assert_same_samples(model, loaded)
    assert_same_samples(model, loaded, use_ema=False)


def test_average_that_compile_took_away_is_not_missed(tmp_path):
    model = make_model(ema=0.5)
    with pytest.warns(UserWarning, match="drops the moving average"):
        model.compile()
    keras_gans.save_preset(train(model), tmp_path)
    assert_same_samples(model, keras_gans.load_pretrained(tmp_path))


def test_batch_norm_statistics_are_kept(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("dcgan", image_shape=(8, 8, 1), width=2, latent_dim=3, ema=0.5)
    model.fit(np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), dtype="uint8"), batch_size=16, verbose=0)
    keras_gans.save_preset(model, tmp_path)
    loaded = keras_gans.load_pretrained(tmp_path)
    assert_same_samples(model, loaded)
    assert_same_samples(model, loaded, use_ema=False)


@pytest.mark.parametrize("shape", [(5,), (3, 4), (3, 4, 5, 1), (6, 6, 2)])
def test_models_of_samples_that_cannot_be_drawn_are_saved_as_well(tmp_path, shape):
    model = make_model(image_shape=shape)
    keras_gans.save_preset(model, tmp_path)
    assert_same_samples(model, keras_gans.load_pretrained(tmp_path))


def test_loaded_model_trains_on_and_is_saved_again(tmp_path):
    keras_gans.save_preset(make_model(), tmp_path)
    model = train(keras_gans.load_pretrained(tmp_path))
    keras_gans.save_preset(model, tmp_path)
    assert_same_samples(model, keras_gans.load_pretrained(tmp_path))


FACTS = {
    "description": "Points on a ring.",
    "dataset": "ring",
    "dataset_licence": "CC0",
    "licence": "Apache-2.0",
    "recipe": "keras-gans train gan --dataset=ring",
    "metrics": {"fid": 3.0},
    "training": {"epochs": 4, "batch_size": 16},
    "mine": [1, 2],
}


def test_a_preset_that_is_loaded_and_saved_keeps_its_metadata(tmp_path):
    keras_gans.save_preset(make_model(), tmp_path / "one", **FACTS, rounding={"dtype": "float16"})
    again = keras_gans.save_preset(keras_gans.load_pretrained(tmp_path / "one"), tmp_path / "two", licence="MIT")
    kept = again.metadata.to_dict()
    assert {name: kept.get(name) for name in FACTS} == {**FACTS, "licence": "MIT"}
    assert "rounding" not in kept  # of the file, not of the model


def test_a_preset_that_is_trained_further_says_where_it_began_and_keeps_no_figure(tmp_path):
    one = keras_gans.save_preset(make_model(), tmp_path / "one", classes=["a"], **FACTS)
    trained = train(keras_gans.load_pretrained(tmp_path / "one"))
    trained.compile()  # optimizers begin anew, but the weights are others
    kept = keras_gans.save_preset(trained, tmp_path / "two").metadata.to_dict()
    assert not {"metrics", "recipe", "dataset", "training", "description", "mine"} & set(kept)
    assert kept["classes"] == ["a"]
    assert kept["fine_tuned_from"] == {
        "preset": str(tmp_path / "one"),
        "sha256": one.metadata.sha256,
        "dataset": "ring",
        "dataset_licence": "CC0",
    }


# Methods of models


def test_a_class_loads_presets_of_its_own_models_only(tmp_path):
    saved = keras_gans.save_preset(make_model(), tmp_path / "points")
    loaded = keras_gans.GAN.from_preset(saved.folder, learning_rate=0.5)
    assert type(loaded) is keras_gans.GAN
    assert loaded.optimizer.generator.learning_rate == 0.5
    assert isinstance(keras_gans.AdversarialModel.from_preset(saved.folder), keras_gans.GAN)
    with pytest.raises(
        ValueError, match=r"^WGANGP\.from_preset cannot load '.*points', which holds a GAN: use GAN\.from_preset"
    ):
        keras_gans.WGANGP.from_preset(saved.folder)


def test_a_model_saves_itself(tmp_path):
    model = make_model()
    assert_same_samples(model, model.save_to_preset(tmp_path, description="Points.").load())
    assert presets.find_preset(tmp_path).metadata.description == "Points."


def test_a_class_lists_its_presets(monkeypatch):
    assert set(keras_gans.AdversarialModel.presets) == set(keras_gans.list_presets())
    assert keras_gans.AdversarialModel.presets["dcgan_mnist"] == presets.find_preset("dcgan_mnist").metadata.description
    monkeypatch.setattr(type(registry.get_entry("dcgan")), "model_class", property(lambda entry: CLASSES.get(entry.name)))
    assert set(keras_gans.GAN.presets) == {"dcgan_digits", "dcgan_mnist", "gan_mnist"}
    assert set(keras_gans.WGANGP.presets) == {"wgan_gp_mnist"}
    assert keras_gans.GAN.presets == make_model().presets


def test_saving_does_not_change_the_model(tmp_path):
    model = train(make_model())
    before = [np.array(value) for value in model.get_weights()]
    keras_gans.save_preset(model, tmp_path)
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert model.trainable_variables
    assert model.optimizer.iterations == 4


def test_model_put_together_by_hand_is_refused(tmp_path):
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with pytest.raises(
        ValueError, match=r"create_model did not build this model.*model\.save\('model\.keras'\).*register_model"
    ):
        keras_gans.save_preset(keras_gans.GAN(generator, discriminator), tmp_path / "preset")
    assert not (tmp_path / "preset").exists()


# Damage


@pytest.fixture
def saved(tmp_path):
    keras_gans.save_preset(make_model(), tmp_path / "preset")
    return tmp_path / "preset"


def test_flipped_byte_is_noticed(saved):
    weights = saved / "model.weights.h5"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.weights\.h5 is missing, damaged .*SHA-256"):
        keras_gans.load_pretrained(saved)


def test_missing_weights_are_noticed(saved):
    (saved / "model.weights.h5").unlink()
    with pytest.raises(ValueError, match=r"model\.weights\.h5 is missing"):
        keras_gans.load_pretrained(saved)


@pytest.mark.parametrize("arguments", [{"width": 5}, {"latent_dim": 4}, {"image_shape": [3]}])
def test_config_of_another_architecture_is_refused(saved, arguments):
    config = json.loads((saved / "config.json").read_text())
    edit_json(saved / "config.json", arguments={**config["arguments"], **arguments})
    with pytest.raises(ValueError, match=r"The weights in .*preset do not fit the model that its config\.json describes"):
        keras_gans.load_pretrained(saved)


@pytest.mark.parametrize("number", [0, 2, None])
def test_other_format_is_refused(saved, number):
    edit_json(saved / "config.json", format=number)
    with pytest.raises(ValueError, match=rf"config\.json has format {number}; this version of keras_gans .* reads format 1"):
        keras_gans.load_pretrained(saved)


@pytest.mark.parametrize("name", ["config.json", "preset.json"])
@pytest.mark.parametrize("content", ["{", "[]", "{}", "null"])
def test_unusable_json_names_its_file(saved, name, content):
    (saved / name).write_text(content)
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        keras_gans.load_pretrained(saved)


def test_config_without_its_parts_names_its_file(saved):
    (saved / "config.json").write_text('{"format": 1}')
    with pytest.raises(ValueError, match=r"config\.json"):
        keras_gans.load_pretrained(saved)


def test_preset_of_a_model_that_is_not_registered_says_what_to_do(saved):
    edit_json(saved / "config.json", model="someone_elses_gan")
    words = "needs the model 'someone_elses_gan', which is not registered"
    with pytest.raises(ValueError, match=rf"{words}\. If a script of yours registers it .*import that script first"):
        keras_gans.load_pretrained(saved)
    edit_json(saved / "config.json", requires_package="their-gans")
    with pytest.raises(ValueError, match=rf"{words}\. Install the package that registers it: pip install their-gans\."):
        keras_gans.load_pretrained(saved)


def test_a_saved_model_is_not_a_preset_and_the_error_says_how_to_load_it(tmp_path):
    path = tmp_path / "model.keras"
    make_model().save(path)
    with pytest.raises(ValueError, match=rf"is a file, and a preset is a folder.*models\.load_model\('{path}'\)"):
        keras_gans.load_pretrained(path)
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ValueError, match="is a file, and a preset is a folder") as caught:
        keras_gans.load_pretrained(tmp_path / "notes.txt")
    assert "load_model" not in str(caught.value)


def test_missing_presets(tmp_path):
    with pytest.raises(ValueError, match="There is no preset or run folder 'no_such_preset'"):
        keras_gans.load_pretrained("no_such_preset")
    with pytest.raises(ValueError, match=r"is not a preset or run folder: it does not contain config\.json"):
        keras_gans.load_pretrained(tmp_path)


# At every moment


@pytest.fixture
def after_each_rename(monkeypatch):
    """Calls a function after every single rename."""

    def install(function):
        replace = os.replace

        def wrapped(source, target):
            replace(source, target)
            function(str(target))

        monkeypatch.setattr(os, "replace", wrapped)

    return install


def changed_model(change):
    model = make_model(seed=1, **({"width": 5} if change == "other width" else {}))
    if change == "average added":
        model.compile(ema=0.5)
    return train(model)


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.parametrize(
    "change",
    ["trained on", pytest.param("average added", marks=pytest.mark.slow), pytest.param("other width", marks=pytest.mark.slow)],
)
def test_folder_can_be_loaded_at_every_moment_of_saving_into_it(saved, after_each_rename, change):
    old, new = keras_gans.load_pretrained(saved), changed_model(change)
    allowed = [model.generate(9, seed=5) for model in (old, new)]
    moments = []

    def check(target):
        samples = keras_gans.load_pretrained(saved).generate(9, seed=5)
        moments.append(next(which for which, expected in enumerate(allowed) if np.array_equal(samples, expected)))

    after_each_rename(check)
    keras_gans.save_preset(new, saved)
    assert len(moments) >= 3
    assert moments == sorted(moments)  # the old model, then the new one
    assert moments[-1] == 1


def test_interrupted_saving_spoils_neither_the_folder_nor_the_next_saving(saved, monkeypatch, after_each_rename):
    old = keras_gans.load_pretrained(saved)
    replace = os.replace

    def fail_at_weights(source, target):
        if str(target).endswith("model.weights.h5"):
            raise OSError("no space left on device")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail_at_weights)
        with pytest.raises(OSError, match="no space left"):
            keras_gans.save_preset(train(make_model(seed=1)), saved)
    assert_same_samples(old, keras_gans.load_pretrained(saved))

    new = train(make_model(seed=2))
    after_each_rename(lambda target: keras_gans.load_pretrained(saved))
    keras_gans.save_preset(new, saved)
    assert_same_samples(new, keras_gans.load_pretrained(saved))


def test_bundled_presets_are_listed_with_their_folders():
    for name in keras_gans.list_presets():
        assert (presets.find_preset(name).folder / "config.json").is_file()
    assert keras_gans.list_presets() == sorted(keras_gans.list_presets())
