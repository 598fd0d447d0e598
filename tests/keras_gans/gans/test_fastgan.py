import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_gans

RNG = np.random.default_rng(0)
REAL = RNG.uniform(-1, 1, (4, 4, 4, 1)).astype("float32")


def built(**arguments):
    """A model of 4x4 images, whose discriminator reconstructs every image as 2x2 pixels of one brightness, in training too."""
    images = keras.Input((4, 4, 1), name="samples")
    means = layers.AveragePooling2D(2)(images)
    scores = layers.Dense(1, kernel_initializer="ones", name="logits")(layers.Flatten()(images))
    outputs = {"scores": [scores], "reconstructions": {"whole": [0.5 * means], "quarter": [0.0 * means]}}
    latents = keras.Input((2,), name="latents")
    generator = keras.Model(latents, layers.Reshape((4, 4, 1))(layers.Dense(16, "tanh")(latents)))
    model = keras_gans.FastGAN(generator, keras.Model(images, outputs), seed=0, **arguments)
    model.compile()
    return model


def test_the_loss_of_reconstructions_computed_by_hand():
    model = built()
    whole = REAL.reshape(4, 2, 2, 2, 2, 1).mean((2, 4))
    quarters = [REAL[0, :2, :2], REAL[1, :2, 2:], REAL[2, 2:, :2], REAL[3, 2:, 2:]]
    expected = np.abs(whole / 2).mean() + np.abs(quarters).mean()
    outputs = model.discriminator(REAL)
    assert float(model.reconstruction_loss(REAL, outputs["reconstructions"])) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("weight", [0.0, 3.0])
def test_the_loss_without_training_is_hinge_and_reconstructions(weight):
    model, generated = built(reconstruction_weight=weight), REAL[::-1] / 2
    real_scores, generated_scores = REAL.sum((1, 2, 3)), generated.sum((1, 2, 3))
    hinge = np.maximum(0, 1 - real_scores).mean() + np.maximum(0, 1 + generated_scores).mean()
    rest = float(model.reconstruction_loss(REAL, model.discriminator(REAL)["reconstructions"]))
    loss, *_ = model.discriminator_loss(ops.convert_to_tensor(REAL), ops.convert_to_tensor(generated), training=False)
    assert float(loss) == pytest.approx(hinge + weight * rest, rel=1e-5)


def test_margins_in_training_lie_between_four_fifths_and_one():
    model, zeros = built(reconstruction_weight=0.0), ops.zeros((512, 4, 4, 1))
    loss, real_scores, _ = model.discriminator_loss(zeros, zeros, training=True)
    assert float(loss) == pytest.approx(2 * 0.9, abs=0.02)
    assert not np.array(real_scores[0]).any()  # what is logged is not moved
    assert float(model.discriminator_loss(zeros, zeros, training=False)[0]) == pytest.approx(2)


def test_it_is_saved_and_goes_on_as_if_it_had_not_stopped(tmp_path):
    model = built(reconstruction_weight=2.0, margin_noise=0.1)
    model.fit(REAL, batch_size=2, verbose=0)
    model.save(tmp_path / "model.keras")
    copy = keras.models.load_model(tmp_path / "model.keras")
    assert (copy.reconstruction_weight, copy.margin_noise) == (2.0, 0.1)
    logs = [each.fit(REAL, batch_size=2, shuffle=False, verbose=0).history for each in (model, copy)]
    assert logs[0] == logs[1]


def test_wrong_networks_and_numbers_are_refused():
    model = built()
    images = keras.Input((4, 4, 1))
    plain = keras.Model(images, layers.Dense(1)(layers.Flatten()(images)))
    with pytest.raises(ValueError, match="a dict of 'scores' and 'reconstructions'; this one returns scores alone"):
        keras_gans.FastGAN(model.generator, plain)
    with pytest.raises(ValueError, match="reconstruction_weight"):
        built(reconstruction_weight=-1.0)
