import json

import pytest

import keras_gans
from keras_gans import presets
from keras_gans.presets import Metadata, Training, TrainingFlags


@pytest.mark.parametrize("name", keras_gans.list_presets())
def test_a_bundled_preset_that_is_read_and_written_is_unchanged(name, tmp_path):
    path = presets.find_preset(name).folder / "preset.json"
    metadata = Metadata.read(path)
    metadata.write(tmp_path / "preset.json")
    assert (tmp_path / "preset.json").read_bytes() == path.read_bytes()
    # Everything that is there is known.
    assert not metadata.others
    assert not metadata.training.others


def test_what_another_version_says_is_kept_in_its_place():
    content = {"later": [1, {"a": None}], "description": "Points.", "training": {"hours": 3, "crop": None}, "gone": None}
    metadata = Metadata.from_dict(content)
    assert json.dumps(metadata.to_dict()) == json.dumps(content)
    assert metadata.others == {"later": [1, {"a": None}]}
    assert metadata.training.others == {"hours": 3}


def test_what_is_missing_or_null_has_its_default():
    metadata = Metadata.from_dict({"classes": None, "training": None, "metrics": {}})
    assert (metadata.classes, metadata.training, metadata.description) == ([], Training(), "")
    assert metadata.to_dict() == {"classes": None, "training": None, "metrics": {}}


def test_changes_keep_the_order_and_new_keys_come_last():
    metadata = Metadata.from_dict({"sha256": "a", "description": "Points."})
    changed = metadata.update(description="Rings.", mine=3, training=metadata.training.update(epochs=4, crop=None))
    assert list(changed.to_dict().items()) == [
        ("sha256", "a"),
        ("description", "Rings."),
        ("mine", 3),
        ("training", {"epochs": 4, "crop": None}),
    ]
    assert changed.without("sha256", "mine", "training").to_dict() == {"description": "Rings."}
    assert metadata.to_dict() == {"sha256": "a", "description": "Points."}


@pytest.mark.parametrize("name", ["training", "metrics", "previous", "medium"])
def test_a_value_of_another_kind_names_its_key_and_the_file(name, tmp_path):
    (tmp_path / "preset.json").write_text(json.dumps({name: 5}))
    with pytest.raises(ValueError, match=rf"preset\.json is damaged: '{name}' must be an object; it is 5"):
        Metadata.read(tmp_path / "preset.json")


def test_every_field_is_documented():
    for kind, documentation in ((Metadata, Metadata.__doc__), (Training, TrainingFlags.__doc__ + Training.__doc__)):
        for name in kind.known_names():
            assert f"        {name}: " in documentation, name
