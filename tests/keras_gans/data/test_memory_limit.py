"""Memory while training on a folder of 100,000 files. The files are hard links of a few, which takes seconds to make."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

FILES = 100_000

# Trains and prints, for a few steps, the resident and the peak memory of the process in megabytes.
TRAIN = """
import json, os, re, sys
import keras
import keras_gans
from keras_gans.data import memory_limit

memory_limit.LIMIT = 0  # what is decoded is not kept

def status(name):
    return int(re.search(rf"{name}:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) / 1024

class Watch(keras.callbacks.Callback):
    seen, step = {}, 0
    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        if self.step in (50, 300, 600):
            self.seen[self.step] = (status("VmRSS"), status("VmHWM"))

data = keras_gans.load_data(f"folder:{sys.argv[1]}", image_shape=(32, 32), crop="random", flip=True)
model = keras_gans.create_model("gan", image_shape=data.shape, width=16, seed=0)
watch = Watch()
model.fit(data.batches(64).take(200), epochs=3, verbose=0, callbacks=[watch])
print(json.dumps({"files": len(data), "names": data.samples.names.nbytes / 2**20, "steps": watch.seen}))
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder of 100,000 small pictures in ten classes."""
    root = tmp_path_factory.mktemp("many")
    rng = np.random.default_rng(0)
    for number in range(0, FILES, 1000):
        folder = root / "pictures" / f"class_{number // 10_000}" / f"part_{number:06}"
        folder.mkdir(parents=True)
        if number % 20_000 == 0:  # file systems allow 65,000 links of a file
            source = root / f"{number}.png"
            Image.fromarray(rng.integers(0, 256, (40, 48, 3), dtype="uint8")).save(source)
        for name in range(number, number + 1000):
            os.link(source, folder / f"picture_{name:06}.png")
    return root / "pictures"


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_memory_of_training_on_100_000_files_is_flat(many, backend):
    """Ten seconds a backend on two cores (last run: 0.1.0)."""
    process = subprocess.run(
        [sys.executable, "-c", TRAIN, str(many)],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout.splitlines()[-1])
    print(report)
    (_, early), (_, late) = report["steps"]["50"], report["steps"]["600"]
    assert report["files"] == FILES
    assert report["names"] < 4
    assert late < early * 1.05
