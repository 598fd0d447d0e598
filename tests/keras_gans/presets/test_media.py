"""Presets know no medium: what a sample is, and which files that takes, the model's own says."""

import json
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import presets
from keras_gans.files import replacing
from keras_gans.media import MEDIA, Images, Medium, Points, Text
from keras_gans.media.writers import ArrayWriter
from keras_gans.presets import hub, model_card
from keras_gans.presets.hub import manifest
from keras_gans.presets.preset import _contents


class Waves(Medium):
    """Waveforms, with a rate that is in the config and a curve that is in a file of its own."""

    name = "waves"
    many = "waveforms"
    file_names = ("curve.json",)
    writers: ClassVar = {".npy": ArrayWriter}

    def __init__(self, sample_shape, rate=8000, curve=None):
        super().__init__(sample_shape)
        self.rate, self.curve = rate, curve

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}

    def files(self):
        return {} if self.curve is None else {"curve.json": json.dumps(self.curve).encode()}

    def with_files(self, folder):
        path = Path(folder, "curve.json")
        return type(self)(self.sample_shape, self.rate, json.loads(path.read_text())) if path.is_file() else self

    def preset_files(self, model):
        def write(path):
            with replacing(path) as temporary:
                temporary.write_bytes(model.generate(2, seed=0).tobytes())

        return {"samples.raw": write}


@pytest.fixture
def waves(monkeypatch):
    monkeypatch.setattr(MEDIA, "_things", {**MEDIA._things, "waves": Waves})


def make_model(shape):
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("gan", image_shape=shape, width=4, latent_dim=3, seed=0)


def edit(folder, **changes):
    path = folder / "preset.json"
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


@pytest.fixture
def saved_waves(waves, tmp_path):
    model = make_model((16, 1))
    model.medium = Waves((16, 1), 100, [1, 2, 3])
    return keras_gans.save_preset(model, tmp_path / "waves", dataset="waves:here")


def test_a_medium_of_another_package_keeps_its_files_and_what_its_config_says(saved_waves):
    folder = saved_waves.folder
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.weights.h5", "preset.json", "curve.json", "samples.raw",
    }  # fmt: skip
    assert saved_waves.metadata.medium == {"name": "waves", "sample_shape": [16, 1], "rate": 100}
    assert set(saved_waves.metadata.files) == {"config.json", "model.weights.h5", "curve.json"}
    medium = keras_gans.load_pretrained(folder).medium
    assert (type(medium), medium.rate, medium.curve) == (Waves, 100, [1, 2, 3])
    # Of half the size, too, which draws its samples from a model that is loaded again.
    again = keras_gans.save_preset(keras_gans.load_pretrained(folder), folder, dtype="float16").load()
    assert again.medium.curve == [1, 2, 3]


def test_its_files_may_come_from_elsewhere(saved_waves):
    content = (saved_waves.folder / "preset.json").read_bytes()
    assert set(manifest.read(content, _contents(), "here")) == {"config.json", "model.weights.h5", "curve.json"}
    assert "tokenizer.model" in _contents().optional
    edit(saved_waves.folder, files=saved_waves.metadata.files | {"samples.raw": {"sha256": "0" * 64, "bytes": 1}})
    with pytest.raises(ValueError, match=r"names the file 'samples\.raw'"):
        manifest.read((saved_waves.folder / "preset.json").read_bytes(), _contents(), "here")
    assert isinstance(_contents(), hub.Contents)


@pytest.mark.parametrize("name", ["preset.json", "../curve.json"])
def test_a_medium_may_not_write_elsewhere_or_over_a_presets_own_files(waves, tmp_path, monkeypatch, name):
    monkeypatch.setattr(Waves, "files", lambda self: {name: b""})
    model = make_model((16, 1))
    model.medium = Waves((16, 1))
    with pytest.raises(ValueError, match="A medium's file may not be called"):
        keras_gans.save_preset(model, tmp_path / "preset")
    assert not (tmp_path / "preset").exists()


def test_a_medium_that_is_not_installed_is_named(saved_waves, monkeypatch):
    monkeypatch.setattr(MEDIA, "_things", {name: thing for name, thing in MEDIA._things.items() if name != "waves"})
    with pytest.raises(ValueError, match="There is no medium 'waves'"):
        saved_waves.load()


@pytest.mark.parametrize("medium", [{"name": "images"}, {"sample_shape": [2]}, {"name": "points", "sample_shape": [2], "x": 1}])
def test_a_damaged_medium_names_its_file(tmp_path, medium):
    keras_gans.save_preset(make_model((2,)), tmp_path)
    edit(tmp_path, medium=medium)
    with pytest.raises(ValueError, match=r"preset\.json is damaged: its medium"):
        keras_gans.load_pretrained(tmp_path)


def test_the_medium_and_conditions_are_said(tmp_path):
    model = keras_gans.create_model("cgan", image_shape=(8, 8, 1), num_classes=3, width=4, latent_dim=5)
    metadata = keras_gans.save_preset(model, tmp_path).metadata
    assert metadata.medium == {"name": "images", "sample_shape": [8, 8, 1]}
    assert metadata.conditions == {"labels": {"kind": "classes", "count": 3}}


@pytest.mark.parametrize(("shape", "kind"), [((8, 8, 1), Images), ((2,), Points)])
def test_an_old_preset_that_does_not_say_it_is_loaded(tmp_path, shape, kind):
    model = make_model(shape)
    preset = keras_gans.save_preset(model, tmp_path)
    edit(tmp_path, medium=None, conditions=None)
    preset = presets.find_preset(tmp_path)
    assert preset.medium is Images  # as the entry says
    loaded = preset.load()
    assert loaded.medium == kind(shape)
    np.testing.assert_array_equal(loaded.generate(3, seed=1), model.generate(3, seed=1))


def test_an_old_preset_of_text_has_its_tokenizer():
    preset = presets.find_preset("seqgan_coco")
    assert (preset.metadata.medium, preset.medium) == ({}, Text)
    model = preset.load()
    assert model.medium.tokenizer.size == model.medium.vocabulary_size


def test_saving_what_was_loaded_while_being_replaced_keeps_the_old_medium(tmp_path, monkeypatch):
    """Between the new `preset.json` and the new weights, the old ones and what they make are loaded."""
    import os

    keras_gans.save_preset(make_model((5,)), tmp_path)
    replace, seen = os.replace, []

    def wrapped(source, target):
        replace(source, target)
        seen.append(keras_gans.load_pretrained(tmp_path).medium.sample_shape)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", wrapped)
        keras_gans.save_preset(make_model((7,)), tmp_path)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == ((5,), (7,))


# Model cards


def front_matter(card):
    return card.split("---")[1].splitlines()


@pytest.mark.parametrize("shape", [(2,), (5,)])
def test_the_card_of_a_model_of_points_calls_it_neither_images_nor_text(tmp_path, shape):
    keras_gans.save_preset(make_model(shape), tmp_path / "mine", description="Points.", dataset="ring")
    card = model_card.render(tmp_path / "mine")
    assert not any(line.startswith("pipeline_tag") for line in front_matter(card))
    assert "generation" not in card
    assert "samples = model.generate(64, seed=0)" in card
    assert ("![samples](samples.png)" in card) == (shape == (2,))


def test_the_card_of_a_medium_of_another_package(saved_waves):
    card = model_card.render(saved_waves.folder)
    assert "waveforms = model.generate(64, seed=0)" in card
    assert "[samples.raw](samples.raw): random waveforms, not selected." in card
    assert "pipeline_tag" not in card


def test_the_cards_of_images_and_text_say_so():
    assert "pipeline_tag: unconditional-image-generation" in front_matter(model_card.render("dcgan_digits"))
    assert "pipeline_tag: text-generation" in front_matter(model_card.render("seqgan_coco"))
