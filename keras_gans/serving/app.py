"""The ASGI application: the REST API, the gallery, and what a machine asks about a server's health."""

from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from keras_gans.serving import openapi
from keras_gans.serving.errors import ServingError
from keras_gans.serving.metrics import CONTENT_TYPE_LATEST
from keras_gans.serving.rest import RestApi, error_response
from keras_gans.serving.service import Service

GALLERY = Path(__file__).with_name("gallery")
# The page loads nothing from elsewhere; it may ask another server for samples.
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; connect-src *; img-src 'self' data: blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class _Gallery(StaticFiles):
    async def get_response(self, path, scope):
        response = await super().get_response(path, scope)
        response.headers.update(_PAGE_HEADERS)
        return response


def application(service: Service):
    """Returns the ASGI application of a `Service`."""
    models, metrics, settings = service.models, service.metrics, service.settings
    document = orjson.dumps(openapi.document(settings), option=orjson.OPT_INDENT_2)

    async def health(request):
        return _json({"status": "ok"})

    async def readiness(request):
        return _json({"status": "ready"}) if models.ready else _json({"status": "loading"}, 503)

    async def measures(request):
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def describe(request):
        return Response(document, media_type="application/json")

    routes = [
        Route("/healthz", health),
        Route("/readyz", readiness),
        Route("/metrics", measures),
        Route("/monitoring/prometheus/metrics", measures),
        Route("/openapi.json", describe),
        Mount("/", _Gallery(directory=GALLERY, html=True)),
    ]

    others = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    app = _Front(RestApi(service), others)
    if settings.cors:
        return CORSMiddleware(app, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["Content-Type"])
    return app


class _Front:
    """Gives what begins with /v1/, in either case as TensorFlow Serving has it, to the API, and the rest to the others."""

    def __init__(self, api, others):
        self._api, self._others = api, others

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"][:3].lower() == "/v1":
            response = await self._api(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self._others(scope, receive, send)


async def _http_error(request, error):
    """Says in JSON that there is no such path or method."""
    code = "NOT_FOUND" if error.status_code == 404 else "INVALID_ARGUMENT"
    return error_response(
        ServingError(code, f"{error.detail}: {request.method} {request.url.path}", error.status_code, error.headers)
    )


def _json(content, status=200):
    return Response(orjson.dumps(content), status, media_type="application/json")
