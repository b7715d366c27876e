"""Passwords of accounts in the database: the present one, those before it, and how one takes another's place."""

from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.database import Connection, one, queries_for
from dispatch.identity.rules import PASSWORDS_REMEMBERED

SQL = queries_for(__file__)


class Passwords(msgspec.Struct, frozen=True):
    """What is kept of an account's passwords."""

    login: str
    password_hash: str
    earlier: list[str]
    """Hashes of those before, the latest first."""

    @property
    def remembered(self) -> list[str]:
        """Hashes of the passwords that may not be chosen again."""
        return [self.password_hash, *self.earlier][:PASSWORDS_REMEMBERED]


async def read_passwords(connection: Connection, city_id: int, account_id: UUID) -> Passwords | None:
    """The passwords of an account; None when there is no such account."""
    row = await connection.fetchrow(*SQL.read_passwords(city_id=city_id, account_id=account_id))
    return one(Passwords, row)


async def set_password(
    connection: Connection, city_id: int, account_id: UUID, now: datetime, *, old: str, new: str, must_change: bool
) -> bool:
    """Give the account the password with the hash `new`; False, and nothing changes, when its hash is not `old` now."""
    statement = SQL.set_password(
        city_id=city_id, account_id=account_id, now=now, old_hash=old, new_hash=new, must_change=must_change
    )
    return await connection.fetchval(*statement) is not None


async def replace_password(
    connection: Connection, city_id: int, account_id: UUID, now: datetime, *, old: str, new: str, must_change: bool
) -> bool:
    """The same, and the old password is remembered, so that it is not chosen again."""
    if not await set_password(connection, city_id, account_id, now, old=old, new=new, must_change=must_change):
        return False
    await connection.execute(*SQL.remember_password(city_id=city_id, account_id=account_id, now=now, password_hash=old))
    await connection.execute(
        *SQL.forget_old_passwords(city_id=city_id, account_id=account_id, kept=PASSWORDS_REMEMBERED - 1)
    )
    return True
