"""Exports in further programs that run them: the code of the page, in clean processes."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import keras_gans
from keras_gans import export
from tests.support.pages import blocks_of

PAGE = Path(__file__).parents[3] / "docs" / "export.md"
SEED = "import numpy as np\nnp.random.seed(0)\n"


@pytest.fixture(scope="module")
def digits():
    return keras_gans.load_pretrained("dcgan_digits")


def expected(digits, n):
    """What Keras makes of the latents that the code draws first."""
    latents = np.random.RandomState(0).standard_normal((n, 100)).astype("float32")
    return digits.generate_from(latents) / 2 + 0.5


def run(code, folder, name):
    """Returns an array that code leaves in a variable, in a process that does not know this library."""
    code = re.sub(r'"(?:exports/)?(digits\.\w+)"', r'"\1"', code)
    code = f"{SEED}{code}\nassert not any('keras' in name for name in __import__('sys').modules)\nnp.save('found', {name})"
    subprocess.run([sys.executable, "-P", "-c", code], cwd=folder, check=True, capture_output=True)
    return np.load(folder / "found.npy")


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_compiled_model_of_litert(digits, tmp_path):
    export.tflite(digits, tmp_path / "digits.tflite")
    [block] = [each for each in blocks_of(PAGE) if each.language == "python" and "CompiledModel" in each.code]
    image = run(block.code, tmp_path, "image")
    np.testing.assert_allclose(image[None, ..., None], expected(digits, 1), atol=1e-5)


# Last run: 0.1.0, 2026-11-30, with OpenVINO 2026.4.
@pytest.mark.slow
def test_openvino(digits, tmp_path):
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("openvino is not installed")
    export.onnx(digits, tmp_path / "digits.onnx")
    [code] = re.findall(r"```text\n(model = openvino.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    images = run("import openvino\n" + code, tmp_path, "images")
    np.testing.assert_allclose(images, expected(digits, 16), atol=1e-5)
