"""The predict API's JSON: to a `PredictRequest`, and from a `PredictResponse`.

The format is TensorFlow Serving's (https://www.tensorflow.org/tfx/serving/api_rest#predict_api; `json_tensor.cc`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from keras_gans.serving.errors import ServingError, invalid
from keras_gans.serving.servable import Signature, check_rows
from keras_gans.serving.tensors import from_array, from_proto, is_bytes_object, shown, to_array, to_proto

if TYPE_CHECKING:
    from tensorflow.core.protobuf.meta_graph_pb2 import TensorInfo
    from tensorflow_serving.apis.predict_pb2 import PredictRequest, PredictResponse

    _Inputs = Mapping[str, TensorInfo]

ROWS, COLUMNS = "instances", "inputs"
_ANSWERS = {ROWS: "predictions", COLUMNS: "outputs"}


def parse(body: bytes, allow_nan: bool = False) -> dict:
    """Return the JSON object in a body.

    Args:
        body: JSON as UTF-8.
        allow_nan: Whether to accept `NaN` and `Infinity`, which are not JSON, as numbers.

    Raises:
        ServingError: If the body is not a JSON object.
    """
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    try:
        document = json.loads(body) if allow_nan else orjson.loads(body)
    # The standard library's decoder also refuses integers with thousands of digits, and recurses into nested lists.
    except (ValueError, RecursionError) as error:
        hint = "" if allow_nan or not (b"NaN" in body or b"Infinity" in body) else " (NaN and Infinity are not JSON numbers)"
        raise invalid(f"JSON Parse error: {error or 'nested too deeply'}{hint}") from error
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {shown(document)} Is not object")
    return document


def signature_name(document: dict) -> str:
    """Return the `signature_name` of a request, or an empty string if it has none.

    Raises:
        ServingError: If the name is not a string.
    """
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(f"JSON Value: {shown(document)} not formatted correctly. 'signature_name' key must be a string value.")
    return name


def read(document: dict, signature: Signature, request: PredictRequest, most_rows: int) -> str:
    """Fill the inputs of a `PredictRequest`.

    Args:
        document: The decoded JSON of the request.
        signature: The `Signature` to run.
        request: The message to fill.
        most_rows: Most rows a request may have.

    Returns:
        The format: `ROWS` or `COLUMNS`.

    Raises:
        ServingError: If the JSON does not fit the signature.
    """
    if not signature.inputs:
        raise invalid(f"Failed to get input map for signature: {signature.name}")
    if ROWS in document and COLUMNS in document:
        raise invalid(
            f"JSON Value: {shown(document)} Not formatted correctly expecting only one of '{COLUMNS}' or '{ROWS}' keys to exist"
        )
    if ROWS in document:
        arrays, kind = _from_rows(document[ROWS], signature.inputs, document, most_rows), ROWS
    elif COLUMNS in document:
        arrays, kind = _from_columns(document[COLUMNS], signature.inputs, most_rows), COLUMNS
    else:
        raise invalid(f"Missing '{COLUMNS}' or '{ROWS}' key")
    for name, array in arrays.items():
        request.inputs[name].CopyFrom(to_proto(array, signature.inputs[name].dtype))
    return kind


def write(response: PredictResponse, kind: str) -> bytes:
    """Return the JSON of a `PredictResponse`, as rows or columns.

    Args:
        response: The message.
        kind: `ROWS` or `COLUMNS`, as in the request.

    Raises:
        ServingError: If `kind` is `ROWS`, and the outputs have no rows or different numbers of rows.
    """
    arrays = {name: from_proto(proto) for name, proto in response.outputs.items()}
    if not arrays:
        raise invalid("Cannot convert empty tensor map to JSON")
    for name, array in arrays.items():
        if array.dtype.kind not in "biufO" or array.dtype.itemsize > 8:
            raise invalid(f"Failed to write JSON value for tensor type: {array.dtype.name} of '{name}'")
    # orjson does not write halves.
    arrays = {name: array.astype("float32") if array.dtype == np.float16 else array for name, array in arrays.items()}
    values = {name: from_array(array, name.endswith("_bytes")) for name, array in arrays.items()}
    content = _rows(arrays, values) if kind == ROWS else _without_single_name(values)
    finite = all(array.dtype.kind != "f" or np.isfinite(array).all() for array in arrays.values())
    return _dump({_ANSWERS[kind]: content}, finite)


def _dump(content: Any, finite: bool) -> bytes:
    if finite:
        return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    # NaN and Infinity as TensorFlow Serving writes them.
    return json.dumps(content, default=_to_list).encode()


def _to_list(array: np.ndarray) -> list:
    # The shortest digits that identify a number of this precision.
    return np.array([float(str(each)) for each in array.ravel()]).reshape(array.shape).tolist()


def _without_single_name(values: dict[str, Any]) -> Any:
    return values if len(values) > 1 else next(iter(values.values()))


def _rows(arrays: dict[str, np.ndarray], values: dict[str, Any]) -> Any:
    count: int | None = None
    for name, array in arrays.items():
        if not array.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if count not in (None, len(array)):
            raise invalid(f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {count}")
        count = len(array)
    if len(values) == 1:
        return _without_single_name(values)
    columns = {name: list(value) for name, value in values.items()}
    return [{name: column[row] for name, column in columns.items()} for row in range(count or 0)]


def _from_rows(instances: Any, inputs: _Inputs, document: dict, most_rows: int) -> dict[str, np.ndarray]:
    if not isinstance(instances, list):
        raise invalid(f"JSON Value: {shown(document)} Excepting '{ROWS}' to be an list/array")
    if not instances:
        raise invalid(f"JSON Value: {shown(document)} No values in '{ROWS}' array")
    check_rows(len(instances), most_rows)
    named = isinstance(instances[0], dict) and not is_bytes_object(instances[0])
    if not named and len(inputs) > 1:
        raise invalid(
            f"{ROWS} is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map"
        )
    for number, element in enumerate(instances):
        if (isinstance(element, dict) and not is_bytes_object(element)) != named:
            raise invalid(
                f"Expecting object but got list at item {number} of input list"
                if named
                else f"Expecting value/list but got object at item {number} of input list"
            )
        if named and element.keys() != inputs.keys():
            raise _wrong_keys(number, element, inputs)
    if not named:
        [(name, info)] = inputs.items()
        return {name: _column(instances, name, info, False)}
    return {name: _column([row[name] for row in instances], name, info, True) for name, info in inputs.items()}


def _column(values: list, name: str, info: TensorInfo, named: bool) -> np.ndarray:
    try:
        return to_array(values, info.dtype)
    except ServingError:
        # Find out which row it was: one that fails by itself, or has another shape than the first.
        shape: tuple[int, ...] | None = None
        for number, value in enumerate(values):
            try:
                found = to_array(value, info.dtype).shape
                if shape not in (None, found):
                    raise invalid(f"Expecting shape {_shape_text(shape)} but got: {_shape_text(found)}")
            except ServingError as error:
                key = f" key: {name}" if named else ""
                raise invalid(
                    f"Failed to process element: {number}{key} of '{ROWS}' list. Error: {error.code}: {error.message}"
                ) from error
            shape = found
        raise


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _wrong_keys(number: int, element: dict, inputs: _Inputs) -> ServingError:
    unknown = next((key for key in element if key not in inputs), None)
    if unknown is not None:
        return invalid(
            f"Failed to process element: {number} key: {unknown} of '{ROWS}' list. Error: INVALID_ARGUMENT: JSON object: does "
            f"not have named input: {unknown}"
        )
    return invalid(
        f"Failed to process element: {number} of '{ROWS}' list. JSON object: {shown(element)} keys must be equal to: "
        f"{','.join(sorted(inputs))}"
    )


def _from_columns(value: Any, inputs: _Inputs, most_rows: int) -> dict[str, np.ndarray]:
    if not isinstance(value, dict) or is_bytes_object(value):
        if len(inputs) > 1:
            raise invalid(
                f"{COLUMNS} is a plain value/list, but expecting an object as multiple input tensors required as per "
                "tensorinfo_map"
            )
        value = dict.fromkeys(inputs, value)
    arrays = {}
    for name, info in inputs.items():
        if name not in value:
            raise invalid(f"Missing named input: {name} in '{COLUMNS}' object.")
        shape = info.tensor_shape
        if isinstance(value[name], list) and (shape.unknown_rank or (shape.dim and shape.dim[0].size == -1)):
            check_rows(len(value[name]), most_rows)
        arrays[name] = to_array(value[name], info.dtype)
    return arrays
