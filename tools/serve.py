"""Serves exported SavedModels over TensorFlow Serving's REST and gRPC APIs, with a gallery at / for browsers.

    keras-gans serve dcgan_mnist                                          a preset: http://127.0.0.1:8501/
    keras-gans serve runs/digits                                          a training run
    keras-gans export runs/digits --format=saved_model --output=exports
    keras-gans serve exports --grpc_port=8500                             exported models, over gRPC as well
    curl localhost:8501/v1/models/digits:predict \\
        -d '{"signature_name": "generate", "instances": [{"seeds": 3}]}'

The argument is a preset, a run folder, a folder of models (MODEL/<version>/saved_model.pb, with an optional models.config as in
TensorFlow Serving), or the folder of one model. Presets and runs are exported once and kept in the cache. New versions are
served as soon as they are complete, without losing a request. A SavedModel is a program: trust its author.
See docs/serving.md.
"""

import hashlib
import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

from absl import flags

from keras_gans import __version__, files
from keras_gans.serving.settings import Settings

from .common import program

_HOST = flags.DEFINE_string("host", Settings.host, "Address to listen on; 0.0.0.0 accepts other machines.")
_PORT = flags.DEFINE_integer("port", Settings.port, "Port; 0 picks a free one.", lower_bound=0, upper_bound=65535)
_GRPC_PORT = flags.DEFINE_integer(
    "grpc_port",
    Settings.grpc_port,
    "Port of the gRPC API (8500 in TensorFlow Serving); 0 picks a free one. Without this flag there is no gRPC.",
    lower_bound=0,
    upper_bound=65535,
)
_MAX_BATCH_SIZE = flags.DEFINE_integer(
    "max_batch_size", Settings.max_batch_size, "Most rows that are run together; 1 turns batching off.", lower_bound=1
)
_BATCH_TIMEOUT_MS = flags.DEFINE_float(
    "batch_timeout_ms",
    Settings.batch_timeout_ms,
    "How long a request waits for others to run with. Requests that arrive during a call are joined anyway.",
    lower_bound=0.0,
)
_INFERENCE_THREADS = flags.DEFINE_integer(
    "inference_threads", None, "Concurrent model calls; by default half the number of cores, at most 4.", lower_bound=1
)
_MAX_QUEUE = flags.DEFINE_integer(
    "max_queue", Settings.max_queue, "Most waiting requests; others are refused with 503.", lower_bound=1
)
_MAX_ROWS = flags.DEFINE_integer("max_rows", Settings.max_rows, "Most rows in a request.", lower_bound=1)
_MAX_BODY_MB = flags.DEFINE_float("max_body_mb", Settings.max_body_mb, "Largest request body, in MiB.", lower_bound=0.001)
_REQUEST_TIMEOUT = flags.DEFINE_float(
    "request_timeout", Settings.request_timeout, "Seconds after which a request fails with 504.", lower_bound=0.001
)
_CLIENT_TIMEOUT = flags.DEFINE_float(
    "client_timeout",
    Settings.client_timeout,
    "Seconds after which a client that sends or reads nothing is disconnected.",
    lower_bound=0.1,
)
_STOP_TIMEOUT = flags.DEFINE_float(
    "stop_timeout", Settings.stop_timeout, "Seconds that requests have to finish after SIGTERM.", lower_bound=1.0
)
_POLL_SECONDS = flags.DEFINE_float(
    "poll_seconds", Settings.poll_seconds, "Seconds between checks for new versions; 0 turns them off.", lower_bound=0.0
)
_ALLOW_NAN = flags.DEFINE_boolean("allow_nan", False, "Accept NaN and Infinity in requests, as TensorFlow Serving does.")
_CORS = flags.DEFINE_boolean("cors", False, "Accept requests from web pages of other servers.")

_ALLOWED_HOSTS = flags.DEFINE_list(
    "allowed_hosts",
    [],
    "More names, separated by commas, that requests may have in `Host`. On a loopback address only localhost and addresses are "
    "answered, on others all names if this is not given.",
)
_TRUST = flags.DEFINE_boolean(
    "trust",
    False,
    "Load SavedModels with any operation. They can then read and write whatever you can. Without this flag only models that do "
    "nothing but compute are loaded.",
)
_SIGN = flags.DEFINE_string(
    "sign",
    None,
    "Sign the PNG and WAV files that models answer with, by this folder of credentials (keras-gans credentials init). The key "
    "must not be readable for clients.",
)
_LOAD_TIMEOUT = flags.DEFINE_float(
    "load_timeout", Settings.load_timeout, "Seconds after which loading a model is given up.", lower_bound=1.0
)

_NEEDED = ("starlette", "uvicorn", "httptools", "orjson", "prometheus_client")


def main(arguments: list[str]) -> None:
    """Serve until it is stopped."""
    what = program.one_argument(arguments, "preset, run folder or folder of exported models")
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f"{', '.join(missing)} missing: install the extra, pip install 'keras-gans[serve]'.")
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    logging.getLogger("keras_gans.serving").setLevel(logging.INFO)
    given = {flag.name: flag.value for flag in flags.FLAGS.get_flags_for_module(__name__) if flag.value is not None}
    folder = _models_folder(what)
    from keras_gans.serving.server import serve

    serve(folder, Settings(**given), _import_tensorflow, _announce)
    # Nobody waits for what is still being computed.
    sys.stdout.flush()
    os._exit(0)


def _models_folder(what: str) -> Path:
    """Return the folder to serve: the one given, or that with the export of the preset or run given."""
    from keras_gans.presets import CONFIG, METADATA, WEIGHTS, find_preset

    if Path(what).is_dir() and not Path(what, CONFIG).is_file():
        return Path(what)
    preset = find_preset(what)
    name = program.served_name(preset)
    contents = [files.sha256(path) for path in sorted(preset.folder.iterdir()) if path.name in (CONFIG, METADATA, WEIGHTS)]
    key = hashlib.sha256("\n".join([__version__, name, *contents]).encode()).hexdigest()[:16]
    folder = files.cache_folder("served") / key
    if not folder.is_dir():
        print(f"Exporting {what}; this is done once, and takes about a minute ...", flush=True)
        with files.replacing(folder) as temporary:
            # In another process, which takes Keras and its memory with it.
            command = [sys.executable, "-m", f"{__package__}.export", what, "--format=saved_model", f"--output={temporary}"]
            process = subprocess.run(
                [*command, f"--name={name}"],
                env={**os.environ, "KERAS_BACKEND": "tensorflow"},
                capture_output=True,
                text=True,
                check=False,
            )
            if process.returncode:
                raise ValueError(f"{what} could not be exported: {process.stderr.strip()}")
    return folder


def _import_tensorflow() -> None:
    """Take seconds, before anybody waits for an answer."""
    print("Loading TensorFlow and the models ...", flush=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with program.quietly():
        import tensorflow  # noqa: F401


def _announce(url: str, grpc: str | None, models: list[dict]) -> None:
    names = ", ".join(f"{model['name']} {'/'.join(map(str, model['versions']))}" for model in models)
    where = f"{url} and {grpc} (gRPC)" if grpc else url
    found = names or "nothing, as no model could be loaded (the reasons are among the errors above, and at /v1/models/NAME),"
    print(f"Serving {found} at {where} ; Ctrl-C ends it.", flush=True)


if __name__ == "__main__":
    program.run(main)
