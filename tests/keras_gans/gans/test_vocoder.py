"""Vocoders: spectrograms first, then the discriminators; and sounds piece by piece."""

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import Mel, Vocoder
from keras_gans.conditions import Mels
from keras_gans.media import Audio
from tests.support.entries import build

MEL = {"sample_rate": 8000, "n_fft": 32, "hop_length": 16, "n_mels": 8}


def tones(n=16, length=320):
    rng, seconds = np.random.default_rng(0), np.arange(length) / 8000
    pitches = rng.uniform(300, 2000, (n, 1))
    return (0.5 * np.sin(2 * np.pi * pitches * seconds))[..., None].astype("float32")


def generator(hop=16, bands=8):
    mels = keras.Input((None, bands), name="mels")
    x = keras.layers.Conv1D(hop, 3, padding="same", activation="tanh")(mels)
    return keras.Model(mels, keras.layers.Reshape((-1, 1))(x))


@pytest.fixture(scope="module")
def model():
    model = build("vocos_gan", pretrain_steps=2)
    model.steps_seen = [model.stage]
    before = model.discriminator.get_weights()
    history = model.fit(tones(), batch_size=8, epochs=1, verbose=0).history  # two steps
    model.steps_seen.append(model.stage)
    model.logs = history
    model.unchanged = all(np.array_equal(*pair) for pair in zip(before, model.discriminator.get_weights(), strict=True))
    return model


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_it_learns_from_spectrograms_alone_and_then_adversarially(model):
    assert model.steps_seen == [0, 1]
    assert model.unchanged
    assert model.logs["d_loss"] == [0]
    assert 0 < model.logs["mel"][0] < 20


def test_whole_and_pieces_are_the_same(model):
    mels = model.mel(tones(2, 1600))
    whole = model.vocode(mels)
    assert whole.shape == (2, 1600, 1)
    assert whole.dtype == np.float32
    scale = np.abs(whole).max()
    for frames in (1, 7, 64):
        np.testing.assert_allclose(model.vocode(mels, chunk_frames=frames), whole, atol=1e-5 * scale)
    pieces = list(model.stream(mels[0, start : start + 10] for start in range(0, 100, 10)))
    assert len(pieces) > 5  # as they arrive, not at the end
    np.testing.assert_allclose(np.concatenate(pieces), whole[0], atol=1e-5 * scale)
    # The context is not larger than it has to be.
    changed = mels.copy()
    changed[:, 50] += 1.0
    frames = np.flatnonzero(np.abs(model.vocode(changed) - whole)[0].reshape(100, 16).max(axis=1) > 0)
    assert 0.5 * model.context_frames < 50 - frames.min() <= model.context_frames


def test_one_spectrogram_makes_one_sound(model):
    mels = model.mel(tones(1))
    np.testing.assert_allclose(model.vocode(mels[0]), model.vocode(mels)[0], atol=1e-6)
    assert model.resynthesize((tones(1)[0] * 32767).astype("int16")).shape == (320, 1)


def test_another_mel_is_refused_by_name(model):
    mels = model.mel(tones(1))
    with pytest.raises(ValueError, match=r"fmax is 3000\.0 and must be 4000\.0"):
        model.vocode(mels, mel=Mel(**MEL, fmax=3000))
    with pytest.raises(ValueError, match=r"shape \(n, frames, 8\)"):
        model.vocode(mels[..., :5])
    with pytest.raises(ValueError, match="natural logarithms"):
        model.vocode(8 * mels)
    with pytest.raises(ValueError, match="makes sounds of 8,000 Hz; the data have 16,000 Hz"):
        model.medium = Audio((320, 1), 16_000)


def test_parts_of_longer_sounds_are_learned_from(model):
    parts = {model._cut(keras.ops.convert_to_tensor(tones(4, 640))).shape[1] for _ in range(3)}
    assert parts == {12 * 16}
    model.random_gain = 6.0
    softened = np.array(model._soften(keras.ops.ones((200, 8, 1))))[:, 0, 0]
    model.random_gain = 0.0
    assert 10 ** (-6 / 20) <= softened.min() < 0.55
    assert 0.95 < softened.max() <= 1


def test_it_is_loaded_with_its_mel(model, tmp_path):
    keras_gans.save_preset(model, tmp_path / "preset")
    loaded = keras_gans.load_pretrained(tmp_path / "preset")
    assert isinstance(loaded, Vocoder)
    assert loaded.mel == model.mel
    assert loaded.medium.sample_rate == 8000
    mels = model.mel(tones(2))
    np.testing.assert_allclose(loaded.vocode(mels), model.vocode(mels), atol=1e-6)


def test_sums_over_discriminators_have_weights(model):
    """Each weight counts the adversarial loss and the features of its discriminator, of which there are as many as layers."""
    real, made = (keras.ops.convert_to_tensor(tones(4)[order]) for order in ([0, 1], [2, 3]))
    judged, compared = model.judge(made), model.judge(real)
    assert len(judged.scores) == len(model.score_weights) == 3
    features = [np.abs(np.array(a) - np.array(b)).mean() for a, b in zip(compared.features, judged.features, strict=True)]
    hinge = [-np.array(score).mean() for score in judged.scores]
    groups = model._groups
    expected = sum(
        weight * (one + sum(features[sum(groups[:number]) : sum(groups[: number + 1])]))
        for number, (weight, one) in enumerate(zip(model.score_weights, hinge, strict=True))
    )
    found = sum(float(part) for part in model.judged_losses(made, real, {}, training=False))
    assert found == pytest.approx(expected, rel=1e-3)


def test_networks_must_fit_the_mel():
    with pytest.raises(ValueError, match="needs a Mel"):
        Vocoder(generator())
    with pytest.raises(ValueError, match="must make 16 samples of each frame"):
        Vocoder(generator(hop=8), mel=Mel(**MEL))
    with pytest.raises(ValueError, match="mel spectrograms have the shape"):
        Vocoder(generator(bands=5), mel=Mel(**MEL))
    with pytest.raises(ValueError, match=r"cannot work on parts of a spectrogram: .*Reshape"):
        _ = Vocoder(generator(), mel=Mel(**MEL)).context_frames


def test_spectrograms_are_not_given_but_made():
    model = Vocoder(generator(), mel=Mel(**MEL))
    model.compile()
    assert model.stage == 0
    with pytest.raises(ValueError, match=r"makes the spectrograms of the sounds itself: fit\(sounds\)"):
        model.fit(tones(), {"mels": model.mel(tones())})
    with pytest.raises(ValueError, match="1 discriminators; received 2 score_weights"):
        model.compile(score_weights=[1, 2])


def test_examples_of_spectrograms_are_in_range():
    mels = Mels(Mel(**MEL))
    examples = mels.examples(3)
    assert examples.shape == (3, 32, 8)
    np.testing.assert_array_equal(mels.check(examples), examples)
    assert mels.tiles(examples).shape == (3, 8, 32, 1)
    assert Mels(**mels.get_config()) == mels
