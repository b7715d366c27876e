"""Accounts of others: made, listed, shut out, let in again, and given a one-time password by the one above."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, Database, new_id, queries_for, rows
from dispatch.identity import lockout, rules, secrets
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.subject import note
from schemas.identity import Account, ListedAccount, NewAccount, OneTimePassword

SQL = queries_for(__file__)

_MAKERS = allow("planner", "firm_manager")


@get("/api/accounts", guards=[_MAKERS])
async def read_accounts(caller: CallerDependency, database: DatabaseDependency) -> list[ListedAccount]:
    """The accounts in the caller's scope: all for a planner, the own firm's for its manager."""
    async with database.read() as connection:
        found = await connection.fetch(SQL.read_accounts, caller.city_id, caller.partner_id, caller.division_code)
    return rows(ListedAccount, found)


@post("/api/accounts", guards=[_MAKERS])
async def create_account(
    data: JSONBody[NewAccount], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> Account:
    """Make an account: planners foreverybody, firm managers for their outlets. Its first password must be changed."""
    password = data.password or secrets.new_password()
    rules.require_password(password, data.login, field="password")
    note(role=data.role, partner_code=data.partner_code, outlet_code=data.outlet_code)
    password_hash = await asyncio.to_thread(secrets.hash_password, password)

    async def work(connection: Connection) -> UUID:
        return await _create(connection, caller, data, password_hash, now)

    account_id = await database.transact(work)
    told = None if data.password else password
    return Account(account_id=account_id, login=data.login, role=data.role, one_time_password=told)


async def _create(connection: Connection, caller: Caller, data: NewAccount, password_hash: str, now: datetime) -> UUID:
    """Keep the account. Asked for once more before anybody has signed in, it gets the password of the second time."""
    scope = await connection.fetchrow(
        SQL.read_scope_of_new_account, caller.city_id, data.partner_code, data.outlet_code
    )
    place = rules.judge_new_account(caller, data, rules.Place(**dict(scope or {})))
    account_id = data.account_id or new_id(now)
    note(account_id=account_id)
    made = await connection.fetchval(
        SQL.insert_account, caller.city_id, account_id, data.role, data.login, password_hash, data.display_name,
        place.division_code, place.partner_id, place.outlet_id, now, caller.subject_id,
    )  # fmt: skip
    if made is not None:
        return account_id
    kept = await connection.fetchrow(SQL.read_account, caller.city_id, account_id)
    wanted = (data.login, data.role, data.display_name, caller.subject_id, None)
    names = ("login", "role", "display_name", "created_by", "signed_in_at")
    if kept is None or tuple(kept[name] for name in names) != wanted:
        raise rules.LoginTaken(f"{data.login} signs in here already; choose another login.", field="login")
    await connection.fetchval(
        SQL.set_password, caller.city_id, account_id, password_hash, now, True, kept["password_hash"]
    )
    return account_id


@post("/api/accounts/{account_id:uuid}/deactivate", status_code=204, guards=[_MAKERS])
async def deactivate_account(
    account_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> None:
    """Shut somebody out: all sessions end at once, for good."""
    await _set_active(database, caller, account_id, False)


@post("/api/accounts/{account_id:uuid}/activate", status_code=204, guards=[_MAKERS])
async def activate_account(account_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> None:
    """Let somebody sign in again."""
    await _set_active(database, caller, account_id, True)


@post("/api/accounts/{account_id:uuid}/reset", status_code=200, guards=[_MAKERS])
async def reset_password(
    account_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> OneTimePassword:
    """Give somebody who forgot a one-time password, to be changed at once: sessions end, a lock is lifted."""
    password = secrets.new_password()
    password_hash = await asyncio.to_thread(secrets.hash_password, password)

    async def work(connection: Connection) -> str:
        account = await _read_account(connection, caller, account_id)
        of = (caller.city_id, account_id)
        await connection.fetchval(SQL.set_password, *of, password_hash, now, True, account["password_hash"])
        await connection.execute(SQL.remember_password, *of, now, account["password_hash"])
        await connection.execute(SQL.forget_old_passwords, *of, rules.PASSWORDS_REMEMBERED - 1)
        await connection.execute(SQL.end_sessions, *of, None)
        login: str = account["login"]
        await lockout.forget(connection, caller.city_id, lockout.login_key(settings.secret, caller.city_id, login))
        return login

    login = await database.transact(work)
    return OneTimePassword(account_id=account_id, login=login, one_time_password=password)


@post("/api/accounts/{account_id:uuid}/remove-second-factor", status_code=204, guards=[allow("planner")])
async def remove_second_factor_of(
    account_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> None:
    """Take away the second factor of somebody whose authenticator and recovery codes are gone; sessions end."""

    async def work(connection: Connection) -> None:
        await _read_account(connection, caller, account_id)
        if await connection.fetchval(SQL.remove_second_factor, caller.city_id, account_id) is None:
            raise NotFound("This account has no second factor.")
        await connection.execute(SQL.delete_recovery_codes, caller.city_id, account_id)
        await connection.execute(SQL.end_sessions, caller.city_id, account_id, None)

    await database.transact(work)


async def _set_active(database: Database, caller: Caller, account_id: UUID, active: bool) -> None:
    async def work(connection: Connection) -> None:
        await _read_account(connection, caller, account_id)
        await connection.execute(SQL.set_account_active, caller.city_id, account_id, active)
        await connection.execute(SQL.end_sessions, caller.city_id, account_id, None)

    await database.transact(work)


async def _read_account(connection: Connection, caller: Caller, account_id: UUID) -> Any:
    """The account, if it is the caller's to look after."""
    account = await connection.fetchrow(SQL.read_account, caller.city_id, account_id)
    if account is None or not rules.looks_after(
        caller, account["role"], account["partner_id"], account["division_code"] or account["outlet_division"]
    ):
        raise NotFound("There is no such account here.")
    rules.refuse_own_account(caller, account_id)
    return account


ROUTES = [
    read_accounts, create_account, deactivate_account, activate_account, reset_password, remove_second_factor_of,
]  # fmt: skip
