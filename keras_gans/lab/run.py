"""What the page shows of a run folder: read anew each time, so that it works while the run is trained."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keras_gans.lab.app import error_response, fixed_routes
from keras_gans.lab.extremes import ExtremesJob
from keras_gans.log_names import current_name

_PICTURE = re.compile(r"epoch_(\d{1,9})\.png")
_MOST_LINES = 20_000  # of a log that are shown, the last ones
_LARGEST_LOG = 64 * 2**20  # bytes of a log that are read, from its end


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a training run."""
    return any((folder / name).is_dir() for name in ("logs", "samples", "checkpoints"))


def read_run(folder: Path) -> dict[str, Any]:
    """Return the logs, the findings and the numbers of the pictures of a run, as JSON stores them.

    Args:
        folder: A folder that `keras-gans train --run_dir` has made, or is making.

    Returns:
        `{"name", "epochs", "train", "evaluation", "findings"}`: numbers of epochs with a picture; a dict for each epoch of the
        log; one for each measurement; what the doctor has noted.
    """
    try:
        found = [_PICTURE.fullmatch(path.name) for path in (folder / "samples").iterdir()]
    except OSError:
        found = []
    return {
        "name": folder.resolve().name,
        "epochs": sorted(int(match[1]) for match in found if match),
        "train": read_log(folder / "logs" / "train.jsonl"),
        "evaluation": read_log(folder / "logs" / "evaluation.jsonl"),
        "findings": read_log(folder / "logs" / "doctor.jsonl"),
    }


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a log of JSON objects, under the present names; nothing if there is no such file.

    NaN and infinity, which JSON does not have, become None.
    """
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _LARGEST_LOG))
            lines = file.read(_LARGEST_LOG).splitlines(keepends=True)[-_MOST_LINES:]
    except OSError:
        return []
    entries = []
    for line in lines:
        try:
            entry = json.loads(line) if line.endswith(b"\n") else None
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            entries.append({current_name(name): _plain(value) for name, value in entry.items()})
    return entries


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def run_routes(folder: Path) -> list[Route]:
    """Return the routes of a page that shows a run folder."""
    job = ExtremesJob(folder)

    def extremes(request: Request) -> Response:
        if request.method == "POST" and request.headers.get("content-type", "") != "application/json":
            return error_response("Commands are JSON: send Content-Type: application/json.", 415)
        return JSONResponse(job.start() if request.method == "POST" else job.result())

    def run(request: Request) -> Response:
        return JSONResponse(read_run(folder))

    def picture(request: Request) -> Response:
        path = folder / "samples" / f"epoch_{request.path_params['epoch']:04d}.png"
        try:
            return Response(path.read_bytes(), media_type="image/png", headers={"Cache-Control": "no-cache"})
        except OSError:
            return error_response("There is no such picture.", 404)

    shown = fixed_routes("run", {"/run.json": run, "/pictures/{epoch:int}.png": picture})
    return [*shown, Route("/extremes", extremes, methods=["GET", "POST"])]
