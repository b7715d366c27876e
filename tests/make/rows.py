"""Rows written and read by plain SQL: the ground of every maker."""

from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.database import Database, new_id


class Rows:
    """A database and an instant."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        self._count = 0

    def next(self) -> int:
        """A number no earlier call gave."""
        self._count += 1
        return self._count

    def id(self) -> UUID:
        return new_id(self.now)

    async def insert(self, table: str, **values: Any) -> None:
        """Insert one row."""
        names = ", ".join(values)
        places = ", ".join(f"${i}" for i in range(1, len(values) + 1))
        async with self.database.read() as connection:
            await connection.execute(f"insert into {table} ({names}) values ({places})", *values.values())

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """Rows of any statement, for looking at what a test did."""
        async with self.database.read() as connection:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]

    async def value(self, statement: str, *arguments: Any) -> Any:
        """First value of any statement."""
        async with self.database.read() as connection:
            return await connection.fetchval(statement, *arguments)
