"""Shows how GANs learn, in the browser: models of points while they train, recordings, and training runs.

    keras-gans lab                                            train models of points: http://127.0.0.1:8502/
    keras-gans lab --model=wgan_gp --dataset=grid --seed=3
    keras-gans lab --record=ring.jsonl.gz                     record everything that is shown
    keras-gans lab ring.jsonl.gz                              replay a recording
    keras-gans lab https://example.org/ring.jsonl.gz          the same from an address
    keras-gans lab --lesson=collapse                          a guided lesson; all of them are on the page, too
    keras-gans lab --lesson=all --output=lessons.html         write lessons as one page that needs no server
    keras-gans lab ring.jsonl.gz --output=ring.html           write it as one page that needs no server
    keras-gans lab runs/digits                                look at a training run, also while it is trained

See docs/lab.md.
"""

import importlib.util
import os
import sys
from pathlib import Path

from absl import flags

from keras_gans import files
from keras_gans.errors import no_such
from keras_gans.lab.address import downloaded, is_address
from keras_gans.lab.settings import DATA, DRAWN, Setup

from .common import program

_DATASETS = [name for name in DATA if name != DRAWN]

_MODEL = flags.DEFINE_string("model", Setup.model, "Registered model that is trained first; it must make points.")
_DATASET = flags.DEFINE_enum("dataset", Setup.data, _DATASETS, "Points that it learns first. On the page, you can draw others.")
_SEED = flags.DEFINE_integer("seed", Setup.seed, "Seed of initial weights, training noise and the order of the data.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", Setup.batch_size, "Points per training step.")
_LATENT_DIM = flags.DEFINE_integer("latent_dim", Setup.latent_dim, "Length of a latent vector.")
_HOST = flags.DEFINE_string("host", "127.0.0.1", "Address to listen on; other machines can then give commands, too.")
_PORT = flags.DEFINE_integer("port", 8502, "Port; 0 picks a free one.", lower_bound=0, upper_bound=65535)
_RECORD = flags.DEFINE_string("record", None, "File in which everything that is shown is recorded, such as ring.jsonl.gz.")
_LESSON = flags.DEFINE_string("lesson", None, "Guided lesson to show, or `all`: see docs/lab.md.")
_OUTPUT = flags.DEFINE_string("output", None, "Write a recording or a lesson as one HTML file instead of showing it.")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace the file of --record or --output if it exists.")

_NEEDED = ("starlette", "uvicorn", "httptools")


def main(arguments: list[str]) -> None:
    """Serve the page until it is stopped, or write one."""
    what = program.one_argument(arguments, "run folder or recording") if arguments else None
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f"{', '.join(missing)} missing: install the extra, pip install 'keras-gans[serve]'.")
    if what is not None and _RECORD.value:
        raise ValueError("--record records training: leave out the argument.")
    if _LESSON.value is not None and (what is not None or _RECORD.value):
        raise ValueError("--lesson shows a recording of its own: leave out the argument and --record.")
    if _OUTPUT.value and _LESSON.value is None and (what is None or Path(what).is_dir()):
        raise ValueError("--output writes a recording as a page: give the recording, or a lesson.")
    if _LESSON.value is not None:
        _teach(_LESSON.value)
    elif what is None:
        _train()
    elif is_address(what):
        with downloaded(what) as path:
            _replay(path, what)
    elif Path(what).is_dir():
        _show_run(Path(what))
    else:
        _replay(Path(what), what)
    # Nobody waits for what is still being computed.
    sys.stdout.flush()
    os._exit(0)


def _train() -> None:
    from keras_gans.lab.server import serve_live
    from keras_gans.registry import list_models

    if _MODEL.value not in list_models():
        raise ValueError(no_such("model", _MODEL.value, list_models()))
    setup = Setup(_MODEL.value, _DATASET.value, _SEED.value, _BATCH_SIZE.value, _LATENT_DIM.value)
    record = None if _RECORD.value is None else Path(_RECORD.value)
    if record is not None:
        files.refuse_existing(record, _OVERWRITE.value)
    serve_live(setup, _HOST.value, _PORT.value, record, lambda url: _announce("Training", url))


def _show_run(folder: Path) -> None:
    from keras_gans.lab.run import is_run
    from keras_gans.lab.server import serve_run

    if not is_run(folder):
        raise ValueError(f"{folder} is not a run folder of keras-gans train: it has neither logs/ nor samples/.")
    serve_run(folder, _HOST.value, _PORT.value, lambda url: _announce(f"Showing {folder}", url))


def _teach(name: str) -> None:
    from keras_gans.lab.lessons import get_lesson, lessons
    from keras_gans.lab.page import standalone
    from keras_gans.lab.server import serve_lessons

    chosen = list(lessons()) if name == "all" else [get_lesson(name).name]
    if _OUTPUT.value is None:
        fragment = "" if name == "all" else f"#lesson={name}"
        serve_lessons(_HOST.value, _PORT.value, lambda url: _announce("Lessons", url + fragment))
        return
    recordings = {each: get_lesson(each).messages() for each in chosen}
    _write(Path(_OUTPUT.value), standalone(recordings), f"{len(chosen)} lesson{'s' if len(chosen) > 1 else ''}")


def _replay(path: Path, name: str) -> None:
    from keras_gans.lab.page import standalone
    from keras_gans.lab.recording import read_recording
    from keras_gans.lab.server import serve_recording

    if not path.exists():
        raise FileNotFoundError(f"There is no {name}: give a recording or a run folder, or nothing to train.")
    recording = read_recording(path, name)
    if not recording.whole:
        print(f"{name} is cut off: its {recording.frames:,} whole frames are used.", file=sys.stderr)
    if _OUTPUT.value is None:
        serve_recording(recording, _HOST.value, _PORT.value, lambda url: _announce(f"Replaying {name}", url))
        return
    _write(Path(_OUTPUT.value), standalone(recording.messages), f"{recording.frames:,} frames")


def _write(output: Path, page: str, contents: str) -> None:
    files.refuse_existing(output, _OVERWRITE.value)
    with files.replacing(output) as temporary:
        temporary.write_text(page, encoding="utf-8")
    print(f"Wrote {output} ({files.kilobytes(output):,.0f} kB, {contents}).")


def _announce(what: str, url: str) -> None:
    print(f"{what} at {url} ; Ctrl-C ends it.", flush=True)


if __name__ == "__main__":
    program.run(main)
