"""Exports need TensorFlow: tests/test_jax.py runs this where it is not."""

import keras
import pytest

from keras_gans_tools import cli


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="It is about JAX")
def test_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    command = ["keras-gans", "export", "dcgan_digits", "--format=tflite", f"--output={tmp_path / 'x.tflite'}"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    [line] = capsys.readouterr().err.strip().splitlines()
    assert "KERAS_BACKEND=tensorflow" in line
