"""The arguments of `compile`, and what others call them."""

import keras
import numpy as np
import pytest

import keras_gans
from tests.support.networks import make_networks


def test_one_optimizer_is_copied_for_both_networks():
    model = keras_gans.GAN(*make_networks())
    given = keras.optimizers.Adam(1e-3, beta_1=0.3)
    model.compile(optimizer=given)
    one, two = model.optimizer.optimizers
    assert one is not two and given not in (one, two)
    assert [(each.beta_1, float(each.learning_rate)) for each in (one, two)] == [(0.3, pytest.approx(1e-3))] * 2
    model.compile(optimizer="rmsprop")
    assert all(isinstance(each, keras.optimizers.RMSprop) for each in model.optimizer.optimizers)
    model.compile_with(optimizer="adam")
    assert all(isinstance(each, keras.optimizers.Adam) for each in model.optimizer.optimizers)
    with pytest.raises(TypeError, match="either optimizer=, or generator_optimizer="):
        model.compile("adam", optimizer="adam")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"d_optimizer": "adam"}, "Write discriminator_optimizer="),
        ({"g_optimizer": "adam"}, "Write generator_optimizer="),
        ({"critic_optimizer": "adam"}, "Write discriminator_optimizer="),
        ({"loss_fn": None}, "Write loss="),
        ({"metrics": ["accuracy"]}, "EvaluateSamples"),
        ({"n_critic": 5}, "Write critic_steps="),
        ({"gp_weight": 10.0}, r"penalties=\[keras_gans.penalties.GradientPenalty"),
        ({"penalty": "r1"}, "Did you mean 'penalties'"),
    ],
)
def test_arguments_of_other_libraries_are_named_as_here(argument, message):
    with pytest.raises(TypeError, match=message):
        keras_gans.GAN(*make_networks()).compile(**argument)


@pytest.mark.parametrize(
    ("loss", "meant"),
    [
        ("binary_crossentropy", "non_saturating"),
        ("bce", "non_saturating"),
        (keras.losses.BinaryCrossentropy(from_logits=True), "non_saturating"),
        (keras.losses.BinaryCrossentropy, "non_saturating"),
        (keras.losses.binary_crossentropy, "non_saturating"),
        ("mse", "least_squares"),
        ("lsgan", "least_squares"),
        ("wgan", "wasserstein"),
        ("rpgan", "relativistic"),
        ("r3gan", "relativistic"),
    ],
)
def test_losses_of_other_libraries_are_named_as_here(loss, meant):
    with pytest.raises(ValueError, match=f"write loss='{meant}'"):
        keras_gans.GAN(*make_networks()).compile(loss=loss)


def test_numpy_numbers_are_numbers():
    model = keras_gans.GAN(*make_networks(), seed=np.int64(3))
    model.compile(critic_steps=np.int64(2), ema=np.float32(0.5), feature_matching=np.float32(0.0))
    assert model.critic_steps == 2 and model.generate(np.int64(3), batch_size=np.int32(2)).shape[0] == 3
    assert model.get_config()["seed"] == 3
    assert keras_gans.conditions.Classes(np.int64(3)).get_config() == {"count": 3}


def test_a_compile_that_drops_the_average_says_so(make_gan, tmp_path):
    model = make_gan(ema=0.9)
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    with pytest.warns(UserWarning, match="drops the moving average"):
        loaded.compile("adam", "adam")
    assert loaded.ema_generator is None
    with pytest.warns(UserWarning, match="file holds a moving average.*compile with ema= first"):
        make_gan().load_weights(tmp_path / "model.weights.h5")


def test_layers_and_optimizers_that_need_another_compile_say_so(make_gan, points):
    model = make_gan()
    model.discriminator.layers[-1].trainable = False
    model.compile()
    model.discriminator.layers[-1].trainable = True
    with pytest.raises(ValueError, match=r"discriminator's optimizer was not built.*Call compile"):
        model.fit(points, verbose=0)
    model.compile()
    model.fit(points, verbose=0)
    other = make_gan()
    other.compile(model.optimizer.generator, "adam")
    with pytest.raises(ValueError, match="new optimizer if this one belongs to another model"):
        other.fit(points, verbose=0)


def test_repr_names_the_entry():
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=8)
    assert repr(model) == "<GAN 'gan': (100,) -> (8, 8, 1), 4,793 parameters>"
    assert repr(keras_gans.GAN(*make_networks())).startswith("<GAN: (8,) -> (2,), ")
