"""The same tests on JAX, in processes in which TensorFlow cannot be imported."""

import functools
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")


@pytest.fixture(scope="module")
def run_on_jax(tmp_path_factory):
    """Runs Python with arguments where TensorFlow is not; what one process has compiled serves all."""
    cache = tmp_path_factory.getbasetemp().parent / "compiled"
    return functools.partial(_run_on_jax, cache)


def _run_on_jax(cache, *command):
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": str(HERE / "without_tensorflow"),
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    # The outer test run's options (its number of processes) are not for the inner one.
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [sys.executable, *command], cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False
    )


# test_exact_resume_failures.py is about files, which no backend touches.
CALLBACKS = [f"keras_gans/callbacks/test_{name}.py" for name in ("evaluate_samples", "exact_resume")]
MORE_CALLBACKS = [
    f"keras_gans/callbacks/test_{name}.py" for name in ("callbacks", "keras_callbacks", "run_folder", "training_doctor")
]


@pytest.mark.parametrize(
    "tests",
    [
        ["keras_gans/adversarial", "keras_gans/backend"],
        [*CALLBACKS, "zoo/test_entries.py"],
        pytest.param(
            [*MORE_CALLBACKS, "keras_gans/evaluation", "keras_gans/metrics"],
            marks=pytest.mark.slow,  # two minutes (last run: 0.1.0, 2026-11-24)
        ),
    ],
    ids=["core", "callbacks", "evaluation"],
)
def test_the_core_and_every_entry_work_on_jax_without_tensorflow(tests, run_on_jax):
    process = run_on_jax("-m", "pytest", "-n", "0", "-q", *[str(HERE / path) for path in tests])
    assert process.returncode == 0, process.stdout[-6000:]
    passed = int(re.search(r"(\d+) passed", process.stdout)[1])
    assert passed > 15


def test_a_run_on_jax_gives_the_same_images_on_tensorflow(tmp_path, keras_gans_cli, run_on_jax):
    import numpy as np

    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.integers(0, 256, (64, 28, 28, 1), "uint8"))
    run = str(tmp_path / "run")
    train = ["-m", "keras_gans_tools.cli", "train", "dcgan", f"--dataset=npz:{tmp_path / 'data.npz'}", f"--run_dir={run}"]
    process = run_on_jax(*train, "--epochs=2", "--batch_size=16", "--set=width=8", "--ema=0.9")
    assert process.returncode == 0, process.stderr
    assert "on jax" in process.stdout
    process = run_on_jax("-m", "keras_gans_tools.cli", "generate", run, "--num=16", f"--output={tmp_path / 'jax.npy'}")
    assert process.returncode == 0, process.stderr
    environment = {"KERAS_BACKEND": "tensorflow"}
    done = keras_gans_cli("generate", run, "--num=16", f"--output={tmp_path / 'tensorflow.npy'}", env=environment)
    assert done.returncode == 0, done.stderr
    on_jax, on_tensorflow = (np.load(tmp_path / f"{name}.npy").astype(int) for name in ("jax", "tensorflow"))
    # 8-bit pixels: equal but for what rounds to the other side.
    assert np.abs(on_jax - on_tensorflow).max() <= 1
    assert (on_jax == on_tensorflow).mean() > 0.999


def test_export_on_jax_says_what_to_do(tmp_path, run_on_jax):
    process = run_on_jax(
        "-m", "keras_gans_tools.cli", "export", "dcgan_digits", "--format=tflite", f"--output={tmp_path}/x.tflite"
    )
    assert process.returncode == 2
    assert "KERAS_BACKEND=tensorflow" in process.stderr
    assert len(process.stderr.strip().splitlines()) == 1
