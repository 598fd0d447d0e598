"""The data sources by name: what `load_data` and `--dataset` take. Each source registers itself; other packages add theirs."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from keras_gans.data.resize import ImageOptions
from keras_gans.errors import no_such
from keras_gans.named import Named

if TYPE_CHECKING:
    from keras_gans.data.data import Data

# By the name before the colon; other packages add theirs through entry points of this group.
SOURCES: Named[type[Loader]] = Named("data source", "keras_gans.sources")

# Arguments of `load_data` that mean the same for every source.
_COMMON = ("background", "crop", "flip", "image_shape", "split", "strict")


@dataclasses.dataclass(frozen=True)
class Request:
    """What `load_data` was asked for.

    Attributes:
        name: The source as it was given, such as `"folder:pictures"`.
        rest: What follows the colon; empty where nothing does.
        split: Name of a split.
        image_shape: Height and width, or height, width and channels, to bring images to; None keeps their own.
        image_options: How images are brought to that shape.
        strict: Whether a sample that cannot be read is an error.
        options: Further options that were given, by name: only ones that the loader takes.
    """

    name: str
    rest: str = ""
    split: str = "train"
    image_shape: tuple[int, ...] | None = None
    image_options: ImageOptions = dataclasses.field(default_factory=ImageOptions)
    strict: bool = False
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Loader:
    """Loads the data of one kind of source. Register subclasses with `SOURCES.register(name)`.

    Attributes:
        argument: What follows the name and a colon, such as `"PATH"`; empty if nothing does.
        splits: Names of the splits. None if they depend on the data; `load` then checks `request.split`.
        held_out: The split that is left out of `"train"`, on which training measures losses; None if there is none.
        options: Names of the options that `load` takes from `request.options`.
        without_image_size: What the source holds, if it has no image size and `image_shape` is an error; None otherwise.

    Example:

        @SOURCES.register("seismograms")
        class Seismograms(Loader):
            argument = "PATH"
            options = ("seconds",)
            without_image_size = "seismograms"

            def load(self, request):
                samples = read_seismograms(request.rest, request.options.get("seconds", 1.0))
                return Data(request.name, samples, medium=Points(samples.shape[1:]))

        data = load_data("seismograms:station", seconds=2.0)
    """

    argument: ClassVar[str] = ""
    splits: ClassVar[tuple[str, ...] | None] = ("train",)
    held_out: ClassVar[str | None] = None
    options: ClassVar[tuple[str, ...]] = ()
    without_image_size: ClassVar[str | None] = None

    def load(self, request: Request) -> Data:
        """Load data.

        Args:
            request: A `Request` that has passed `check`.

        Raises:
            ValueError: If the data cannot be used, saying why.
            FileNotFoundError: If there is no such file or folder.
        """
        raise NotImplementedError

    def check(self, request: Request) -> None:
        """Check that a request asks only for what this source has, and call `check_path`.

        Raises:
            ValueError: If it asks for more, saying what the source has.
            FileNotFoundError: If the source's file or folder does not exist.
        """
        if self.splits is not None and request.split not in self.splits:
            if len(self.splits) == 1:
                raise ValueError(f"{request.name} has only the split '{self.splits[0]}', not '{request.split}'.")
            raise ValueError(no_such(f"split of {request.name}", str(request.split), list(self.splits)))
        if self.argument and not request.rest:
            raise ValueError(f"The data source '{request.name}' names nothing after the colon: it needs a {self.argument}.")
        if request.rest and not self.argument:
            raise ValueError(f"The data source '{request.name}' takes nothing after a colon.")
        for option in request.options:
            if option not in self.options:
                raise ValueError(_not_taken(option, request.name, self.options))
        if request.image_shape is not None and self.without_image_size is not None:
            raise ValueError(f"{request.name} holds {self.without_image_size}, which has no image size: leave image_shape out.")
        if self.argument == "PATH":
            self.check_path(Path(request.rest).expanduser())

    def check_path(self, path: Path) -> None:
        """Check that a path exists, before anything slow is imported; for sources whose `argument` is `"PATH"`.

        Raises:
            ValueError: If there is something else.
            FileNotFoundError: If there is nothing.
        """


def usages() -> list[str]:
    """Return how each source is written, such as `"digits"` or `"folder:PATH"`, sorted by name."""
    found = []
    for name in SOURCES.names():
        argument = ""
        with contextlib.suppress(Exception):  # a package that cannot be imported must not hide the message this is for
            argument = SOURCES[name].argument
        found.append(f"{name}:{argument}" if argument else name)
    return found


def _not_taken(option: str, name: str, own: tuple[str, ...]) -> str:
    """Return the message for an option that a source does not take, naming those that do."""
    takers = []
    for usage in usages():
        with contextlib.suppress(Exception):
            if option in SOURCES[usage.partition(":")[0]].options:
                takers.append(usage)
    if takers:
        return f"{name} takes no option '{option}': only {', '.join(takers)} takes it."
    return no_such(f"option of {name}", option, sorted({*own, *_COMMON}))
