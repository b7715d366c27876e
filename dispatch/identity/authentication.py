"""Turns a cookie or bearer token into a Caller. Tokens that arrive together are looked up together."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from dispatch.database import Database, Record, queries_for
from dispatch.identity import rules
from dispatch.identity.last_use import LastUses
from dispatch.identity.secrets import TokenKey, key_of_token
from dispatch.server.address import address_of
from dispatch.server.caller import SAFE_METHODS, Caller
from dispatch.server.options import ANYONE, BACKGROUND
from dispatch.server.requests import AnyConnection

SQL = queries_for(__file__)
COOKIE = "dispatch_session"


def cookie_name(secure: bool) -> str:
    """The session cookie's name. Browsers take `__Host-` only over HTTPS, from this host itself, for all its paths:
    no neighbour under the same domain can plant one."""
    return f"__Host-{COOKIE}" if secure else COOKIE


class SessionMatch(msgspec.Struct, frozen=True):
    """A session or key that holds, with what its idle time is computed from."""

    caller: Caller
    last_used_at: datetime | None
    idle_seconds: int


class CallerReader:
    """Finds callers by token. One query serves all requests that wait: a 1-record call stays cheap under load,
    and an ended session is known at once, which a cache could not promise."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, second_factor: bool, uses: LastUses
    ) -> None:
        self._database = database
        self._clock = clock
        self._second_factor = second_factor
        self._uses = uses
        self._waiting: dict[TokenKey, asyncio.Future[SessionMatch | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find(self, token: str) -> Caller | None:
        """The caller of a token; None when it is unknown, expired, idle for too long or ended. Is no use of it."""
        match = await self.look_up(token)
        return match.caller if match else None

    async def look_up(self, token: str, *, use: bool = False) -> SessionMatch | None:
        """The same with what the idle time is computed from; `use` begins the idle time again."""
        key = key_of_token(token)
        if key is None:
            return None
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        match = await asyncio.shield(future)
        now = self._clock()
        if match is None or self._has_idled(key, match, now):
            return None
        if use:
            self._uses.note(key, match.last_used_at, now, is_key=match.caller.role == "partner_system")
        return match

    def _has_idled(self, key: TokenKey, match: SessionMatch, now: datetime) -> bool:
        if match.idle_seconds == 0 or match.last_used_at is None:
            return False
        return now - self._uses.latest(key, match.last_used_at) >= timedelta(seconds=match.idle_seconds)

    async def _drain(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            try:
                matches = await self._read(list(waiting))
            except Exception as error:
                for future in waiting.values():
                    if not future.done():
                        future.set_exception(error)
                continue
            for key, future in waiting.items():
                if not future.done():
                    future.set_result(matches.get(key))

    async def _read(self, keys: list[TokenKey]) -> dict[TokenKey, SessionMatch]:
        matches: dict[TokenKey, SessionMatch] = {}
        async with self._database.read() as connection:
            for city_id in sorted({key.city_id for key in keys}):
                hashes = [key.token_hash for key in keys if key.city_id == city_id]
                statement = SQL.read_callers(city_id=city_id, token_hashes=hashes, now=self._clock())
                for row in await connection.fetch(*statement):
                    matches[TokenKey(city_id, bytes(row["token_hash"]))] = self._match_of(city_id, row)
        return matches

    def _match_of(self, city_id: int, row: Record) -> SessionMatch:
        values: dict[str, Any] = dict(row)
        del values["token_hash"]
        last_used_at, idle_seconds = values.pop("last_used_at"), values.pop("idle_seconds")
        values["scopes"] = tuple(values["scopes"] or ())
        values["lacks_second_factor"] = self._second_factor and values["lacks_second_factor"]
        return SessionMatch(Caller(city_id=city_id, **values), last_used_at, idle_seconds)


def bearer_of(connection: AnyConnection) -> str | None:
    """The token of the Authorization header."""
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" and credentials else None


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the Caller, or None, on the request. The guards refuse roles; other sites are refused here."""

    async def authenticate_request(self, connection: AnyConnection) -> AuthenticationResult:
        """Look the token up, if there is one: the Authorization header first, then the cookie."""
        state = connection.app.state
        address_of(connection)
        token = bearer_of(connection)
        if token is None:
            token = connection.cookies.get(cookie_name(state.settings.secure_cookie))
            self._refuse_other_sites(connection, with_cookie=token is not None)
        # What a page fetches unasked does not keep its user signed in; a stream is opened again by the browser itself.
        background = "x-background" in connection.headers or BACKGROUND in connection.scope["route_handler"].opt
        reader: CallerReader = state.callers
        match = await reader.look_up(token, use=not background) if token else None
        return AuthenticationResult(user=match.caller if match else None, auth=token)

    def _refuse_other_sites(self, connection: AnyConnection, *, with_cookie: bool) -> None:
        """A browser sends the cookie by itself, so a write must show that a page of ours asked for it."""
        if connection.scope.get("method") in SAFE_METHODS:
            return
        headers = connection.headers
        rules.require_own_site(
            host=headers.get("host", ""),
            requested_with=headers.get("x-requested-with"),
            site=headers.get("sec-fetch-site"),
            origin=headers.get("origin"),
            # Signing in is open to programs without the header; a browser still shows itself by its own headers.
            header_needed=with_cookie and ANYONE not in connection.scope["route_handler"].opt,
        )
