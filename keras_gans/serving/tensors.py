"""JSON values to tensors and back, by the rules of TensorFlow Serving's `json_tensor.cc`.

A tensor is a number, string or boolean, or a list of lists of them, all of one shape. A string that is no text is an object
`{"b64": "..."}`.
"""

import base64
import binascii
import json
import math

import numpy as np

from keras_gans.serving.errors import ServingError, invalid

_LONGEST = 200  # characters of a value in an error
_DEEPEST = 32  # dimensions of a tensor; NumPy has at most 64
_INTEGERS = {"int8", "uint8", "int16", "int32", "uint32", "int64", "uint64"}
# Fields of a `TensorProto`, and as what type of NumPy's their values are seen where it is another than their own.
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
# The largest integer below which a float has all of them.
_WHOLE = {"float32": 2**24 - 1, "float64": 2**53 - 1}
_TYPES = {"Null": type(None), "Object": dict, "Array": list, "String": str}


def to_array(value, dtype_number: int) -> np.ndarray:
    """Returns a JSON value as an array.

    Args:
        value: What JSON was decoded to.
        dtype_number: A number of TensorFlow's `DataType`.

    Returns:
        An array of that type; of `bytes` objects for strings.

    Raises:
        ServingError: If the value is ragged or holds something else.
    """
    name = type_name(dtype_number)
    shape = _shape(value)
    flat = []
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


def is_bytes_object(value) -> bool:
    """Returns whether a JSON value is `{"b64": "..."}`."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def from_array(array: np.ndarray, as_bytes: bool):
    """Returns what `orjson` writes as the JSON value of an array.

    Args:
        array: Any array; strings as `bytes` objects.
        as_bytes: Whether strings are written as `{"b64": ...}`; those that are not, and are no UTF-8, lose what is none.
    """
    if array.dtype.kind != "O":
        return np.ascontiguousarray(array) if array.ndim else array[()]
    encode = _b64 if as_bytes else _text

    def convert(value):
        return [convert(each) for each in value] if isinstance(value, list) else encode(value)

    return convert(array.tolist())


def to_proto(array: np.ndarray, dtype_number: int, in_fields: bool = False):
    """Returns an array as a `TensorProto`, its numbers as bytes or in the field of their type (`float_val` and so on)."""
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


def from_proto(proto) -> np.ndarray:
    """Returns the array of a `TensorProto`.

    Raises:
        ValueError, TypeError, OverflowError: If its values are not those of its type and shape.
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


def proto_shape(proto) -> list[int]:
    """Returns the shape of a `TensorProto`.

    Raises:
        ValueError: If it has none.
    """
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if proto.tensor_shape.unknown_rank or min(shape, default=0) < 0:
        raise ValueError(f"the shape {shape} of a tensor is not known")
    return shape


def proto_size(proto) -> int:
    """Returns how many values the array of a `TensorProto` has, or bytes where one string stands for many: a small message may
    be a large array."""
    count = math.prod(proto_shape(proto))
    filled = proto.string_val and len(proto.string_val) < count
    return count * max(1, len(proto.string_val[-1])) if filled else count


def type_name(dtype_number: int) -> str:
    """Returns TensorFlow's name of a type."""
    import tensorflow as tf

    return tf.as_dtype(dtype_number).name


def shown(value) -> str:
    """Returns a JSON value as text for an error, cut where it is long."""
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


def _strings(proto):
    """Returns an array of strings that are written one after the other, as C++ does if it is told to."""
    import tensorflow as tf

    try:
        return np.asarray(tf.io.parse_tensor(proto.SerializeToString(), tf.string).numpy(), object)
    except tf.errors.InvalidArgumentError as error:
        raise ValueError("the strings of a tensor cannot be told apart") from error


def _shape(value):
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > _DEEPEST:
            raise invalid(f"Lists are nested deeper than {_DEEPEST} levels")
        if not value:
            break
        value = value[0]
    return shape


def _flatten(value, shape, level, flat):
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


def _floats(flat, name):
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


def _integers(flat, name):
    if set(map(type, flat)) - {int}:
        for each in flat:
            if isinstance(each, bool) or not isinstance(each, int):
                raise _type_error(each, name)
    limits = np.iinfo(name)
    for each in flat:
        if not limits.min <= each <= limits.max:
            raise _type_error(each, name)
    return np.array(flat, name)


def _to_bytes(value):
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


def _b64(value):
    return {"b64": base64.b64encode(value).decode("ascii")}


def _text(value):
    return value.decode("utf-8", "replace")


def _own_name(name):
    return {"float32": "float", "float64": "double", "float16": "half"}.get(name, name)


def _type_error(value, name):
    kind = "True" if value is True else "False" if value is False else "Number"
    kind = next((json_name for json_name, each in _TYPES.items() if isinstance(value, each)), kind)
    return invalid(f"JSON Value: {shown(value)} Type: {kind} is not of expected type: {_own_name(name)}")


def _lossy(value, name):
    return invalid(f"Cannot convert JSON value: {shown(value)} to {_own_name(name)} without loss of precision.")
