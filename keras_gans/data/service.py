"""Records that other machines read and decode, through a tf.data service."""

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.data.random_numbers import mirrored, uniform
from keras_gans.data.shutdown import shutdown_guard
from keras_gans.data.streams import StreamBatches, TensorFlowSource

SCHEME = "grpc://"

# Batches are dealt to so many lanes in turn, each of which one worker of the service makes from its beginning to its end, so
# that their order does not depend on which worker is quicker. Each lane reads all records, and decodes those of its batches.
_LANES = 4


class ServedRecords(TensorFlowSource):
    """What `keras_gans.data.convert` wrote, in a place that the workers of a tf.data service see under the same path.

    Args:
        root: The folder.
        index: What its `index.json` holds.
        service: The dispatcher's address, `grpc://HOST:PORT`.

    Raises:
        ValueError: If nothing listens there.
    """

    training_only = True

    def __init__(self, root: Path, index: Mapping, service: str):
        check_address(service)
        self.root, self.service = root, service
        self.files = [str((root / file["name"]).absolute()) for file in index["files"]]
        self.shape = (index["count"], *index["shape"])
        self.encoding = index["encoding"]
        self.dtype = np.dtype("float32" if self.encoding == "float32" else "uint8")
        self.labelled = index["labelled"]

    @property
    def batches_class(self) -> type[StreamBatches]:
        return ServedBatches

    def read(self, positions: np.ndarray, numbers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Raise ValueError: a service makes batches for training and nothing else."""
        raise ValueError(f"{self.root} is read by a tf.data service, which serves training only: load it without the service.")

    def decode(self, examples: Any) -> tuple[Any, Any]:
        """Return the samples and labels of a batch of serialized `tf.train.Example`s, by operations of TensorFlow alone."""
        import tensorflow as tf

        shape = self.shape[1:]
        name, feature = "image", tf.io.FixedLenFeature((), tf.string)
        if self.encoding == "float32":
            name, feature = "sample", tf.io.FixedLenFeature(shape, tf.float32)
        features = {name: feature, "label": tf.io.FixedLenFeature((), tf.int64, 0)}
        parsed = tf.io.parse_example(examples, features)
        samples = parsed[name]
        if self.encoding == "raw":
            samples = tf.reshape(tf.io.decode_raw(samples, tf.uint8), (-1, *shape))
        elif self.encoding == "png":
            samples = tf.map_fn(lambda png: tf.io.decode_png(png, shape[2]), samples, fn_output_signature=tf.uint8)
        return tf.ensure_shape(samples, (None, *shape)), tf.cast(parsed["label"], tf.int32)


class ServedBatches(StreamBatches):
    """Batches of `ServedRecords`, in an order that is a function of (seed, epoch, step): see `StreamBatches`."""

    def _whole_batches(self) -> Any:
        import tensorflow as tf

        def batches() -> Iterator[tuple[Any, Any]]:
            # Made when the first is asked for, because a dataset of the service cannot be told later where to begin.
            epoch, step = self._next
            for images, labels in self._served(epoch, step):
                if self.flip:
                    with shutdown_guard:
                        images = mirrored(images.numpy(), uniform(self.seed, epoch, step, (self.batch_size, 1))[:, 0])
                yield images, labels
                epoch, step = (epoch, step + 1) if step + 1 < len(self) else (epoch + 1, 0)
            raise RuntimeError(f"The tf.data service at {self.stream.service} gave no more batches: a worker of it ended.")

        shape = (self.batch_size, *self.stream.shape[1:])
        specs = (tf.TensorSpec(shape, self.stream.dtype), tf.TensorSpec((self.batch_size,), tf.int32))
        return tf.data.Dataset.from_generator(batches, output_signature=specs)

    def _served(self, epoch: int, step: int) -> Any:
        """Return the batches from this place on, made by the service."""
        import tensorflow as tf

        service = tf.data.experimental.service

        def lane(number: int) -> Any:
            def from_there(_: Any) -> Any:
                later = tf.data.Dataset.range(epoch + 1, tf.int64.max).flat_map(lambda each: self._examples(each, 0))
                batches = self._examples(epoch, step).concatenate(later)
                return batches.shard(_LANES, number).map(self.stream.decode, tf.data.AUTOTUNE)

            # With one element at its source there is one part to be handed out, and one worker gets it.
            whole = tf.data.Dataset.range(1).flat_map(from_there)
            return whole.apply(service.distribute(service.ShardingPolicy.DYNAMIC, self.stream.service))

        return tf.data.Dataset.choose_from_datasets(
            [lane(number) for number in range(_LANES)], tf.data.Dataset.range(_LANES).repeat()
        )

    def _examples(self, epoch: Any, step: Any) -> Any:
        """Return the batches of serialized examples of one epoch."""
        import tensorflow as tf

        examples = self._shuffled(tf.data.TFRecordDataset(self.stream.files), epoch, step)
        return examples.batch(self.batch_size, drop_remainder=True)


def start(host: str, port: int, dispatcher: str | None = None) -> list:
    """Start a worker of a tf.data service in this process, and its dispatcher unless one is named.

    Args:
        host: The name under which other machines reach this one.
        port: The dispatcher's port; the worker takes the next. With `dispatcher`, the worker's own.
        dispatcher: `HOST:PORT` of another process's dispatcher, or None.

    Returns:
        The running servers, which end when they are forgotten.

    Raises:
        ValueError: If a port cannot be used, or no dispatcher answers.
    """
    import tensorflow as tf

    service = tf.data.experimental.service
    if dispatcher is not None:
        check_address(SCHEME + dispatcher)
    try:
        servers = [service.DispatchServer(service.DispatcherConfig(port=port))] if dispatcher is None else []
        port = port + 1 if dispatcher is None else port
        # A worker that misses its dispatcher's word about a new reader asks for it: each second, not each half minute.
        config = service.WorkerConfig(
            dispatcher or f"localhost:{port - 1}", f"{host}:{port}", port=port, heartbeat_interval_ms=1000
        )
        return [*servers, service.WorkerServer(config)]
    except (tf.errors.OpError, RuntimeError) as error:
        raise ValueError(f"Port {port} cannot be used: another program may have it.") from error


def check_address(service: str) -> None:
    """Check that something listens at `grpc://HOST:PORT`.

    Raises:
        ValueError: If not, or if the address looks otherwise.
    """
    host, _, port = service.removeprefix(SCHEME).rpartition(":")
    if not (service.startswith(SCHEME) and host and port.isdigit()):
        raise ValueError(f"A tf.data service's address must look like {SCHEME}HOST:PORT; received '{service}'.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"No tf.data service answers at {service} ({reason}). Start one with: keras-gans data serve --address={host}:{port}"
        ) from error
