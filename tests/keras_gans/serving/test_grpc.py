"""TensorFlow Serving's gRPC API, asked by its own stubs: of this server, and of TensorFlow Serving where it is installed."""

import shutil
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("tensorflow", exc_type=ImportError)
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

import keras_gans
from keras_gans import export
from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import started

SECONDS = 60
AVAILABLE = get_model_status_pb2.ModelVersionStatus.AVAILABLE


class Client:
    """The official stubs: `predict`, `models`."""

    def __init__(self, channel):
        self.predict = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        self.models = model_service_pb2_grpc.ModelServiceStub(channel)

    def outputs(self, request):
        answer = self.predict.Predict(request, timeout=SECONDS)
        return {name: tf.make_ndarray(proto) for name, proto in answer.outputs.items()}


@pytest.fixture(scope="module")
def client(api):
    with grpc.insecure_channel(api.grpc) as channel:
        yield Client(channel)


def spec(message, model, signature="", version=None, label=None):
    message.model_spec.name, message.model_spec.signature_name = model, signature
    if version is not None:
        message.model_spec.version.value = version
    if label is not None:
        message.model_spec.version_label = label
    return message


def request(model="foreign", signature="", version=None, label=None, only=(), **inputs):
    """Returns a `PredictRequest`; inputs are arrays or `TensorProto`s."""
    message = spec(predict_pb2.PredictRequest(output_filter=only), model, signature, version, label)
    for name, value in inputs.items():
        is_proto = isinstance(value, tensor_pb2.TensorProto)
        message.inputs[name].CopyFrom(value if is_proto else tf.make_tensor_proto(value))
    return message


def floats(*values):
    return np.array(values, "float32")


def seeds(*values, label=0):
    labels = np.full(len(values), label, "int32")
    return {"seeds": np.array(values), "truncation": np.ones(len(values), "float32"), "labels": labels}


def test_rows_are_those_of_rest(api, client):
    answer = client.predict.Predict(request("digits", "generate", **seeds(3, 8, label=1)), timeout=SECONDS)
    rows = [{"seeds": seed, "truncation": 1.0, "labels": 1} for seed in (3, 8)]
    expected = api.predict("digits", {"signature_name": "generate", "instances": rows})[1]["predictions"]
    assert tf.make_ndarray(answer.outputs["images"]).tolist() == expected
    assert answer.model_spec == spec(predict_pb2.PredictRequest(), "digits", "generate", 2).model_spec
    # Clients that do not have NumPy read the fields.
    assert list(answer.outputs["images"].int_val) == np.ravel(expected).tolist()
    assert answer.outputs["images"].dtype == types_pb2.DT_UINT8


def test_text_and_some_of_the_outputs(client):
    inputs = {"seeds": np.array([3, 4]), "temperature": floats(0.8, 0.8)}
    outputs = client.outputs(request("captions", "generate", **inputs))
    assert [text.decode() for text in outputs["text"]] == ["größer a man eats", "a man eats soup"]
    assert outputs["token_ids"].tolist() == [[5, 1, 2, 3], [1, 2, 3, 4]]
    assert list(client.outputs(request("captions", "generate", only=["text"], **inputs))) == ["text"]


@pytest.mark.parametrize(("how", "version"), [({"version": 1}, 1), ({"label": "stable"}, 1), ({"label": "canary"}, 2), ({}, 2)])
def test_versions_and_labels(client, how, version):
    answer = client.predict.Predict(request("digits", "generate", **how, **seeds(5)), timeout=SECONDS)
    assert answer.model_spec.version.value == version
    assert (tf.make_ndarray(answer.outputs["images"])[0] == saved_models.image_of(5, version=version)).all()


def test_tensors_of_every_kind(client):
    rows = {"b": np.array([True, False]), "i": np.array([-(2**31), 7], "int32"), "u": np.array([255, 0], "uint8")}
    rows |= {"l": np.array([2**63 - 1, -1]), "d": np.array([0.1, -0.0])}
    for name, value in client.outputs(request(signature="types", **rows)).items():
        np.testing.assert_array_equal(value, rows[name], strict=True)
    half = np.array([0.1, -65504], "float16")
    np.testing.assert_array_equal(client.outputs(request(signature="half", h=half))["y"], half, strict=True)
    # Values in fields, one for all; strings one after the other, as C++ may write them; a single number.
    shape = {"tensor_shape": tf.TensorShape([3]).as_proto()}
    answer = client.predict.Predict(request(x=tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[1, 2], **shape)))
    assert list(answer.outputs["y"].float_val) == [2.5, 3.0, 3.0]
    assert answer.model_spec.signature_name == "serving_default"
    strings = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_content=b"\x01\x00\x02a\xffb", **shape)
    outputs = client.outputs(request(signature="strings", s=strings))
    assert (outputs["plain"].tolist(), outputs["length"].tolist()) == ([b"a", b"", b"\xffb"], [1, 0, 2])
    assert client.outputs(request(signature="total", x=floats(1, 2)))["y"] == 3.0


def test_status_and_metadata(client, models_folder):
    message = spec(get_model_status_pb2.GetModelStatusRequest(), "digits")
    found = client.models.GetModelStatus(message, timeout=SECONDS).model_version_status
    assert [(each.version, each.state, each.status.error_message) for each in found] == [(2, AVAILABLE, ""), (1, AVAILABLE, "")]
    message = spec(get_model_status_pb2.GetModelStatusRequest(), "digits", version=1)
    assert [each.version for each in client.models.GetModelStatus(message, timeout=SECONDS).model_version_status] == [1]
    message = spec(get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"]), "digits", label="stable")
    answer = client.predict.GetModelMetadata(message, timeout=SECONDS)
    assert (answer.model_spec.name, answer.model_spec.version.value) == ("digits", 1)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    content = (models_folder / "digits" / "1" / "saved_model.pb").read_bytes()
    [graph] = saved_model_pb2.SavedModel.FromString(content).meta_graphs
    assert dict(signatures.signature_def) == dict(graph.signature_def)


X = floats(1)
CONTENT = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=tf.TensorShape([2]).as_proto(), tensor_content=b"12345")


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        (request("nothing", x=X), "NOT_FOUND", "Servable not found for request: Latest(nothing)"),
        (request(version=9, x=X), "NOT_FOUND", "Servable not found for request: Specific(foreign, 9)"),
        (request(label="new", x=X), "INVALID_ARGUMENT", "Unrecognized servable version label: new"),
        (request("", x=X), "INVALID_ARGUMENT", "ModelSpec has no name specified."),
        (predict_pb2.PredictRequest(), "INVALID_ARGUMENT", "Missing ModelSpec"),
        (request(signature="none", x=X), "FAILED_PRECONDITION", 'Serving signature key "none" not found.'),
        (request(), "INVALID_ARGUMENT", "Missing but required: {x}"),
        (request(x=X, y=X), "INVALID_ARGUMENT", "Sent extra: {y}"),
        (request(x=X.astype("float64")), "INVALID_ARGUMENT", "float"),
        (request(x=CONTENT), "INVALID_ARGUMENT", "tensor parsing error: x"),
        (request(signature="fixed", m=floats(1, 2)), "INVALID_ARGUMENT", ""),
        (request(only=["z"], x=X), "INVALID_ARGUMENT", "output tensor alias not found in signature: z"),
        (request(only=["y", "y"], x=X), "INVALID_ARGUMENT", "duplicate output tensor alias: y"),
        (request("digits", "generate", **seeds(-1)), "INVALID_ARGUMENT", saved_models.SEEDS),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(client, message, code, words):
    with pytest.raises(grpc.RpcError) as error:
        client.predict.Predict(message, timeout=SECONDS)
    assert error.value.code().name == code, error.value
    assert words.lower() in error.value.details().lower()
    assert "\n" not in error.value.details()


def test_refused_when_asked_about_models(client):
    metadata = get_model_metadata_pb2.GetModelMetadataRequest
    for ask, message, code in (
        (client.models.GetModelStatus, spec(get_model_status_pb2.GetModelStatusRequest(), "nothing"), "NOT_FOUND"),
        (client.models.GetModelStatus, get_model_status_pb2.GetModelStatusRequest(), "INVALID_ARGUMENT"),
        (client.predict.GetModelMetadata, spec(metadata(metadata_field=["signature_def"]), "nothing"), "NOT_FOUND"),
        (client.predict.GetModelMetadata, spec(metadata(), "digits"), "INVALID_ARGUMENT"),
        (client.predict.GetModelMetadata, spec(metadata(metadata_field=["size"]), "digits"), "INVALID_ARGUMENT"),
    ):
        with pytest.raises(grpc.RpcError) as error:
            ask(message, timeout=SECONDS)
        assert error.value.code().name == code, error.value


@pytest.fixture
def ours(server):
    with grpc.insecure_channel(server.grpc) as channel:
        yield Client(channel)


def test_limits_and_what_this_server_does_not_do(ours):
    def large(**more):
        return tensor_pb2.TensorProto(tensor_shape=tf.TensorShape([4, 10**9]).as_proto(), **more)

    for ask, message, code, words in (
        (ours.predict.Predict, request(x=np.zeros(41, "float32")), "INVALID_ARGUMENT", "has 41 rows; at most 40"),
        (ours.predict.Predict, request(x=np.zeros(2**19, "float32")), "RESOURCE_EXHAUSTED", "larger than max"),
        (ours.predict.Predict, request(x=large(dtype=types_pb2.DT_FLOAT, float_val=[1])), "INVALID_ARGUMENT", "than 1 MiB"),
        (ours.predict.Predict, request(signature="x" * 5000, x=X), "FAILED_PRECONDITION", "...TRUNCATED"),
        (ours.predict.Classify, classification_pb2.ClassificationRequest(), "UNIMPLEMENTED", "Predict only"),
        (ours.predict.Regress, regression_pb2.RegressionRequest(), "UNIMPLEMENTED", "Predict only"),
        (ours.predict.MultiInference, inference_pb2.MultiInferenceRequest(), "UNIMPLEMENTED", "Predict only"),
        (ours.models.HandleReloadConfigRequest, model_management_pb2.ReloadConfigRequest(), "UNIMPLEMENTED", "models.config"),
    ):
        with pytest.raises(grpc.RpcError) as error:
            ask(message, timeout=SECONDS)
        assert (error.value.code().name, words in error.value.details()) == (code, True), error.value
    assert ours.outputs(request(x=X))["y"] == 2.5


@pytest.fixture(scope="module")
def published(models_folder, tmp_path_factory):
    """A folder that `export` wrote, the Keras model in it, and a server that runs one call at a time; the last test ends it."""
    root = tmp_path_factory.mktemp("published") / "models"
    shutil.copytree(models_folder / "foreign", root / "foreign")
    model = keras_gans.create_model("cgan", image_shape=(8, 8, 1), width=8, latent_dim=4, num_classes=3, seed=0)
    from keras_gans.export import parity

    with pytest.MonkeyPatch.context() as patch:
        # The check in a clean process, which tests/keras_gans/export/test_export.py makes.
        patch.setattr(parity, "check", lambda *_: 0.0)
        export.publish(model, root, "shapes")
    flags = ("--inference_threads=1", "--max_queue=24", "--request_timeout=5", "--poll_seconds=0.2")
    with started(root, "--grpc_port=0", *flags) as running, grpc.insecure_channel(running.grpc) as channel:
        yield root, model, running, Client(channel)


def pixels(model, seed):
    image = np.asarray(model.generate(seeds=[seed], labels=[0]))
    return np.clip(np.round((image[0] + 1) * 127.5), 0, 255).astype(int)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_the_client_that_export_writes(published, tmp_path):
    root, model, server, _ = published
    command = [sys.executable, root / "clients" / "client.py", "shapes", server.grpc]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout == "Wrote shapes.png.\n"
    with Image.open(tmp_path / "shapes.png") as picture:
        assert np.abs(np.asarray(picture, int)[..., None] - pixels(model, 0)).max() <= 1


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_calls_are_joined_and_none_is_lost_when_a_version_is_published(published):
    root, model, server, client = published
    expected = {seed: pixels(model, seed) for seed in range(6)}
    stop, failures, seen = threading.Event(), [], set()

    def ask(seed):
        message = request("shapes", "generate_with_truncation", **seeds(seed))
        while not stop.is_set():
            try:
                answer = client.predict.Predict(message, timeout=SECONDS)
            except grpc.RpcError as error:
                failures.append(error)
                return
            seen.add(answer.model_spec.version.value)
            if np.abs(tf.make_ndarray(answer.outputs["images"])[0].astype(int) - expected[seed]).max() > 1:
                failures.append(seed)

    before = joined(server)
    threads = [threading.Thread(target=ask, args=(number % 6,)) for number in range(12)]
    for thread in threads:
        thread.start()
    shutil.copytree(root / "shapes" / "1", root / "shapes" / ".2")
    (root / "shapes" / ".2").rename(root / "shapes" / "2")
    server.wait_for("/v1/models/shapes/versions/1", lambda answer: answer["model_version_status"][0]["state"] == "END")
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen == {1, 2}
    calls, rows = np.subtract(joined(server), before)
    assert rows > 50
    assert calls < rows / 2


def metric(server, name):
    """Returns the sum of a measure over its labels."""
    text = server.raw("GET", "/metrics")[2].decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"keras_gans_serving_{name}"))


def joined(server):
    return metric(server, "batch_rows_count"), metric(server, "batch_rows_sum")


def wait_until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_full_queue_deadlines_and_the_end(published):
    _, _, server, client = published

    def ask(x, timeout=SECONDS):
        return client.predict.Predict.future(request(signature="slow", x=floats(x)), timeout=timeout)

    first = ask(10)
    wait_until(lambda: metric(server, "batch_rows_count") and not metric(server, "queued_requests"))
    waiting = [ask(0.1, timeout=SECONDS) for _ in range(30)]
    wait_until(lambda: sum(call.done() for call in waiting) >= 6)
    refused = [call for call in waiting if call.done()]
    assert [call.code().name for call in refused] == ["UNAVAILABLE"] * 6
    assert "queue to which this task was submitted is full" in refused[0].details()
    for call in waiting:
        call.cancel()
    assert first.result().outputs["y"].float_val[0] == 10
    assert ask(10, timeout=0.1).code().name == "DEADLINE_EXCEEDED"
    requests = 'requests_total{api="grpc",method="predict",model="foreign",status='
    wait_until(lambda: metric(server, f'{requests}"499"') == 25)
    assert metric(server, f'{requests}"503"') == 6
    # What is being answered when the server is ended is answered, or told that it takes too long.
    in_time, late = ask(5), ask(1000)
    wait_until(lambda: metric(server, "queued_requests") == 1)
    assert server.terminate() == 0
    assert in_time.result().outputs["y"].float_val[0] == 5
    assert (late.code().name, late.details()) == ("DEADLINE_EXCEEDED", "The request took longer than 5 seconds.")
