"""Prepares what griffe has read of the package: blocks of code for examples, and whole classes."""

import contextlib
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import griffe

_EXAMPLE = re.compile(r"^Example:\n\n((?:    .*(?:\n|\Z)|\n)+)", re.MULTILINE)


class Examples(griffe.Extension):
    """Puts the examples of docstrings, which are indented, into blocks of code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrites a docstring."""
        if obj.docstring and "Example:" in obj.docstring.value:
            obj.docstring.value = _EXAMPLE.sub(_fenced, obj.docstring.value)


class WholeClasses(griffe.Extension):
    """Gives public classes the members of bases that have no page of their own, such as `fit` and `generate`."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Adds the members."""
        public = {thing.path: thing for thing in _public(pkg) if isinstance(thing, griffe.Class)}
        bases = {path: [base for base in thing.mro() if isinstance(base, griffe.Class)] for path, thing in public.items()}
        for path, thing in public.items():
            # What a public base class shows is not shown again.
            shown = {base.path for each in bases[path] if each.path in public for base in (each, *bases[each.path])}
            for base in bases[path]:
                for name, member in base.members.items() if base.path not in shown else ():
                    if name not in thing.members:
                        thing.set_member(name, griffe.Alias(name, member))


def _public(package: griffe.Module) -> Iterator[griffe.Object]:
    for module in package.modules.values():
        for name in module.exports or ():
            # Values that are assigned together are not found.
            with contextlib.suppress(griffe.AliasResolutionError, KeyError):
                found = module[str(name)]
                yield found.final_target if isinstance(found, griffe.Alias) else found


def _fenced(example: re.Match[str]) -> str:
    code = textwrap.dedent(example[1]).strip()
    return "Example:\n" + textwrap.indent(f"```python\n{code}\n```", "    ") + "\n\n"
