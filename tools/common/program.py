"""What all programs share: flags, exit statuses, and errors of one line."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from absl import flags

from keras_gans._quiet import quietly
from keras_gans.distribution.place import end, has_given_up
from keras_gans.errors import no_such
from keras_gans.files import kilobytes

from .frames_before import read_last_frames
from .help import help_text

__all__ = [
    "exported_name",
    "find_label",
    "import_keras",
    "one_argument",
    "parse_setting",
    "parse_size",
    "quietly",
    "report_export",
    "run",
    "served_name",
    "show_status",
]

if TYPE_CHECKING:
    from keras_gans.export.parity import Difference
    from keras_gans.presets import Preset

FLAGS = flags.FLAGS

# Errors that users can correct. Any other error is a bug of ours and keeps its traceback.
_USER_ERRORS = (ValueError, OSError, ImportError, RuntimeError, FloatingPointError)


def run(main: Callable[[list[str]], int | None], argv: list[str] | None = None) -> NoReturn:
    """Parse flags, run `main(arguments)` and exit: with the status it returns, or 2 and one line for a user's mistake.

    Args:
        main: Takes the positional arguments; returns an exit status, or None for 0. `help.help_text` prints its module's
            docstring and flags. The module and its `SHARED_FLAGS` may define `explain_flag(name, arguments)`, which returns
            what to write instead of an unknown flag, or None, and `more_help(arguments)`, which `--help` prints, too.
        argv: The program's name and its arguments; `sys.argv` if None.
    """
    argv = _with_underscores(list(sys.argv if argv is None else argv))
    module = sys.modules[main.__module__]
    program = f"keras-gans {Path(module.__file__ or '').stem}"
    os.environ["MPLBACKEND"] = "Agg"  # charts are files; a notebook's choice may not exist here
    warnings.formatwarning = lambda message, *_, **__: f"{program}: {message}\n"
    FLAGS.set_gnu_getopt(True)
    status: int | None = 0
    try:
        if any(argument in ("--help", "-h", "-help", "--helpfull") for argument in argv[1:]):
            _print_help(module, argv[1:])
        else:
            status = _interruptibly(main, FLAGS(argv)[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        stop_writing()
    except flags.UnrecognizedFlagError as error:
        _fail(program, _explain(module, error, argv[1:]) or f"{error} (see {program} --help)")
    except flags.Error as error:
        _fail(program, f"{error} (see {program} --help)")
    except _USER_ERRORS as error:
        if os.environ.get("KERAS_GANS_DEBUG"):
            raise
        _fail(program, str(error) or type(error).__name__)
    except KeyboardInterrupt:
        show_status("")
        print(f"\n{program}: stopped.", file=sys.stderr)
        sys.stdout.flush()
        # The interpreter's own exit takes seconds once TensorFlow is loaded.
        atexit._run_exitfuncs()
        os._exit(130)
    _exit(status or 0)


def print_page(text: str) -> None:
    """Print a text, of which a reader such as `head` may take a part."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        stop_writing()


def stop_writing() -> None:
    """Discard all further output, also at exit: its reader, `head` say, has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _interruptibly(main: Callable[[list[str]], int | None], arguments: list[str]) -> int | None:
    """Call `main`. Ctrl-C during it ends in a KeyboardInterrupt, whatever error a library in C++ makes of that."""
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        nonlocal interrupted
        interrupted = True
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored, as by nohup
        signal.signal(signal.SIGINT, interrupt)
    try:
        return main(arguments)
    except Exception as error:
        if interrupted:
            raise KeyboardInterrupt from error
        raise


def _with_underscores(argv: list[str]) -> list[str]:
    """Return arguments with the hyphens in the names of flags replaced: `--run-dir=x` is `--run_dir=x`."""
    end = argv.index("--") if "--" in argv else len(argv)

    def replaced(argument: str) -> str:
        name, equals, value = argument.partition("=")
        name = name[2:].replace("-", "_")
        known = name in FLAGS or name.removeprefix("no") in FLAGS
        return f"--{name}{equals}{value}" if argument.startswith("--") and known else argument

    return [*map(replaced, argv[:end]), *argv[end:]]


def _explain(module: ModuleType, error: flags.UnrecognizedFlagError, arguments: list[str]) -> str | None:
    """Return what to write instead of an unknown flag, if a module with `explain_flag` knows."""
    for each in (module, *getattr(module, "SHARED_FLAGS", ())):
        instead = getattr(each, "explain_flag", lambda *_: None)(error.flagname, arguments)
        if instead:
            return f"There is no --{error.flagname}: {instead}"
    return None


def _print_help(module: ModuleType, arguments: list[str]) -> None:
    print(help_text(module))
    positional = [argument for argument in arguments if not argument.startswith("-")]
    for each in (module, *getattr(module, "SHARED_FLAGS", ())):
        more = getattr(each, "more_help", lambda _: None)(positional)
        if more:
            print(f"\n{more}")


def show_status(text: str) -> None:
    """Show on a terminal what is being done, in a line of standard error that the next one replaces; "" removes it."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def one_argument(arguments: list[str], what: str) -> str:
    """Return the only positional argument.

    Raises:
        ValueError: If there is none or more than one.
    """
    if len(arguments) != 1:
        given = f"{len(arguments)} were given: {' '.join(arguments)}" if arguments else "none was given"
        raise ValueError(f"one {what} is needed; {given}.")
    return arguments[0]


# Constants as Python and our documentation spell them, besides those of JSON.
_PYTHON = {"True": True, "False": False, "None": None}


def parse_setting(setting: str) -> tuple[str, Any]:
    """Return the name and the value of `argument=value`. The value is JSON, True, False, None, or else a string.

    Raises:
        ValueError: If there is no equals sign.
    """
    name, equals, value = setting.partition("=")
    if not equals:
        raise ValueError(f"--set takes argument=value; received '{setting}'.")
    if value in _PYTHON:
        return name, _PYTHON[value]
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def parse_size(size: str | None) -> tuple[int, ...] | None:
    """Return `(height, width)` or `(height, width, channels)` of a size such as `64x96`; None for None.

    Raises:
        ValueError: If it is not a size.
    """
    if size is None:
        return None
    parts = size.lower().split("x")
    if len(parts) > 3 or not all(part.isdigit() and int(part) for part in parts):
        raise ValueError(f"--image_size must look like 64, 64x96 or 64x64x1; received '{size}'.")
    numbers = tuple(int(part) for part in parts)
    return (numbers[0], numbers[0]) if len(numbers) == 1 else numbers


def check_wav(output: str, overwrite: bool) -> str:
    """Return the path of a WAV file that a program writes.

    Raises:
        ValueError: If it has another suffix.
        FileExistsError: If it exists and must not be replaced.
    """
    if not output.lower().endswith(".wav"):
        raise ValueError(f"--output={output} must end in .wav.")
    check_replaceable(output, overwrite)
    return output


def check_replaceable(output: str | Path, overwrite: bool) -> None:
    """Raise FileExistsError if a file exists and must not be replaced."""
    if Path(output).exists() and not overwrite:
        raise FileExistsError(f"{output} exists already: add --overwrite to replace it, or give another name.")


def parse_seeds(given: Sequence[str]) -> list[int]:
    """Return the integers of the flag `--seeds`.

    Raises:
        ValueError: If it is empty, or holds anything else.
    """
    if not given or not all(seed.strip().isdecimal() for seed in given):
        raise ValueError(f"--seeds must be integers from 0, such as 3,7; received '{','.join(given)}'.")
    return [int(seed) for seed in given]


def find_label(preset: Preset, given: str | None) -> int | None:
    """Return the number of a class that a flag gives by number or name; None for None.

    Raises:
        ValueError: If the preset has no class of that name.
    """
    if given is None:
        return None
    names = preset.metadata.classes
    if given in names:
        return names.index(given)
    if given.isdigit():
        return int(given)
    if not names:
        raise ValueError(f"--label={given}: the classes of {preset.name} have numbers, but no names.")
    raise ValueError(no_such("class", given, names))


def find_conditions(preset: Preset, given: Sequence[str]) -> dict[str, Any]:
    """Return the values of conditions, by name, that flags give as `NAME=VALUE`: classes, lists of codes, or a clip's path.

    Raises:
        ValueError: If one has another form, or the preset has no such condition or value.
    """
    metadata = preset.metadata
    found: dict[str, Any] = {}
    for each in given:
        name, _, value = each.partition("=")
        if not value:
            raise ValueError(f"--condition={each} must look like NAME=VALUE, such as speaker=theo.")
        if metadata.conditions.get(name, {}).get("kind") == "codes":
            found[name] = _read_codes(each, value, metadata.conditions[name]["count"])
            continue
        if metadata.conditions.get(name, {}).get("kind") == "frames":
            found[name] = read_last_frames(value, metadata.conditions[name]["shape"], metadata.training.stride or 1)
            continue
        kinds = {other: config["kind"] for other, config in metadata.conditions.items()}
        others = [other for other, kind in kinds.items() if kind in ("classes", "codes", "frames") and other != "labels"]
        if name not in others:
            hint = " For classes, use --label." if name in ("label", "labels") else ""
            raise ValueError(no_such(f"condition of {preset.name}", name, others) + hint)
        names = metadata.condition_names.get(name, [])
        if value in names:
            found[name] = names.index(value)
        elif value.isdecimal():
            found[name] = int(value)
        else:
            raise ValueError(no_such(name, value, names))
    return found


def _read_codes(given: str, value: str, count: int) -> list[float]:
    """Return codes that a flag gives as numbers divided by commas."""
    try:
        codes = [float(number) for number in value.split(",")]
    except ValueError:
        codes = []
    if len(codes) != count or not all(-1.0 <= code <= 1.0 for code in codes):
        example = ",".join(["0.5"] * count)
        raise ValueError(f"--condition={given}: give {count} number{'s' * (count > 1)} from -1 to 1, such as {example}.")
    return codes


# How to install each of Keras' backends.
_INSTALL = {"jax": "pip install 'keras-gans[jax]'", "tensorflow": "pip install tensorflow", "torch": "pip install torch"}


def import_keras() -> ModuleType:
    """Import and return Keras with its backend, without their start-up messages.

    Raises:
        ImportError: If the backend that `KERAS_BACKEND` names is not installed, saying how to install it.
    """
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend in _INSTALL and "keras" not in sys.modules and importlib.util.find_spec(backend) is None:
        chosen = f"KERAS_BACKEND={backend}" if os.environ.get("KERAS_BACKEND") else f"The default backend, {backend},"
        has_jax = backend != "jax" and importlib.util.find_spec("jax") is not None
        instead = ", or set KERAS_BACKEND=jax, which is installed" if has_jax else ""
        raise ImportError(f"{chosen} needs {backend}, which is not installed: {_INSTALL[backend]}{instead}.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    show_status(f"Loading {backend} ...")
    with quietly():
        import keras

        from keras_gans import adversarial  # noqa: F401  the rest of what comes with a backend
    show_status("")
    return keras


def served_name(preset: Preset) -> str:
    """Return the name of a preset on a server: its own, or that of the run."""
    folder = preset.folder.resolve()
    return folder.parent.name if folder.name == "best" else folder.name


def exported_name(name: str, quantize: str = "none") -> str:
    """Return the name of a model's TFLite file among others: `digits.tflite`, `digits_int8.tflite`."""
    return f"{name}.tflite" if quantize == "none" else f"{name}_{quantize}.tflite"


def report_export(path: Path, difference: Difference, quantize: str = "none") -> None:
    """Print the path of an export, its size, and its difference from the Keras model.

    Args:
        path: The file or folder.
        difference: The difference that `keras_gans.export` returned.
        quantize: How it was quantized.
    """
    print(
        f"Wrote {path} ({kilobytes(path):,.0f} kB). Run without keras_gans, its output differs from that of the Keras model by "
        f"at most {difference:.1e}" + ("." if quantize == "none" else f", on average by {difference.mean:.1e}.")
    )


def _fail(program: str, message: str) -> NoReturn:
    show_status("")
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    print(f"{program}: {' '.join(lines)}", file=sys.stderr)
    _exit(2)


def _exit(status: int) -> NoReturn:
    if has_given_up():
        end(status)
    sys.exit(status)
