"""Models that are built by name. Entry points find them, so any package can add its own.

A package adds a model in two steps: a builder decorated with `register_model`, and a line in the package's metadata:

    [project.entry-points."keras_gans.zoo"]
    my_gan = "my_package.my_gan"

The entry point has the model's name and points to the module that registers it. A package with many models needs only one line,
and each of its sub-packages registers the model that has the sub-package's name:

    [project.entry-points."keras_gans.model_packages"]
    my_models = "my_package.models"

Builders import Keras in their body, which keeps listing models fast. `register_model` says what a builder takes and returns.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
import importlib.util
import inspect
import json
import math
import re
import textwrap
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_gans.errors import check_count, no_such
from keras_gans.layer_names import number_layers

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

__all__ = [
    "ENTRY_POINT_GROUP",
    "PACKAGE_GROUP",
    "Builder",
    "Entry",
    "create_model",
    "describe",
    "entry_folder",
    "get_entry",
    "list_models",
    "providing_package",
    "register_model",
]

ENTRY_POINT_GROUP = "keras_gans.zoo"
PACKAGE_GROUP = "keras_gans.model_packages"
Builder: typing.TypeAlias = Callable[..., "AdversarialModel"]
_Builder = typing.TypeVar("_Builder", bound=Builder)


@dataclasses.dataclass(frozen=True)
class Entry:
    """A registered model: its builder and what listings say about it.

    Attributes:
        name: Name of the model, as `create_model` takes it.
        build: The builder, which returns a compiled `AdversarialModel`.
        medium: Name of the medium it generates, such as `"images"` or `"text"` (see `keras_gans.media.MEDIA`).
        summary: Description in one line.
        paper: Reference.
        parameters: Trainable parameters of both networks at default arguments; None if unknown.
    """

    name: str
    build: Builder
    medium: str
    summary: str = ""
    paper: str = ""
    parameters: int | None = None

    @property
    def task(self) -> str:
        """Name of the medium."""
        return self.medium

    @property
    def arguments(self) -> Mapping[str, inspect.Parameter]:
        """Parameters of the builder by name."""
        return inspect.signature(self.build).parameters

    @property
    def argument_docs(self) -> dict[str, str]:
        """What the builder's docstring says about each argument, by name, in one line each."""
        section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", inspect.getdoc(self.build) or "", re.DOTALL | re.MULTILINE)
        found = re.findall(r"^    (\w+): *(.*?)(?=^    \w+:|\Z)", section[1] if section else "", re.DOTALL | re.MULTILINE)
        return {name: " ".join(text.split()) for name, text in found}

    @property
    def model_class(self) -> type[AdversarialModel] | None:
        """The class of the models it builds, as the builder's return annotation says; None if it has none."""
        import keras_gans

        annotation = inspect.signature(self.build).return_annotation
        if isinstance(annotation, str):
            annotation = getattr(keras_gans, annotation.strip("\"'").rpartition(".")[2], None)
        return annotation if isinstance(annotation, type) and annotation is not inspect.Signature.empty else None


_entries: dict[str, Entry] = {}


def register_model(
    name: str,
    *,
    medium: str = "images",
    task: str | None = None,
    summary: str = "",
    paper: str = "",
    parameters: int | None = None,
) -> Callable[[_Builder], _Builder]:
    """Register the decorated function as the builder of a model.

    The builder returns a compiled `keras_gans.AdversarialModel`. Each of its arguments needs a default value that JSON can
    store, because a preset stores the arguments its model was built with. `create_model` passes arguments on unchanged.
    `keras-gans train` fills in the following ones, unless the user sets them (`--set=argument=value`):

    | argument | value |
    |---|---|
    | those of `medium.builder_arguments()` | from the data: `image_shape`; of text `vocabulary_size`, `length` and more |
    | `seed`, if the builder has it | `--seed` |
    | `num_classes`, if the builder has it | from the data; unlabelled data are refused unless its default is None |
    | `conditions`, if the builder has it | the conditions in the data, as `keras_gans.conditions.to_config` writes them |
    | `class_names`, if the builder has it | the names of the labels' classes, if the data have any |
    | `condition_names`, if the builder has it | the names of the values of other conditions, by condition |
    | `scale`, if the builder has it | how many times as high as its input an image of the data is |
    | `input_channels`, if the builder has it | channels of the images that the data give as inputs |
    | `given`, if the builder has it | how many frames before a clip the data give |
    | `total_images`, if the builder has it | number of samples that training will see |
    | `learning_rate`, `ema` | `--learning_rate` and `--ema`, if they are given |

    The `medium` of a model becomes that of its training data. Without data, pass `medium=` to the model.

    Args:
        name: Unique name; lower case with underscores.
        medium: Name of the medium the model generates (`keras_gans.media.MEDIA`).
        task: Older name of `medium`.
        summary: Description in one line, for listings.
        paper: Reference.
        parameters: Trainable parameters of generator and discriminator together at default arguments.

    Returns:
        A decorator that returns the builder unchanged.

    Raises:
        ValueError: If another builder has the name, or an argument does not have a default value.

    Example:

        @register_model("tiny_gan", medium="images", summary="One hidden layer.")
        def tiny_gan(image_shape=(28, 28, 1), latent_dim=16, seed=None):
            ...
            return model
    """
    kind = medium if task is None else task

    def register(build: _Builder) -> _Builder:
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


def _other_owner(name: str, build: Builder, own: str) -> str | None:
    """Return the other owner of a name: a builder that registered it, or a package whose entry point is not loaded yet."""
    if name in _entries:
        known = f"{_entries[name].build.__module__}.{_entries[name].build.__qualname__}"
        return known if known != own else None
    found = _entry_points().get(name)
    if found is None or f"{build.__module__}.".startswith(f"{found.point.module}."):
        return None
    return found.point.module


class _Found(NamedTuple):
    """An entry point, and the name of the distribution that declares it."""

    point: importlib.metadata.EntryPoint
    distribution: str | None


@functools.cache
def _entry_points() -> dict[str, _Found]:
    points = [_Found(point, _distribution(point)) for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)]
    for package in importlib.metadata.entry_points(group=PACKAGE_GROUP):
        points += [_Found(point, _distribution(package)) for point in _points_of_a_package(package.value)]
    found: dict[str, _Found] = {}
    for each in points:
        # A distribution is found twice if its metadata is on the path twice, as with some editable installs.
        name, value = each.point.name, each.point.value
        if name in found and found[name].point.value != value:
            raise ValueError(
                f"Two packages register the model name '{name}' in the entry-point group {ENTRY_POINT_GROUP}: "
                f"{found[name].point.value} and {value}. Uninstall one of them."
            )
        found[name] = each
    return found


def _distribution(point: importlib.metadata.EntryPoint) -> str | None:
    return point.dist.name if point.dist is not None else None


def _points_of_a_package(package: str) -> list[importlib.metadata.EntryPoint]:
    """Return an entry point for each sub-package of a package, without importing them."""
    spec = importlib.util.find_spec(package)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    modules = sorted(path.parent.name for folder in folders for path in folder.glob("[!_]*/__init__.py"))
    return [importlib.metadata.EntryPoint(name, f"{package}.{name}", ENTRY_POINT_GROUP) for name in modules]


def list_models(medium: str | None = None) -> list[str]:
    """Return the names of all available models, sorted.

    Args:
        medium: Name of a medium, such as `"images"`: return only its models. This imports the modules of all models.
    """
    names = sorted({*_entry_points(), *_entries})
    return names if medium is None else [name for name in names if get_entry(name).medium == medium]


def get_entry(name: str) -> Entry:
    """Return the registered entry of a model, importing the module that defines it.

    Args:
        name: One of `list_models()`.

    Raises:
        ValueError: If the model does not exist (the nearest name is suggested), or its module does not register it.
    """
    if name not in _entries:
        found = _entry_points().get(name)
        if found is None:
            raise ValueError(no_such("model", name, list_models()))
        found.point.load()
        if name not in _entries:
            raise ValueError(
                f"The entry point '{name}' loads {found.point.value}, which registers no model of that name. "
                f"It should define a builder decorated with @register_model('{name}', ...)."
            )
    return _entries[name]


def providing_package(name: str) -> str | None:
    """Return the distribution that registers a model, as `pip install` takes it; None for a model of a script."""
    found = _entry_points().get(name)
    return found.distribution if found is not None else None


def describe(name: str) -> str:
    """Describe a model: its summary, its reference, and each builder argument with its default value.

    Args:
        name: One of `list_models()`.

    Raises:
        ValueError: If the model does not exist.

    Example:

        print(keras_gans.describe("dcgan"))
    """
    entry = get_entry(name)
    lines = [f"{name}: {entry.summary}" if entry.summary else name]
    if entry.paper:
        lines.append(f"Paper: {entry.paper}")
    if entry.parameters is not None:
        lines.append(f"Parameters: {entry.parameters:,} at default arguments")
    lines += ["", f'Arguments of create_model("{name}", ...):']
    docs = entry.argument_docs
    for argument, parameter in entry.arguments.items():
        lines.append(f"  {argument} = {parameter.default!r}")
        lines += textwrap.wrap(docs.get(argument, ""), 88, initial_indent=" " * 6, subsequent_indent=" " * 6)
    return "\n".join(lines)


def create_model(name: str, **arguments: Any) -> AdversarialModel:
    """Build a compiled model by name.

    Args:
        name: One of `list_models()`.
        **arguments: Arguments of the model's builder, such as `image_shape`, `latent_dim`, `learning_rate` or `seed`;
            `keras_gans.describe(name)` lists them.

    Returns:
        An `AdversarialModel` that is ready for `fit`. It remembers its name and arguments, which `save_preset` stores.

    Raises:
        ValueError: If the name or an argument is unknown, or a value is out of range.

    Example:

        model = keras_gans.create_model("dcgan", image_shape=(28, 28, 1))
        model.fit(images, batch_size=64, epochs=5)
    """
    entry = get_entry(name)
    for argument in arguments:
        if argument not in entry.arguments:
            raise ValueError(no_such(f"{name} argument", argument, list(entry.arguments)))
    given = {argument: _plain(value) for argument, value in arguments.items()}
    for argument, value in given.items():
        _check_type(name, argument, value, entry.arguments[argument])
        _check_range(name, argument, value)
    complete = {key: parameter.default for key, parameter in entry.arguments.items()} | given
    # Through JSON and back: what a preset will store is exactly what was built.
    complete = {key: _through_json(key, value) for key, value in complete.items()}
    model = entry.build(**complete)
    number_layers(model)
    model.entry = {"model": name, "arguments": complete}
    return model


def _plain(value: Any) -> Any:
    """Return a value with NumPy scalars and arrays replaced by Python numbers and lists."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def _check_type(model: str, argument: str, value: Any, parameter: inspect.Parameter) -> None:
    """Raise ValueError if the type of a value differs from that of the argument's default.

    A default of None accepts anything. An annotation such as `float | None` accepts None, too.
    """
    default = parameter.default
    if value is None and _accepts_none(parameter.annotation):
        return
    kinds: tuple[tuple[type | tuple[type, ...], type | tuple[type, ...], str], ...] = (
        (bool, bool, "true or false"),
        (int, int, "an integer"),
        (float, (int, float), "a number"),
        (str, str, "a string"),
        ((list, tuple), (list, tuple), "a list"),
    )
    for kind, accepted, words in kinds:
        if isinstance(default, kind):
            fits = isinstance(value, accepted) and (kind is bool or not isinstance(value, bool))
            if not fits:
                raise ValueError(f"{argument} of {model} must be {words}, such as {default!r}; received {value!r}.")
            return


def _accepts_none(annotation: Any) -> bool:
    if isinstance(annotation, str):  # `from __future__ import annotations`
        return re.search(r"\b(None|Optional)\b", annotation) is not None
    return types.NoneType in typing.get_args(annotation)


def _check_range(model: str, argument: str, value: Any) -> None:
    """Raise ValueError if an argument whose name says what it means has a value with which no model can train."""
    what = f"{argument} of {model}"
    if value is None:
        return
    if argument.endswith("learning_rate"):
        if not isinstance(value, (int, float)) or not 0.0 <= value < math.inf:
            raise ValueError(f"{what} must be a number of at least 0; received {value!r}.")
    elif argument in ("beta_1", "beta_2"):
        if not isinstance(value, (int, float)) or not 0.0 <= value < 1.0:
            raise ValueError(f"{what} must be at least 0 and less than 1; received {value!r}.")
    elif argument in ("latent_dim", "seed"):
        check_count(what, value, least=1 if argument == "latent_dim" else 0)


def _through_json(argument: str, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{argument}={value!r} cannot be stored in a preset ({error}). Give a number, a string, a list or None."
        ) from error


def entry_folder(name: str) -> Path | None:
    """Return the folder of the package that a model's entry point names, without importing it; None for a single module."""
    found = _entry_points().get(name)
    if found is None:
        return None
    spec = importlib.util.find_spec(found.point.module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))
