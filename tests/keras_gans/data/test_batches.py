import itertools
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_gans.data import load_data
from keras_gans.data.batches import Batches

SAMPLES = np.arange(23, dtype="float32")[:, None]


def epoch_of(batches):
    """Runs one epoch as Keras does; returns the numbers of the samples in each batch."""
    batches.on_epoch_begin()
    numbers = [batches[step][0][:, 0].astype(int).tolist() for step in range(len(batches))]
    batches.on_epoch_end()
    return numbers


def expected_epoch(samples, batch_size, seed, epoch):
    """The documented order, written anew: a NumPy permutation drawn from (seed, epoch), cut into whole batches."""
    order = np.random.default_rng((seed, epoch)).permutation(samples)
    return [order[i : i + batch_size].tolist() for i in range(0, samples - batch_size + 1, batch_size)]


def flat(lists):
    return list(itertools.chain.from_iterable(lists))


class Recorder(keras.Model):
    """Keeps the batches that `fit` hands it."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.built = True
        self.compile(run_eagerly=True)

    def train_step(self, data):
        self.seen.append([np.array(part) for part in data])
        return {"loss": 0.0}


def fitted(batches, **arguments):
    model = Recorder()
    model.fit(batches, shuffle=False, verbose=0, **arguments)
    return model.seen


def test_order_is_a_function_of_seed_epoch_and_step():
    one, two = (Batches(SAMPLES, batch_size=5, seed=3) for _ in range(2))
    for epoch in range(3):
        assert epoch_of(one) == epoch_of(two) == expected_epoch(23, 5, seed=3, epoch=epoch)


def test_steps_may_be_asked_for_in_any_order():
    batches = Batches(SAMPLES, batch_size=5, seed=3)
    batches.on_epoch_begin()
    backwards = [batches[step][0][:, 0].astype(int).tolist() for step in (3, 1, 0, 2)]
    expected = expected_epoch(23, 5, seed=3, epoch=0)
    assert backwards == [expected[step] for step in (3, 1, 0, 2)]


def test_epochs_and_seeds_differ():
    orders = []
    for seed in (0, 1):
        batches = Batches(SAMPLES, batch_size=5, seed=seed)
        orders += [str(epoch_of(batches)) for _ in range(4)]
    assert len(set(orders)) == 8


def test_global_seeds_do_not_matter():
    orders = []
    for global_seed in (0, 1):
        keras.utils.set_random_seed(global_seed)
        orders.append(epoch_of(Batches(SAMPLES, batch_size=5, seed=3)))
    assert orders[0] == orders[1]


@pytest.mark.parametrize("batch_size", [1, 5, 23])
def test_an_epoch_shows_each_sample_at_most_once_in_whole_batches(batch_size):
    batches = Batches(SAMPLES, batch_size=batch_size)
    assert len(batches) == 23 // batch_size
    epochs = [epoch_of(batches) for _ in range(8)]
    for epoch in epochs:
        assert {len(batch) for batch in epoch} == {batch_size}
        assert len(flat(epoch)) == len(set(flat(epoch)))
    # What one epoch leaves out comes in another.
    assert set(flat(flat(epochs))) == set(range(23))


@pytest.mark.parametrize("first", [1, 4])
def test_starting_at_an_epoch_is_having_run_up_to_it(first):
    from_start, later = Batches(SAMPLES, batch_size=5, seed=9), Batches(SAMPLES, batch_size=5, seed=9, epoch=first)
    for _ in range(first):
        epoch_of(from_start)
    for _ in range(2):
        assert epoch_of(from_start) == epoch_of(later)


def test_labels_stay_with_their_samples():
    batches = Batches(SAMPLES, labels=np.arange(23) * 10, batch_size=5, seed=1)
    for _ in range(2):
        batches.on_epoch_begin()
        for step in range(len(batches)):
            samples, labels = batches[step]
            np.testing.assert_array_equal(labels, samples[:, 0] * 10)


def test_load_data_passes_everything_on():
    data = load_data("ring")
    batches = data.batches(4096, seed=7, epoch=2, labels=True)
    batches.on_epoch_begin()
    order = np.random.default_rng((7, 2)).permutation(len(data))
    for step in range(4):
        samples, labels = batches[step]
        np.testing.assert_array_equal(samples, data.samples[order[step * 4096 : (step + 1) * 4096]])
        np.testing.assert_array_equal(labels, data.labels[order[step * 4096 : (step + 1) * 4096]])


# Through Keras' own fit


def test_fit_trains_on_the_permutations_of_each_epoch():
    seen = fitted(Batches(SAMPLES, batch_size=5, seed=3), epochs=3)
    expected = flat(expected_epoch(23, 5, 3, epoch) for epoch in range(3))
    assert [batch[0][:, 0].astype(int).tolist() for batch in seen] == expected


def test_fit_that_goes_on_trains_on_the_epochs_that_are_left():
    seen = fitted(Batches(SAMPLES, batch_size=5, seed=3, epoch=1), initial_epoch=1, epochs=3)
    expected = flat(expected_epoch(23, 5, 3, epoch) for epoch in (1, 2))
    assert [batch[0][:, 0].astype(int).tolist() for batch in seen] == expected


def test_fit_gets_the_labels():
    seen = fitted(Batches(SAMPLES, labels=np.arange(23) * 10, batch_size=5), epochs=2)
    assert len(seen) == 8
    for samples, labels in seen:
        np.testing.assert_array_equal(labels, samples[:, 0] * 10)


class Numbers:
    """Two million samples that take no memory: each is its own number."""

    def __len__(self):
        return 2_000_000

    def __getitem__(self, positions):
        return np.asarray(positions, "int64")[:, None]


def test_fit_shows_no_batch_of_an_old_epoch_while_a_long_permutation_is_drawn():
    seen = fitted(Batches(Numbers(), batch_size=250_000, seed=3), epochs=3)
    for epoch in range(3):
        order = np.random.default_rng((3, epoch)).permutation(len(Numbers()))
        np.testing.assert_array_equal(np.concatenate([batch[0][:, 0] for batch in seen[8 * epoch : 8 * epoch + 8]]), order)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_program_ends_while_batches_are_being_loaded():
    code = """
import time
import numpy as np
from keras_gans.data.batches import Batches

class Slow:
    def __len__(self):
        return 100_000

    def __getitem__(self, positions):
        time.sleep(0.02)
        return np.zeros((len(positions), 1))

iterators = [iter(Batches(Slow(), batch_size=4).as_dataset()) for _ in range(3)]
for _ in range(10):
    for iterator in iterators:
        next(iterator)
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "done\n"
