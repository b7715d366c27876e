"""What guessing costs: locks after failures, counted in the database, so that all server processes know of each.

Whom a mistake locks out is the one who made it. A slip is a rider with the PIN it shows: failures at it count by the
slip and the address, so a colleague at the same address goes on, and a new PIN is a new slip, with nothing counted yet.
All strange devices together have ten tries at a slip. An address is bounded by how many different slips or logins it
fails at, thirty: a station, an office and a telephone company's customers each share one. How little is left to who
guesses is computed at `rules.counted`.

A slip printed before slips carried the rider's code names the outlet alone, and any of its riders' PINs will do: there
the outlet itself is bounded, and the address at it, more widely than a few mistakes. A rider who signs in takes one
failure off, once a day: honest slips of the finger heal, and a guesser who has found a rider's slip wins one guess a
day by it.

A device that has let this person in before carries a cookie, is counted by itself, and stays out of all other locks:
riders' phones and accounts' desks alike. All phones of one rider count as one.

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
    """A login, whether it belongs to an account or not."""
    return LockoutKey("login", digest_of(secret, f"login:{city_id}:{login}"))


def address_key(secret: str, address: str) -> LockoutKey:
    """An address that tries passwords."""
    return LockoutKey("address", digest_of(secret, f"address:{neighbourhood(address)}"))


class Counters(NamedTuple):
    """What one try counts for."""

    own: list[LockoutKey]
    """Every failure counts."""
    place: LockoutKey | None = None
    """Only the first failure of what is tried there counts: the address, by different slips or logins."""

    @property
    def all(self) -> list[LockoutKey]:
        """Whatever may be locked."""
        return self.own if self.place is None else [*self.own, self.place]


def login_counters(
    secret: str, city_id: int, login: str, password_hash: str, address: str, desk: str | None
) -> Counters:
    """A desk the account is known at counts by itself; a stranger with the login, and with the address. Whether the
    login belongs to an account or not (then the hash is empty): the answers are alike. With a new password nothing is
    counted yet at an address."""
    if desk is not None:
        return Counters([LockoutKey("desk", digest_of(secret, f"desk:{city_id}:{desk}:{password_hash}"))])
    near = neighbourhood(address)
    return Counters(
        [
            LockoutKey("login_address", digest_of(secret, f"login_address:{city_id}:{login}:{near}:{password_hash}")),
            login_key(secret, city_id, login),
        ],
        address_key(secret, address),
    )


def code_key(secret: str, account_id: UUID) -> LockoutKey:
    """Codes that somebody signed in is asked for."""
    return LockoutKey("code", digest_of(secret, f"code:{account_id}"))


def password_key(secret: str, account_id: UUID) -> LockoutKey:
    """The present password that somebody signed in is asked for; the right one wipes no failures with codes."""
    return LockoutKey("code", digest_of(secret, f"password:{account_id}"))


def outlet_counters(secret: str, city_id: int, outlet_code: str, address: str, phone: str | None) -> Counters:
    """A PIN without a rider's code. A phone known at the outlet counts by itself; a stranger with the address, and with
    the outlet. Each guess meets all PINs of the outlet, so each counts for the address."""
    if phone is not None:
        return Counters([LockoutKey("phone", digest_of(secret, f"phone:{city_id}:{outlet_code}:{phone}"))])
    near = neighbourhood(address)
    return Counters(
        [
            LockoutKey("outlet", digest_of(secret, f"outlet:{city_id}:{outlet_code}")),
            LockoutKey("outlet_address", digest_of(secret, f"outlet_address:{city_id}:{outlet_code}:{near}")),
            LockoutKey("pin_address", digest_of(secret, f"pin_address:{near}")),
        ]
    )


def slip_counters(
    secret: str, city_id: int, slip: tuple[str, str, bytes | None], address: str, phone: str | None
) -> Counters:
    """A PIN with its rider's code: `slip` is outlet, rider and the digest of the PIN it shows. The rider's own phone
    counts by itself; any other with the slip at this address, and with the slip."""
    outlet_code, rider_code, pin_digest = slip
    name = f"{city_id}:{outlet_code}:{rider_code}:{(pin_digest or b'').hex()}"
    if phone is not None:
        return Counters([LockoutKey("phone", digest_of(secret, f"slip phone:{name}:{phone}"))])
    near = neighbourhood(address)
    return Counters(
        [
            LockoutKey("slip_address", digest_of(secret, f"slip_address:{name}:{near}")),
            LockoutKey("slip", digest_of(secret, f"slip:{name}")),
        ],
        LockoutKey("pin_address", digest_of(secret, f"pin_address:{near}")),
    )


async def refuse_locked(connection: Connection, city_id: int, keys: Sequence[LockoutKey], now: datetime) -> None:
    """Raise SignInLocked while one of these is locked. The rows stay locked to the end of the transaction, so that a
    hundred guesses at once are counted one by one; the first ones too, which make them."""
    of = _columns_of(keys)
    await connection.execute(*SQL.begin_attempts(city_id=city_id, now=now, **of))
    attempts = await connection.fetch(*SQL.lock_attempts(city_id=city_id, **of))
    until = max((row["locked_until"] for row in attempts if row["locked_until"]), default=None)
    if until is not None and until > now:
        raise rules.locked_until(until, now)


async def count_failure(
    connection: Connection, city_id: int, keys: Sequence[LockoutKey], now: datetime
) -> dict[LockoutKey, rules.Failures]:
    """Count one failure for each, after `refuse_locked`; what is counted now."""
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
    return {LockoutKey(row["kind"], bytes(row["subject"])): state for row, state in zip(attempts, states, strict=True)}


async def count_own(connection: Connection, city_id: int, counters: Counters, now: datetime) -> rules.Failures:
    """Count one failure for what is tried; what is counted there now."""
    counted = await count_failure(connection, city_id, counters.own, now)
    return counted[counters.own[0]]


async def count_place(
    connection: Connection, city_id: int, counters: Counters, own: rules.Failures, now: datetime
) -> None:
    """Count the first failure of what is tried for the place as well."""
    if counters.place is not None and (own.failures, own.locks) == (1, 0):
        await count_failure(connection, city_id, [counters.place], now)


async def count_beforehand(connection: Connection, city_id: int, key: LockoutKey, now: datetime) -> None:
    """Refuse while it is locked, and count a failure before anything is looked at: a hundred tries at once are not
    better than five. `forget` it once the try was right."""
    await refuse_locked(connection, city_id, [key], now)
    await count_failure(connection, city_id, [key], now)


async def take_back(connection: Connection, city_id: int, keys: Sequence[LockoutKey]) -> None:
    """The failure that was counted before the password was looked at was none."""
    await connection.execute(*SQL.take_back_attempts(city_id=city_id, **_columns_of(keys)))


async def clear(connection: Connection, city_id: int, counters: Counters, earlier: int) -> None:
    """The try was right, and could only be right for this slip or login: the failures before it, so many from here,
    were slips of the finger. What strangers failed elsewhere still counts. Nobody wins guesses at others by failing at
    the own slip first: it takes off what it had added."""
    first, *others = counters.own
    if earlier and counters.place is not None:
        await connection.execute(*SQL.heal_attempts(city_id=city_id, much=1, **_columns_of([counters.place])))
    await connection.execute(*SQL.heal_attempts(city_id=city_id, much=earlier, **_columns_of(others)))
    await forget(connection, city_id, first)


async def failures_of(connection: Connection, city_id: int, key: LockoutKey) -> int:
    """How many failures are counted there, after `refuse_locked`."""
    (row,) = await connection.fetch(*SQL.lock_attempts(city_id=city_id, **_columns_of([key])))
    return row["failures"]


async def heal(
    connection: Connection, secret: str, city_id: int, rider_id: UUID, keys: Sequence[LockoutKey], now: datetime
) -> None:
    """A rider signed in from there: one failure less for each, if it is the first this rider takes off in a day."""
    of, healer = _columns_of(keys), digest_of(secret, f"healer:{city_id}:{rider_id}")
    last_allowed = now - HEALS_EVERY
    take = SQL.take_healing(city_id=city_id, healer=healer, now=now, last_allowed=last_allowed, **of)
    if await connection.fetchval(*take):
        await connection.execute(*SQL.heal_attempts(city_id=city_id, much=1, **of))


async def forget(connection: Connection, city_id: int, key: LockoutKey) -> None:
    """The try was right: failures before it count no more."""
    await connection.execute(*SQL.forget_attempts(city_id=city_id, **_columns_of([key])))


def _columns_of(keys: Sequence[LockoutKey]) -> dict[str, list[object]]:
    return {"kinds": [key.kind for key in keys], "subjects": [key.subject for key in keys]}
