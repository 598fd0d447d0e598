"""Makes a preset from its recipe: trains, chooses the best model, stores and measures it, and writes its model card.

    keras-gans pretrain dcgan_digits
    keras-gans pretrain seqgan_coco --data_dir=data --output=runs/pretrain
    keras-gans pretrain my_recipe.toml

RECIPE is the name of a preset (see `keras-gans pretrain --list`) or a .toml file like those in zoo/MODEL/recipes/. Finished
steps are not repeated: if the command is killed, run it again. The preset is the folder OUTPUT/NAME/NAME, which load_pretrained
and all programs accept; in zoo/MODEL/presets/ it becomes part of the package.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import resource
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from absl import flags

from keras_gans import files, presets
from keras_gans.presets import Metadata, model_card

from .common import preset_pictures, processor, program, recipes

_OUTPUT = flags.DEFINE_string("output", "runs/pretrain", "Folder for runs and presets, one folder per recipe.")
_DATA_DIR = flags.DEFINE_string(
    "data_dir", ".", "Folder of the recipes' data files: text:captions/train.txt is DATA_DIR/captions/train.txt."
)
_LIST = flags.DEFINE_boolean("list", False, "Print the names of all recipes.")


def main(arguments: list[str]) -> None:
    """Make the preset, or continue to make it."""
    if _LIST.value:
        print("\n".join(recipes.list_recipes()))
        return
    recipe = recipes.find_recipe(program.one_argument(arguments, "RECIPE (see keras-gans pretrain --list)"))
    folder = Path(_OUTPUT.value, recipe.name).resolve()
    run = folder / "run"
    if not _finished(run, recipe):
        _train(recipe, folder)
    source = run / "best" if recipe.keeps_the_best else run
    program.import_keras()
    preset, rounding = _store(recipe, source, folder)
    evaluations = [_evaluate(preset.folder, table, folder) for table in recipe.evaluate]
    _describe(recipe, run, preset, evaluations, rounding, folder)
    with contextlib.chdir(_DATA_DIR.value):
        preset_pictures.draw(preset)
    card = model_card.write(preset.folder)
    print(
        f"Wrote the preset {preset.folder} and its model card {card.name}. Load it with "
        f'keras_gans.load_pretrained("{preset.folder}"), or try keras-gans generate {preset.folder}.'
    )


def _finished(run: Path, recipe: recipes.Recipe) -> bool:
    path = run / presets.METADATA
    return path.is_file() and Metadata.read(path).training.epochs_done == recipe.train["epochs"]


def _train(recipe: recipes.Recipe, folder: Path) -> None:
    """Train, or resume, in a process of its own, and add up the CPU seconds of all attempts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    cost = folder / "cost.json"
    spent = files.read_object(cost)["cpu_seconds"] if cost.is_file() else 0.0
    costs: dict[str, Any] = {}
    try:
        _run("train", recipe.model, "--resume", f"--run_dir={folder / 'run'}", *recipes.as_flags(recipe.train))
    finally:
        folder.mkdir(parents=True, exist_ok=True)
        spent += resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        costs = {"cpu_seconds": round(spent, 1), "hardware": processor.in_words()}
        files.write_json(cost, costs)
    if not _finished(folder / "run", recipe):
        raise RuntimeError(f"Training stopped. Repeat the command to resume {folder / 'run'}.")
    # Only now: Keras would take memory of the accelerator during training.
    program.import_keras()
    from keras_gans import backend

    files.write_json(cost, {**costs, "hardware": ", ".join([costs["hardware"], *backend.accelerators()])})


def _run(*command: str) -> None:
    """Run a verb of keras-gans in the data folder. Its output appears in ours.

    Raises:
        RuntimeError: If it failed, after printing why.
    """
    finished = subprocess.run([sys.executable, "-m", "keras_gans_tools.cli", *command], cwd=_DATA_DIR.value, check=False)
    if finished.returncode == 130:
        raise KeyboardInterrupt
    if finished.returncode:
        raise RuntimeError(f"keras-gans {command[0]} failed. Repeat the command to continue.")


def _store(recipe: recipes.Recipe, source: Path, folder: Path) -> tuple[presets.Preset, dict[str, Any]]:
    """Write the preset, with weights in half precision if that does not change the metric; return it and the comparison."""
    metadata = presets.find_preset(source).metadata.update(**recipe.metadata).without("previous", "logs", "protocol", "seeds")
    target, metric = folder / recipe.name, recipe.rounding["metric"]
    table = {**recipe.evaluate[0], "seeds": 1, "metrics": recipe.rounding.get("metrics", metric)}

    def save(dtype: str) -> presets.Preset:
        model = presets.load_pretrained(source)
        return presets.save_preset(model, target, averaged_only=True, dtype=dtype, **metadata.to_dict())

    def measured(place: Path) -> float:
        return _as_list(_evaluate(place, table, folder))[0]["metrics"][metric]["mean"]

    preset = save("float16")
    whole, rounded = measured(source), measured(target)
    rounding = {"dtype": "float16", "metric": metric, "float32": whole, "float16": rounded}
    if abs(whole - rounded) >= recipe.rounding["tolerance"]:
        rounding["dtype"] = "float32"
        preset = save("float32")
    return preset, rounding


def _as_list(results: Any) -> list[dict[str, Any]]:
    return results if isinstance(results, list) else [results]


def _evaluate(place: Path, table: dict[str, Any], folder: Path) -> Any:
    """Return the result of `evaluate`, which is stored for the same weights and flags."""
    arguments = recipes.as_flags(table)
    key = hashlib.sha256(json.dumps([files.sha256(place / presets.WEIGHTS), arguments]).encode()).hexdigest()[:16]
    path = folder / "evaluations" / f"{key}.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        _run("evaluate", str(place), *arguments, f"--output={path}")
    return json.loads(path.read_text(encoding="utf-8"))


def _describe(
    recipe: recipes.Recipe,
    run: Path,
    preset: presets.Preset,
    evaluations: list[Any],
    rounding: dict[str, Any],
    folder: Path,
) -> None:
    """Complete `preset.json`."""
    found = [
        {
            "command": shlex.join(["keras-gans", "evaluate", recipe.name, *recipes.as_flags(table)]),
            **{key: result[key] for key in ("protocol", "seeds", "temperature", "metrics", "real") if key in result},
        }
        for table, results in zip(recipe.evaluate, evaluations, strict=True)
        for result in _as_list(results)
    ]
    metrics: dict[str, float] = {}
    for evaluation in reversed(found):  # the first evaluation of a metric counts
        metrics |= {name: values["mean"] for name, values in evaluation["metrics"].items()}
    cost = folder / "cost.json"
    training = preset.metadata.training.update(
        seconds=Metadata.read(run / presets.METADATA).training.seconds, **(files.read_object(cost) if cost.is_file() else {})
    )
    preset.metadata.update(
        pretrain=f"keras-gans pretrain {recipe.name}",
        metrics=metrics,
        evaluations=found,
        rounding=rounding,
        expected=recipe.expected,
        training=training,
    ).write(preset.folder / presets.METADATA)


if __name__ == "__main__":
    program.run(main)
