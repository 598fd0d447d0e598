"""Other precisions than float32."""

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.adversarial.running_means import RunningMeans

IMAGES = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), dtype="uint8")


@pytest.fixture
def policy():
    """Sets a dtype policy, or Keras' float type, for a test."""

    def set_policy(name, floatx="float32"):
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(name)

    yield set_policy
    set_policy("float32")


# Those with a penalty are slow; tests/zoo/test_entries.py trains them in mixed_float16 (last run: 0.1.0, 2026-11-29).
@pytest.mark.parametrize("name", ["gan", pytest.param("wgan_gp", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "given",
    [
        *(pytest.param(each, marks=pytest.mark.slow) for each in (("float64",), ("float64", "float64"), ("float16",))),
        ("mixed_float16",),
    ],
    ids=str,
)
def test_models_train_in_every_precision(policy, given, name):
    policy(*given)
    model = keras_gans.create_model(name, image_shape=(8, 8, 1), width=4, seed=0)
    model.compile_with(ema=0.9, augment="diff_augment")
    history = model.fit(IMAGES, batch_size=16, verbose=0, validation_data=(IMAGES,)).history
    assert np.isfinite(list(history.values())).all()
    assert model.generate(2, seed=0).dtype == np.float32


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_steps_that_loss_scaling_skips_are_left_out_of_the_norms(policy):
    policy("mixed_float16")
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=4, seed=0)
    scaled = [keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(1e-4), initial_scale=2.0**40) for _ in range(2)]
    model.compile(*scaled)
    before = model.get_weights()
    history = model.fit(IMAGES, batch_size=16, verbose=0).history
    assert [float(each.dynamic_scale) for each in scaled] == [2.0**38] * 2  # both steps were skipped
    assert all((one == two).all() for one, two in zip(before[:1], model.get_weights()[:1], strict=True))
    assert history["d_grad"] == history["g_grad"] == [0.0]
    history = model.fit(IMAGES, batch_size=16, epochs=40, verbose=0).history
    assert np.isfinite(list(history.values())).all() and history["d_grad"][-1] > 0 and history["g_grad"][-1] > 0


def test_gradients_that_overflow_without_any_scale_are_no_skipped_steps(policy):
    policy("mixed_float16")
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=4, seed=0)
    scaled = [keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=1.0) for _ in range(2)]
    model.compile(*scaled)
    model.generator.layers[0].kernel.assign(np.full(model.generator.layers[0].kernel.shape, np.nan))
    assert not np.isfinite(model.fit(IMAGES, batch_size=16, verbose=0).history["g_grad"]).any()


def test_negative_norms_are_not_counted_and_nan_is():
    means = RunningMeans(("d_loss", "d_grad"), norms=("d_grad",))
    for loss, norm in ((-1.0, 2.0), (-3.0, -1.0), (-2.0, 4.0)):
        means.update_state(d_loss=loss, d_grad=norm)
    assert {name: float(value) for name, value in means.result().items()} == {"d_loss": -2.0, "d_grad": 3.0}
    means.update_state(d_loss=0.0, d_grad=np.nan)
    assert np.isnan(float(means.result()["d_grad"]))
