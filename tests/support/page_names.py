"""Which names and arguments of keras_gans the Python code of a page uses, found without running it."""

import ast
import importlib
import inspect
from typing import Any

PACKAGE = "keras_gans"


def unknown_names(code: str) -> list[str]:
    """Returns what the code takes from keras_gans that is not there: imports, attributes and arguments given by name."""
    tree = ast.parse(code)
    known, wrong = _imports(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = _value(node.value, known)
            if inspect.ismodule(owner) or inspect.isclass(owner):
                wrong += [] if hasattr(owner, node.attr) else [ast.unparse(node)]
        elif isinstance(node, ast.Call):
            called = _value(node.func, known)
            wrong += [f"{ast.unparse(node.func)}({name}=...)" for name in _unknown_arguments(called, node)]
    return wrong


def _imports(tree: ast.AST) -> tuple[dict[str, Any], list[str]]:
    """Returns what is imported from the package, by its name in the code, and what cannot be."""
    known: dict[str, Any] = {}
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == PACKAGE:
                    known[alias.asname or PACKAGE] = importlib.import_module(alias.name if alias.asname else PACKAGE)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE:
            module = importlib.import_module(node.module)
            for alias in node.names:
                if hasattr(module, alias.name):
                    known[alias.asname or alias.name] = getattr(module, alias.name)
                else:
                    wrong.append(f"from {node.module} import {alias.name}")
    return known, wrong


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    """Returns what a dotted name of the package stands for; None if it is another or a value."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, known)
        return getattr(owner, node.attr, None) if inspect.ismodule(owner) or inspect.isclass(owner) else None
    return None


def _unknown_arguments(called: Any, call: ast.Call) -> list[str]:
    given = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    if not callable(called) or not given:
        return []
    try:
        parameters = inspect.signature(called).parameters
    except ValueError:  # built in
        return []
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return []
    return [name for name in given if name not in parameters]
