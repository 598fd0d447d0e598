"""Exports of clips."""

import json

import numpy as np
import pytest

import keras_gans
from keras_gans.declaration import GENERATED, Declaration, extract
from keras_gans.export import signatures
from tests.keras_gans.export import flatbuffer
from tests.support.entries import build

tf = pytest.importorskip("tensorflow")


@pytest.fixture(scope="module")
def found():
    return signatures.signatures_of(build("video_gan", num_classes=3, fps=12.0), ["a", "b", "c"])


def test_signatures_and_files_tell_the_frame_rate(found):
    assert isinstance(found, signatures.VideoSignatures)
    seeded = {"generate", "generate_with_truncation", "generate_png", "generate_png_with_truncation"}
    assert set(found.all) == {"serving_default", "score", *seeded}
    assert json.loads(found.files["video.json"]) == {"fps": 12.0}


def test_png_files_of_frames_hold_what_keras_generates(found):
    signature = found.all["generate_png"]
    given = {"seeds": np.array([3, 4], "int64"), "labels": np.array([0, 2], "int32")}
    files = signature.function(found._keras)(*(tf.constant(given[each.name]) for each in signature.inputs))[
        "frame_bytes"
    ].numpy()
    expected = found.model.medium.to_file(found.model.generate(seeds=[3, 4], labels=[0, 2]))
    assert files.shape == (2, 4)
    for frames, clip in zip(files, expected, strict=True):
        decoded = np.stack([tf.io.decode_png(frame).numpy() for frame in frames])
        assert np.abs(decoded.astype(int) - clip).max() <= 1
    assert Declaration.from_xmp(extract(files[0, 0])) == Declaration(GENERATED, found.model.name)


@pytest.mark.parametrize("name", ["video_gan", "mocogan", "video_prediction"])
def test_tflite_files_have_two_dimensional_convolutions_and_no_loops(name, tmp_path):
    told = {} if name == "video_prediction" else {"num_classes": 2}
    path, difference = keras_gans.export.tflite(build(name, **told), tmp_path / "model.tflite")
    assert difference < 1e-4
    graphs = flatbuffer.operators(flatbuffer.read(path.read_bytes()))
    names = {operator.name for graph in graphs for operator in graph}
    assert not {each for each in names if "3D" in each or each in ("WHILE", "IF", "CUSTOM")}
    assert "CONV_2D" in names or "TRANSPOSE_CONV" in names


def test_the_frames_before_are_an_input_in_the_range_of_pixels():
    found = signatures.signatures_of(build("video_prediction"))
    inputs = {each.name: each for each in found.all["serving_default"].inputs}
    assert inputs["frames"].shape == (2, 8, 8, 1)
    examples = inputs["frames"].examples(3)
    assert 0 <= examples.min() < examples.max() <= 1
    files = {each.name: each for each in found.all["generate"].inputs}["frames"]
    assert files.dtype == "uint8"
    given = {"seeds": np.array([3, 4, 5], "int64"), "frames": files.examples(3)}
    signature = found.all["generate"]
    made = signature.function(found._keras)(*(tf.constant(given[each.name]) for each in signature.inputs))["video"].numpy()
    expected = found.model.medium.to_file(found.model.generate(seeds=[3, 4, 5], conditions={"frames": given["frames"]}))
    assert np.abs(made.astype(int) - expected).max() <= 1
