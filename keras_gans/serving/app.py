"""The ASGI application: the REST API, the gallery, health checks and metrics."""

from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from keras_gans.serving import openapi
from keras_gans.serving.errors import ServingError
from keras_gans.serving.hosts import allowed_hosts, is_allowed, not_this_server
from keras_gans.serving.metrics import CONTENT_TYPE_LATEST
from keras_gans.serving.rest import RestApi, error_response
from keras_gans.serving.service import Service

GALLERY = Path(__file__).with_name("gallery")
# The page loads nothing from elsewhere; it may ask another server for samples.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src *; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class PageFiles(StaticFiles):
    """The files of a page, which browsers keep to this server."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(PAGE_HEADERS)
        return response


def application(service: Service, host: str) -> ASGIApp:
    """Return the ASGI application of a `Service` that listens on an address."""
    models, metrics, settings = service.models, service.metrics, service.settings
    document = orjson.dumps(openapi.document(settings), option=orjson.OPT_INDENT_2)

    async def health(request: Request) -> Response:
        return _json({"status": "ok"})

    async def readiness(request: Request) -> Response:
        if models.ready:
            return _json({"status": "ready"})
        return _json({"status": "no model could be loaded" if models.tried else "loading"}, 503)

    async def measures(request: Request) -> Response:
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def describe(request: Request) -> Response:
        return Response(document, media_type="application/json")

    async def point_to_description(request: Request) -> Response:
        return RedirectResponse("/openapi.json")

    routes = [
        Route("/healthz", health),
        Route("/readyz", readiness),
        Route("/metrics", measures),
        Route("/monitoring/prometheus/metrics", measures),
        Route("/openapi.json", describe),
        Route("/docs", point_to_description),
        Mount("/", PageFiles(directory=GALLERY, html=True)),
    ]

    others = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    app: ASGIApp = _Front(RestApi(service), others, allowed_hosts(host, settings.allowed_hosts))
    if settings.cors:
        return CORSMiddleware(app, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["Content-Type"])
    return app


class _Front:
    """Passes paths that begin with /v1/, in either case as in TensorFlow Serving, to the API, and others to the other routes.

    Args:
        api: Answers requests under /v1/.
        others: Answers all others.
        hosts: The names in `Host` headers that are answered; all if empty.
    """

    def __init__(self, api: RestApi, others: ASGIApp, hosts: set[str]):
        self._api, self._others, self._hosts = api, others, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._others(scope, receive, send)
            return
        request = Request(scope, receive)
        host = request.headers.get("host", "")
        if not is_allowed(host, self._hosts):
            await error_response(not_this_server(host))(scope, receive, send)
        elif scope["path"][:3].lower() == "/v1":
            await (await self._api(request))(scope, receive, send)
        else:
            await self._others(scope, receive, send)


async def _http_error(request: Request, error: Exception) -> Response:
    """Return the response for a path or method that does not exist."""
    assert isinstance(error, HTTPException)
    code = "NOT_FOUND" if error.status_code == 404 else "INVALID_ARGUMENT"
    return error_response(
        ServingError(code, f"{error.detail}: {request.method} {request.url.path}", error.status_code, error.headers)
    )


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
