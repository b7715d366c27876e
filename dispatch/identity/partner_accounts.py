"""An account for every partner that is invited, so that an invitation can be answered: made, or given a new password as
long as nobody has signed in with it. One that is in use is never touched."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import JSONBody

from dispatch.database import Connection, Retry, new_id, queries_for, rows
from dispatch.identity import account_store, passwords, rules, secrets
from dispatch.identity.account_store import AccountRow
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from dispatch.server.subject import note
from schemas.identity import PartnerAccount, PartnersWithoutAccounts

SQL = queries_for(__file__)


class Manager(msgspec.Struct, frozen=True, kw_only=True):
    """A partner and the account its manager signs in with, if there is one."""

    code: str
    partner_id: UUID
    name: str
    account_id: UUID | None
    login: str | None
    password_hash: str | None
    signed_in_at: datetime | None


class _Password(msgspec.Struct, frozen=True):
    plain: str
    hash: str


@post(
    "/api/accounts/for-partners",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(rules.AccountScope, rules.LoginTaken),
)
async def make_partner_accounts(
    data: JSONBody[PartnersWithoutAccounts], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> list[PartnerAccount]:
    """A one-time password for each of these partners that nobody has signed in for, with an account where there is
    none: what stands in the letter of invitation. Sent again it gives new passwords, until somebody has signed in."""
    note(partner_codes=" ".join(data.partner_codes))
    async with database.read() as connection:
        managers = await _read(connection, caller.city_id, data.partner_codes)
    rules.require_partners(data.partner_codes, [manager.code for manager in managers])
    made = {manager.code: await asyncio.to_thread(_password) for manager in managers if not manager.signed_in_at}

    async def make(connection: Connection) -> list[PartnerAccount]:
        return [
            await _give(connection, caller, manager, made.get(manager.code), now)
            for manager in await _read(connection, caller.city_id, data.partner_codes)
        ]

    return await database.transact(make)


def _password() -> _Password:
    plain = secrets.new_password()
    return _Password(plain, secrets.hash_password(plain))


async def _read(connection: Connection, city_id: int, codes: Sequence[str]) -> list[Manager]:
    return rows(Manager, await connection.fetch(*SQL.read_managers(city_id=city_id, codes=list(codes))))


async def _give(
    connection: Connection, caller: Caller, manager: Manager, password: _Password | None, now: datetime
) -> PartnerAccount:
    if manager.account_id is None and password is not None:
        return await _make(connection, caller, manager, password, now)
    if manager.account_id is None or manager.login is None or manager.password_hash is None:
        raise Retry
    if manager.signed_in_at or password is None:
        return _told(manager, manager.account_id, manager.login, "in_use", None)
    if not await passwords.set_password(
        connection, caller.city_id, manager.account_id, now, old=manager.password_hash, new=password.hash,
        must_change=True,
    ):  # fmt: skip
        raise Retry
    return _told(manager, manager.account_id, manager.login, "renewed", password.plain)


async def _make(
    connection: Connection, caller: Caller, manager: Manager, password: _Password, now: datetime
) -> PartnerAccount:
    account_id = new_id(now)
    for login in rules.logins_of_partner(manager.code):
        account = AccountRow(
            city_id=caller.city_id, account_id=account_id, role="firm_manager", login=login,
            password_hash=password.hash, display_name=manager.name, now=now, partner_id=manager.partner_id,
        )  # fmt: skip
        if await account_store.insert_account(connection, account, created_by=caller.subject_id):
            return _told(manager, account_id, login, "made", password.plain)
        (known,) = await _read(connection, caller.city_id, [manager.code])
        if known.account_id is not None:
            # Another planner was quicker: the account is there now, and it is theirs to give out once more.
            return await _give(connection, caller, known, password, now)
    raise rules.LoginTaken(
        f"Every login made of {manager.code} is taken; make an account for the partner by hand.",
        partner_code=manager.code,
    )


def _told(
    manager: Manager, account_id: UUID, login: str, state: Literal["made", "renewed", "in_use"], password: str | None
) -> PartnerAccount:
    return PartnerAccount(
        partner_code=manager.code, partner_name=manager.name, account_id=account_id, login=login, state=state,
        one_time_password=password,
    )  # fmt: skip


ROUTES = [make_partner_accounts]
