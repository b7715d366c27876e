"""Keys of partners' systems: made, listed, rotated, ended. A key is shown once; only its hash is kept.

Keys belong to firms, and firms to the whole city: a planner of one district has nothing to do with them.
"""

from datetime import timedelta
from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection, new_id, queries_for, rows
from dispatch.identity import rules, secrets
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from dispatch.server.subject import note
from schemas.identity import ApiKey, KeyRotation, ListedKey, NewApiKey

SQL = queries_for(__file__)

_MAKERS = allow("planner", "firm_manager", whole_city=True)


@get("/api/api-keys", guards=[_MAKERS])
async def read_api_keys(caller: CallerDependency, database: DatabaseDependency) -> list[ListedKey]:
    """The keys in the caller's scope, with what they are for, how long they hold and when they were last used."""
    async with database.read() as connection:
        return rows(ListedKey, await connection.fetch(*SQL.read_keys(caller.scope)))


@post("/api/api-keys", guards=[_MAKERS], responses=refusals(rules.KeyExpiry, rules.AccountScope))
async def create_api_key(
    data: JSONBody[NewApiKey], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> ApiKey:
    """Make a key for a partner's system. It is shown once."""
    rules.require_key_expiry(data.expires_at, now)
    key, api_key_id = secrets.new_token(caller.city_id), new_id(now)
    note(api_key_id=api_key_id, partner_code=data.partner_code, outlet_code=data.outlet_code)

    async def create(connection: Connection) -> None:
        partner_id = await connection.fetchval(*SQL.read_partner(caller.scope, partner_code=data.partner_code))
        if partner_id is None:
            raise rules.AccountScope("partner_code names no partner here.", field="partner_code")
        outlet_id = await _outlet_of_key(connection, caller.city_id, partner_id, data.outlet_code)
        statement = SQL.insert_api_key(
            city_id=caller.city_id, key_hash=secrets.hash_token(key), api_key_id=api_key_id, partner_id=partner_id,
            outlet_id=outlet_id, name=data.name, now=now, expires_at=data.expires_at, scopes=sorted(set(data.scopes)),
            created_by=caller.subject_id,
        )  # fmt: skip
        await connection.execute(*statement)

    await database.transact(create)
    return ApiKey(api_key_id=api_key_id, key=key, expires_at=data.expires_at)


async def _outlet_of_key(connection: Connection, city_id: int, partner_id: UUID, code: str | None) -> UUID | None:
    """The outlet that a key is limited to; None: to none."""
    if code is None:
        return None
    statement = SQL.read_outlet(city_id=city_id, partner_id=partner_id, outlet_code=code)
    outlet_id = await connection.fetchval(*statement)
    if outlet_id is None:
        raise rules.AccountScope("outlet_code names no outlet of this partner.", field="outlet_code")
    return outlet_id


@post(
    "/api/api-keys/{api_key_id:uuid}/rotate",
    guards=[_MAKERS],
    responses=refusals(NotFound, rules.KeyExpiry),
)
async def rotate_api_key(
    api_key_id: FromPath[UUID],
    data: JSONBody[KeyRotation],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> ApiKey:
    """Make a new key in the place of an old one; both hold for a grace time, so that no system has to stop."""
    key, new_key_id = secrets.new_token(caller.city_id), new_id(now)
    note(new_key_id=new_key_id)

    async def rotate(connection: Connection) -> ApiKey:
        old = await connection.fetchrow(*SQL.read_key(caller.scope, api_key_id=api_key_id, now=now))
        if old is None:
            raise NotFound("There is no such key, or it has ended.")
        expires_at = data.expires_at or now + (old["expires_at"] - old["created_at"])
        rules.require_key_expiry(expires_at, now)
        new = SQL.insert_api_key(
            city_id=caller.city_id, key_hash=secrets.hash_token(key), api_key_id=new_key_id,
            partner_id=old["partner_id"], outlet_id=old["outlet_id"], name=old["name"], now=now, expires_at=expires_at,
            scopes=old["scopes"], replaces=api_key_id, created_by=caller.subject_id,
        )  # fmt: skip
        await connection.execute(*new)
        ends_at = now + timedelta(hours=data.grace_hours)
        await connection.execute(*SQL.shorten_key(city_id=caller.city_id, api_key_id=api_key_id, ends_at=ends_at))
        return ApiKey(api_key_id=new_key_id, key=key, expires_at=expires_at)

    return await database.transact(rotate)


@delete("/api/api-keys/{api_key_id:uuid}", guards=[_MAKERS], responses=refusals(NotFound))
async def revoke_api_key(
    api_key_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """End a key at once."""

    async def revoke(connection: Connection) -> None:
        statement = SQL.revoke_api_key(caller.scope, api_key_id=api_key_id, now=now)
        if await connection.fetchval(*statement) is None:
            raise NotFound("There is no such key, or it has ended.")

    await database.transact(revoke)


ROUTES = [read_api_keys, create_api_key, rotate_api_key, revoke_api_key]
