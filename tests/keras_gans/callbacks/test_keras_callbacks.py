"""Keras' own callbacks do on an adversarial model what they do on any model."""

import csv

import keras
import numpy as np
import pytest

import keras_gans


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("gan", image_shape=(2,), width=8, latent_dim=4, ema=0.9, seed=0)


@pytest.fixture
def fit(model):
    points = keras_gans.data.mixtures.ring().sample(128)[0]

    def run(*callbacks, epochs=2, x=points, **options):
        options = {"batch_size": 32, "verbose": 0, "shuffle": False, **options}
        return model.fit(x, epochs=epochs, callbacks=list(callbacks), **options)

    run.points = points
    return run


def rates(model):
    return [float(keras.ops.convert_to_numpy(player.learning_rate)) for player in model.optimizer.optimizers]


def test_model_checkpoint_keeps_the_best_model(model, fit, tmp_path):
    path = tmp_path / "best.keras"
    history = fit(
        keras.callbacks.ModelCheckpoint(path, monitor="val_d_loss", mode="max", save_best_only=True),
        keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True),
        epochs=3,
        validation_data=(fit.points,),
    ).history["val_d_loss"]
    best = keras.models.load_model(path)
    model.load_weights(tmp_path / f"{np.argmax(history) + 1}.weights.h5")
    np.testing.assert_array_equal(best.generate(8, seed=0), model.generate(8, seed=0))


def test_early_stopping_stops_and_restores(model, fit):
    stop = keras.callbacks.EarlyStopping(monitor="loss", min_delta=1e9, patience=2, restore_best_weights=True)
    history = fit(stop, epochs=10)
    assert len(history.epoch) == 3


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_backup_and_restore_goes_on_after_a_crash(fit, tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(keras.callbacks.BackupAndRestore(tmp_path), Crash(), epochs=4)
    history = fit(keras.callbacks.BackupAndRestore(tmp_path), epochs=4)
    assert history.epoch in ([1, 2, 3], [2, 3])


def test_csv_logger_writes_a_row_an_epoch(fit, tmp_path):
    history = fit(keras.callbacks.CSVLogger(tmp_path / "log.csv"), epochs=3).history
    with open(tmp_path / "log.csv") as f:
        rows = list(csv.DictReader(f))
    assert [float(row["g_loss"]) for row in rows] == pytest.approx(history["g_loss"])


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="Keras' TensorBoard callback needs TensorFlow")
def test_tensorboard_gets_the_losses(fit, tmp_path):
    history = fit(keras.callbacks.TensorBoard(tmp_path)).history
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(tmp_path / "train"))
    events.Reload()
    logged = [float(make_ndarray(event.tensor_proto)) for event in events.Tensors("epoch_d_loss")]
    assert logged == pytest.approx(history["d_loss"], rel=1e-5)


def test_learning_rate_scheduler_sets_both_players(model, fit):
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(4e-3), ema=0.9)
    history = fit(keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)).history
    assert rates(model) == pytest.approx([2.5e-4, 1e-3])
    assert history["learning_rate_generator"] == pytest.approx([5e-4, 2.5e-4])
    assert history["learning_rate_discriminator"] == pytest.approx([2e-3, 1e-3])


def test_reduce_on_plateau_lowers_both_players(model, fit):
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(4e-3), ema=0.9)
    fit(keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=1, min_delta=1e9, min_lr=0), epochs=2)
    assert rates(model) == pytest.approx([1e-4, 4e-4])


def test_terminate_on_nan_stops_at_once(model, fit):
    model.compile(keras.optimizers.SGD(1e30), keras.optimizers.SGD(1e30), ema=0.9)
    history = fit(keras.callbacks.TerminateOnNaN(), epochs=5)
    assert len(history.epoch) == 1
    assert not np.isfinite(history.history["loss"][0])


def test_lambda_callback_is_called_at_every_step(fit):
    steps = []
    fit(keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(logs["g_loss"])))
    assert len(steps) == 2 * 4
    assert np.isfinite(steps).all()


def test_swap_ema_weights_evaluates_the_optimizers_average(model, fit):
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), keras.optimizers.SGD(0.1), ema=0.9)
    initial = model.generator.get_weights()
    seen = []

    class Look(keras.callbacks.Callback):
        def on_test_begin(self, logs=None):
            seen.append(self.model.generator.get_weights())

    fit(keras.callbacks.SwapEMAWeights(), Look(), x=fit.points[:32], epochs=1, validation_data=(fit.points,))
    # After one step the average, which began at 0 in Keras' optimizers, holds half of the step's weights.
    assert len(seen) == 1
    trained = model.generator.get_weights()
    np.testing.assert_allclose(seen[0][0], trained[0], atol=1e-6)
    assert np.abs(seen[0][0] - initial[0]).max() > 0
