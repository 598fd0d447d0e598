"""Records that processes of their own read and decode: real servers, over loopback."""

import signal

import numpy as np
import pytest

import keras_gans
from keras_gans.data import load_data
from keras_gans.data.convert import write_records
from tests.support.forked import ForkedServer
from tests.support.forked import keras_gans as keras_gans_command
from tests.support.ports import free_ports
from tests.support.slow import slow_but

SIZE = 40  # samples; each holds its own number


def start_service(*flags):
    """Returns a worker and its address. Another process may take its port before it does: then it gets another."""
    for _ in range(3):
        address = f"localhost:{free_ports(1)[0]}"
        process = ForkedServer(keras_gans_command, ["data", "serve", f"--address={address}", *flags])
        if any(line.startswith("Serving at grpc://") for line in process.lines()):
            return process, address
        process.wait(timeout=20)
        process.stdout.close()
    raise AssertionError("Three services ended before they served.")


@pytest.fixture(scope="module")
def service():
    """The address of a service of two workers."""
    first, dispatcher = start_service()
    second, _ = start_service(f"--dispatcher={dispatcher}")
    yield f"grpc://{dispatcher}"
    for process in (second, first):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        process.stdout.close()


# Files of each kind are read in tests/keras_gans/data/test_tfrecords.py.
@pytest.fixture(params=slow_but(["png", "raw", "float32"], "png"))  # last run: 0.1.0, 2026-11-29
def records(request, tmp_path):
    """A set whose samples hold their own number, which is their label, too."""
    numbers = np.arange(SIZE)
    if request.param == "float32":
        samples = np.stack([numbers / SIZE, -numbers / SIZE], axis=1).astype("float32")
    else:
        samples = np.broadcast_to(numbers[:, None, None, None], (SIZE, 8, 8, 3)).astype("uint8").copy()
        samples[:, :, :4] += 100  # so that flips can be seen
    np.savez(tmp_path / "data.npz", x=samples, y=numbers.astype("int32"))
    encoding = "png" if request.param == "float32" else request.param
    write_records(load_data(f"npz:{tmp_path / 'data.npz'}"), tmp_path / "set", encoding)
    return f"tfrecord:{tmp_path / 'set'}", samples


def first_batches(batches, count):
    return [tuple(map(np.array, batch)) for batch in batches.as_dataset().take(count).as_numpy_iterator()]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_epochs_hold_every_sample_once_in_an_order_that_can_begin_anywhere(service, records):
    source, samples = records
    data = load_data(source, service=service)
    assert len(data) == SIZE
    assert data.shape == samples.shape[1:]
    whole = first_batches(data.batches(8, seed=3, labels=True), 10)  # two epochs of five steps
    for images, labels in whole:
        assert images.dtype == samples.dtype
        np.testing.assert_array_equal(images, samples[labels])
    orders = [np.concatenate([labels for _, labels in whole[first : first + 5]]) for first in (0, 5)]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(SIZE))
        assert (order != np.arange(SIZE)).any()
    assert (orders[0] != orders[1]).any()

    later = data.batches(8, seed=3, labels=True)
    later.seek(0, 3)
    for (images, labels), (expected, expected_labels) in zip(first_batches(later, 7), whole[3:], strict=True):
        np.testing.assert_array_equal(images, expected)
        np.testing.assert_array_equal(labels, expected_labels)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_parts_of_workers_and_replicas_make_up_the_whole(service, records):
    data = load_data(records[0], service=service)
    whole = first_batches(data.batches(8, seed=1), 3)
    parts = [list(data.batches(8, seed=1).as_dataset(part, 2, 2).take(6).as_numpy_iterator()) for part in range(2)]
    for step, (images,) in enumerate(whole):
        pieces = [parts[part][2 * step + replica][0] for part in range(2) for replica in range(2)]
        np.testing.assert_array_equal(np.concatenate(pieces), images)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
@pytest.mark.parametrize("records", ["png"], indirect=True)
def test_a_model_trains_on_it_and_half_of_the_images_are_flipped(service, records, tmp_path):
    data = load_data(records[0], service=service, flip=True)
    batches = first_batches(data.batches(8, labels=True), 10)
    flipped = [(image[0, 0, 0] < image[0, -1, 0]) for images, _ in batches for image in images]
    assert 0.25 < np.mean(flipped) < 0.75
    model = keras_gans.create_model("gan", image_shape=data.shape, width=4, seed=0)
    resume = keras_gans.callbacks.ExactResume(tmp_path / "checkpoints")
    assert model.fit(data.batches(8), epochs=2, verbose=0, callbacks=[resume]).epoch == [0, 1]
    other = keras_gans.create_model("gan", image_shape=data.shape, width=4, seed=0)
    resume = keras_gans.callbacks.ExactResume(tmp_path / "checkpoints")
    with pytest.raises(ValueError, match="kind of batches='ServedBatches'; this run has kind of batches='Batches'"):
        other.fit(load_data(records[0]).batches(8), epochs=3, verbose=0, callbacks=[resume])


@pytest.mark.parametrize("records", ["png"], indirect=True)
def test_what_a_service_cannot_do(service, records, tmp_path):
    with pytest.raises(ValueError, match="must look like grpc://HOST:PORT"):
        load_data(records[0], service="localhost")
    port = free_ports(1)[0]
    with pytest.raises(ValueError, match=rf"No tf.data service answers at grpc://localhost:{port} .*keras-gans data serve"):
        load_data(records[0], service=f"grpc://localhost:{port}")
    with pytest.raises(ValueError, match=r"digits takes no option 'service': only tfrecord:PATH takes it"):
        load_data("digits", service=service)
    with pytest.raises(ValueError, match=r"cannot resize them to \(4, 4, 3\)"):
        load_data(records[0], image_shape=(4, 4), service=service)
