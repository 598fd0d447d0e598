"""Errors with TensorFlow's codes and their HTTP statuses, as in TensorFlow Serving's `http_server.cc`."""

import functools
import re
from collections.abc import Mapping

HTTP_STATUS = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}
_LONGEST = 2000


class ServingError(Exception):
    """An error response.

    Args:
        code: The name of one of TensorFlow's error codes, a key of `HTTP_STATUS`.
        message: What is wrong.
        status: The HTTP status, if it is not the code's.
        headers: More headers of the response.
    """

    def __init__(self, code: str, message: str, status: int | None = None, headers: Mapping[str, str] | None = None):
        super().__init__(message)
        self.code, self.message = code, message
        self.status = HTTP_STATUS[code] if status is None else status
        self.headers = headers or {}


invalid = functools.partial(ServingError, "INVALID_ARGUMENT")
not_found = functools.partial(ServingError, "NOT_FOUND")


def of_tensorflow(error: Exception) -> ServingError:
    """Return the error of a graph that failed, without the node name and stack that TensorFlow adds."""
    import tensorflow as tf

    if isinstance(error, ServingError):
        return error

    if isinstance(error, tf.errors.OpError):
        code, message = tf_code_name(error.error_code), error.message
    else:
        code, message = "INTERNAL", f"{type(error).__name__}: {error}"
    return ServingError(code, _own_words(message))


def tf_code_name(number: int) -> str:
    """Return the name of one of TensorFlow's error codes."""
    from tensorflow.core.protobuf import error_codes_pb2

    name = error_codes_pb2.Code.Name(number)
    return name if name in HTTP_STATUS else "UNKNOWN"


# What TensorFlow adds to an error's own text: where in the graph, and in its source, it happened.
_TRACE = re.compile(r"Graph execution error|Detected at node|<stack traces unavailable>|\s+File |\s{4}")
_ASSERTION = re.compile(r"^assertion failed: \[(.*)\]$")
_NODE = re.compile(r"\[*\{\{\w+ [^}]*\}\}(\]\])?|\[Op:[^]]*\]")


def _own_words(message: str) -> str:
    lines = [line for line in message.splitlines() if line.strip() and not _TRACE.match(line)]
    words = " ".join(_NODE.sub(" ", " ".join(lines)).split())
    return _ASSERTION.sub(r"\1", words)[:_LONGEST] or message[:_LONGEST]
