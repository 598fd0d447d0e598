"""A local server of presets, with the faults that servers and connections have."""

import collections
import contextlib
import hashlib
import http.server
import json
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

from keras_gans import presets
from keras_gans.presets import hub
from tests.conftest import ROOT

CONFIG, WEIGHTS, FACTS = "config.json", "model.weights.h5", "preset.json"
# Where the tests publish it.
PLACE = "/models/digits"


class Remote:
    """A server of files, over HTTP.

    Attributes:
        files: Content of the files, by path.
        faults: What goes wrong, by path: functions of the request's handler, one a request, in order. One that returns true has
            answered itself.
        requests: GET requests so far: path and headers.
        heads: HEAD requests so far: path and headers.
    """

    def __init__(self, handler=None):
        self.files, self.faults = {}, collections.defaultdict(list)
        self.requests, self.heads = [], []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("", (handler or Handler,), {"remote": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def protect(self, certificate, key):
        """From now on it speaks TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def publish(self, folder, path):
        """Puts the files of a folder under a path."""
        for file in folder.iterdir():
            self.files[f"{path}/{file.name}"] = file.read_bytes()

    def asked(self, name):
        """Returns the headers of all GET requests for files of a name."""
        return [headers for path, headers in list(self.requests) if path.endswith(f"/{name}")]

    def stop(self):
        """Frees the port."""
        self._server.shutdown()
        self._server.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    """What a `Remote` does with a request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.close_connection = True
        remote, path = self.remote, urllib.parse.unquote(self.path)
        (remote.heads if self.command == "HEAD" else remote.requests).append((path, dict(self.headers)))
        self.sent = None
        if remote.faults[path] and remote.faults[path].pop(0)(self):
            return
        self.respond(path)

    def respond(self, path):
        """Answers a request that no fault has answered."""
        content = self.remote.files.get(path)
        if content is None:
            refuse(404)(self)
        else:
            self.send_file(content)

    def send_file(self, content):
        """Sends a file, or what is asked for of it."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            self.answer(200, content, {})
        elif (start := int(asked[1])) >= len(content):
            self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        else:
            self.answer(206, content[start:], {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"})

    def answer(self, status, body, headers):
        """Sends an answer, or of its body so many bytes as `sent` says."""
        self.send_response(status)
        for name, value in {"Content-Length": len(body), "Connection": "close", **headers}.items():
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()
        if self.command == "HEAD":
            return
        with contextlib.suppress(OSError):  # the client may have left
            self.wfile.write(body if self.sent is None else body[: self.sent])


def cut(sent, reset=False):
    """The connection ends, or breaks, after so many bytes of the body."""

    def fault(handler):
        handler.sent = sent
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return fault


def refuse(status, **headers):
    """The server answers with another status."""

    def fault(handler):
        handler.answer(status, b"no", {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return fault


def other(content, **headers):
    """The server answers with something else, whatever was asked for."""

    def fault(handler):
        handler.answer(200, content, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return fault


def silent(seconds):
    """The server takes the request and says nothing."""

    def fault(handler):
        time.sleep(seconds)
        return True

    return fault


def stalled(content, sent, until):
    """The server sends so many bytes of a file, and the rest after an event."""

    def fault(handler):
        handler.sent = sent
        handler.answer(200, content, {})
        handler.wfile.flush()
        until.wait(30)
        with contextlib.suppress(OSError):
            handler.wfile.write(content[sent:])
        return True

    return fault


def then(function):
    """Something else happens before the server answers."""

    def fault(handler):
        function()

    return fault


def write_manifest(folder, names=(CONFIG, WEIGHTS), **changes):
    """Writes into a folder's `preset.json` what its files are, but for some that are said to be something else."""
    facts = json.loads((folder / FACTS).read_text())
    facts["files"] = hub.describe({name: folder / name for name in names}) | changes
    facts["sha256"] = hub.describe({WEIGHTS: folder / WEIGHTS})[WEIGHTS]["sha256"]
    (folder / FACTS).write_text(json.dumps(facts))


def change_weights(remote, folder):
    """Publishes a folder with other weights; returns them."""
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (folder / WEIGHTS).write_bytes(content)
    write_manifest(folder)
    remote.publish(folder, PLACE)
    return bytes(content)


def digest(path):
    """Returns the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def find(address, **options):
    """Returns the folder in which a preset lies then."""
    folder = presets.find_preset(address, **options).folder
    assert {path.name for path in folder.iterdir()} == {CONFIG, WEIGHTS, FACTS}
    return folder


def start(address, before=""):
    """Starts a process that prints the folder in which a preset lies then, and returns it."""
    program = f"{before}\nfrom keras_gans import presets\nprint(presets.find_preset({address!r}).folder)"
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def wait_for(condition, seconds=30):
    """Waits until something is true."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
