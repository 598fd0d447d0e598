"""How `import keras_gans` stays light: public names are imported on first use, classes are registered once Keras is there."""

import contextlib
import importlib
import importlib.abc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Importing it imports every module with a class that Keras must know to load a saved model.
_REGISTERING = "keras_gans.gans"
# How many modules of keras_gans are being imported at this moment.
_depth = 0


class LazyName(property):
    """A public name of a package, imported when it is first used.

    It is a property because completers evaluate every attribute but properties: pressing Tab must not import TensorFlow.

    Args:
        name: The name.
        module: The module that defines it; None if the name is a submodule.
    """

    def __init__(self, name: str, module: str | None) -> None:
        super().__init__()
        self._name, self._module = name, module

    def __get__(self, package: Any, owner: type | None = None) -> Any:
        if package is None:
            return self
        values = vars(package)
        if self._name not in values:
            module = importlib.import_module(self._module or f"{package.__name__}.{self._name}")
            values[self._name] = getattr(module, self._name) if self._module else module
        return values[self._name]

    def __set__(self, package: Any, value: Any) -> None:
        vars(package)[self._name] = value

    def __delete__(self, package: Any) -> None:
        vars(package).pop(self._name, None)


def install(package: ModuleType, names: dict[str, str | None]) -> None:
    """Makes names of a package lazy, and its classes known to Keras as soon as Keras is imported, before or after it.

    Keras finds a saved class only if it is registered, so `keras.models.load_model` works after `import keras, keras_gans`.

    Args:
        package: The package that is being imported.
        names: Public name -> the module that defines it, or None for a submodule.
    """
    package.__class__ = type("LazyPackage", (ModuleType,), {name: LazyName(name, names[name]) for name in names})
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    _register()


def _register() -> None:
    """Registers all classes if Keras is imported and no module of keras_gans is only half imported."""
    if _depth == 0 and "keras" in sys.modules and _REGISTERING not in sys.modules:
        with contextlib.suppress(ImportError):  # a backend we do not run on: the first use of a class says so
            importlib.import_module(_REGISTERING)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds Keras and the modules of keras_gans as the other finders do, and watches them being imported."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != "keras" and not fullname.startswith("keras_gans."):
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        spec = next(filter(None, (finder.find_spec(fullname, path, target) for finder in others)), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Loads a module by another loader, then does what waited for it."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # `get_code` for `python -m`, `get_source` for tracebacks and so on

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        global _depth
        if module.__spec__ is not None:
            module.__spec__.loader = module.__loader__ = self._loader
        own = module.__name__ != "keras"
        _depth += own
        try:
            self._loader.exec_module(module)
        finally:
            _depth -= own
        public = getattr(module, "__all__", None)
        if own and public is not None and "__dir__" not in vars(module):
            vars(module)["__dir__"] = lambda: sorted(public)
        _register()
