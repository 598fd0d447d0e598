"""What all tests share. Nothing here imports Keras before a test does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Sampling pictures, TensorBoard and the like must never look for a GPU in a test.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def keras_gans_cli():
    """Runs `keras-gans` with arguments in a process of its own; returns the finished process."""

    def run(*arguments, cwd=None, env=None, timeout=300):
        command = [Path(sys.executable).with_name("keras-gans"), *arguments]
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def tfds_data_dir():
    """The folder of prepared TensorFlow data sets, from the environment; skips where there is none."""
    folder = os.environ.get("TFDS_DATA_DIR")
    if not folder or not Path(folder, "mnist").is_dir():
        pytest.skip("TFDS_DATA_DIR names no folder with a prepared mnist")
    return Path(folder)
