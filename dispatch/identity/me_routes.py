"""What everybody signed in may do with what is their own: profile, password, language, sessions."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import delete, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, Database, queries_for
from dispatch.identity import lockout, rules, secrets
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow, anybody_signed_in
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.options import BEFORE_ALL_ELSE
from schemas.identity import LanguageChoice, PasswordChange, Profile, Session

SQL = queries_for(__file__)

_ACCOUNTS = allow("planner", "auditor", "firm_manager", "outlet_manager")
_PEOPLE = allow("planner", "auditor", "firm_manager", "outlet_manager", "rider")
_FIRST = {BEFORE_ALL_ELSE: True}


@get("/api/me", guards=[anybody_signed_in], opt=_FIRST)
async def read_profile(
    caller: CallerDependency, database: DatabaseDependency, now: NowDependency, state: State
) -> Profile:
    """Who the caller is."""
    async with database.read() as connection:
        row = await connection.fetchrow(
            SQL.read_profile, caller.city_id, caller.subject_id, caller.partner_id, caller.outlet_id, caller.session_id
        )
    if row is None:
        raise NotFound("This city is gone.")
    return Profile(
        role=caller.role,
        subject_id=caller.subject_id,
        division_code=caller.division_code,
        must_change_password=caller.must_change_password,
        lacks_second_factor=caller.lacks_second_factor,
        server_time=now,
        base_map=state.base_map_for(caller.role, row["datum"]),
        **dict(row),
    )


@post("/api/me/password", status_code=204, guards=[_ACCOUNTS], opt=_FIRST)
async def change_password(
    data: JSONBody[PasswordChange],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> None:
    """Choose a new password: all other sessions of the account end, this one goes on."""
    key = lockout.password_key(settings.secret, caller.subject_id)
    known = await _read_passwords(database, caller, key, now)
    if not await asyncio.to_thread(secrets.verify_password, known["password_hash"], data.current_password):
        raise rules.WrongPassword("Type the password you signed in with.", field="current_password")
    await database.transact(lambda connection: lockout.forget(connection, caller.city_id, key), audited=False)
    rules.require_password(data.new_password, known["login"])
    remembered = [known["password_hash"], *known["earlier"]][: rules.PASSWORDS_REMEMBERED]
    rules.refuse_reuse(await asyncio.to_thread(secrets.is_one_of, remembered, data.new_password))
    password_hash = await asyncio.to_thread(secrets.hash_password, data.new_password)

    async def work(connection: Connection) -> None:
        account = (caller.city_id, caller.subject_id)
        old = known["password_hash"]
        if await connection.fetchval(SQL.set_password, *account, password_hash, now, False, old) is None:
            raise rules.WrongPassword("The password was changed elsewhere just now.", field="current_password")
        await connection.execute(SQL.remember_password, *account, now, old)
        await connection.execute(SQL.forget_old_passwords, *account, rules.PASSWORDS_REMEMBERED - 1)
        await connection.execute(SQL.end_sessions, *account, caller.session_id)

    await database.transact(work)


async def _read_passwords(database: Database, caller: Caller, key: lockout.LockoutKey, now: datetime) -> Any:
    async def work(connection: Connection) -> Any:
        await lockout.refuse_locked(connection, caller.city_id, [key], now)
        # Counted before the password is looked at: a hundred tries at once are not better than five.
        await lockout.count_failure(connection, caller.city_id, [key], now)
        return await connection.fetchrow(SQL.read_passwords, caller.city_id, caller.subject_id)

    return await database.transact(work, audited=False)


@put("/api/me/language", status_code=204, guards=[_ACCOUNTS], opt=_FIRST)
async def set_language(data: JSONBody[LanguageChoice], caller: CallerDependency, database: DatabaseDependency) -> None:
    """Choose the language the pages speak to this account."""

    async def work(connection: Connection) -> None:
        await connection.fetchval(SQL.set_language, caller.city_id, caller.subject_id, data.language)

    await database.transact(work)


@get("/api/me/sessions", guards=[_PEOPLE])
async def read_sessions(caller: CallerDependency, database: DatabaseDependency, now: NowDependency) -> list[Session]:
    """Where the caller is signed in: device, address, last use."""
    async with database.read() as connection:
        found = await connection.fetch(SQL.read_sessions, caller.city_id, caller.subject_id, now)
    return [Session(current=row["session_id"] == caller.session_id, **dict(row)) for row in found]


@delete("/api/me/sessions/{session_id:uuid}", guards=[_PEOPLE])
async def end_session(session_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> None:
    """End one of the caller's own sessions at once: a phone that was lost, a browser left open."""

    async def work(connection: Connection) -> None:
        if await connection.fetchval(SQL.end_session, caller.city_id, caller.subject_id, session_id) is None:
            raise NotFound("You have no such session, or it has ended.")

    await database.transact(work)


@post("/api/me/sessions/end-others", status_code=204, guards=[_PEOPLE])
async def end_other_sessions(caller: CallerDependency, database: DatabaseDependency) -> None:
    """End all the caller's own sessions but this one."""

    async def work(connection: Connection) -> None:
        await connection.execute(SQL.end_sessions, caller.city_id, caller.subject_id, caller.session_id)

    await database.transact(work)


ROUTES = [read_profile, change_password, set_language, read_sessions, end_session, end_other_sessions]
