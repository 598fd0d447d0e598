"""The socket of a server."""

import socket

import uvicorn
from starlette.types import ASGIApp

from keras_gans.serving.connection import protocol

BACKLOG = 2048


def listen(host: str, port: int, flag: str = "--port") -> socket.socket:
    """Return a socket that listens.

    Args:
        host: The address.
        port: The port; 0 picks a free one.
        flag: The flag that sets the port, for the message.

    Raises:
        OSError: If the address cannot be used.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise OSError(f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another {flag} or --host.") from error


def url_of(listening: socket.socket) -> str:
    """Return the address of a listening socket, for browsers."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def page_config(app: ASGIApp, client_timeout: float, stop_timeout: int) -> uvicorn.Config:
    """Return the configuration of a server of pages.

    Args:
        app: The application.
        client_timeout: Seconds that a client has to send the next part of a request.
        stop_timeout: Seconds that requests have to finish after SIGTERM.
    """
    return uvicorn.Config(
        app,
        http=protocol(client_timeout),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=stop_timeout,
        backlog=BACKLOG,
    )
