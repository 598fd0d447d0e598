"""The server as a whole: its sockets, its models, and a shutdown that finishes the requests in progress."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from keras_gans.serving.app import application
from keras_gans.serving.connection import protocol
from keras_gans.serving.listening import BACKLOG, listen, url_of
from keras_gans.serving.models import Models
from keras_gans.serving.service import Service
from keras_gans.serving.settings import Settings

if TYPE_CHECKING:
    from keras_gans.serving.grpc_api import GrpcApi

_SWITCH = 0.0005  # seconds after which a thread that decodes lets the event loop in, at each of its system calls
_IDLE = 60  # seconds that a connection may stay open without a request


def serve(
    root: str | Path,
    settings: Settings,
    prepare: Callable[[], None] = lambda: None,
    announce: Callable[[str, str | None, list[dict]], None] = lambda url, grpc, models: None,
) -> None:
    """Serve a folder until SIGTERM, SIGINT or SIGHUP, and then finish the requests in progress.

    Args:
        root: See `keras_gans.serving.storage.scan`.
        settings: The server's settings; port 0 picks a free one.
        prepare: Called after the folder and the address have been checked, before anything is loaded.
        announce: Called with the server's URL, the HOST:PORT of the gRPC API or None, and `Models.listed()`, after every model
            that was there at the start has been tried.

    Raises:
        ValueError: If there is nothing to serve.
        OSError: If there is no such folder, or the address cannot be used.
    """
    models = Models(root, settings)
    listening = listen(settings.host, settings.port, "--port")
    if settings.grpc_port:
        listen(settings.host, settings.grpc_port, "--grpc_port").close()
    host = listening.getsockname()[0]
    url = url_of(listening)
    sys.setswitchinterval(_SWITCH)
    models.prepare()
    prepare()
    gc.freeze()  # what has been imported stays: looking at all of it again and again would stop the event loop
    models.start()
    service = Service(models, settings)
    config = uvicorn.Config(
        application(service, host),
        http=protocol(settings.client_timeout),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=int(settings.stop_timeout),
        backlog=BACKLOG,
    )
    server = _Server(config, service, host)
    # uvicorn handles these, and when it is done raises them again.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # nohup ignores it
        signal.signal(signal.SIGHUP, server.handle_exit)

    def announce_when_ready() -> None:
        models.wait()
        server.listens.wait()
        announce(url, server.grpc_address, models.listed())

    threading.Thread(target=announce_when_ready, daemon=True).start()
    server.run(sockets=[listening])
    models.stop()


class _Server(uvicorn.Server):
    """Starts and stops both APIs together, in one event loop."""

    def __init__(self, config: uvicorn.Config, service: Service, host: str):
        super().__init__(config)
        self._service, self._host = service, host
        self._grpc: GrpcApi | None = None
        self.listens = threading.Event()
        self.grpc_address: str | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        settings = self._service.settings
        if settings.grpc_port is not None:
            from keras_gans.serving.grpc_api import GrpcApi

            self._grpc = GrpcApi(self._service)
            self.grpc_address = await self._grpc.start(self._host, settings.grpc_port)
        await super().startup(sockets)
        self.listens.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        seconds = self._service.settings.stop_timeout
        stopping = asyncio.create_task(self._grpc.stop(seconds)) if self._grpc else None
        await super().shutdown(sockets)
        while stopping and not stopping.done() and not self.force_exit:
            await asyncio.sleep(0.05)
        self._service.close()
