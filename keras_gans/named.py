"""Registries of objects by name, to which other packages can add."""

import functools
import importlib.metadata
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from keras_gans.errors import no_such

T = TypeVar("T")


class Named(Generic[T]):
    """A registry of objects of one kind, by name.

    Args:
        kind: What messages call an object.
        entry_points: Group of entry points through which other packages add objects, or None. An entry point has the object's
            name and refers to the module that registers it, which is imported when the object is first requested.

    Example:

        MEDIA = Named("medium", "keras_gans.media")

        @MEDIA.register("images")
        class Images(Medium):
            ...
    """

    def __init__(self, kind: str, entry_points: str | None = None):
        self.kind, self._group = kind, entry_points
        self._things: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that registers a class or function.

        Raises:
            ValueError: If the name is taken.
        """

        def register(thing: T) -> T:
            known = self._things.get(name)
            if known is not None and _origin(known) != _origin(thing):
                raise ValueError(f"{_origin(known)} and {_origin(thing)} both register the {self.kind} '{name}'.")
            self._things[name] = thing
            return thing

        return register

    def names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted({*self._things, *self._points})

    def __contains__(self, name: object) -> bool:
        return name in self._things or name in self._points

    def __getitem__(self, name: str) -> T:
        """Return the object of a name.

        Raises:
            ValueError: If there is none. The message suggests the nearest name.
        """
        if name not in self._things and name in self._points:
            self._points[name].load()
        if name not in self._things:
            raise ValueError(no_such(self.kind, str(name), self.names()))
        return self._things[name]

    @functools.cached_property
    def _points(self) -> dict[str, importlib.metadata.EntryPoint]:
        if self._group is None:
            return {}
        return {point.name: point for point in importlib.metadata.entry_points(group=self._group)}


class NamedClasses(Named[type]):
    """Keras serializable classes of one base class, given by name, as objects or in serialized form.

    Args:
        kind: What messages call an object.
    """

    def register(self, name: str) -> Callable[[type], type]:
        """Return a decorator that registers a class here and with Keras, as `keras_gans>CLASS`."""
        import keras

        register = super().register(name)

        def register_both(cls: type) -> type:
            cls.registered_name = name  # type: ignore[attr-defined]  # an attribute of the base class of its kind
            return register(keras.saving.register_keras_serializable(package="keras_gans")(cls))

        return register_both

    def make(self, identifier: Any, base: type) -> Any:
        """Return an object from its name, itself, or its serialized form.

        Args:
            identifier: A name, an object of the base class, or a dictionary as `keras.saving` makes it.
            base: The base class.

        Raises:
            ValueError: If the name is unknown.
        """
        import keras

        if isinstance(identifier, base):
            return identifier
        if isinstance(identifier, dict):
            return keras.saving.deserialize_keras_object(identifier)
        if isinstance(identifier, type) and issubclass(identifier, base):
            return identifier()
        return self[identifier if isinstance(identifier, str) else str(identifier)]()


def _origin(thing: object) -> str:
    return f"{getattr(thing, '__module__', '?')}.{getattr(thing, '__qualname__', thing)}"
