"""The line that shows the progress of training."""

import io
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.callbacks import EvaluateSamples
from keras_gans_tools.common import progress
from keras_gans_tools.common.run import default_ema

LOGS = {"d_loss": 1.0, "g_loss": 2.0, "d_real": 0.5, "d_fake": 0.25}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (45, "45 s"),
        (61, "1 min 1 s"),
        (3 * 3600 + 59 * 60 + 20, "3 h 59 min"),
        (7200, "2 h"),
        (14_392 * 60, "9 d 23 h"),
        (86_400 + 60, "1 d"),
    ],
)
def test_durations(seconds, text):
    assert progress.duration(seconds) == text


def test_one_is_singular():
    assert progress.counted(1, "step") == "1 step"
    assert progress.counted(2000, "step") == "2,000 steps"


def rate(per_second, steps_left):
    return SimpleNamespace(per_second=per_second, done=2, seconds_left=steps_left / per_second)


def test_the_line():
    line = progress.describe(3, 50, 10, 28, rate(2.0, 1000), LOGS, "fid 12.3 (epoch 2)")
    assert line == (
        "epoch 3/50 step 10/28  2.0 steps/s, 8 min 20 s left  loss D 1.00 G 2.00, fid 12.3 (epoch 2), "
        "D right on 50% real 25% fake"
    )


def test_slow_steps_have_seconds_and_a_first_one_no_speed():
    assert "step 2/28  12 s/step, 3 min 20 s left  loss" in progress.describe(1, 1, 2, 28, rate(1 / 12, 200 / 12), LOGS)
    only = SimpleNamespace(per_second=0.0, seconds_left=0.0)
    assert "step 1/1  loss" in progress.describe(1, 1, 1, 1, only, LOGS)


def test_a_critic_has_no_accuracies():
    assert "right" not in progress.describe(3, 50, 10, 28, rate(2.0, 1000), LOGS, accuracies=False)


def test_pretraining_shows_its_own_loss():
    line = progress.describe(1, 2, 3, 4, rate(2.0, 6), {**LOGS, "nll": 3.5, "val_nll": 3.75})
    assert line == "epoch 1/2 step 3/4  2.0 steps/s, 3 s left  nll 3.500, nll 3.750 held out"


def test_a_metric_is_shown_with_its_epoch_once_it_is_measured():
    evaluator = keras_gans.evaluation.Evaluator(keras_gans.load_data("ring"), num=64)
    evaluation, shown = EvaluateSamples(evaluator, every=2), {}

    class Look(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            shown[epoch] = progress.measured(evaluation)

    assert progress.measured(None) == progress.measured(evaluation) == ""
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, seed=0)
    points = np.zeros((64, 2), "float32")
    model.fit(points, batch_size=32, epochs=4, verbose=0, callbacks=[Look(), evaluation])
    values = [numbers["fid"] for _, numbers in evaluation.history]
    # After the first epoch, and after every second one.
    assert shown == {
        0: "",
        1: f"fid {values[0]:.4g} (epoch 1)",
        2: f"fid {values[1]:.4g} (epoch 2)",
        3: f"fid {values[1]:.4g} (epoch 2)",
    }


def test_a_long_run_is_estimated_from_its_first_steps_with_a_hint(monkeypatch, capsys):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: clock.now)
    callback = progress.make_callback((0, 0), 100, 1000, hint="To take less time: a GPU.")
    callback.set_model(SimpleNamespace(adversarial_loss=keras_gans.losses.NonSaturating(), stop_training=False))
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    clock.now = 30.0  # compiling, which does not count
    for step in range(70):
        callback.on_train_batch_end(step, LOGS)
        clock.now += 1.0
    callback.on_train_end()
    estimate, hint, *lines = capsys.readouterr().out.splitlines()
    assert estimate == "At the speed of the first steps, 1 steps/s: 1 d 3 h left."
    assert hint == "To take less time: a GPU."
    assert len(lines) == 1  # once a minute where nobody watches
    assert lines[0].startswith("epoch 1/100 step 32/1000  1.0 steps/s, 1 d 3 h left")


def test_the_speed_counts_all_steps_of_an_execution(monkeypatch, capsys):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: clock.now)
    callback = progress.make_callback((0, 0), 1, 100)
    callback.set_model(SimpleNamespace(adversarial_loss=keras_gans.losses.NonSaturating(), stop_training=False))
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    clock.now = 30.0  # compiling, with the first 40 steps
    for last in (39, 79, 99):
        callback.on_train_batch_end(last, LOGS)
        clock.now += 2.0
    clock.now -= 2.0
    callback.on_epoch_end(0, LOGS)
    callback.on_train_end()
    assert capsys.readouterr().out.startswith("epoch 1/1 step 100/100  15.0 steps/s  ")


def test_a_terminal_has_one_line_of_its_own_width(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    callback = progress.make_callback((0, 0), 1, 2)
    callback.set_model(SimpleNamespace(adversarial_loss=keras_gans.losses.NonSaturating(), stop_training=False))
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(0, LOGS)
    callback.on_train_batch_end(1, LOGS)
    callback.on_epoch_end(0, LOGS)
    callback.on_train_end()
    line = terminal.getvalue().removesuffix("\n").split("\r\033[K")[-1]
    assert line.startswith("epoch 1/1 step 2/2")
    assert len(line) == 59


@pytest.mark.parametrize(("steps", "ema"), [(10, 0.9), (640, 0.9688), (20_000, 0.999), (10_000_000, 0.9999)])
def test_the_average_is_over_a_twentieth_of_a_run(steps, ema):
    assert default_ema(steps) == ema


# Ctrl-C in a step that takes long: nothing of Python runs meanwhile.

SLOW_STEP = """
import sys, time
from keras_gans_tools.common.interruption import interruptible
with interruptible(lambda: None, lambda: "Nothing is lost.") as interruption:
    interruption.begun = sys.argv[1] == "later"
    print("ready", flush=True)
    time.sleep(600)
"""


def interrupted(when):
    process = subprocess.Popen([sys.executable, "-c", SLOW_STEP, when], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    return process


def test_ctrl_c_in_a_slow_first_step_ends_the_process():
    process = interrupted("first")
    output, _ = process.communicate(timeout=60)
    assert output.strip() == "Stopped. Nothing is lost."
    assert process.returncode == 130


def test_ctrl_c_in_a_slow_later_step_waits_for_a_second_one():
    process = interrupted("later")
    while "Press Ctrl-C again" not in process.stdout.readline():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert output.strip() == "Stopped. Nothing is lost."
    assert process.returncode == 143


TURNED_INTO_ANOTHER_ERROR = """
import time
from keras_gans_tools.common import program
def main(arguments):
    print("ready", flush=True)
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        raise KeyError("a callback failed")
__file__ = "evaluate.py"
program.run(main, ["evaluate"])
"""


def test_ctrl_c_is_no_error_whatever_a_library_makes_of_it():
    command = [sys.executable, "-c", TURNED_INTO_ANOTHER_ERROR]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "\nkeras-gans evaluate: stopped.\n"
