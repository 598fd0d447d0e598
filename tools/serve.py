"""Serves exported SavedModels by TensorFlow Serving's REST and gRPC APIs, with a gallery at / that a browser opens.

    keras-gans export runs/digits --format=saved_model --output=exports
    keras-gans serve exports                                              http://127.0.0.1:8501/
    curl localhost:8501/v1/models/digits:predict \\
        -d '{"signature_name": "generate", "instances": [{"seeds": 3}]}'
    keras-gans serve exports --grpc_port=8500                             with gRPC

DIR holds folders MODEL/<version>/saved_model.pb, and models.config (TensorFlow Serving's ModelServerConfig) if you like; or it
is one such MODEL. New versions are served when they are there, without a request lost. It is for machines without TensorFlow
Serving: clients of one work with the other. See docs/serving.md.
"""

import importlib.util
import logging
import os
import sys

from absl import flags

from keras_gans.serving.settings import Settings

from .common import program

_HOST = flags.DEFINE_string("host", Settings.host, "The address to listen at; 0.0.0.0 lets other machines in.")
_PORT = flags.DEFINE_integer("port", Settings.port, "The port; 0 for any free one.", lower_bound=0, upper_bound=65535)
_GRPC_PORT = flags.DEFINE_integer(
    "grpc_port",
    Settings.grpc_port,
    "The port of the gRPC API, which TensorFlow Serving has at 8500; 0 for any free one. No gRPC if not given.",
    lower_bound=0,
    upper_bound=65535,
)
_MAX_BATCH_SIZE = flags.DEFINE_integer(
    "max_batch_size", Settings.max_batch_size, "Rows of requests that are run together at most; 1 for none.", lower_bound=1
)
_BATCH_TIMEOUT_MS = flags.DEFINE_float(
    "batch_timeout_ms",
    Settings.batch_timeout_ms,
    "How long a request waits for others to be run with; those that come while a call runs are joined anyway.",
    lower_bound=0.0,
)
_INFERENCE_THREADS = flags.DEFINE_integer(
    "inference_threads", None, "Calls of graphs at a time; half as many as cores, at most 4, if not given.", lower_bound=1
)
_MAX_QUEUE = flags.DEFINE_integer(
    "max_queue", Settings.max_queue, "Requests that may wait; more are told to come back later (503).", lower_bound=1
)
_MAX_ROWS = flags.DEFINE_integer("max_rows", Settings.max_rows, "Rows of a request at most.", lower_bound=1)
_MAX_BODY_MB = flags.DEFINE_float("max_body_mb", Settings.max_body_mb, "Megabytes of a request at most.", lower_bound=0.001)
_REQUEST_TIMEOUT = flags.DEFINE_float(
    "request_timeout", Settings.request_timeout, "Seconds after which a request is given up (504).", lower_bound=0.001
)
_CLIENT_TIMEOUT = flags.DEFINE_float(
    "client_timeout",
    Settings.client_timeout,
    "Seconds after which a client that sends or takes nothing is cut off.",
    lower_bound=0.1,
)
_STOP_TIMEOUT = flags.DEFINE_float(
    "stop_timeout", Settings.stop_timeout, "Seconds that requests have to end after SIGTERM.", lower_bound=1.0
)
_POLL_SECONDS = flags.DEFINE_float(
    "poll_seconds", Settings.poll_seconds, "How often to look for new versions; 0 for never.", lower_bound=0.0
)
_ALLOW_NAN = flags.DEFINE_boolean("allow_nan", False, "Take NaN and Infinity in requests, as TensorFlow Serving does.")
_CORS = flags.DEFINE_boolean("cors", False, "Let web pages of other servers ask this one.")

_NEEDED = ("starlette", "uvicorn", "httptools", "orjson", "prometheus_client")


def main(arguments):
    """Serves until it is stopped."""
    folder = program.one_argument(arguments, "folder of exported models")
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f"{', '.join(missing)} missing: install the extra, pip install 'keras-gans[serve]'.")
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    logging.getLogger("keras_gans.serving").setLevel(logging.INFO)
    from keras_gans.serving.server import serve

    given = {flag.name: flag.value for flag in flags.FLAGS.get_flags_for_module(__name__) if flag.value is not None}
    serve(folder, Settings(**given), _import_tensorflow, _announce)
    # Whatever still computes has nobody who waits for it.
    sys.stdout.flush()
    os._exit(0)


def _import_tensorflow():
    """Takes seconds, before anybody waits for an answer."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with program.quietly():
        import tensorflow  # noqa: F401


def _announce(url, grpc, models):
    names = ", ".join(f"{model['name']} {'/'.join(map(str, model['versions']))}" for model in models)
    where = f"{url} and {grpc} (gRPC)" if grpc else url
    print(f"Serving {names or 'nothing that could be loaded'} at {where} ; Ctrl-C ends it.", flush=True)


if __name__ == "__main__":
    program.run(main)
