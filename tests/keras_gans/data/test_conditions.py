"""Conditions in data and in batches: what is known of a sample stays with it."""

import dataclasses
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gans.data import Data, load_data, memory_limit
from keras_gans.data.batches import Batches
from keras_gans.data.convert import write_records
from keras_gans.data.decoded import Croppable
from keras_gans.data.folder import Pictures
from keras_gans.data.source import Source
from keras_gans.media import Images, Points, Text

NUMBERS = np.arange(23)
SAMPLES = NUMBERS.astype("float32")[:, None]
CONDITIONS = {"labels": NUMBERS % 5, "images": np.broadcast_to(NUMBERS.astype("uint8")[:, None, None, None], (23, 4, 6, 3))}


@pytest.fixture
def data():
    return Data("made", SAMPLES, conditions=CONDITIONS)


def epochs_of(batches, count=2):
    seen = []
    for _ in range(count):
        batches.on_epoch_begin()
        seen += [batches[step] for step in range(batches.num_batches)]
        batches.on_epoch_end()
    return seen


def through_tensorflow(batches, count, **parts):
    iterator = batches.as_dataset(**parts).as_numpy_iterator()
    return [next(iterator) for _ in range(count)]


def assert_equal(ours, theirs):
    assert len(ours) == len(theirs)
    for (samples, conditions), (other_samples, other_conditions) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(samples, other_samples)
        assert set(conditions) == set(other_conditions)
        for name, values in conditions.items():
            np.testing.assert_array_equal(values, other_conditions[name])


# Data


def test_labels_are_a_condition():
    data = Data("made", SAMPLES, NUMBERS, conditions={"labels": NUMBERS + 1, "images": CONDITIONS["images"]})
    assert data.labels is NUMBERS is data.conditions["labels"]
    data.labels = None
    assert data.labels is None
    assert list(data.conditions) == ["images"]
    assert Data("made", SAMPLES, conditions={"labels": NUMBERS}).labels is NUMBERS


def test_data_can_be_replaced_in_part(data):
    half = dataclasses.replace(data, samples=SAMPLES[:9], labels=NUMBERS[:9], conditions={"depths": SAMPLES[:9]}, split="half")
    np.testing.assert_array_equal(half.labels, NUMBERS[:9])
    assert set(half.conditions) == {"labels", "depths"}
    assert half.split == "half"
    assert dataclasses.replace(data, labels=None).labels is None
    assert dataclasses.replace(data, flip=True).labels is data.labels
    assert data.num_classes == 5


def test_conditions_as_many_as_samples():
    with pytest.raises(ValueError, match="made holds 23 samples, but 22 values of the condition 'images'"):
        Data("made", SAMPLES, conditions={"images": CONDITIONS["images"][1:]})
    with pytest.raises(ValueError, match="23 samples, but 22 values of the condition 'images'"):
        Batches(SAMPLES, {"images": CONDITIONS["images"][1:]})


@pytest.mark.parametrize(
    ("samples", "medium"),
    [
        (np.zeros((3, 4, 6, 3), "uint8"), Images((4, 6, 3))),
        (np.zeros((3, 2), "float32"), Points((2,))),
        (np.zeros((3, 7), "int32"), Text((7,))),
    ],
)
def test_the_medium_is_inferred_unless_it_is_given(samples, medium):
    assert Data("made", samples).medium == medium
    assert Data("made", samples).tokenizer is None
    given = Data("made", samples, medium=Points((9,))).medium
    assert given == Points(samples.shape[1:])


# Batches


def test_batches_hold_the_conditions_that_are_asked_for(data):
    assert len(data.batches(5)[0]) == 1
    samples, labels = data.batches(5, labels=True)[0]
    np.testing.assert_array_equal(labels, samples[:, 0] % 5)
    for arguments, names in (
        ({"conditions": ("images",)}, {"images"}),
        ({"conditions": "images"}, {"images"}),
        ({"conditions": ["labels"]}, {"labels"}),
        ({"conditions": ("images",), "labels": True}, {"images", "labels"}),
    ):
        for samples, conditions in epochs_of(data.batches(5, seed=3, **arguments)):
            assert set(conditions) == names
            if "labels" in names:
                np.testing.assert_array_equal(conditions["labels"], samples[:, 0] % 5)
            if "images" in names:
                np.testing.assert_array_equal(conditions["images"][:, 0, 0, 0], samples[:, 0])


def test_conditions_that_are_missing_are_refused(data):
    with pytest.raises(ValueError, match=r"made has no condition 'depths', which this model needs. It has: images, labels"):
        data.batches(5, conditions=("images", "depths"))
    data.labels = None
    with pytest.raises(ValueError, match="made has no labels, which this model needs"):
        data.batches(5, conditions=("labels",))


def test_the_order_is_that_without_conditions(data):
    plain = [samples for (samples,) in epochs_of(data.batches(5, seed=3, epoch=1))]
    named = [samples for samples, _ in epochs_of(data.batches(5, seed=3, epoch=1, conditions=("images",)))]
    np.testing.assert_array_equal(plain, named)


def test_both_ways_to_load_give_the_same(data):
    data.flip = True

    def make():
        return Batches(CONDITIONS["images"], {"labels": NUMBERS, "images": CONDITIONS["images"]}, 4, 3, flip=True)

    whole = epochs_of(make())
    assert_equal(through_tensorflow(make(), 10), whole)
    later = make()
    later.seek(0, 3)
    assert_equal(through_tensorflow(later, 7), whole[3:])
    shares = []
    for part in range(2):
        batches = make()
        batches.seek(0, 1)
        shares.append(through_tensorflow(batches, 6, part=part, parts=2, replicas=2))
    for step in range(3):
        pieces = [share[2 * step + replica] for share in shares for replica in range(2)]
        together = {name: np.concatenate([conditions[name] for _, conditions in pieces]) for name in ("labels", "images")}
        assert_equal([(np.concatenate([samples for samples, _ in pieces]), together)], [whole[1 + step]])


class Recorder(keras.Model):
    """Keeps the batches that `fit` hands it."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.built = True
        self.compile(run_eagerly=True)

    def train_step(self, data):
        samples, conditions = data
        self.seen.append((np.array(samples), {name: np.array(values) for name, values in conditions.items()}))
        return {"loss": 0.0}


def test_keras_fit_gets_them(data):
    model = Recorder()
    model.fit(data.batches(5, seed=3, conditions=CONDITIONS), shuffle=False, epochs=2, verbose=0)
    assert_equal(model.seen, epochs_of(data.batches(5, seed=3, conditions=CONDITIONS)))


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_keras_fit_gets_them_on_jax():
    code = """
import keras
import numpy as np
from keras_gans.data import Data

numbers = np.arange(20, dtype="float32")[:, None]
data = Data("made", numbers, conditions={"double": 2 * numbers, "half": numbers / 2})
inputs = keras.Input((1,))
outputs = {name: keras.layers.Dense(1, use_bias=False, name=name)(inputs) for name in ("double", "half")}
model = keras.Model(inputs, outputs)
model.compile("adam", loss={"double": "mse", "half": "mse"})
model.get_layer("double").set_weights([np.array([[2.0]])])
model.get_layer("half").set_weights([np.array([[0.5]])])
history = model.fit(data.batches(4, conditions=("double", "half")), shuffle=False, epochs=2, verbose=0).history
print(keras.backend.backend(), history["loss"])
"""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "jax [0.0, 0.0]\n", done.stderr


# Pairs of images


@pytest.fixture(params=[0, 2**30])
def pairs(request, tmp_path, monkeypatch):
    """Pictures of several proportions and their negatives, cut at random and flipped."""
    rng = np.random.default_rng(0)
    for number in range(24):
        size = [8, 8]
        size[number % 2] += int(rng.integers(0, 12))  # one side is the target's, so that nothing is resized
        picture = rng.integers(0, 256, (*size, 3), dtype="uint8")
        for name, image in (("inputs", picture), ("targets", 255 - picture)):
            (tmp_path / name).mkdir(exist_ok=True)
            Image.fromarray(image).save(tmp_path / name / f"{number:02}.png")
    monkeypatch.setattr(memory_limit, "LIMIT", request.param)
    loaded = {name: load_data(f"folder:{tmp_path / name}", (8, 8), crop="random") for name in ("inputs", "targets")}
    assert isinstance(loaded["inputs"].samples, Croppable if request.param else Pictures)
    return Data("pairs", loaded["targets"].samples, flip=True, conditions={"images": loaded["inputs"].samples})


def test_pairs_are_cut_and_flipped_alike(pairs):
    seen = epochs_of(pairs.batches(6, seed=3, conditions=("images",)))
    for targets, conditions in seen:
        np.testing.assert_array_equal(targets, 255 - conditions["images"])
    assert_equal(through_tensorflow(pairs.batches(6, seed=3, conditions=("images",)), 8), seen)
    alone = [targets for (targets,) in epochs_of(pairs.batches(6, seed=3))]
    np.testing.assert_array_equal([targets for targets, _ in seen], alone)
    one, other = (np.concatenate([targets for targets, _ in seen[first : first + 4]]) for first in (0, 4))
    assert len({image.tobytes() for image in [*one, *other]}) > 30  # drawn anew in the second epoch


def test_a_condition_may_be_random_where_the_sample_is_not(pairs):
    batches = Batches(np.arange(24), {"images": pairs.conditions["images"]}, 6, 3)
    numbers = batches.numbers(0, 0)
    assert numbers.shape == (6, 2)
    samples, conditions = batches[0]
    expected = pairs.conditions["images"].read(samples, numbers)[0]
    np.testing.assert_array_equal(conditions["images"], expected)


class Holes(Source):
    """Numbers, some of which cannot be read: the next one takes their place."""

    dtype = np.dtype("int64")

    def __init__(self, holes, count=12):
        self.holes, self.shape = holes, (count, 1)

    def read(self, positions, numbers=None):
        found = np.array(positions)
        while np.isin(found, self.holes).any():
            found = np.where(np.isin(found, self.holes), (found + 1) % len(self), found)
        return found[:, None], found


def test_pairs_stay_together_where_one_of_them_cannot_be_read():
    batches = Batches(Holes([2, 5]), {"next": Holes([3, 11]), "labels": np.arange(12)}, 12, shuffle=False)
    samples, conditions = batches[0]
    np.testing.assert_array_equal(samples[:, 0], [0, 1, 4, 4, 4, 6, 6, 7, 8, 9, 10, 0])
    np.testing.assert_array_equal(conditions["next"], samples)
    np.testing.assert_array_equal(conditions["labels"], samples[:, 0])
    even, odd = range(0, 12, 2), range(1, 12, 2)
    with pytest.raises(ValueError, match="no sample was found that can be read together with its conditions"):
        Batches(Holes(list(even)), {"others": Holes(list(odd))}, 4)[0]


# Records


def test_records_hold_no_other_conditions(tmp_path, data):
    with pytest.raises(ValueError, match="made has the conditions images; records hold samples and labels only"):
        write_records(data, tmp_path / "set")
    with pytest.raises(ValueError, match="made holds text of dtype int32; records hold images and floats"):
        write_records(Data("made", np.zeros((3, 7), "int32")), tmp_path / "set")
    assert not (tmp_path / "set").exists()
    assert write_records(Data("made", SAMPLES, NUMBERS), tmp_path / "set") == 23
