"""Passes the newest messages on to any number of readers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

_MOST_READERS = 32
_KEEP_ALIVE = 15.0  # seconds after which a silent stream shows that it still exists


class Hub:
    """Holds the newest state and the newest frame of each run. A reader that is slow misses frames; nothing waits for it.

    Attributes:
        readers: Number of streams that are being read.
    """

    def __init__(self) -> None:
        self._newest: dict[tuple[str, int], tuple[int, bytes]] = {}
        self._count = 0
        self._changed = asyncio.Event()
        self._closed = False
        self.readers = 0

    @property
    def full(self) -> bool:
        """Whether no more readers are accepted."""
        return self.readers >= _MOST_READERS

    def publish(self, message: dict[str, Any]) -> None:
        """Show a message to all readers, in the thread of the event loop."""
        self._count += 1
        kind, run = message["type"], message.get("run", 0)
        if message.get("status") in ("building", "closed"):
            self._newest.pop(("frame", run), None)  # it shows what no longer exists
        text = json.dumps(message, separators=(",", ":"))
        self._newest[kind, run] = self._count, f"event: {kind}\nid: {self._count}\ndata: {text}\n\n".encode()
        self._wake()

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self) -> AsyncIterator[bytes]:
        """Yield server-sent events: what is newest each time the reader is ready for more."""
        self.readers += 1
        seen = 0
        try:
            yield b"retry: 1000\n\n"
            while not self._closed:
                waiting = self._changed
                new = sorted(each for each in self._newest.values() if each[0] > seen)
                for number, event in new:
                    seen = number
                    yield event
                if not new:
                    try:
                        await asyncio.wait_for(waiting.wait(), _KEEP_ALIVE)
                    except TimeoutError:
                        yield b": \n\n"
        finally:
            self.readers -= 1
