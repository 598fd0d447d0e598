"""Data sources of other packages."""

import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest

from keras_gans.data import Data, load_data
from keras_gans.data.registry import SOURCES, Loader, usages
from keras_gans.media import MEDIA, Medium


class Waves(Medium):
    name = "waves"


class Recordings(Loader):
    """Sine waves of as many samples as an option says."""

    argument = "PITCH"
    splits = ("train", "test")
    options = ("length",)
    without_image_size = "waves"
    seen: ClassVar[list] = []

    def load(self, request):
        self.seen.append(request)
        phases = np.arange(10)[:, None] + np.arange(request.options.get("length", 6))
        samples = np.sin(float(request.rest) * phases)[..., None].astype("float32")
        return Data(request.name, samples, medium=Waves(samples.shape[1:]), licence="CC0")


@pytest.fixture
def recordings(monkeypatch):
    for registry, name, thing in ((SOURCES, "waves", Recordings), (MEDIA, "waves", Waves)):
        monkeypatch.setattr(registry, "_things", dict(registry._things))
        registry.register(name)(thing)
    Recordings.seen.clear()


@pytest.mark.usefixtures("recordings")
def test_another_source_with_its_own_option_and_medium():
    data = load_data("waves:0.5", split="test", length=9)
    assert data.shape == (9, 1)
    assert data.medium == Waves((9, 1))
    assert (data.name, data.split, data.licence) == ("waves:0.5", "test", "CC0")
    assert load_data("waves:0.5").shape == (6, 1)
    (first, second) = Recordings.seen
    assert (first.name, first.rest, first.split, first.image_shape, dict(first.options)) == (
        "waves:0.5",
        "0.5",
        "test",
        None,
        {"length": 9},
    )
    assert dict(second.options) == {}
    with pytest.raises(AttributeError):
        first.split = "train"


@pytest.mark.usefixtures("recordings")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "tset"}, r"no split of waves:1 'tset'. Did you mean 'test'\? There are: train, test\."),
        ({"lenght": 3}, r"no option of waves:1 'lenght'. Did you mean 'length'\? There are: .*crop.*length"),
        ({"service": "grpc://x:1"}, "waves:1 takes no option 'service': only tfrecord:PATH takes it"),
        ({"image_shape": (8, 8)}, "waves:1 holds waves, which has no image size"),
        ({"flip": True}, "waves:1 holds waves, which cannot be flipped"),
        ({"crop": "middle"}, "no crop 'middle'"),
    ],
)
def test_what_another_source_does_not_have_is_refused_before_it_loads(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_data("waves:1", **arguments)
    assert "flip" in arguments or not Recordings.seen


@pytest.mark.usefixtures("recordings")
def test_other_sources_are_in_the_lists():
    assert "waves:PITCH" in usages()
    with pytest.raises(
        ValueError,
        match=r"'wave:'.*tfds:NAME \(or the name alone\), tfrecord:PATH, .*, wav:PATH, waves:PITCH",
    ):
        load_data("wave:1")
    with pytest.raises(ValueError, match=r"no data source 'wavs'. Did you mean 'waves'.*waves:PITCH, and every data set"):
        load_data("wavs")
    with pytest.raises(ValueError, match="'waves:' names nothing after the colon: it needs a PITCH"):
        load_data("waves:")
    with pytest.raises(ValueError, match=r"digits takes no option 'length': only wav:PATH, waves:PITCH take it"):
        load_data("digits", length=3)


def test_built_in_sources_say_what_they_take():
    assert {"digits", "ring", "grid", "folder:PATH", "tfrecord:PATH", "npz:PATH", "text:PATH", "tfds:NAME"} <= set(usages())
    with pytest.raises(ValueError, match="'ring:8' takes nothing after a colon"):
        load_data("ring:8")
    with pytest.raises(ValueError, match="'folder' names nothing after the colon"):
        load_data("folder")
    with pytest.raises(ValueError, match=r"ring holds points, which has no image size"):
        load_data("ring", image_shape=(8, 8))


def test_a_source_of_an_installed_package_is_found(tmp_path):
    information = tmp_path / "sounds-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: sounds\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[keras_gans.sources]\nsounds = sounds\nbroken = not_there\n")
    (tmp_path / "sounds.py").write_text("""
import numpy as np
from keras_gans.data import Data
from keras_gans.data.registry import SOURCES, Loader

@SOURCES.register("sounds")
class Sounds(Loader):
    argument = "PATH"
    options = ("seconds",)

    def load(self, request):
        return Data(request.name, np.zeros((3, request.options["seconds"]), "float32"))
""")
    code = f"""
import sys
sys.path.append({str(tmp_path)!r})
from keras_gans.data import load_data
assert "sounds" not in sys.modules
print(load_data("sounds:here", seconds=5).shape)
try:
    load_data("nothing:here")
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("(5,)\n")
    assert "There are: aligned:PATH, blobs, broken, digits, folder:PATH" in done.stdout
    assert "sounds:PATH" in done.stdout
