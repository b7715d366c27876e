"""The own second factor: set up with an authenticator, proven by a code, given up with a code."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar import post
from litestar.params import JSONBody

from dispatch.database import Connection, Database, queries_for
from dispatch.identity import lockout, rules, second_factor
from dispatch.identity.credentials import is_second_factor
from dispatch.qr import symbol_of
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.options import BEFORE_SECOND_FACTOR
from schemas.identity import RecoveryCodes, SecondFactorProof, SecondFactorProposal

SQL = queries_for(__file__)

_ACCOUNTS = allow("planner", "auditor", "firm_manager", "outlet_manager")
_FIRST = {BEFORE_SECOND_FACTOR: True}
_THERE = "Remove the present one first, with one of its codes."
_WRONG = "Take the code the authenticator shows now, or a recovery code."


@post("/api/me/second-factor", status_code=200, guards=[_ACCOUNTS], opt=_FIRST)
async def propose_second_factor(
    caller: CallerDependency, database: DatabaseDependency, settings: SettingsDependency
) -> SecondFactorProposal:
    """Make a secret for an authenticator. It counts for nothing until one of its codes has been told."""
    secret = second_factor.new_secret()
    sealed = second_factor.seal(settings.secret, caller.city_id, caller.subject_id, secret)

    async def work(connection: Connection) -> Any:
        if await connection.fetchval(SQL.propose_second_factor, caller.city_id, caller.subject_id, sealed) is None:
            raise rules.SecondFactorThere(_THERE)
        return await connection.fetchrow(SQL.read_second_factor, caller.city_id, caller.subject_id)

    account = await database.transact(work)
    address = second_factor.address_for_authenticator(secret, account["login"], account["city_name"])
    return SecondFactorProposal(secret=secret, address=address, symbol=symbol_of(address))


@post("/api/me/second-factor/confirm", status_code=200, guards=[_ACCOUNTS], opt=_FIRST)
async def confirm_second_factor(
    data: JSONBody[SecondFactorProof],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> RecoveryCodes:
    """Begin with the second factor: the first code proves that the authenticator has the secret. Other sessions end."""
    codes = second_factor.new_recovery_codes()

    async def work(connection: Connection) -> None:
        account = await connection.fetchrow(SQL.read_second_factor, caller.city_id, caller.subject_id)
        if account["second_factor_since"] is not None:
            raise rules.SecondFactorThere(_THERE)
        sealed = account["second_factor_secret"]
        of = (caller.city_id, caller.subject_id)
        secret = second_factor.unseal(settings.secret, *of, sealed) if sealed else None
        step = second_factor.step_of(secret, data.code, now, None) if secret else None
        if step is None:
            raise rules.SecondFactorRefused("Take the code the authenticator shows now.", field="code")
        if await connection.fetchval(SQL.begin_second_factor, *of, now, step) is None:
            raise rules.SecondFactorThere(_THERE)  # another first code was quicker
        await _write_codes(connection, settings.secret, caller, codes)
        await connection.execute(SQL.end_sessions, *of, caller.session_id)

    await _guarded(database, settings.secret, caller, now, work)
    return RecoveryCodes(codes=codes)


@post("/api/me/second-factor/recovery-codes", status_code=200, guards=[_ACCOUNTS])
async def renew_recovery_codes(
    data: JSONBody[SecondFactorProof],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> RecoveryCodes:
    """Make new recovery codes; the old ones end."""
    codes = second_factor.new_recovery_codes()

    async def work(connection: Connection) -> None:
        if not await _is_right(connection, settings.secret, caller, data.code, now):
            raise rules.SecondFactorRefused(_WRONG, field="code")
        await _write_codes(connection, settings.secret, caller, codes)

    await _guarded(database, settings.secret, caller, now, work)
    return RecoveryCodes(codes=codes)


@post("/api/me/second-factor/remove", status_code=204, guards=[_ACCOUNTS])
async def remove_second_factor(
    data: JSONBody[SecondFactorProof],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> None:
    """Give the second factor up, to set up another phone."""

    async def work(connection: Connection) -> None:
        if not await _is_right(connection, settings.secret, caller, data.code, now):
            raise rules.SecondFactorRefused(_WRONG, field="code")
        await connection.fetchval(SQL.remove_second_factor, caller.city_id, caller.subject_id)
        await connection.execute(SQL.delete_recovery_codes, caller.city_id, caller.subject_id)

    await _guarded(database, settings.secret, caller, now, work)


async def _guarded(
    database: Database, secret: str, caller: Caller, now: datetime, work: Callable[[Connection], Awaitable[None]]
) -> None:
    """Do the work, or raise what it refuses with; five refusals lock. Each is counted before, so that a refusal undoes
    everything but the count."""
    key = lockout.code_key(secret, caller.subject_id)

    async def begin(connection: Connection) -> None:
        await lockout.refuse_locked(connection, caller.city_id, [key], now)
        await lockout.count_failure(connection, caller.city_id, [key], now)

    async def end(connection: Connection) -> None:
        await work(connection)
        await lockout.forget(connection, caller.city_id, key)

    await database.transact(begin, audited=False)
    await database.transact(end)


async def _is_right(connection: Connection, secret: str, caller: Caller, code: str, now: datetime) -> bool:
    account = await connection.fetchrow(SQL.read_second_factor, caller.city_id, caller.subject_id)
    if account["second_factor_since"] is None:
        return False
    known = {**dict(account), "account_id": caller.subject_id}
    return await is_second_factor(connection, secret, caller.city_id, known, code, now)


async def _write_codes(connection: Connection, secret: str, caller: Caller, codes: list[str]) -> None:
    of = (caller.city_id, caller.subject_id)
    await connection.execute(SQL.delete_recovery_codes, *of)
    digests = [second_factor.digest_recovery_code(secret, *of, code) for code in codes]
    await connection.execute(SQL.insert_recovery_codes, *of, digests)


ROUTES = [propose_second_factor, confirm_second_factor, renew_recovery_codes, remove_second_factor]
