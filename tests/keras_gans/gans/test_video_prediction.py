"""Models that predict clips from the frames before."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_gans
from keras_gans import VideoPrediction
from keras_gans.callbacks import ExactResume
from keras_gans.conditions import Frames
from tests.support.breaking_off import Kill, Killed, assert_same
from tests.support.entries import build


def drifting(n, frames=6, side=16, seed=0):
    """Returns smooth patterns that drift by one pixel a frame, to the left or to the right: uint8."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, side, side))
    for axis in (1, 2):
        noise = sum(np.roll(noise, shift, axis) for shift in range(-2, 3))
    pattern = np.clip(128 + 40 * noise / noise.std(), 0, 255).astype("uint8")
    steps = rng.choice([-1, 1], n)
    clips = [
        [np.roll(image, step * time, axis=1) for time in range(frames)] for image, step in zip(pattern, steps, strict=True)
    ]
    return np.array(clips)[..., None]


def parts(clips, given=2):
    return clips[:, given:], {"frames": clips[:, :given]}


def make(**arguments):
    defaults = {"video_shape": (4, 16, 16, 1), "given": 2, "width": 8, "discriminator_width": 4, "latent_dim": 4}
    return build("video_prediction", **{**defaults, "learning_rate": 2e-3, "beta_1": 0.9, "ema": None, **arguments})


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_it_learns_where_things_go():
    clips, before = parts(drifting(192))
    model = make(adversarial_weight=0.0, samples_averaged=1)
    model.fit(clips[:160], {"frames": before["frames"][:160]}, batch_size=16, epochs=12, verbose=0)
    truth = clips[160:] / 127.5 - 1.0
    told = before["frames"][160:]
    made = model.forecast(told, members=1, seed=0)[:, 0]
    persistence = np.abs(told[:, -1:] / 127.5 - 1.0 - truth).mean(axis=(0, 2, 3, 4))
    errors = np.abs(made - truth).mean(axis=(0, 2, 3, 4))
    assert (errors < 0.6 * persistence).all()


def noise_model(members, spread=0.5):
    """Returns a model that predicts its latents, whatever it is told, and has not learnt anything else."""
    frames, latents = keras.Input((1, 4, 4, 1), name="frames"), keras.Input((2, 4, 4, 1), name="latents")
    nothing = layers.Rescaling(0.0)(frames)
    clips = layers.Add()([layers.Rescaling(spread)(latents), layers.Concatenate(axis=1)([nothing, nothing])])
    model = VideoPrediction(keras.Model([latents, frames], clips), seed=0)
    model.compile(samples_averaged=members, pixel_weight=3.0)
    return model


def test_the_pixel_loss_is_that_of_the_mean_of_several_predictions():
    """The mean of k normal numbers has a spread of 1 / sqrt(k), and a mean absolute value of sqrt(2 / pi) of that."""
    clips, told = np.zeros((400, 2, 4, 4, 1), "float32"), {"frames": np.zeros((400, 1, 4, 4, 1), "float32")}
    for members in (1, 4):
        found = noise_model(members).evaluate(clips, told, batch_size=200, verbose=0, return_dict=True)["pixel"]
        assert found == pytest.approx(0.5 * np.sqrt(2 / np.pi / members), rel=0.03)


def test_ensembles_differ_by_their_latents_alone():
    model = make()
    told = drifting(3)[:, :2]
    futures = model.forecast(told, members=4, seed=1)
    assert futures.shape == (3, 4, 4, 16, 16, 1)
    assert np.abs(futures).max() <= 1.0
    assert np.abs(futures[:, 1:] - futures[:, :1]).max(axis=(2, 3, 4, 5)).min() > 0
    np.testing.assert_array_equal(model.forecast(told, members=4, seed=1), futures)
    alike = model.generate(seeds=[5, 5], conditions={"frames": told[0]})
    np.testing.assert_allclose(alike[0], alike[1], atol=1e-6)
    # Before training, a prediction is nearly the last frame.
    assert np.abs(futures - (told[:, None, -1:] / 127.5 - 1.0)).mean() < 0.15


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_pixels_first_and_then_against_the_discriminator():
    model = make(pretrain_steps=4, learning_rate=1e-3, width=4, video_shape=(4, 8, 8, 1))
    clips, before = parts(drifting(32, side=8))
    untouched = model.discriminator.get_weights()
    first = model.fit(clips, before, batch_size=8, epochs=1, verbose=0).history
    for weight, old in zip(model.discriminator.get_weights(), untouched, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert first["d_loss"] == [0.0]
    second = model.fit(
        clips, before, batch_size=8, epochs=2, initial_epoch=1, verbose=0, validation_data=(clips, before)
    ).history
    assert second["d_loss"][0] > 0
    assert second["g_loss"][0] == pytest.approx(20 * second["pixel"][0], abs=2.0)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
@pytest.mark.parametrize("at", [(0, 2), (1, 0)], ids=str)
def test_training_that_breaks_off_ends_with_the_same_weights(tmp_path, at):
    clips, before = parts(drifting(24))

    def resume():
        return ExactResume(tmp_path, every_steps=1, every_seconds=None, time_share=float("inf"))

    def fit(resume=None, kill=None):
        model = make(pretrain_steps=4, width=4, ema=0.9)
        callbacks = [] if resume is None else [resume]
        callbacks += [Kill(resume, *kill)] if kill else []
        model.fit(clips, before, batch_size=8, epochs=2, verbose=0, callbacks=callbacks)  # 3 steps an epoch
        return model

    whole = fit()
    with pytest.raises(Killed):
        fit(resume(), at)
    assert_same(fit(resume()), whole)


def test_drawing_shows_the_frames_before_the_prediction_and_the_truth(tmp_path):
    model = make()
    clips = drifting(8)
    path = tmp_path / "clips.npz"
    np.savez(path, x=clips, fps=8)
    plain = model.draw(2)
    assert plain.shape[1] >= 6 * 16
    model.take_examples(keras_gans.load_data(f"npz:{path}", given=2))
    picture = model.draw(4)
    assert picture.shape[0] > plain.shape[0]
    told = model.example_conditions(2)["frames"]
    assert {image.tobytes() for image in np.rint((told[:, 0] + 1) * 127.5).astype("uint8")} <= {
        clip[0].tobytes() for clip in clips
    }


def test_networks_that_take_no_frames_are_refused():
    latents = keras.Input((3,), name="latents")
    clips = layers.Reshape((2, 4, 4, 1))(layers.Dense(32)(latents))
    with pytest.raises(ValueError, match="takes an input named 'frames'"):
        VideoPrediction(keras.Model(latents, clips))
    with pytest.raises(ValueError, match=r"multiples of 8 \(2\^depth\); received 12x16"):
        keras_gans.create_model("video_prediction", video_shape=(4, 12, 16, 1), depth=3)
    model = make(video_shape=(4, 8, 12, 1), given=1)
    assert model.conditions == {"frames": Frames((1, 8, 12, 1))}
    assert model.forecast(np.zeros((2, 8, 12, 1), "uint8"), members=3).shape == (2, 3, 4, 8, 12, 1)
    with pytest.raises(ValueError, match="takes 1 frame of 8x12x1 before a clip"):
        model.forecast(np.zeros((2, 3, 8, 12, 1), "uint8"))
    assert ops.shape(model.generator.outputs[0])[1:] == (4, 8, 12, 1)
