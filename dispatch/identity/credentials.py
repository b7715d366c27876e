"""Who is at the door: an account by its password and second factor, a rider by outlet and PIN. Failures are counted."""

import asyncio
import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from dispatch.database import Connection, Database, queries_for
from dispatch.identity import lockout, rules, second_factor, secrets
from dispatch.server.subject import note
from schemas.identity import PasswordSignIn, PinSignIn

SQL = queries_for(__file__)

_REFUSED = "Check login and password, or outlet code and PIN."


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has shown who they are: an account or a rider."""

    role: str
    account_id: UUID | None = None
    rider_id: UUID | None = None
    password_hash: str | None = None
    """Of the password that was right; the session begins only while it still is."""
    must_change_password: bool = False
    has_second_factor: bool = False
    phone: str | None = None
    """What a rider's phone keeps, so that a lock of the outlet does not shut it out."""


async def recognise_account(
    database: Database, secret: str, city_id: int, data: PasswordSignIn, address: str, now: datetime
) -> Person:
    """The account behind login, password and code. Raises SignInRefused, SignInLocked, or asks the code."""
    login, near = lockout.login_key(secret, city_id, data.login), lockout.address_key(secret, address)

    async def begin(connection: Connection) -> Any:
        await lockout.refuse_locked(connection, city_id, [login, near], now)
        # Counted before the password is looked at: a hundred tries at once are not better than five.
        await lockout.count_failure(connection, city_id, [login], now)
        return await connection.fetchrow(SQL.read_account_by_login, city_id, data.login)

    account = await database.transact(begin, audited=False)
    note(account_id=account["account_id"] if account else None)
    password_hash = account["password_hash"] if account and account["active"] else None
    # A login nobody has takes as long as one that somebody has.
    refusal: rules.Problem | None = None
    if not await asyncio.to_thread(secrets.verify_password, password_hash, data.password):
        refusal = rules.SignInRefused(_REFUSED)

    async def end(connection: Connection) -> rules.Problem | None:
        # Others from this address were at it meanwhile: beyond their five nobody hears whether this one was right.
        await lockout.refuse_locked(connection, city_id, [near], now)
        refused = refusal
        if refused is None and account["has_second_factor"]:
            if data.second_factor is None:
                await lockout.take_back(connection, city_id, login)
                return rules.SecondFactorAsked("Send the same again with second_factor.")
            if not await is_second_factor(connection, secret, city_id, account, data.second_factor, now):
                refused = rules.SecondFactorRefused("Take the code the authenticator shows now, or a recovery code.")
        if refused is None:
            await lockout.forget(connection, city_id, login)
        else:
            await lockout.count_failure(connection, city_id, [near], now)
        return refused

    refusal = await database.transact(end, audited=False)
    if refusal is not None:
        raise refusal
    return Person(
        role=account["role"],
        account_id=account["account_id"],
        password_hash=account["password_hash"],
        must_change_password=account["must_change_password"],
        has_second_factor=account["has_second_factor"],
    )


async def is_second_factor(
    connection: Connection, secret: str, city_id: int, account: Any, code: str, now: datetime
) -> bool:
    """Whether the code is the authenticator's of now or a recovery code; either is used up by this."""
    account_id: UUID = account["account_id"]
    if not second_factor.is_code(code):
        digest = second_factor.digest_recovery_code(secret, city_id, account_id, code)
        return await connection.fetchval(SQL.use_recovery_code, city_id, account_id, digest, now) is not None
    shared = second_factor.unseal(secret, city_id, account_id, account["second_factor_secret"])
    step = second_factor.step_of(shared, code, now, account["second_factor_step"]) if shared else None
    return step is not None and await connection.fetchval(SQL.use_step, city_id, account_id, step) is not None


async def recognise_rider(
    database: Database, secret: str, city_id: int, data: PinSignIn, address: str, cookie: str | None, now: datetime
) -> Person:
    """The rider behind outlet code and PIN. Raises SignInRefused or SignInLocked."""
    phone = _known_phone(secret, city_id, data.outlet_code, cookie)
    keys = lockout.pin_keys(secret, city_id, data.outlet_code, address, phone)

    async def work(connection: Connection) -> UUID | None:
        await lockout.refuse_locked(connection, city_id, keys, now)
        rider_id = None
        outlet_id = await connection.fetchval(SQL.read_outlet_for_sign_in, city_id, data.outlet_code)
        if outlet_id is not None:
            digest = secrets.digest_pin(secret, city_id, outlet_id, data.pin)
            rider_id = await connection.fetchval(SQL.read_rider_by_pin, city_id, outlet_id, digest)
        if rider_id is None:
            await lockout.count_failure(connection, city_id, keys, now)
        else:
            await lockout.heal(connection, secret, city_id, rider_id, keys, now)
        return rider_id

    rider_id = await database.transact(work, audited=False)
    if rider_id is None:
        raise rules.SignInRefused(_REFUSED)
    return Person(
        role="rider",
        rider_id=rider_id,
        phone=cookie if phone else _new_phone(secret, city_id, data.outlet_code, rider_id),
    )


def _new_phone(secret: str, city_id: int, outlet_code: str, rider_id: UUID) -> str:
    """Named by the rider: signing in again makes no further phone."""
    name = secrets.digest_of(secret, f"phone of:{city_id}:{rider_id}").hex()[:24]
    return f"{name}.{_mark(secret, city_id, outlet_code, name)}"


def _known_phone(secret: str, city_id: int, outlet_code: str, cookie: str | None) -> str | None:
    """The phone's name, if it has signed in at this outlet before."""
    name, _, mark = (cookie or "").partition(".")
    known = hmac.compare_digest(mark.encode(), _mark(secret, city_id, outlet_code, name).encode())
    return name if known else None


def _mark(secret: str, city_id: int, outlet_code: str, name: str) -> str:
    return secrets.digest_of(secret, f"known phone:{city_id}:{outlet_code}:{name}").hex()
