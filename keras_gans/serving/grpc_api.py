"""TensorFlow Serving's gRPC API (`prediction_service.proto`, `model_service.proto`).

    PredictionService: Predict, GetModelMetadata        Classify, Regress and MultiInference are refused
    ModelService: GetModelStatus                        HandleReloadConfigRequest is refused

Codes and texts are those of TensorFlow Serving's `predict_util.cc`, `get_model_metadata_impl.cc` and `server_core.cc`.
The messages import TensorFlow, and so does this module.
"""

import asyncio
import functools
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, KeysView
from typing import Any, NamedTuple

import grpc
import numpy as np
from google.protobuf.message import DecodeError, Message
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

from keras_gans.serving.body import SMALL
from keras_gans.serving.errors import HTTP_STATUS, ServingError, invalid
from keras_gans.serving.servable import DEFAULT, Servable, Signature, check_rows
from keras_gans.serving.service import SIGNATURE_DEF, Service, is_large
from keras_gans.serving.settings import Settings
from keras_gans.serving.tensors import from_proto, proto_shape, proto_size, to_proto

LOGGER = logging.getLogger("keras_gans.serving")
_LONGEST = 1024  # bytes of an error's text, as in TensorFlow Serving; headers are limited to a few kilobytes
_STREAMS = 256  # of one connection at a time
_PROMPT = 0.25  # seconds; a message that takes longer is slow
_MOST_SLOW = 16  # slow messages at a time


async def _predict(service: Service, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
    with service.models.using(*_which(request)) as servable:
        async with service.limited():
            name = request.model_spec.signature_name or DEFAULT
            if name not in servable.signatures:
                raise ServingError("FAILED_PRECONDITION", f'Serving signature key "{name}" not found.')
            signature = servable.signatures[name]
            _check_outputs(request, signature)
            read = functools.partial(_read, request, signature, service.settings)
            if request.ByteSize() > SMALL:
                async with service.alone():
                    arrays = await asyncio.to_thread(read)
            else:
                arrays = read()
            outputs = await service.run(signature, arrays)
            write = functools.partial(_write, request, servable, signature, outputs)
            return await asyncio.to_thread(write) if is_large(outputs) else write()


async def _metadata(
    service: Service, request: get_model_metadata_pb2.GetModelMetadataRequest
) -> get_model_metadata_pb2.GetModelMetadataResponse:
    name, version, label = _which(request)
    if not request.metadata_field:
        raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != SIGNATURE_DEF:
            raise invalid(f"Metadata field {field} is not supported")
    return service.metadata(name, version, label)


async def _status(
    service: Service, request: get_model_status_pb2.GetModelStatusRequest
) -> get_model_status_pb2.GetModelStatusResponse:
    return service.status(*_which(request))


def _refusal(text: str) -> Callable[[Service, Any], Awaitable[Message]]:
    async def refuse(service: Service, request: Message) -> Message:
        raise ServingError("UNIMPLEMENTED", text)

    return refuse


class _Method(NamedTuple):
    """An RPC: its name in metrics, its request's type, and the function that answers it."""

    label: str
    request: type[Message]
    answer: Callable[[Service, Any], Awaitable[Message]]


_PREDICT_ONLY = _refusal("This server answers Predict only, not requests with Examples.")
_BY_FILE = _refusal("This server reads its configuration from models.config in its folder, whenever that changes.")
_SERVICES = {
    "tensorflow.serving.PredictionService": {
        "Predict": _Method("predict", predict_pb2.PredictRequest, _predict),
        "GetModelMetadata": _Method("metadata", get_model_metadata_pb2.GetModelMetadataRequest, _metadata),
        "Classify": _Method("classify", classification_pb2.ClassificationRequest, _PREDICT_ONLY),
        "Regress": _Method("regress", regression_pb2.RegressionRequest, _PREDICT_ONLY),
        "MultiInference": _Method("multi_inference", inference_pb2.MultiInferenceRequest, _PREDICT_ONLY),
    },
    "tensorflow.serving.ModelService": {
        "GetModelStatus": _Method("status", get_model_status_pb2.GetModelStatusRequest, _status),
        "HandleReloadConfigRequest": _Method("reload_config", model_management_pb2.ReloadConfigRequest, _BY_FILE),
    },
}


class GrpcApi:
    """A gRPC server, started and stopped in the same event loop.

    Args:
        service: The `Service` that runs the models.
    """

    def __init__(self, service: Service):
        self._service, self._slow = service, 0
        settings = service.settings
        milliseconds = int(settings.client_timeout * 1000)
        self._server = grpc.aio.server(
            maximum_concurrent_rpcs=2 * settings.max_queue,
            options=[
                ("grpc.max_receive_message_length", settings.max_body),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),  # a port that another server has is an error
                ("grpc.max_concurrent_streams", _STREAMS),
                ("grpc.http2.bdp_probe", 0),  # buffers of streams that nobody reads stay at 64 KiB
                # Clients that have gone, or that take nothing, do not answer pings.
                ("grpc.keepalive_time_ms", milliseconds),
                ("grpc.keepalive_timeout_ms", milliseconds),
                ("grpc.server_handshake_timeout_ms", milliseconds),
            ],
        )
        for name, methods in _SERVICES.items():
            # On the wire a single message and a stream of one are the same. As a stream it is ours to wait for, and to decode.
            handlers = {
                key: grpc.stream_unary_rpc_method_handler(
                    functools.partial(self._call, method), response_serializer=lambda message: message.SerializeToString()
                )
                for key, method in methods.items()
            }
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))

    async def start(self, host: str, port: int) -> str:
        """Start listening, and return the address; port 0 picks a free one.

        Raises:
            OSError: If the address cannot be used.
        """
        host = f"[{host}]" if ":" in host else host
        try:
            port = self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise OSError(f"Cannot listen on {host}:{port}. Choose another --grpc_port or --host.") from error
        await self._server.start()
        return f"{host}:{port}"

    async def stop(self, seconds: float) -> None:
        """Refuse new requests, and give those in progress this many seconds."""
        await self._server.stop(seconds)

    async def _call(self, method: _Method, messages: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> Message | None:
        """Answer an RPC, with errors as statuses, and record it."""
        service, began = self._service, time.perf_counter()
        response, model, code, text = None, "", "CANCELLED", ""  # what remains if the client goes
        try:
            content = await self._receive(messages)
            with service.bodies.holding(len(content)):
                request = await _decode(method.request, content)
                if isinstance(spec := getattr(request, "model_spec", None), Message):
                    model = spec.name
                response, code = await method.answer(service, request), "OK"
        except ServingError as error:
            code, text = error.code, error.message
        except Exception as error:
            LOGGER.exception("gRPC %s", method.label)
            code, text = "INTERNAL", f"The server made a mistake: {type(error).__name__}."
        finally:
            service.answered("grpc", model, method.label, HTTP_STATUS.get(code, 200), time.perf_counter() - began)
        if response is None:
            await context.abort(grpc.StatusCode[code], _cut(text))
        return response

    async def _receive(self, messages: AsyncIterator[bytes]) -> bytes:
        """Return the message of a request.

        What has arrived of a message is in memory, and gRPC does not say how much it is. So few may take their time.
        """
        reading = asyncio.ensure_future(anext(messages, None))
        try:
            await asyncio.wait({reading}, timeout=_PROMPT)
            if not reading.done():
                if self._slow >= _MOST_SLOW:
                    raise ServingError("UNAVAILABLE", "Too many slow requests at once; try again later.")
                self._slow += 1
                try:
                    await asyncio.wait({reading}, timeout=self._service.settings.client_timeout)
                finally:
                    self._slow -= 1
            if not reading.done():
                raise ServingError("DEADLINE_EXCEEDED", "The request's message did not arrive in time.")
            content = reading.result()
        finally:
            reading.cancel()
        if content is None:
            raise invalid("The request has no message.")
        return content


async def _decode(kind: type[Message], content: bytes) -> Message:
    parse = functools.partial(kind.FromString, content)
    try:
        return await asyncio.to_thread(parse) if len(content) > SMALL else parse()
    except DecodeError as error:
        raise invalid(f"The message is not a {kind.DESCRIPTOR.name}.") from error


def _which(request: Any) -> tuple[str, int | None, str | None]:
    """Return the model, version and label that a request names."""
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")
    spec = request.model_spec
    if not spec.name:
        raise invalid("ModelSpec has no name specified.")
    choice = spec.WhichOneof("version_choice")
    version, label = spec.version.value, spec.version_label
    return spec.name, version if choice == "version" else None, label if choice == "version_label" else None


def _read(request: predict_pb2.PredictRequest, signature: Signature, settings: Settings) -> dict[str, np.ndarray]:
    """Return the input arrays, none of which is larger than a request may be."""
    _check_inputs(request.inputs.keys(), signature.inputs.keys())
    shapes: dict[str, list[int]] = {}
    for name, proto in request.inputs.items():
        info = signature.inputs[name]
        if proto.dtype != info.dtype:
            given, wanted = _type(proto.dtype), _type(info.dtype)
            raise invalid(f"Input '{name}' is of type {given}; the signature '{signature.name}' takes {wanted}.")
        shape = info.tensor_shape
        try:
            shapes[name] = proto_shape(proto)
        except ValueError as error:
            raise invalid(f"tensor parsing error: {name}") from error
        if shapes[name] and (shape.unknown_rank or (shape.dim and shape.dim[0].size == -1)):
            check_rows(shapes[name][0], settings.max_rows)
        # A single value may fill a whole tensor.
        if proto_size(proto) > settings.max_body:
            raise invalid(f"Input '{name}' is larger than {settings.max_body_mb:g} MiB (--max_body_mb).")
    signature.check_shapes(shapes)
    arrays = {}
    for name, proto in request.inputs.items():
        try:
            arrays[name] = from_proto(proto)
        except (ValueError, TypeError, OverflowError) as error:
            raise invalid(f"tensor parsing error: {name}") from error
    return arrays


def _write(
    request: predict_pb2.PredictRequest, servable: Servable, signature: Signature, outputs: dict[str, np.ndarray]
) -> predict_pb2.PredictResponse:
    """Return the response, with tensors in the fields of their types, as TensorFlow Serving writes them."""
    response = predict_pb2.PredictResponse()
    response.model_spec.name = servable.name
    response.model_spec.version.value = servable.version
    response.model_spec.signature_name = signature.name
    for name in request.output_filter or outputs:
        response.outputs[name].CopyFrom(to_proto(outputs[name], signature.outputs[name].dtype, in_fields=True))
    return response


def _check_inputs(given: KeysView[str], wanted: KeysView[str]) -> None:
    if given != wanted:
        raise invalid(
            f"input size does not match signature: {len(given)}!={len(wanted)} len({_set(given)}) != len({_set(wanted)}). "
            f"Sent extra: {_set(given - wanted)}. Missing but required: {_set(wanted - given)}."
        )


def _check_outputs(request: predict_pb2.PredictRequest, signature: Signature) -> None:
    seen: set[str] = set()
    for name in request.output_filter:
        if name not in signature.outputs:
            raise invalid(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the set "
                f"{_set(signature.outputs)}."
            )
        if name in seen:
            raise invalid(f"duplicate output tensor alias: {name}")
        seen.add(name)


def _set(names: Iterable[str]) -> str:
    return f"{{{','.join(sorted(names))}}}"


def _type(number: int) -> str:
    return types_pb2.DataType.Name(number) if number in types_pb2.DataType.values() else str(number)


def _cut(text: str) -> str:
    content = text.encode("utf-8", "replace")
    return text if len(content) <= _LONGEST else f"{content[:_LONGEST].decode('utf-8', 'ignore')}...TRUNCATED"
