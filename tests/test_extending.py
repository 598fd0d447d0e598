"""Every block of docs/extending.md, run: its package is installed as pip would install it."""

import json
import os
import re
import tomllib

import pytest

from tests.conftest import ROOT
from tests.support import pages
from tests.support.forked import Forked

_BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "docs/extending.md").read_text(encoding="utf-8"), re.DOTALL)
PACKAGE = {text.split("\n")[0].removeprefix("# "): text for _, text in _BLOCKS if text.startswith("# ")}
PYTHON = [text for language, text in _BLOCKS if language == "python" and not text.startswith("# ")]


@pytest.fixture
def installed(tmp_path):
    """The environment of processes in which the package is installed."""
    for name, text in PACKAGE.items():
        (tmp_path / name).write_text(text)
    project = tomllib.loads(PACKAGE["pyproject.toml"])["project"]
    information = tmp_path / f"ring_gans-{project['version']}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    ((group, points),) = project["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (information / "entry_points.txt").write_text("\n".join(lines))
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")])}


def test_the_package_has_about_25_lines():
    lines = [line for text in PACKAGE.values() for line in text.splitlines() if line.strip()]
    assert set(PACKAGE) == {"pyproject.toml", "ring_gans.py"}
    assert len(lines) <= 40  # ten of them a docstring


def test_every_block_runs_and_the_preset_names_the_package(installed, tmp_path, user_environment):
    count = "print(keras_gans.registry.get_entry('ring_gan').parameters, keras_gans.create_model('ring_gan').count_params())"
    process = Forked(pages.run_python, [*PYTHON, count], tmp_path, {**user_environment, **installed}).finish(300)
    assert process.returncode == 0, process.stderr
    assert "  units = 16\n      Units of the hidden layers.\n" in process.stdout
    said, counted = process.stdout.split()[-2:]
    assert said == counted
    assert json.loads((tmp_path / "ring/config.json").read_text())["requires_package"] == "ring-gans"


def test_the_command_line_knows_the_model(installed, tmp_path, keras_gans_forked):
    process = keras_gans_forked(
        *("train", "ring_gan", "--dataset=ring", "--set=units=8", "--epochs=1", "--metrics=none", "--run_dir=run"),
        cwd=tmp_path,
        env=installed,
    )
    assert process.returncode == 0, process.stderr
    assert json.loads((tmp_path / "run/config.json").read_text())["arguments"]["units"] == 8
    # Without the package, its presets say what to install.
    process = keras_gans_forked("generate", "run", cwd=tmp_path)
    assert process.returncode == 2
    assert "Install the package that registers it: pip install ring-gans." in process.stderr
