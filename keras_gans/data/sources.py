"""Named sources of samples: what `--dataset` and `load_data` take."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_gans.data import arrays, digits, folder, mixtures, tfds, tfrecords
from keras_gans.data.resize import ImageOptions
from keras_gans.data.service import ServedBatches, ServedRecords
from keras_gans.data.skipped import Skipped
from keras_gans.data.streams import Stream, StreamBatches
from keras_gans.data.text import TextOptions
from keras_gans.data.text import load as load_text
from keras_gans.media.pictures import is_image_shape
from keras_gans.text import Tokenizer

# Samples drawn from a mixture for one epoch.
_MIXTURE_SAMPLES = 16_384


@dataclasses.dataclass
class Data:
    """Samples of one shape, with labels where there are any.

    Attributes:
        name: The source as it was asked for.
        samples: Indexable with an array of positions; uint8 images `(n, height, width, channels)`, float32 in [-1, 1], or int32
            ids of tokens `(n, length)`.
        labels: int32 array of shape `(n,)`, or None.
        class_names: What each label means, or None.
        licence: As its source states it, or an empty string.
        split: Which split of the source they are.
        flip: Whether batches hold images mirrored left to right as often as not.
        skipped: `(path, reason)` of each sample that could not be read; grows while data are decoded as they are used.
            `skipped.log_to(path)` keeps it in a file too.
        tokenizer: The `keras_gans.text.Tokenizer` of text, or None.
        notes: What else was done to the samples that a user should know, a line each.
    """

    name: str
    samples: Any
    labels: np.ndarray | None = None
    class_names: Sequence[str] | None = None
    licence: str = ""
    split: str = "train"
    flip: bool = False
    skipped: Skipped = dataclasses.field(default_factory=Skipped)
    tokenizer: Tokenizer | None = None
    notes: list[str] = dataclasses.field(default_factory=list)

    def __len__(self):
        return len(self.samples)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.samples.shape[1:])

    @property
    def num_classes(self) -> int | None:
        """How many classes there are, or None where there are no labels."""
        if self.labels is None and not getattr(self.samples, "labelled", False):
            return None
        return len(self.class_names) if self.class_names else int(self.labels.max()) + 1

    @property
    def streamed(self) -> bool:
        """Whether the samples are read through tf.data, for want of memory and of random access."""
        return isinstance(self.samples, Stream)

    def batches(self, batch_size=64, seed=0, epoch=0, labels=False):
        """Returns shuffled batches for `fit`; their order is a function of (seed, epoch, step).

        Args:
            batch_size: Samples a batch; the remainder of an epoch is left out.
            seed: Integer.
            epoch: The number of the first epoch, for training that goes on.
            labels: Whether batches are `(samples, labels)` pairs.

        Raises:
            ValueError: If there are fewer samples than a batch, or no labels where they are asked for.
        """
        from keras_gans.data.batches import Batches

        if not (isinstance(batch_size, int) and batch_size >= 1):
            raise ValueError(f"batch_size must be an integer of at least 1; received {batch_size!r}.")
        if batch_size > len(self):
            raise ValueError(
                f"{self.name} holds {len(self)} samples, fewer than one batch of {batch_size}: set batch_size to at most "
                f"{len(self)}."
            )
        if labels and not (self.labels is not None or getattr(self.samples, "labelled", False)):
            raise ValueError(f"{self.name} has no labels, which this model needs.")
        if isinstance(self.samples, ServedRecords):
            return ServedBatches(self.samples, batch_size, seed, epoch, labels, self.flip)
        if self.streamed:
            return StreamBatches(self.samples, batch_size, seed, epoch, labels, self.flip)
        return Batches(self.samples, self.labels if labels else None, batch_size, seed, epoch, flip=self.flip)


def load_data(
    source: str,
    image_shape=None,
    split: str = "train",
    *,
    crop: str = "centre",
    background: str = "white",
    flip: bool = False,
    strict: bool = False,
    service: str | None = None,
    text: TextOptions | None = None,
) -> Data:
    """Loads samples by name.

    Images that fit in memory are held once, as uint8. A larger folder is decoded batch by batch, with only its names in memory,
    and a larger TensorFlow data set streams through tf.data. Pictures that cannot be read are listed in `Data.skipped`: they
    are left out, or, where they are only met during training, replaced by the next in the folder.

    Args:
        source: One of
            `digits`: scikit-learn's 1,797 handwritten digits, 8x8, enlarged to 28x28 unless told otherwise;
            `ring`, `grid`: two-dimensional mixtures of 8 and 25 Gaussians;
            `tfds:NAME`, or the name alone: a data set of TensorFlow Datasets, from `TFDS_DATA_DIR` where that is set;
            `folder:PATH`: pictures, a class for each sub-folder if there are any;
            `tfrecord:PATH`: what `keras-gans data convert` wrote;
            `npz:PATH`: NumPy arrays `x` (or `images`, `x_train`) and, if there are labels, `y` (`labels`, `y_train`);
            `text:PATH`: a UTF-8 file with a sentence a line, or running text.
        image_shape: `(height, width)`, or with the channels (1 or 3): images are brought to its proportions and resized. None
            keeps their own.
        split: A split of a TensorFlow data set; of text, `"train"`, the `"held_out"` twentieth that is no part of it, or
            `"all"`; other sources have only `"train"`.
        crop: How images get other proportions: `"centre"` cuts them at the centre, `"random"` at a place drawn anew each time
            they are used, and `"pad"` fills them up with the background.
        background: The colour behind transparent pictures and beside padded ones: a name such as `"black"`, or `"#rrggbb"`.
        flip: Whether to mirror images left to right, drawn anew each time they are used.
        strict: Whether a picture that cannot be read is an error. A folder too large for memory is then read once before
            training.
        service: Of `tfrecord:PATH` only: the address `grpc://HOST:PORT` of a tf.data service (`keras-gans data serve`) that
            reads, shuffles and decodes the records, under the same path, in place of this process.
        text: Of `text:PATH` only: how it becomes samples of one length; None makes words of sentences.

    Returns:
        A `Data`.

    Raises:
        ValueError: If the source is unknown, or what it holds cannot be used.
        FileNotFoundError: If its file or folder does not exist.

    Example:

        data = keras_gans.load_data("folder:pictures", image_shape=(64, 64), flip=True)
        model = keras_gans.create_model("dcgan", image_shape=data.shape)
        model.fit(data.batches(64), epochs=10)
    """
    kind, colon, rest = source.partition(":")
    if split != "train" and (kind in ("folder", "npz", "tfrecord") or source in ("digits", "ring", "grid")):
        raise ValueError(f"{source} has only the split 'train', not '{split}'.")
    if colon and not rest:
        raise ValueError(f"The data source '{source}' names nothing after the colon.")
    if service is not None and kind != "tfrecord":
        raise ValueError(f"A tf.data service reads tfrecord:PATH only, not {source}: see keras-gans data convert.")
    if kind == "text" and image_shape is not None:
        raise ValueError(f"{source} holds text, which has no image size.")
    if kind != "text" and text is not None:
        raise ValueError(f"{source} holds no text: only text:PATH takes a TextOptions.")
    options = ImageOptions(crop, background)
    if source in ("ring", "grid"):
        if image_shape is not None:
            raise ValueError(f"{source} holds points, which have no image size.")
        points, modes = getattr(mixtures, kind)().sample(_MIXTURE_SAMPLES)
        data = {"samples": points, "labels": modes}
    elif source == "digits":
        data = digits.load(image_shape, options)
    elif kind == "folder":
        data = folder.load(rest, image_shape, options, strict)
    elif kind == "tfrecord":
        data = tfrecords.load(rest, image_shape, options, strict, service)
    elif kind == "npz":
        data = arrays.load(rest, image_shape, options)
    elif kind == "text":
        data = load_text(rest, split, text)
    elif kind == "tfds" or not colon:
        data = tfds.load(rest or kind, image_shape, split, options)
    else:
        raise ValueError(
            f"There is no kind of data source '{kind}:'. There are: digits, ring, grid, tfds:NAME (or the name alone), "
            "tfrecord:PATH, folder:PATH, npz:PATH, text:PATH."
        )
    if flip and not is_image_shape(data["samples"].shape[1:]):
        raise ValueError(f"{source} holds no images, which alone can be flipped.")
    return Data(source, **data, split=split, flip=flip)
