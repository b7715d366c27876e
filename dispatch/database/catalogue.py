"""The whole schema as one file to read, from the catalogue of a migrated database and the migrations' comments."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import wrap

from dispatch.database import Connection, Record
from dispatch.database.comments import Comments, read_comments
from dispatch.database.migrate import FOLDER
from dispatch.database.queries import queries_for

FILE = Path(__file__).with_name("schema.sql")
COMMAND = "uv run dispatch schema > dispatch/database/schema.sql"

SQL = queries_for(__file__)

_HEAD = f"""\
-- The schema as the migrations leave it: one block a table, by name. Partitions that the server makes by the day are
-- left out. For reading only: the migrations are what is applied. Written by
--     {COMMAND}
"""
_WIDTH = 120


async def describe(connection: Connection, migrations: Path = FOLDER) -> str:
    """The schema of the database as SQL, with the comments of the migrations in this folder."""
    comments = read_comments(sorted(migrations.glob("*.sql")))
    columns = _by_table(await connection.fetch(*SQL.read_schema_columns()))
    constraints = _by_table(await connection.fetch(*SQL.read_schema_constraints()))
    indexes = _by_table(await connection.fetch(*SQL.read_schema_indexes()))
    blocks = [
        _block(table, columns[table["name"]], constraints[table["name"]], indexes[table["name"]], comments)
        for table in await connection.fetch(*SQL.read_schema_tables())
    ]
    return "\n".join([_HEAD, *blocks])


def _by_table(found: Iterable[Record]) -> defaultdict[str, list[Record]]:
    tables: defaultdict[str, list[Record]] = defaultdict(list)
    for row in found:
        tables[row["table_name"]].append(row)
    return tables


def _block(
    table: Record,
    columns: Sequence[Record],
    constraints: Sequence[Record],
    indexes: Sequence[Record],
    comments: Comments,
) -> str:
    """One table: comments, columns, constraints, how it is kept, its default partition, its indexes."""
    name = table["name"]
    inside = [
        *((comments.columns.get((name, row["name"]), []), _column(row)) for row in columns),
        *(
            (comments.constraints.get(row["name"], []), f"constraint {row['name']} {plain(row['definition'])}")
            for row in constraints
        ),
    ]
    lines = [*_commented(comments.tables.get(name, [])), f"create table {name} ("]
    for place, (words, text) in enumerate(inside):
        lines += _commented(words, "    ")
        lines += _folded(f"    {text}{',' if place < len(inside) - 1 else ''}", "        ")
    lines.append(f"){_storage(table)};")
    for partition in table["default_partitions"] or ():
        lines.append(f"create table {partition} partition of {name} default;")
    for row in indexes:
        lines += _commented(comments.indexes.get(row["name"], []))
        lines += _folded(f"{plain(row['definition'])};", "    ")
    return "\n".join(lines) + "\n"


def _column(row: Record) -> str:
    default = "" if row["default_value"] is None else f" default {plain(row['default_value'])}"
    return f"{row['name']} {row['type']}{' not null' if row['not_null'] else ''}{default}"


def _storage(table: Record) -> str:
    partition = f" partition by {plain(table['partition_key'])}" if table["partition_key"] else ""
    options = f" with ({', '.join(sorted(table['options'])).replace('=', ' = ')})" if table["options"] else ""
    return partition + options


def _commented(lines: Iterable[str], indent: str = "") -> list[str]:
    """A migration's comment. An applied migration is never edited, so where a line is too long, the comment is wrapped
    here."""
    start, said = f"{indent}-- ", list(lines)
    width = _WIDTH - len(start)
    return [start + line for line in (wrap(" ".join(said), width) if any(len(line) > width for line in said) else said)]


# A list as PostgreSQL writes it: kind = ANY (ARRAY['a'::text, 'b'::text]), kind <> ALL (ARRAY['a'::text])
_ONE_OF = re.compile(r"(<>|=) (ANY|ALL) \(ARRAY\[((?:(?:'[^']*'|\d+)(?:, )?)+)\]\)")


def plain(definition: str) -> str:
    """A definition of the catalogue as a person would write it; PostgreSQL reads it as the same."""
    text = re.sub(r"\s+", " ", definition)
    text = re.sub(r"('[^']*')::text(?!\[)", r"\1", text)
    text = re.sub(r"\b(\d+)::(?:double precision|numeric)", r"\1", text)
    text = text.replace("( ", "(")
    text = _ONE_OF.sub(lambda found: f"{'' if found[1] == '=' else 'not '}in ({found[3]})", text)
    text = text.replace(" ON ONLY ", " on ").replace(" USING btree", "")
    # Names of the schema are lower case, so that everything outside quotes may be.
    parts = re.split(r"('[^']*')", text)
    return "".join(part if place % 2 else part.lower() for place, part in enumerate(parts))


# Where a long line is broken, best first; a bracket is not torn from what it belongs to.
_BREAKS = (r" (?=references |where |when |else )", r" (?=and |or )", r"(?<=,) ")


def _folded(line: str, indent: str) -> list[str]:
    """A line broken before 120 columns."""
    if len(line) <= _WIDTH:
        return [line]
    for pattern in _BREAKS:
        places = [found.start() for found in re.finditer(pattern, line[:_WIDTH]) if found.start() > len(indent)]
        if places:
            return [line[: places[-1]], *_folded(indent + line[places[-1] + 1 :], indent)]
    return [line]
