"""TensorFlow Serving's REST API (https://www.tensorflow.org/tfx/serving/api_rest; `http_rest_api_handler.cc`).

POST /v1/models/MODEL[/versions/N|/labels/LABEL]:predict
GET  /v1/models/MODEL[/versions/N|/labels/LABEL]
GET  /v1/models/MODEL[/versions/N|/labels/LABEL]/metadata
GET  /v1/models                                             ours: which models there are
"""

import asyncio
import logging
import re
import time
import urllib.parse

import orjson
from starlette.requests import Request
from starlette.responses import Response

from keras_gans.serving import predict_json
from keras_gans.serving.errors import ServingError, invalid
from keras_gans.serving.service import SIGNATURE_DEF, Service
from keras_gans.serving.tensors import from_proto, to_proto

_WHICH = r"(?i:/v1/models)/([^/:]+)(?:(?i:/versions)/(\d+)|(?i:/labels)/([^/:]+))?"
_PREDICT = re.compile(_WHICH + r":(?i:(classify|regress|predict))", re.ASCII)
_STATUS = re.compile(_WHICH + r"(?:/(?i:(metadata)))?", re.ASCII)
_LIST = re.compile(r"(?i:/v1/models)/?")
_LARGEST = 2**63 - 1
# Beyond this, decoding and encoding would keep other requests waiting: it is done in another thread.
_LARGE = 64 * 1024
LOGGER = logging.getLogger("keras_gans.serving")
_METHODS = {
    "classify": ("classification", "tensorflow/serving/classify"),
    "regress": ("regression", "tensorflow/serving/regress"),
}


class RestApi:
    """Answers requests under `/v1/` by a `Service`."""

    def __init__(self, service: Service):
        self._service, self._models, self._settings = service, service.models, service.settings

    async def __call__(self, request: Request) -> Response:
        """Answers a request, if only with an error."""
        began = time.perf_counter()
        path = request.scope["raw_path"].decode("latin-1")
        model, method = "", "other"
        try:
            if request.method == "POST" and (match := _PREDICT.fullmatch(path)):
                method = match[4].lower()
                model, version, label = _which(match)
                async with self._service.bodies.read(request) as body:
                    response = await self._post(method, model, version, label, body)
            elif request.method in ("GET", "HEAD") and (match := _STATUS.fullmatch(path)):
                method = "metadata" if match[4] else "status"
                model, version, label = _which(match)
                content = self._metadata if match[4] else self._status
                response = _json(content(model, version, label))
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

    async def _post(self, method, model, version, label, body):
        large = len(body) > _LARGE
        parsing = (predict_json.parse, body, self._settings.allow_nan)
        document = await asyncio.to_thread(*parsing) if large else parsing[0](*parsing[1:])
        with self._models.using(model, version, label) as servable:
            if method != "predict":
                _refuse(method, document, servable)
            async with self._service.limited():
                return _json(await self._predict(document, servable, large))

    async def _predict(self, document, servable, large):
        signature = servable.signature(predict_json.signature_name(document))
        reading = (_read, document, servable, signature, self._settings.max_rows)
        request, kind = await asyncio.to_thread(*reading) if large else reading[0](*reading[1:])
        arrays = {name: from_proto(proto) for name, proto in request.inputs.items()}
        outputs = await self._service.run(signature, arrays)
        writing = (_write, request, outputs, signature, kind)
        if sum(array.size for array in outputs.values()) > _LARGE // 4:
            return await asyncio.to_thread(*writing)
        return writing[0](*writing[1:])

    def _status(self, model, version, label):
        return _message_json(self._service.status(model, version, label))

    def _metadata(self, model, version, label):
        from tensorflow_serving.apis import get_model_metadata_pb2

        response = self._service.metadata(model, version, label)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata[SIGNATURE_DEF].Unpack(signatures)
        spec, signatures = (_message_json(message, True).decode() for message in (response.model_spec, signatures))
        return f'{{\n"model_spec":{spec},\n"metadata": {{"signature_def": {signatures}}}\n}}\n'.encode()


def error_response(error: ServingError) -> Response:
    """Returns the response that says what is wrong, as all errors are said: `{"error": "..."}`."""
    return Response(
        orjson.dumps({"error": error.message.encode("utf-8", "replace").decode()}),
        error.status,
        error.headers,
        "application/json",
    )


def _json(content):
    return Response(content, media_type="application/json")


def _which(match):
    """Returns model, version and label of a path."""
    version = None if match[2] is None else int(match[2][:20])
    if version is not None and version > _LARGEST:
        raise invalid(f"Failed to convert version: {match[2]} to numeric.")
    return urllib.parse.unquote(match[1]), version, match[3] and urllib.parse.unquote(match[3])


def _read(document, servable, signature, most_rows):
    """Returns the `PredictRequest` of a document, and its format."""
    from tensorflow_serving.apis import predict_pb2

    request = predict_pb2.PredictRequest()
    request.model_spec.name = servable.name
    request.model_spec.version.value = servable.version
    request.model_spec.signature_name = signature.name
    return request, predict_json.read(document, signature, request, most_rows)


def _write(request, outputs, signature, kind):
    """Returns the JSON of the `PredictResponse` that holds these outputs."""
    from tensorflow_serving.apis import predict_pb2

    response = predict_pb2.PredictResponse(model_spec=request.model_spec)
    for name, array in outputs.items():
        response.outputs[name].CopyFrom(to_proto(array, signature.outputs[name].dtype))
    return predict_json.write(response, kind)


def _refuse(method, document, servable):
    """Raises the error with which a model that neither classifies nor regresses answers."""
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


def _message_json(message, preserving_names=False):
    from google.protobuf import json_format

    return json_format.MessageToJson(
        message, indent=1, preserving_proto_field_name=preserving_names, always_print_fields_with_no_presence=True
    ).encode()
