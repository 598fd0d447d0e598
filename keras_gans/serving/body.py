"""Request bodies: how large they may be, how long they may take, and how much of them may be in memory at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from starlette.requests import Request

from keras_gans.serving.connection import BODY_TIMES
from keras_gans.serving.errors import ServingError

SMALL = 64 * 1024  # bytes; bodies up to this size are always read
_TOGETHER = 16  # the largest bodies that may be in memory at once
_CLOSE = {"Connection": "close"}


class Bodies:
    """Reads request bodies.

    Args:
        most: Size of the largest body, in bytes.
        seconds: Time a client has to send the next part. The whole body may take `BODY_TIMES` as long.
    """

    def __init__(self, most: int, seconds: float):
        self._most, self._seconds = most, seconds
        self._held = 0

    @contextlib.asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the body of a request.

        Raises:
            ServingError: 413 if the body is too large, 408 if it does not arrive, 503 if too many arrive at once.
        """
        length = request.headers.get("content-length", "")
        body = bytearray()
        try:
            self._check(int(length[:20]) if length.isascii() and length.isdigit() else 0)
            await self._receive(request, body)
        except ServingError as error:
            asks_first = not body and request.headers.get("expect", "").lower() == "100-continue"
            self._held -= len(body)
            body.clear()
            if error.status in (413, 503) and not asks_first:
                await self._discard(request)
            raise
        except BaseException:
            self._held -= len(body)
            raise
        content = bytes(body)
        body.clear()
        try:
            yield content
        finally:
            self._held -= len(content)

    @contextlib.contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Count a message that was read elsewhere, for the duration of the block.

        Raises:
            ServingError: 503 if too many arrive at once.
        """
        self._held += size
        try:
            self._check(size)
            yield
        finally:
            self._held -= size

    def _check(self, size: int) -> None:
        if size > self._most:
            text = f"The request's body is larger than {self._most / 2**20:g} MiB (--max_body_mb)."
            raise ServingError("INVALID_ARGUMENT", text, 413, _CLOSE)
        if size > SMALL and self._held > _TOGETHER * self._most:
            text = "Too many large requests at once; try again later."
            raise ServingError("UNAVAILABLE", text, headers={"Retry-After": "1", **_CLOSE})

    async def _receive(self, request: Request, body: bytearray) -> None:
        try:
            async with asyncio.timeout(BODY_TIMES * self._seconds):
                async for part in self._parts(request):
                    body += part
                    self._held += len(part)
                    self._check(len(body))
        except TimeoutError as error:
            raise ServingError("DEADLINE_EXCEEDED", "The request's body did not arrive in time.", 408, _CLOSE) from error

    async def _parts(self, request: Request) -> AsyncIterator[bytes]:
        more = True
        while more:
            async with asyncio.timeout(self._seconds):
                message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ServingError("CANCELLED", "The client has gone.")
            more = message.get("more_body", False)
            yield message.get("body", b"")

    async def _discard(self, request: Request) -> None:
        """Read on without keeping anything, because a client that is still sending does not see the response."""
        sent = 0
        with contextlib.suppress(TimeoutError, ServingError):
            async with asyncio.timeout(BODY_TIMES * self._seconds):
                async for part in self._parts(request):
                    sent += len(part)
                    if sent > 4 * self._most:
                        return
