"""Several processes train one model on JAX: see `tests.support.replicas` for what they train."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.support.ports import free_ports

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")

FAST = ("arrays",)
SLOW = ("without_fit", "critic_steps", "batch_norm", "files", "resumed", "chief_alone", "float16")


def start(output, *arguments, **environment):
    """Starts a process that trains, on JAX and without TensorFlow."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.replicas", str(output), *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "tests/without_tensorflow"), os.environ.get("PYTHONPATH", "")]),
            "JAX_COMPILATION_CACHE_DIR": str(output.parent / "compiled"),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process, output):
    printed, _ = process.communicate(timeout=900)
    assert process.returncode == 0, printed[-6000:]
    with np.load(output) as archive:
        return dict(archive)


def train(folder, cases, **environment):
    """Returns what two workers, each with one CPU, have made of the cases; and the first of them, afterwards, alone."""
    addresses = ",".join(f"127.0.0.1:{port}" for port in free_ports(2))
    outputs = [folder / f"worker_{number}.npz" for number in range(2)]
    kinds = ("multi_worker,one", "multi_worker")
    workers = [
        start(output, kinds[number], ",".join(cases), addresses, str(number), **environment)
        for number, output in enumerate(outputs)
    ]
    try:
        return [finish(*each) for each in zip(workers, outputs, strict=True)]
    finally:
        for worker in workers:
            worker.kill()


def assert_trained_as_one_device(workers, cases):
    for case in cases:
        for name in ("weights", "logs"):
            alone = workers[0][f"one/{case}/{name}"]
            assert np.isfinite(alone).all()
            tolerance = 2e-3 if case == "float16" else 1e-5
            first, second = (worker[f"multi_worker/{case}/{name}"] for worker in workers)
            np.testing.assert_array_equal(first, second, err_msg=f"{case} {name}")
            np.testing.assert_allclose(first, alone, rtol=tolerance, atol=tolerance, err_msg=f"{case} {name}")


# Half a minute of processor time (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_two_processes_train_as_one_device_does_on_the_whole_batch(tmp_path):
    # What steps compute is tested, not how fast: compiling takes half the time.
    flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    assert_trained_as_one_device(train(tmp_path, FAST, XLA_FLAGS=flags), FAST)


# Two minutes of processor time (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_more_than_two_processes_train_as_one_device_does(tmp_path):
    (tmp_path / "pictures").mkdir()
    rng = np.random.default_rng(0)
    for number in range(128):
        Image.fromarray(rng.integers(0, 256, (9, 12), "uint8")).save(tmp_path / "pictures" / f"{number:03}.png")
    workers = train(tmp_path, SLOW)
    assert_trained_as_one_device(workers, SLOW)
    for worker in workers:
        np.testing.assert_array_equal(worker["multi_worker/resumed/weights"], worker["multi_worker/resumed/whole"])
        np.testing.assert_array_equal(worker["multi_worker/resumed/epochs"], [1])
    mirrored = tmp_path / "mirrored.npz"
    devices = finish(start(mirrored, "mirrored", "critic_steps,files"), mirrored)
    for case in ("critic_steps", "files"):
        np.testing.assert_array_equal(workers[0][f"multi_worker/{case}/weights"], devices[f"mirrored/{case}/weights"])
