"""Who signs in: an account by its password and second factor or by the organisation's provider, a rider by outlet and
PIN. Failures are counted."""

import asyncio
from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.database import Connection, Database, one, queries_for
from dispatch.identity import known_devices, lockout, rules, second_factor_store, secrets
from dispatch.identity.lockout import Counters
from dispatch.identity.oidc import OidcIdentity
from dispatch.problems import Problem
from dispatch.server.subject import note
from schemas.identity import PasswordSignIn

SQL = queries_for(__file__)

_REFUSED = "Check login and password."


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has shown who they are: an account or a rider."""

    role: str
    account_id: UUID | None = None
    rider_id: UUID | None = None
    password_hash: str | None = None
    """Of the password that was right; the session begins only while it still is."""
    must_change_password: bool = False
    has_second_factor: bool = False
    device: str | None = None
    """What the phone or desk keeps, so that strangers' failures do not shut it out."""

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
    """One try to sign in with a password: what was sent, from where, and by which device."""

    secret: str
    city_id: int
    sent: PasswordSignIn
    address: str
    cookie: str | None
    now: datetime


class _CountedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """A try that is counted, with the account it is about and for what its failures count."""

    account: LoginAccount | None
    counters: Counters
    own: rules.Failures


async def find_city(connection: Connection, code: str | None) -> int | None:
    """The number of the city with this code, or of the only one there is."""
    return await connection.fetchval(*SQL.find_city(code=code))


async def recognise_account(
    database: Database, secret: str, city_id: int, data: PasswordSignIn, address: str, cookie: str | None, now: datetime
) -> Person:
    """The account of this login, password and code. Raises SignInRefused, SignInLocked, or asks for the code."""
    attempt = _Attempt(secret=secret, city_id=city_id, sent=data, address=address, cookie=cookie, now=now)
    counted = await database.transact(lambda connection: _count_attempt(connection, attempt), audited=False)
    account = counted.account
    note(account_id=account.account_id if account else None)
    # A login that belongs to no account takes as long as one that does.
    password_hash = account.password_hash if account and account.active else None
    is_right = await asyncio.to_thread(secrets.verify_password, password_hash, data.password)
    known = account if is_right else None
    refusal = await database.transact(
        lambda connection: _judge_attempt(connection, attempt, counted, known), audited=False
    )
    if refusal is not None:
        raise refusal
    assert known is not None
    desk = known_devices.desk_of(secret, city_id, known.account_id)
    return Person(
        role=known.role, account_id=known.account_id, password_hash=known.password_hash,
        must_change_password=known.must_change_password, has_second_factor=known.has_second_factor,
        device=known_devices.with_name(secret, city_id, known_devices.ACCOUNTS, cookie, desk),
    )  # fmt: skip


async def _count_attempt(connection: Connection, attempt: _Attempt) -> _CountedAttempt:
    """Count a failure before the password is looked at: a hundred tries at once are not better than five."""
    statement = SQL.read_account_by_login(city_id=attempt.city_id, login=attempt.sent.login)
    account = one(LoginAccount, await connection.fetchrow(*statement))
    known = known_devices.known_at(attempt.secret, attempt.city_id, known_devices.ACCOUNTS, attempt.cookie)
    desk = known_devices.desk_of(attempt.secret, attempt.city_id, account.account_id) if account else None
    counters = lockout.login_counters(
        attempt.secret, attempt.city_id, attempt.sent.login, account.password_hash if account else "",
        attempt.address, desk if desk in known else None,
    )  # fmt: skip
    await lockout.refuse_locked(connection, attempt.city_id, counters.all, attempt.now)
    own = await lockout.count_own(connection, attempt.city_id, counters, attempt.now)
    return _CountedAttempt(account=account, counters=counters, own=own)


async def _judge_attempt(
    connection: Connection, attempt: _Attempt, counted: _CountedAttempt, account: LoginAccount | None
) -> Problem | None:
    """What the attempt is refused with, if the password was not right (None) or the code is not; a refusal is returned,
    because raising it would take back what is counted here."""
    counters = counted.counters
    if counters.place is not None:
        # Others from this address tried meanwhile: beyond its bound no caller learns whether this one was right.
        await lockout.refuse_locked(connection, attempt.city_id, [counters.place], attempt.now)
    if account is not None and account.has_second_factor and attempt.sent.second_factor is None:
        await lockout.take_back(connection, attempt.city_id, counters.own)
        return rules.SecondFactorAsked("Send the same again with second_factor.")
    refusal = await _refusal_of(connection, attempt, account)
    if refusal is None:
        await lockout.clear(connection, attempt.city_id, counters, counted.own.failures - 1)
        await lockout.take_back(connection, attempt.city_id, counters.own[1:])
    else:
        await lockout.count_place(connection, attempt.city_id, counters, counted.own, attempt.now)
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
