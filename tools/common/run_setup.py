"""A training run before it trains: from flags or from the folder of one that goes on, to its `RunFolder`."""

from __future__ import annotations

import dataclasses
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gans import errors, files, presets, registry
from keras_gans.presets import Training

from . import program
from . import training_flags as options
from .origin import Origin
from .run import Run

if TYPE_CHECKING:
    from keras_gans import Data
    from keras_gans.callbacks import RunFolder
    from keras_gans.distribution import Place


@dataclasses.dataclass(frozen=True)
class Plan:
    """A run that is to begin, or to go on.

    Attributes:
        origin: What it begins from.
        folder: Where it is kept.
        run: Its settings.
        resuming: Whether it goes on.
        training: What `preset.json` says of its training so far.
    """

    origin: Origin
    folder: Path
    run: Run
    resuming: bool = False
    training: Training = dataclasses.field(default_factory=Training)


def make_plan(origin_class: type[Origin], arguments: list[str]) -> Plan:
    """Returns the run that the flags ask for.

    Args:
        origin_class: What it begins from.
        arguments: The program's positional arguments.

    Raises:
        ValueError: If there is no such run, or its folder or flags do not fit.
        FileNotFoundError: If there is none to go on with.
    """
    resuming = options.RESUME.value and not _begins(arguments)
    return (_resumed if resuming else _new)(origin_class, arguments)


def _begins(arguments):
    """Whether --resume begins a run: with its argument, where there is none or one that was killed before it began."""
    return bool(arguments and options.RUN_DIR.value) and not Path(options.RUN_DIR.value, presets.CONFIG).is_file()


def _new(origin_class, arguments):
    settings = options.settings()
    name = program.one_argument(arguments, f"{origin_class.argument} ({origin_class.where})")
    origin = origin_class.begin(name, settings)
    known = registry.get_entry(origin.entry).arguments
    for argument in settings:
        if argument not in known:
            raise ValueError(errors.no_such(f"{origin.entry} argument", argument, list(known)))
    folder = Path(options.RUN_DIR.value or origin.folder())
    is_run = (folder / presets.CONFIG).is_file() or (folder / "checkpoints" / "lock").is_file()
    files.refuse_existing(folder, options.OVERWRITE.value or (options.RESUME.value and is_run))
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not is_run):
        raise ValueError(f"{folder} holds something else than a run, and is not deleted: give another --run_dir.")
    origin.check_folder(folder)
    return Plan(origin, folder, Run.from_flags(origin.own_flags, settings))


def _resumed(origin_class, arguments):
    """Returns a run that goes on; a flag that differs from what was recorded is refused."""
    if options.RUN_DIR.value is None:
        raise ValueError("--resume needs --run_dir, the folder of the run to go on with.")
    folder = Path(options.RUN_DIR.value)
    preset = presets.find_preset(folder) if (folder / presets.CONFIG).is_file() else None
    if preset is None or preset.metadata.training.settings is None:
        raise FileNotFoundError(f"{folder} holds no run to resume.")
    verb = "finetune" if preset.metadata.fine_tuned_from else "train"
    if verb != origin_class.verb:
        raise ValueError(f"{folder} was begun by keras-gans {verb}: go on with keras-gans {verb} --resume.")
    origin, training = origin_class.go_on(preset), preset.metadata.training
    run = Run.from_metadata(origin.own_flags, training)
    built = preset.config["arguments"]
    given = {name: (value, built.get(name)) for name, value in options.settings().items()}
    if arguments:
        given[origin.argument] = program.one_argument(arguments, origin.argument), origin.name
    run.check_flags(folder, given)
    if options.EPOCHS.present:
        run = dataclasses.replace(run, epochs=options.EPOCHS.value)
    return Plan(origin, folder, run, resuming=True, training=training)


def find_position(run_folder: RunFolder) -> tuple[int, int]:
    """Returns how many epochs and how many steps of the next a run that goes on has done.

    Raises:
        ValueError: If it cannot go on.
    """
    position, training = run_folder.find_position(), run_folder.metadata.training
    if position is None and training.epochs_done:
        raise ValueError(
            f"{run_folder.folder} holds weights of {training.epochs_done} epochs, and no checkpoint from which to go on."
        )
    if position is not None and options.EPOCHS.present and training.epochs < position[0]:
        raise ValueError(
            f"{run_folder.folder} has been trained for {position[0]} epochs already: give more than --epochs={training.epochs}."
        )
    return position or (0, 0)


def empty(folder: Path) -> None:
    """Deletes what is in a run's folder, but for the lock that is held."""
    for path in [*Path(folder, "checkpoints").iterdir(), *folder.iterdir()]:
        if path.is_dir() and path.name != "checkpoints":
            shutil.rmtree(path)
        elif path.name != "lock" and not path.is_dir():
            path.unlink()


def make_run_folder(plan: Plan, data: Data, place: Place) -> RunFolder:
    """Returns the callback that keeps a run.

    Args:
        plan: The run.
        data: What it trains on.
        place: The devices that it trains on.
    """
    from keras_gans.callbacks import RunFolder

    origin, run = plan.origin, dataclasses.replace(plan.run, replicas=place.replicas)
    parts = run.as_flags()
    if place.replicas > 1:  # several workers give what as many devices of one machine do
        parts += ["--distribute=mirrored", f"--devices={place.replicas}"]
    return RunFolder(
        plan.folder,
        writes=place.chief,
        every_steps=options.CHECKPOINT_STEPS.value,
        every_seconds=options.CHECKPOINT_SECONDS.value,
        config={origin.argument: origin.identity, **run.identity()},
        description=f"{origin.name} {origin.done} on {data.name}",
        dataset=data.name,
        dataset_licence=data.licence,
        **({"classes": list(data.class_names)} if data.class_names else {}),
        recipe=shlex.join(["keras-gans", origin.verb, origin.name, *parts]),
        metrics={},
        training=plan.training.update(**run.as_metadata()),
        **origin.metadata,
    )
