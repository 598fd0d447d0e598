"""Converts data sets, and serves them to training on other machines.

    keras-gans data convert --dataset=folder:pictures --image_size=64 --output=pictures64
    keras-gans train dcgan --dataset=tfrecord:pictures64

`convert` decodes and resizes images once and writes them to TFRecord files with an index. A few large files are quick to copy
and to read, in any order, by keras-gans or any other reader of TFRecord files. Needs TensorFlow.

    keras-gans data serve --address=HOST1:5050                                  on the machine that reads and decodes
    keras-gans data serve --address=HOST2:5050 --dispatcher=HOST1:5050          on another machine that helps
    keras-gans train dcgan --dataset=tfrecord:/shared/pictures64 --data_service=grpc://HOST1:5050

`serve` runs a tf.data service until it is stopped, for training on a machine that is too slow to decode. All machines must see
the files under the same path. Anyone who can reach the ports can read the files: keep them within a private network.
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

_DATASET = flags.DEFINE_string("dataset", None, "Data set to convert: folder:PATH, tfds:NAME, npz:PATH, digits, ...")
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write.")
_IMAGE_SIZE = flags.DEFINE_string("image_size", None, "Size to resize images to: 64, 64x96 (height x width), or 64x64x1.")
_SPLIT = flags.DEFINE_string("split", "train", "Split of a TensorFlow data set.")
_CROP = flags.DEFINE_enum("crop", "centre", ["centre", "pad"], "How images are brought to other proportions.")
_BACKGROUND = flags.DEFINE_string("background", "white", "Colour of transparent and padded areas: a name or #rrggbb.")
_STRICT = flags.DEFINE_boolean("strict", False, "Treat an image that cannot be read as an error.")
_ENCODING = flags.DEFINE_enum("encoding", "png", ["png", "raw"], "Encoding of images; raw is larger and faster to read.")
_SHARD_MB = flags.DEFINE_integer("shard_mb", 256, "Approximate size of each file, in megabytes.", lower_bound=1)
_ADDRESS = flags.DEFINE_string("address", "localhost:5050", "serve: HOST:PORT at which other machines reach this one.")
_DISPATCHER = flags.DEFINE_string("dispatcher", None, "serve: HOST:PORT of the service to help.")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace the contents of --output.")

_SECONDS = 2.0  # between two reports of progress


def main(arguments: list[str]) -> None:
    """Run the action that the first argument names: convert or serve."""
    action = program.one_argument(arguments, "action: convert or serve")
    if action not in ("convert", "serve"):
        raise ValueError(errors.no_such("action", action, ["convert", "serve"]))
    if action == "serve":
        _serve()
    else:
        _convert()


def _serve() -> None:
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
    # The servers lived until here. Shutting them down would wait for clients that still read, and there is nothing to save.
    os._exit(0)


def _convert() -> None:
    """Write a data set to TFRecord files."""
    dataset, output = (_needed(flag) for flag in (_DATASET, _OUTPUT))
    size = program.parse_size(_IMAGE_SIZE.value)
    from keras_gans import files
    from keras_gans.data import check_source, load_data
    from keras_gans.data.convert import SKIPPED, write_records
    from keras_gans.data.skipped import UnreadableWarning

    # Before TensorFlow is imported, which takes seconds.
    files.refuse_existing(output, _OVERWRITE.value)
    check_source(dataset, size, _SPLIT.value)
    program.import_keras()

    warnings.simplefilter("ignore", UnreadableWarning)  # said once, below
    data = load_data(
        dataset,
        size,
        _SPLIT.value,
        crop=_CROP.value,
        background=_BACKGROUND.value,
        strict=_STRICT.value,
    )
    count = write_records(data, output, _ENCODING.value, _SHARD_MB.value, _OVERWRITE.value, _Progress(len(data)))
    shape = "x".join(map(str, data.shape))
    print(f"Wrote {count:,} samples of {shape} to {output}: train with --dataset=tfrecord:{output}")
    for note in data.notes:
        print(note)
    if data.skipped:
        print(f"{data.skipped.counted()} could not be read and are left out: see {output}/{SKIPPED}")


def _needed(flag: flags.FlagHolder) -> str:
    if flag.value is None:
        raise ValueError(f"--{flag.name} is needed.")
    return flag.value


class _Progress:
    """Prints how many samples are written, on a terminal."""

    def __init__(self, total: int):
        self.total, self.printed = total, time.monotonic()

    def __call__(self, done: int) -> None:
        if sys.stdout.isatty() and (done == self.total or time.monotonic() - self.printed > _SECONDS):
            self.printed = time.monotonic()
            print(f"\r{done:,} of {self.total:,} samples", end="\n" if done == self.total else "", flush=True)


if __name__ == "__main__":
    program.run(main)
