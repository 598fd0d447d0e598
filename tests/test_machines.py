"""The scripts of docs/machines.md, run by two processes each, as launchers start them."""

import importlib.util
import os
import re
import subprocess
import sys

import pytest

import keras_gans
from tests.conftest import ROOT
from tests.support.ports import free_ports

_BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/machines.md").read_text(encoding="utf-8"), re.DOTALL)
_SCRIPTS = [re.sub(r"epochs=\d+", "epochs=1", block).replace('"dcgan"', '"gan"') for block in _BLOCKS]


def _jax(port, number, prefix):
    names = {
        "JAX": ("JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID"),
        "KERAS": ("KERAS_DISTRIBUTION_JOB_ADDRESSES", "KERAS_DISTRIBUTION_NUM_PROCESSES", "KERAS_DISTRIBUTION_PROCESS_ID"),
    }[prefix]
    return {"KERAS_BACKEND": "jax", **dict(zip(names, (f"127.0.0.1:{port}", "2", str(number)), strict=True))}


# A minute of processor time (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize(("script", "prefix", "run"), [(0, "JAX", "a"), (1, "KERAS", "b")])
def test_two_processes_run_a_script(script, prefix, run, tmp_path, user_environment):
    (port,) = free_ports(1)
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _SCRIPTS[script]],
            cwd=tmp_path,
            env={**user_environment, **path, **_jax(port, number, prefix)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in range(2)
    ]
    try:
        printed = [process.communicate(timeout=900)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], "".join(printed)[-6000:]
    assert keras_gans.load_pretrained(tmp_path / "runs" / run).generate(2, seed=0).shape == (2, 28, 28, 1)
    if script == 0:
        means = [re.search(r"workers=2\) (\S+)", text).group(1) for text in printed]
        assert means[0] == means[1]


def test_every_script_is_run():
    assert len(_SCRIPTS) == 2
