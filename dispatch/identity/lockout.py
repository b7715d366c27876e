"""What guessing costs: locks after failures, counted in the database, so that all server processes know of each.

Passwords: five failures lock the login and the address for a quarter of an hour.

PINs are only six digits, and any of an outlet's riders' will do: with a hundred riders one guess in 10,000 is right.
So the outlet itself is bounded, however many addresses guess: twenty failures lock it, each further lock comes after
five and lasts four times longer, up to a day. That is forty guesses on the first day and five on each later one: one
chance in 250 that somebody gets in on the first day, one in 2,000 on a later one. Guessing at all three hundred outlets
of a city takes hundreds of addresses, each good for a few, and finds one rider at first and then one a week; a rider's
PIN shows that rider's own day and nothing else. A rider who signs in takes one failure off, once a day: honest slips of
the finger heal, and a guesser who has found a rider's slip wins one guess a day by it.

A lock of the outlet must not stop its riders from working: a phone that has signed in there before carries a cookie, is
counted by itself, and stays out of the outlet's lock. All phones of one rider count as one: signing in a hundred times
gives no hundred phones to guess with. A wrong PIN is a rare thing there: the slip's QR code holds it.

What is tried at once is judged one after the other, in all processes: the row that is locked is made before it is read.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from dispatch.database import Connection, queries_for
from dispatch.identity import rules
from dispatch.identity.secrets import digest_of
from dispatch.server.address import neighbourhood

SQL = queries_for(__file__)

HEALS_EVERY = timedelta(days=1)


class LockoutKey(NamedTuple):
    """What failures are counted for: a login, an address, an outlet, a phone."""

    kind: str
    subject: bytes


def login_key(secret: str, city_id: int, login: str) -> LockoutKey:
    """A login, whether it belongs to an account or not: the answers are alike."""
    return LockoutKey("login", digest_of(secret, f"login:{city_id}:{login}"))


def address_key(secret: str, address: str) -> LockoutKey:
    """An address that tries passwords."""
    return LockoutKey("address", digest_of(secret, f"address:{neighbourhood(address)}"))


def code_key(secret: str, account_id: UUID) -> LockoutKey:
    """Codes that somebody signed in is asked for."""
    return LockoutKey("code", digest_of(secret, f"code:{account_id}"))


def password_key(secret: str, account_id: UUID) -> LockoutKey:
    """The present password that somebody signed in is asked for; the right one wipes no failures with codes."""
    return LockoutKey("code", digest_of(secret, f"password:{account_id}"))


def pin_keys(secret: str, city_id: int, outlet_code: str, address: str, phone: str | None) -> list[LockoutKey]:
    """A phone known at the outlet counts by itself; a stranger with the address, and with the outlet."""
    if phone is not None:
        return [LockoutKey("phone", digest_of(secret, f"phone:{city_id}:{outlet_code}:{phone}"))]
    near = neighbourhood(address)
    return [
        LockoutKey("outlet", digest_of(secret, f"outlet:{city_id}:{outlet_code}")),
        LockoutKey("outlet_address", digest_of(secret, f"outlet_address:{city_id}:{outlet_code}:{near}")),
        LockoutKey("pin_address", digest_of(secret, f"pin_address:{near}")),
    ]


async def refuse_locked(connection: Connection, city_id: int, keys: Sequence[LockoutKey], now: datetime) -> None:
    """Raise SignInLocked while one of these is locked. The rows stay locked to the end of the transaction, so that a
    hundred guesses at once are counted one by one; the first ones too, which make them."""
    of = _columns_of(keys)
    await connection.execute(*SQL.begin_attempts(city_id=city_id, now=now, **of))
    attempts = await connection.fetch(*SQL.lock_attempts(city_id=city_id, **of))
    until = max((row["locked_until"] for row in attempts if row["locked_until"]), default=None)
    if until is not None and until > now:
        raise rules.locked_until(until, now)


async def count_failure(connection: Connection, city_id: int, keys: Sequence[LockoutKey], now: datetime) -> None:
    """Count one failure for each, after `refuse_locked`."""
    attempts = await connection.fetch(*SQL.lock_attempts(city_id=city_id, **_columns_of(keys)))
    states = [
        rules.counted(row["kind"], row["failures"], row["locks"], row["failed_at"], row["locked_until"], now)
        for row in attempts
    ]
    statement = SQL.write_attempts(
        city_id=city_id, now=now,
        kinds=[row["kind"] for row in attempts], subjects=[row["subject"] for row in attempts],
        failures=[state.failures for state in states], locks=[state.locks for state in states],
        locked_until=[state.locked_until for state in states],
    )  # fmt: skip
    await connection.execute(*statement)


async def count_beforehand(connection: Connection, city_id: int, key: LockoutKey, now: datetime) -> None:
    """Refuse while it is locked, and count a failure before anything is looked at: a hundred tries at once are not
    better than five. `forget` it once the try was right."""
    await refuse_locked(connection, city_id, [key], now)
    await count_failure(connection, city_id, [key], now)


async def take_back(connection: Connection, city_id: int, key: LockoutKey) -> None:
    """The failure that was counted before the password was looked at was none."""
    await connection.execute(*SQL.take_back_attempt(city_id=city_id, **key._asdict()))


async def heal(
    connection: Connection, secret: str, city_id: int, rider_id: UUID, keys: Sequence[LockoutKey], now: datetime
) -> None:
    """A rider signed in from there: one failure less for each, if it is the first this rider takes off in a day."""
    of, healer = _columns_of(keys), digest_of(secret, f"healer:{city_id}:{rider_id}")
    last_allowed = now - HEALS_EVERY
    take = SQL.take_healing(city_id=city_id, healer=healer, now=now, last_allowed=last_allowed, **of)
    if await connection.fetchval(*take):
        await connection.execute(*SQL.heal_attempts(city_id=city_id, **of))


async def forget(connection: Connection, city_id: int, key: LockoutKey) -> None:
    """The try was right: failures before it count no more."""
    await connection.execute(*SQL.forget_attempts(city_id=city_id, **key._asdict()))


def _columns_of(keys: Sequence[LockoutKey]) -> dict[str, list[object]]:
    return {"kinds": [key.kind for key in keys], "subjects": [key.subject for key in keys]}
