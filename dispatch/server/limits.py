"""How often somebody may call: token buckets per account and address, shared by all server processes.

A bucket lives in the database; a process takes a tenth of it at a time and spends that from memory. So asking two
processes lets no caller in more often, and nine calls in ten cost no statement.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Receive, Scope, Send

from dispatch.database import Connection, Database, Retry, queries_for
from dispatch.problems import Problem
from dispatch.server.address import address_of, neighbourhood
from dispatch.server.caller import SAFE_METHODS, Caller
from dispatch.server.options import LIMIT, STREAM
from dispatch.server.requests import AnyConnection
from dispatch.settings import Settings

SQL = queries_for(__file__)

Class = Literal["sign_in", "write", "read", "export", "tile", "retry"]
# An account may hold the streams of so many sessions in one process: an office computer or two, and a phone.
SESSIONS_WITH_STREAMS = 4
# An address may call as often as so many accounts: a firm's office, and a mobile network's riders, share one.
ACCOUNTS_AT_AN_ADDRESS = 20
_PARTS = 10
_FILES = frozenset({"csv", "xlsx", "docx", "pdf", "geojson", "zip"})
# Callers remembered before the older half is forgotten; those take a new part from the database.
_MOST = 50_000
# A part not spent for so long is worth nothing: the bucket has filled up meanwhile.
_PART_SECONDS = 60


class Bucket(NamedTuple):
    """Whose calls of which kind are counted together: an account's in its city, an address' in city 0."""

    city_id: int
    kind: str
    subject: str


class TooManyRequests(Problem):
    """This account or address calls too often; go on after `retry_after_seconds`."""

    slug, title, status = "too-many-requests", "Too many calls in a short time", 429


class _TokenReserve(msgspec.Struct):
    """What this process has taken from a bucket and not spent."""

    tokens: float
    taken_at: datetime
    empty_until: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Whether a call can be spent from it."""
        return self.tokens >= 1 and (now - self.taken_at).total_seconds() <= _PART_SECONDS


class Limits:
    """Spends calls. One take from the database at a time for each bucket; calls that come meanwhile wait for it."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._reserves: dict[Bucket, _TokenReserve] = {}
        self._taking: dict[Bucket, asyncio.Lock] = {}
        per_minute: dict[str, int] = msgspec.structs.asdict(settings)
        self.per_minute: dict[str, int] = {name: per_minute[f"limit_{name}_per_minute"] for name in get_args(Class)}

    async def spend(self, bucket: Bucket, per_minute: int) -> None:
        """Let the call pass, or raise TooManyRequests with the time after which there is one again."""
        if not per_minute:
            return
        now = self._clock()
        reserve = self._reserves.get(bucket)
        if reserve is None or not reserve.lasts(now):
            lock = self._taking.setdefault(bucket, asyncio.Lock())
            try:
                async with lock:
                    reserve = self._reserves.get(bucket)
                    if reserve is None or not reserve.lasts(now):
                        reserve = await self._take(bucket, per_minute, now, reserve)
            finally:
                self._taking.pop(bucket, None)
        if reserve.tokens < 1:
            raise _too_many(reserve.empty_until or now, now)
        reserve.tokens -= 1

    async def _take(
        self, bucket: Bucket, per_minute: int, now: datetime, reserve: _TokenReserve | None
    ) -> _TokenReserve:
        if reserve is not None and reserve.empty_until is not None and now < reserve.empty_until:
            return reserve  # Calling on against the limit costs no statement.
        part = max(1, per_minute // _PARTS)

        async def take(connection: Connection) -> float:
            given = await connection.fetchval(
                *SQL.take_tokens(**bucket._asdict(), at_most=part, size=per_minute, per_second=per_minute / 60, now=now)
            )
            if given is None:
                raise Retry("another process made this bucket meanwhile")
            return given

        taken = await self._database.transact(take, audited=False)
        empty_until = None if taken >= 1 else now + timedelta(seconds=(1 - taken) * 60 / per_minute)
        if len(self._reserves) >= _MOST:
            for old in list(self._reserves)[: _MOST // 2]:
                del self._reserves[old]
        self._reserves[bucket] = _TokenReserve(taken, now, empty_until)
        return self._reserves[bucket]


def _too_many(until: datetime, now: datetime) -> TooManyRequests:
    seconds = max(1, ceil((until - now).total_seconds()))
    return TooManyRequests(
        "Too many calls in a short time; go on after retry_after_seconds.",
        headers={"retry-after": str(seconds)},
        retry_after_seconds=seconds,
    )


class LimitCalls:
    """ASGI middleware after the authentication: spends a call of the account and of the address, and bounds how many
    event streams a session and an account keep open in this process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._streams: Counter[UUID] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call pass, or raise TooManyRequests."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection: AnyConnection = ASGIConnection(scope)
        caller: Caller | None = scope.get("user")
        handler: Any = scope["route_handler"]
        await self._spend(connection, caller, handler)
        if caller is None or STREAM not in handler.opt:
            await self._app(scope, receive, send)
            return
        held = self._hold_stream(connection, caller)
        try:
            await self._app(scope, receive, send)
        finally:
            self._streams.subtract(held)
            for key in held:
                if not self._streams[key]:
                    del self._streams[key]

    def _hold_stream(self, connection: AnyConnection, caller: Caller) -> set[UUID]:
        """Count one stream more for the account and its session, or raise; returns what it was counted for."""
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
        return set(held)

    async def _spend(self, connection: AnyConnection, caller: Caller | None, handler: Any) -> None:
        limits: Limits = connection.app.state.limits
        kind = class_of(handler.opt, connection.scope["path"], str(connection.scope.get("method")))
        near, allowed = neighbourhood(address_of(connection)), limits.per_minute[kind]
        if kind == "sign_in":
            await limits.spend(Bucket(0, kind, f"address:{near}"), allowed)
            return
        if caller is not None:
            await limits.spend(Bucket(caller.city_id, kind, f"account:{caller.subject_id}"), allowed)
        await limits.spend(Bucket(0, kind, f"address:{near}"), allowed * ACCOUNTS_AT_AN_ADDRESS)


def class_of(opt: Mapping[str, Any], path: str, method: str) -> Class:
    """What kind of call this is: what the route itself names, or by its method and what it answers with."""
    if LIMIT in opt:
        return opt[LIMIT]
    if "tiles/" in path:
        return "tile"
    if method not in SAFE_METHODS:
        return "write"
    return "export" if path.rpartition(".")[2] in _FILES else "read"
