"""What all programs share: flags, help, and errors that are one line."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans.files import kilobytes

if TYPE_CHECKING:
    from keras_gans.presets import Preset

FLAGS = flags.FLAGS

# A user's mistake, or what a user can mend. Anything else is a mistake of ours and keeps its traceback.
_USER_ERRORS = (ValueError, OSError, ImportError, RuntimeError, FloatingPointError)


def run(main: Callable[[list[str]], None], argv: list[str] | None = None) -> None:
    """Parses flags, runs `main(arguments)` and exits: 0 when it ends, 2 with one line of text for a user's mistake.

    Args:
        main: Takes the positional arguments. The docstring of its module is the help text, its `SHARED_FLAGS` are modules whose
            flags the program has too.
        argv: The program's name and its arguments; `sys.argv` if None.
    """
    argv = list(sys.argv if argv is None else argv)
    module = sys.modules[main.__module__]
    program = f"keras-gans {module.__file__.rsplit(os.sep, 1)[-1].removesuffix('.py')}"
    warnings.formatwarning = lambda message, *_: f"{program}: {message}\n"
    FLAGS.set_gnu_getopt(True)
    if any(argument in ("--help", "-h", "-help", "--helpfull") for argument in argv[1:]):
        print(_help(module))
        sys.exit(0)
    try:
        main(FLAGS(argv)[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output, `head` say, has seen enough. Nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except flags.Error as error:
        _fail(program, f"{error} (see {program} --help)")
    except _USER_ERRORS as error:
        if os.environ.get("KERAS_GANS_DEBUG"):
            raise
        _fail(program, str(error) or type(error).__name__)
    except KeyboardInterrupt:
        print(f"\n{program}: stopped.", file=sys.stderr)
        sys.stdout.flush()
        # The interpreter's own way out takes seconds once TensorFlow is loaded.
        atexit._run_exitfuncs()
        os._exit(130)
    sys.exit(0)


def one_argument(arguments: list[str], what: str) -> str:
    """Returns the only positional argument.

    Raises:
        ValueError: If there is none or more than one.
    """
    if len(arguments) != 1:
        given = f"{len(arguments)} were given: {' '.join(arguments)}" if arguments else "none was given"
        raise ValueError(f"one {what} is needed; {given}.")
    return arguments[0]


# As messages and documents spell them; JSON does otherwise.
_PYTHON = {"True": True, "False": False, "None": None}


def parse_setting(setting: str) -> tuple[str, Any]:
    """Returns name and value of what --set=argument=value says; the value is JSON, True, False, None, or else a word.

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
    """Returns `(height, width)` or `(height, width, channels)` of what --image_size says; None for None.

    Raises:
        ValueError: If it looks like no size.
    """
    if size is None:
        return None
    parts = size.lower().split("x")
    if len(parts) > 3 or not all(part.isdigit() and int(part) for part in parts):
        raise ValueError(f"--image_size must look like 64, 64x96 or 64x64x1; received '{size}'.")
    numbers = tuple(int(part) for part in parts)
    return (numbers[0], numbers[0]) if len(numbers) == 1 else numbers


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Holds back what libraries print to standard error, unless they fail; a ValueError says itself what is wrong.

    TensorFlow's start-up messages come from C++ before any level can be set, as its converter's do, and would bury ours.
    """
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except ValueError:
            raise
        except BaseException:
            kept.seek(0)
            os.write(real, kept.read())
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)


def import_keras() -> ModuleType:
    """Imports and returns Keras with its backend, without their start-up messages."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quietly():
        import keras

        from keras_gans import adversarial  # noqa: F401  the rest of what comes with a backend
    return keras


def served_name(preset: Preset) -> str:
    """Returns what a server calls a preset: its name, or that of the run."""
    folder = preset.folder.resolve()
    return folder.parent.name if folder.name == "best" else folder.name


def exported_name(name: str, quantize: str = "none") -> str:
    """Returns what the TFLite file of a model is called among others: `digits.tflite`, `digits_int8.tflite`."""
    return f"{name}.tflite" if quantize == "none" else f"{name}_{quantize}.tflite"


def report_export(path: Path, difference: float, quantize: str = "none") -> None:
    """Prints where an export is, how large, and how far it lies from the Keras model.

    Args:
        path: The file or folder.
        difference: What `keras_gans.export` returned with it.
        quantize: How it was quantised.
    """
    print(
        f"Wrote {path} ({kilobytes(path):,.0f} kB); run without keras_gans, its largest difference from the Keras model is "
        f"{difference:.1e}" + ("." if quantize == "none" else f", the mean {difference.mean:.1e}.")
    )


def _help(module):
    lines = [module.__doc__.strip(), "", "Flags:"]
    modules = [module, *getattr(module, "SHARED_FLAGS", ())]
    found = [flag for each in modules for flag in FLAGS.get_flags_for_module(each.__name__)]
    for flag in sorted(found, key=lambda flag: flag.name):
        default = "" if flag.default in (None, False, [], "") else f" (default: {flag.default_as_str.strip(chr(39))})"
        value = "" if flag.boolean else "=..."
        lines.append(f"  --{flag.name}{value}")
        lines.append(textwrap.indent(textwrap.fill(flag.help + default, 90), " " * 6))
    return "\n".join(lines)


def _fail(program, message):
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    print(f"{program}: {' '.join(lines)}", file=sys.stderr)
    sys.exit(2)
