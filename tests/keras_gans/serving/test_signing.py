"""Servers that sign the files they answer with."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans import export
from keras_gans.declaration import Declaration
from keras_gans.serving.errors import ServingError
from tests.keras_gans.serving.conftest import started

pytest.importorskip("c2pa")

from keras_gans.credentials import NONE, TRUSTED, create_credentials, read_credentials
from keras_gans.serving.signing import OutputSigner


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return create_credentials(tmp_path_factory.mktemp("credentials") / "mine", "My studio")


def test_declared_files_among_outputs_are_signed_and_others_stay(folder):
    content = io.BytesIO()
    Image.new("L", (8, 8)).save(content, "PNG")
    bare, declared = content.getvalue(), Declaration(model="mine").into(content.getvalue())
    outputs = {
        "image_bytes": np.array([[declared, bare], [declared, b"text"]], object),
        "scores": np.ones(2, "float32"),
        "text": np.array([declared], object),
    }
    found = OutputSigner(folder).sign(outputs)
    trusted = (folder / "ca.pem").read_bytes()
    assert [read_credentials(each, trusted).status for each in found["image_bytes"][:, 0]] == [TRUSTED, TRUSTED]
    assert found["image_bytes"][:, 1].tolist() == [bare, b"text"]
    assert read_credentials(found["text"][0], trusted).status == NONE
    assert found["scores"] is outputs["scores"]
    with pytest.raises(ServingError, match="The answer could not be signed: The file is cut off"):
        OutputSigner(folder).sign({"image_bytes": np.array([declared[:40]], object)})


# A quarter of a minute (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_a_server_signs_what_its_models_make(folder, tmp_path):
    model = keras_gans.create_model("dcgan", image_shape=(8, 8, 1), width=4, latent_dim=5, seed=0)
    export.publish(model, tmp_path / "served", "digits")
    trusted = (folder / "ca.pem").read_bytes()
    with started(tmp_path / "served", f"--sign={folder}") as server:
        server.wait_for("/v1/models/digits", lambda status: status["model_version_status"][0]["state"] == "AVAILABLE")
        rows = [{"seeds": seed} for seed in range(5)]
        status, answer = server.predict("digits", {"signature_name": "generate_png", "instances": rows})
    assert status == 200, answer
    files = [base64.b64decode(each["b64"]) for each in answer["predictions"]]
    assert [read_credentials(each, trusted).status for each in files] == [TRUSTED] * 5
