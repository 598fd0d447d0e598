"""Recipes of presets, `zoo/MODEL/recipes/PRESET.toml`: flags of `train` and `evaluate`, and words for the model card."""

import dataclasses
import tomllib
from pathlib import Path

from keras_gans import errors, registry

# Metadata in words: what a model card cannot find out by itself.
_WORDS = ("description", "licence", "dataset_licence", "dataset_source", "use", "limits", "failures", "citation")
_KEYS = {"model", "train", "evaluate", "rounding", "expected", *_WORDS}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Instructions for making a preset.

    Attributes:
        name: Of the preset.
        model: The zoo entry.
        train: Flags of `keras-gans train`.
        evaluate: Flags of `keras-gans evaluate`, for each time that it is run.
        rounding: `metric` and `tolerance`: weights become float16 where that changes the metric by less.
        expected: What whoever repeats it may expect: `core_minutes` of a CPU or `gpu_minutes`, and a metric with its value.
        metadata: What the model card says in words.
    """

    name: str
    model: str
    train: dict
    evaluate: list[dict]
    rounding: dict
    expected: dict
    metadata: dict[str, str]

    @property
    def keeps_the_best(self) -> bool:
        """Whether the run chose a best model by a metric that was measured while training."""
        from keras_gans.media import MEDIA

        return self.train.get("metrics") != "none" and MEDIA[registry.get_entry(self.model).medium].continuous


def read_recipe(path: Path) -> Recipe:
    """Reads a recipe.

    Raises:
        ValueError: If it is no TOML, or a key is missing or unknown.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no recipe: {error}") from error
    missing = {"model", "description", "train", "evaluate", "rounding", "expected"} - set(content)
    if missing:
        raise ValueError(f"{path} lacks {', '.join(sorted(missing))}.")
    for key in content:
        if key not in _KEYS:
            raise ValueError(errors.no_such(f"key of {path.name}", key, sorted(_KEYS)))
    metadata = {key: content.pop(key).strip() for key in _WORDS if key in content}
    return Recipe(path.stem, metadata=metadata, **content)


def list_recipes() -> dict[str, Path]:
    """Returns the recipes that come with the installed models, by the names of their presets."""
    folders = [folder for folder in map(registry.entry_folder, registry.list_models()) if folder is not None]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("recipes/*.toml"))}


def find_recipe(name_or_path: str) -> Recipe:
    """Returns a recipe from its preset's name or its file.

    Raises:
        ValueError: If there is none, or it cannot be read.
    """
    if name_or_path.endswith(".toml"):
        if not Path(name_or_path).is_file():
            raise ValueError(f"There is no file {name_or_path}.")
        return read_recipe(Path(name_or_path))
    known = list_recipes()
    if name_or_path not in known:
        raise ValueError(errors.no_such("recipe", name_or_path, sorted(known)))
    return read_recipe(known[name_or_path])


def as_flags(table: dict) -> list[str]:
    """Returns flags as a command line has them: a list is joined by commas, but for `set`, which is repeated."""
    flags = []
    for name, value in table.items():
        if name == "set":
            flags += [f"--set={setting}" for setting in value]
        elif isinstance(value, bool):
            flags.append(f"--{name}" if value else f"--no{name}")
        else:
            flags.append(f"--{name}=" + (",".join(map(str, value)) if isinstance(value, list) else str(value)))
    return flags
