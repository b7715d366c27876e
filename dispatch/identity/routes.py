"""Signing in and out, accounts, keys of partner systems."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, beside, new_id
from dispatch.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.identity import rules, secrets
from dispatch.identity.authentication import COOKIE
from dispatch.identity.caller import Caller, allow, anybody_signed_in
from dispatch.problems import NotFound
from schemas.identity import Account, ApiKey, NewAccount, NewApiKey, PasswordSignIn, PinSignIn, Profile, SignedIn

SQL = beside(__file__)


@post("/api/sign-in", status_code=200, opt={"anyone": True})
async def sign_in(
    data: JSONBody[PasswordSignIn | PinSignIn],
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> Response[SignedIn]:
    """Begin a session, by login and password or by outlet code and PIN."""
    async with database.read() as connection:
        city = await connection.fetchrow(SQL.read_city, data.city_code)
        if city is None:
            raise rules.SignInRefused(
                "Name the city by its code, and check login and password, or outlet code and PIN."
            )
        city_id: int = city["city_id"]
        found = await _find_account(connection, city_id, data) if isinstance(data, PasswordSignIn) else None
        if isinstance(data, PinSignIn):
            found = await _find_rider(connection, city_id, data, settings.secret)
    if isinstance(data, PasswordSignIn):
        password_hash = found["password_hash"] if found and found["active"] else None
        if not await asyncio.to_thread(secrets.verify_password, password_hash, data.password):
            found = None
    if found is None:
        raise rules.SignInRefused("Check login and password, or outlet code and PIN.")
    token, expires_at = secrets.new_token(city_id), now + timedelta(hours=settings.session_hours)

    async def work(connection: Connection) -> None:
        subject = (found["account_id"], None) if "account_id" in found else (None, found["rider_id"])
        await connection.execute(SQL.insert_session, city_id, secrets.hash_token(token), *subject, now, expires_at)

    await database.transact(work)
    cookie = Cookie(
        key=COOKIE, value=token, httponly=True, samesite="strict", path="/",
        secure=settings.secure_cookie, max_age=settings.session_hours * 3600,
    )  # fmt: skip
    role = found.get("role", "rider")
    return Response(SignedIn(token=token, role=role, expires_at=expires_at, server_time=now), cookies=[cookie])


async def _find_account(connection: Connection, city_id: int, data: PasswordSignIn) -> dict[str, Any] | None:
    row = await connection.fetchrow(SQL.read_account_by_login, city_id, data.login)
    return None if row is None else dict(row)


async def _find_rider(connection: Connection, city_id: int, data: PinSignIn, secret: str) -> dict[str, Any] | None:
    outlet_id = await connection.fetchval(SQL.read_outlet_for_sign_in, city_id, data.outlet_code)
    if outlet_id is None:
        return None
    digest = secrets.digest_pin(secret, city_id, outlet_id, data.pin)
    row = await connection.fetchrow(SQL.read_rider_by_pin, city_id, outlet_id, digest)
    return None if row is None else dict(row)


@post("/api/sign-out", status_code=204, guards=[anybody_signed_in])
async def sign_out(request: Request[Caller, str, Any], database: DatabaseDependency) -> Response[None]:
    """End the session the request came with."""

    async def work(connection: Connection) -> None:
        await connection.execute(SQL.delete_session, request.user.city_id, secrets.hash_token(request.auth))

    await database.transact(work)
    response: Response[None] = Response(None, status_code=204)
    response.delete_cookie(COOKIE)
    return response


@get("/api/me", guards=[anybody_signed_in])
async def read_profile(caller: CallerDependency, database: DatabaseDependency, now: NowDependency) -> Profile:
    """Who the caller is."""
    async with database.read() as connection:
        row = await connection.fetchrow(
            SQL.read_profile, caller.city_id, caller.subject_id, caller.partner_id, caller.outlet_id
        )
    if row is None:
        raise NotFound("This city is gone.")
    return Profile(
        role=caller.role, subject_id=caller.subject_id, division_code=caller.division_code, server_time=now, **dict(row)
    )


@post("/api/accounts", guards=[allow("planner", "firm_manager")])
async def create_account(
    data: JSONBody[NewAccount], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> Account:
    """Make an account: planners for everybody, firm managers for their outlets."""
    password_hash = await asyncio.to_thread(secrets.hash_password, data.password)
    account_id = new_id(now)

    async def work(connection: Connection) -> None:
        scope = await connection.fetchrow(
            SQL.read_scope_of_new_account, caller.city_id, data.partner_code, data.outlet_code
        )
        partner_id, outlet_id = rules.judge_new_account(caller, data, *(scope or (None, None, None)))
        made = await connection.fetchval(
            SQL.insert_account, caller.city_id, account_id, data.role, data.login, password_hash, data.display_name,
            data.division_code, partner_id, outlet_id, now,
        )  # fmt: skip
        if made is None:
            raise rules.LoginTaken(f"{data.login} signs in here already; choose another login.", field="login")

    await database.transact(work)
    return Account(account_id=account_id, login=data.login, role=data.role)


@post("/api/api-keys", guards=[allow("planner", "firm_manager")])
async def create_api_key(
    data: JSONBody[NewApiKey], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> ApiKey:
    """Make a key for a partner's system. It is shown once."""
    rules.judge_key_expiry(data.expires_at, now)
    key, api_key_id = secrets.new_token(caller.city_id), new_id(now)

    async def work(connection: Connection) -> None:
        scope = await connection.fetchrow(SQL.read_scope_of_new_account, caller.city_id, data.partner_code, None)
        partner_id = caller.partner_id or (scope["partner_id"] if scope else None)
        if partner_id is None:
            raise rules.AccountScope("partner_code names no partner here.", field="partner_code")
        await connection.execute(
            SQL.insert_api_key,
            caller.city_id,
            secrets.hash_token(key),
            api_key_id,
            partner_id,
            data.name,
            now,
            data.expires_at,
        )

    await database.transact(work)
    return ApiKey(api_key_id=api_key_id, key=key, expires_at=data.expires_at)


@delete("/api/api-keys/{api_key_id:uuid}", guards=[allow("planner", "firm_manager")])
async def revoke_api_key(
    api_key_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """End a key at once."""

    async def work(connection: Connection) -> None:
        if await connection.fetchval(SQL.revoke_api_key, caller.city_id, api_key_id, caller.partner_id, now) is None:
            raise NotFound("There is no such key, or it has ended.")

    await database.transact(work)


ROUTES = [sign_in, sign_out, read_profile, create_account, create_api_key, revoke_api_key]
