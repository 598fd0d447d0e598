"""Rewrites the golden records, `records.json` and `samples.npz`: `python -m tests.golden.record [PART ...]`.

They say what the package did before, and are only rewritten when its behaviour is meant to change: the commit that does so
names the change, and its records differ in nothing else. A part is `samples`, `logs`, `signatures` or `commands`; all of them
if none is named (three minutes). `samples:PRESET` records a new preset alone.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import keras_gans
from tests.golden import values


def _run(*arguments, cwd):
    command = [Path(sys.executable).with_name("keras-gans"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def _samples(arrays):
    found = {}
    for name in keras_gans.list_presets():
        arrays[name] = values.samples(name)
        found[name] = {"sha256": values.digest(arrays[name])}
    return found


def _logs(_):
    return {name: values.logs(name) for name in values.TRAINED}


def _signatures(_):
    found = {}
    for name in keras_gans.list_models():
        found[name] = values.signatures(name)
    return found


def _commands(arrays):
    found = {}
    for name in values.COMMANDS:
        with tempfile.TemporaryDirectory() as folder:
            found[name], pixels = values.command(name, _run, folder)
        arrays.update({f"{name}/{file}": array for file, array in pixels.items()})
    return found


PARTS = {"samples": _samples, "logs": _logs, "signatures": _signatures, "commands": _commands}


def _in_a_line(numbers):
    return f"[{' '.join(numbers[0][1:-1].split())}]"


def main(parts):
    """Computes the parts anew, and keeps the others."""
    records = json.loads(values.RECORDS.read_text(encoding="utf-8")) if values.RECORDS.is_file() else {}
    arrays = {}
    if values.SAMPLES.is_file():
        with np.load(values.SAMPLES) as kept:
            arrays = dict(kept)
    presets = [part.removeprefix("samples:") for part in parts if part.startswith("samples:")]
    for name in presets:
        arrays[name] = values.samples(name)
        records["samples"][name] = {"sha256": values.digest(arrays[name])}
    records["samples"] = dict(sorted(records.get("samples", {}).items()))
    parts = [part for part in parts if not part.startswith("samples:")]
    for part in parts or ([] if presets else PARTS):
        # What commands wrote has a slash in its name.
        arrays = {name: array for name, array in arrays.items() if part != ("commands" if "/" in name else "samples")}
        records[part] = PARTS[part](arrays)
    if not presets:
        records["machine"] = values.machine()
    text = json.dumps(records, indent=1, ensure_ascii=False)
    text = re.sub(r"\[\n[-\s\d.,e+nul]+\]", _in_a_line, text)
    values.RECORDS.write_text(text + "\n", encoding="utf-8")
    np.savez_compressed(values.SAMPLES, **dict(sorted(arrays.items())))


if __name__ == "__main__":
    main(sys.argv[1:])
