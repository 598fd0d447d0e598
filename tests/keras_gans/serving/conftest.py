"""Servers in processes of their own, as users start them, and the models they serve."""

import contextlib
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.forked import ForkedServer, keras_gans
from tests.support.ports import free_ports

with contextlib.suppress(ImportError):  # without selenium
    from tests.keras_gans.serving.browsing import browser, page  # noqa: F401

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)

CONFIG = """
# As in a container of TensorFlow Serving.
model_config_list {
  config { name: "digits" base_path: "BASE/digits" model_platform: "tensorflow"
           model_version_policy { all {} }
           version_labels { key: "stable" value: 1 } version_labels { key: "canary" value: 2 } }
  config { name: "captions" base_path: "BASE/captions" model_platform: "tensorflow" }
  config { name: "foreign" base_path: "BASE/foreign" model_platform: "tensorflow" }
}
"""
REAL = "tensorflow_model_server"
CLASSES = ("zero", "one", "two")


class Server:
    """A running server: `url`, `grpc` (HOST:PORT), `process`, and what it printed."""

    def __init__(self, process, url, printed, grpc=None):
        self.process, self.url, self.printed, self.grpc = process, url, printed, grpc

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, content):
        """Returns status and decoded JSON of a request with JSON, or with bytes as they are."""
        return self.ask("POST", path, content if isinstance(content, bytes) else json.dumps(content).encode())

    def predict(self, model, content):
        return self.post(f"/v1/models/{model}:predict", content)

    def ask(self, method, path, body=None):
        status, _, content = self.raw(method, path, body)
        return status, json.loads(content)

    def raw(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.url.rstrip("/") + path, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def wait_for(self, path, condition, seconds=60):
        """Asks until the answer's JSON is as wanted, and returns it."""
        end = time.monotonic() + seconds
        while True:
            status, content = self.get(path)
            if status == 200 and condition(content):
                return content
            assert time.monotonic() < end, (path, status, content, self.printed)
            time.sleep(0.05)

    def terminate(self, timeout=60):
        """Returns the exit status after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)


@contextlib.contextmanager
def started(folder, *flags, cores=None):
    """Yields a `Server` of a folder, forked from a process that has imported TensorFlow, or begun anew on some cores."""
    arguments = ["serve", str(folder), "--port=0", *flags]
    if cores is None:
        process = ForkedServer(keras_gans, arguments)
        lines = process.lines()
    else:
        command = ["taskset", "-c", cores, str(Path(sys.executable).with_name("keras-gans")), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = process.stdout
    printed = []
    try:
        for line in lines:
            printed.append(line)
            if found := re.search(r"at (http://\S+)(?: and (\S+) \(gRPC\))?", line):
                break
        else:
            raise AssertionError(f"The server ended with {process.wait()}: {''.join(printed)}")
        threading.Thread(target=lambda: printed.extend(lines), daemon=True).start()
        yield Server(process, found[1], printed, found[2])
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory):
    """A folder with models `digits` (conditional, two versions), `captions` and `foreign`."""
    pytest.importorskip("tensorflow", exc_type=ImportError)
    from tests.keras_gans.serving import saved_models

    folder = tmp_path_factory.mktemp("served") / "models"
    folder.mkdir()
    for version in (1, 2):
        saved_models.write_images(folder / "digits", version, conditional=True, classes=CLASSES)
    saved_models.write_text(folder / "captions")
    saved_models.write_foreign(folder / "foreign", 3)
    (folder / "models.config").write_text(CONFIG.replace("BASE", "/models"))
    return folder


@pytest.fixture(scope="session")
def server(models_folder):
    """A server of these models, with low limits."""
    flags = ("--grpc_port=0", "--max_body_mb=1", "--max_rows=40", "--max_batch_size=16", "--client_timeout=1")
    with started(models_folder, "--poll_seconds=0.2", "--batch_timeout_ms=2", *flags) as running:
        yield running
        assert running.process.poll() is None, running.printed


@pytest.fixture(scope="session", params=["keras-gans serve", REAL])
def api(request, models_folder, tmp_path_factory):
    """That server, and TensorFlow Serving where it is installed."""
    if request.param != REAL:
        yield request.getfixturevalue("server")
        return
    if shutil.which(REAL) is None:
        pytest.skip(f"{REAL} is not installed")
    config = tmp_path_factory.mktemp("config") / "models.config"
    config.write_text(CONFIG.replace("BASE", str(models_folder)))
    port, grpc = free_ports(2)
    command = [REAL, f"--rest_api_port={port}", f"--port={grpc}", f"--model_config_file={config}"]
    process = subprocess.Popen([*command, "--allow_version_labels_for_unavailable_models"], stderr=subprocess.DEVNULL)
    try:
        running = Server(process, f"http://127.0.0.1:{port}", [], f"127.0.0.1:{grpc}")
        for _ in range(300):
            try:
                running.wait_for("/v1/models/foreign", lambda found: "AVAILABLE" in json.dumps(found))
                break
            except OSError:
                time.sleep(0.2)
        yield running
    finally:
        process.kill()
        process.wait()
