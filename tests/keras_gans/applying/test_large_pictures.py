"""A photograph of twelve million pixels within the memory of a small machine."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.keras_gans.data.messy import waves

RUN = """
import keras
from keras import layers, ops
import keras_gans
from keras_gans.applying import apply_files

x = images = keras.Input((None, None, 3), name="images")
x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
x = ops.depth_to_space(layers.Conv2D(12, 3, padding="same")(x), 2)
generator = keras.Model(images, ops.tanh(x))
discriminator = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(1, 1)])
applied = apply_files(keras_gans.ImageToImage(generator, discriminator), "large.jpg", "out.jpg")
assert not applied.failed, applied.failed
# Not `ru_maxrss`, which begins with the memory of the parent process.
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory as Linux counts it")
def test_twelve_million_pixels_take_less_than_two_gibibytes(tmp_path):
    """Last run on 2026-11-29: 1,345 MiB, 10 seconds."""
    Image.fromarray(waves(3000, 4000)).save(tmp_path / "large.jpg")
    process = subprocess.run([sys.executable, "-c", RUN], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert int(process.stdout) < 2048
    with Image.open(tmp_path / "out.jpg") as picture:
        assert picture.size == (8000, 6000)
        picture.draft("RGB", (1000, 750))
        assert np.asarray(picture).std() > 0
