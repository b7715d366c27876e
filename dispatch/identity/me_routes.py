"""What everybody signed in may do with what is their own: profile, password, language, sessions."""

import asyncio
from uuid import UUID

from litestar import delete, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, queries_for
from dispatch.identity import lockout, passwords, rules, secrets, sessions
from dispatch.identity.passwords import Passwords, replace_password
from dispatch.problems import NotFound
from dispatch.server.caller import allow, anybody_signed_in
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.options import BEFORE_ALL_ELSE
from dispatch.server.refusals import refusals
from schemas.identity import LanguageChoice, PasswordChange, Profile, Session

SQL = queries_for(__file__)

_ACCOUNTS = allow("planner", "auditor", "firm_manager", "outlet_manager")
_PEOPLE = allow("planner", "auditor", "firm_manager", "outlet_manager", "rider")
_FIRST = {BEFORE_ALL_ELSE: True}


@get("/api/me", guards=[anybody_signed_in], opt=_FIRST, responses=refusals(NotFound))
async def read_profile(
    caller: CallerDependency, database: DatabaseDependency, now: NowDependency, state: State
) -> Profile:
    """Who the caller is."""
    async with database.read() as connection:
        row = await connection.fetchrow(
            *SQL.read_profile(caller.scope, subject_id=caller.subject_id, session_id=caller.session_id)
        )
    if row is None:
        raise NotFound("This city is gone.")
    return Profile(
        role=caller.role,
        subject_id=caller.subject_id,
        division_code=caller.division_code,
        must_change_password=caller.must_change_password,
        lacks_second_factor=caller.lacks_second_factor,
        key_scopes=list(caller.scopes),
        server_time=now,
        base_map=state.base_map_for(caller.role, row["datum"]),
        **dict(row),
    )


@post(
    "/api/me/password",
    status_code=204,
    guards=[_ACCOUNTS],
    opt=_FIRST,
    responses=refusals(rules.SignInLocked, rules.WrongPassword, rules.WeakPassword),
)
async def change_password(
    data: JSONBody[PasswordChange],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> None:
    """Choose a new password: all other sessions of the account end, this one goes on."""
    account = (caller.city_id, caller.subject_id)
    key = lockout.password_key(settings.secret, caller.subject_id)

    async def count_and_read(connection: Connection) -> Passwords:
        await lockout.count_beforehand(connection, caller.city_id, key, now)
        known = await passwords.read_passwords(connection, *account)
        assert known is not None
        return known

    known = await database.transact(count_and_read, audited=False)
    if not await asyncio.to_thread(secrets.verify_password, known.password_hash, data.current_password):
        raise rules.WrongPassword("Type the password you signed in with.", field="current_password")
    await database.transact(lambda connection: lockout.forget(connection, caller.city_id, key), audited=False)
    rules.require_password(data.new_password, known.login)
    rules.refuse_reuse(await asyncio.to_thread(secrets.is_one_of, known.remembered, data.new_password))
    password_hash = await asyncio.to_thread(secrets.hash_password, data.new_password)

    async def change(connection: Connection) -> None:
        old = known.password_hash
        if not await replace_password(connection, *account, now, old=old, new=password_hash, must_change=False):
            raise rules.WrongPassword("The password was changed elsewhere just now.", field="current_password")
        await sessions.end_sessions(connection, *account, caller.session_id)

    await database.transact(change)


@put("/api/me/language", status_code=204, guards=[_ACCOUNTS], opt=_FIRST)
async def set_language(data: JSONBody[LanguageChoice], caller: CallerDependency, database: DatabaseDependency) -> None:
    """Choose the language in which the pages are shown to this account."""
    statement = SQL.set_language(city_id=caller.city_id, account_id=caller.subject_id, language=data.language)

    async def choose(connection: Connection) -> None:
        await connection.execute(*statement)

    await database.transact(choose)


@get("/api/me/sessions", guards=[_PEOPLE])
async def read_sessions(caller: CallerDependency, database: DatabaseDependency, now: NowDependency) -> list[Session]:
    """Where the caller is signed in: device, address, last use."""
    async with database.read() as connection:
        return await sessions.read_sessions(connection, caller, now)


@delete("/api/me/sessions/{session_id:uuid}", guards=[_PEOPLE], responses=refusals(NotFound))
async def end_session(session_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> None:
    """End one of the caller's own sessions at once: a phone that was lost, a browser left open."""

    async def end(connection: Connection) -> None:
        if not await sessions.end_session(connection, caller.city_id, caller.subject_id, session_id):
            raise NotFound("You have no such session, or it has ended.")

    await database.transact(end)


@post("/api/me/sessions/end-others", status_code=204, guards=[_PEOPLE])
async def end_other_sessions(caller: CallerDependency, database: DatabaseDependency) -> None:
    """End all the caller's own sessions but this one."""
    others = (caller.city_id, caller.subject_id, caller.session_id)
    await database.transact(lambda connection: sessions.end_sessions(connection, *others))


ROUTES = [read_profile, change_password, set_language, read_sessions, end_session, end_other_sessions]
