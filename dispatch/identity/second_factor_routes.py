"""The caller's own second factor: set up with an authenticator, proven by a code, given up with a code."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from litestar import post
from litestar.params import JSONBody

from dispatch.database import Connection, Database
from dispatch.identity import lockout, rules, second_factor, sessions
from dispatch.identity import second_factor_store as store
from dispatch.identity.second_factor_store import KeptSecondFactor
from dispatch.qr import symbol_of
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.options import BEFORE_SECOND_FACTOR
from dispatch.server.refusals import refusals
from schemas.identity import RecoveryCodes, SecondFactorProof, SecondFactorProposal

_ACCOUNTS = allow("planner", "auditor", "firm_manager", "outlet_manager")
_FIRST = {BEFORE_SECOND_FACTOR: True}
_REMOVE_FIRST = "Remove the present one first, with one of its codes."


@post(
    "/api/me/second-factor",
    status_code=200,
    guards=[_ACCOUNTS],
    opt=_FIRST,
    responses=refusals(rules.SecondFactorThere),
)
async def propose_second_factor(
    caller: CallerDependency, database: DatabaseDependency, settings: SettingsDependency
) -> SecondFactorProposal:
    """Make a secret for an authenticator. It counts for nothing until one of its codes has been given."""
    account = (caller.city_id, caller.subject_id)
    secret = second_factor.new_secret()
    sealed = second_factor.seal(settings.secret, *account, secret)

    async def propose(connection: Connection) -> KeptSecondFactor:
        if not await store.propose(connection, *account, sealed):
            raise rules.SecondFactorThere(_REMOVE_FIRST)
        return await store.read(connection, *account)

    kept = await database.transact(propose)
    address = second_factor.address_for_authenticator(secret, kept.login, kept.city_name)
    return SecondFactorProposal(secret=secret, address=address, symbol=symbol_of(address))


@post(
    "/api/me/second-factor/confirm",
    status_code=200,
    guards=[_ACCOUNTS],
    opt=_FIRST,
    responses=refusals(rules.SignInLocked, rules.SecondFactorThere, rules.SecondFactorRefused),
)
async def confirm_second_factor(
    data: JSONBody[SecondFactorProof],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> RecoveryCodes:
    """Begin with the second factor: the first code proves that the authenticator has the secret. Other sessions end."""
    account, codes = (caller.city_id, caller.subject_id), second_factor.new_recovery_codes()

    async def begin(connection: Connection) -> None:
        kept = await store.read(connection, *account)
        if kept.since is not None:
            raise rules.SecondFactorThere(_REMOVE_FIRST)
        secret = second_factor.unseal(settings.secret, *account, kept.secret) if kept.secret else None
        step = second_factor.step_of(secret, data.code, now, None) if secret else None
        if step is None:
            raise rules.SecondFactorRefused("Take the code the authenticator shows now.", field="code")
        if not await store.begin(connection, *account, now, step):
            raise rules.SecondFactorThere(_REMOVE_FIRST)  # another first code was quicker
        await store.replace_recovery_codes(connection, settings.secret, *account, codes)
        await sessions.end_sessions(connection, *account, caller.session_id)

    await _guard_against_guessing(database, settings.secret, caller, now, begin)
    return RecoveryCodes(codes=codes)


@post(
    "/api/me/second-factor/recovery-codes",
    status_code=200,
    guards=[_ACCOUNTS],
    responses=refusals(rules.SignInLocked, rules.SecondFactorRefused),
)
async def renew_recovery_codes(
    data: JSONBody[SecondFactorProof],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> RecoveryCodes:
    """Make new recovery codes; the old ones end."""
    codes = second_factor.new_recovery_codes()

    async def renew(connection: Connection) -> None:
        await _use_code(connection, settings.secret, caller, data.code, now)
        await store.replace_recovery_codes(connection, settings.secret, caller.city_id, caller.subject_id, codes)

    await _guard_against_guessing(database, settings.secret, caller, now, renew)
    return RecoveryCodes(codes=codes)


@post(
    "/api/me/second-factor/remove",
    status_code=204,
    guards=[_ACCOUNTS],
    responses=refusals(rules.SignInLocked, rules.SecondFactorRefused),
)
async def remove_second_factor(
    data: JSONBody[SecondFactorProof],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> None:
    """Give the second factor up, to set up another phone."""

    async def remove(connection: Connection) -> None:
        await _use_code(connection, settings.secret, caller, data.code, now)
        await store.remove(connection, caller.city_id, caller.subject_id)

    await _guard_against_guessing(database, settings.secret, caller, now, remove)


async def _guard_against_guessing(
    database: Database, secret: str, caller: Caller, now: datetime, change: Callable[[Connection], Awaitable[None]]
) -> None:
    """Make the change, or raise what it refuses with; five refusals lock. Each is counted before, so that a refusal
    undoes everything but the count."""
    key = lockout.code_key(secret, caller.subject_id)

    async def change_and_forget(connection: Connection) -> None:
        await change(connection)
        await lockout.forget(connection, caller.city_id, key)

    await database.transact(
        lambda connection: lockout.count_beforehand(connection, caller.city_id, key, now), audited=False
    )
    await database.transact(change_and_forget)


async def _use_code(connection: Connection, secret: str, caller: Caller, code: str, now: datetime) -> None:
    """Use up a code of the second factor that holds. Raises SecondFactorRefused."""
    account = (caller.city_id, caller.subject_id)
    kept = await store.read(connection, *account)
    if kept.since is None or not await store.use_code(
        connection, secret, *account, code, now, sealed=kept.secret, last_step=kept.last_step
    ):
        raise rules.SecondFactorRefused(rules.CODE_ADVICE, field="code")


ROUTES = [propose_second_factor, confirm_second_factor, renew_recovery_codes, remove_second_factor]
