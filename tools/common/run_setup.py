"""The preparation of a training run: from flags, or the folder of a run to resume, to its `RunFolder`."""

from __future__ import annotations

import dataclasses
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans import errors, presets, registry
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
    """A run to start or to resume.

    Attributes:
        origin: Its starting point.
        folder: Its folder.
        run: Its settings.
        resuming: Whether it is resumed.
        training: The metadata of its training so far.
    """

    origin: Origin
    folder: Path
    run: Run
    resuming: bool = False
    training: Training = dataclasses.field(default_factory=Training)


def make_plan(origin_class: type[Origin], arguments: list[str]) -> Plan:
    """Return the run that the flags describe.

    Args:
        origin_class: The kind of its starting point.
        arguments: The program's positional arguments.

    Raises:
        ValueError: If the folder or the flags are not valid for the run.
        FileExistsError: If a new run would replace another one.
        FileNotFoundError: If there is no run to resume.
    """
    resuming = options.RESUME.value and not _begins(arguments)
    return (_resumed if resuming else _new)(origin_class, arguments)


def _begins(arguments: list[str]) -> bool:
    """Whether --resume starts a run: given a model or preset, if there is no run yet, or one killed before its first step."""
    folder = options.RUN_DIR.value
    return bool(arguments and folder) and not Path(folder or "", presets.CONFIG).is_file()


def _new(origin_class: type[Origin], arguments: list[str]) -> Plan:
    settings = options.settings()
    name = program.one_argument(arguments, f"{origin_class.argument} ({origin_class.where})")
    origin = origin_class.begin(name, settings)
    known = registry.get_entry(origin.entry).arguments
    for argument in settings:
        if argument not in known:
            raise ValueError(errors.no_such(f"{origin.entry} argument", argument, list(known)))
    folder = Path(options.RUN_DIR.value or origin.folder())
    is_run = (folder / presets.CONFIG).is_file() or (folder / "checkpoints" / "lock").is_file()
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not is_run):
        raise ValueError(f"{folder} is not a run folder, and is not deleted: give another --run_dir.")
    if is_run and not (options.OVERWRITE.value or options.RESUME.value):
        raise FileExistsError(
            f"{folder} contains a run already. Add --resume to continue it or --overwrite to replace it, or give another "
            "--run_dir."
        )
    origin.check_folder(folder)
    return Plan(origin, folder, Run.from_flags(origin.own_flags, settings))


def _resumed(origin_class: type[Origin], arguments: list[str]) -> Plan:
    """Return a run to resume. A flag that differs from the recorded value is refused."""
    if options.RUN_DIR.value is None:
        raise ValueError("--resume needs --run_dir, the folder of the run to resume.")
    folder = Path(options.RUN_DIR.value)
    preset = presets.find_preset(folder) if (folder / presets.CONFIG).is_file() else None
    if preset is None or preset.metadata.training.settings is None:
        raise FileNotFoundError(f"{folder} contains no run to resume.")
    verb = "finetune" if preset.metadata.fine_tuned_from else "train"
    if verb != origin_class.verb:
        raise ValueError(f"{folder} was started by keras-gans {verb}: resume it with keras-gans {verb} --resume.")
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
    """Return the position of a run to resume: epochs done, and steps done of the next one.

    Raises:
        ValueError: If it cannot be resumed.
    """
    position, training = run_folder.find_position(), run_folder.metadata.training
    if position is None and training.epochs_done:
        raise ValueError(
            f"{run_folder.folder} contains weights after {training.epochs_done} epochs, but no checkpoint to resume from."
        )
    if position is not None and options.EPOCHS.present and (training.epochs or 0) < position[0]:
        raise ValueError(
            f"{run_folder.folder} has been trained for {position[0]} epochs already: give more than --epochs={training.epochs}."
        )
    return position or (0, 0)


def empty(folder: Path) -> None:
    """Delete the content of a run folder, except for the lock, which is held."""
    for path in [*Path(folder, "checkpoints").iterdir(), *folder.iterdir()]:
        if path.is_dir() and path.name != "checkpoints":
            shutil.rmtree(path)
        elif path.name != "lock" and not path.is_dir():
            path.unlink()


def make_run_folder(plan: Plan, data: Data, place: Place) -> RunFolder:
    """Return the callback that keeps a run in its folder.

    Args:
        plan: The run.
        data: The training data.
        place: The devices to train on.
    """
    from keras_gans.callbacks import RunFolder

    origin, run = plan.origin, dataclasses.replace(plan.run, replicas=place.replicas)
    names: dict[str, Any] = {"classes": list(data.class_names or ()), "condition_names": data.names}
    parts = run.as_flags()
    if place.replicas > 1:  # several workers give the same result as so many devices of one machine
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
        **{name: value for name, value in names.items() if value},
        recipe=shlex.join(["keras-gans", origin.verb, origin.name, *parts]),
        metrics={},
        training=plan.training.update(**run.as_metadata()),
        **origin.metadata,
    )
