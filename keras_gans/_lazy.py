"""How `import keras_gans` stays light: public names are imported on first use, classes are registered once Keras is there."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from keras_gans import _imports

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
    """Make names of a package lazy, and its classes known to Keras as soon as Keras is imported, before or after it.

    Keras finds a saved class only if it is registered, so `keras.models.load_model` works after `import keras, keras_gans`.

    Args:
        package: The package that is being imported.
        names: Public name -> the module that defines it, or None for a submodule.
    """
    package.__class__ = type("LazyPackage", (ModuleType,), {name: LazyName(name, names[name]) for name in names})
    if _around not in sys.meta_path:
        _around.install()
    _register()


def _register() -> None:
    """Register all classes if Keras is imported and no module of keras_gans is only half imported."""
    if _depth == 0 and "keras" in sys.modules and _REGISTERING not in sys.modules:
        with contextlib.suppress(ImportError):  # a backend we do not run on: the first use of a class says so
            importlib.import_module(_REGISTERING)


@contextlib.contextmanager
def _counted(module: ModuleType) -> Iterator[None]:
    """Count modules of keras_gans while they are imported, and register the classes once none is."""
    global _depth
    own = module.__name__ != "keras"
    _depth += own
    try:
        yield
    finally:
        _depth -= own
    public = getattr(module, "__all__", None)
    if own and public is not None and "__dir__" not in vars(module):
        vars(module)["__dir__"] = lambda: sorted(public)
    _register()


_around = _imports.Around(lambda name: name == "keras" or name.startswith("keras_gans."), _counted)
