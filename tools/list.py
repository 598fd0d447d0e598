"""Lists the models that can be trained and the presets that can be loaded, or describes some of them.

    keras-gans list                           all models and presets
    keras-gans list dcgan                     a model: its arguments, their defaults and what they mean
    keras-gans list dcgan_mnist runs/digits   presets, by name, run folder or address (hf://OWNER/NAME)

A model's arguments are given to train as --set=ARGUMENT=VALUE.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from absl import flags

from keras_gans import errors, presets, registry

from .common import program
from .common.model_help import argument_texts, describe_model

_JSON = flags.DEFINE_boolean("json", False, "Print JSON instead of tables.")

# The metric that a table shows of a preset: the first of these that was measured, else the first of all.
_HEADLINES = ("fid", "nll")


def main(arguments: list[str]) -> None:
    """Print both tables, or the models and presets that are named."""
    names = [name for name in arguments if name in registry.list_models()]
    places = [name for name in arguments if name not in names]
    models = [_describe_model(name) for name in (names if arguments else registry.list_models())]
    found = [_describe_preset(_find_preset(name)) for name in (places if arguments else presets.list_presets())]
    if _JSON.value:
        print(json.dumps({"models": models, "presets": found}, indent=2))
        return
    parts = [describe_model(registry.get_entry(name)) for name in names]
    if not arguments:
        parts.append(_table("model", ("name", "task", "parameters", "summary"), models))
    if found or not arguments:
        parts.append(_table("preset", ("name", "model", "dataset", "parameters", "megabytes", "metric", "licence"), found))
    print("\n\n".join(parts))


def _find_preset(name: str) -> presets.Preset:
    """Return a preset.

    Raises:
        ValueError: If there is none. The message lists models, too.
    """
    try:
        return presets.find_preset(name)
    except ValueError as error:
        if not name.isidentifier():
            raise
        known = [*registry.list_models(), *presets.list_presets()]
        raise ValueError(errors.no_such("model or preset", name, known)) from error


def _describe_model(name: str) -> dict[str, Any]:
    try:
        entry = registry.get_entry(name)
    except Exception as error:  # a model of another package that cannot be imported must not hide the others
        return {"name": name, "task": "?", "parameters": None, "summary": f"cannot be imported: {error}"}
    described = {key: getattr(entry, key) for key in ("name", "task", "parameters", "summary", "paper")}
    defaults = {key: parameter.default for key, parameter in entry.arguments.items()}
    return {**described, "arguments": defaults, "explanations": argument_texts(entry)}


def _describe_preset(preset: presets.Preset) -> dict[str, Any]:
    metadata, metrics = preset.metadata, preset.metadata.metrics
    measured = [name for name in (*_HEADLINES, *metrics) if metrics.get(name) is not None]
    return {
        "name": preset.name,
        "model": preset.config["model"],
        "dataset": metadata.dataset,
        "parameters": sum(metadata.parameters.values()),
        "megabytes": round(preset.size / 1e6, 2),
        "licence": metadata.licence,
        "dataset_licence": metadata.dataset_licence,
        "metric": f"{measured[0]} {metrics[measured[0]]:.3g}" if measured else "",
        "metrics": metrics,
    }


def _table(kind: str, columns: Sequence[str], rows: list[dict[str, Any]]) -> str:
    def cell(value: Any) -> str:
        return f"{value:,}" if isinstance(value, int) else str("-" if value in (None, "") else value)

    lines = [(kind, *columns[1:]), *(tuple(cell(row[column]) for column in columns) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    padded = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


if __name__ == "__main__":
    program.run(main)
