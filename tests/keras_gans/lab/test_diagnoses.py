"""What the doctor says in the lab of trainings that fail, and of trainings that do not, within half a minute each.

It is half a minute of processor time of all threads, which is more than the time that passes on an idle machine.
"""

import queue
import time

import pytest

from keras_gans.lab.lessons import get_lesson
from keras_gans.lab.session import Session
from keras_gans.lab.settings import Setup, check_command

SECONDS = 30
SEEDS = range(10)
LINE = get_lesson("vanishing").runs[0].setup.points
FAILING = {
    "vanishing_gradients": (
        {"data": "drawn", "points": LINE},
        {"loss": "minimax", "generator_rate": 2e-5, "discriminator_rate": 1e-2, "critic_steps": 5},
    ),
    "divergence": ({}, {"loss": "wasserstein", "generator_rate": 1e-2, "discriminator_rate": 1e-2}),
    "mode_collapse": ({"data": "blobs"}, {"generator_rate": 3e-3}),
}
HEALTHY = {"gan": {}, "wgan_gp": {"model": "wgan_gp", "data": "grid"}, "r3gan": {"model": "r3gan", "data": "blobs"}}


def watch(setup, changes, seconds):
    """Trains until the doctor finds something or the time is over; returns what it found, the step and the seconds."""
    commands = queue.SimpleQueue()
    found = {}

    def emit(message):
        assert message.get("status") != "failed", message
        if message["type"] == "state":
            return
        if "began" not in found:
            # As after a click on Play.
            found["began"] = time.process_time()
            commands.put((1, check_command({"do": "change", **changes} if changes else {"do": "pause"})))
            commands.put((2, {"do": "play", "until": None}))
        elapsed = time.process_time() - found["began"]
        if (message["findings"] or elapsed > seconds) and "names" not in found:
            names = [finding["failure"] for finding in message["findings"]]
            found.update(names=names, step=message["step"], seconds=elapsed, measures=message["measures"])
            commands.put((3, None))

    Session(Setup(**setup), commands, emit).run()
    return found


# Last run: 0.1.0, 2026-11-30 (docs/lab.md).
@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("failure", FAILING)
def test_each_failure_brings_its_own_diagnosis(failure, seed):
    setup, changes = FAILING[failure]
    found = watch({**setup, "seed": seed}, changes, SECONDS)
    print(f"{failure}, seed {seed}: {found['names']} at step {found['step']} after {found['seconds']:.1f} s")
    assert found["names"] == [failure]


# Last run: 0.1.0, 2026-11-30, all ten seeds of each.
@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_runs_bring_none(name, seed):
    found = watch({**HEALTHY[name], "seed": seed}, {}, SECONDS)
    print(f"{name}, seed {seed}: {found['names']} at step {found['step']}, JS {found['measures']['js']}")
    assert found["names"] == []
