"""The arguments of a registered model, with their defaults and explanations, as text."""

from __future__ import annotations

import inspect
import json
import re
import textwrap

from keras_gans.registry import Entry

_WIDTH = 90
_SECTION = re.compile(r"^Args:\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_ARGUMENT = re.compile(r"^(\w+): (.*?)(?=^\w+: |\Z)", re.MULTILINE | re.DOTALL)


def describe_model(entry: Entry) -> str:
    """Return what a model is, and the arguments of its builder."""
    size = "" if entry.parameters is None else f" {entry.parameters:,} parameters by default."
    explained = argument_texts(entry)
    lines = [textwrap.fill(f"{entry.name}: {entry.summary}{size}", _WIDTH)]
    if entry.paper:
        lines.append(textwrap.fill(entry.paper, _WIDTH))
    lines += ["", f'Arguments of {entry.name}, as --set=ARGUMENT=VALUE or create_model("{entry.name}", ARGUMENT=VALUE):']
    for name, parameter in entry.arguments.items():
        lines.append(f"  {name} (default: {_as_written(parameter.default)})")
        if name in explained:
            lines.append(textwrap.indent(textwrap.fill(explained[name], _WIDTH), " " * 6))
    return "\n".join(lines)


def argument_texts(entry: Entry) -> dict[str, str]:
    """Return the explanations of a builder's arguments by name, from the section `Args:` of its docstring."""
    section = _SECTION.search(inspect.getdoc(entry.build) or "")
    if section is None:
        return {}
    found = _ARGUMENT.findall(textwrap.dedent(section[1]))
    return {name: " ".join(text.split()) for name, text in found}


def _as_written(default: object) -> str:
    """Return a default as --set takes it."""
    if default is None or isinstance(default, str | bool):
        return str(default)
    try:
        return json.dumps(default)
    except TypeError:
        return repr(default)
