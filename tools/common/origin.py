"""What a training run begins from: `train` has a new model, `finetune` a preset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from keras_gans.presets import Preset

from .run import Run

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data


class Origin:
    """What a run begins from: train.py and finetune.py each have their own.

    Attributes:
        verb: The program, such as `train`.
        done: What it has done to a model, such as `trained`.
        argument: What it calls its argument, such as `MODEL`.
        where: Where a user finds what can be given there.
        own_flags: Flags of this program only that determine a run.
        name: The argument's value.
        entry: The registered model's name.
        metadata: What `preset.json` says of the origin, beside what it says of every run.
        identity: What tells this origin from others of its kind; JSON holds it.
        notes: What a user should know, a line each, after `load`.
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
        """Returns the origin of a new run.

        Args:
            name: What the user gave.
            settings: Builder arguments that the user gave.

        Raises:
            ValueError: If there is none of that name.
        """
        raise NotImplementedError

    @classmethod
    def go_on(cls, preset: Preset) -> Origin:
        """Returns the origin of a run that goes on, from its folder's preset."""
        raise NotImplementedError

    def folder(self) -> Path:
        """Returns the default of --run_dir."""
        raise NotImplementedError

    def check_folder(self, folder: Path) -> None:
        """Raises ValueError if a run may not be kept in a folder, which will be emptied."""

    def load(self, run: Run) -> tuple[Data, AdversarialModel]:
        """Returns data and model, as training begins with them.

        Raises:
            ValueError: If they do not fit each other.
        """
        raise NotImplementedError
