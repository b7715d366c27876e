"""Who signs in: an account by its password and second factor or by the organisation's provider, a rider by outlet and
PIN. Failures are counted."""

import asyncio
import hmac
from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.database import Connection, Database, one, queries_for
from dispatch.identity import lockout, rules, second_factor_store, secrets
from dispatch.identity.lockout import LockoutKey
from dispatch.identity.oidc import OidcIdentity
from dispatch.problems import Problem
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

    @property
    def lacks_second_factor(self) -> bool:
        """Whether a server that asks planners for a second factor asks this person to set one up."""
        return self.role == "planner" and not self.has_second_factor


class LoginAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The account a login belongs to, active or not."""

    account_id: UUID
    role: str
    password_hash: str
    active: bool
    must_change_password: bool
    has_second_factor: bool
    second_factor_secret: bytes | None
    second_factor_step: int | None


class _Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to sign in with a password: what was sent, and for what its failures count."""

    secret: str
    city_id: int
    sent: PasswordSignIn
    login: LockoutKey
    address: LockoutKey
    now: datetime


async def find_city(connection: Connection, code: str | None) -> int | None:
    """The number of the city with this code, or of the only one there is."""
    return await connection.fetchval(*SQL.find_city(code=code))


async def recognise_account(
    database: Database, secret: str, city_id: int, data: PasswordSignIn, address: str, now: datetime
) -> Person:
    """The account of this login, password and code. Raises SignInRefused, SignInLocked, or asks for the code."""
    attempt = _Attempt(
        secret=secret, city_id=city_id, sent=data, now=now,
        login=lockout.login_key(secret, city_id, data.login), address=lockout.address_key(secret, address),
    )  # fmt: skip
    account = await database.transact(lambda connection: _count_attempt(connection, attempt), audited=False)
    note(account_id=account.account_id if account else None)
    # A login that belongs to no account takes as long as one that does.
    password_hash = account.password_hash if account and account.active else None
    is_right = await asyncio.to_thread(secrets.verify_password, password_hash, data.password)
    known = account if is_right else None
    refusal = await database.transact(lambda connection: _judge_attempt(connection, attempt, known), audited=False)
    if refusal is not None:
        raise refusal
    assert known is not None
    return Person(
        role=known.role, account_id=known.account_id, password_hash=known.password_hash,
        must_change_password=known.must_change_password, has_second_factor=known.has_second_factor,
    )  # fmt: skip


async def _count_attempt(connection: Connection, attempt: _Attempt) -> LoginAccount | None:
    """Count a failure before the password is looked at: a hundred tries at once are not better than five."""
    await lockout.refuse_locked(connection, attempt.city_id, [attempt.login, attempt.address], attempt.now)
    await lockout.count_failure(connection, attempt.city_id, [attempt.login], attempt.now)
    statement = SQL.read_account_by_login(city_id=attempt.city_id, login=attempt.sent.login)
    return one(LoginAccount, await connection.fetchrow(*statement))


async def _judge_attempt(connection: Connection, attempt: _Attempt, account: LoginAccount | None) -> Problem | None:
    """What the attempt is refused with, if the password was not right (None) or the code is not; a refusal is returned,
    because raising it would take back what is counted here."""
    # Others from this address tried meanwhile: beyond their five no caller learns whether this one was right.
    await lockout.refuse_locked(connection, attempt.city_id, [attempt.address], attempt.now)
    if account is not None and account.has_second_factor and attempt.sent.second_factor is None:
        await lockout.take_back(connection, attempt.city_id, attempt.login)
        return rules.SecondFactorAsked("Send the same again with second_factor.")
    refusal = await _refusal_of(connection, attempt, account)
    if refusal is None:
        await lockout.forget(connection, attempt.city_id, attempt.login)
    else:
        await lockout.count_failure(connection, attempt.city_id, [attempt.address], attempt.now)
    return refusal


async def _refusal_of(connection: Connection, attempt: _Attempt, account: LoginAccount | None) -> Problem | None:
    if account is None:
        return rules.SignInRefused(_REFUSED)
    code = attempt.sent.second_factor
    if not account.has_second_factor or code is None:
        return None
    is_right = await second_factor_store.use_code(
        connection, attempt.secret, attempt.city_id, account.account_id, code, attempt.now,
        sealed=account.second_factor_secret, last_step=account.second_factor_step,
    )  # fmt: skip
    return None if is_right else rules.SecondFactorRefused(rules.CODE_ADVICE)


async def recognise_subject(database: Database, city_code: str | None, identity: OidcIdentity) -> tuple[int, Person]:
    """(city, account) of somebody whom the provider knows; the first time by login, then by subject. The account must
    exist: the provider makes no planners. Raises OidcRefused."""

    async def recognise(connection: Connection) -> tuple[int, Person]:
        city_id = await find_city(connection, city_code)
        statement = SQL.read_account_by_subject(city_id=city_id, subject=identity.subject, login=identity.login)
        account = None if city_id is None else await connection.fetchrow(*statement)
        if city_id is None or account is None:
            raise rules.OidcRefused("No active account here belongs to this one; ask a planner to make one.")
        if account["oidc_subject"] is None:
            await connection.execute(
                *SQL.bind_subject(city_id=city_id, account_id=account["account_id"], subject=identity.subject)
            )
        return city_id, Person(role=account["role"], account_id=account["account_id"])

    return await database.transact(recognise, audited=False)


async def recognise_rider(
    database: Database, secret: str, city_id: int, data: PinSignIn, address: str, cookie: str | None, now: datetime
) -> Person:
    """The rider of this outlet code and PIN. Raises SignInRefused or SignInLocked."""
    phone = _known_phone(secret, city_id, data.outlet_code, cookie)
    keys = lockout.pin_keys(secret, city_id, data.outlet_code, address, phone)

    async def recognise(connection: Connection) -> UUID | None:
        await lockout.refuse_locked(connection, city_id, keys, now)
        rider_id = await _find_rider(connection, secret, city_id, data)
        if rider_id is None:
            await lockout.count_failure(connection, city_id, keys, now)
        else:
            await lockout.heal(connection, secret, city_id, rider_id, keys, now)
        return rider_id

    rider_id = await database.transact(recognise, audited=False)
    if rider_id is None:
        raise rules.SignInRefused(_REFUSED)
    return Person(
        role="rider",
        rider_id=rider_id,
        phone=cookie if phone else _new_phone(secret, city_id, data.outlet_code, rider_id),
    )


async def _find_rider(connection: Connection, secret: str, city_id: int, data: PinSignIn) -> UUID | None:
    outlet_id = await connection.fetchval(*SQL.read_outlet_for_sign_in(city_id=city_id, outlet_code=data.outlet_code))
    if outlet_id is None:
        return None
    digest = secrets.digest_pin(secret, city_id, outlet_id, data.pin)
    return await connection.fetchval(*SQL.read_rider_by_pin(city_id=city_id, outlet_id=outlet_id, pin_digest=digest))


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
