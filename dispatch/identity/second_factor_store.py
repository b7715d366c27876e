"""Second factors in the database: proposed, begun, used and removed. A code is used up by being right."""

from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.database import Connection, one, one_row, queries_for
from dispatch.identity import second_factor

SQL = queries_for(__file__)


class KeptSecondFactor(msgspec.Struct, frozen=True):
    """What is kept of an account's second factor."""

    login: str
    city_name: str
    secret: bytes | None
    """Sealed."""
    since: datetime | None
    """None: there is none, or its first code was not given yet."""
    last_step: int | None


async def read(connection: Connection, city_id: int, account_id: UUID) -> KeptSecondFactor:
    """The second factor of an account that exists."""
    row = await one_row(connection, SQL.read_second_factor(city_id=city_id, account_id=account_id))
    return one(KeptSecondFactor, row)


async def propose(connection: Connection, city_id: int, account_id: UUID, secret: bytes) -> bool:
    """Keep a sealed secret until its first code is given; False when a second factor holds already."""
    statement = SQL.propose_second_factor(city_id=city_id, account_id=account_id, secret=secret)
    return await connection.fetchval(*statement) is not None


async def begin(connection: Connection, city_id: int, account_id: UUID, now: datetime, step: int) -> bool:
    """The first code was right, of this time step; False when a second factor holds already."""
    statement = SQL.begin_second_factor(city_id=city_id, account_id=account_id, now=now, step=step)
    return await connection.fetchval(*statement) is not None


async def use_code(
    connection: Connection,
    secret: str,
    city_id: int,
    account_id: UUID,
    code: str,
    now: datetime,
    *,
    sealed: bytes | None,
    last_step: int | None,
) -> bool:
    """Whether the code is the authenticator's of now or a recovery code; either is used up by this."""
    if not second_factor.is_code(code):
        digest = second_factor.digest_recovery_code(secret, city_id, account_id, code)
        statement = SQL.use_recovery_code(city_id=city_id, account_id=account_id, code_digest=digest, now=now)
        return await connection.fetchval(*statement) is not None
    shared = second_factor.unseal(secret, city_id, account_id, sealed) if sealed else None
    step = second_factor.step_of(shared, code, now, last_step) if shared else None
    if step is None:
        return False
    return await connection.fetchval(*SQL.use_step(city_id=city_id, account_id=account_id, step=step)) is not None


async def replace_recovery_codes(
    connection: Connection, secret: str, city_id: int, account_id: UUID, codes: list[str]
) -> None:
    """Keep the digests of these codes; all others end."""
    digests = [second_factor.digest_recovery_code(secret, city_id, account_id, code) for code in codes]
    await connection.execute(*SQL.delete_recovery_codes(city_id=city_id, account_id=account_id))
    await connection.execute(*SQL.insert_recovery_codes(city_id=city_id, account_id=account_id, digests=digests))


async def remove(connection: Connection, city_id: int, account_id: UUID) -> bool:
    """Take second factor and recovery codes away; False when there was no second factor."""
    statement = SQL.remove_second_factor(city_id=city_id, account_id=account_id)
    removed = await connection.fetchval(*statement) is not None
    await connection.execute(*SQL.delete_recovery_codes(city_id=city_id, account_id=account_id))
    return removed
