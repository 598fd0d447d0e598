"""A separate process for each way to train: python -m keras_gans_tools.benchmarks.contestant WAY MODEL BATCH_SIZE SETTINGS.

SETTINGS is JSON: arguments of the model's builder.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

from .turns import Turns

# Steps before the first turn, for compiling, filling buffers and a steady clock rate.
_WARM_UP = 20
# Batches in an epoch of the benchmark, which repeats real digits.
_STEPS_AN_EPOCH = 64


def main(way: str, model: str, batch_size: int, settings: dict[str, Any]) -> None:
    """Run one contestant until its parent ends."""
    turns = Turns()
    if way in ("float32", "bfloat16"):
        _multiply(way, turns)
    elif way == "torch":
        from . import torch_loop

        torch_loop.run(model, _images(batch_size), batch_size, _WARM_UP, turns)
    else:
        _fit(way, model, batch_size, settings, turns)


def _images(batch_size: int, shape: tuple[int, ...] = (28, 28, 1)) -> np.ndarray:

    from keras_gans.data import load_data

    return np.resize(load_data("digits", shape).samples, (_STEPS_AN_EPOCH * batch_size, *shape))


def _fit(way: str, name: str, batch_size: int, settings: dict[str, Any], turns: Turns) -> None:
    import keras

    if way == "ours_bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    import keras_gans

    class TakeTurns(keras.callbacks.Callback):
        steps_left = _WARM_UP
        ready = False

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
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


def _multiply(dtype: str, turns: Turns) -> None:
    """Multiply square matrices. The amount of a turn is the number of products."""
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
