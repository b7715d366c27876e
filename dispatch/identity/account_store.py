"""Accounts in the database: kept, listed, shut out and let in again."""

from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.database import Connection, one, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.identity.rules import AccountBounds
from schemas.identity import ListedAccount, NewAccount

SQL = queries_for(__file__)


class KeptAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account, locked for the transaction that read it."""

    account_id: UUID
    role: str
    login: str
    password_hash: str
    display_name: str
    division_code: str | None
    partner_id: UUID | None
    outlet_division: str | None
    """The district of the outlet it is limited to."""
    created_by: UUID | None
    signed_in_at: datetime | None

    def is_repeat_of(self, wanted: NewAccount, created_by: UUID) -> bool:
        """Whether the same account is asked for by the same caller, before anybody has signed in with it."""
        kept = (self.login, self.role, self.display_name, self.created_by, self.signed_in_at)
        return kept == (wanted.login, wanted.role, wanted.display_name, created_by, None)


class KeptLogin(msgspec.Struct, frozen=True):
    """Which account a login belongs to, and the hash of its password."""

    account_id: UUID
    password_hash: str


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a new account."""

    city_id: int
    account_id: UUID
    role: str
    login: str
    password_hash: str
    display_name: str
    now: datetime
    division_code: str | None = None
    partner_id: UUID | None = None
    outlet_id: UUID | None = None


async def has_city(connection: Connection, city_id: int) -> bool:
    """Whether there is a city of this number."""
    return await connection.fetchval(*SQL.has_city(city_id=city_id)) is not None


async def read_accounts(connection: Connection, scope: Scope) -> list[ListedAccount]:
    """The accounts in a caller's scope."""
    return rows(ListedAccount, await connection.fetch(*SQL.read_accounts(scope)))


async def read_account(connection: Connection, city_id: int, account_id: UUID) -> KeptAccount | None:
    """One account, locked for this transaction; None when there is no such account."""
    return one(KeptAccount, await connection.fetchrow(*SQL.read_account(city_id=city_id, account_id=account_id)))


async def read_login(connection: Connection, city_id: int, login: str) -> KeptLogin | None:
    """The account with a login; None when nobody signs in with it."""
    return one(KeptLogin, await connection.fetchrow(*SQL.read_login(city_id=city_id, login=login)))


async def read_named(
    connection: Connection,
    city_id: int,
    *,
    partner_code: str | None = None,
    outlet_code: str | None = None,
    division_code: str | None = None,
) -> AccountBounds:
    """What the codes of a partner, an outlet and a division name; nothing where there is no such thing."""
    statement = SQL.read_named(
        city_id=city_id, partner_code=partner_code, outlet_code=outlet_code, division_code=division_code
    )
    return one(AccountBounds, await connection.fetchrow(*statement)) or AccountBounds()


async def insert_account(connection: Connection, account: AccountRow, *, created_by: UUID | None) -> bool:
    """Make an account that must change its password; False when the login or the id is taken."""
    statement = SQL.insert_account(**msgspec.structs.asdict(account), created_by=created_by)
    return await connection.fetchval(*statement) is not None


async def ensure_account(connection: Connection, account: AccountRow) -> None:
    """Make an account, or give the one of this role and login the password and make it active."""
    await connection.execute(*SQL.ensure_account(**msgspec.structs.asdict(account)))


async def set_active(connection: Connection, city_id: int, account_id: UUID, active: bool) -> None:
    """Shut an account out, or let it in."""
    await connection.execute(*SQL.set_account_active(city_id=city_id, account_id=account_id, active=active))
