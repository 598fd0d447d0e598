"""Recordings from web servers: read whole, or refused in one line."""

import functools
import http.server
import socket
import threading

import pytest

from keras_gans.lab.address import downloaded, is_address


class _Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(2**16))
            except OSError:
                pass
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"short")
        else:
            super().do_GET()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site(tmp_path):
    (tmp_path / "recording.jsonl.gz").write_bytes(b"0123456789" * 100)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_an_address():
    assert is_address("https://a.example/x.jsonl.gz") and is_address("ftp://a/x") and not is_address("runs/x.gz")


@pytest.mark.parametrize("path", ["/recording.jsonl.gz", "/to//recording.jsonl.gz"])
def test_a_file_is_read_and_removed(site, path):
    with downloaded(site + path) as file:
        assert file.read_bytes() == b"0123456789" * 100
    assert not file.exists()


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("/missing", OSError, "the server answered 404"),
        ("/to/file:///etc/hostname", OSError, "is not allowed"),
        ("/to/ftp://127.0.0.1/x", ValueError, "must begin with https"),
        ("/recording.jsonl.gz", ValueError, "too large"),
        ("/endless", ValueError, "too large"),
    ],
)
def test_anything_else_is_refused_in_one_line(site, path, error, words):
    with pytest.raises(error, match=words) as refused, downloaded(site + path, largest=999):
        pass
    assert "\n" not in str(refused.value) and "://" in str(refused.value)


def test_of_a_file_that_is_cut_off_the_rest_is_read(site):
    """As of other recordings, the whole part is used."""
    with downloaded(f"{site}/cut") as file:
        assert file.read_bytes() == b"short"


@pytest.mark.parametrize("url", ["file:///etc/hostname", "http://", "javascript://x", "gs://bucket/x"])
def test_other_kinds_of_addresses_are_refused(url):
    with pytest.raises(ValueError, match="must begin with https:// or http://"), downloaded(url):
        pass


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OSError, match=f"127.0.0.1:{port}/x cannot be read"), downloaded(f"http://127.0.0.1:{port}/x"):
        pass
