"""Several devices and several workers train as one: see `tests.support.replicas` for what they train."""

import fcntl
import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_gans import distribution
from tests.support import replicas
from tests.support.forked import Forked
from tests.support.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
# Without BatchNorm the global batch determines everything. Rounding of float16 is larger.
ALONE = ("arrays", "critic_steps", "stream", "files", "another_tf_data", "float16")
ALIKE = (*ALONE, "batch_norm", "resumed", "chief_alone")
TOLERANCE = {"float16": 2e-3}

# All train on one device, on two and on two workers: a minute and a half (last run: 0.1.0, 2026-11-26).
trains = pytest.mark.slow


def start(output, *arguments):
    return Forked(replicas.main, (output, *arguments))


def finish(process, output):
    finished = process.finish(timeout=200)
    assert finished.returncode == 0, (finished.stdout + finished.stderr)[-6000:]
    return read(output)


def read(output):
    with np.load(output) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def results(shared_folder, request):
    """What all cases that are asked for gave on one device, on two of one process and on two workers."""
    asked = {getattr(item, "callspec", None) and item.callspec.params.get("case") for item in request.session.items}
    alike = [case for case in ALIKE if case in asked or case not in ALONE]
    folder = shared_folder / "replicas"
    with open(shared_folder / "replicas.lock", "w") as lock:  # each test process may come here
        fcntl.flock(lock, fcntl.LOCK_EX)
        names = {name: folder / f"{name}.npz" for name in ("one_process", "scope", "worker_0", "worker_1")}
        if not folder.exists():
            train_everything(folder, names, alike)
    found = {}
    for name, path in names.items():
        with np.load(path) as archive:
            found |= {f"{name}/{key}" if "worker" in name else key: archive[key] for key in archive.files}
    return found


def train_everything(folder, names, alike):
    (folder / "pictures").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(128):
        Image.fromarray(rng.integers(0, 256, (9, 12), "uint8")).save(folder / "pictures" / f"{number:03}.png")
    everything = ",".join((*alike, "overflow", "on_each_replica", "refusals"))
    finish(start(names["one_process"], "mirrored,one", everything), names["one_process"])
    finish(start(names["scope"], "scope", "arrays,refusals"), names["scope"])
    addresses = ",".join(f"127.0.0.1:{port}" for port in free_ports(2))
    workers = [start(names[f"worker_{n}"], "multi_worker", ",".join((*alike, "overflow")), addresses, str(n)) for n in range(2)]
    for number, worker in enumerate(workers):
        finish(worker, names[f"worker_{number}"])


@trains
@pytest.mark.parametrize("case", ALIKE)
def test_two_workers_train_as_two_devices_do_digit_for_digit(results, case):
    for worker in range(2):
        for name in ("weights", "logs"):
            expected = results[f"mirrored/{case}/{name}"]
            assert np.isfinite(expected).all()
            np.testing.assert_array_equal(results[f"worker_{worker}/multi_worker/{case}/{name}"], expected)


@trains
@pytest.mark.parametrize("case", ALONE)
def test_two_devices_train_as_one_does_on_the_whole_batch(results, case):
    for name in ("weights", "logs"):
        tolerance = TOLERANCE.get(case, 1e-5)
        one, two = results[f"one/{case}/{name}"], results[f"mirrored/{case}/{name}"]
        np.testing.assert_allclose(two, one, rtol=tolerance, atol=tolerance)


@trains
def test_a_strategy_scope_of_tensorflows_own_does_the_same(results):
    np.testing.assert_array_equal(results["scope/arrays/weights"], results["mirrored/arrays/weights"])


@trains
@pytest.mark.parametrize("place", ["one", "mirrored", "worker_0/multi_worker", "worker_1/multi_worker"])
def test_training_that_was_broken_off_goes_on_exactly(results, place):
    np.testing.assert_array_equal(results[f"{place}/resumed/weights"], results[f"{place}/resumed/whole"])
    np.testing.assert_array_equal(results[f"{place}/resumed/epochs"], [1])


@trains
@pytest.mark.parametrize("place", ["one", "mirrored", "worker_0/multi_worker", "worker_1/multi_worker"])
def test_a_float16_overflow_of_one_player_holds_only_that_player_back(results, place):
    assert not results[f"{place}/overflow/discriminator"]
    assert results[f"{place}/overflow/generator"]
    assert results[f"{place}/overflow/average"]
    # The discriminator's loss is scaled by half of what was too much; the generator's by what it was.
    np.testing.assert_array_equal(results[f"{place}/overflow/scales"], [2.0**15, 0.5])


@trains
def test_weights_stay_float32_under_mixed_precision(results):
    assert results["mirrored/float16/dtypes"].tolist() == ["float32"]


@trains
def test_devices_hold_the_same_variables_and_draw_different_noise(results):
    copies, equal = results["mirrored/on_each_replica/copies"], results["mirrored/on_each_replica/equal"]
    assert set(copies.tolist()) == {2}
    assert equal.all()
    one, other = results["mirrored/on_each_replica/noise"]
    assert (one != other).any()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_mirroring_on_a_single_device_trains_as_without():
    outcomes = []
    for kind in (None, "mirrored"):
        with distribution.distribute(kind):
            outcomes.append(replicas.arrays(None, None))
    np.testing.assert_allclose(outcomes[1]["weights"], outcomes[0]["weights"], atol=1e-6)


@trains
@pytest.mark.parametrize(("kind", "devices"), [("one", 1), ("mirrored", 2), ("scope", 2)])
def test_what_devices_cannot_share_is_refused(results, kind, devices):
    odd_batch, grouped_steps = (str(results[f"{kind}/refusals/{name}"]) for name in ("odd_batch", "grouped_steps"))
    assert bool(odd_batch) == bool(grouped_steps) == (devices > 1)
    if devices > 1:
        assert "63" in odd_batch
        assert "2" in odd_batch
        assert "steps_per_execution=4" in grouped_steps


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_two_devices_of_jax_train_as_one_does(tmp_path):
    """Half a minute (last run: 0.1.0, 2026-11-24)."""
    cases = ("arrays", "critic_steps", "batch_norm", "resumed")
    output = tmp_path / "x.npz"
    process = subprocess.run(
        [sys.executable, "-m", "tests.support.replicas", str(output), "mirrored,one", ",".join(cases)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )
    assert process.returncode == 0, process.stdout[-6000:]
    found = read(output)
    for case in cases:
        np.testing.assert_allclose(
            found[f"mirrored/{case}/weights"], found[f"one/{case}/weights"], rtol=1e-5, atol=1e-5, err_msg=case
        )
    np.testing.assert_array_equal(found["mirrored/resumed/weights"], found["mirrored/resumed/whole"])


# What can be seen before a backend is imported.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mirored",), "mirrored"),
        (("mirrored", 0), "devices must be at least 1"),
        (("tpu", 2), "devices must be"),
        (("mirrored", None, ["a:1"]), "Workers are for the distribution multi_worker"),
        (("multi_worker",), r"--workers=HOST:PORT,HOST:PORT.*TF_CONFIG"),
        (("multi_worker", None, ["a"], 0), r"HOST:PORT; received 'a'"),
        (("multi_worker", None, ["a:1", "a:1"], 0), "Two workers have the same address"),
        (("multi_worker", None, ["a:1", "b:1"], 2), r"from 0 to 1"),
        (("multi_worker", None, ["a:70000", "b:1"], 0), "at most 65535"),
    ],
    ids=str,
)
def test_descriptions_that_make_no_sense(arguments, message, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ValueError, match=message):
        distribution.check(*arguments)


def test_a_port_in_use_is_said_at_once():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(ValueError, match=rf"Port {port} of worker 0 .* cannot be used: Address already in use"):
            distribution.check("multi_worker", None, [f"127.0.0.1:{port}", "127.0.0.1:1"], 0)


def test_tf_config_describes_the_workers(monkeypatch):
    ports = free_ports(2)
    addresses = [f"127.0.0.1:{port}" for port in ports]
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(task))
    assert distribution.check("multi_worker") == distribution.Workers(1, 2, tuple(addresses))


@pytest.mark.parametrize(
    "variables",
    [
        {"JAX_COORDINATOR_ADDRESS": "host:5000", "JAX_NUM_PROCESSES": "3", "JAX_PROCESS_ID": "2"},
        {"COORDINATOR_ADDRESS": "host", "COORDINATOR_PORT": "5000", "NUM_PROCESSES": "3", "PROCESS_ID": "2"},
        {"MASTER_ADDR": "host", "MASTER_PORT": "5000", "WORLD_SIZE": "3", "RANK": "2"},
        {
            "KERAS_DISTRIBUTION_JOB_ADDRESSES": "host:5000",
            "KERAS_DISTRIBUTION_NUM_PROCESSES": "3",
            "KERAS_DISTRIBUTION_PROCESS_ID": "2",
        },
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_launchers_describe_the_workers(variables, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert distribution.check("multi_worker") == distribution.Workers(2, 3, ("host:5000",))


def test_slurm_is_left_to_jax(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setenv("SLURM_STEP_NODELIST", "node[1-2]")
    assert distribution.check("multi_worker").count is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"JAX_PROCESS_ID": "3"}, "from 0 to 2"),
        ({"JAX_PROCESS_ID": "first"}, "JAX_PROCESS_ID must be a number; it is 'first'"),
        ({"JAX_COORDINATOR_ADDRESS": "host"}, "HOST:PORT; received 'host'"),
        ({"JAX_COORDINATOR_ADDRESS": "a:1,b:1"}, "2 addresses were given for 3 workers"),
    ],
    ids=str,
)
def test_a_launcher_that_makes_no_sense(changes, message, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    variables = {"JAX_COORDINATOR_ADDRESS": "host:1", "JAX_NUM_PROCESSES": "3", "JAX_PROCESS_ID": "2"} | changes
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=message):
        distribution.check("multi_worker")
