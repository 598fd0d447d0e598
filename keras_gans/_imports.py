"""Does something around the import of modules, those of other packages, too."""

import importlib.abc
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Around(importlib.abc.MetaPathFinder):
    """Finds modules as the other finders do, and has them executed within a context.

    Args:
        wanted: Whether a module of a name, such as `"tensorflow"`, is one of them.
        context: Returns the context in which a module is executed.
    """

    def __init__(self, wanted: Callable[[str], bool], context: Callable[[ModuleType], AbstractContextManager[None]]) -> None:
        self._wanted, self._context = wanted, context

    def install(self) -> None:
        """Let this finder see every import from now on."""
        sys.meta_path.insert(0, self)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not self._wanted(fullname):
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        spec = next(filter(None, (finder.find_spec(fullname, path, target) for finder in others)), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._context)
        return spec


class _Loader(importlib.abc.Loader):
    """Executes a module by another loader, within a context."""

    def __init__(self, loader: Any, context: Callable[[ModuleType], AbstractContextManager[None]]) -> None:
        self._loader, self._context = loader, context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # `get_code` for `python -m`, `get_source` for tracebacks and so on

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = module.__loader__ = self._loader
        with self._context(module):
            self._loader.exec_module(module)
