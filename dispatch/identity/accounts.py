"""Accounts made outside the pages: the first planner of a city, and the ones a replay or a demonstration needs."""

import asyncio
from datetime import datetime
from uuid import UUID

from dispatch.database import Connection, Database, beside, new_id
from dispatch.identity.caller import Role
from dispatch.identity.secrets import hash_password

SQL = beside(__file__)


async def ensure_account(
    database: Database,
    city_id: int,
    role: Role,
    login: str,
    password: str,
    display_name: str,
    now: datetime,
    *,
    partner_id: UUID | None = None,
    outlet_id: UUID | None = None,
    division_code: str | None = None,
) -> None:
    """Make the account, or give the one with this login the new password and make it active."""
    password_hash = await asyncio.to_thread(hash_password, password)

    async def work(connection: Connection) -> None:
        await connection.execute(
            SQL.ensure_account, city_id, new_id(now), role, login, password_hash, display_name, division_code,
            partner_id, outlet_id, now,
        )  # fmt: skip

    await database.transact(work)
