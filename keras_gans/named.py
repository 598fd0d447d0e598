"""Things of one kind that users ask for by name, and that other packages can add to."""

import functools
import importlib.metadata
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from keras_gans.errors import no_such

T = TypeVar("T")


class Named(Generic[T]):
    """The things of one kind, by name.

    Args:
        kind: What one of them is called in messages.
        entry_points: A group of entry points through which other packages add some, or None. An entry point is named like the
            thing and points to the module that registers it; the module is imported when the thing is first asked for.

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
        """Returns a decorator that registers what it decorates.

        Raises:
            ValueError: If something else has the name.
        """

        def register(thing: T) -> T:
            known = self._things.get(name)
            if known is not None and _origin(known) != _origin(thing):
                raise ValueError(f"Two of {_origin(known)} and {_origin(thing)} want the name '{name}' of a {self.kind}.")
            self._things[name] = thing
            return thing

        return register

    def names(self) -> list[str]:
        """Returns all names, sorted."""
        return sorted({*self._things, *self._points})

    def __contains__(self, name: object) -> bool:
        return name in self._things or name in self._points

    def __getitem__(self, name: str) -> T:
        """Returns what has a name.

        Raises:
            ValueError: If nothing has it; the nearest name is suggested.
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
        kind: What one of them is called in messages.
    """

    def register(self, name: str) -> Callable[[type], type]:
        """Returns a decorator that registers a class here and with Keras, as `keras_gans>CLASS`."""
        import keras

        register = super().register(name)

        def register_both(cls: type) -> type:
            cls.registered_name = name
            return register(keras.saving.register_keras_serializable(package="keras_gans")(cls))

        return register_both

    def make(self, identifier: Any, base: type) -> Any:
        """Returns an object from its name, itself, or its serialized form.

        Args:
            identifier: A name, an object of the base class, or a dictionary as `keras.saving` makes it.
            base: The base class.

        Raises:
            ValueError: If there is none of that name, or it is something else.
        """
        import keras

        if isinstance(identifier, base):
            return identifier
        if isinstance(identifier, dict):
            return keras.saving.deserialize_keras_object(identifier)
        if isinstance(identifier, type) and issubclass(identifier, base):
            return identifier()
        return self[identifier if isinstance(identifier, str) else str(identifier)]()


def _origin(thing):
    return f"{getattr(thing, '__module__', '?')}.{getattr(thing, '__qualname__', thing)}"
