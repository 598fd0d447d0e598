"""A lab in a process of its own, as users start it."""

import contextlib
import json
import re
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.forked import ForkedServer, keras_gans

with contextlib.suppress(ImportError):  # without selenium
    from tests.keras_gans.serving.browsing import browser, page  # noqa: F401

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)


class Lab:
    """A running lab: `url`, `port`, `process`."""

    def __init__(self, process, url):
        self.process, self.url, self.port = process, url, int(re.search(r":(\d+)/", url)[1])

    def ask(self, path, body=None, **headers):
        """Returns status and decoded JSON; a body is sent as JSON unless `headers` say otherwise."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(self.url + path, content, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def connect(self):
        """Returns a socket on which events have been asked for."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return connection

    def events(self):
        """Yields `(time, message)` of events as they arrive."""
        with self.connect() as connection, connection.makefile("rb") as lines:
            for line in lines:
                if line.startswith(b"data: "):
                    yield time.perf_counter(), json.loads(line[6:])

    def until(self, condition, seconds=30):
        """Returns the first message that is as wanted."""
        end = time.monotonic() + seconds
        for _, message in self.events():
            if condition(message):
                return message
            assert time.monotonic() < end, {name: message.get(name) for name in ("type", "status", "step", "error")}
        raise AssertionError("The stream has ended.")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextlib.contextmanager
def started(*arguments):
    """Yields a `Lab` of some arguments, forked from a process that has imported Keras."""
    process = ForkedServer(keras_gans, ["lab", *map(str, arguments), "--port=0"])
    printed = []
    try:
        for line in process.lines():
            printed.append(line)
            if found := re.search(r"at (http://\S+)", line):
                break
        else:
            raise AssertionError("".join(printed))
        threading.Thread(target=lambda: printed.extend(process.lines()), daemon=True).start()
        yield Lab(process, found[1])
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """The file that the shared lab records."""
    return tmp_path_factory.mktemp("recorded") / "lab.jsonl.gz"


@pytest.fixture(scope="session")
def lab(recorded):
    with started(f"--record={recorded}") as running:
        running.until(lambda message: message["type"] == "frame", 60)
        yield running
        assert running.process.poll() is None


def children(pid):
    """The ids of the processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
    return found
