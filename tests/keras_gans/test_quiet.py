"""What TensorFlow prints when keras_gans is the first to import it: nothing."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from keras_gans import _quiet


def run(code, env):
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)


def test_a_script_sees_no_log_of_tensorflow(user_environment):
    process = run("import keras_gans; keras_gans.GAN; import tensorflow as tf; print(tf.constant(1) + 1)", user_environment)
    assert process.stderr == ""
    assert process.stdout.startswith("tf.Tensor(2")


@pytest.mark.parametrize(("level", "hidden"), [("0", False), ("2", False), ("3", True), (None, True)])
def test_a_level_that_the_user_has_chosen_is_kept(monkeypatch, level, hidden):
    installed = []
    monkeypatch.setattr(_quiet._imports, "Around", lambda *given: SimpleNamespace(install=lambda: installed.append(given)))
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    if level is not None:
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", level)
    _quiet.hide_log()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == (level or "3")
    assert bool(installed) is hidden


LINES = b"I0000 00:00:17 17 port.cc:153] oneDNN\nWARNING: All log messages before absl::Init\nA warning of someone else\n"


def test_other_lines_are_printed(capfd):
    with _quiet.quietly(_quiet._TENSORFLOW_LOG):
        os.write(2, LINES)
    assert capfd.readouterr().err == "A warning of someone else\n"


def test_all_lines_are_printed_when_an_import_fails(capfd):
    with pytest.raises(ImportError), _quiet.quietly():
        os.write(2, LINES)
        raise ImportError("broken")
    assert capfd.readouterr().err == LINES.decode()
