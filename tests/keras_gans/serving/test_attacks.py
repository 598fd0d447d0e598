"""What a server does under attack: it gives other clients their answers, in time, and takes little memory for the attackers."""

import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import grpc
import numpy as np
import pytest

pytest.importorskip("tensorflow", exc_type=ImportError)
from tensorflow_serving.apis import predict_pb2

from keras_gans.serving import batching
from keras_gans.serving.errors import invalid
from tests.keras_gans.serving import attacks, saved_models
from tests.keras_gans.serving.conftest import started
from tests.support import load

GENERATE = {"signature_name": "generate", "instances": [{"seeds": 7, "truncation": 1.0}]}
RIGHT = (200, {"predictions": [saved_models.image_of(7).tolist()]})


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A server with the usual limits but less patience, which must be as well at the end as at the beginning."""
    folder = tmp_path_factory.mktemp("attacked") / "models"
    folder.mkdir()
    saved_models.write_images(folder / "digits")
    with started(folder, "--grpc_port=0", "--client_timeout=1") as running:
        running.address = running.url.removeprefix("http://").rstrip("/")
        yield running
        assert running.predict("digits", GENERATE) == RIGHT
        assert running.process.poll() is None
        assert not any("Traceback" in line for line in running.printed), running.printed


def memory(server):
    """Returns the megabytes that a server has in memory."""
    with open(f"/proc/{server.process.pid}/status") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1]) / 1024


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
@pytest.mark.parametrize("name_length", [1, 1000, 0], ids=["many", "longer", "one that never ends"])
def test_trailers_are_limited_as_headers_are(attacked, name_length):
    before = memory(attacked)
    assert attacks.trailers(attacked.address, 64, name_length) < 32  # what the system's buffers take
    assert memory(attacked) - before < 30


def test_short_trailers_are_taken(attacked):
    body = json.dumps(GENERATE).encode()
    chunked = b"%x\r\n%s\r\n0\r\nChecksum: 12\r\nx: y\r\n\r\n" % (len(body), body)
    head = attacks.PREDICT % b"digits" + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = attacks.exchange(attacked.address, head + chunked)
    assert answer.startswith(b"HTTP/1.1 200")
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == RIGHT[1]


def test_requests_sent_ahead_are_limited(attacked):
    before = memory(attacked)
    assert attacks.pipeline(attacked.address, 100_000) < 1000
    assert memory(attacked) - before < 30
    with attacks.connect(attacked.address) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40)
        received = b""
        while received.count(b'{"status":"ok"}') < 40:
            received += connection.recv(65536)


@pytest.mark.parametrize("depth", [33, 65, 1000, 100_000])
def test_deep_json_is_refused(attacked, depth):
    status, content = attacks.post(attacked.address, attacks.deep(depth))
    assert status == 400
    assert json.loads(content)["error"]


@pytest.mark.parametrize("unit", [b"[],", b'{"a":[]},', b"1,", b'"",'], ids=["lists", "objects", "numbers", "texts"])
def test_large_documents_take_turns(attacked, unit):
    before = memory(attacked)
    assert {status for status, _ in attacks.at_once(8, lambda: attacks.post(attacked.address, attacks.large(3, unit)))} == {400}
    # One document of 3 MB may take 24 times its size, and all eight wait in memory.
    assert memory(attacked) - before < 200
    assert attacked.predict("digits", GENERATE) == RIGHT


def test_who_sends_too_much_with_others_is_told_so(attacked):
    """Large bodies beyond those that may be in memory get a response, and small ones their answers."""
    answers, held = [], []
    slow = attacks.PREDICT % b"digits" + b"Content-Length: 3900000\r\n\r\n" + b" " * 3_800_000
    try:
        for _ in range(20):
            held.append(attacks.connect(attacked.address))
            held[-1].settimeout(2)
            try:
                held[-1].sendall(slow)
            except TimeoutError:
                break
        answers = attacks.at_once(8, lambda: attacks.post(attacked.address, b" " * 3_500_000))
        assert attacked.predict("digits", GENERATE) == RIGHT
    finally:
        for connection in held:
            connection.close()
    assert {status for status, _ in answers} <= {400, 503}
    assert 503 in {status for status, _ in answers}


def test_messages_that_never_end_are_few_and_end(attacked):
    before = memory(attacked)
    _, ended = attacks.partial_messages(attacked.grpc, 60, 3, 5.0)
    assert ended >= 44  # 16 at a time may take their time
    assert memory(attacked) - before < 250


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"\x0a\xff\x01", b"\0" * 100_000])
def test_malformed_messages(attacked, content):
    with grpc.insecure_channel(attacked.grpc) as channel:
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        with pytest.raises(grpc.RpcError) as raised:
            call(content, timeout=30)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "not a PredictRequest" in raised.value.details()


def test_a_call_without_a_message_and_one_with_two(attacked):
    request = predict_pb2.PredictRequest()
    with grpc.insecure_channel(attacked.grpc) as channel:
        call = channel.stream_unary("/tensorflow.serving.PredictionService/Predict")
        for messages, words in (([], "no message"), ([request.SerializeToString()] * 2, "Missing ModelSpec")):
            with pytest.raises(grpc.RpcError) as raised:
                call(iter(messages), timeout=30)
            assert words in raised.value.details()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("evil.example:8501", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("localhost", 200),
        ("LOCALHOST:8501", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8501", 200),
    ],
)
@pytest.mark.parametrize("path", ["/v1/models", "/", "/metrics"])
def test_other_names_are_not_answered(attacked, host, status, path):
    answer = attacks.exchange(attacked.address, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    if status == 403:
        assert b"--allowed_hosts" in answer


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_body_that_trickles_after_the_response(attacked):
    """Who is answered without the body having been read does not keep the connection by sending more of it."""
    with attacks.connect(attacked.address) as connection:
        connection.sendall(b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 405")
        with pytest.raises(OSError):
            for _ in range(600):  # 60 s, of which 4 are given
                connection.sendall(b"1\r\nx\r\n")
                time.sleep(0.1)


def test_versions_of_many_digits(attacked):
    number = "1".zfill(31)
    assert attacked.predict(f"digits/versions/{number}", GENERATE) == RIGHT
    status, answer = attacked.get(f"/v1/models/digits/versions/{'9' * 31}")
    assert status == 400
    assert "Failed to convert version" in answer["error"]


@pytest.mark.parametrize(("bad", "most"), [((3,), 13), ((0, 63), 26), ((), 1)])
def test_a_bad_row_is_found_in_few_calls(bad, most):
    calls = []

    def run(arrays):
        calls.append(len(arrays["x"]))
        if any(value in bad for value in arrays["x"]):
            raise invalid("bad")
        return {"y": arrays["x"] * 2}

    tasks = [SimpleNamespace(arrays={"x": np.array([number])}, rows=1) for number in range(64)]
    answers = batching._call(SimpleNamespace(run=run), tasks)
    assert len(calls) <= most
    for number, answer in enumerate(answers):
        assert (str(answer) == "bad") if number in bad else (answer["y"] == 2 * number)


def save_function(folder, function):
    """Saves a function of floats as version 1 of a model."""
    import tensorflow as tf

    module = tf.Module()
    module.function = tf.function(function, input_signature=[tf.TensorSpec((None,), tf.float32, "x")])
    tf.saved_model.save(module, str(folder / "1"), signatures={"serving_default": module.function})


@pytest.fixture(scope="module")
def models_of_strangers(tmp_path_factory):
    """A folder of models that must not be loaded, and of one that may."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("strangers") / "models"
    folder.mkdir()
    saved_models.write_images(folder / "good")
    secret = folder.parent / "secret.txt"
    secret.write_text("hunter2")

    def kill(x):
        with tf.control_dependencies([tf.raw_ops.Abort(error_msg="bye")]):
            return {"y": tf.identity(x)}

    save_function(folder / "reads", lambda x: {"y": tf.io.read_file(str(secret)) + tf.strings.as_string(x)})
    save_function(folder / "writes", lambda x: (tf.io.write_file(str(folder.parent / "written"), "x"), {"y": x})[1])
    save_function(folder / "kills", kill)
    shutil.copytree(folder / "good" / "1", folder / "links" / "1")
    (folder / "links" / "1" / "assets").mkdir(exist_ok=True)
    (folder / "links" / "1" / "assets" / "labels.txt").symlink_to(secret)
    shutil.copytree(folder / "good" / "1", folder / "pipe_of_variables" / "1")
    index = folder / "pipe_of_variables" / "1" / "variables" / "variables.index"
    index.unlink()
    os.mkfifo(index)
    for name in ("pipe", "sparse"):
        (folder / name / "1").mkdir(parents=True)
    os.mkfifo(folder / "pipe" / "1" / "saved_model.pb")
    with open(folder / "sparse" / "1" / "saved_model.pb", "wb") as file:
        file.truncate(3 * 2**30)
    shutil.copytree(folder / "good", folder / "in\njected")
    return folder


def test_models_of_strangers_are_not_loaded(models_of_strangers):
    with started(models_of_strangers, "--poll_seconds=0.2") as server:
        assert [model["name"] for model in server.get("/v1/models")[1]["models"]] == ["good"]
        assert server.predict("good", GENERATE) == RIGHT

        def reason(name):
            [version] = server.get(f"/v1/models/{name}")[1]["model_version_status"]
            assert version["state"] == "END"
            return version["status"]["error_message"]

        assert "ReadFile" in reason("reads")
        assert "--trust" in reason("reads")
        assert "WriteFile" in reason("writes")
        assert "Abort" in reason("kills")
        assert "leads out of" in reason("links")
        assert "not a regular file" in reason("pipe_of_variables")
        assert "at most" in reason("sparse")
        assert server.get("/v1/models/pipe")[0] == 404
        assert memory(server) < 1500
        assert not any("jected" in line for line in server.printed), server.printed
    assert not (models_of_strangers.parent / "written").exists()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
@pytest.mark.parametrize("trust", [[], ["--trust"]], ids=["not trusted", "trusted"])
def test_a_model_that_hangs_is_given_up(tmp_path, trust):
    import tensorflow as tf

    saved_models.write_images(tmp_path / "good")
    save_function(tmp_path / "hangs", lambda x: {"y": x + tf.while_loop(lambda i: i < 1, lambda i: [i * 0], [x[0] * 0])[0]})
    with started(tmp_path, "--load_timeout=8", *trust) as server:
        assert [model["name"] for model in server.get("/v1/models")[1]["models"]] == ["good"]
        [version] = server.get("/v1/models/hangs")[1]["model_version_status"]
        assert version["state"] == "END"
        assert "--load_timeout" in version["status"]["error_message"]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_with_trust_they_may_do_all_but_end_the_server(models_of_strangers):
    with started(models_of_strangers, "--trust") as server:
        assert {model["name"] for model in server.get("/v1/models")[1]["models"]} == {"good", "reads", "writes"}
        status, answer = server.predict("reads", {"instances": [1.0]})
        assert status == 200
        assert "hunter2" in str(answer)
        [version] = server.get("/v1/models/kills")[1]["model_version_status"]
        assert "ended the process" in version["status"]["error_message"]
    (models_of_strangers.parent / "written").unlink()


def test_a_model_that_lies_about_its_functions(tmp_path):
    """A function named as TensorFlow's own for saving does not get around it."""
    from tensorflow.core.protobuf import saved_model_pb2

    from keras_gans.serving.screening import read_graph

    folder = saved_models.write_images(tmp_path / "digits")
    assert read_graph(folder, False).signature_def.keys() >= {"generate"}
    content = (folder / "saved_model.pb").read_bytes()

    def changed(change):
        model = saved_model_pb2.SavedModel.FromString(content)
        change(model)
        (folder / "saved_model.pb").write_bytes(model.SerializeToString())

    def saving_for_all(model):
        """The function that saves is called by another one."""
        graph = model.meta_graphs[0].graph_def
        saver = next(function for function in graph.library.function if any(n.op == "SaveV2" for n in function.node_def))
        other = next(function for function in graph.library.function if "signature_wrapper" in function.signature.name)
        other.node_def.add(name="more", op="PartitionedCall").attr["f"].func.name = saver.signature.name

    def named_as_an_operation(model):
        graph = model.meta_graphs[0].graph_def
        graph.library.function.add().signature.name = "ReadFile"
        graph.library.function[0].node_def.add(name="more", op="ReadFile")

    def second_graph(model):
        model.meta_graphs.add().meta_info_def.tags.append("serve")

    for change, words in (
        (saving_for_all, "SaveV2"),
        (named_as_an_operation, "ReadFile"),
        (second_graph, "TensorFlow 2"),
        (lambda model: model.meta_graphs[0].ClearField("object_graph_def"), "TensorFlow 2"),
    ):
        changed(change)
        with pytest.raises(ValueError, match=words):
            read_graph(folder, False)
        assert read_graph(folder, True)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_a_hangup_ends_the_server_as_sigterm_does(models_folder):
    with started(models_folder) as server:
        content = {"signature_name": "slow", "inputs": [10.0]}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(server.predict, "foreign", content)
            while b"batch_rows_sum 0.0" in server.raw("GET", "/metrics")[2]:
                time.sleep(0.05)
            server.process.send_signal(signal.SIGHUP)
            assert answer.result() == (200, {"outputs": [10.0]})
        assert server.process.wait(60) == 0


@pytest.mark.slow
def test_no_attack_makes_others_wait_for_a_second(attacked):
    """(last run: 0.1.0, 2026-11-29)"""
    longest = {}
    for name in attacks.all_attacks("", ""):
        process, times = _attacks(attacked, 5, name), []
        while process.poll() is None:
            began = time.monotonic()
            assert attacked.predict("digits", GENERATE) == RIGHT
            times.append(time.monotonic() - began)
            time.sleep(0.02)
        assert json.loads(process.communicate()[0])[name] > 0
        longest[name] = round(max(times), 3)
    print(longest)
    assert max(longest.values()) < 1


@pytest.mark.slow
def test_two_hundred_clients_while_everything_attacks():
    """No answer is wrong, memory is bounded, and no client waits a second for an answer (last run: 0.1.0, 2026-11-29).

    Measured on two quiet cores: 88,174 answers, the slowest after 0.49 s (0.31 s without attacks). 99 % of health checks on new
    connections are answered within 0.84 s, and the slowest after 1.07 s; on a machine at load 10 it took 1.9 s.
    """
    calm, failures = load.run(20.0, 200, ["--grpc_port=0"])
    assert failures == []
    result, failures = load.run(60.0, 200, ["--grpc_port=0"], attack=_attacks)
    print(json.dumps([calm, result]))
    assert failures == []
    assert result["together"]["requests"] > 1000
    assert all(result["attacks"].values())
    assert max(result["memory_mb"]) - result["memory_mb"][0] < 800
    assert result["together"]["longest_ms"] < 1000
    assert result["health_checks"]["p99_ms"] < 1000


def _attacks(server, seconds, *names):
    """Returns the process that attacks a server, in all ways or in those named."""
    command = [sys.executable, "-m", "tests.keras_gans.serving.attacks", server.url.removeprefix("http://").rstrip("/")]
    return subprocess.Popen([*command, server.grpc, str(seconds), *names], stdout=subprocess.PIPE, text=True)
