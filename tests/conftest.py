"""What all tests share. Nothing here imports Keras before a test does."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

# If the environment forbids to keep compiled modules, each of the many processes that tests start would compile them anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
_SILENCED = {"TF_CPP_MIN_LOG_LEVEL": "3"}
os.environ.update(_SILENCED)
# Features of real samples are kept for the length of the tests, not among the user's.
_CACHE = tempfile.TemporaryDirectory()
os.environ["KERAS_GANS_CACHE"] = _CACHE.name

ROOT = Path(__file__).resolve().parents[1]


def _take_own_cores():
    """Gives each test process cores of its own: some schedulers leave all of them, and what they start, on one."""
    number, count = os.environ.get("PYTEST_XDIST_WORKER", "")[2:], int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    if not (number.isdigit() and hasattr(os, "sched_setaffinity")):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) >= count > 1:
        os.sched_setaffinity(0, cores[int(number) :: count])


_take_own_cores()
# Who starts the tests in the background may have Ctrl-C ignored, and so would the programs that are interrupted here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    """Takes what has been imported out of the collections of garbage: they were a tenth of the time that the tests took."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """A folder of this test run that all its processes share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def user_environment():
    """The environment in which a user runs programs: whatever the tests silence is loud there."""
    return {name: value for name, value in os.environ.items() if name not in _SILENCED}


@pytest.fixture(scope="session")
def keras_gans_cli(user_environment):
    """Runs `keras-gans` with arguments in a process of its own; returns the finished process."""

    def run(*arguments, cwd=None, env=None, timeout=300, typed=""):
        command = [Path(sys.executable).with_name("keras-gans"), *arguments]
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**user_environment, **(env or {})},
            capture_output=True,
            input=typed,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def keras_gans_forked(user_environment):
    """The same, much sooner, in a process forked from one that has imported Keras.

    What concerns a process from its beginning (how long it takes, what is printed or imported) is tested by `keras_gans_cli`.
    """
    from tests.support.forked import Forked, keras_gans

    def run(*arguments, cwd=None, env=None, timeout=300):
        return Forked(keras_gans, arguments, cwd, {**user_environment, **(env or {})}).finish(timeout)

    return run


@pytest.fixture
def tfds_data_dir():
    """The folder of prepared TensorFlow data sets, from the environment; skips where there is none."""
    folder = os.environ.get("TFDS_DATA_DIR")
    if not folder or not Path(folder, "mnist").is_dir():
        pytest.skip("TFDS_DATA_DIR names no folder with a prepared mnist")
    pytest.importorskip("tensorflow", exc_type=ImportError)
    return Path(folder)
