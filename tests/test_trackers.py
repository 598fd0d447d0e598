"""Every block of docs/trackers.md, run with the packages that it is about, where they are installed."""

import importlib.util
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

_BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/trackers.md").read_text(encoding="utf-8"), re.DOTALL)
# What a block leaves behind, by the package that it is about.
_LEFT = {
    "wandb": "wandb/offline-run-*/files/media/images/samples_*.png",
    "mlflow": "mlruns/**/artifacts/samples/epoch_0002.png",
    "trackio": "home/.cache/huggingface/trackio/media/**/*.png",
    "keras_tuner": "runs/tuning/digits/trial_*/checkpoint.weights.h5",
}


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
@pytest.mark.parametrize("package", _LEFT)
def test_every_block_runs(package, tmp_path, user_environment):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    (block,) = (block for block in _BLOCKS if re.search(rf"^import {package}$", block, re.MULTILINE))
    shorter, changes = re.subn(r"epochs=\d+", "epochs=2", block)
    assert changes
    (tmp_path / "home").mkdir()
    places = {"HOME": str(tmp_path / "home"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.run(
        [sys.executable, "-c", shorter],
        cwd=tmp_path,
        env={**user_environment, **places},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert list(tmp_path.glob(_LEFT[package]))


def test_every_package_has_a_block():
    assert len(_BLOCKS) == len(_LEFT)
