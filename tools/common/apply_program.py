"""What `apply`, `upscale`, `inpaint` and `translate` share."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import apply_flags, program
from .progress import counted, duration

if TYPE_CHECKING:
    from keras_gans import AdversarialModel
    from keras_gans.applying import Applied, Progress
    from keras_gans.presets import Preset

GROUPS = {
    "Size": ["scale", "width", "height", "max_side"],
    "Picture": ["mask", "strength", "edges", "tta"],
    "Files": ["output", "format", "quality", "metadata", "overwrite"],
    "Memory": ["tile", "memory", "max_pixels"],
}

# Seconds between two lines on a terminal, and elsewhere.
_TERMINAL_SECONDS, _LOG_SECONDS = 0.2, 10.0
# Failed pictures that are named one by one.
_NAMED = 20

# What a model does, by verb.
_TASKS = {"upscale": "enlarges pictures", "inpaint": "fills in what a mask marks", "translate": "keeps the size of pictures"}


def run(arguments: list[str], verb: str, modules: Sequence[ModuleType]) -> int:
    """Apply a model to pictures; return the exit status: 1 if some pictures failed.

    Args:
        arguments: The model, and files, folders or patterns.
        verb: The program; all but `apply` take models of one task.
        modules: Modules with the flags of this program, each with its `OPTIONS`.
    """
    from keras_gans.applying import Applied
    from keras_gans.applying.jobs import plan
    from keras_gans.applying.network import Filter

    if len(arguments) < 2:
        given = " ".join(arguments) or "nothing"
        raise ValueError(f"a model and pictures are needed (keras-gans {verb} MODEL PICTURES --output=OUT); received {given}.")
    name, *sources = arguments
    output = apply_flags.OUTPUT.value
    if not output:
        raise ValueError("--output is needed: a folder, or a file for a single picture.")
    options = _options(modules)
    # Before a model is loaded, which takes seconds.
    jobs = plan(sources, output, options["format"], options.get("mask"), options["overwrite"])
    if name in Filter.NAMES:
        if verb in ("inpaint", "translate"):
            raise ValueError(f"{name} is a filter that enlarges pictures: use keras-gans upscale.")
        applied = _apply(name, sources, output, options)
    elif not jobs.todo:
        applied = Applied(existing=jobs.existing, failed=jobs.failed)
    else:
        applied = _apply(_load(name, verb), sources, output, options)
    return _report(applied, output)


def _options(modules: Sequence[ModuleType]) -> dict[str, Any]:
    """Return the options that the flags in some modules give, checked."""
    from keras_gans.applying import Options

    options = {flag.name: flag.value for module in modules for flag in getattr(module, "OPTIONS", ())}
    tile = apply_flags.TILE.value
    if tile != "auto" and not (tile.isdecimal() and int(tile)):
        raise ValueError(f"--tile must be a number of pixels, or auto; received '{tile}'.")
    options["tile"] = tile if tile == "auto" else int(tile)
    Options(**options)
    return options


def _load(name: str, verb: str) -> AdversarialModel:
    """Return the model of a preset.

    Raises:
        ValueError: If it does not do what the verb says.
    """
    from keras_gans import presets

    preset = presets.find_preset(name)
    program.import_keras()
    model = preset.load()
    if verb != "apply":
        _check_task(model, preset, verb)
    return model


def _check_task(model: AdversarialModel, preset: Preset, verb: str) -> None:
    from keras_gans.applying.network import AppliedNetwork

    network = AppliedNetwork(model)
    own = "inpaint" if network.takes_masks else "upscale" if network.scale > 1 else "translate"
    if own != verb:
        raise ValueError(f"{preset.name} {_TASKS[own]}: use keras-gans {own}. {verb} is for a model that {_TASKS[verb]}.")


def _apply(model: AdversarialModel | str, sources: list[str], output: str, options: Mapping[str, Any]) -> Applied:
    from keras_gans.applying import apply_files

    line = _Line()
    try:
        return apply_files(model, sources, output, line.show, **options)
    finally:
        line.end()


def _report(applied: Applied, output: str) -> int:
    """Print what was done; return the exit status."""
    written = len(applied.written)
    if written == 1:
        print(f"Wrote {applied.written[0]}.")
    elif written or not (applied.failed or applied.existing):
        print(f"Wrote {counted(written, 'picture')} to {output}.")
    if applied.existing:
        print(f"Skipped {counted(applied.existing, 'picture')}, which exist already (--overwrite replaces them).")
    for note, (first, count) in applied.notes.items():
        print(f"{first}{f' and {count - 1:,} more' if count > 1 else ''}: {note}.")
    sys.stdout.flush()
    for path, reason in applied.failed[:_NAMED]:
        print(f"{path}: {reason}.", file=sys.stderr)
    if applied.failed:
        more = f" ({_NAMED} of them are named above)" if len(applied.failed) > _NAMED else ""
        print(f"{counted(len(applied.failed), 'picture')} failed{more}.", file=sys.stderr)
    return 1 if applied.failed else 0


class _Line:
    """One line of progress: kept up to date on a terminal, printed at times elsewhere."""

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        self.shown = time.perf_counter()

    def show(self, progress: Progress) -> None:
        """Show the line if it is time for it."""
        now = time.perf_counter()
        if now - self.shown < (_TERMINAL_SECONDS if self.terminal else _LOG_SECONDS):
            return
        self.shown = now
        left = "" if progress.seconds_left is None else f", {duration(progress.seconds_left)} left"
        text = f"picture {progress.done + 1:,}/{progress.total:,} {progress.share:.0%}{left}  {progress.source.name}"
        if self.terminal:
            text = f"\r\033[K{text[: shutil.get_terminal_size().columns - 1]}"
        print(text, end="" if self.terminal else "\n", flush=True)

    def end(self) -> None:
        """Remove the line from a terminal."""
        if self.terminal:
            print("\r\033[K", end="", flush=True)
