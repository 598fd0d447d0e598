"""Errors by TensorFlow's codes, which HTTP knows by other numbers.

The table is that of TensorFlow Serving's `http_server.cc`.
"""

import functools
import re

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
    """What a client is told instead of an answer.

    Args:
        code: A name of TensorFlow's error codes, a key of `HTTP_STATUS`.
        message: What is wrong.
        status: The HTTP status where it is another than the code's.
        headers: More headers of the response.
    """

    def __init__(self, code: str, message: str, status: int | None = None, headers: dict | None = None):
        super().__init__(message)
        self.code, self.message = code, message
        self.status = HTTP_STATUS[code] if status is None else status
        self.headers = headers or {}


invalid = functools.partial(ServingError, "INVALID_ARGUMENT")
not_found = functools.partial(ServingError, "NOT_FOUND")


def of_tensorflow(error: Exception) -> ServingError:
    """Returns the error of a graph that failed, without the node's name and the stack that TensorFlow adds."""
    import tensorflow as tf

    if isinstance(error, tf.errors.OpError):
        code, message = tf_code_name(error.error_code), error.message
    else:
        code, message = "INTERNAL", f"{type(error).__name__}: {error}"
    return ServingError(code, _own_words(message))


def tf_code_name(number: int) -> str:
    """Returns the name of an error code of TensorFlow."""
    from tensorflow.core.protobuf import error_codes_pb2

    name = error_codes_pb2.Code.Name(number)
    return name if name in HTTP_STATUS else "UNKNOWN"


# What TensorFlow adds to an error's own words: where in the graph, and in its source, it happened.
_TRACE = re.compile(r"Graph execution error|Detected at node|<stack traces unavailable>|\s+File |\s{4}")
_NODE = re.compile(r"\[*\{\{\w+ [^}]*\}\}(\]\])?|\[Op:[^]]*\]")


def _own_words(message):
    lines = [line for line in message.splitlines() if line.strip() and not _TRACE.match(line)]
    return " ".join(_NODE.sub(" ", " ".join(lines)).split())[:_LONGEST] or message[:_LONGEST]
