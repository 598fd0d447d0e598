"""What holds for every source of samples, wherever they lie."""

import socket

import numpy as np
import pytest
from PIL import Image

from keras_gans import audio, video
from keras_gans.data import Data, load_data, memory_limit
from keras_gans.data.convert import write_records
from keras_gans.data.decoded import Croppable
from keras_gans.data.folder import Pictures
from keras_gans.data.registry import SOURCES
from keras_gans.data.resize import ImageOptions
from keras_gans.data.service import ServedBatches, ServedRecords
from keras_gans.data.source import ArraySource, IndexedSource, ReadableSource, Source, as_source
from keras_gans.data.streams import Stream
from keras_gans.data.tfrecords import Records

COUNT, SHAPE = 20, (6, 6, 3)


class Squares:
    """Can be indexed, and is nothing else."""

    def __len__(self):
        return COUNT

    def __getitem__(self, positions):
        return np.broadcast_to((positions**2 % 256).astype("uint8")[:, None, None, None], (len(positions), *SHAPE))


class RandomSquares(Squares):
    """Has a `read` that takes a random number."""

    random_numbers = 1

    def read(self, positions, numbers=None):
        brighter = 0 if numbers is None else (10 * (numbers[:, 0] - 0.5)).astype("uint8")[:, None, None, None]
        return self[positions] + brighter, positions


def images(height=10, width=6):
    return np.random.default_rng(0).integers(0, 256, (COUNT, height, width, 3), dtype="uint8")


def stream(options=None, **shape):
    import tensorflow as tf

    examples = tf.data.Dataset.from_tensor_slices({"image": images(**shape), "label": np.arange(COUNT)})
    return Stream(examples, (COUNT, *SHAPE), options)


def folder(tmp_path, crop):
    for number, image in enumerate(images()):
        Image.fromarray(image).save(tmp_path / f"{number:02}.png")
    return load_data(f"folder:{tmp_path}", image_shape=SHAPE, crop=crop).samples


def records(tmp_path, crop):
    write_records(Data("made", images()), tmp_path / "set")
    return load_data(f"tfrecord:{tmp_path / 'set'}", image_shape=SHAPE, crop=crop).samples


RANDOM = ImageOptions("random")
MAKERS = {
    "array": (ArraySource, lambda tmp_path: as_source(images(6))),
    "indexed": (IndexedSource, lambda tmp_path: as_source(Squares())),
    "readable": (ReadableSource, lambda tmp_path: as_source(RandomSquares())),
    "croppable": (Croppable, lambda tmp_path: Croppable(list(images()), SHAPE, RANDOM)),
    "folder": (Pictures, lambda tmp_path: folder(tmp_path, "centre")),
    "folder, random": (Pictures, lambda tmp_path: folder(tmp_path, "random")),
    "records": (Records, lambda tmp_path: records(tmp_path, "centre")),
    "records, random": (Records, lambda tmp_path: records(tmp_path, "random")),
    "stream": (Stream, lambda tmp_path: stream(height=6)),
    "stream, resized": (Stream, lambda tmp_path: stream(height=12)),
    "stream, random": (Stream, lambda tmp_path: stream(RANDOM)),
}


@pytest.fixture(params=list(MAKERS))
def source(request, tmp_path, monkeypatch):
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    kind, make = MAKERS[request.param]
    made = make(tmp_path)
    assert type(made) is kind
    return made


def test_it_looks_like_one_array(source):
    assert isinstance(source, Source)
    assert as_source(source) is source
    assert source.shape == (COUNT, *SHAPE)
    assert len(source) == COUNT
    assert source.dtype == np.uint8
    assert source.random_numbers in (0, 1, 2)
    assert not source.training_only
    assert source.streamed == isinstance(source, Stream)
    assert source.in_memory == isinstance(source, ArraySource | Croppable)
    assert source.labelled == source.streamed


def test_samples_are_read_by_position(source):
    everything, found = source.read(np.arange(COUNT))
    assert everything.shape == source.shape
    assert everything.dtype == source.dtype
    np.testing.assert_array_equal(found, np.arange(COUNT))
    positions = np.array([7, 3, 19, 3, 0])
    some, found = source.read(positions)
    np.testing.assert_array_equal(found, positions)
    np.testing.assert_array_equal(some, everything[positions])
    np.testing.assert_array_equal(source[positions], some)


def test_numbers_say_what_is_random_and_may_be_too_many(source):
    positions = np.arange(8)
    numbers = np.random.default_rng(1).random((8, source.random_numbers + 1), dtype="float32")
    varied, plain = source.read(positions, numbers)[0], source.read(positions)[0]
    np.testing.assert_array_equal(source.read(positions, numbers)[0], varied)
    np.testing.assert_array_equal(source.read(positions, np.full_like(numbers, 0.5))[0], plain)
    assert (varied == plain).all() == (source.random_numbers == 0)


def test_all_come_in_order(source):
    parts = list(source.in_order())
    np.testing.assert_array_equal(np.concatenate([positions for _, positions, _ in parts]), np.arange(COUNT))
    if source.labelled:
        np.testing.assert_array_equal(np.concatenate([labels for *_, labels in parts]), np.arange(COUNT))
    else:
        assert {labels for *_, labels in parts} == {None}
    if not source.random_numbers:
        together = [sample for samples, *_ in parts for sample in samples]
        np.testing.assert_array_equal(together, source.read(np.arange(COUNT))[0])


@pytest.mark.parametrize("flip", [False, True])
def test_it_makes_batches(source, flip):
    labels = None if source.labelled else np.arange(COUNT)
    seen = []
    for conditions in ({"labels": labels}, {}):
        batches = source.make_batches(conditions, True if labels is None else labels, 5, seed=2, epoch=1, flip=flip)
        assert batches.ordered
        assert batches.shuffle
        assert (len(batches), len(batches.source), batches.batch_size, batches.seed, batches.epoch) == (4, COUNT, 5, 2, 1)
        seen.append(list(batches.as_dataset().take(4).as_numpy_iterator()))
    for (named, conditions), (samples, values) in zip(*seen, strict=True):
        np.testing.assert_array_equal(named, samples)
        assert list(conditions) == ["labels"]
        np.testing.assert_array_equal(conditions["labels"], values)
    np.testing.assert_array_equal(np.sort(np.concatenate([values for _, values in seen[1]])), np.arange(COUNT))


def test_first_samples_are_those_of_the_first_epoch():
    batches = Data("made", images(6), flip=True).batches(5, seed=3)
    first = np.concatenate([samples for (samples,) in batches.as_dataset().take(2).as_numpy_iterator()])
    np.testing.assert_array_equal(batches.first_samples(7), first[:7])
    assert Data("made", stream()).batches(5).first_samples(7) is None


def test_a_stream_holds_no_conditions_but_its_own_labels():
    data = Data("made", stream(), class_names=[str(number) for number in range(COUNT)], conditions={"images": images(6)})
    assert data.num_classes == COUNT
    with pytest.raises(ValueError, match="hold no conditions but labels, not images"):
        data.batches(5, conditions=("labels", "images"))
    ((_, conditions),) = data.batches(5, conditions=("labels",)).as_dataset().take(1).as_numpy_iterator()
    assert conditions["labels"].shape == (5,)


def test_served_records_serve_training_only(tmp_path):
    with socket.create_server(("localhost", 0)) as server:
        index = {"files": [], "count": COUNT, "shape": list(SHAPE), "encoding": "png", "labelled": True}
        source = ServedRecords(tmp_path, index, f"grpc://localhost:{server.getsockname()[1]}")
    assert source.shape == (COUNT, *SHAPE)
    assert source.dtype == np.uint8
    assert source.training_only
    assert source.labelled
    assert isinstance(source.make_batches({}, None, 5, 0, 0), ServedBatches)
    for read in (lambda: source[np.arange(2)], lambda: next(source.in_order())):
        with pytest.raises(ValueError, match="serves training only: load it without the service"):
            read()
    with pytest.raises(ValueError, match="hold no conditions but labels, not images"):
        source.make_batches({"images": images()}, None, 5)


# By name


def npz(tmp_path):
    np.savez(tmp_path / "data.npz", x=images(6), y=np.arange(COUNT))
    return f"npz:{tmp_path / 'data.npz'}"


def pictures(tmp_path):
    for number, image in enumerate(images(6)):
        (tmp_path / "ab"[number % 2]).mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / "ab"[number % 2] / f"{number:02}.png")
    return f"folder:{tmp_path}"


def paired(tmp_path):
    for folder in "AB":
        (tmp_path / folder).mkdir(exist_ok=True)
        for number, image in enumerate(images(6)):
            Image.fromarray(image).save(tmp_path / folder / f"{number:02}.png")
    return f"pairs:{tmp_path}"


def side_by_side(tmp_path):
    for number, image in enumerate(images(6)):
        Image.fromarray(np.concatenate([image, image], axis=1)).save(tmp_path / f"{number:02}.png")
    return f"aligned:{tmp_path}"


def converted(tmp_path):
    write_records(Data("made", images(6), np.arange(COUNT)), tmp_path / "set")
    return f"tfrecord:{tmp_path / 'set'}"


def sentences(tmp_path):
    (tmp_path / "lines.txt").write_text("\n".join(f"line {number} of {COUNT}" for number in range(COUNT)))
    return f"text:{tmp_path / 'lines.txt'}"


def recordings(tmp_path):
    for number in range(COUNT):
        (tmp_path / "ab"[number % 2]).mkdir(exist_ok=True)
        tone = 0.5 * np.sin(np.arange(64.0) * (number + 1) / 10)
        audio.write(tmp_path / "ab"[number % 2] / f"{number:02}.wav", tone[:, None], 8000)
    return f"wav:{tmp_path}"


def clips(tmp_path):
    for number in range(COUNT):
        (tmp_path / "ab"[number % 2]).mkdir(exist_ok=True)
        frames = np.random.default_rng(number).integers(0, 256, (4, 8, 8, 3), "uint8")
        video.write(tmp_path / "ab"[number % 2] / f"{number:02}.apng", frames, 8)
    return f"video:{tmp_path}"


NAMED = {
    "aligned": (side_by_side, "images", {}),
    "digits": (lambda tmp_path: "digits", "images", {}),
    "folder": (pictures, "images", {}),
    "blobs": (lambda tmp_path: "blobs", "points", {}),
    "grid": (lambda tmp_path: "grid", "points", {}),
    "lines": (lambda tmp_path: "lines", "points", {}),
    "moving_digits": (lambda tmp_path: "moving_digits", "video", {"split": "test[:200]"}),
    "npz": (npz, "images", {}),
    "pairs": (paired, "images", {}),
    "ring": (lambda tmp_path: "ring", "points", {}),
    "text": (sentences, "text", {}),
    "tfds": (lambda tmp_path: "mnist", "images", {"split": "test[:200]"}),
    "tfrecord": (converted, "images", {}),
    "unpaired": (lambda tmp_path: paired(tmp_path).replace("pairs:", "unpaired:"), "images", {}),
    "video": (clips, "video", {"split": "all", "frames": 4}),
    "wav": (recordings, "audio", {"split": "all"}),
}


def test_each_source_is_looked_at_here():
    assert set(NAMED) == set(SOURCES.names())


@pytest.mark.parametrize("limit", [0, 2**30])
@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.usefixtures("tfds_data_dir")
def test_each_named_source_gives_data_with_a_source_and_a_medium(kind, limit, tmp_path, monkeypatch):
    if kind != "moving_digits":  # its digits are held in memory
        monkeypatch.setattr(memory_limit, "LIMIT", limit)
    make, medium, options = NAMED[kind]
    name = make(tmp_path)
    data = load_data(name, **options)
    assert (data.name, data.split, data.flip) == (name, options.get("split", "train"), False)
    assert data.medium.name == medium
    assert data.medium.sample_shape == data.shape == tuple(data.source.shape[1:])
    assert (data.tokenizer is not None) == (medium == "text")
    assert len(data) == len(data.source)
    assert isinstance(data.samples, np.ndarray) or data.samples is data.source
    assert data.labelled == (kind not in ("text", "aligned", "pairs", "unpaired"))
    assert (data.num_classes is not None) == data.labelled
    samples, found = data.source.read(np.array([5, 2]))
    assert samples.shape == (2, *data.shape)
    assert samples.dtype == data.source.dtype
    np.testing.assert_array_equal(found, [5, 2])
    data.medium.check(samples)
    conditions = ("labels",) if data.labelled else tuple(data.conditions)
    (samples, *values) = next(data.batches(4, conditions=conditions).as_dataset().as_numpy_iterator())
    assert samples.shape == (4, *data.shape)
    assert [set(each) for each in values] == [set(conditions)] * bool(conditions)
    assert data.flip is False
    if medium in ("images", "video"):
        assert load_data(name, flip=True, **options).flip
    else:
        with pytest.raises(ValueError, match=f"holds {medium}, which cannot be flipped"):
            load_data(name, flip=True, **options)
