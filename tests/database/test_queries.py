"""Every statement of every queries.sql is one PostgreSQL takes, stays in its city, says what it answers, and is used."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dispatch
from dispatch.database import Database
from dispatch.database.migrate import FOLDER as MIGRATIONS
from dispatch.database.queries import parse
from tests.database.test_schema_rules import REFERENCE

ROOT = Path(dispatch.__file__).parent
FILES = [
    path
    for path in sorted(ROOT.rglob("*.sql"))
    if not {"node_modules", "migrations"} & set(path.parts) and path.name != "schema.sql"
]
STATEMENTS = {
    f"{path.relative_to(ROOT).with_suffix('').as_posix().removesuffix('/queries')}:{name}": statement.text
    for path in FILES
    for name, statement in parse(path.read_text(encoding="utf-8"), path.as_posix()).items()
}
NAMES = sorted(STATEMENTS)
TABLES = {
    name
    for path in MIGRATIONS.glob("*.sql")
    for name in re.findall(r"^create table (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}

# Statements that look beyond one city, each with its reason. The fewer, the better: each asks every server.
BEYOND_ONE_CITY = {
    "handouts/refused:read_cities_waiting": "housekeeping asks which cities have something to do before it asks in each",
    "audit:read_cities_unsealed": "the sealer asks which cities have new entries before it seals in each",
    "retention:is_day_expired": "a day's partition is dropped whole, so the records of every city in it must have expired",
    "audit:read_cities": "upkeep asks which cities have a trail before it lets old entries go in each",
    "coverage:read_stale_campaigns": "housekeeping asks which campaigns have new evidence before it works on each",
}

# A part of PostgreSQL that answers differently each time it is asked; time and chance are parameters here.
VOLATILE = re.compile(
    r"\b(now|random|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|gen_random_uuid|uuid_generate_\w+"
    r"|uuidv[47]|nextval|currval|setseed|pg_sleep|pg_advisory_\w+|pg_try_advisory_\w+)\s*\("
    r"|\b(current_timestamp|current_date|current_time|localtime|localtimestamp)\b",
    re.IGNORECASE,
)


def comment_of(statement: str) -> str:
    """The sentence between the name and the statement."""
    lines = [line.strip() for line in statement.splitlines()[1:]]
    return " ".join(line.lstrip("- ") for line in lines if line.startswith("--"))


def code_of(statement: str) -> str:
    """The statement without comments and without what stands in quotes, in one line."""
    bare = re.sub(r"--[^\n]*", " ", statement)
    return re.sub(r"\s+", " ", re.sub(r"'[^']*'", "''", bare)).strip()


@pytest.mark.parametrize("name", NAMES)
async def test_postgresql_takes_the_statement(database: Database, name: str) -> None:
    async with database.read() as connection:
        held: Any = connection
        prepared = await held.prepare(STATEMENTS[name])
    used = {int(number) for number in re.findall(r"\$(\d+)", code_of(STATEMENTS[name]))}
    assert len(prepared.get_parameters()) == len(used), "a parameter is numbered and not used"


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_opens_with_a_sentence_on_what_it_answers(name: str) -> None:
    assert len(comment_of(STATEMENTS[name]).split()) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_answers_the_same_when_asked_the_same(name: str) -> None:
    found = VOLATILE.search(code_of(STATEMENTS[name]))
    assert found is None, f"pass it as a parameter: {found and found.group()}"


# ---- the city stands in every part of every statement

_AFTER = {
    "on", "where", "set", "using", "order", "group", "limit", "for", "left", "right", "inner", "full", "cross", "join", "union", "values",
    "select", "returning", "and", "or", "natural", "as", "having", "window", "tablesample", "default", "overriding", "except", "intersect",
}  # fmt: skip
_REFERENCE = re.compile(
    r"(?<!for )(?<!do )\b(?P<how>from|join|update|into|using)\s+(?:only\s+)?(?P<table>\w+)(?:\s+as)?(?:\s+(?P<alias>[a-z_]\w*))?",
    re.IGNORECASE,
)
_FURTHER = re.compile(r"\s*,\s*(?:lateral\s+)?(?P<table>\w+)(?:\s+as)?(?:\s+(?P<alias>[a-z_]\w*))?", re.IGNORECASE)


def references(code: str) -> Iterator[tuple[str, str, str | None]]:
    """(from, join, update, using or into; table; alias) of every table of a city the statement names."""
    own = {
        name.lower()
        for name in re.findall(
            r"(?:\bwith(?: recursive)?|\)\s*,|^)\s*(\w+)\s+as\s+(?:not\s+)?(?:materialized\s+)?\(", code
        )
    }
    spread = TABLES - set(REFERENCE) - own
    for found in _REFERENCE.finditer(code):
        how, end = found["how"].lower(), found.end()
        entries = [(found["table"], found["alias"])]
        while how == "from" and (further := _FURTHER.match(code, end)):
            entries.append((further["table"], further["alias"]))
            end = further.end()
        for table, alias in entries:
            if table.lower() in spread:
                yield how, table, None if alias is None or alias.lower() in _AFTER else alias


def outside_the_city(statement: str) -> list[str]:
    """The references to tables that no `city_id = $1` of their own holds in the caller's city."""
    code = code_of(statement)
    unqualified = len(re.findall(r"(?<![\w.])city_id = \$1\b", code))
    left = {
        name: len(re.findall(rf"\b{name}\.city_id = \$1\b", code)) for name in set(re.findall(r"(\w+)\.city_id", code))
    }
    missing: list[str] = []
    for how, table, alias in references(code):
        if how == "into":
            columns = re.search(
                rf"\binto {table}\b[^(]*\((\w+)[^)]*\)\s*(?:values\s*\(\s*|select\s+(?:distinct\s+)?)(\$1\b)?", code
            )
            if columns is None or columns[1] != "city_id" or columns[2] is None:
                missing.append(f"insert into {table}: city_id, as $1, first")
            continue
        own = alias or table
        if left.get(own, 0) > 0:
            left[own] -= 1
        elif unqualified > 0:
            unqualified -= 1
        else:
            missing.append(f"{how} {table}{f' {alias}' if alias else ''}: {own}.city_id = $1")
    return missing


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BEYOND_ONE_CITY])
def test_every_table_of_a_statement_is_held_to_the_city(name: str) -> None:
    assert outside_the_city(STATEMENTS[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_row_never_moves_to_another_city(name: str) -> None:
    assert re.search(r"\bset\b(?:(?!\bwhere\b|\bfrom\b).)*\bcity_id = ", code_of(STATEMENTS[name])) is None


def test_statements_beyond_one_city_are_still_there_and_still_go_beyond() -> None:
    for name, reason in BEYOND_ONE_CITY.items():
        assert reason
        assert outside_the_city(STATEMENTS[name]), f"{name} stays in one city now: take it off the list"


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("select 1 from zone z where z.city_id = $1", 0),
        ("select 1 from zone where zone_id = $2", 1),
        ("select 1 from zone z join batch b on b.zone_id = z.zone_id where z.city_id = $1", 1),
        ("select 1 from zone z join batch b on b.city_id = z.city_id where z.city_id = $1", 1),
        ("select 1 from zone z, batch b where z.city_id = $1 and b.city_id = $1", 0),
        ("select 1 from zone z, batch b where z.city_id = $1", 1),
        ("select (select 1 from zone where code = $2) from batch where city_id = $1", 1),
        ("update claim c set status = '' from batch b where c.city_id = $1", 1),
        ("delete from capacity where city_id = $1", 0),
        ("delete from capacity where outlet_id = $1", 1),
        ("insert into zone (city_id, zone_id) values ($1, $2)", 0),
        ("insert into zone (zone_id, city_id) values ($2, $1)", 1),
        ("insert into zone as z (city_id, zone_id) select $1, x from unnest($2::uuid[]) x", 0),
        ("insert into zone (city_id, zone_id) select city_id, zone_id from batch where city_id = $1", 1),
        ("with zone as (select 1) select 1 from zone", 0),
        ("select 1 from batch b where b.city_id = $1 for update of b", 0),
    ],
)
def test_a_way_out_of_the_city_is_found(statement: str, missing: int) -> None:
    assert len(outside_the_city(f"-- name\n{statement}")) == missing


# ---- statements and the code beside them


def file_of(name: str) -> str:
    return name.partition(":")[0]


def origin_of_statements(path: Path, tree: ast.Module) -> str:
    """The file whose statements a module calls SQL: its own, its folder's, or that of the module it imports them from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "SQL" for alias in node.names):
            path = ROOT.joinpath(*(node.module or "").split(".")[1:]).with_suffix(".py")
    own = path.with_suffix(".sql")
    return (own.with_suffix("") if own.exists() else path.parent).relative_to(ROOT).as_posix()


def used_of(file: str) -> dict[str, str]:
    """{statement: file:line} of every SQL.statement of a file of statements, wherever it is used."""
    used: dict[str, str] = {}
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if origin_of_statements(path, tree) != file:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "SQL":
                used.setdefault(node.attr, f"{path.relative_to(ROOT)}:{node.lineno}")
    return used


@pytest.mark.parametrize("file", sorted({file_of(name) for name in NAMES}))
def test_statements_and_code_fit_together(file: str) -> None:
    used = used_of(file)
    there = {name.partition(":")[2] for name in NAMES if file_of(name) == file}
    assert {name: place for name, place in used.items() if name not in there} == {}, "used, but not written"
    assert there - set(used) == set(), f"written in {file}, but not used"


# SQL in Python, each with its reason; all other statements stand in a queries.sql.
SQL_IN_PYTHON = {
    "database/changes.py": "pg_notify with a constant channel, which cannot be a parameter",
    "database/comments.py": "patterns that find the tables in the migrations",
    "database/catalogue.py": "writes the schema down; runs none of it",
    "database/migrate.py": "the table of migrations itself, and running the files",
    "retention/days.py": "the name of a partition cannot be a parameter",
    "handouts/partitions.py": "the name and bounds of a partition cannot be parameters",
}
_LOOKS_LIKE_SQL = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|create\s+table\s|lock\s+table\s)",
    re.IGNORECASE | re.DOTALL,
)


def test_statements_stand_in_queries_sql() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in SQL_IN_PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _LOOKS_LIKE_SQL.match(node.value)
    }
    assert found == set()


def test_a_statement_is_never_put_together_from_pieces() -> None:
    methods = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "prepare"}
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in SQL_IN_PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in methods
        and node.args
        if isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.Call)
    }
    assert found == set()
