"""Keys of partners' systems: made, listed, rotated, ended. A key is told once; only its hash is kept."""

from datetime import timedelta
from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, new_id, queries_for, rows
from dispatch.identity import rules, secrets
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.subject import note
from schemas.identity import ApiKey, KeyRotation, ListedKey, NewApiKey

SQL = queries_for(__file__)

_MAKERS = allow("planner", "firm_manager")


@get("/api/api-keys", guards=[_MAKERS])
async def read_api_keys(caller: CallerDependency, database: DatabaseDependency) -> list[ListedKey]:
    """The keys in the caller's scope, with what they are for, how long they hold and when they were last used."""
    rules.require_keys_scope(caller)
    async with database.read() as connection:
        return rows(ListedKey, await connection.fetch(SQL.read_keys, caller.city_id, caller.partner_id))


@post("/api/api-keys", guards=[_MAKERS])
async def create_api_key(
    data: JSONBody[NewApiKey], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> ApiKey:
    """Make a key for a partner's system. It is shown once."""
    rules.require_keys_scope(caller)
    rules.require_key_expiry(data.expires_at, now)
    key, api_key_id = secrets.new_token(caller.city_id), new_id(now)
    note(api_key_id=api_key_id, partner_code=data.partner_code)

    async def work(connection: Connection) -> None:
        scope = await connection.fetchrow(SQL.read_scope_of_new_account, caller.city_id, data.partner_code, None)
        partner_id = caller.partner_id or (scope["partner_id"] if scope else None)
        if partner_id is None:
            raise rules.AccountScope("partner_code names no partner here.", field="partner_code")
        await connection.execute(
            SQL.insert_api_key, caller.city_id, secrets.hash_token(key), api_key_id, partner_id, data.name, now,
            data.expires_at, sorted(set(data.scopes)), None, caller.subject_id,
        )  # fmt: skip

    await database.transact(work)
    return ApiKey(api_key_id=api_key_id, key=key, expires_at=data.expires_at)


@post("/api/api-keys/{api_key_id:uuid}/rotate", guards=[_MAKERS])
async def rotate_api_key(
    api_key_id: FromPath[UUID],
    data: JSONBody[KeyRotation],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> ApiKey:
    """Make a new key in the place of an old one, which holds beside it for a grace time: no system stands still."""
    rules.require_keys_scope(caller)
    key, new_key_id = secrets.new_token(caller.city_id), new_id(now)
    note(new_key_id=new_key_id)

    async def work(connection: Connection) -> ApiKey:
        old = await connection.fetchrow(SQL.read_key, caller.city_id, api_key_id, caller.partner_id, now)
        if old is None:
            raise NotFound("There is no such key, or it has ended.")
        expires_at = data.expires_at or now + (old["expires_at"] - old["created_at"])
        rules.require_key_expiry(expires_at, now)
        await connection.execute(
            SQL.insert_api_key, caller.city_id, secrets.hash_token(key), new_key_id, old["partner_id"], old["name"],
            now, expires_at, old["scopes"], api_key_id, caller.subject_id,
        )  # fmt: skip
        ends_at = now + timedelta(hours=data.grace_hours)
        await connection.execute(SQL.shorten_key, caller.city_id, api_key_id, ends_at)
        return ApiKey(api_key_id=new_key_id, key=key, expires_at=expires_at)

    return await database.transact(work)


@delete("/api/api-keys/{api_key_id:uuid}", guards=[_MAKERS])
async def revoke_api_key(
    api_key_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """End a key at once."""
    rules.require_keys_scope(caller)

    async def work(connection: Connection) -> None:
        if await connection.fetchval(SQL.revoke_api_key, caller.city_id, api_key_id, caller.partner_id, now) is None:
            raise NotFound("There is no such key, or it has ended.")

    await database.transact(work)


ROUTES = [read_api_keys, create_api_key, rotate_api_key, revoke_api_key]
