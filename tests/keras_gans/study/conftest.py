"""Studies of drawn samples, and their server in a process of its own."""

import contextlib
import json
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import numpy as np
import pytest

from keras_gans.media import Audio, Images, Text
from keras_gans.study import create_study

with contextlib.suppress(ImportError):  # without selenium
    from tests.keras_gans.serving.browsing import browser, page  # noqa: F401

SMALL = {"trials": 6, "golds": 1, "repeats": 1, "practice": 2, "break_every": 4}


def images(count, seed, generated=False):
    """Grey images, of which generated ones are dark and real ones bright."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 100, (count, 16, 16, 1), "uint8") + np.uint8(0 if generated else 150)


def make(folder, protocol="real_or_generated", seed=0, **settings):
    """Writes a small study with two models, `one` and `two`."""
    arguments = {"num": 10, "seed": seed, "dataset": "drawn", **SMALL, **settings}
    if protocol == "opinion":
        rng = np.random.default_rng(seed)
        sounds = [rng.normal(0, 0.1, (40, 800, 1)).clip(-1, 1).astype("float32") for _ in range(3)]
        return create_study(
            folder,
            {"one": sounds[0], "two": sounds[1]},
            sounds[2],
            medium=Audio((800, 1), 8000),
            protocol=protocol,
            **arguments,
        )
    if protocol == "likert":
        real, one, two = ([f"{kind} words number {n} follow here" for n in range(40)] for kind in ("real", "one", "two"))
        return create_study(folder, {"one": one, "two": two}, real, medium=Text(()), protocol=protocol, **arguments)
    models = {"one": images(40, 1, True), "two": images(40, 2, True)}
    return create_study(folder, models, images(200, 3), medium=Images((16, 16, 1)), protocol=protocol, **arguments)


class Client:
    """What a participant's page asks a server."""

    def __init__(self, url):
        self.url = url

    def ask(self, path, body=None, headers=None):
        """Returns the status and the answer."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path,
            data,
            {"Content-Type": "application/json", **(headers or {})} if data is not None else headers or {},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def begin(self, participant):
        return self.ask("api/begin", {"participant": participant, "consent": True})

    def answer(self, token, trial, choice="real", **more):
        return self.ask("api/answer", {"token": token, "trial": trial, "choice": choice, "milliseconds": 800, **more})


PROGRAM = "import sys; from keras_gans_tools import cli; sys.argv = ['keras-gans', 'study', 'serve', *sys.argv[1:]]; cli.main()"


@contextlib.contextmanager
def served(folder, *flags):
    """A server of a study, and its URL."""
    command = [sys.executable, "-c", PROGRAM, str(folder), "--port=0", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    reading = None
    try:
        first = process.stdout.readline()
        found = re.search(r"at (http://\S+/)\?participant=NAME", first)
        assert found, first + process.stdout.read()
        printed = []
        reading = threading.Thread(target=lambda: printed.extend(process.stdout), daemon=True)
        reading.start()
        client = Client(found[1])
        client.process, client.printed = process, printed
        yield client
    finally:
        process.kill()
        process.wait()
        if reading is not None:
            reading.join()
        process.stdout.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A small study of the default protocol, and its server."""
    folder = tmp_path_factory.mktemp("study") / "small"
    study = make(folder)
    with served(folder) as client:
        yield study, client
