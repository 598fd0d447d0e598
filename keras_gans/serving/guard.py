"""Keeps the pages of other sites from a server of pages of its own."""

from __future__ import annotations

import urllib.parse

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from keras_gans.serving.errors import ServingError
from keras_gans.serving.hosts import is_allowed, not_this_server
from keras_gans.serving.rest import error_response


class Guard:
    """Refuses requests for other hosts, and those that pages of other sites make.

    Args:
        app: Answers the others.
        hosts: What `allowed_hosts` returned.
        has_flag: Whether the program has the flag `--allowed_hosts`.
    """

    def __init__(self, app: ASGIApp, hosts: set[str], has_flag: bool = True):
        self._app, self._hosts, self._has_flag = app, hosts, has_flag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Request(scope).headers
            host, origin = headers.get("host", ""), headers.get("origin")
            if not is_allowed(host, self._hosts):
                await error_response(not_this_server(host, self._has_flag))(scope, receive, send)
                return
            if origin is not None and urllib.parse.urlsplit(origin).netloc.lower() != host.lower():
                error = ServingError("PERMISSION_DENIED", "Pages of other sites may not use this server.")
                await error_response(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)
