"""Training that breaks off at a chosen step, for the tests of exact resume."""

import collections
import math
import time

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.callbacks import ExactResume
from tests.support.networks import make_networks

POINTS = keras_gans.data.mixtures.ring().sample(128)[0]  # 8 steps an epoch, in batches of 16


class Killed(Exception):  # noqa: N818  what happens to training, and no error
    pass


def wait_until_written(resume):
    """Waits until a checkpoint that is being written lies there."""
    until = time.perf_counter() + 10
    while resume.writes and not resume._writer.is_free() and time.perf_counter() < until:
        time.sleep(0.001)


class Kill(keras.callbacks.Callback):
    """Breaks `fit` off before a step of an epoch, both from 0 as Keras counts; until then lets each checkpoint be written."""

    def __init__(self, resume, epoch, step):
        super().__init__()
        self.resume, self.at = resume, (epoch, step)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        wait_until_written(self.resume)
        if (self.epoch, batch) == self.at:
            raise Killed


# Models of `make_gan` that no test uses now, and those that a test uses, with their initial values; by their arguments.
_free, _lent = collections.defaultdict(list), []


def make_gan(seed=0, ema=0.9, global_seed=0, **options):
    """Returns a GAN with BatchNorm and Dropout, as if it had just been compiled.

    Building and compiling its step takes a second, so later tests get the models of earlier ones, set back.
    """
    kind = repr((ema, sorted(options.items())))
    keras.utils.set_random_seed(global_seed)
    if (seed, global_seed) != (0, 0) or "optimizer" in kind:
        return build_gan(seed, ema, **options)
    if _free[kind]:
        model, initial = _free[kind].pop()
        for variable in [*model.variables, *model.optimizer.variables]:
            variable.assign(initial.get(variable.path, np.zeros(variable.shape)))  # optimizers are built later, with zeros
    else:
        model = build_gan(seed, ema, **options)
        initial = {v.path: keras.ops.convert_to_numpy(v) for v in [*model.variables, *model.optimizer.variables]}
    _lent.append((kind, model, initial))
    return model


def build_gan(seed=0, ema=0.9, **options):
    """Returns a GAN that only its caller uses."""
    model = keras_gans.GAN(*make_networks(), seed=seed)
    model.compile(**{"ema": ema, **options})
    return model


def take_back():
    """Lets the next test have the models of the last one."""
    while _lent:
        kind, *model = _lent.pop()
        _free[kind].append(model)


def values(model):
    return [keras.ops.convert_to_numpy(v) for v in [*model.variables, *model.optimizer.variables]]


def assert_same(model, other):
    for value, expected in zip(values(model), values(other), strict=True):
        np.testing.assert_array_equal(value, expected)


def assert_same_end(history, whole):
    """Each epoch that was gone on with logged what it would have logged."""
    for name, column in whole.history.items():
        assert history.history[name] == column[len(column) - len(history.epoch) :], name


def every_step(folder, **options):
    return ExactResume(folder, every_steps=1, time_share=math.inf, **options)


def fit(model, resume=None, kill_at=None, x=POINTS, **options):
    """Trains four epochs with the callback; with `kill_at`, breaks off there."""
    callbacks = [*options.pop("callbacks", []), *([resume] if resume else [])]
    options = {"batch_size": 16, "epochs": 4, "verbose": 0, **options}
    if kill_at is None:
        return model.fit(x, callbacks=callbacks, **options)
    with pytest.raises(Killed):
        model.fit(x, callbacks=[*callbacks, Kill(resume, *kill_at)], **options)
    return None


def kept(folder):
    return sorted(path.name for path in folder.glob("*.npz"))
