"""What a server does with too much, too slow and too wrong, and that it lives on."""

import contextlib
import json
import socket
import threading
import time

import pytest

from tests.keras_gans.serving import saved_models
from tests.keras_gans.serving.conftest import started

FOREIGN = "/v1/models/foreign:predict"
PREDICT = b"POST /v1/models/foreign:predict HTTP/1.1\r\nHost: localhost\r\n"


def connect(server):
    host, port = server.url.removeprefix("http://").rstrip("/").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def closed_after(connection):
    """Returns the seconds until the other side closes, and what it had sent."""
    began, received = time.monotonic(), b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return time.monotonic() - began, received


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"instances": [NaN]}', "NaN and Infinity are not JSON numbers"),
        (b'{"instances": [-Infinity]}', "NaN and Infinity are not JSON numbers"),
        (b'{"instances": [1e999]}', "JSON Parse error"),
        (b'{"instances": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "JSON Parse error"),
        (b'{"instances": ["\xff"]}', "JSON Parse error"),
        (b'{"signature_name": "strings", "instances": ["\\ud800"]}', "JSON Parse error"),
        (b"\x00" * 1000, "JSON Parse error"),
        (b'{"instances": [' + b"9" * 5000 + b"]}", ""),
        (b'{"instances": [1' + b",1" * 40 + b"]}", "41 rows; at most 40"),
        (b'{"inputs": [1' + b",1" * 40 + b"]}", "41 rows; at most 40"),
        (b'{"inputs": [[[[[[[[1]]]]]]]]}', "has shape [1, 1, 1, 1, 1, 1, 1, 1]"),
        (b'{"signature_name": "fixed", "inputs": [[1, 2]]}', "the signature 'fixed' takes [2, 2]"),
        (b'{"inputs": []}', None),
    ],
)
def test_bodies_that_no_client_should_send(server, content, words):
    status, answer = server.post(FOREIGN, content)
    assert status == (200 if words is None else 400), answer
    if words is None:
        assert answer == {"outputs": []}
    else:
        assert words in answer["error"]
        assert len(answer["error"]) < 1000
    assert server.post(FOREIGN, {"instances": [1.0]}) == (200, {"predictions": [2.5]})


def test_a_million_rows(server):
    body = b'{"instances": [1' + b",1" * (10**6 - 1) + b"]}"
    status, answer = server.post(FOREIGN, body)
    assert status == 413
    assert "larger than 1 MiB" in answer["error"]


def test_a_large_body_without_its_length(server):
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with connect(server) as connection:
        connection.sendall(PREDICT + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 40 + b"0\r\n\r\n")
        _, received = closed_after(connection)
    assert received.startswith(b"HTTP/1.1 413")


def test_who_asks_before_sending_too_much_is_told_at_once(server):
    with connect(server) as connection:
        connection.sendall(PREDICT + b"Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n")
        seconds, received = closed_after(connection)
    assert received.startswith(b"HTTP/1.1 413")
    assert seconds < 1


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /v1/mod", PREDICT + b"X-More: ", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea"],
    ids=["nothing", "half a line", "half a head", "half a second request"],
)
def test_a_head_that_does_not_come(server, sent):
    with connect(server) as connection:
        connection.sendall(sent)
        seconds, received = closed_after(connection)
    assert 0.5 < seconds < 5
    assert received.count(b"HTTP/1.1 ") == sent.count(b"healthz")


def test_a_head_that_trickles(server):
    with connect(server) as connection:
        began = time.monotonic()
        with pytest.raises(OSError):
            for _ in range(200):
                connection.sendall(b"G" if time.monotonic() == began else b"X")
                time.sleep(0.1)
        assert time.monotonic() - began < 5


def test_a_head_without_end(server):
    with connect(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(PREDICT)
            for _ in range(2000):
                connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
        seconds, received = closed_after(connection)
    assert seconds < 1
    assert received == b""


def test_a_body_that_does_not_come(server):
    with connect(server) as connection:
        connection.sendall(PREDICT + b'Content-Length: 100\r\n\r\n{"instances"')
        seconds, received = closed_after(connection)
    assert received.startswith(b"HTTP/1.1 408")
    assert b'{"error":"The request\'s body did not arrive in time."}' in received
    assert 0.5 < seconds < 5


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_who_takes_nothing_is_cut_off(server):
    body = json.dumps({"signature_name": "strings", "instances": ["x" * 20_000] * 40}).encode()
    head = PREDICT + f"Content-Length: {len(body)}\r\n\r\n".encode()
    with connect(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises(OSError):
            # Answers pile up; each is some megabytes.
            for _ in range(50):
                connection.sendall(head + body)
                time.sleep(0.2)


def test_no_http(server):
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        _, received = closed_after(connection)
    assert received.startswith(b"HTTP/1.1 400")


def test_one_bad_row_does_not_spoil_the_others_that_it_was_joined_with(server):
    results = {}

    def ask(seed):
        row = {"seeds": seed, "temperature": 1.0}
        results[seed] = server.predict("captions", {"signature_name": "generate", "instances": [row]})

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(-8, 24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, (status, answer) in results.items():
        if seed < 0:
            assert status == 400
            assert saved_models.SEEDS in answer["error"]
        else:
            assert status == 200
            assert answer["predictions"][0]["token_ids"] == [(seed + step) % 5 + 1 for step in range(1, 5)]


def test_requests_are_joined_but_not_those_whose_rows_depend_on_each_other(server):
    def calls():
        text = server.raw("GET", "/metrics")[2].decode()
        value = {line.split()[0]: float(line.split()[1]) for line in text.splitlines() if not line.startswith("#")}
        return value["keras_gans_serving_batch_rows_count"], value["keras_gans_serving_batch_rows_sum"]

    def ask_all(signature, answers):
        def ask(number):
            content = {"signature_name": signature, "instances": [float(number), float(number) + 2]}
            answers[number] = server.post(FOREIGN, content)

        before = calls()
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = calls()
        assert after[1] - before[1] == 120
        return after[0] - before[0]

    answers = {}
    assert ask_all("centred", answers) == 60
    assert all(answer == (200, {"predictions": [-1.0, 1.0]}) for answer in answers.values())
    assert ask_all("serving_default", answers) < 60
    for number, answer in answers.items():
        assert answer == (200, {"predictions": [number / 2 + 2, number / 2 + 3]})


@pytest.fixture(scope="module")
def narrow_server(models_folder):
    """A server that runs one call at a time and lets three requests wait; the last test ends it."""
    flags = ("--max_queue=3", "--inference_threads=1", "--batch_timeout_ms=0", "--request_timeout=6", "--allow_nan", "--cors")
    with started(models_folder, *flags) as running:
        yield running


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_not_a_number_where_it_is_allowed(narrow_server):
    status, _, content = narrow_server.raw("POST", FOREIGN, b'{"instances": [NaN]}')
    assert status == 200
    assert b"NaN" in content


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_pages_of_other_servers(narrow_server, server):
    headers = {"Origin": "http://elsewhere"}
    _, allowed, _ = narrow_server.raw("POST", FOREIGN, b'{"instances": [1.0]}', headers)
    assert allowed["Access-Control-Allow-Origin"] == "*"
    _, not_allowed, _ = server.raw("POST", FOREIGN, b'{"instances": [1.0]}', headers)
    assert not_allowed["Access-Control-Allow-Origin"] is None


def ask_for_something_slow(server, seconds, count):
    """Starts threads that ask; returns them and the list of their results."""
    results = []
    body = json.dumps({"signature_name": "slow", "inputs": [seconds]}).encode()
    threads = [threading.Thread(target=lambda: results.append(server.raw("POST", FOREIGN, body))) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_full_queue(narrow_server):
    threads, results = ask_for_something_slow(narrow_server, 10.0, 8)
    wait_until(lambda: len(results) >= 4)
    # One is being answered, three wait, and the others are told at once to come back.
    refused = [result for result in results if result[0] == 503]
    assert len(refused) == 4
    assert all(headers["Retry-After"] == "1" for _, headers, _ in refused)
    assert narrow_server.get("/healthz") == (200, {"status": "ok"})
    for thread in threads:
        thread.join()
    assert [json.loads(content) for status, _, content in results if status == 200] == [{"outputs": [10.0]}] * 4


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_who_is_being_answered_when_the_server_is_ended_is_answered(narrow_server):
    def wait_for_queue(length):
        wait_until(lambda: b"keras_gans_serving_queued_requests %.1f" % length in narrow_server.raw("GET", "/metrics")[2])

    threads, results = ask_for_something_slow(narrow_server, 20.0, 2)
    wait_for_queue(1)
    gone, late = ask_for_something_slow(narrow_server, 1000.0, 1)
    wait_for_queue(2)
    assert narrow_server.terminate() == 0
    for thread in (*threads, *gone):
        thread.join()
    assert sorted(status for status, _, _ in results) == [200, 200]
    # This one takes a minute: it is given up.
    assert late[0][0] == 504
    assert json.loads(late[0][2]) == {"error": "The request took longer than 6 seconds."}
