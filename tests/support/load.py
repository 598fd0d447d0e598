"""Loads a server with many clients at once, for a minute, while a new version is published.

    taskset -c 0,1 python -m tests.support.load [SECONDS [CLIENTS]]

The model is the bundled preset `dcgan_digits`, asked for one sample a request by `generate`; each answer is compared with what
Keras generates from that seed. Prints one line of JSON.
"""

import asyncio
import concurrent.futures
import json
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

SEEDS = 200
ALONE_SECONDS = 8.0


def write_versions(folder):
    """Writes versions 1 and 2 of a model to a folder; returns the uint8 images that each makes of every seed."""
    import keras_gans
    from keras_gans import export

    expected = []
    for version in (1, 2):
        model = keras_gans.load_pretrained("dcgan_digits")
        network = model.sampling_network()
        network.set_weights([value * (1.0 if version == 1 else 0.9) for value in network.get_weights()])
        export.saved_model(model, folder / "digits", version)
        images = np.asarray(model.generate(seeds=range(SEEDS)))
        expected.append(np.clip(np.round((images + 1) * 127.5), 0, 255).astype(int))
    return expected


class Client:
    """A connection that asks for one sample after the other and checks each."""

    def __init__(self, url, expected, number):
        self.host, port = url.removeprefix("http://").rstrip("/").split(":")
        self.port, self.expected, self.seed = int(port), expected, number % SEEDS
        self.shape = next(iter(expected.values())).shape[1:]
        self.seconds, self.failures, self.versions = [], [], set()

    async def run(self, until):
        reader, writer = await asyncio.open_connection(self.host, self.port)
        while time.perf_counter() < until:
            self.seed = (self.seed + 1) % SEEDS
            row = {"seeds": self.seed}
            body = json.dumps({"signature_name": "generate", "instances": [row]}).encode()
            began = time.perf_counter()
            writer.write(
                b"POST /v1/models/digits:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            content = await reader.readexactly(length)
            self.seconds.append(time.perf_counter() - began)
            self.check(head, content)
        writer.close()

    def check(self, head, content):
        if not head.startswith(b"HTTP/1.1 200 "):
            self.failures.append(content[:200].decode())
            return
        # Much quicker than a decoder of JSON, of which this is the only list: the clients are to leave the server its cores.
        numbers = content.removeprefix(b'{"predictions":').translate(None, b"[]}")
        image = np.fromstring(numbers, int, sep=",").reshape(self.shape)
        near = [version for version, images in self.expected.items() if np.abs(image - images[self.seed]).max() <= 1]
        if len(near) != 1:
            self.failures.append(f"seed {self.seed} is wrong")
        self.versions.update(near)


async def ask_all(url, expected, count, seconds):
    clients = [Client(url, expected, number * 7) for number in range(count)]
    until = time.perf_counter() + seconds
    await asyncio.gather(*(client.run(until) for client in clients))
    return clients


async def publish_and_watch(server, folder, version, seconds):
    """Publishes a version in the middle; returns the server's memory in MB, every two seconds."""
    memory, began = [], time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds - 1:
        text = (await asyncio.to_thread(server.raw, "GET", "/metrics"))[2].decode()
        memory.append(round(float(text.split("\nprocess_resident_memory_bytes ")[1].split()[0]) / 2**20))
        if passed > seconds / 2 and version.exists():
            version.rename(folder / "digits" / "2")
        await asyncio.sleep(2)
    return memory


def summary(clients, seconds):
    times = sorted(each for client in clients for each in client.seconds)
    return {
        "clients": len(clients),
        "requests": len(times),
        "requests_per_second": round(len(times) / seconds, 1),
        "median_ms": round(1000 * statistics.median(times), 1),
        "p99_ms": round(1000 * times[int(0.99 * len(times))], 1),
        "longest_ms": round(1000 * times[-1], 1),
        "failures": sum(len(client.failures) for client in clients),
    }


def health_checks(url, seconds):
    """Returns the milliseconds of the 99th percentile of health checks on new connections, and of the longest one."""
    times, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        with urllib.request.urlopen(f"{url}healthz", timeout=60) as response:
            response.read()
        times.append(time.perf_counter() - began)
        time.sleep(0.05)
    times.sort()
    return {"p99_ms": round(1000 * times[int(0.99 * len(times))], 1), "longest_ms": round(1000 * times[-1], 1)}


def run(seconds=60.0, count=200, flags=(), attack=None):
    """Returns what was measured, and the failures.

    Args:
        seconds: How long the clients ask.
        count: The number of clients.
        flags: More flags of the server.
        attack: Returns, for a `Server` and these seconds, a `Popen` that attacks it meanwhile and prints JSON.
    """
    from tests.keras_gans.serving.conftest import started

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "models")
        first, second = write_versions(folder)
        expected = {1: first, 2: second}
        waiting = Path(temporary, "2")
        shutil.move(folder / "digits" / "2", waiting)
        with started(folder, "--max_batch_size=1", "--batch_timeout_ms=0") as server:
            asyncio.run(ask_all(server.url, {1: first}, 1, 1.0))
            alone = summary(asyncio.run(ask_all(server.url, {1: first}, 1, ALONE_SECONDS)), ALONE_SECONDS)
        with started(folder, *flags) as server:
            asyncio.run(ask_all(server.url, {1: first}, count, 2.0))

            async def load():
                return await asyncio.gather(
                    ask_all(server.url, expected, count, seconds), publish_and_watch(server, folder, waiting, seconds)
                )

            with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                checks = pool.submit(health_checks, server.url, seconds)
                attacker = attack(server, seconds) if attack else None
                clients, memory = asyncio.run(load())
                attacks = json.loads(attacker.communicate()[0]) if attacker else {}
            after = asyncio.run(ask_all(server.url, expected, 4, 1.0))
        result = {
            "one_at_a_time": alone,
            "together": summary(clients, seconds),
            "versions": sorted(set().union(*(client.versions for client in clients))),
            "versions_after": sorted(set().union(*(client.versions for client in after))),
            "memory_mb": memory,
            "health_checks": checks.result(),
            "attacks": attacks,
        }
        return result, [failure for client in (*clients, *after) for failure in client.failures]


def main():
    arguments = sys.argv[1:]
    seconds = float(arguments[0]) if arguments else 60.0
    count = int(arguments[1]) if len(arguments) > 1 else 200
    result, failures = run(seconds, count, arguments[2:])
    print(json.dumps(result))
    for failure in failures[:5]:
        print(failure, file=sys.stderr)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
