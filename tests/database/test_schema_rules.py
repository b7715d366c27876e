"""The schema can be spread over many servers by city_id at any time: looked up in the catalogue of a migrated database.

One PostgreSQL serves a city and the nation needs many; what would stop the spreading is refused here, long before.
"""

import re
from typing import Any

import pytest

from dispatch.database import Database

# Small, rarely written, the same everywhere: a copy of each stands on every server.
REFERENCE = {
    "city": "the cities themselves; a city is found by its code before its id is known",
    "migration": "what the server's schema has been brought to; belongs to the server, not to a city",
}

# Names PostgreSQL gave. Each stands here because no better name would tell more.
NAMED_BY_POSTGRES = {
    "migration_pkey": "made by migrate.py before there is any migration to name it in",
}

# $1: names of the reference tables. One row is one thing that would stop the spreading.
LINT = """
with tables as (
    select c.oid, c.relname, c.relname = any($1::text[]) as reference, c.relpersistence,
           (select a.attnum from pg_attribute a where a.attrelid = c.oid and a.attname = 'city_id' and not a.attisdropped) as city
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
), spread as (
    select * from tables where not reference
)
select relname, 'has no city_id' as fault from spread where city is null
union all
select s.relname, 'city_id is not int not null, or is generated'
from spread s join pg_attribute a on a.attrelid = s.oid and a.attnum = s.city
where a.atttypid <> 'int4'::regtype or not a.attnotnull or a.attgenerated <> '' or a.attidentity <> ''
union all
select relname, 'has no primary key' from spread s
where not exists (select from pg_index i where i.indrelid = s.oid and i.indisprimary)
union all
select s.relname, i.indexrelid::regclass || ' is unique or excludes without city_id'
from spread s join pg_index i on i.indrelid = s.oid
where (i.indisunique or i.indisexclusion) and not coalesce(s.city = any(i.indkey::int2[]), false)
union all
select s.relname, i.indexrelid::regclass || ' does not begin with city_id'
from spread s join pg_index i on i.indrelid = s.oid where i.indkey[0] is distinct from s.city
union all
select t.relname, 'trigger ' || g.tgname from tables t join pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal
union all
select t.relname, 'rule ' || r.rulename from tables t join pg_rewrite r on r.ev_class = t.oid
union all
select s.relname, f.conname || ' leads out of the city: neither (city_id, x) to (city_id, x) nor to a reference table'
from spread s
join pg_constraint f on f.conrelid = s.oid and f.contype = 'f' and f.conparentid = 0
join tables target on target.oid = f.confrelid
where not target.reference
  and not exists (select from generate_subscripts(f.conkey, 1) n where f.conkey[n] = s.city and f.confkey[n] = target.city)
union all
select t.relname, f.conname || ' sets null or a default'
from tables t join pg_constraint f on f.conrelid = t.oid and f.contype = 'f'
where f.confdeltype in ('n', 'd') or f.confupdtype in ('n', 'd')
union all
select t.relname, f.conname || ' leads from a reference table to one that is spread'
from tables t join pg_constraint f on f.conrelid = t.oid and f.contype = 'f' join spread s on s.oid = f.confrelid
where t.reference
union all
select t.relname, a.attname || ' counts by itself'
from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
where a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like '%nextval(%'
union all
select t.relname, a.attname || ' has a default that is another each time: ' || pg_get_expr(d.adbin, d.adrelid)
from tables t join pg_attrdef d on d.adrelid = t.oid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.adnum
where pg_get_expr(d.adbin, d.adrelid) ~* '(now|random|uuid\\w*|timestamp|clock\\w*|current_\\w+)\\(|CURRENT_|LOCALTIME'
union all
select t.relname, a.attname || ' is a timestamp without time zone'
from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
where a.atttypid = 'timestamp'::regtype
union all
select t.relname, 'is unlogged or temporary' from tables t where t.relpersistence <> 'p'
union all
select t.relname, 'inherits' from tables t join pg_inherits h on h.inhrelid = t.oid
union all
select c.relname, 'is a sequence' from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
union all
select c.relname, 'is a view' from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
union all
select p.proname, 'is a function in the database'
from pg_proc p where p.pronamespace = 'public'::regnamespace
order by 1, 2
"""

# Every constraint a person gave or could have given a name; not the not-null marks.
CONSTRAINTS = """
select t.relname as table, c.conname as name, c.contype::text as kind,
       (select array_agg(a.attname order by k.n) from unnest(c.conkey) with ordinality k (attnum, n)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum)::text[] as columns
from pg_constraint c join pg_class t on t.oid = c.conrelid
where t.relnamespace = 'public'::regnamespace and not t.relispartition and c.conparentid = 0 and c.contype in ('c', 'f', 'p', 'u', 'x')
order by 1, 2
"""


async def lint(database: Database, reference: list[str]) -> list[str]:
    """What would stop the spreading, as `table: fault`."""
    async with database.read() as connection:
        found = await connection.fetch(LINT, reference)
    return [f"{row['relname']}: {row['fault']}" for row in found]


async def test_the_schema_can_be_spread_by_city(database: Database) -> None:
    assert await lint(database, list(REFERENCE)) == []


async def test_every_reference_table_exists(database: Database) -> None:
    async with database.read() as connection:
        there = await connection.fetch("select relname from pg_class where relname = any($1::text[])", list(REFERENCE))
    assert {row["relname"] for row in there} == set(REFERENCE)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("create table bad (bad_id uuid constraint bad_key primary key)", "bad: has no city_id"),
        ("create table bad (city_id bigint, b int, constraint bad_key primary key (city_id, b))", "bad: city_id is not"),
        ("create table bad (city_id int not null)", "bad: has no primary key"),
        ("alter table outlet add constraint outlet_name_unique unique (name)", "outlet: outlet_name_unique is unique"),
        ("create unique index outlet_one on outlet ((lower(name)))", "outlet: outlet_one is unique"),
        ("create index outlet_by_name on outlet (name, city_id)", "outlet: outlet_by_name does not begin"),
        (("alter table zone_cell add constraint stray foreign key (city_id, cell) references zone_cell (city_id, cell);"
         " alter table batch add constraint far foreign key (batch_id) references lone (lone_id)"), "batch: far leads out"),
        ("alter table batch add constraint gone foreign key (city_id, depot_id) references depot on delete set null", "batch: gone sets null"),
        (("alter table city add favourite uuid; alter table city add constraint odd foreign key (city_id, favourite)"
         " references zone (city_id, zone_id)"), "city: odd leads from a reference table"),
        ("alter table outlet add number serial", "outlet: number counts by itself"),
        ("alter table outlet add number int generated always as identity", "outlet: number counts by itself"),
        ("alter table outlet alter created_at set default now()", "outlet: created_at has a default"),
        ("alter table outlet alter outlet_id set default gen_random_uuid()", "outlet: outlet_id has a default"),
        ("alter table outlet add seen timestamp", "outlet: seen is a timestamp without"),
        ("create view outlets as select * from outlet", "outlets: is a view"),
        ("create rule quiet as on delete to outlet do instead nothing", "outlet: rule quiet"),
        (("create function f() returns trigger language plpgsql as 'begin return new; end';"
         " create trigger loud before insert on outlet for each row execute function f()"), "outlet: trigger loud"),
    ],
)  # fmt: skip
async def test_what_would_stop_the_spreading_is_found(database: Database, statement: str, fault: str) -> None:
    async with database.read() as connection:
        await connection.execute("create table lone (lone_id uuid constraint lone_key primary key)")
        await connection.execute(statement)
    assert any(found.startswith(fault) for found in await lint(database, list(REFERENCE)))


def automatic(row: Any) -> bool:
    """Whether PostgreSQL made the name up."""
    table, name = row["table"], row["name"]
    columns: list[str] = list(row["columns"] or ())
    endings = {"c": r"(_\w+)?_check\d*", "f": r"_\w+_fkey\d*", "p": "_pkey", "x": r"_\w+_excl\d*", "u": "$^"}
    made_up = f"{table}_{'_'.join(columns)}_key"
    return re.fullmatch(table + endings[row["kind"]], name) is not None or (row["kind"] == "u" and name == made_up)


async def test_every_constraint_has_a_name_that_says_the_rule(database: Database) -> None:
    async with database.read() as connection:
        found = await connection.fetch(CONSTRAINTS)
    unnamed = [
        row["name"]
        for row in found
        # "belongs to a city" is said by the column alone; a written name would only repeat it on every table.
        if automatic(row) and row["name"] not in NAMED_BY_POSTGRES and row["columns"] != ["city_id"]
    ]
    assert unnamed == [], "write `constraint <table>_<rule> …` before it"
    strangers = [row["name"] for row in found if not row["name"].startswith(row["table"])]
    assert strangers == [], "the name begins with its table, so that a log line tells where"


async def test_the_primary_key_is_named_after_its_table(database: Database) -> None:
    async with database.read() as connection:
        found = await connection.fetch(CONSTRAINTS)
    keys = {row["table"]: row["name"] for row in found if row["kind"] == "p" and row["name"] not in NAMED_BY_POSTGRES}
    assert keys == {table: f"{table}_key" for table in keys}
