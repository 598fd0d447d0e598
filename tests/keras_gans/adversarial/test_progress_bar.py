"""The progress bar: one line of 80 columns, with the numbers that matter."""

import re
import sys
import types

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.adversarial.progress_bar import choose_numbers, describe

IMAGES = np.zeros((32, 8, 8, 1), "uint8")


def lines_of(text):
    """Every line that was ever on the screen."""
    return [line for line in re.split("[\r\n]", text) if line.strip()]


@pytest.fixture
def terminal(monkeypatch):
    """Makes the process look like a notebook whose line is redrawn at every step."""
    monkeypatch.setattr("keras_gans.adversarial.progress_bar._SECONDS_BETWEEN_UPDATES", 0.0)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        ("gan", ("d_loss", "g_loss", "d_real", "d_fake"), ("d_grad", "g_grad", " loss", "distance")),
        ("wgan_gp", ("distance", "g_loss", "penalty"), ("d_loss", "d_real", "d_fake", "d_grad")),
    ],
)
def test_it_is_one_line_of_80_columns(name, shown, hidden, terminal, capsys):
    model = keras_gans.create_model(name, image_shape=(8, 8, 1), width=8)
    model.fit(IMAGES, batch_size=16, epochs=2, validation_data=(IMAGES,))
    model.evaluate(IMAGES)
    lines = lines_of(capsys.readouterr().out)
    assert lines[0] == "Epoch 1/2" and max(map(len, lines)) < 80
    drawn = [line for line in lines if "/2" in line and "Epoch" not in line]
    assert len(drawn) >= 5
    assert all(word in drawn[-1] for word in shown[:3])
    assert not any(word in line for line in drawn for word in hidden)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_text_shows_what_its_stage_has(terminal, capsys):
    model = keras_gans.SeqGAN(*_text_networks(), pretraining=keras_gans.Pretraining(epochs=1))
    model.compile()
    model.fit(np.ones((8, 4), "int32"), batch_size=4, epochs=2)
    lines = lines_of(capsys.readouterr().out)
    second = lines.index("Epoch 2/2")
    assert all(" nll " in line and "_" not in line for line in lines[1:second])
    assert all(" d_loss " in line and "nll" not in line for line in lines[second + 1 :])


def _text_networks():
    model = keras_gans.create_model("seqgan", vocabulary_size=8, length=4)
    return model.generator, model.discriminator


def test_elsewhere_only_the_end_of_an_epoch_is_written(capsys):
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=8)
    model.fit(IMAGES, batch_size=16, epochs=2)
    assert len(lines_of(capsys.readouterr().out)) == 4
    model.fit(IMAGES, batch_size=16, verbose=2)
    assert len(lines_of(capsys.readouterr().out)) == 1
    model.fit(IMAGES, batch_size=16, verbose=0)
    assert not capsys.readouterr().out
    own = keras.callbacks.ProgbarLogger()
    model.fit(IMAGES, batch_size=16, callbacks=[own])
    assert "d_grad" in capsys.readouterr().out


def test_measures_come_before_validation_and_what_does_not_fit_is_left_out():
    logs = {"loss": 2.0, "d_loss": 1.25, "d_real": 0.5, "d_fake": 0.75, "g_loss": 0.75, "d_grad": np.inf, "fid": 12.345}
    logs |= {f"val_{name}": value for name, value in logs.items()}
    numbers = choose_numbers(logs, shows_distance=False)
    assert list(numbers)[:6] == ["d_loss", "g_loss", "d_real", "d_fake", "fid", "val_d_loss"]
    line = describe(37, 1875, None, 0.0123, numbers, with_bar=True)
    assert line == "  37/1875 ─────── 23s d_loss 1.250 g_loss 0.750 d_real 50% d_fake 75% fid 12.35"
    assert describe(937, 1875, None, 0.0123, {"nll": 2.0}, True) == f" 937/1875 {'━' * 9}{'─' * 11} 12s 12ms/step nll 2.000"
    assert describe(5, None, None, 2.0, {"nll": np.nan}, True) == "5/Unknown 2s/step nll nan"
    assert describe(10, 10, 5000.0, 500.0, {"nll": 12345.0}, False) == "10/10 1:23:20 500s/step nll 1.234e+04"
