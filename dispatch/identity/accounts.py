"""Accounts made outside the pages: the first planner of a city, and the ones a replay or a demonstration needs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from dispatch.database import Connection, Database, Retry, new_id
from dispatch.identity import account_store, lockout, passwords, second_factor_store, sessions
from dispatch.identity.account_store import AccountRow
from dispatch.identity.rules import LoginTaken
from dispatch.identity.secrets import hash_password
from dispatch.problems import NotFound
from dispatch.server.caller import Role
from dispatch.zones.rules import require_division

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
    account = AccountRow(
        city_id=city_id, account_id=new_id(now), role=role, login=login, display_name=display_name, now=now,
        password_hash=await asyncio.to_thread(hash_password, password),
        partner_id=partner_id, outlet_id=outlet_id, division_code=division_code,
    )  # fmt: skip
    await database.transact(lambda connection: account_store.ensure_account(connection, account))


async def make_planner(
    database: Database,
    city_id: int,
    login: str,
    password: str,
    display_name: str,
    now: datetime,
    note: Note,
    *,
    division_code: str | None = None,
) -> None:
    """Make a planner of the whole city, or of a district, who must change the password. Raises NotFound without the
    city, DivisionUnknown, LoginTaken."""
    account = AccountRow(
        city_id=city_id, account_id=new_id(now), role="planner", login=login, display_name=display_name, now=now,
        password_hash=await asyncio.to_thread(hash_password, password), division_code=division_code,
    )  # fmt: skip

    async def make(connection: Connection) -> None:
        if not await account_store.has_city(connection, city_id):
            raise NotFound(f"There is no city {city_id}; make it with `dispatch import city`.")
        named = await account_store.read_named(connection, city_id, division_code=division_code)
        require_division(division_code, named.has_zones)
        if not await account_store.insert_account(connection, account, created_by=None):
            raise LoginTaken(f"{login} signs in here already; `dispatch user reset` gives a new password.")
        await note(connection, account.account_id)

    await database.transact(make)


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

    async def reset(connection: Connection) -> None:
        account = await account_store.read_login(connection, city_id, login)
        if account is None:
            raise NotFound(f"Nobody signs in as {login} in city {city_id}.")
        of = (connection, city_id, account.account_id)
        if not await passwords.replace_password(
            *of, now, old=account.password_hash, new=password_hash, must_change=True
        ):
            raise Retry("the password was changed meanwhile")
        await account_store.set_active(*of, True)
        await sessions.end_sessions(*of)
        await lockout.forget(connection, city_id, lockout.login_key(secret, city_id, login))
        if second_factor:
            await second_factor_store.remove(*of)
        await note(connection, account.account_id)

    await database.transact(reset)
