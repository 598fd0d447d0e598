"""The starting point of a training run: a new model for `train`, a preset for `finetune`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from keras_gans.presets import Preset

from .run import Run

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data


class Origin:
    """The starting point of a run. `train` and `finetune` each have a subclass.

    Attributes:
        verb: The program, such as `train`.
        done: The participle of the verb, such as `trained`.
        argument: The name of the program's argument, such as `MODEL`.
        where: Where users find the values of the argument.
        own_flags: Flags of this program only that determine a run.
        name: The value of the argument.
        entry: The name of the registered model.
        metadata: What `preset.json` records besides the metadata of every run.
        identity: A JSON value that identifies this origin.
        notes: Lines to print once `load` has returned.
    """

    verb: ClassVar[str] = ""
    done: ClassVar[str] = ""
    argument: ClassVar[str] = ""
    where: ClassVar[str] = ""
    own_flags: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, entry: str, identity: Any, metadata: Mapping[str, Any] | None = None):
        self.name, self.entry, self.identity = name, entry, identity
        self.metadata = dict(metadata or {})
        self.notes: list[str] = []

    @classmethod
    def begin(cls, name: str, settings: dict[str, Any]) -> Origin:
        """Return the origin of a new run.

        Args:
            name: The value of the argument.
            settings: Builder arguments given by the user.

        Raises:
            ValueError: If there is no such origin.
        """
        raise NotImplementedError

    @classmethod
    def go_on(cls, preset: Preset) -> Origin:
        """Return the origin of a resumed run, from the preset in its folder."""
        raise NotImplementedError

    def folder(self) -> Path:
        """Return the default of --run_dir."""
        raise NotImplementedError

    def check_folder(self, folder: Path) -> None:
        """Raise ValueError if a folder must not be used for the run, which deletes its content."""

    def load(self, run: Run) -> tuple[Data, AdversarialModel]:
        """Return the data and the model at the start of training.

        Raises:
            ValueError: If they do not match.
        """
        raise NotImplementedError
