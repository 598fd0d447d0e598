"""Arguments of `fit` that cannot work are refused in one line, and the order of batches is what it says."""

import keras
import numpy as np
import pytest

import keras_gans
from tests.support.networks import all_values, make_networks


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be an integer of at least 1; received 0"),
        ({"batch_size": -1}, "batch_size must be an integer of at least 1; received -1"),
        ({"batch_size": 16.0}, "batch_size must be an integer of at least 1; received 16.0"),
        ({"steps_per_epoch": 0}, "steps_per_epoch must be an integer of at least 1; received 0"),
        ({"epochs": 1.5}, "epochs must be an integer of at least 1; received 1.5"),
        (
            {"validation_split": 0.9, "batch_size": 64},
            "256 samples, of which 25 remain for training, fewer than one batch of 64",
        ),
        ({"validation_split": 20}, "validation_split is a share of the samples, from 0 to below 1; received 20"),
        ({"validation_split": -0.2}, "validation_split is a share"),
        ({"validation_split": 1.0}, "validation_split is a share"),
    ],
)
def test_numbers_out_of_range_are_refused_in_one_line(make_gan, points, options, message):
    with pytest.raises(ValueError, match=message) as error:
        make_gan().fit(points, verbose=0, **options)
    assert "\n" not in str(error.value)


def test_numpy_integers_are_integers(make_gan, points):
    history = make_gan().fit(points, batch_size=np.int64(64), epochs=np.int32(1), steps_per_epoch=np.int16(2), verbose=0)
    assert history.epoch == [0]


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_a_model_that_is_not_compiled_says_so_in_keras_words(points, method):
    model = keras_gans.GAN(*make_networks(), seed=0)
    with pytest.raises(ValueError, match=r"call `?compile\(\)`? before"):
        getattr(model, method)(points)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_no_samples_and_empty_data_sets_are_refused(make_gan):
    tf = pytest.importorskip("tensorflow", exc_type=ImportError)
    nothing = np.zeros((0, 2), "float32")
    with pytest.raises(ValueError, match=r"There are no samples: x has the shape \(0, 2\)"):
        make_gan().fit(nothing, verbose=0)
    with pytest.raises(ValueError, match="yields no batches"):
        make_gan().fit(tf.data.Dataset.from_tensor_slices(nothing).batch(4), verbose=0)
    unknown = tf.data.Dataset.from_tensor_slices(np.zeros((4, 2), "float32")).filter(lambda point: point[0] > 1)
    with pytest.raises(ValueError, match="yields no batches"):
        make_gan().fit(unknown.batch(4), verbose=0)


def test_lists_that_are_not_samples_are_refused(make_gan, points):
    with pytest.raises(ValueError, match=r"one array of shape \(n, 2\), or a data set of batches; received a list of 3"):
        make_gan().fit([points, points, points], verbose=0)
    with pytest.raises(ValueError, match="received the dtype object"):
        make_gan().fit(points.astype("object"), verbose=0)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_sequences_of_free_length_take_samples_of_any_length():
    generator = keras.Sequential([keras.Input((None, 4)), keras.layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((None, 2)), keras.layers.GRU(3), keras.layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, seed=0)
    assert model.data_shape == (None, 2)
    model.compile()
    samples, _ = model.unpack((keras.ops.zeros((3, 10, 2)),))
    assert tuple(samples.shape) == (3, 10, 2)
    sequences = np.zeros((8, 10, 2), "float32")
    history = model.fit(sequences, batch_size=4, validation_data=(sequences[:, :7],), verbose=0).history
    assert np.isfinite([history["loss"], history["val_loss"]]).all()
    assert model.predict(np.zeros((3, 5, 4)), verbose=0).shape == (3, 5, 2)
    with pytest.raises(ValueError, match=r"latents of this generator have the shape \(None, 4\).*pass them to predict"):
        model.generate(3)


class Interrupt(keras.callbacks.Callback):
    """Ends training as a crash would, after an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


def order_gan():
    """A model whose weights after training depend on the order of the data alone: its generator always makes zeros."""
    generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, kernel_initializer="zeros")])
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model = keras_gans.GAN(generator, discriminator, seed=0)
    model.compile(keras.optimizers.SGD(0.0), keras.optimizers.Adam(0.1))
    return model


@pytest.mark.parametrize("form", ["array", "batches"])
def test_a_run_restored_by_backup_and_restore_sees_the_order_it_would_have_seen(points, tmp_path, form):
    def fit(*callbacks):
        model = order_gan()
        data = points if form == "array" else keras_gans.Data("ring", points).batches(64, seed=3)
        options = {"batch_size": 64} if form == "array" else {}
        try:
            model.fit(data, epochs=3, verbose=0, callbacks=list(callbacks), **options)
        except KeyboardInterrupt:
            return None
        return model.discriminator.get_weights()

    whole = fit()
    fit(keras.callbacks.BackupAndRestore(tmp_path / "backup"), Interrupt(2))
    restored = fit(keras.callbacks.BackupAndRestore(tmp_path / "backup"))
    for one, two in zip(whole, restored, strict=True):
        np.testing.assert_array_equal(one, two)


def test_batches_given_to_two_models_have_the_same_order_for_both(points):
    shared = keras_gans.Data("ring", points).batches(64, seed=3)
    models = [order_gan() for _ in range(3)]
    models[0].fit(shared, epochs=2, verbose=0)
    models[1].fit(shared, epochs=2, verbose=0)
    models[2].fit(keras_gans.Data("ring", points).batches(64, seed=3), epochs=2, verbose=0)
    for values in (all_values(models[1]), all_values(models[2])):
        for one, two in zip(all_values(models[0]), values, strict=True):
            np.testing.assert_array_equal(one, two)


def test_a_model_fitted_again_on_the_same_batches_continues_with_the_next_epoch(points):
    whole, parts = (order_gan() for _ in range(2))
    whole.fit(keras_gans.Data("ring", points).batches(64, seed=3), epochs=2, verbose=0)
    batches = keras_gans.Data("ring", points).batches(64, seed=3)
    for _ in range(2):
        parts.fit(batches, epochs=1, verbose=0)
    for one, two in zip(all_values(whole), all_values(parts), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_data_trains_like_its_samples(points):
    first, second = (order_gan() for _ in range(2))
    first.fit(points, batch_size=64, epochs=2, verbose=0)
    second.fit(keras_gans.Data("ring", points), batch_size=64, epochs=2, verbose=0)
    for one, two in zip(all_values(first), all_values(second), strict=True):
        np.testing.assert_array_equal(one, two)
    with pytest.raises(ValueError, match="leave y, shuffle and validation_split out"):
        first.fit(keras_gans.Data("ring", points), validation_split=0.5, verbose=0)
