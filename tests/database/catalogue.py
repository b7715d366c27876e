"""Every check, foreign key, unique, primary key and index of the schema, one a line: table | name | definition. Written
to catalogue.txt by

uv run python -m tests.database.catalogue
"""

import asyncio
import tempfile
from pathlib import Path

from dispatch.database import Connection, connect
from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate

FILE = Path(__file__).with_suffix(".txt")
COMMAND = "uv run python -m tests.database.catalogue"

# A partition has what its table has, and a key's index what its key has. PostgreSQL 18 also lists "not null" as
# constraints, which schema.sql has with the columns.
READ = """
select c.relname as table_name, n.conname as name, pg_get_constraintdef(n.oid) as definition
from pg_constraint n join pg_class c on c.oid = n.conrelid
where c.relnamespace = 'public'::regnamespace and not c.relispartition and n.contype <> 'n'
union all
select c.relname, i.relname, pg_get_indexdef(x.indexrelid)
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
where c.relnamespace = 'public'::regnamespace and not c.relispartition
  and not exists (select from pg_constraint n where n.conindid = x.indexrelid and n.contype in ('p', 'u', 'x'))
"""


async def read(connection: Connection) -> str:
    """The catalogue's constraints and indexes as committed: sorted, a line each."""
    found = await connection.fetch(READ)
    lines = [f"{row['table_name']} | {row['name']} | {' '.join(row['definition'].split())}" for row in found]
    return "\n".join(sorted(lines)) + "\n"


async def _write() -> None:
    with tempfile.TemporaryDirectory(prefix="dispatch-catalogue-") as folder, embedded_postgres(Path(folder)) as url:
        await migrate(url)
        connection = await connect(url)
        try:
            FILE.write_text(await read(connection), encoding="utf-8")
        finally:
            await connection.close()


if __name__ == "__main__":
    asyncio.run(_write())
