"""HTTP connections that are cut when the other side is too slow: nothing waits for it for ever.

uvicorn itself limits only how long a connection may be idle between two requests.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LARGEST_HEAD = 64 * 1024


def protocol(seconds: float) -> type[HttpToolsProtocol]:
    """Returns the class of connections whose client has so many seconds to send the head of a request, and as many to take
    what has been written to it."""

    class Connection(HttpToolsProtocol):
        _head_timer = None
        _write_timer = None
        _head_bytes = 0

        def connection_made(self, transport):
            super().connection_made(transport)
            self._await_head()

        def connection_lost(self, exc):
            self._cancel_timers()
            super().connection_lost(exc)

        def data_received(self, data):
            if self._head_timer is not None:
                self._head_bytes += len(data)
            super().data_received(data)
            if self._head_timer is not None and self._head_bytes > _LARGEST_HEAD:
                self.transport.abort()
            elif self._head_timer is None and self._is_between_requests():
                self._await_head()

        def on_message_begin(self):
            super().on_message_begin()
            self._await_head()

        def on_headers_complete(self):
            self._head_timer.cancel()
            self._head_timer, self._head_bytes = None, 0
            super().on_headers_complete()

        def pause_writing(self):
            super().pause_writing()
            if self._write_timer is None:
                self._write_timer = self.loop.call_later(seconds, self.transport.abort)

        def resume_writing(self):
            super().resume_writing()
            if self._write_timer is not None:
                self._write_timer.cancel()
                self._write_timer = None

        def _is_between_requests(self):
            return self.cycle is None or self.cycle.response_complete

        def _await_head(self):
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(seconds, self._no_head)

        def _no_head(self):
            self._head_timer = None
            if self._is_between_requests():
                self.transport.abort()
            else:
                # The answer to the request before is on its way.
                self._await_head()

        def _cancel_timers(self):
            for timer in (self._head_timer, self._write_timer):
                if timer is not None:
                    timer.cancel()
            self._head_timer = self._write_timer = None

    return Connection
