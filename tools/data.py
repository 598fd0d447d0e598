"""Works on data sets.

    keras-gans data convert --dataset=folder:pictures --image_size=64 --output=pictures64
    keras-gans train dcgan --dataset=tfrecord:pictures64

`convert` decodes and resizes pictures once and writes them to TFRecord files with an index: a set of many files becomes a few
that are quick to copy and to read, in any order, by keras-gans or by any reader of TFRecord files. It needs TensorFlow.

    keras-gans data serve --address=HOST1:5050                                  on the machine that reads and decodes
    keras-gans data serve --address=HOST2:5050 --dispatcher=HOST1:5050          on another one that helps it
    keras-gans train dcgan --dataset=tfrecord:/shared/pictures64 --data_service=grpc://HOST1:5050

`serve` runs a tf.data service, until it is stopped, for training whose own processor is too slow to decode. The machines must
see the files under the same path; who can reach the ports can read files, so keep them within a network of your own.
"""

import os
import signal
import sys
import threading
import time
import warnings

from absl import flags

from keras_gans import errors

from .common import program

_DATASET = flags.DEFINE_string("dataset", None, "What to convert: folder:PATH, tfds:NAME, npz:PATH, digits, ...")
_OUTPUT = flags.DEFINE_string("output", None, "The folder to write.")
_IMAGE_SIZE = flags.DEFINE_string("image_size", None, "Resize images to this: 64, 64x96 (height x width), or 64x64x1.")
_SPLIT = flags.DEFINE_string("split", "train", "The split of a TensorFlow data set.")
_CROP = flags.DEFINE_enum("crop", "centre", ["centre", "pad"], "How images get other proportions.")
_BACKGROUND = flags.DEFINE_string("background", "white", "Behind transparent and beside padded images: a name or #rrggbb.")
_STRICT = flags.DEFINE_boolean("strict", False, "Whether an image that cannot be read is an error.")
_ENCODING = flags.DEFINE_enum("encoding", "png", ["png", "raw"], "Of images; raw is larger and quicker to read.")
_SHARD_MB = flags.DEFINE_integer("shard_mb", 256, "Megabytes of a file, about.", lower_bound=1)
_ADDRESS = flags.DEFINE_string("address", "localhost:5050", "serve: HOST:PORT under which others reach this machine.")
_DISPATCHER = flags.DEFINE_string("dispatcher", None, "serve: the address of the service to help, HOST:PORT.")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace what is in --output.")

_SECONDS = 2.0  # between two reports of progress


def main(arguments):
    """Does what the first argument says: convert or serve."""
    action = program.one_argument(arguments, "action: convert or serve")
    if action not in ("convert", "serve"):
        raise ValueError(errors.no_such("action", action, ["convert", "serve"]))
    if action == "serve":
        _serve()
    else:
        _convert()


def _serve():
    host, _, port = _ADDRESS.value.rpartition(":")
    if not (host and port.isdigit()):
        raise ValueError(f"--address must look like HOST:PORT; received '{_ADDRESS.value}'.")
    program.import_keras()
    from keras_gans.data import service

    _servers = service.start(host, int(port), _DISPATCHER.value)
    helped = f", helping {_DISPATCHER.value}" if _DISPATCHER.value else ""
    print(f"Serving at {service.SCHEME}{_ADDRESS.value}{helped}; Ctrl-C ends it.", flush=True)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    # The servers lived until here. They would wait for whoever still reads; nothing is lost where nothing is written.
    os._exit(0)


def _convert():
    """Writes a data set to TFRecord files."""
    for flag in (_DATASET, _OUTPUT):
        if flag.value is None:
            raise ValueError(f"--{flag.name} is needed.")
    size = program.parse_size(_IMAGE_SIZE.value)
    from keras_gans import files
    from keras_gans.data.skipped import UnreadableWarning

    files.refuse_existing(_OUTPUT.value, _OVERWRITE.value)
    program.import_keras()
    from keras_gans.data import load_data
    from keras_gans.data.convert import SKIPPED, write_records

    warnings.simplefilter("ignore", UnreadableWarning)  # said once, below
    data = load_data(
        _DATASET.value,
        size,
        _SPLIT.value,
        crop=_CROP.value,
        background=_BACKGROUND.value,
        strict=_STRICT.value,
    )
    count = write_records(data, _OUTPUT.value, _ENCODING.value, _SHARD_MB.value, _OVERWRITE.value, _Progress(len(data)))
    shape = "x".join(map(str, data.shape))
    print(f"Wrote {count:,} samples of {shape} to {_OUTPUT.value}: train with --dataset=tfrecord:{_OUTPUT.value}")
    if data.skipped:
        print(f"{data.skipped.counted()} could not be read and are left out: see {_OUTPUT.value}/{SKIPPED}")


class _Progress:
    """Prints how many samples are written, on a terminal."""

    def __init__(self, total):
        self.total, self.printed = total, time.monotonic()

    def __call__(self, done):
        if sys.stdout.isatty() and (done == self.total or time.monotonic() - self.printed > _SECONDS):
            self.printed = time.monotonic()
            print(f"\r{done:,} of {self.total:,} samples", end="\n" if done == self.total else "", flush=True)


if __name__ == "__main__":
    program.run(main)
