"""Failures of models of sounds."""

import warnings

import numpy as np
import pytest

from keras_gans.callbacks import TrainingDoctor, faults
from keras_gans.callbacks.sound_diagnoses import Clipping, Hum, Silence
from keras_gans.callbacks.training_doctor import TrainingWarning
from tests.support import sounds


@pytest.fixture(scope="module")
def model():
    return sounds.tiny_sound_gan(seed=0)


@pytest.mark.parametrize("kind", [Silence, Clipping, Hum])
def test_a_fault_that_spreads_is_a_failure(model, kind):
    diagnosis = kind(model)
    assert kind.applies_to(model)
    assert diagnosis.symptoms({kind.name: 0.05, f"real_{kind.name}": 0.1}, 0) is None
    assert diagnosis.symptoms({kind.name: 0.2, f"real_{kind.name}": 0.1}, 100) is None
    measured = diagnosis.symptoms({kind.name: 0.6, f"real_{kind.name}": 0.1}, 200)
    assert measured == {kind.name: 0.6, f"real_{kind.name}": 0.1}
    assert "60% of generated and 10% of real sounds" in diagnosis.words(measured)
    assert len(list(diagnosis.advice(model))) >= 3


def test_what_an_untrained_generator_does_is_a_failure_if_it_lasts(model):
    diagnosis = Silence(model)
    assert diagnosis.symptoms({"silence": 1.0}, 0) is None
    assert diagnosis.symptoms({"silence": 1.0}, 400) is None
    assert diagnosis.symptoms({"silence": 1.0}, 600) == {"silence": 1.0, "real_silence": 0.0}
    # A resumed run goes on with what was found.
    resumed = Silence(model)
    resumed.restore({"silence": 1.0})
    assert resumed.symptoms({"silence": 1.0}, 700)


def test_real_sounds_may_be_silent_and_other_media_have_no_such_faults(model):
    assert Silence(model).symptoms({"silence": 0.5, "real_silence": 0.45}, 1000) is None
    assert Silence(model).symptoms({}, 1000) is None
    import keras_gans

    assert not Silence.applies_to(keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3))


def test_the_doctor_names_silence(monkeypatch):
    monkeypatch.setattr(faults, "_PATIENT_STEPS", 1)
    model = sounds.tiny_sound_gan(learning_rate=0.0, seed=0)
    layer = model.generator.layers[-1]
    layer.set_weights([np.zeros_like(each) for each in layer.get_weights()])
    doctor = TrainingDoctor(every=2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(sounds.tones(64), batch_size=8, epochs=2, verbose=0, callbacks=[doctor])
    assert "silence" in [finding["failure"] for finding in doctor.findings]
    said = [str(warning.message) for warning in caught if warning.category is TrainingWarning]
    assert any("The generator falls silent: 100% of generated and 0% of real sounds" in each for each in said)
