"""The ASGI application of the lab: the page, its events, and commands."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from keras_gans.lab.hub import Hub
from keras_gans.lab.lessons import lessons
from keras_gans.lab.page import PAGE_HEADERS, page_file
from keras_gans.lab.settings import DATA, LOSSES, MOST_DRAWN, PENALTIES, check_command
from keras_gans.serving.body import Bodies
from keras_gans.serving.errors import ServingError
from keras_gans.serving.guard import Guard

_LARGEST_BODY = 256 * 1024  # bytes; 4,096 drawn points take 160 kB
_SECONDS = 10.0  # that a client has to send the next part of a command


def live_routes(hub: Hub, send: Callable[[Mapping[str, Any]], int], models: list[str], *, fixed: bool = False) -> list[Route]:
    """Return the routes of a lab that trains.

    Args:
        hub: Where the messages of the training process arrive.
        send: Passes on a command and returns its number; raises RuntimeError if it cannot.
        models: Names of models that the page offers.
        fixed: Whether the model is given, and cannot be replaced by another.
    """
    bodies = Bodies(_LARGEST_BODY, _SECONDS)
    drawn: dict[str, Any] = {}

    async def mode(request: Request) -> Response:
        choices = {"models": models, "data": DATA, "losses": LOSSES, "penalties": PENALTIES, "most_drawn": MOST_DRAWN}
        return JSONResponse({"mode": "live", "fixed": fixed, "lessons": _titles(), **choices})

    async def events(request: Request) -> Response:
        if hub.full:
            return error_response("Too many pages are open: close one.", 503)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(hub.follow(), media_type="text/event-stream", headers=headers)

    async def command(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return error_response("Commands are JSON: send Content-Type: application/json.", 415)
        try:
            async with bodies.read(request) as body:
                checked = check_command(json.loads(body))
                if checked["do"] in ("reset", "beside") and checked["model"] not in models:
                    raise ValueError(f"The models of this lab are {', '.join(models)}.")
                number = send(checked)
        except ServingError as error:
            text = "The command is too large." if error.status == 413 else error.message
            return error_response(text, error.status)
        except (ValueError, RecursionError) as error:
            return error_response(str(error) if not isinstance(error, json.JSONDecodeError) else "A command must be JSON.", 400)
        except RuntimeError as error:
            return error_response(str(error), 503)
        if checked["do"] == "reset":
            drawn["points"] = checked["points"]
        return JSONResponse({"number": number}, 202)

    async def drawn_file(request: Request) -> Response:
        if not drawn.get("points"):
            return error_response("No points have been drawn.", 404)
        from keras_gans.lab.drawing import drawn_samples

        file = io.BytesIO()
        np.savez_compressed(file, images=drawn_samples(drawn["points"]))
        return Response(file.getvalue(), media_type="application/octet-stream")

    return [
        Route("/mode.json", mode),
        Route("/events", events),
        Route("/command", command, methods=["POST"]),
        Route("/drawn.npz", drawn_file),
        lesson_route(),
    ]


def lesson_route() -> Route:
    """Return the route of the guided lessons."""

    def lesson(request: Request) -> Response:
        found = lessons().get(request.path_params["name"])
        return error_response("There is no such lesson.", 404) if found is None else JSONResponse(found.messages())

    return Route("/lessons/{name:str}.json", lesson)


def _titles() -> dict[str, str]:
    return {name: lesson.title for name, lesson in lessons().items()}


def application(routes: list[Route], hosts: set[str]) -> ASGIApp:
    """Return the application.

    Args:
        routes: Those of what is shown: `live_routes`, or those of a recording or a run.
        hosts: The names in `Host` headers that are answered; all if empty.
    """

    async def page(request: Request) -> Response:
        found = page_file(request.path_params["name"] or "index.html")
        if found is None:
            return error_response("There is no such page.", 404)
        content, kind = found
        return Response(content, media_type=kind, headers=PAGE_HEADERS)

    return Guard(Starlette(routes=[*routes, Route("/{name:path}", page)]), hosts, has_flag=False)


def fixed_routes(mode: str, files: Mapping[str, Callable[[Request], Any]]) -> list[Route]:
    """Return the routes of a page that only shows something.

    Args:
        mode: What the page shows: `"replay"`, `"run"` or `"lesson"`.
        files: What answers each further path.
    """

    async def answer_mode(request: Request) -> Response:
        return JSONResponse({"mode": mode, **({"lessons": _titles()} if mode == "lesson" else {})})

    return [Route("/mode.json", answer_mode), *(Route(path, answer) for path, answer in files.items())]


def error_response(text: str, status: int) -> Response:
    """Return an error as the page reads it."""
    return JSONResponse({"error": text}, status)
