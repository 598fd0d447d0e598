"""The server as a whole: its sockets, the models, and an end in which nobody is left without an answer."""

import asyncio
import logging
import signal
import socket
import threading

import uvicorn

from keras_gans.serving.app import application
from keras_gans.serving.connection import protocol
from keras_gans.serving.models import Models
from keras_gans.serving.service import Service
from keras_gans.serving.settings import Settings

LOGGER = logging.getLogger("keras_gans.serving")
_BACKLOG = 2048
_IDLE = 60  # seconds a connection may be kept without a request


def serve(root, settings: Settings, prepare=lambda: None, announce=lambda *told: None) -> None:
    """Serves a folder until SIGTERM or SIGINT; requests that are being answered then are answered.

    Args:
        root: See `keras_gans.serving.storage.scan`.
        settings: The server's settings; ports 0 are any free ones.
        prepare: Called when nothing is wrong with the folder and the address, before anything is loaded.
        announce: Called with the server's URL, HOST:PORT of the gRPC API or None, and `Models.listed()`, once everything that
            was there at first has been tried.

    Raises:
        ValueError: If there is nothing to serve.
        OSError: If there is no such folder, or the address cannot be used.
    """
    models = Models(root, settings)
    listening = _listen(settings.host, settings.port, "--port")
    if settings.grpc_port:
        _listen(settings.host, settings.grpc_port, "--grpc_port").close()
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    models.prepare()
    prepare()
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
        backlog=_BACKLOG,
    )
    server = _Server(config, service, host)
    # uvicorn handles these, and when it is done raises them again.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # nohup ignores it
        signal.signal(signal.SIGHUP, server.handle_exit)

    def announce_when_ready():
        models.wait()
        server.listens.wait()
        announce(url, server.grpc_address, models.listed())

    threading.Thread(target=announce_when_ready, daemon=True).start()
    server.run(sockets=[listening])
    models.stop()


class _Server(uvicorn.Server):
    """Serves both APIs in one event loop, from one beginning to one end."""

    def __init__(self, config, service, host):
        super().__init__(config)
        self._service, self._host, self._grpc = service, host, None
        self.listens, self.grpc_address = threading.Event(), None

    async def startup(self, sockets=None):
        settings = self._service.settings
        if settings.grpc_port is not None:
            from keras_gans.serving.grpc_api import GrpcApi

            self._grpc = GrpcApi(self._service)
            self.grpc_address = await self._grpc.start(self._host, settings.grpc_port)
        await super().startup(sockets)
        self.listens.set()

    async def shutdown(self, sockets=None):
        seconds = self._service.settings.stop_timeout
        stopping = asyncio.create_task(self._grpc.stop(seconds)) if self._grpc else None
        await super().shutdown(sockets)
        while stopping and not stopping.done() and not self.force_exit:
            await asyncio.sleep(0.05)
        self._service.close()


def _listen(host, port, flag):
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise OSError(
            f"{host}:{port} cannot be listened at: {error.strerror or error}. Choose another {flag} or --host."
        ) from error
