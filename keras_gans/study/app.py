"""The ASGI application of a study: its page, its items, and the answers that arrive."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from keras_gans.serving.app import GALLERY, PAGE_HEADERS, PageFiles
from keras_gans.serving.body import Bodies
from keras_gans.serving.errors import ServingError, invalid
from keras_gans.serving.guard import Guard
from keras_gans.serving.hosts import allowed_hosts
from keras_gans.serving.rest import error_response
from keras_gans.study.answers import StorageError
from keras_gans.study.folder import MEDIA
from keras_gans.study.session import RefusedError, Sessions

PAGE = Path(__file__).with_name("page")
_LARGEST_BODY = 16 * 1024  # bytes
_LONGEST_NAME = 200  # characters
# Parts of the page that are the gallery's.
_SHARED = ("style.css", "dom.js", "icon.svg")
_LOG = logging.getLogger(__name__)


def application(sessions: Sessions, host: str, hosts: list[str], client_timeout: float) -> ASGIApp:
    """Return the ASGI application of a study.

    Args:
        sessions: The study's `Sessions`.
        host: The address that it listens on.
        hosts: More names that `Host` may have.
        client_timeout: Seconds that a client has to send the next part of a request.
    """
    bodies, study = Bodies(_LARGEST_BODY, client_timeout), sessions.study
    assert study.folder is not None

    async def describe(request: Request) -> Response:
        return _json(sessions.description())

    async def begin(request: Request) -> Response:
        given = await _read(request, bodies)
        if given.get("consent") is not True:
            raise invalid("Nobody takes part without consent.")
        participant = given.get("participant")
        if not isinstance(participant, str) or not 0 < len(participant) <= _LONGEST_NAME:
            raise invalid(f"participant must be a name of at most {_LONGEST_NAME} characters.")
        begun = await run_in_threadpool(sessions.answers.begin, participant)
        if begun is None:
            text = "This participant has begun already, in another browser or before its data were cleared: go on there."
            raise ServingError("ALREADY_EXISTS", text)
        number, token = begun
        return _json({"token": token, **await run_in_threadpool(sessions.begun, number)})

    async def resume(request: Request) -> Response:
        number = await _known(await _read(request, bodies), sessions)
        return _json(await run_in_threadpool(sessions.begun, number))

    async def answer(request: Request) -> Response:
        given = await _read(request, bodies)
        number = await _known(given, sessions)
        return _json(await run_in_threadpool(sessions.answer, number, given))

    routes = [
        Route("/api/study", describe),
        Route("/api/begin", begin, methods=["POST"]),
        Route("/api/resume", resume, methods=["POST"]),
        Route("/api/answer", answer, methods=["POST"]),
        *(Route(f"/gallery/{name}", _gallery_file(name)) for name in _SHARED),
        Mount("/media", _Media(directory=study.folder / MEDIA, check_dir=False)),
        Mount("/", PageFiles(directory=PAGE, html=True)),
    ]
    handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        HTTPException: _http_error,
        ServingError: _serving_error,
        RefusedError: _refusal,
        StorageError: _storage_error,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), allowed_hosts(host, hosts))


class _Media(StaticFiles):
    """The items, which never change, and whose headers tell nothing of when they were made."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(PAGE_HEADERS | {"Cache-Control": "private, max-age=86400, immutable"})
        return response


def _gallery_file(name: str) -> Callable[[Request], Awaitable[Response]]:
    files = PageFiles(directory=GALLERY)

    async def respond(request: Request) -> Response:
        return await files.get_response(name, request.scope)

    return respond


async def _read(request: Request, bodies: Bodies) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise invalid("The body must be application/json.", status=415)
    async with bodies.read(request) as body:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise invalid("The body is not JSON.") from error
    if not isinstance(given, dict):
        raise invalid("The body must be a JSON object.")
    return given


async def _known(given: dict[str, Any], sessions: Sessions) -> int:
    """Return the number of the participant whose token was sent."""
    token = given.get("token")
    number = await run_in_threadpool(sessions.answers.number_of, token) if isinstance(token, str) else None
    if number is None:
        raise ServingError("PERMISSION_DENIED", "This token is nobody's: begin again from the link that you were given.")
    return number


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_response(ServingError("NOT_FOUND", f"{error.detail}: {request.url.path[:200]}", error.status_code))


async def _serving_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServingError)
    return error_response(error)


async def _refusal(request: Request, error: Exception) -> Response:
    return error_response(ServingError("ABORTED", str(error)))


async def _storage_error(request: Request, error: Exception) -> Response:
    _LOG.error("%s Nothing that was acknowledged is lost; participants' browsers try again.", error)
    text = "The answer could not be stored. Nothing is lost: it is sent again."
    return error_response(ServingError("UNAVAILABLE", text, headers={"Retry-After": "2"}))


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json", headers={"Cache-Control": "no-store"})
