"""The HTTP protocol with what uvicorn leaves open: a head must arrive in time and may not be endless.

Without it one machine holds thousands of connections open by sending a byte a minute (Slowloris).

It leans on what uvicorn's HttpToolsProtocol does and does not promise, so pyproject.toml bounds uvicorn's version and
tests/server/test_slow_heads.py fails when one of these moves:

- `data_received` feeds the parser, which calls `on_message_begin` with the first byte of every head, on a kept
  connection too, and `on_headers_complete` with its last, both before `data_received` returns;
- `connection_made` and `connection_lost` come once per connection, and `transport` is set after the first;
- `loop` is where timers are set, and `uvicorn.Config(http=…)` takes a class.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Of one head, after the part of it that came first.
_MOST_HEAD_BYTES = 64_000


def protocol_of(head_seconds: float) -> type[HttpToolsProtocol]:
    """A protocol class for uvicorn that gives each request's head so long."""

    class TimedHeads(HttpToolsProtocol):
        """Closes a connection whose next head does not come to its end."""

        _timer: asyncio.TimerHandle | None = None
        _head_bytes = 0
        _head_is_open = False

        def connection_made(self, transport: Any) -> None:
            """The first head is awaited from here on."""
            super().connection_made(transport)
            self._await_head()

        def data_received(self, data: bytes) -> None:
            """Count the bytes of a head."""
            if self._timer is not None:
                self._head_bytes += len(data)
            super().data_received(data)
            if self._head_is_open and self._timer is None:
                self._await_head()
            if self._timer is not None and self._head_bytes > _MOST_HEAD_BYTES:
                self._cut()

        def on_message_begin(self) -> None:
            """A head begins, on a kept connection as on a new one. Most arrive whole: only one that does not needs a
            timer of its own."""
            self._stop_timer()
            self._head_bytes = 0
            self._head_is_open = True
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            """The head is complete."""
            self._head_is_open = False
            self._stop_timer()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            """No head is awaited any more."""
            self._stop_timer()
            super().connection_lost(exc)

        def _await_head(self) -> None:
            self._stop_timer()
            self._head_bytes = 0
            self._timer = self.loop.call_later(head_seconds, self._cut)

        def _cut(self) -> None:
            self._stop_timer()
            if not self.transport.is_closing():
                self.transport.abort()

        def _stop_timer(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return TimedHeads
