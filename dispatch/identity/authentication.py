"""Turns a cookie or bearer token into a Caller. Tokens that arrive together are looked up together."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from dispatch.database import Database, beside
from dispatch.identity.caller import Caller
from dispatch.identity.secrets import city_of_token, hash_token

SQL = beside(__file__)
COOKIE = "dispatch_session"


class CallerReader:
    """Finds callers by token. One query serves all requests that wait: a 1-record call stays cheap under load,
    and an ended session is known at once, which a cache could not promise."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[tuple[int, bytes], asyncio.Future[Caller | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find(self, token: str) -> Caller | None:
        """The caller behind a token; None when it is unknown, expired or ended."""
        city_id = city_of_token(token)
        if city_id is None:
            return None
        key = (city_id, hash_token(token))
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await asyncio.shield(future)

    async def _drain(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            try:
                found = await self._read(list(waiting))
            except Exception as error:
                for future in waiting.values():
                    if not future.done():
                        future.set_exception(error)
                continue
            for key, future in waiting.items():
                if not future.done():
                    future.set_result(found.get(key))

    async def _read(self, keys: list[tuple[int, bytes]]) -> dict[tuple[int, bytes], Caller]:
        found: dict[tuple[int, bytes], Caller] = {}
        async with self._database.read() as connection:
            for city_id in sorted({city for city, _ in keys}):
                hashes = [secret for city, secret in keys if city == city_id]
                for row in await connection.fetch(SQL.read_callers, city_id, hashes, self._clock()):
                    values: dict[str, Any] = dict(row)
                    secret_hash = bytes(values.pop("secret_hash"))
                    found[city_id, secret_hash] = Caller(city_id=city_id, **values)
        return found


def token_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The token a request carries: the Authorization header first, then the cookie."""
    header = connection.headers.get("authorization", "")
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    return connection.cookies.get(COOKIE)


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the Caller, or None, on the request. Refusing is the guards' work."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Look the token up, if there is one."""
        token = token_of(connection)
        reader: CallerReader = connection.app.state.callers
        caller = await reader.find(token) if token else None
        return AuthenticationResult(user=caller, auth=token)
