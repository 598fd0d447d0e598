"""Conversion between JSON values, tensors and `TensorProto`s, by the rules of TensorFlow Serving's `json_tensor.cc`.

A tensor is a number, string or boolean, or nested lists of them with a regular shape. A string of bytes that are not text is an
object `{"b64": "..."}`.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.serving.errors import ServingError, invalid

if TYPE_CHECKING:
    from tensorflow.core.framework.tensor_pb2 import TensorProto

_LONGEST = 200  # characters of a value in an error
_DEEPEST = 32  # dimensions of a tensor; NumPy has at most 64
_INTEGERS = {"int8", "uint8", "int16", "int32", "uint32", "int64", "uint64"}
# The field of a `TensorProto` for each type, and the NumPy type of its values if it is another.
_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    **dict.fromkeys(("int8", "uint8", "int16", "uint16", "int32"), "int_val"),
    "int64": "int64_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    "bool": "bool_val",
    **dict.fromkeys(("float16", "bfloat16"), "half_val"),
    "complex64": "scomplex_val",
    "complex128": "dcomplex_val",
}
_SEEN_AS = {"half_val": "uint16", "scomplex_val": "float32", "dcomplex_val": "float64"}
# The largest integer up to which a float represents each one.
_WHOLE = {"float32": 2**24 - 1, "float64": 2**53 - 1}
_TYPES: dict[str, type] = {"Null": type(None), "Object": dict, "Array": list, "String": str}


def to_array(value: Any, dtype_number: int) -> np.ndarray:
    """Return a JSON value as an array.

    Args:
        value: Decoded JSON.
        dtype_number: A value of TensorFlow's `DataType`.

    Returns:
        An array of that type, with `bytes` objects for strings.

    Raises:
        ServingError: If the value is ragged or has another type.
    """
    name = type_name(dtype_number)
    shape = _shape(value)
    flat: list[Any] = []
    if shape:
        _flatten(value, shape, 0, flat)
    else:
        flat.append(value)
    if name == "string":
        array = np.empty(len(flat), object)
        array[:] = [_to_bytes(each) for each in flat]
    elif name in _WHOLE:
        array = _floats(flat, name)
    elif name in _INTEGERS:
        array = _integers(flat, name)
    elif name == "bool":
        for each in flat:
            if not isinstance(each, bool):
                raise _type_error(each, name)
        array = np.array(flat, bool)
    else:
        first = flat[0] if flat else value
        raise ServingError("UNIMPLEMENTED", f"Conversion of JSON Value: {shown(first)} to type: {_own_name(name)}")
    return array.reshape(shape)


def is_bytes_object(value: Any) -> bool:
    """Return whether a JSON value is `{"b64": "..."}`."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def from_array(array: np.ndarray, as_bytes: bool) -> Any:
    """Return a value that `orjson` writes as the JSON of an array.

    Args:
        array: Any array, with `bytes` objects for strings.
        as_bytes: Whether strings become `{"b64": ...}`. Otherwise bytes that are not UTF-8 are replaced.
    """
    if array.dtype.kind != "O":
        return np.ascontiguousarray(array) if array.ndim else array[()]
    encode = _b64 if as_bytes else _text

    def convert(value: Any) -> Any:
        return [convert(each) for each in value] if isinstance(value, list) else encode(value)

    return convert(array.tolist())


def to_proto(array: np.ndarray, dtype_number: int, in_fields: bool = False) -> TensorProto:
    """Return an array as a `TensorProto`, with its numbers as bytes or in the field of their type (such as `float_val`)."""
    from tensorflow.core.framework import tensor_pb2

    proto = tensor_pb2.TensorProto(dtype=dtype_number)
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if array.dtype.kind == "O":
        proto.string_val.extend(array.ravel().tolist())
    elif in_fields and (field := _FIELDS.get(type_name(dtype_number))):
        flat = np.ascontiguousarray(array).ravel()
        getattr(proto, field).extend(flat.view(_SEEN_AS.get(field, flat.dtype)).tolist())
    else:
        proto.tensor_content = array.tobytes()
    return proto


def from_proto(proto: TensorProto) -> np.ndarray:
    """Return the array of a `TensorProto`.

    Raises:
        ValueError, TypeError, OverflowError: If its values do not fit its type and shape.
    """
    shape = proto_shape(proto)
    if proto.tensor_content:
        import tensorflow as tf

        if proto.dtype == tf.string.as_datatype_enum:
            return _strings(proto)
        return np.frombuffer(proto.tensor_content, tf.as_dtype(proto.dtype).as_numpy_dtype).reshape(shape)
    if proto.string_val and len(proto.string_val) == np.prod(shape, dtype=int):
        array = np.empty(len(proto.string_val), object)
        array[:] = list(proto.string_val)
        return array.reshape(shape)
    from tensorflow import make_ndarray

    return make_ndarray(proto)


def proto_shape(proto: TensorProto) -> list[int]:
    """Return the shape of a `TensorProto`.

    Raises:
        ValueError: If it is unknown.
    """
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if proto.tensor_shape.unknown_rank or min(shape, default=0) < 0:
        raise ValueError(f"the shape {shape} of a tensor is unknown")
    return shape


def proto_size(proto: TensorProto) -> int:
    """Return the number of values of a `TensorProto`, or of bytes where one string fills many: a small message may be a large
    array."""
    count = math.prod(proto_shape(proto))
    filled = proto.string_val and len(proto.string_val) < count
    return count * max(1, len(proto.string_val[-1])) if filled else count


def type_name(dtype_number: int) -> str:
    """Return TensorFlow's name of a type."""
    import tensorflow as tf

    return tf.as_dtype(dtype_number).name


def shown(value: Any) -> str:
    """Return a JSON value as text for an error message, shortened if it is long."""
    text = ""
    try:
        # Part by part: the whole of a large document would take seconds.
        for part in json.JSONEncoder().iterencode(value):
            text += part
            if len(text) > _LONGEST:
                return f"{text[:_LONGEST]}..."
    except (TypeError, ValueError, RecursionError):
        return str(type(value))
    return text


def _strings(proto: TensorProto) -> np.ndarray:
    """Return an array of strings from `tensor_content`, into which C++ can write them one after the other."""
    import tensorflow as tf

    try:
        return np.asarray(tf.io.parse_tensor(proto.SerializeToString(), tf.string).numpy(), object)
    except tf.errors.InvalidArgumentError as error:
        raise ValueError("the strings of a tensor cannot be read") from error


def _shape(value: Any) -> list[int]:
    shape: list[int] = []
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > _DEEPEST:
            raise invalid(f"Lists are nested deeper than {_DEEPEST} levels")
        if not value:
            break
        value = value[0]
    return shape


def _flatten(value: Any, shape: Sequence[int], level: int, flat: list[Any]) -> None:
    if not isinstance(value, list):
        raise invalid(
            f"JSON Value: {shown(value)} found at incorrect level: {level + 1} in the JSON DOM. Expected at level: {len(shape)}"
        )
    if len(value) != shape[level]:
        raise invalid(f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}")
    if level < len(shape) - 1:
        for each in value:
            _flatten(each, shape, level + 1, flat)
    elif list in set(map(type, value)):
        raise invalid(f"Encountered list at unexpected level: {level + 1} expected < {len(shape)}")
    else:
        flat.extend(value)


def _floats(flat: list[Any], name: str) -> np.ndarray:
    if set(map(type, flat)) - {float}:
        for each in flat:
            if isinstance(each, bool) or not isinstance(each, (int, float)):
                raise _type_error(each, name)
            if isinstance(each, int) and abs(each) > _WHOLE[name]:
                raise _lossy(each, name)
    array = np.array(flat, "float64")
    if name == "float32":
        with np.errstate(over="ignore"):
            narrow = array.astype("float32")
        too_large = np.isfinite(array) & ~np.isfinite(narrow)
        if too_large.any():
            raise _lossy(flat[int(too_large.argmax())], name)
        return narrow
    return array


def _integers(flat: list[Any], name: str) -> np.ndarray:
    if set(map(type, flat)) - {int}:
        for each in flat:
            if isinstance(each, bool) or not isinstance(each, int):
                raise _type_error(each, name)
    limits = np.iinfo(name)
    for each in flat:
        if not limits.min <= each <= limits.max:
            raise _type_error(each, name)
    return np.array(flat, name)


def _to_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if not isinstance(value, dict):
        raise _type_error(value, "string")
    if not is_bytes_object(value):
        raise invalid(f"JSON Value: {shown(value)} not formatted correctly for base64 data")
    text = value["b64"]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Unable to base64 decode") from error


def _b64(value: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(value).decode("ascii")}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _own_name(name: str) -> str:
    return {"float32": "float", "float64": "double", "float16": "half"}.get(name, name)


def _type_error(value: Any, name: str) -> ServingError:
    kind = "True" if value is True else "False" if value is False else "Number"
    kind = next((json_name for json_name, each in _TYPES.items() if isinstance(value, each)), kind)
    return invalid(f"JSON Value: {shown(value)} Type: {kind} is not of expected type: {_own_name(name)}")


def _lossy(value: Any, name: str) -> ServingError:
    return invalid(f"Cannot convert JSON value: {shown(value)} to {_own_name(name)} without loss of precision.")
