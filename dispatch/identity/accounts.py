"""Accounts made outside the pages: the first planner of a city, and the ones a replay or a demonstration needs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from dispatch.database import Connection, Database, new_id, queries_for
from dispatch.identity import lockout
from dispatch.identity.rules import LoginTaken
from dispatch.identity.secrets import hash_password
from dispatch.problems import NotFound
from dispatch.server.caller import Role

SQL = queries_for(__file__)

Note = Callable[[Connection, UUID], Awaitable[None]]
"""Writes into the trail what was done to an account, in the same transaction."""


async def ensure_account(
    database: Database,
    city_id: int,
    role: Role,
    login: str,
    password: str,
    display_name: str,
    now: datetime,
    *,
    partner_id: UUID | None = None,
    outlet_id: UUID | None = None,
    division_code: str | None = None,
) -> None:
    """Make the account, or give the one with this login the new password and make it active."""
    password_hash = await asyncio.to_thread(hash_password, password)

    async def work(connection: Connection) -> None:
        await connection.execute(
            SQL.ensure_account, city_id, new_id(now), role, login, password_hash, display_name, division_code,
            partner_id, outlet_id, now,
        )  # fmt: skip

    await database.transact(work)


async def make_planner(
    database: Database, city_id: int, login: str, password: str, display_name: str, now: datetime, note: Note
) -> None:
    """Make a planner of the whole city who must change the password. Raises NotFound without the city, LoginTaken."""
    password_hash = await asyncio.to_thread(hash_password, password)

    async def work(connection: Connection) -> None:
        if await connection.fetchval(SQL.read_city_number, city_id) is None:
            raise NotFound(f"There is no city {city_id}; make it with `dispatch import city`.")
        made = await connection.fetchval(
            SQL.insert_account, city_id, new_id(now), "planner", login, password_hash, display_name, None, None, None,
            now, None,
        )  # fmt: skip
        if made is None:
            raise LoginTaken(f"{login} signs in here already; `dispatch user reset` gives a new password.")
        await note(connection, made)

    await database.transact(work)


async def reset_account(
    database: Database,
    secret: str,
    city_id: int,
    login: str,
    password: str,
    now: datetime,
    note: Note,
    *,
    second_factor: bool,
) -> None:
    """Give the account a password that must be changed, make it active, end its sessions, lift its lock; with
    `second_factor` take that away too. Raises NotFound."""
    password_hash = await asyncio.to_thread(hash_password, password)

    async def work(connection: Connection) -> None:
        account = await connection.fetchrow(SQL.read_account_by_login, city_id, login)
        if account is None:
            raise NotFound(f"Nobody signs in as {login} in city {city_id}.")
        of = (city_id, account["account_id"])
        await connection.fetchval(SQL.set_password, *of, password_hash, now, True, account["password_hash"])
        await connection.execute(SQL.remember_password, *of, now, account["password_hash"])
        await connection.execute(SQL.set_account_active, *of, True)
        await connection.execute(SQL.end_sessions, *of, None)
        await lockout.forget(connection, city_id, lockout.login_key(secret, city_id, login))
        if second_factor:
            await connection.fetchval(SQL.remove_second_factor, *of)
            await connection.execute(SQL.delete_recovery_codes, *of)
        await note(connection, account["account_id"])

    await database.transact(work)
