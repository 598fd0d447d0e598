"""Advice of the training doctor as commands of the lab."""

import pytest

import keras_gans
from keras_gans.callbacks.diagnoses import Divergence, ModeCollapse, VanishingGradients
from keras_gans.lab.advice import attempt
from keras_gans.lab.rules import apply_rules
from keras_gans.lab.settings import Setup, check_command

EXPECTED = {
    "a lower learning rate: --learning_rate=3e-05": {"changes": {"generator_rate": 3e-5, "discriminator_rate": 3e-5}},
    "larger batches: --batch_size=256": {"setup": {"batch_size": 256}},
    "more discriminator steps per generator step: model.compile(critic_steps=3, ...)": {"changes": {"critic_steps": 3}},
    "another loss: --set=loss=relativistic": {"changes": {"loss": "relativistic"}},
    "--ema=0.999, if the generator moves from one kind of sample to another": {"setup": {"ema": 0.999}},
    "model.compile(discriminator_optimizer=keras.optimizers.Adam(7.5e-05), ...)": {"changes": {"discriminator_rate": 7.5e-5}},
    "a Lipschitz constraint on the critic (weight clipping or a gradient penalty), which wasserstein requires": {
        "changes": {"penalty": "gradient_penalty", "penalty_weight": 1.0}
    },
    "returning to earlier weights": None,
    "--precision=mixed_bfloat16 or float32": None,
}


@pytest.mark.parametrize("advice", EXPECTED)
def test_advice_is_read(advice):
    expected = EXPECTED[advice]
    assert attempt(advice) == (None if expected is None else {"setup": {}, "changes": {}, **expected})


@pytest.mark.parametrize("loss", ["minimax", "wasserstein", "hinge"])
def test_every_first_piece_of_advice_can_be_tried(loss):
    """What the doctor says today, and not what it said when the expressions were written."""
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=2)
    apply_rules(model, {"loss": loss})
    model.data = type("Batches", (), {"batch_size": 128})()
    for diagnosis in (Divergence, VanishingGradients, ModeCollapse):
        tries = [attempt(each) for each in diagnosis(model).advice(model)]
        assert tries[0] is not None or loss == "wasserstein"
        assert sum(each is not None for each in tries) >= 1 + (diagnosis is not Divergence)
        for each in filter(None, tries):
            command = check_command({"do": "beside", **each["setup"], "changes": each["changes"]})
            assert command["do"] == "beside" and Setup(**{name: command[name] for name in Setup().to_dict()})
