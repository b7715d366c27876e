"""Signing in and out, accounts, keys of partner systems."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, post
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, beside, new_id
from dispatch.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.identity import own_routes, rules, secrets
from dispatch.identity.caller import Caller, allow, anybody_signed_in
from dispatch.identity.signing_in import Person, begin_session, session_cookie
from dispatch.noting import note
from dispatch.problems import NotFound
from schemas.identity import Account, ApiKey, NewAccount, NewApiKey, PasswordSignIn, PinSignIn, SignedIn

SQL = beside(__file__)
_REFUSED = "Check login and password, or outlet code and PIN."


@post("/api/sign-in", status_code=200, opt={"anyone": True})
async def sign_in(
    request: Request[Any, Any, Any],
    data: JSONBody[PasswordSignIn | PinSignIn],
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> Response[SignedIn]:
    """Begin a session, by login and password or by outlet code and PIN."""
    async with database.read() as connection:
        city_id = await connection.fetchval(SQL.read_city, data.city_code)
        if city_id is None:
            raise rules.SignInRefused(
                "Name the city by its code, and check login and password, or outlet code and PIN."
            )
        # From here on the attempt is in the trail; what was typed as a login may be a password and is not.
        note(city_id=city_id, outlet_code=data.outlet_code if isinstance(data, PinSignIn) else None)
        account = rider = None
        if isinstance(data, PasswordSignIn):
            account = await connection.fetchrow(SQL.read_account_by_login, city_id, data.login)
            note(account_id=account["account_id"] if account else None)
        else:
            rider = await _find_rider(connection, city_id, data, settings.secret)
    if isinstance(data, PasswordSignIn):
        return await begin_session(
            request, database, settings, now, city_id, await _known_account(account, data), "password"
        )
    if rider is None:
        raise rules.SignInRefused(_REFUSED)
    return await begin_session(request, database, settings, now, city_id, Person(role="rider", rider_id=rider), "pin")


async def _known_account(account: Any, data: PasswordSignIn) -> Person:
    """The account, if the password is its own; a login nobody has takes as long."""
    password_hash = account["password_hash"] if account and account["active"] else None
    if not await asyncio.to_thread(secrets.verify_password, password_hash, data.password):
        raise rules.SignInRefused(_REFUSED)
    return Person(
        role=account["role"],
        account_id=account["account_id"],
        must_change_password=account["must_change_password"],
        has_second_factor=account["has_second_factor"],
    )


async def _find_rider(connection: Connection, city_id: int, data: PinSignIn, secret: str) -> UUID | None:
    outlet_id = await connection.fetchval(SQL.read_outlet_for_sign_in, city_id, data.outlet_code)
    if outlet_id is None:
        return None
    digest = secrets.digest_pin(secret, city_id, outlet_id, data.pin)
    return await connection.fetchval(SQL.read_rider_by_pin, city_id, outlet_id, digest)


@post("/api/sign-out", status_code=204, guards=[anybody_signed_in], opt={"before_all_else": True})
async def sign_out(
    request: Request[Caller, str, Any], database: DatabaseDependency, settings: SettingsDependency
) -> Response[None]:
    """End the session the request came with."""

    async def work(connection: Connection) -> None:
        await connection.execute(SQL.delete_session, request.user.city_id, secrets.hash_token(request.auth))

    await database.transact(work)
    return Response(None, status_code=204, cookies=[session_cookie("", settings, 0)])


@post("/api/accounts", guards=[allow("planner", "firm_manager")])
async def create_account(
    data: JSONBody[NewAccount], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> Account:
    """Make an account: planners for everybody, firm managers for their outlets."""
    password_hash = await asyncio.to_thread(secrets.hash_password, data.password)
    account_id = new_id(now)
    note(account_id=account_id, role=data.role)

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
    note(api_key_id=api_key_id, partner_code=data.partner_code)

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


ROUTES = [sign_in, sign_out, *own_routes.ROUTES, create_account, create_api_key, revoke_api_key]
