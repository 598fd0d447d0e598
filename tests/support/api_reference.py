"""The page of the public names: `python -m tests.support.api_reference > docs/api.md`."""

import inspect
import types
from collections.abc import Mapping

import keras_gans
from keras_gans.named import Named

# Of a mapping, so many are named.
_NAMES = 16


def summary_of(value: object) -> str:
    """Returns the first paragraph of the docstring of a class or function; the value of a constant."""
    if inspect.isclass(value) or inspect.isroutine(value):
        return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    if isinstance(value, Mapping):
        names = [f"`{name}`" for name in value]
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES + 1 else ""
        return "A mapping by name: " + ", ".join(names[: _NAMES if more else None]) + more
    if isinstance(value, Named):
        return "A registry: its decorator `register(name)` adds to it."
    return f"`{value!r}`"


def rows_of(module: types.ModuleType) -> list[str]:
    """Returns a row of a table for each public class and function of a module."""
    rows = []
    for name in sorted(getattr(module, "__all__", ()), key=str.lower):
        value = getattr(module, name)
        if isinstance(value, types.ModuleType):
            continue
        rows.append(f"| `{name}` | {summary_of(value)} |")
    return rows


def render() -> str:
    """Returns the page."""
    lines = ["# API", "", "Every public name. `help(NAME)` shows arguments, shapes, ranges, errors and sources.", ""]
    modules = [name for name in keras_gans.__all__ if isinstance(getattr(keras_gans, name), types.ModuleType)]
    for title in ("keras_gans", *(f"keras_gans.{name}" for name in modules)):
        module = keras_gans if title == "keras_gans" else getattr(keras_gans, title.partition(".")[2])
        rows = rows_of(module)
        if rows:
            lines += [f"## `{title}`", "", "| name | what it is |", "|---|---|", *rows, ""]
    return "\n".join(lines)


if __name__ == "__main__":
    print(render(), end="")
