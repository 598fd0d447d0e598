"""What TensorFlow Serving answers: of this server, and of TensorFlow Serving itself where it is installed."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from tests.keras_gans.serving import saved_models


def seeds(*values, labels=0, truncation=1.0):
    return [{"seeds": value, "truncation": truncation, "labels": labels} for value in values]


def test_rows(api):
    status, answer = api.predict("digits", {"signature_name": "generate", "instances": seeds(3, 8, labels=1)})
    assert status == 200
    # A single output drops its name.
    expected = [saved_models.image_of(seed, label=1, version=2).tolist() for seed in (3, 8)]
    assert answer == {"predictions": expected}


def test_columns(api):
    inputs = {"seeds": [3, 8], "truncation": [1.0, 0.5], "labels": [0, 2]}
    status, answer = api.predict("digits", {"signature_name": "generate", "inputs": inputs})
    assert status == 200
    expected = [saved_models.image_of(3, version=2), saved_models.image_of(8, 0.5, label=2, version=2)]
    assert answer == {"outputs": [image.tolist() for image in expected]}


@pytest.mark.parametrize(("which", "version"), [("/versions/1", 1), ("/labels/stable", 1), ("/labels/canary", 2), ("", 2)])
def test_versions_and_labels(api, which, version):
    status, answer = api.predict(f"digits{which}", {"signature_name": "generate", "instances": seeds(5)})
    assert status == 200
    assert answer["predictions"] == [saved_models.image_of(5, version=version).tolist()]


def test_paths_in_capitals(api):
    status, answer = api.post("/V1/Models/foreign:Predict", {"instances": [1.0]})
    assert (status, answer) == (200, {"predictions": [2.5]})


@pytest.mark.parametrize("rows", [True, False])
def test_png(api, rows):
    inputs = {"seeds": [4], "truncation": [1.0], "labels": [0]}
    content = {"instances": seeds(4)} if rows else {"inputs": inputs}
    status, answer = api.predict("digits", {"signature_name": "generate_png", **content})
    assert status == 200
    [found] = answer["predictions" if rows else "outputs"]
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(found["b64"]))))
    np.testing.assert_array_equal(image[..., None], saved_models.image_of(4, version=2))


def test_several_outputs_and_text(api):
    status, answer = api.predict("captions", {"signature_name": "generate", "instances": [{"seeds": 3, "temperature": 0.8}]})
    assert (status, answer) == (200, {"predictions": [{"text": "größer a man eats", "token_ids": [5, 1, 2, 3]}]})
    inputs = {"seeds": [3, 4], "temperature": [0.8]}  # one for all
    status, answer = api.predict("captions", {"signature_name": "generate", "inputs": inputs})
    assert status == 200
    assert answer == {"outputs": {"text": ["größer a man eats", "a man eats soup"], "token_ids": [[5, 1, 2, 3], [1, 2, 3, 4]]}}


def test_an_input_without_its_name(api):
    assert api.predict("foreign", {"instances": [1.0, 2, 5.0]}) == (200, {"predictions": [2.5, 3.0, 4.5]})
    assert api.predict("foreign", {"inputs": [1.0, 2, 5.0]}) == (200, {"outputs": [2.5, 3.0, 4.5]})
    assert api.predict("foreign", {"inputs": {"x": [1.0]}}) == (200, {"outputs": [2.5]})
    assert api.predict("foreign", {"instances": [{"x": 1.0}]}) == (200, {"predictions": [2.5]})


def test_strings(api):
    given = ["a", {"b64": base64.b64encode(b"\xff\x00").decode()}, {"b64": "aGk"}]
    status, answer = api.predict("foreign", {"signature_name": "strings", "inputs": given})
    assert status == 200
    assert answer["outputs"]["length"] == [1, 2, 2]
    raw = [base64.b64decode(each["b64"]) for each in answer["outputs"]["raw_bytes"]]
    assert raw == [b"a", b"\xff\x00", b"hi"]
    assert api.predict("foreign", {"signature_name": "strings", "instances": ["ü"]}) == (
        200,
        {"predictions": [{"plain": "ü", "length": 2, "raw_bytes": {"b64": "w7w="}}]},
    )


def test_types(api):
    row = {"b": True, "i": -(2**31), "u": 255, "l": 2**63 - 1, "d": 0.1}
    assert api.predict("foreign", {"signature_name": "types", "instances": [row, row]}) == (200, {"predictions": [row, row]})


def test_floats_keep_their_type(api):
    _, _, content = api.raw("POST", "/v1/models/foreign:predict", b'{"instances": [0.2, -4.0, 1e20, 1e-7]}')
    # The shortest digits of single precision, and a fraction where the number is whole.
    numbers = content.decode().replace("\n", "").replace(" ", "").split("[")[1].split("]")[0].split(",")
    assert numbers[:2] == ["2.1", "0.0"]
    assert np.float32(numbers[2]) == np.float32(1e20) / 2 + 2
    assert all("." in number or "e" in number for number in numbers)


def test_not_a_number_is_answered_as_one(api):
    _, _, content = api.raw("POST", "/v1/models/foreign:predict", b'{"signature_name": "nan", "instances": [-1.0, 0.0, 1.0]}')
    nan, minus, zero = json.loads(content)["predictions"]
    assert np.isnan(nan)
    assert (minus, zero) == (-np.inf, 0.0)


def test_score_of_nested_lists(api):
    images = np.random.default_rng(0).random((2, 4, 4, 1)).round(3)
    status, answer = api.predict("digits", {"signature_name": "score", "instances": images.tolist()})
    assert status == 200
    np.testing.assert_allclose(answer["predictions"], images.mean((1, 2, 3)), rtol=1e-5)


def test_outputs_without_rows(api):
    assert api.predict("foreign", {"signature_name": "total", "inputs": [1, 2]}) == (200, {"outputs": 3.0})
    status, answer = api.predict("foreign", {"signature_name": "total", "instances": [1, 2]})
    assert status == 400
    assert "no shape information" in answer["error"]
    assert api.predict("foreign", {"signature_name": "fixed", "inputs": [[1, 2], [3, 4]]}) == (200, {"outputs": [5.0, 11.0]})


def test_status(api):
    status, answer = api.get("/v1/models/digits")
    fine = {"error_code": "OK", "error_message": ""}
    versions = [{"version": str(number), "state": "AVAILABLE", "status": fine} for number in (2, 1)]
    assert (status, answer) == (200, {"model_version_status": versions})
    assert api.get("/v1/models/digits/versions/1") == (200, {"model_version_status": versions[1:]})


@pytest.mark.parametrize(("which", "version"), [("", "2"), ("/versions/1", "1"), ("/labels/stable", "1")])
def test_metadata(api, which, version):
    status, answer = api.get(f"/v1/models/digits{which}/metadata")
    assert status == 200
    assert answer["model_spec"] == {"name": "digits", "signature_name": "", "version": version}
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert {"serving_default", "generate", "generate_png", "score"} <= set(signatures)
    images = signatures["generate"]["outputs"]["images"]
    assert images["dtype"] == "DT_UINT8"
    sizes = [{"size": size, "name": ""} for size in ("-1", "4", "4", "1")]
    assert images["tensor_shape"] == {"dim": sizes, "unknown_rank": False}
    assert signatures["generate"]["method_name"] == "tensorflow/serving/predict"


FOREIGN = "/v1/models/foreign:predict"
GENERATE = {"signature_name": "generate"}


@pytest.mark.parametrize(
    ("path", "content", "status", "words"),
    [
        ("/v1/models/nothing:predict", {"instances": [1.0]}, 404, "Servable not found for request: Latest(nothing)"),
        ("/v1/models/foreign/versions/9:predict", {"instances": [1]}, 404, "for request: Specific(foreign, 9)"),
        ("/v1/models/foreign/labels/new:predict", {"instances": [1]}, 400, "Unrecognized servable version label: new"),
        ("/v1/models/foreign/versions/99999999999999999999:predict", {"instances": [1]}, 400, "Failed to convert version"),
        ("/v1/models/foreign:predict/", {"instances": [1.0]}, 400, "Malformed request: POST"),
        ("/v1/models/foreign:generate", {"instances": [1.0]}, 400, "Malformed request: POST"),
        (FOREIGN, {"signature_name": "none", "instances": [1.0]}, 400, '"none" not found in signature def'),
        (FOREIGN, {"signature_name": 3, "instances": [1.0]}, 400, "'signature_name' key must be a string value"),
        (FOREIGN, b"", 400, "JSON Parse error: The document is empty"),
        (FOREIGN, b'{"instances": [1.0', 400, "JSON Parse error"),
        (FOREIGN, b"[1.0]", 400, "Is not object"),
        (FOREIGN, {}, 400, "Missing 'inputs' or 'instances' key"),
        (FOREIGN, {"inputs": [1.0], "instances": [1.0]}, 400, "only one of 'inputs' or 'instances'"),
        (FOREIGN, {"instances": 1.0}, 400, "'instances' to be an list/array"),
        (FOREIGN, {"instances": []}, 400, "No values in 'instances' array"),
        (FOREIGN, {"instances": ["a"]}, 400, "is not of expected type: float"),
        (FOREIGN, {"instances": [True]}, 400, "is not of expected type: float"),
        (FOREIGN, {"instances": [None]}, 400, "is not of expected type: float"),
        (FOREIGN, {"instances": [1.0, {"x": 1.0}]}, 400, "Expecting value/list but got object at item 1"),
        (FOREIGN, {"instances": [{"x": 1.0}, 1.0]}, 400, "Expecting object but got list at item 1"),
        (FOREIGN, {"instances": [{"y": 1.0}]}, 400, "does not have named input: y"),
        (FOREIGN, {"instances": [1e39]}, 400, "without loss of precision"),
        (FOREIGN, {"instances": [2**24]}, 400, "without loss of precision"),
        (FOREIGN, {"inputs": {"y": [1.0]}}, 400, "Missing named input: x"),
        (FOREIGN, {"inputs": [1.0, [2.0]]}, 400, "unexpected level: 1 expected < 1"),
        (FOREIGN, {"signature_name": "fixed", "inputs": [[1.0, 2.0], [3.0]]}, 400, "unexpected size: 1 at level: 1"),
        (FOREIGN, {"signature_name": "fixed", "inputs": [[1.0, 2.0], 3.0]}, 400, "incorrect level: 2"),
        (FOREIGN, {"signature_name": "strings", "instances": [{"b64": "a!"}]}, 400, "Unable to base64 decode"),
        (FOREIGN, {"signature_name": "half", "inputs": [1.0]}, 501, "to type: half"),
        ("/v1/models/digits:predict", {**GENERATE, "instances": [3]}, 400, "instances is a plain list, but expecting"),
        ("/v1/models/digits:predict", {**GENERATE, "inputs": [3]}, 400, "inputs is a plain value/list, but expecting"),
        ("/v1/models/digits:predict", {**GENERATE, "instances": [{"seeds": 3}]}, 400, "Failed to process element: 0"),
        ("/v1/models/digits:predict", {**GENERATE, "instances": seeds(1.5)}, 400, "is not of expected type: int64"),
        ("/v1/models/digits:predict", {**GENERATE, "instances": seeds(2**63)}, 400, "is not of expected type: int64"),
        ("/v1/models/digits:predict", {**GENERATE, "instances": seeds(1, labels=2**31)}, 400, "of expected type: int32"),
        ("/v1/models/digits:predict", {**GENERATE, "instances": seeds(-1)}, 400, saved_models.SEEDS),
        ("/v1/models/digits:predict", {"instances": [{"latents": [0.0] * 5, "labels": 0}]}, 400, ""),
        ("/v1/models/digits:predict", {"instances": [{"latents": [[0.0] * 3], "labels": 0}]}, 400, ""),
        ("/v1/models/foreign:classify", {}, 400, "'examples' is expected and was not found"),
        ("/v1/models/foreign:classify", {"examples": [{"x": 1.0}]}, 400, "Expected classification signature method_name"),
        ("/v1/models/foreign:regress", {"examples": [{"x": 1.0}]}, 400, "Expected regression signature method_name"),
    ],
)
def test_refused(api, path, content, status, words):
    found, answer = api.post(path, content)
    assert found == status, answer
    assert list(answer) == ["error"]
    assert words in answer["error"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/models/nothing", 404, "Could not find any versions of model nothing"),
        ("/v1/models/digits/versions/9", 404, "Could not find version 9 of model digits"),
        ("/v1/models/nothing/metadata", 404, "Servable not found for request: Latest(nothing)"),
        ("/v1/models/digits:predict", 400, "Malformed request: GET"),
        ("/v1/elsewhere", 400, "Malformed request: GET"),
    ],
)
def test_refused_when_asked(api, path, status, words):
    found, answer = api.get(path)
    assert found == status
    assert words in answer["error"]


def test_answers_are_those_of_the_protocol_buffers(api):
    from google.protobuf import json_format
    from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2

    _, answer = api.get("/v1/models/captions")
    status = json_format.ParseDict(answer, get_model_status_pb2.GetModelStatusResponse())
    assert status.model_version_status[0].state == get_model_status_pb2.ModelVersionStatus.AVAILABLE
    _, answer = api.get("/v1/models/captions/metadata")
    signatures = json_format.ParseDict(answer["metadata"]["signature_def"], get_model_metadata_pb2.SignatureDefMap())
    assert sorted(signatures.signature_def["generate"].inputs) == ["seeds", "temperature"]
