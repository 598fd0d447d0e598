"""What attackers send to a server: each function attacks once, and returns when the server has had enough.

python -m tests.keras_gans.serving.attacks HTTP_HOST:PORT GRPC_HOST:PORT SECONDS     all of them, over and over
"""

import contextlib
import json
import random
import socket
import struct
import sys
import threading
import time

PREDICT = b"POST /v1/models/%s:predict HTTP/1.1\r\nHost: localhost\r\n"
MEGABYTE = 2**20


def connect(address, timeout=30):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout)


def received(connection):
    """Returns what comes until the other side closes."""
    content = b""
    with contextlib.suppress(OSError):
        while part := connection.recv(65536):
            content += part
    return content


def exchange(address, content):
    with connect(address) as connection, contextlib.suppress(OSError):
        connection.sendall(content)
        return received(connection)
    return b""


def post(address, body, model=b"digits", headers=b"Connection: close\r\n"):
    """Returns status and content of the response to a body."""
    answer = exchange(address, PREDICT % model + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, content


def trailers(address, megabytes, name_length):
    """Ends a chunked request with trailers; returns how many megabytes were taken."""
    sent = 0
    with connect(address) as connection:
        connection.sendall(PREDICT % b"digits" + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
        with contextlib.suppress(OSError):
            if name_length:
                piece = (b"x" * name_length + b": y\r\n") * (MEGABYTE // (name_length + 5))
            else:
                connection.sendall(b"long: ")
                piece = b"x" * MEGABYTE
            for _ in range(megabytes):
                connection.sendall(piece)
                sent += 1
    return sent


def pipeline(address, requests):
    """Sends requests without waiting for responses; returns the number of responses."""
    return exchange(address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * requests).count(b"HTTP/1.1 200")


def deep(depth):
    return b'{"instances": ' + b"[" * depth + b"1" + b"]" * depth + b"}"


def large(megabytes, unit=b"[],"):
    """Returns a document that takes many times its size in memory."""
    return b'{"instances": [' + unit * (megabytes * MEGABYTE // len(unit) - 10) + unit[:-1] + b"]}"


def at_once(count, function):
    """Returns the results of as many concurrent calls."""
    results = []
    threads = [threading.Thread(target=lambda: results.append(function())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Http2:
    """A gRPC connection made by hand, whose messages need not end."""

    def __init__(self, address):
        self.socket = connect(address)
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self.frame(4, 0, 0))
        self.buffer, self.stream = b"", -1
        self.window, self.windows, self.first_window, self.ended = 65535, {}, 65535, {}

    @staticmethod
    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload

    def call(self, method, length):
        """Begins a call with a message of a length; returns its stream."""
        self.stream += 2
        headers = {
            ":method": "POST",
            ":scheme": "http",
            ":path": method,
            ":authority": "localhost",
            "te": "trailers",
            "content-type": "application/grpc",
        }
        texts = [(name.encode(), value.encode()) for name, value in headers.items()]
        fields = [b"\0" + bytes((len(name),)) + name + bytes((len(value),)) + value for name, value in texts]
        self.windows[self.stream] = self.first_window
        self.socket.sendall(self.frame(1, 4, self.stream, b"".join(fields)))
        self.send(self.stream, struct.pack(">BI", 0, length))
        return self.stream

    def send(self, stream, content, end=False):
        self.window -= len(content)
        self.windows[stream] -= len(content)
        self.socket.sendall(self.frame(0, 1 if end else 0, stream, content))

    def fill(self, stream, size):
        """Sends as much of a size as the server lets in at this time; returns how much that was."""
        size = min(size, 16384, self.window, self.windows[stream])
        if size > 0 and stream not in self.ended:
            self.send(stream, b"\0" * size)
            return size
        return 0

    def listen(self, seconds=0.0):
        """Takes what the server has sent: windows, and the ends of streams."""
        self.socket.settimeout(max(seconds, 0.001))
        with contextlib.suppress(TimeoutError):
            while part := self.socket.recv(65536):
                self.buffer += part
                self.socket.settimeout(0.001)
        self.socket.settimeout(30)
        while len(self.buffer) >= 9 and len(self.buffer) >= 9 + (size := int.from_bytes(self.buffer[:3])):
            kind, flags, stream = self.buffer[3], self.buffer[4], int.from_bytes(self.buffer[5:9])
            payload, self.buffer = self.buffer[9 : 9 + size], self.buffer[9 + size :]
            if kind == 8 and stream:
                self.windows[stream] = self.windows.get(stream, 0) + int.from_bytes(payload)
            elif kind == 8:
                self.window += int.from_bytes(payload)
            elif kind == 4 and not flags & 1:
                for at in range(0, size, 6):
                    if int.from_bytes(payload[at : at + 2]) == 4:
                        self.first_window = int.from_bytes(payload[at + 2 : at + 6])
                self.socket.sendall(self.frame(4, 1, 0))
            elif kind == 6 and not flags & 1:
                self.socket.sendall(self.frame(6, 1, 0, payload))
            elif kind == 3 or (kind == 1 and flags & 1):
                self.ended[stream] = payload


def partial_messages(address, streams, megabytes, seconds):
    """Begins messages that never end; returns the megabytes sent and the number of calls that the server ended."""
    sent, most = 0, megabytes * MEGABYTE
    with contextlib.closing((connection := Http2(address)).socket), contextlib.suppress(OSError):
        connection.listen(0.2)
        left = {
            connection.call("/tensorflow.serving.PredictionService/Predict", most - 5): most - MEGABYTE for _ in range(streams)
        }
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(connection.ended) < streams:
            before = sent
            for stream, size in left.items():
                filled = connection.fill(stream, size)
                left[stream] -= filled
                sent += filled
            connection.listen(0.0 if sent > before else 0.1)
    return sent / MEGABYTE, len(connection.ended)


def all_attacks(address, grpc):
    """Returns functions without arguments by name."""
    poison = json.dumps({"signature_name": "generate", "instances": [{"seeds": -1, "truncation": 1.0}]}).encode()
    return {
        "small trailers": lambda: trailers(address, 16, 1),
        "one long trailer": lambda: trailers(address, 16, 0),
        "pipelines": lambda: pipeline(address, 20_000),
        "deep JSON": lambda: [post(address, deep(depth))[0] for depth in (40, 70, 1000, 100_000)],
        "large JSON": lambda: at_once(6, lambda: post(address, large(3))[0]),
        "large bodies": lambda: at_once(24, lambda: post(address, b" " * (3 * MEGABYTE))[0]),
        "partial messages": lambda: partial_messages(grpc, 60, 3, 5.0),
        "other hosts": lambda: exchange(address, b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
        "poisoned rows": lambda: at_once(8, lambda: [post(address, poison)[0] for _ in range(20)]),
        "no HTTP": lambda: exchange(address, random.randbytes(1000)),
        "no gRPC": lambda: exchange(grpc, random.randbytes(1000)),
    }


def main():
    address, grpc, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    attacks = all_attacks(address, grpc)
    counts = dict.fromkeys(sys.argv[4:] or attacks, 0)
    end = time.monotonic() + seconds

    def repeat(name):
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                attacks[name]()
            counts[name] += 1
            time.sleep(0.5)

    threads = [threading.Thread(target=repeat, args=(name,)) for name in counts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
