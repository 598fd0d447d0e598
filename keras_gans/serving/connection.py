"""HTTP connections with limits on what a client may send and how long it may take.

uvicorn limits only how long a connection may stay idle between two requests.
"""

from asyncio import Transport
from asyncio.events import TimerHandle

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LARGEST_HEAD = 64 * 1024  # bytes of a head, of a chunk's header, and of trailers
_MOST_FIELDS = 256  # headers, and trailers, of a request
_LONGEST_PIPELINE = 64  # requests that a connection may send ahead of their responses
BODY_TIMES = 4  # a whole body may take this many times `--client_timeout`


def protocol(seconds: float) -> type[HttpToolsProtocol]:
    """Return a connection class whose clients have `seconds` to send a request's head, `BODY_TIMES` as long for its body,
    and `seconds` to take what has been written to them."""

    class Connection(HttpToolsProtocol):
        _read_timer: TimerHandle | None = None
        _write_timer: TimerHandle | None = None
        _in_head = False
        _fields = 0  # headers or trailers so far
        _without_progress = 0  # bytes since the last part of a body or the last end of a head
        _progressed = False

        def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
            super().connection_made(transport)
            self._start_clock(seconds)

        def connection_lost(self, exc: Exception | None) -> None:
            for timer in (self._read_timer, self._write_timer):
                if timer is not None:
                    timer.cancel()
            self._read_timer = self._write_timer = None
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            self._progressed = False
            super().data_received(data)
            self._without_progress = 0 if self._progressed else self._without_progress + len(data)
            if self._without_progress > _LARGEST_HEAD:
                self.transport.abort()
            elif self._read_timer is None and self._is_answered():
                self._start_clock(seconds)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._in_head, self._fields = True, 0
            self._start_clock(seconds)

        def on_header(self, name: bytes, value: bytes) -> None:
            self._fields += 1
            if self._fields > _MOST_FIELDS:
                self._give_up("too many headers or trailers")
            if self._in_head:  # nothing reads trailers
                super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._in_head, self._progressed, self._fields = False, True, 0
            self._start_clock(BODY_TIMES * seconds)
            if len(self.pipeline) >= _LONGEST_PIPELINE:
                self._give_up("too many pipelined requests")
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._progressed = True
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._progressed = True
            self._stop_clock()
            super().on_message_complete()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self._read_timer is not None:
                # Reading may have been paused until now.
                self._start_clock(seconds if self._in_head else BODY_TIMES * seconds)

        def pause_writing(self) -> None:
            super().pause_writing()
            if self._write_timer is None:
                self._write_timer = self.loop.call_later(seconds, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._write_timer is not None:
                self._write_timer.cancel()
                self._write_timer = None

        def _give_up(self, reason: str) -> None:
            """Close the connection, and end the parsing of what has been read from it."""
            self.transport.abort()
            raise HttpParserError(reason)

        def _is_answered(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _start_clock(self, time: float) -> None:
            """Give the client this many seconds for the next part of a request."""
            self._stop_clock()
            self._read_timer = self.loop.call_later(time, self._too_slow)

        def _stop_clock(self) -> None:
            if self._read_timer is not None:
                self._read_timer.cancel()
                self._read_timer = None

        def _too_slow(self) -> None:
            self._read_timer = None
            if self._is_answered():
                self.transport.abort()
            else:
                # A response is on its way. Its writer limits how long it waits for the body.
                self._start_clock(seconds)

    return Connection
