"""JSON logs, one line per request: ids, counts and durations, never a name, a token, a body or an address of a home."""

import logging
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("dispatch.request")
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Renders a record and its `extra` as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in _STANDARD},
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()

    def formatException(self, ei: Any) -> str:  # noqa: N802  as logging names it
        """The trace without the row that PostgreSQL quotes when it refuses one: that may hold a name or a place."""
        text = super().formatException(ei)
        error: BaseException | None = ei[1]
        while error is not None:
            row: str | None = getattr(error, "detail", None) if isinstance(error, asyncpg.PostgresError) else None
            if row:
                text = text.replace(row, "(not logged)")
            error = error.__cause__ or error.__context__
        return text


def start_logging(level: str) -> None:
    """Send every log line to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)


class RequestLog:
    """ASGI middleware: gives the request an id, answers with it, writes its line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started, status = secrets.token_hex(8), time.perf_counter(), 0
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            if logger.isEnabledFor(logging.INFO):
                _write_line(scope, request_id, status, time.perf_counter() - started)


def _write_line(scope: Any, request_id: str, status: int, seconds: float) -> None:
    handler: Any = scope.get("route_handler")
    # The route's pattern, not the path: a path may hold an id that means somebody.
    route = getattr(handler, "handler_name", None) or "unknown"
    logger.info(
        "request",
        extra={
            "request_id": request_id,
            "method": scope["method"],
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
        },
    )
