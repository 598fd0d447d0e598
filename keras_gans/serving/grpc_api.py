"""TensorFlow Serving's gRPC API (`prediction_service.proto`, `model_service.proto`).

    PredictionService: Predict, GetModelMetadata        Classify, Regress and MultiInference are refused
    ModelService: GetModelStatus                        HandleReloadConfigRequest is refused

Codes and words are those of TensorFlow Serving's `predict_util.cc`, `get_model_metadata_impl.cc` and `server_core.cc`.
The messages import TensorFlow, and so does this module.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import grpc
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import model_service_pb2_grpc, predict_pb2, prediction_service_pb2_grpc

from keras_gans.serving.errors import HTTP_STATUS, ServingError, invalid
from keras_gans.serving.servable import DEFAULT, Signature, check_rows
from keras_gans.serving.service import SIGNATURE_DEF, Service
from keras_gans.serving.tensors import from_proto, proto_shape, proto_size, to_proto

LOGGER = logging.getLogger("keras_gans.serving")
# Beyond this, decoding and encoding would keep other requests waiting: it is done in another thread.
_LARGE = 64 * 1024
_LONGEST = 1024  # bytes of an error's text, as in TensorFlow Serving; headers may be no longer than some kilobytes


async def _predict(service, request):
    with service.models.using(*_which(request)) as servable:
        async with service.limited():
            name = request.model_spec.signature_name or DEFAULT
            if name not in servable.signatures:
                raise ServingError("FAILED_PRECONDITION", f'Serving signature key "{name}" not found.')
            signature = servable.signatures[name]
            _check_outputs(request, signature)
            reading = (_read, request, signature, service.settings)
            large = request.ByteSize() > _LARGE
            arrays = await asyncio.to_thread(*reading) if large else reading[0](*reading[1:])
            outputs = await service.run(signature, arrays)
            writing = (_write, request, servable, signature, outputs)
            large = sum(array.size for array in outputs.values()) > _LARGE // 4
            return await asyncio.to_thread(*writing) if large else writing[0](*writing[1:])


async def _metadata(service, request):
    name, version, label = _which(request)
    if not request.metadata_field:
        raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != SIGNATURE_DEF:
            raise invalid(f"Metadata field {field} is not supported")
    return service.metadata(name, version, label)


async def _status(service, request):
    return service.status(*_which(request))


def _refusal(text):
    async def refuse(service, request):
        raise ServingError("UNIMPLEMENTED", text)

    return refuse


def _method(name, answer: Callable[..., Awaitable]):
    """Returns a method of a servicer: `answer`, with its errors as statuses, and counted."""

    async def call(self, request, context):
        service, began = self.service, time.perf_counter()
        response, code, text = None, "CANCELLED", ""  # what remains if the client goes
        try:
            with service.bodies.holding(request.ByteSize()):
                response, code = await answer(service, request), "OK"
        except ServingError as error:
            code, text = error.code, error.message
        except Exception as error:
            LOGGER.exception("gRPC %s", name)
            code, text = "INTERNAL", f"The server made a mistake: {type(error).__name__}."
        finally:
            model = request.model_spec.name if "model_spec" in request.DESCRIPTOR.fields_by_name else ""
            service.answered("grpc", model, name, HTTP_STATUS.get(code, 200), time.perf_counter() - began)
        if response is None:
            await context.abort(grpc.StatusCode[code], _cut(text))
        return response

    return call


_PREDICT_ONLY = _refusal("This server answers Predict only: it neither classifies nor regresses Examples.")
_BY_FILE = _refusal("This server reads its configuration from models.config in its folder, whenever that changes.")


class GrpcApi(prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer):
    """A gRPC server of a `Service`, to be started and stopped in one event loop."""

    Predict = _method("predict", _predict)
    GetModelMetadata = _method("metadata", _metadata)
    GetModelStatus = _method("status", _status)
    Classify = _method("classify", _PREDICT_ONLY)
    Regress = _method("regress", _PREDICT_ONLY)
    MultiInference = _method("multi_inference", _PREDICT_ONLY)
    HandleReloadConfigRequest = _method("reload_config", _BY_FILE)

    def __init__(self, service: Service):
        self.service, self._server = service, None

    async def start(self, host: str, port: int) -> str:
        """Begins to listen, and returns at which address; port 0 is any free one.

        Raises:
            OSError: If the address cannot be used.
        """
        settings = self.service.settings
        milliseconds = int(settings.client_timeout * 1000)
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", settings.max_body),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),  # a port that another server has is an error
                # Clients that have gone, or that take nothing, do not answer to pings.
                ("grpc.keepalive_time_ms", milliseconds),
                ("grpc.keepalive_timeout_ms", milliseconds),
                ("grpc.server_handshake_timeout_ms", milliseconds),
            ]
        )
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(self, self._server)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(self, self._server)
        host = f"[{host}]" if ":" in host else host
        try:
            port = self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise OSError(f"{host}:{port} cannot be listened at. Choose another --grpc_port or --host.") from error
        await self._server.start()
        return f"{host}:{port}"

    async def stop(self, seconds: float) -> None:
        """Takes no more requests, and gives those that are being answered so many seconds."""
        await self._server.stop(seconds)


def _which(request):
    """Returns model, version and label that a request asks for."""
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")
    spec = request.model_spec
    if not spec.name:
        raise invalid("ModelSpec has no name specified.")
    choice = spec.WhichOneof("version_choice")
    version, label = spec.version.value, spec.version_label
    return spec.name, version if choice == "version" else None, label if choice == "version_label" else None


def _read(request, signature: Signature, settings):
    """Returns the inputs' arrays, none of which is larger than what may be sent."""
    _check_inputs(request.inputs.keys(), signature.inputs.keys())
    shapes = {}
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
        # A single value may stand for all.
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


def _write(request, servable, signature: Signature, outputs):
    """Returns the `PredictResponse`, with tensors in fields of their types, as TensorFlow Serving writes them."""
    response = predict_pb2.PredictResponse()
    response.model_spec.name = servable.name
    response.model_spec.version.value = servable.version
    response.model_spec.signature_name = signature.name
    for name in request.output_filter or outputs:
        response.outputs[name].CopyFrom(to_proto(outputs[name], signature.outputs[name].dtype, in_fields=True))
    return response


def _check_inputs(given, wanted):
    if given != wanted:
        raise invalid(
            f"input size does not match signature: {len(given)}!={len(wanted)} len({_set(given)}) != len({_set(wanted)}). "
            f"Sent extra: {_set(given - wanted)}. Missing but required: {_set(wanted - given)}."
        )


def _check_outputs(request, signature):
    seen = set()
    for name in request.output_filter:
        if name not in signature.outputs:
            raise invalid(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the set "
                f"{_set(signature.outputs)}."
            )
        if name in seen:
            raise invalid(f"duplicate output tensor alias: {name}")
        seen.add(name)


def _set(names):
    return f"{{{','.join(sorted(names))}}}"


def _type(number):
    return types_pb2.DataType.Name(number) if number in types_pb2.DataType.values() else str(number)


def _cut(text):
    content = text.encode("utf-8", "replace")
    return text if len(content) <= _LONGEST else f"{content[:_LONGEST].decode('utf-8', 'ignore')}...TRUNCATED"
