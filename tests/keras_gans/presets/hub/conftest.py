"""What the tests of presets from elsewhere share."""

import shutil
import types

import pytest

import keras_gans
from keras_gans.presets.hub import web
from tests.support import small_disks
from tests.support.remote import PLACE, Remote

pooch = pytest.importorskip("pooch")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The folder of presets in a cache of this test; servers that do not answer are given up soon."""
    for name in ("KERAS_GANS_OFFLINE", "HF_HUB_OFFLINE", "HF_TOKEN", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_GANS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(web, "TIMEOUT", 0.5)
    monkeypatch.setattr(pooch.core, "time", types.SimpleNamespace(sleep=lambda seconds: None))  # no pause before a retry
    return tmp_path / "cache/presets"


@pytest.fixture
def small_disk(cache):
    """The cache on a disk of 4 megabytes."""
    with small_disks.small_disk(cache.parent, "4m") as folder:
        yield folder


@pytest.fixture
def remote():
    """A server."""
    remote = Remote()
    yield remote
    remote.stop()


@pytest.fixture(scope="session")
def whole_digits(tmp_path_factory):
    """The bundled preset with all its networks in float32: 3 MB, as a training run has it."""
    folder = tmp_path_factory.mktemp("presets") / "digits"
    keras_gans.save_preset(keras_gans.load_pretrained("dcgan_digits"), folder, dataset="digits", dataset_licence="CC BY 4.0")
    return folder


@pytest.fixture
def digits(tmp_path, whole_digits):
    """A copy of it, for a test to change."""
    return shutil.copytree(whole_digits, tmp_path / "digits")


@pytest.fixture
def published(remote, digits):
    """The same on the server: its address."""
    remote.publish(digits, PLACE)
    return f"{remote.url}{PLACE}"
