"""Recipes of presets, `zoo/MODEL/recipes/PRESET.toml`: flags of `train` and `evaluate`, and text for the model card."""

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_gans import errors, registry

# Text for the model card that cannot be derived from the run.
_WORDS = ("description", "licence", "dataset_licence", "dataset_source", "use", "limits", "failures", "citation")
_KEYS = {"model", "train", "evaluate", "rounding", "expected", *_WORDS}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Instructions for making a preset.

    Attributes:
        name: The name of the preset.
        model: The name of the registered model.
        train: Flags of `keras-gans train`.
        evaluate: Flags of `keras-gans evaluate`, one table for each evaluation.
        rounding: `metric` and `tolerance`: weights are stored as float16 if that changes the metric by less.
        expected: What to expect when repeating it: `core_minutes` of a CPU or `gpu_minutes`, and a metric with its value.
        metadata: Text for the model card.
    """

    name: str
    model: str
    train: dict[str, Any]
    evaluate: list[dict[str, Any]]
    rounding: dict[str, Any]
    expected: dict[str, Any]
    metadata: dict[str, str]

    @property
    def keeps_the_best(self) -> bool:
        """Whether the run keeps a best model, chosen by a metric measured while training."""
        from keras_gans.media import MEDIA

        return self.train.get("metrics") != "none" and MEDIA[registry.get_entry(self.model).medium].continuous


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        ValueError: If it is not valid TOML, a key is missing or unknown, or a private model would be measured with its training
            data.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a recipe: {error}") from error
    missing = {"model", "description", "train", "evaluate", "rounding", "expected"} - set(content)
    if missing:
        raise ValueError(f"{path} is incomplete. Missing keys: {', '.join(sorted(missing))}.")
    for key in content:
        if key not in _KEYS:
            raise ValueError(errors.no_such(f"key of {path.name}", key, sorted(_KEYS)))
    metadata = {key: content.pop(key).strip() for key in _WORDS if key in content}
    if "privacy" in content["train"]:
        for table in content["evaluate"]:
            _check_private(path, content["train"], table)
    return Recipe(path.stem, metadata=metadata, **content)


def _check_private(path: Path, train: Mapping[str, Any], table: Mapping[str, Any]) -> None:
    """Check that an evaluation of a privately trained model publishes nothing of its training data."""
    learned = train.get("split", "train")
    split = table.get("split", learned)
    for part in (split, table.get("held_out", learned)):
        if part.partition("[")[0] == learned.partition("[")[0] and "dataset" not in table:
            raise ValueError(
                f"{path.name} trains privately on the split '{learned}', whose samples no figure may depend on: give each "
                '[[evaluate]] another split, and held_out = "none" or another.'
            )


def list_recipes() -> dict[str, Path]:
    """Return the recipes of the installed models, by the names of their presets."""
    folders = [folder for folder in map(registry.entry_folder, registry.list_models()) if folder is not None]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("recipes/*.toml"))}


def find_recipe(name_or_path: str) -> Recipe:
    """Return a recipe by the name of its preset, or by its file.

    Raises:
        ValueError: If it does not exist or cannot be read.
    """
    if name_or_path.endswith(".toml"):
        if not Path(name_or_path).is_file():
            raise ValueError(f"There is no file {name_or_path}.")
        return read_recipe(Path(name_or_path))
    known = list_recipes()
    if name_or_path not in known:
        raise ValueError(errors.no_such("recipe", name_or_path, sorted(known)))
    return read_recipe(known[name_or_path])


def as_flags(table: Mapping[str, Any]) -> list[str]:
    """Return a table as command-line flags. A list is joined by commas, except for `set`, which is repeated."""
    flags: list[str] = []
    for name, value in table.items():
        if name == "set":
            flags += [f"--set={setting}" for setting in value]
        elif isinstance(value, bool):
            flags.append(f"--{name}" if value else f"--no{name}")
        else:
            flags.append(f"--{name}=" + (",".join(map(str, value)) if isinstance(value, list) else str(value)))
    return flags
