"""The help text of a program: its docstring, and its flags in groups."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from types import ModuleType

from absl import flags

_WIDTH = 90
# What a value looks like, by the name of the flag; else its type says it.
_METAVARS = {
    "background": "COLOUR",
    "crop": "WAY",
    "data_dir": "PATH",
    "data_service": "ADDRESS",
    "dataset": "SOURCE",
    "gallery": "PATH",
    "held_out": "SOURCE",
    "image_size": "SIZE",
    "label": "CLASS",
    "mask": "PATH",
    "output": "PATH",
    "report": "PATH",
    "run_dir": "PATH",
    "set": "ARGUMENT=VALUE",
    "split": "SPLIT",
    "workers": "HOST:PORT,...",
}
_KINDS = {flags.IntegerParser: "INT", flags.FloatParser: "NUMBER", flags.ListParser: "A,B,..."}


def help_text(module: ModuleType) -> str:
    """Return the help text of a program.

    Args:
        module: The program's module: its docstring is the text. It may have `SHARED_FLAGS`, modules whose flags it shares, and
            any of these `GROUPS`, which map headings to names of flags. Flags without a group come last.
    """
    modules = [module, *getattr(module, "SHARED_FLAGS", ())]
    found = {flag.name: flag for each in modules for flag in flags.FLAGS.get_flags_for_module(each.__name__)}
    groups: dict[str, list[str]] = {}
    for each in modules:
        for heading, names in getattr(each, "GROUPS", {}).items():
            groups.setdefault(heading, []).extend(name for name in names if name in found)
    rest = sorted(set(found).difference(*groups.values()))
    lines = [(module.__doc__ or "").strip()]
    for heading, names in {**groups, "Other flags" if groups else "Flags": rest}.items():
        if names:
            lines += ["", f"{heading}:", *_described(found[name] for name in names)]
    return "\n".join(lines)


def _described(found: Iterable[flags.Flag]) -> list[str]:
    lines = []
    for flag in found:
        lines.append(f"  --{flag.name}" + ("" if flag.boolean else f"={_metavar(flag)}"))
        lines.append(textwrap.indent(textwrap.fill(_explanation(flag), _WIDTH), " " * 6))
    return lines


def _metavar(flag: flags.Flag) -> str:
    if isinstance(flag, flags.EnumFlag):
        return "|".join(flag.parser.enum_values)
    if flag.name in _METAVARS:
        return _METAVARS[flag.name]
    return next((word for kind, word in _KINDS.items() if isinstance(flag.parser, kind)), "TEXT")


def _explanation(flag: flags.Flag) -> str:
    # absl appends a line of its own for flags that may be repeated, and prepends the values of an enumeration.
    text = flag.help.split(";\n    repeat this option")[0]
    if isinstance(flag, flags.EnumFlag):
        text = text.removeprefix(f"<{'|'.join(flag.parser.enum_values)}>: ")
    if flag.default is None or flag.default is False or flag.default in ([], ""):
        return text
    default = (flag.default_as_str or "").strip("'")
    return f"{text.removesuffix('.')} (default: {default})."
