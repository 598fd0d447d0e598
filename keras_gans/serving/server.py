"""The server as a whole: a socket, the models, and an end in which nobody is left without an answer."""

import logging
import signal
import socket
import threading

import uvicorn

from keras_gans.serving.app import application
from keras_gans.serving.connection import protocol
from keras_gans.serving.models import Models
from keras_gans.serving.settings import Settings

LOGGER = logging.getLogger("keras_gans.serving")
_BACKLOG = 2048
_IDLE = 60  # seconds a connection may be kept without a request


def serve(root, settings: Settings, prepare=lambda: None, announce=lambda url, models: None) -> None:
    """Serves a folder until SIGTERM or SIGINT; requests that are being answered then are answered.

    Args:
        root: See `keras_gans.serving.storage.scan`.
        settings: The server's settings; port 0 is any free one.
        prepare: Called when nothing is wrong with the folder and the address, before anything is loaded.
        announce: Called with the server's URL and `Models.listed()` once everything that was there at first has been tried.

    Raises:
        ValueError: If there is nothing to serve.
        OSError: If there is no such folder, or the address cannot be used.
    """
    models = Models(root, settings.poll_seconds)
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    prepare()
    models.start()
    threading.Thread(target=lambda: (models.wait(), announce(url, models.listed())), daemon=True).start()
    config = uvicorn.Config(
        application(models, settings),
        http=protocol(settings.client_timeout),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=int(settings.stop_timeout),
        backlog=_BACKLOG,
    )
    # uvicorn raises the signal again when it is done, for whoever handled it before: that is nobody.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listening])
    models.stop()


def _listen(host, port):
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise OSError(
            f"{host}:{port} cannot be listened at: {error.strerror or error}. Choose another --port or --host."
        ) from error
