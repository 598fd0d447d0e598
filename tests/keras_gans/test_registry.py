import json

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import registry


@pytest.fixture
def no_new_entries(monkeypatch):
    """Forgets, after the test, what it registers."""
    monkeypatch.setattr(registry, "_entries", dict(registry._entries))


def test_models_of_the_zoo_are_listed_in_order():
    names = keras_gans.list_models()
    assert {"dcgan", "gan"} <= set(names)
    assert names == sorted(names)


def test_arguments_reach_the_builder_and_are_remembered():
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3)
    assert isinstance(model, keras_gans.AdversarialModel)
    assert model.generate(5, seed=0).shape == (5, 2)
    assert model.latent_shape == (3,)
    assert model.entry["model"] == "gan"
    assert model.entry["arguments"]["width"] == 4
    assert model.entry["arguments"]["loss"] == "non_saturating"  # a default is remembered, too
    json.dumps(model.entry)


def test_misspelt_model_suggests_the_nearest_and_lists_all():
    with pytest.raises(ValueError, match=r"There is no model 'dcgna'. Did you mean 'dcgan'.*There are: .*dcgan.*gan"):
        keras_gans.create_model("dcgna")


def test_unlike_anything_suggests_nothing():
    with pytest.raises(ValueError, match=r"There is no model 'diffusion'. There are: "):
        keras_gans.create_model("diffusion")


def test_misspelt_argument_suggests_the_nearest():
    with pytest.raises(ValueError, match=r"There is no gan argument 'widht'. Did you mean 'width'"):
        keras_gans.create_model("gan", widht=4)


@pytest.mark.parametrize("value", [{1, 2}, keras.optimizers.Adam], ids=["set", "class"])
def test_value_that_a_preset_cannot_store_names_its_argument(value):
    with pytest.raises(ValueError, match="latent_dim"):
        keras_gans.create_model("gan", latent_dim=value)


def test_numpy_numbers_are_numbers():
    given = {"image_shape": [2], "width": 4, "latent_dim": 3, "learning_rate": 0.5, "seed": 0}
    kinds = (np.array, np.int64, np.uint8, np.float32, np.int32)
    arguments = {name: kind(value) for (name, value), kind in zip(given.items(), kinds, strict=True)}
    stored = keras_gans.create_model("gan", **arguments).entry["arguments"]
    assert {name: stored[name] for name in given} == given
    assert [type(stored[name]) for name in given][1:] == [int, int, float, int]
    labels = np.array([0, 2, 1])
    assert keras_gans.create_model("cgan", num_classes=labels.max() + 1, image_shape=(8, 8, 1), width=2).num_classes == 3
    with pytest.raises(ValueError, match=r"latent_dim of gan must be an integer, such as 100; received 3\.5"):
        keras_gans.create_model("gan", latent_dim=np.float64(3.5))


@pytest.mark.parametrize(
    ("argument", "value", "words"),
    [
        ("learning_rate", -1, "must be a number of at least 0; received -1"),
        ("learning_rate", float("nan"), "must be a number of at least 0; received nan"),
        ("learning_rate", float("inf"), "must be a number of at least 0; received inf"),
        ("beta_1", 1.0, "must be at least 0 and less than 1; received 1.0"),
        ("beta_1", -0.1, "must be at least 0 and less than 1; received -0.1"),
        ("latent_dim", 0, "must be an integer of at least 1; received 0"),
        ("seed", -1, "must be an integer of at least 0; received -1"),
        ("seed", 1.5, "must be an integer of at least 0; received 1.5"),
    ],
)
def test_values_with_which_no_model_can_train_are_refused(argument, value, words):
    with pytest.raises(ValueError, match=f"^{argument} of dcgan {words}") as caught:
        keras_gans.create_model("dcgan", **{argument: value})
    assert "\n" not in str(caught.value)


def test_a_model_is_described_with_its_arguments_their_defaults_and_what_they_mean():
    described = keras_gans.describe("dcgan")
    assert described.startswith("dcgan: ")
    for name, parameter in registry.get_entry("dcgan").arguments.items():
        assert f"\n  {name} = {parameter.default!r}\n      " in described, name
    assert "length of a latent vector" in described
    with pytest.raises(ValueError, match="Did you mean 'dcgan'"):
        keras_gans.describe("dcgna")


def test_every_argument_of_every_model_is_documented():
    for name in keras_gans.list_models():
        entry = registry.get_entry(name)
        assert set(entry.argument_docs) == set(entry.arguments), name


def test_a_builders_annotation_says_the_class_of_its_models(no_new_entries):
    @keras_gans.register_model("by_name")
    def by_name(width=4) -> "keras_gans.WGANGP": ...

    @keras_gans.register_model("by_class")
    def by_class(width=4) -> keras_gans.WGANGP: ...

    @keras_gans.register_model("unsaid")
    def unsaid(width=4): ...

    classes = [registry.get_entry(name).model_class for name in ("by_name", "by_class", "unsaid")]
    assert classes == [keras_gans.WGANGP, keras_gans.WGANGP, None]


def test_the_package_of_a_model_is_known(no_new_entries):
    assert registry.providing_package("dcgan") == "keras-gans"

    @keras_gans.register_model("in_a_script")
    def in_a_script(width=4): ...

    assert registry.providing_package("in_a_script") is None


def test_none_is_taken_where_the_builder_says_so():
    assert keras_gans.create_model("r3gan", image_shape=(2,), width=4, ema=None).ema_generator is None
    with pytest.raises(ValueError, match="width of r3gan must be an integer"):
        keras_gans.create_model("r3gan", image_shape=(2,), width=None)


def test_registered_builder_is_found_by_name(no_new_entries):
    @keras_gans.register_model("small_one", task="points", summary="Small.")
    def small_one(width=4):
        return keras_gans.create_model("gan", image_shape=(2,), width=width, latent_dim=3)

    assert "small_one" in keras_gans.list_models()
    assert keras_gans.create_model("small_one", width=5).entry == {"model": "small_one", "arguments": {"width": 5}}
    assert small_one(width=4).sample_shape == (2,)  # the decorator leaves the function as it is


def test_the_medium_has_an_older_name(no_new_entries):
    @keras_gans.register_model("by_medium", medium="text")
    def by_medium(length=4): ...

    @keras_gans.register_model("by_task", task="text")
    def by_task(length=4): ...

    @keras_gans.register_model("by_default")
    def by_default(image_shape=(2,)): ...

    entries = [registry.get_entry(name) for name in ("by_medium", "by_task", "by_default")]
    assert [(entry.medium, entry.task) for entry in entries] == [("text", "text"), ("text", "text"), ("images", "images")]


def test_two_builders_of_one_name_are_refused(no_new_entries):
    @keras_gans.register_model("twice", task="points")
    def first(width=4): ...

    with pytest.raises(ValueError, match=r"Two builders want the model name 'twice': .*first.*second"):

        @keras_gans.register_model("twice", task="points")
        def second(width=4): ...


def test_module_may_be_imported_twice(no_new_entries):
    for _ in range(2):

        @keras_gans.register_model("again", task="points")
        def builder(width=4): ...

    assert "again" in keras_gans.list_models()


@pytest.mark.parametrize("name", ["dcgan", "gan"])
def test_name_of_a_model_that_is_not_imported_yet_is_taken_as_well(monkeypatch, name):
    monkeypatch.setattr(registry, "_entries", {})
    with pytest.raises(ValueError, match=f"Two builders want the model name '{name}'"):

        @keras_gans.register_model(name, task="points")
        def other(width=4): ...


def test_builder_without_defaults_is_refused(no_new_entries):
    with pytest.raises(ValueError, match=r"builder of 'bare' needs a default value for each argument; \['width'\] have none"):

        @keras_gans.register_model("bare", task="points")
        def bare(width, depth=3): ...

    assert "bare" not in keras_gans.list_models()


THIRD_PARTY = '''
"""A model of another package."""

import keras_gans


@keras_gans.register_model("ringmaster", task="points", summary="One hidden layer.", parameters=55)
def ringmaster(image_shape=(2,), latent_dim=3, units=5, seed=None):
    import keras
    from keras import layers

    generator = keras.Sequential([keras.Input((latent_dim,)), layers.Dense(units, "relu"), layers.Dense(2, "tanh")])
    discriminator = keras.Sequential([keras.Input(image_shape), layers.Dense(units, "relu"), layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, seed)
    model.compile("adam", keras.optimizers.Adam(1e-3))
    return model
'''


@pytest.fixture
def site(tmp_path):
    """Makes a folder that works like an installed package; returns the environment that has it."""

    def make(name, module, entry_points):
        folder = tmp_path / "site"
        information = folder / f"{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (folder / f"{name}.py").write_text(module)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text("[keras_gans.zoo]\n" + entry_points)
        return {"PYTHONPATH": str(folder)}

    return make


def test_another_package_adds_a_model(tmp_path, site, keras_gans_cli, keras_gans_forked):
    env = site("circus", THIRD_PARTY, "ringmaster = circus\n")

    listed = keras_gans_cli("list", "--json", env=env)
    assert listed.returncode == 0, listed.stderr
    found = {model["name"]: model for model in json.loads(listed.stdout)["models"]}
    assert {"gan", "dcgan", "ringmaster"} <= set(found)
    assert found["ringmaster"]["summary"] == "One hidden layer."
    assert found["ringmaster"]["arguments"] == {"image_shape": [2], "latent_dim": 3, "units": 5, "seed": None}

    run = tmp_path / "run"
    trained = keras_gans_forked(
        *("train", "ringmaster", "--dataset=ring", "--epochs=1", "--batch_size=1024", "--set=units=6", f"--run_dir={run}"),
        env=env,
    )
    assert trained.returncode == 0, trained.stderr
    assert json.loads((run / "config.json").read_text())["arguments"]["units"] == 6

    generated = keras_gans_forked("generate", run, "--num=5", f"--output={tmp_path / 'points.npy'}", env=env)
    assert generated.returncode == 0, generated.stderr
    points = np.load(tmp_path / "points.npy")
    assert points.shape == (5, 2)
    assert (np.abs(points) <= 1).all()


def test_package_that_cannot_be_imported_does_not_hide_the_others(site, keras_gans_cli):
    listed = keras_gans_cli("list", "--json", env=site("broken", "import no_such_module", "broken_gan = broken\n"))
    assert listed.returncode == 0, listed.stderr
    found = {model["name"]: model for model in json.loads(listed.stdout)["models"]}
    assert "no_such_module" in found["broken_gan"]["summary"]
    assert found["gan"]["task"] == "images"


def test_entry_point_without_a_builder_says_what_is_missing(site, keras_gans_forked):
    trained = keras_gans_forked("train", "hollow_gan", env=site("hollow", "", "hollow_gan = hollow\n"))
    assert trained.returncode == 2
    assert "registers no model of that name" in trained.stderr
    assert "@register_model('hollow_gan', ...)" in trained.stderr


def test_two_packages_of_one_model_name_are_refused(site, keras_gans_cli):
    listed = keras_gans_cli("list", env=site("rival", "", "gan = rival\n"))
    assert listed.returncode == 2
    assert "Two packages register the model name 'gan'" in listed.stderr
    assert "Traceback" not in listed.stderr
