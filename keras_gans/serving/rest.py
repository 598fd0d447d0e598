"""TensorFlow Serving's REST API (https://www.tensorflow.org/tfx/serving/api_rest; `http_rest_api_handler.cc`).

POST /v1/models/MODEL[/versions/N|/labels/LABEL]:predict
GET  /v1/models/MODEL[/versions/N|/labels/LABEL]
GET  /v1/models/MODEL[/versions/N|/labels/LABEL]/metadata
GET  /v1/models                                             all models; not in TensorFlow Serving
GET  /v1/models/MODEL[/versions/N|/labels/LABEL]/clip.webp?seed=3&label=7    a clip; not in TensorFlow Serving
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import logging
import re
import time
import urllib.parse
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import Response

from keras_gans.serving import predict_json
from keras_gans.serving.body import SMALL
from keras_gans.serving.clip_file import clip_request, encode_clip
from keras_gans.serving.errors import ServingError, invalid
from keras_gans.serving.servable import Servable, Signature
from keras_gans.serving.service import SIGNATURE_DEF, Service, is_large
from keras_gans.serving.settings import Settings
from keras_gans.serving.tensors import from_proto, to_proto

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from tensorflow_serving.apis.predict_pb2 import PredictRequest

_WHICH = r"(?i:/v1/models)/([^/:]+)(?:(?i:/versions)/(\d+)|(?i:/labels)/([^/:]+))?"
_PREDICT = re.compile(_WHICH + r":(?i:(classify|regress|predict))", re.ASCII)
_STATUS = re.compile(_WHICH + r"(?:/(?i:(metadata)))?", re.ASCII)
_CLIP = re.compile(_WHICH + r"/clip\.webp", re.ASCII)
_LIST = re.compile(r"(?i:/v1/models)/?")
_LARGEST = 2**63 - 1
LOGGER = logging.getLogger("keras_gans.serving")
_METHODS = {
    "classify": ("classification", "tensorflow/serving/classify"),
    "regress": ("regression", "tensorflow/serving/regress"),
}


class RestApi:
    """Answers requests under `/v1/`.

    Args:
        service: The `Service` that runs the models.
    """

    def __init__(self, service: Service):
        self._service, self._models, self._settings = service, service.models, service.settings

    async def __call__(self, request: Request) -> Response:
        """Return the response to a request, which may be an error."""
        began = time.perf_counter()
        path = request.scope["raw_path"].decode("latin-1")
        model, method = "", "other"
        try:
            if request.method == "POST" and (match := _PREDICT.fullmatch(path)):
                method = match[4].lower()
                model, version, label = _which(match)
                async with self._service.bodies.read(request) as body:
                    response = await self._post(method, (model, version, label), body)
            elif request.method in ("GET", "HEAD") and (match := _STATUS.fullmatch(path)):
                method = "metadata" if match[4] else "status"
                model, version, label = _which(match)
                content = self._metadata if match[4] else self._status
                response = _json(content(model, version, label))
            elif request.method in ("GET", "HEAD") and (match := _CLIP.fullmatch(path)):
                method = "clip"
                model, version, label = _which(match)
                response = await self._clip((model, version, label), request)
            elif request.method in ("GET", "HEAD") and _LIST.fullmatch(path):
                method = "list"
                response = _json(orjson.dumps({"models": self._models.listed()}))
            else:
                raise invalid(f"Malformed request: {request.method} {path}")
        except ServingError as error:
            response = error_response(error)
        except Exception as error:
            LOGGER.exception("%s %s", request.method, path)
            response = error_response(ServingError("INTERNAL", f"The server made a mistake: {type(error).__name__}."))
        self._service.answered("rest", model, method, response.status_code, time.perf_counter() - began)
        return response

    async def _post(self, method: str, which: tuple, body: bytes) -> Response:
        with contextlib.ExitStack() as stack:
            found: Servable | ServingError
            try:
                found = stack.enter_context(self._models.using(*which))
            except ServingError as error:
                found = error  # mistakes in the JSON come first, as in TensorFlow Serving
            async with self._service.limited():
                read = functools.partial(_read, method, body, found, self._settings)
                if len(body) > SMALL:
                    async with self._service.alone():
                        request, signature, kind = await asyncio.to_thread(read)
                else:
                    request, signature, kind = read()
                arrays = {name: from_proto(proto) for name, proto in request.inputs.items()}
                outputs = await self._service.run(signature, arrays)
                write = functools.partial(_write, request, outputs, signature, kind)
                return _json(await asyncio.to_thread(write) if is_large(outputs) else write())

    async def _clip(self, which: tuple, request: Request) -> Response:
        """Return a clip as an animated WebP."""
        async with self._service.limited():
            with self._models.using(*which) as servable:
                signature, inputs = clip_request(servable, request.query_params.multi_items())
                outputs = await self._service.run(signature, inputs)
                content = await asyncio.to_thread(encode_clip, outputs, inputs, servable.fps)
        return Response(content, media_type="image/webp")

    def _status(self, model: str, version: int | None, label: str | None) -> bytes:
        return _message_json(self._service.status(model, version, label))

    def _metadata(self, model: str, version: int | None, label: str | None) -> bytes:
        from tensorflow_serving.apis import get_model_metadata_pb2

        response = self._service.metadata(model, version, label)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata[SIGNATURE_DEF].Unpack(signatures)
        spec, signatures = (_message_json(message, True).decode() for message in (response.model_spec, signatures))
        return f'{{\n"model_spec":{spec},\n"metadata": {{"signature_def": {signatures}}}\n}}\n'.encode()


def error_response(error: ServingError) -> Response:
    """Return the response of an error: `{"error": "..."}`."""
    return Response(
        orjson.dumps({"error": error.message.encode("utf-8", "replace").decode()}),
        error.status,
        error.headers,
        "application/json",
    )


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _which(match: re.Match[str]) -> tuple[str, int | None, str | None]:
    """Return the model, version and label that a path names."""
    version = None if match[2] is None else int(match[2].lstrip("0")[:20] or 0)
    if version is not None and version > _LARGEST:
        raise invalid(f"Failed to convert version: {match[2][:40]} to numeric.")
    return urllib.parse.unquote(match[1]), version, urllib.parse.unquote(match[3]) if match[3] else None


def _read(
    method: str, body: bytes, found: Servable | ServingError, settings: Settings
) -> tuple[PredictRequest, Signature, str]:
    """Return the `PredictRequest` of a body, the signature it names, and its format."""
    from tensorflow_serving.apis import predict_pb2

    with _collector_off() if len(body) > SMALL else contextlib.nullcontext():
        document = predict_json.parse(body, settings.allow_nan)
        if isinstance(found, ServingError):
            raise found
        if method != "predict":
            _refuse(method, document, found)
        signature = found.signature(predict_json.signature_name(document))
        request = predict_pb2.PredictRequest()
        request.model_spec.name = found.name
        request.model_spec.version.value = found.version
        request.model_spec.signature_name = signature.name
        return request, signature, predict_json.read(document, signature, request, settings.max_rows)


@contextlib.contextmanager
def _collector_off() -> Iterator[None]:
    """Pause the garbage collector, which takes seconds over the millions of lists that a large document may hold."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _write(request: PredictRequest, outputs: dict[str, np.ndarray], signature: Signature, kind: str) -> bytes:
    """Return the JSON of the `PredictResponse` with these outputs."""
    from tensorflow_serving.apis import predict_pb2

    response = predict_pb2.PredictResponse(model_spec=request.model_spec)
    for name, array in outputs.items():
        response.outputs[name].CopyFrom(to_proto(array, signature.outputs[name].dtype))
    return predict_json.write(response, kind)


def _refuse(method: str, document: dict, servable: Servable) -> None:
    """Raise the error of a model that neither classifies nor regresses."""
    kind, wanted = _METHODS[method]
    examples = document.get("examples")
    if "examples" not in document:
        raise invalid(
            f"JSON Value: {predict_json.shown(document)} When method is classify, key 'examples' is expected and was not found"
        )
    if not isinstance(examples, list) or not examples:
        raise invalid(f"JSON Value: {predict_json.shown(document)} Expecting 'examples' value to be an list/array")
    found = servable.signature(predict_json.signature_name(document)).definition.method_name
    if found != wanted:
        raise invalid(f"Expected {kind} signature method_name to be {wanted}. Was: {found}")
    raise ServingError("UNIMPLEMENTED", f"This server answers predict only, not {method}.")


def _message_json(message: Message, preserving_names: bool = False) -> bytes:
    from google.protobuf import json_format

    return json_format.MessageToJson(
        message, indent=1, preserving_proto_field_name=preserving_names, always_print_fields_with_no_presence=True
    ).encode()
