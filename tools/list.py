"""Lists the models that can be trained and the presets that can be loaded, or describes some presets.

keras-gans list [--json]
keras-gans list PRESET|DIR|hf://OWNER/NAME|https://HOST/FOLDER ... [--json]
"""

import json

from absl import flags

from keras_gans import presets, registry

from .common import program

_JSON = flags.DEFINE_boolean("json", False, "Print JSON instead of tables.")

# What a table says of a preset: the first of these that was measured, else the first of others.
_HEADLINES = ("fid", "nll")


def main(arguments: list[str]) -> None:
    """Prints both tables, or that of the presets that are named."""
    models = [] if arguments else [_describe_model(name) for name in registry.list_models()]
    found = [_describe_preset(presets.find_preset(name)) for name in arguments or presets.list_presets()]
    if _JSON.value:
        print(json.dumps({"models": models, "presets": found}, indent=2))
        return
    if models:
        _print_table("model", ("name", "task", "parameters", "summary"), models)
        print()
    _print_table("preset", ("name", "model", "dataset", "parameters", "megabytes", "metric", "licence"), found)


def _describe_model(name):
    try:
        entry = registry.get_entry(name)
    except Exception as error:  # another package's model that does not import must not hide the others
        return {"name": name, "task": "?", "parameters": None, "summary": f"cannot be imported: {error}"}
    described = {key: getattr(entry, key) for key in ("name", "task", "parameters", "summary", "paper")}
    return {**described, "arguments": {key: parameter.default for key, parameter in entry.arguments.items()}}


def _describe_preset(preset):
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


def _print_table(kind, columns, rows):
    def cell(value):
        return f"{value:,}" if isinstance(value, int) else str("-" if value in (None, "") else value)

    table = [(kind, *columns[1:])] + [tuple(cell(row[column]) for column in columns) for row in rows]
    widths = [max(len(line[index]) for line in table) for index in range(len(columns))]
    for line in table:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    program.run(main)
