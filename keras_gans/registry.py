"""The models that can be built by name, found through entry points so that any package can add some.

A package adds a model in two steps: a builder decorated with `register_model`, and a line in the package's metadata:

    [options.entry_points]
    keras_gans.zoo =
        my_gan = my_package.my_gan

The entry point is named like the model and points to the module that registers it. A package of many models needs one line:
each of its sub-packages then registers the model of its own name.

    [options.entry_points]
    keras_gans.model_packages =
        my_models = my_package.models

Builders import Keras in their body, so that listing models stays fast. Their contract is in `register_model`.
"""

import dataclasses
import functools
import importlib.metadata
import importlib.util
import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path

from keras_gans.errors import no_such

ENTRY_POINT_GROUP = "keras_gans.zoo"
PACKAGE_GROUP = "keras_gans.model_packages"


@dataclasses.dataclass(frozen=True)
class Entry:
    """A registered model: its builder and what a listing says about it.

    Attributes:
        name: What `create_model` takes.
        build: Returns a compiled `AdversarialModel`.
        medium: What it generates, the name of a `keras_gans.media.Medium`: `"images"`, `"text"`, ...
        summary: One line.
        paper: The reference.
        parameters: Trainable parameters of both networks at default arguments, or None where the author gave none.
    """

    name: str
    build: Callable
    medium: str
    summary: str = ""
    paper: str = ""
    parameters: int | None = None

    @property
    def task(self) -> str:
        """The medium's name."""
        return self.medium

    @property
    def arguments(self) -> Mapping[str, inspect.Parameter]:
        """The builder's parameters by name."""
        return inspect.signature(self.build).parameters


_entries: dict[str, Entry] = {}


def register_model(
    name: str,
    *,
    medium: str = "images",
    task: str | None = None,
    summary: str = "",
    paper: str = "",
    parameters: int | None = None,
) -> Callable[[Callable], Callable]:
    """Registers the decorated function as the builder of the model `name`.

    The builder returns a compiled `keras_gans.AdversarialModel`; each of its arguments needs a default value that JSON can
    hold, because a preset stores the arguments a model was built with. `create_model` passes arguments on as they are;
    `keras-gans train` fills in, unless the user says otherwise (`--set=argument=value`):

    | argument | value |
    |---|---|
    | those of `medium.builder_arguments()` | the data's: `image_shape`; of text `vocabulary_size`, `length` |
    | `seed`, if there is one | `--seed` |
    | `num_classes`, if there is one | the data's; data without labels are refused unless its default is None |
    | `conditions`, if there is one | what the data know of each sample, as `keras_gans.conditions.to_config` writes it |
    | `total_images`, if there is one | number of samples that training will see |
    | `learning_rate`, `ema` | `--learning_rate` and `--ema`, if they are given |

    A model's `medium` becomes that of the data. To set it without data, pass `medium=` to the model.

    Args:
        name: Unique; lower case with underscores.
        medium: What the model generates: the name of a medium (`keras_gans.media.MEDIA`).
        task: The same, as older packages call it.
        summary: One line for listings.
        paper: The reference.
        parameters: Trainable parameters of generator and discriminator together at default arguments.

    Raises:
        ValueError: If another builder has the name, or an argument has no default value.

    Example:

        @register_model("tiny_gan", medium="images", summary="One hidden layer.")
        def tiny_gan(image_shape=(28, 28, 1), latent_dim=16, seed=None):
            ...
            return model
    """
    kind = medium if task is None else task

    def register(build):
        own = f"{build.__module__}.{build.__qualname__}"
        other = _other_owner(name, build, own)
        if other is not None:
            raise ValueError(f"Two builders want the model name '{name}': {other} and {own}. Rename one of them.")
        required = [p.name for p in inspect.signature(build).parameters.values() if p.default is inspect.Parameter.empty]
        if required:
            raise ValueError(f"The builder of '{name}' needs a default value for each argument; {required} have none.")
        _entries[name] = Entry(name, build, kind, summary, paper, parameters)
        return build

    return register


def _other_owner(name, build, own):
    """Returns who else has the name: a builder that registered it, or a package whose entry point is not loaded yet."""
    if name in _entries:
        known = _entries[name].build
        known = f"{known.__module__}.{known.__qualname__}"
        return known if known != own else None
    point = _entry_points().get(name)
    if point is None or f"{build.__module__}.".startswith(f"{point.module}."):
        return None
    return point.module


@functools.cache
def _entry_points() -> dict[str, importlib.metadata.EntryPoint]:
    found: dict[str, importlib.metadata.EntryPoint] = {}
    points = [*importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)]
    for package in importlib.metadata.entry_points(group=PACKAGE_GROUP):
        points += _points_of_a_package(package.value)
    for point in points:
        # The same distribution is found twice where its metadata is on the path twice (an editable install, say).
        other = found.get(point.name)
        if other is not None and other.value != point.value:
            raise ValueError(
                f"Two packages register the model name '{point.name}' in the entry-point group {ENTRY_POINT_GROUP}: "
                f"{other.value} and {point.value}. Uninstall one of them."
            )
        found[point.name] = point
    return found


def _points_of_a_package(package: str) -> list[importlib.metadata.EntryPoint]:
    """Returns an entry point for each sub-package of a package, without importing them."""
    spec = importlib.util.find_spec(package)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    modules = sorted(path.parent.name for folder in folders for path in folder.glob("[!_]*/__init__.py"))
    return [importlib.metadata.EntryPoint(name, f"{package}.{name}", ENTRY_POINT_GROUP) for name in modules]


def list_models(medium: str | None = None) -> list[str]:
    """Returns the names of all models that can be built, sorted.

    Args:
        medium: Name of a medium, such as `"images"`, for the models of it alone; this imports the modules of all.
    """
    names = sorted({*_entry_points(), *_entries})
    return names if medium is None else [name for name in names if get_entry(name).medium == medium]


def get_entry(name: str) -> Entry:
    """Returns the registered entry of a model, importing the module that defines it.

    Raises:
        ValueError: If there is no such model (the nearest name is suggested), or its module does not register it.
    """
    if name not in _entries:
        point = _entry_points().get(name)
        if point is None:
            raise ValueError(no_such("model", name, list_models()))
        point.load()
        if name not in _entries:
            raise ValueError(
                f"The entry point '{name}' loads {point.value}, which registers no model of that name. "
                f"It should hold a builder decorated with @register_model('{name}', ...)."
            )
    return _entries[name]


def create_model(name: str, **arguments):
    """Builds a compiled model by name.

    Args:
        name: One of `list_models()`.
        **arguments: What the entry's builder takes, such as `image_shape`, `latent_dim`, `learning_rate` or `seed`.

    Returns:
        An `AdversarialModel` ready for `fit`. It remembers its name and arguments, so that `save_preset` can store them.

    Raises:
        ValueError: If the name or an argument is unknown, or a value cannot be built.

    Example:

        model = keras_gans.create_model("dcgan", image_shape=(28, 28, 1))
        model.fit(images, batch_size=64, epochs=5)
    """
    entry = get_entry(name)
    for argument in arguments:
        if argument not in entry.arguments:
            raise ValueError(no_such(f"{name} argument", argument, list(entry.arguments)))
        _check_type(name, argument, arguments[argument], entry.arguments[argument])
    complete = {key: parameter.default for key, parameter in entry.arguments.items()} | arguments
    # Through JSON and back: what a preset will store is exactly what was built.
    complete = {key: _through_json(key, value) for key, value in complete.items()}
    model = entry.build(**complete)
    model.entry = {"model": name, "arguments": complete}
    return model


def _check_type(model, argument, value, parameter):
    """Raises ValueError where a value is of another kind than the argument's default.

    A default of None takes anything; an annotation such as `float | None` says that None is taken, too.
    """
    default = parameter.default
    if value is None and types.NoneType in typing.get_args(parameter.annotation):
        return
    for kinds, accepted, words in (
        (bool, bool, "true or false"),
        (int, int, "an integer"),
        (float, (int, float), "a number"),
        (str, str, "a word"),
        ((list, tuple), (list, tuple), "a list"),
    ):
        if isinstance(default, kinds):
            fits = isinstance(value, accepted) and (kinds is bool or not isinstance(value, bool))
            if not fits:
                raise ValueError(f"{argument} of {model} must be {words}, such as {default!r}; received {value!r}.")
            return


def _through_json(argument, value):
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{argument}={value!r} cannot be stored in a preset ({error}): give a plain number, string, list or None."
        ) from error


def entry_folder(name: str) -> Path | None:
    """Returns the folder of the package that an entry point names, without importing it; None for a plain module."""
    point = _entry_points().get(name)
    if point is None:
        return None
    spec = importlib.util.find_spec(point.module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))
