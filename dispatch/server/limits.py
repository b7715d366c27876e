"""How often somebody may call: token buckets per account and address, shared by all server processes.

A bucket lives in the database; a process takes a tenth of it at a time and spends that from memory. So nobody is let in
more often by asking two processes, and nine calls in ten cost no statement.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Receive, Scope, Send

from dispatch.database import Connection, Database, Retry, queries_for
from dispatch.problems import Problem
from dispatch.server.address import address_of, neighbourhood
from dispatch.server.caller import SAFE_METHODS, Caller
from dispatch.server.options import LIMIT, STREAM
from dispatch.settings import Settings

SQL = queries_for(__file__)

Class = Literal["sign_in", "write", "read", "export", "tile"]
# An account may hold the streams of so many sessions in one process: an office computer or two, and a phone.
SESSIONS_WITH_STREAMS = 4
# An address may call as often as so many accounts: a firm's office, and a mobile network's riders, share one.
ACCOUNTS_AT_AN_ADDRESS = 20
_PARTS = 10
_FILES = frozenset({"csv", "xlsx", "docx", "pdf", "geojson", "zip"})
# Callers remembered before those who spent least lately are let go; they take a new part from the database.
_MOST = 50_000

Subject = tuple[int, str, str]


class TooManyRequests(Problem):
    """This account or address calls too often; `retry_after_seconds` says when to go on."""

    slug, title, status = "too-many-requests", "Too many calls in a short time", 429


class _TokenReserve(msgspec.Struct):
    """What this process has taken from a bucket and not spent."""

    tokens: float
    at: datetime
    """When it was taken: a part not spent within a minute is worth nothing, the bucket has filled up meanwhile."""
    empty_until: datetime | None = None


class Limits:
    """Spends calls. One take from the database at a time for each bucket; who comes meanwhile waits for it."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._reserves: dict[Subject, _TokenReserve] = {}
        self._taking: dict[Subject, asyncio.Lock] = {}
        per_minute: dict[str, int] = msgspec.structs.asdict(settings)
        self.per_minute: dict[str, int] = {name: per_minute[f"limit_{name}_per_minute"] for name in get_args(Class)}

    async def spend(self, subject: Subject, per_minute: int) -> None:
        """Let the call pass, or raise TooManyRequests with the time after which there is one again."""
        if not per_minute:
            return
        now = self._clock()
        reserve = self._reserves.get(subject)
        if reserve is None or reserve.tokens < 1 or (now - reserve.at).total_seconds() > 60:
            lock = self._taking.setdefault(subject, asyncio.Lock())
            try:
                async with lock:
                    reserve = self._reserves.get(subject)
                    if reserve is None or reserve.tokens < 1 or (now - reserve.at).total_seconds() > 60:
                        reserve = await self._take(subject, per_minute, now, reserve)
            finally:
                self._taking.pop(subject, None)
        if reserve.tokens < 1:
            until = reserve.empty_until or now
            seconds = max(1, ceil((until - now).total_seconds()))
            raise TooManyRequests(
                "Too many calls in a short time; go on after retry_after_seconds.",
                headers={"retry-after": str(seconds)},
                retry_after_seconds=seconds,
            )
        reserve.tokens -= 1

    async def _take(
        self, subject: Subject, per_minute: int, now: datetime, reserve: _TokenReserve | None
    ) -> _TokenReserve:
        if reserve is not None and reserve.empty_until is not None and now < reserve.empty_until:
            return reserve  # Whoever keeps calling against the limit costs no statement.
        part = max(1, per_minute // _PARTS)

        async def work(connection: Connection) -> float:
            given = await connection.fetchval(SQL.take_tokens, *subject, part, per_minute, per_minute / 60, now)
            if given is None:
                raise Retry("another process made this bucket meanwhile")
            return given

        taken = await self._database.transact(work, audited=False)
        empty_until = None if taken >= 1 else now + _seconds((1 - taken) * 60 / per_minute)
        if len(self._reserves) >= _MOST:
            for old in list(self._reserves)[: _MOST // 2]:
                del self._reserves[old]
        self._reserves[subject] = _TokenReserve(taken, now, empty_until)
        return self._reserves[subject]


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


class LimitCalls:
    """ASGI middleware behind the authentication: spends a call of the account and of the address, and bounds how many
    event streams a session and an account keep open in this process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._streams: Counter[UUID] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call pass, or raise TooManyRequests."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        caller: Caller | None = scope.get("user")
        handler: Any = scope["route_handler"]
        await self._spend(connection, caller, handler)
        if caller is None or STREAM not in handler.opt:
            await self._app(scope, receive, send)
            return
        each = connection.app.state.settings.event_streams
        held = {caller.subject_id: each * SESSIONS_WITH_STREAMS}
        if caller.session_id is not None:
            held[caller.session_id] = each
        if any(self._streams[key] >= most for key, most in held.items()):
            raise TooManyRequests(
                "This session or account holds as many event streams as it may; close one.",
                headers={"retry-after": "10"},
                retry_after_seconds=10,
            )
        self._streams.update(held.keys())
        try:
            await self._app(scope, receive, send)
        finally:
            self._streams.subtract(held.keys())
            for key in held:
                if not self._streams[key]:
                    del self._streams[key]

    async def _spend(self, connection: ASGIConnection[Any, Any, Any, Any], caller: Caller | None, handler: Any) -> None:
        limits: Limits = connection.app.state.limits
        kind = class_of(handler.opt, connection.scope["path"], str(connection.scope.get("method")))
        near, allowed = neighbourhood(address_of(connection)), limits.per_minute[kind]
        if kind == "sign_in":
            await limits.spend((0, kind, f"address:{near}"), allowed)
            return
        if caller is not None:
            await limits.spend((caller.city_id, kind, f"account:{caller.subject_id}"), allowed)
        await limits.spend((0, kind, f"address:{near}"), allowed * ACCOUNTS_AT_AN_ADDRESS)


def class_of(opt: Mapping[str, Any], path: str, method: str) -> Class:
    """What kind of call this is: the route's own word, or by what it answers with."""
    if LIMIT in opt:
        return opt[LIMIT]
    if "tiles/" in path:
        return "tile"
    if method not in SAFE_METHODS:
        return "write"
    return "export" if path.rpartition(".")[2] in _FILES else "read"
