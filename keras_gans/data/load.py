"""`load_data`: samples by name."""

from __future__ import annotations

from typing import Any

from keras_gans._typing import Shape
from keras_gans.data.data import Data
from keras_gans.data.labelled import hide_labels
from keras_gans.data.made_inputs import BICUBIC, add_degraded, add_pairs, check_make_pairs, read_degradation
from keras_gans.data.masks import add_masks, check_mask
from keras_gans.data.paths import refuse_path
from keras_gans.data.registry import SOURCES, Loader, Request, usages
from keras_gans.data.resize import ImageOptions
from keras_gans.data.text import TextOptions


def load_data(
    source: str,
    image_shape: Shape | None = None,
    split: str = "train",
    *,
    crop: str = "centre",
    background: str = "white",
    flip: bool = False,
    mask: str | None = None,
    make_pairs: str | None = None,
    degrade: str | None = None,
    labels: int | None = None,
    seed: int = 0,
    strict: bool = False,
    service: str | None = None,
    text: TextOptions | None = None,
    **options: Any,
) -> Data:
    """Load samples by name.

    Images that fit in memory are kept there, as uint8. A larger folder is decoded batch by batch, with only its file names in
    memory, and a larger TensorFlow data set streams through tf.data. Unreadable images are listed in `Data.skipped`: they are
    left out or, if they are only found during training, replaced by the next image in the folder.

    Args:
        source: One of
            `digits`: 1,797 handwritten digits that come with the package, 8x8, enlarged to 28x28 by default;
            `ring`, `grid`, `blobs`: two-dimensional mixtures of 8, 25 and 3 Gaussians; `lines`: points on three lines;
            `tfds:NAME`, or the name alone: a data set of TensorFlow Datasets, from `TFDS_DATA_DIR` if that is set
                (`pip install "keras-gans[tfds]"`, which prepared data sets do not need);
            `folder:PATH`: JPEG, PNG, GIF, WebP, BMP and TIFF images, with a class for each sub-folder if there are any;
            `tfrecord:PATH`: a set that `keras-gans data convert` wrote;
            `npz:PATH`: NumPy arrays `x` (or `images`, `x_train`) and optionally `y` (`labels`, `y_train`), or an `.npy` file;
            `wav:PATH`: WAV files, with a class for each sub-folder if there are any, or as `name_pattern` says; FLAC, Ogg and
                MP3 with `pip install "keras-gans[audio]"`;
            `video:PATH`: animated GIF, WebP and PNG files, film strips, and folders of numbered frames, with a class for each
                sub-folder if there are any; MP4 and other videos with `pip install "keras-gans[video]"`;
            `moving_digits`: clips of MNIST digits that move, made by code;
            `text:PATH`: a UTF-8 file with one sentence per line, or running text;
            or a source of another package (see `keras_gans.data.registry`).
        image_shape: `(height, width)` or `(height, width, channels)`, with 1, 3 or 4 channels, to which images are cropped or
            padded, and resized. None keeps their own.
        split: A split of a TensorFlow data set; for recordings, `"train"`, `"test"` or `"all"`; for text, `"train"`, the
            `"held_out"` twentieth that is not part of it, or `"all"`; only `"train"` for other sources.
        crop: How images are brought to other proportions: `"centre"` crops them at the centre, `"random"` at a random place
            each time they are used, and `"pad"` adds background.
        background: Colour of transparent and padded areas: a name such as `"black"`, or `"#rrggbb"`.
        flip: Whether to mirror half of the images left to right, at random each time they are used.
        mask: For inpainting: cuts holes into images. The condition `masks` shows them in white (uint8), and `images` holds the
            images with grey in their place. `"strokes"` of a brush, `"boxes"`, `"mixed"` (either) and masks from
            `"folder:PATH"` are drawn anew each time they are used; `"centre"` is a box in the middle. None for no holes.
        make_pairs: Makes inputs from images, the condition `images`: `"grey"`, `"edges"` (white lines on black), `"noise"` or
            `"jpeg"`. None for none.
        degrade: For super-resolution with `scale`: what inputs have been through. `"bicubic"` (as None) only reduces them;
            `"real"` also blurs, disturbs and compresses them, twice, at random (`keras_gans.data.degradation`), and a TOML file
            does so with other settings. Without `scale`, inputs have the size of the images.
        labels: For semi-supervised learning: how many samples keep their label, of each class as many. The labels of the others
            become -1. None for all.
        seed: Seed of the choice of these samples.
        strict: Whether an unreadable image is an error. A folder too large for memory is then read once before training.
        service: Only for `tfrecord:PATH`: the address `grpc://HOST:PORT` of a tf.data service (`keras-gans data serve`) that
            reads, shuffles and decodes the records, under the same path, instead of this process.
        text: Only for `text:PATH`: how text becomes samples of one length; None splits sentences into words.
        **options: Options of single sources. `scale` for `folder:PATH`: how many times smaller inputs for super-resolution are.
            For `wav:PATH`, as `keras_gans.data.recordings` explains them: `sample_rate`, `length`, `place`, `trim`, `loudness`,
            `name_pattern` and `test_part`. For `video:PATH`, `frames`, `given`, `stride` and `fps`; for `moving_digits`,
            `frames`, `given` and `digits`; for clips of `npz:PATH`, `given`: how many frames before a sample are the condition
            `frames`, from which a model predicts it. And those of sources of other packages.

    Returns:
        A `Data`.

    Raises:
        ValueError: If the source is unknown, does not have what was asked for, or contains unusable samples.
        FileNotFoundError: If its file or folder does not exist.

    Example:

        data = keras_gans.load_data("folder:pictures", image_shape=(64, 64), flip=True)
        model = keras_gans.create_model("dcgan", image_shape=data.shape)
        model.fit(data.batches(64), epochs=10)
    """
    degrade = None if degrade == BICUBIC else degrade
    scale = options.pop("scale", None) or 1 if degrade is not None else 1
    loader, request = _request(source, image_shape, split, crop, background, strict, service, text, options)
    loader.check(request)
    if mask is not None:
        check_mask(mask)
    if make_pairs is not None:
        check_make_pairs(make_pairs)
    if degrade is not None:
        read_degradation(degrade)
    data = loader.load(request)
    if flip and not data.medium.flippable:
        raise ValueError(f"{source} holds {data.medium.name}, which cannot be flipped: only images can.")
    if mask is not None:
        add_masks(data, mask)
    if make_pairs is not None:
        add_pairs(data, make_pairs)
    if degrade is not None:
        add_degraded(data, degrade, scale)
    if labels is not None:
        hide_labels(data, labels, seed)
    data.split, data.flip = split, flip
    return data


def check_source(source: str, image_shape: tuple[int, ...] | None = None, split: str = "train", **options: Any) -> None:
    """Check what can be seen of `load_data`'s arguments in milliseconds: names, options, and that files exist.

    Neither reads samples nor imports Keras or a backend.

    Args:
        source: As in `load_data`.
        image_shape: As in `load_data`.
        split: As in `load_data`.
        **options: Options of the source, such as `text`; None counts as not given.

    Raises:
        ValueError: As `load_data` does.
        FileNotFoundError: If the source's file or folder does not exist.
    """
    given = {name: value for name, value in options.items() if value is not None}
    loader, request = _request(source, image_shape, split, options=given)
    loader.check(request)


def _request(
    source: str,
    image_shape: tuple[int, ...] | None,
    split: str,
    crop: str = "centre",
    background: str = "white",
    strict: bool = False,
    service: str | None = None,
    text: TextOptions | None = None,
    options: dict[str, Any] | None = None,
) -> tuple[Loader, Request]:
    """Return the loader of a source, and what it is asked for."""
    kind, colon, rest = source.partition(":")
    if kind not in SOURCES:
        refuse_path(source)
        if colon:
            raise ValueError(f"There is no kind of data source '{kind}:'. There are: {_known()}.")
        kind, rest = "tfds", kind
    given = {"service": service, "text": text, **(options or {})}
    given = {name: value for name, value in given.items() if value is not None}
    image_options = ImageOptions(crop, background)
    return SOURCES[kind](), Request(source, rest, split, image_shape, image_options, strict, given)


def _known() -> str:
    return ", ".join(f"{usage} (or the name alone)" if usage.startswith("tfds:") else usage for usage in usages())
