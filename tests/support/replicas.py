"""Trains small models on one device, on two of one process, or as one of two workers, and keeps what came of it.

    python -m tests.support.replicas OUTPUT.npz KIND,KIND CASE,CASE [HOST:PORT,HOST:PORT WORKER]

The output holds an array `KIND/CASE/NAME` for each thing that a case returns.
"""

import contextlib
import sys
from pathlib import Path

import numpy as np

from keras_gans.distribution import Place, distribute

CASES = {}


def case(fn):
    """Adds a case: takes a `Place` and the output's folder, returns a dict of arrays."""
    CASES[fn.__name__] = fn
    return fn


def points(n=512):
    return np.random.default_rng(0).uniform(-1, 1, (n, 2)).astype("float32")


def pictures(n=256):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1), "uint8")


def make_gan(dropout=False, **arguments):
    import keras

    import keras_gans
    from tests.support.networks import make_networks

    keras.utils.set_random_seed(0)
    model = keras_gans.GAN(*make_networks(batch_norm=False, dropout=dropout), seed=0)
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3), **arguments)
    return model


def outcome(model, history):
    """The weights, the average's included, in one array, and the logs of all epochs in another."""
    networks = [model.generator, model.discriminator, *([model.ema_generator] if model.ema_generator else [])]
    weights = np.concatenate([weight.ravel() for network in networks for weight in network.get_weights()])
    return {"weights": weights, "logs": np.array([history.history[name] for name in sorted(history.history)])}


@case
def arrays(place, folder):
    model = make_gan(ema=0.9)
    return outcome(model, model.fit(points(), batch_size=64, epochs=2, verbose=0, validation_data=(points(128),)))


@case
def critic_steps(place, folder):
    model = make_gan(critic_steps=2, ema=0.9)
    return outcome(model, model.fit(points(), batch_size=64, epochs=2, verbose=0))


@case
def batch_norm(place, folder):
    import keras

    import keras_gans

    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("dcgan", image_shape=(8, 8, 1), width=4, latent_dim=5, ema=0.9, seed=0)
    return outcome(model, model.fit(pictures(), batch_size=64, epochs=1, verbose=0))


@case
def stream(place, folder):
    import tensorflow as tf

    from keras_gans.data.streams import Stream, StreamBatches

    examples = tf.data.Dataset.from_tensor_slices({"image": pictures(), "label": np.arange(256) % 3})
    return train_pictures(StreamBatches(Stream(examples, (256, 8, 8, 1)), 64, seed=0, epoch=0, labels=False))


@case
def files(place, folder):
    from keras_gans import load_data
    from keras_gans.data import memory_limit

    memory_limit.LIMIT, before = 0, memory_limit.LIMIT
    data = load_data(f"folder:{folder / 'pictures'}", image_shape=(8, 8, 1), crop="random")
    memory_limit.LIMIT = before
    return train_pictures(data.batches(64, seed=0))


def train_pictures(batches):
    import keras

    import keras_gans

    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=8, seed=0)
    return outcome(model, model.fit(batches, epochs=2, verbose=0))


@case
def another_tf_data(place, folder):
    """Data of unknown order, which Keras shares between replicas in its own way."""
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(points()).batch(64, drop_remainder=True)
    model = make_gan()
    return outcome(model, model.fit(data, epochs=2, verbose=0))


@case
def float16(place, folder):
    with policy("mixed_float16"):
        model = make_gan()
    result = outcome(model, model.fit(points(), batch_size=64, epochs=2, verbose=0))
    return result | {"dtypes": np.array(sorted({str(v.dtype) for v in model.trainable_variables}))}


@case
def overflow(place, folder):
    """One step in which the discriminator's loss, and no other, is scaled too much."""
    with policy("mixed_float16"):
        model = make_gan(ema=0.9)
    too_much = 2.0**120
    model.optimizer.discriminator.dynamic_scale.assign(too_much)
    networks = {"generator": model.generator, "discriminator": model.discriminator, "average": model.ema_generator}
    before = {name: network.get_weights() for name, network in networks.items()}
    model.fit(points(64), batch_size=64, verbose=0)
    moved = {
        name: any((old != new).any() for old, new in zip(before[name], network.get_weights(), strict=True))
        for name, network in networks.items()
    }
    scales = [float(player.dynamic_scale.numpy()) for player in model.optimizer.optimizers]
    return {**moved, "scales": np.array([scales[0], scales[1] / too_much])}


@contextlib.contextmanager
def policy(name):
    import keras

    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


@case
def resumed(place, folder):
    """Trained for two epochs, and for one and then, as a new model, for another."""
    from keras_gans.callbacks import ExactResume

    whole = make_gan(ema=0.9)
    whole.fit(points(), batch_size=64, epochs=2, verbose=0)
    checkpoints = folder / f"checkpoints_{place.workers}_{place.replicas}"
    for epochs in (1, 2):
        model = make_gan(ema=0.9)
        resume = ExactResume(checkpoints, writes=place.chief, every_steps=3, time_share=1e9)
        history = model.fit(points(), batch_size=64, epochs=epochs, verbose=0, callbacks=[resume])
    whole, result = outcome(whole, history), outcome(model, history)
    return result | {"whole": whole["weights"], "epochs": np.array(history.epoch)}


@case
def chief_alone(place, folder):
    """The chief draws, saves a preset and copies the state between steps of which the other workers know nothing."""
    import keras

    import keras_gans
    from keras_gans.resume.training_state import capture_state

    class Work(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.generate(8, seed=0)
            capture_state(self.model)

        def on_epoch_end(self, epoch, logs=None):
            keras_gans.save_preset(self.model, folder / f"preset_{place.workers}_{place.replicas}")

    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(2,), width=8, ema=0.9, seed=0)
    return outcome(model, model.fit(points(), batch_size=64, epochs=2, verbose=0, callbacks=[Work()] if place.chief else []))


@case
def without_fit(place, folder):
    """Steps on single batches, several steps per execution, and held-out data whose last batch no number of devices divides."""
    model = make_gan(ema=0.9)
    data = points(128)
    on_batches = [model.train_on_batch(data[:64]), model.test_on_batch(data[64:])]
    measured = model.evaluate(points(67), batch_size=32, verbose=0)
    grouped = make_gan(steps_per_execution=4)
    result = outcome(grouped, grouped.fit(points(), batch_size=64, epochs=1, verbose=0))
    batches = ((data[begin : begin + 32],) for begin in (0, 32, 64, 96))
    generated = outcome(model, model.fit(batches, steps_per_epoch=4, verbose=0))
    result["logs"] = np.concatenate([*on_batches, measured, result["logs"].ravel(), generated["logs"].ravel()])
    return result | {"weights": np.concatenate([result["weights"], generated["weights"]])}


@case
def on_each_replica(place, folder):
    """What the two devices of one process hold after training, and what dropout draws on them."""
    import tensorflow as tf

    model = make_gan(dropout=True, ema=0.9)
    model.fit(points(), batch_size=64, epochs=1, verbose=0)
    strategy = tf.distribute.get_strategy()
    dropout = next(layer for layer in model.discriminator.layers if "dropout" in layer.name)
    noise = strategy.experimental_local_results(strategy.run(tf.function(lambda: dropout(tf.ones((4, 16)), training=True))))
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    values = [[np.array(value) for value in strategy.experimental_local_results(variable.value)] for variable in variables]
    return {
        "noise": np.stack(noise),
        "copies": np.array([len(copies) for copies in values]),
        "equal": np.array([all((copy == copies[0]).all() for copy in copies) for copies in values]),
    }


@case
def refusals(place, folder):
    """What is said of a batch that cannot be shared, and of several steps an execution; nothing where they work."""
    said = {}
    for name, compiled, batch_size in (("odd_batch", {}, 63), ("grouped_steps", {"steps_per_execution": 4}, 64)):
        try:
            make_gan(**compiled).fit(points(), batch_size=batch_size, verbose=0)
            said[name] = ""
        except ValueError as error:
            said[name] = str(error)
    return {name: np.array(text) for name, text in said.items()}


@contextlib.contextmanager
def plain_scope():
    """Two devices with nothing of ours."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        yield Place(2)


def train(kind, names, folder, addresses=None, worker=None):
    """Returns what the cases of these names return, in one dict."""
    if kind == "scope":
        context = plain_scope()
    else:
        devices = 2 if kind == "mirrored" else None
        found = (addresses, worker) if kind == "multi_worker" else (None, None)
        context = distribute(None if kind == "one" else kind, devices, *found)
    results = {}
    with context as place:
        for name in names:
            results |= {f"{kind}/{name}/{key}": value for key, value in CASES[name](place, folder).items()}
    return results


def main(output, kinds, names, addresses=None, worker=None):
    found = {}
    for kind in kinds.split(","):
        found |= train(kind, names.split(","), Path(output).parent, addresses and addresses.split(","), worker and int(worker))
    np.savez(output, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
