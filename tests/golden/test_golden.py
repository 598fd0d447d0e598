"""What the package did before a large refactoring, and does since: samples, logs, signatures and the command line.

The records are only rewritten when behaviour is meant to change: see `record.py`.
"""

import json

import keras
import numpy as np
import pytest

import keras_gans
from tests.golden import values
from tests.support.slow import slow_but

RECORDS = json.loads(values.RECORDS.read_text(encoding="utf-8"))
# Kernels of other processors round otherwise. With oneDNN off, or without AVX-512, no token was another one, images were up to
# 6e-6 apart, and logs a twelfth of what is allowed here; losses of Wasserstein critics begin near 0.
IMAGES_APART = 1e-5
LOGS_APART = {"rtol": 1e-4, "atol": 1e-6}
NUMBERS_APART = 1e-4

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the records are TensorFlow's")


@pytest.fixture(scope="module")
def arrays():
    with np.load(values.SAMPLES) as kept:
        return dict(kept)


@pytest.fixture(scope="module")
def same_machine():
    return values.machine() == RECORDS["machine"]


def test_there_are_records_of_every_model_and_preset():
    assert keras_gans.list_models() == list(RECORDS["signatures"])
    assert keras_gans.list_models() == sorted({name.partition("-")[0] for name in RECORDS["logs"]})
    assert keras_gans.list_presets() == list(RECORDS["samples"])


# Presets of the same networks as another one, and large ones (last run: 0.1.0, 2026-11-30).
ALIKE = (
    "dcgan_digits",
    "edsr_x2",
    "esrgan_x4",
    "poems",
    "projected_gan_blood_cells64",
    "projected_gan_xray64",
    "projected_gan_clothing64",
    "projected_gan_flowers128",
)


@pytest.mark.parametrize("name", slow_but(RECORDS["samples"], *(RECORDS["samples"].keys() - set(ALIKE))))
def test_a_preset_generates_the_same(name, arrays, same_machine):
    found, expected = values.samples(name), arrays[name]
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if found.dtype == np.int32:
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=0, atol=IMAGES_APART)
    if same_machine:
        assert values.digest(found) == RECORDS["samples"][name]["sha256"]


# A second or more each, and needed most while the code is being rearranged (last run: 0.1.0, 2026-11-29).
_COSTLY = (
    "hifi_gan",
    "mocogan",
    "next_token_gan-adversarial",
    "pggan",
    "projected_gan",
    "seqgan-adversarial",
    "speech_gan",
    "video_gan",
    "video_prediction",
    "vocos_gan",
    "wavegan",
    "next_token_gan-pretraining",
    "relgan-pretraining",
    "transformer_gan-pretraining",
    "relgan-adversarial",
    "transformer_gan-adversarial",
    "r3gan",
    "fastgan",
    *("cut", "cyclegan", "esrgan", "gated_inpainting", "pix2pix", "real_esrgan", "srgan"),
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in _COSTLY else []) for name in RECORDS["logs"]]
)
def test_ten_steps_log_the_same(name):
    found, expected = values.logs(name), RECORDS["logs"][name]
    assert sorted(found) == sorted(expected)
    for key, steps in expected.items():
        assert [step is None for step in found[key]] == [step is None for step in steps], key
        both = (np.array(numbers, "float64") for numbers in (found[key], steps))
        np.testing.assert_allclose(*both, **LOGS_APART, err_msg=key)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in ("cgan", "seqgan") else pytest.mark.slow) for name in RECORDS["signatures"]],
)
def test_a_saved_model_has_the_same_signatures(name):
    """All but one of each medium are slow, half a minute (last run: 0.1.0, 2026-11-29)."""
    assert values.signatures(name) == RECORDS["signatures"][name]


@pytest.mark.parametrize("name", RECORDS["commands"])
def test_a_command_prints_and_writes_the_same(name, arrays, same_machine, keras_gans_forked, tmp_path):
    found, pixels = values.command(name, keras_gans_forked, tmp_path)
    expected = RECORDS["commands"][name]
    assert list(found["files"]) == list(expected["files"])
    for file, array in pixels.items():
        kept = arrays[f"{name}/{file}"]
        assert (array.dtype, array.shape) == (kept.dtype, kept.shape)
        assert np.abs(array.astype(int) - kept).max() <= 1, file
        if not same_machine:
            found["files"][file] = expected["files"][file]  # which is another one where a pixel was rounded to its neighbour
    _assert_alike(found, expected, name)


def _assert_alike(found, expected, where):
    """Fails unless two values of JSON are the same, fractions but for rounding, and in the same order."""
    assert type(found) is type(expected), where
    if isinstance(expected, dict):
        assert list(found) == list(expected), where
        for key, value in expected.items():
            _assert_alike(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for number, value in enumerate(expected):
            _assert_alike(found[number], value, f"{where}[{number}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=NUMBERS_APART), where
    else:
        assert found == expected, where
