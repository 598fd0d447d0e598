"""Runs the page until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from keras_gans.lab.app import application, fixed_routes, lesson_route, live_routes
from keras_gans.lab.hub import Hub
from keras_gans.lab.recording import Recorder, Recording
from keras_gans.lab.run import run_routes
from keras_gans.lab.runs import Runs
from keras_gans.lab.settings import MODELS, Setup
from keras_gans.serving.hosts import allowed_hosts
from keras_gans.serving.listening import listen, page_config, url_of

_CLIENT_SECONDS = 10.0  # that a client has to send or take what is next
_STOP_SECONDS = 2  # that requests have to finish

Announce = Callable[[str], None]


def serve_live(setup: Setup, host: str, port: int, record: Path | None, announce: Announce) -> None:
    """Train what the page says, until SIGTERM or SIGINT; the training process ends with this one.

    Args:
        setup: What to train first.
        host: Address to listen on.
        port: Port; 0 picks a free one.
        record: A file in which everything shown is recorded, or None.
        announce: Called with the URL.

    Raises:
        OSError: If the address cannot be used or the file cannot be written.
    """
    listening = listen(host, port)
    recorder = None if record is None else Recorder(record)
    hub = Hub()

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def publish(message: dict[str, Any]) -> None:
            hub.publish(message)
            if message.get("status") == "failed":
                # Or only the page would say why nothing happens.
                logging.getLogger(__name__).error("%s", message["error"])
            if recorder is not None:
                recorder.add(message)

        def deliver(message: dict[str, Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(publish, message)

        runs = Runs(setup, deliver)
        try:
            models = [*MODELS, *([] if setup.model in MODELS else [setup.model])]
            await _serve(live_routes(hub, runs.send, models), listening, announce, hub)
        finally:
            runs.stop()
            if recorder is not None:
                recorder.close()

    _run(run())


def serve_recording(recording: Recording, host: str, port: int, announce: Announce) -> None:
    """Show a recording until SIGTERM or SIGINT. See `serve_live`."""
    content = json.dumps(recording.messages, separators=(",", ":")).encode()

    async def answer(request: Request) -> Response:
        return Response(content, media_type="application/json")

    _run(_serve(fixed_routes("replay", {"/recording.json": answer}), listen(host, port), announce))


def serve_lessons(host: str, port: int, announce: Announce) -> None:
    """Show the guided lessons until SIGTERM or SIGINT. See `serve_live`."""
    _run(_serve([*fixed_routes("lesson", {}), lesson_route()], listen(host, port), announce))


def serve_run(folder: Path, host: str, port: int, announce: Announce) -> None:
    """Show a run folder, while it is trained or afterwards, until SIGTERM or SIGINT. See `serve_live`."""
    _run(_serve(run_routes(folder), listen(host, port), announce))


def _run(serving: Any) -> None:
    # uvicorn handles these, and when it is done raises them again.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    asyncio.run(serving)


async def _serve(routes: list[Route], listening: socket.socket, announce: Announce, hub: Hub | None = None) -> None:
    await background_server(routes, listening, hub, lambda: announce(url_of(listening))).serve(sockets=[listening])


def background_server(
    routes: list[Route], listening: socket.socket, hub: Hub | None, ready: Callable[[], None]
) -> uvicorn.Server:
    """Return a server that is not yet started.

    Args:
        routes: What is answered.
        listening: The socket.
        hub: Whose streams are ended first, or None.
        ready: Called once it answers.
    """
    host = listening.getsockname()[0]
    config = page_config(application(routes, allowed_hosts(host)), _CLIENT_SECONDS, _STOP_SECONDS)
    return _Server(config, hub, ready)


class _Server(uvicorn.Server):
    """Ends streams of events before it waits for requests."""

    def __init__(self, config: uvicorn.Config, hub: Hub | None, ready: Callable[[], None]):
        super().__init__(config)
        self._hub, self._ready = hub, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._hub is not None:
            self._hub.close()
        await super().shutdown(sockets)
