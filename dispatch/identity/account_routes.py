"""Accounts of others: made, listed, shut out, let in again, and given a one-time password by the account above."""

import asyncio
from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, Database, new_id
from dispatch.identity import account_store, lockout, passwords, rules, second_factor_store, secrets, sessions
from dispatch.identity.account_store import AccountRow, KeptAccount
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.refusals import refusals
from dispatch.server.subject import note
from dispatch.zones.rules import DivisionUnknown
from schemas.identity import Account, ListedAccount, NewAccount, OneTimePassword

_MAKERS = allow("planner", "firm_manager")
_OF_OTHERS = refusals(NotFound, rules.OwnAccount)


@get("/api/accounts", guards=[_MAKERS])
async def read_accounts(caller: CallerDependency, database: DatabaseDependency) -> list[ListedAccount]:
    """The accounts in the caller's scope: all for a planner, the firm's for its manager."""
    async with database.read() as connection:
        return await account_store.read_accounts(connection, caller.scope)


@post(
    "/api/accounts",
    guards=[_MAKERS],
    responses=refusals(rules.WeakPassword, rules.AccountScope, DivisionUnknown, rules.LoginTaken),
)
async def create_account(
    data: JSONBody[NewAccount], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> Account:
    """Make an account: planners for everybody, firm managers for their outlets. Its first password must be changed."""
    password = data.password or secrets.new_password()
    rules.require_password(password, data.login, field="password")
    note(role=data.role, partner_code=data.partner_code, outlet_code=data.outlet_code)
    password_hash = await asyncio.to_thread(secrets.hash_password, password)
    account_id = await database.transact(lambda connection: _create(connection, caller, data, password_hash, now))
    shown = None if data.password else password
    return Account(account_id=account_id, login=data.login, role=data.role, one_time_password=shown)


async def _create(connection: Connection, caller: Caller, data: NewAccount, password_hash: str, now: datetime) -> UUID:
    """Keep the account. Asked for once more before anybody has signed in, it gets the password of the second time."""
    named = await account_store.read_named(
        connection,
        caller.city_id,
        partner_code=data.partner_code,
        outlet_code=data.outlet_code,
        division_code=data.division_code,
    )
    bounds = rules.judge_new_account(caller, data, named)
    account_id = data.account_id or new_id(now)
    note(account_id=account_id)
    account = AccountRow(
        city_id=caller.city_id, account_id=account_id, role=data.role, login=data.login, password_hash=password_hash,
        display_name=data.display_name, now=now, division_code=bounds.division_code, partner_id=bounds.partner_id,
        outlet_id=bounds.outlet_id,
    )  # fmt: skip
    if await account_store.insert_account(connection, account, created_by=caller.subject_id):
        return account_id
    kept = await account_store.read_account(connection, caller.city_id, account_id)
    if kept is None or not kept.is_repeat_of(data, caller.subject_id):
        raise rules.LoginTaken(f"{data.login} signs in here already; choose another login.", field="login")
    await passwords.set_password(
        connection, caller.city_id, account_id, now, old=kept.password_hash, new=password_hash, must_change=True
    )
    return account_id


@post("/api/accounts/{account_id:uuid}/deactivate", status_code=204, guards=[_MAKERS], responses=_OF_OTHERS)
async def deactivate_account(
    account_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> None:
    """Shut somebody out: all sessions end at once, for good."""
    await _set_active(database, caller, account_id, False)


@post("/api/accounts/{account_id:uuid}/activate", status_code=204, guards=[_MAKERS], responses=_OF_OTHERS)
async def activate_account(account_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> None:
    """Let somebody sign in again."""
    await _set_active(database, caller, account_id, True)


@post("/api/accounts/{account_id:uuid}/reset", status_code=200, guards=[_MAKERS], responses=_OF_OTHERS)
async def reset_password(
    account_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> OneTimePassword:
    """Give somebody who forgot a one-time password, to be changed at once: sessions end, a lock is lifted."""
    of, password = (caller.city_id, account_id), secrets.new_password()
    password_hash = await asyncio.to_thread(secrets.hash_password, password)

    async def reset(connection: Connection) -> str:
        account = await _require_account(connection, caller, account_id)
        await passwords.replace_password(
            connection, *of, now, old=account.password_hash, new=password_hash, must_change=True
        )
        await sessions.end_sessions(connection, *of)
        key = lockout.login_key(settings.secret, caller.city_id, account.login)
        await lockout.forget(connection, caller.city_id, key)
        return account.login

    login = await database.transact(reset)
    return OneTimePassword(account_id=account_id, login=login, one_time_password=password)


@post(
    "/api/accounts/{account_id:uuid}/remove-second-factor",
    status_code=204,
    guards=[allow("planner")],
    responses=_OF_OTHERS,
)
async def remove_second_factor_of(
    account_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> None:
    """Take away the second factor of somebody whose authenticator and recovery codes are gone; sessions end."""

    async def remove(connection: Connection) -> None:
        await _require_account(connection, caller, account_id)
        if not await second_factor_store.remove(connection, caller.city_id, account_id):
            raise NotFound("This account has no second factor.")
        await sessions.end_sessions(connection, caller.city_id, account_id)

    await database.transact(remove)


async def _set_active(database: Database, caller: Caller, account_id: UUID, active: bool) -> None:
    async def set_active(connection: Connection) -> None:
        await _require_account(connection, caller, account_id)
        await account_store.set_active(connection, caller.city_id, account_id, active)
        await sessions.end_sessions(connection, caller.city_id, account_id)

    await database.transact(set_active)


async def _require_account(connection: Connection, caller: Caller, account_id: UUID) -> KeptAccount:
    """The account, if the caller may look after it, locked for this transaction. Raises NotFound or OwnAccount."""
    account = await account_store.read_account(connection, caller.city_id, account_id)
    if account is None or not rules.looks_after(
        caller, account.role, account.partner_id, account.division_code or account.outlet_division
    ):
        raise NotFound("There is no such account here.")
    rules.refuse_own_account(caller, account_id)
    return account


ROUTES = [
    read_accounts, create_account, deactivate_account, activate_account, reset_password, remove_second_factor_of,
]  # fmt: skip
