"""A medium, a data source and a model of another package, in one file of it: train, go on, generate, list."""

import json
import os
import shutil

import numpy as np
import pytest

MODULE = '''
"""Waveforms: a medium with a rate, a source of them, and a model."""

import numpy as np

import keras_gans
from keras_gans.data import Data
from keras_gans.data.registry import SOURCES, Loader
from keras_gans.media import MEDIA, Medium
from keras_gans.media.writers import ArrayWriter, Writer


class RawWriter(Writer):
    words = "raw numbers"

    def write(self, model, labels=None, batch_size=64, **sampling):
        self.output.write_bytes(model.generate(batch_size=batch_size, **sampling).tobytes())


@MEDIA.register("waves")
class Waves(Medium):
    name = "waves"
    many = "waveforms"
    sampling_options = ("truncation",)
    writers = {".npy": ArrayWriter, ".raw": RawWriter}
    default_output = "samples.raw"

    def __init__(self, sample_shape, rate=8000):
        super().__init__(sample_shape)
        self.rate = rate

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}

    def builder_arguments(self):
        return {"samples": self.sample_shape[0]}

    def preset_files(self, model):
        return {"samples.raw": lambda path: self.writer(path).write(model, n=2, seed=0)}


@SOURCES.register("sines")
class Sines(Loader):
    argument = "RATE"
    splits = ("train", "held_out")
    without_image_size = "waveforms"

    def load(self, request):
        random = np.random.default_rng(request.split == "held_out")
        waves = np.sin(random.uniform(0.1, 1, (64, 1, 1)) * np.arange(16)[:, None]).astype("float32")
        return Data(request.name, waves, medium=Waves(waves.shape[1:], int(request.rest)))


@keras_gans.register_model("wave_gan", medium="waves", summary="One hidden layer.", parameters=200)
def wave_gan(samples=8, units=5):
    import keras
    from keras import layers

    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(units, "relu"), layers.Dense(samples, "tanh"), layers.Reshape((samples, 1))]
    )
    discriminator = keras.Sequential([keras.Input((samples, 1)), layers.Flatten(), layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, 0, medium=Waves((samples, 1)))
    model.compile("adam", keras.optimizers.Adam(1e-3))
    return model
'''


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The environment that has the package."""
    folder = tmp_path_factory.mktemp("site")
    information = folder / "sound-1.0.dist-info"
    information.mkdir()
    (folder / "sound.py").write_text(MODULE)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: sound\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[keras_gans.zoo]\nwave_gan = sound\n[keras_gans.media]\nwaves = sound\n[keras_gans.sources]\nsines = sound\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(scope="module")
def run(keras_gans_cli, package, tmp_path_factory):
    """The folder of a run of one epoch, and what it printed."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    train = ("train", "wave_gan", "--dataset=sines:100", "--batch_size=16", "--epochs=1", "--metrics=none")
    process = keras_gans_cli(*train, f"--run_dir={folder}", env=package)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    return folder, process.stdout


def test_a_run_keeps_what_its_data_say(run):
    folder, printed = run
    assert printed.splitlines()[-1].startswith(f"Wrote {folder}: look at {folder / 'samples.raw'}, or draw more")
    metadata = json.loads((folder / "preset.json").read_text())
    assert metadata["medium"] == {"name": "waves", "sample_shape": [16, 1], "rate": 100}
    assert json.loads((folder / "config.json").read_text())["arguments"] == {"samples": 16, "units": 5}
    assert (folder / "samples.raw").stat().st_size == 2 * 16 * 4
    # What the source holds out is what training is judged by.
    assert "val_discriminator_loss" in json.loads((folder / "logs" / "train.jsonl").read_text().splitlines()[0])


def test_it_goes_on_and_generates(run, keras_gans_cli, package, tmp_path):
    folder = shutil.copytree(run[0], tmp_path / "copy")
    process = keras_gans_cli("train", "--resume", "--epochs=2", f"--run_dir={folder}", env=package)
    assert process.returncode == 0, process.stderr
    process = keras_gans_cli("generate", folder, "--num=3", cwd=tmp_path, env=package)
    assert process.stdout == f"Wrote 3 waveforms of {folder} to samples.raw.\n", process.stderr
    process = keras_gans_cli("generate", folder, "--num=3", "--output=x.npy", cwd=tmp_path, env=package)
    assert process.returncode == 0, process.stderr
    same = np.frombuffer((tmp_path / "samples.raw").read_bytes(), "float32").reshape(3, 16, 1)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), same)


def test_what_does_not_fit_is_refused_in_words(run, keras_gans_cli, package, assert_refused, tmp_path):
    process = keras_gans_cli("generate", run[0], "--top_k=3", env=package)
    assert_refused(process, "--top_k is about text", "makes waves", "--truncation")
    process = keras_gans_cli("generate", run[0], "--output=x.png", cwd=tmp_path, env=package)
    assert_refused(process, ".npy (one array)", ".raw (raw numbers)")
    process = keras_gans_cli("train", "wave_gan", "--dataset=digits", "--run_dir=run", cwd=tmp_path, env=package)
    assert_refused(process, "wave_gan makes waves, and digits holds images")
    process = keras_gans_cli("train", "seqgan", "--dataset=sines:9", "--run_dir=run", cwd=tmp_path, env=package)
    assert_refused(process, "seqgan makes text, and sines:9 holds waves")
    assert list(tmp_path.iterdir()) == []
