"""A process of its own for each way to train: python -m keras_gans_tools.benchmarks.contestant WAY MODEL BATCH_SIZE SETTINGS.

SETTINGS is JSON: arguments of the model's builder.
"""

import json
import sys
import time

from .turns import Turns

# Steps before the first turn: compiling, filling of buffers, and the processor's clock are done then.
_WARM_UP = 20
# Batches in an epoch of the benchmark. The samples are real digits, over and over.
_STEPS_AN_EPOCH = 64


def main(way, model, batch_size, settings):
    """Runs one contestant until its parent goes."""
    turns = Turns()
    if way in ("float32", "bfloat16"):
        _multiply(way, turns)
    elif way == "torch":
        from . import torch_loop

        torch_loop.run(model, _images(batch_size), batch_size, _WARM_UP, turns)
    else:
        _fit(way, model, batch_size, settings, turns)


def _images(batch_size, shape=(28, 28, 1)):
    import numpy as np

    from keras_gans.data import load_data

    return np.resize(load_data("digits", shape).samples, (_STEPS_AN_EPOCH * batch_size, *shape))


def _fit(way, name, batch_size, settings, turns):
    import keras

    if way == "ours_bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    import keras_gans

    class TakeTurns(keras.callbacks.Callback):
        steps_left = _WARM_UP
        ready = False

        def on_train_batch_end(self, batch, logs=None):
            self.steps_left -= 1
            if self.steps_left == 0:
                self.steps_left = turns.finish() if self.ready else turns.begin()
                self.ready = True

    keras.utils.set_random_seed(0)
    model = keras_gans.create_model(name, seed=0, **settings)
    images = _images(batch_size, model.data_shape)
    if way == "keras_io":
        from .keras_io import KerasIoGAN

        model = KerasIoGAN(model.generator, model.discriminator)
        images = images.astype("float32") / 127.5 - 1.0
    labels = model.class_labels(len(images)) if way.startswith("ours") else None
    model.fit(images, labels, batch_size=batch_size, epochs=1_000_000, verbose=0, callbacks=[TakeTurns()])


def _multiply(dtype, turns):
    """Multiplies square matrices; the amount of a turn counts products."""
    import tensorflow as tf

    from .training import MATRIX_SIDE

    left, right = (tf.cast(tf.random.normal((MATRIX_SIDE, MATRIX_SIDE)), dtype) for _ in range(2))
    product = tf.function(tf.matmul)
    began = time.perf_counter()
    while time.perf_counter() - began < 1.0:
        product(left, right).numpy()
    amount = turns.begin()
    while True:
        for _ in range(amount):
            result = product(left, right)
        result.numpy()
        amount = turns.finish()


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]))
    except ImportError as error:
        if error.name != "torch":
            raise
        Turns().say("missing")
