"""Bodies of requests, of a limited size, in a limited time and not too many at a time."""

import asyncio
import contextlib

from keras_gans.serving.errors import ServingError

_TOGETHER = 16  # largest bodies that may be in memory at a time
_CLOSE = {"Connection": "close"}


class Bodies:
    """Reads bodies.

    Args:
        most: Bytes of the largest one.
        seconds: How long a client may take to send the next part, and how long four times the largest body may take.
    """

    def __init__(self, most: int, seconds: float):
        self._most, self._seconds = most, seconds
        self._held = 0

    @contextlib.asynccontextmanager
    async def read(self, request):
        """Yields a request's body as bytes.

        Raises:
            ServingError: 413 if it is too large, 408 if it does not come, 503 if too many come at once.
        """
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > self._most:
            # Who asked whether to send it, as curl does, is told at once.
            if request.headers.get("expect", "").lower() != "100-continue":
                await self._discard(request)
            raise self._too_large()
        body = bytearray()
        try:
            await self._receive(request, body)
            yield bytes(body)
        finally:
            self._held -= len(body)

    @contextlib.contextmanager
    def holding(self, size: int):
        """Counts a message that has been read elsewhere, for as long as the block takes.

        Raises:
            ServingError: 503 if too many come at once.
        """
        self._held += size
        try:
            self._check_held()
            yield
        finally:
            self._held -= size

    def _check_held(self, **headers):
        if self._held > _TOGETHER * self._most:
            text = "Too many large requests at once; try again later."
            raise ServingError("UNAVAILABLE", text, headers={"Retry-After": "1", **headers})

    async def _receive(self, request, body):
        try:
            async with asyncio.timeout(4 * self._seconds):
                async for part in self._parts(request):
                    body += part
                    self._held += len(part)
                    if len(body) > self._most:
                        await self._discard(request)
                        raise self._too_large()
                    self._check_held(**_CLOSE)
        except TimeoutError as error:
            raise ServingError("DEADLINE_EXCEEDED", "The request's body did not arrive in time.", 408, _CLOSE) from error

    async def _parts(self, request):
        more = True
        while more:
            async with asyncio.timeout(self._seconds):
                message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ServingError("CANCELLED", "The client has gone.")
            more = message.get("more_body", False)
            yield message.get("body", b"")

    async def _discard(self, request):
        """Reads on for a while, because who is still sending does not see an answer."""
        sent = 0
        with contextlib.suppress(TimeoutError, ServingError):
            async for part in self._parts(request):
                sent += len(part)
                if sent > 4 * self._most:
                    return

    def _too_large(self):
        text = f"The request's body is larger than {self._most / 2**20:g} MiB (--max_body_mb)."
        return ServingError("INVALID_ARGUMENT", text, 413, _CLOSE)
