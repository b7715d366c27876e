-- name: read_schema_tables
-- Tables of the schema by name, without partitions but the default ones: how each is partitioned and stored.
select c.relname as name, pg_get_partkeydef(c.oid) as partition_key, c.reloptions as options,
       (select array_agg(d.relname::text order by d.relname) from pg_inherits h join pg_class d on d.oid = h.inhrelid
        where h.inhparent = c.oid and pg_get_expr(d.relpartbound, d.oid) = 'DEFAULT') as default_partitions
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname collate "C";

-- name: read_schema_columns
-- Columns of the schema's tables in their order, with type, default and whether null is refused; partitions left out.
select c.relname as table_name, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
       pg_get_expr(d.adbin, d.adrelid, true) as default_value, a.attnotnull as not_null
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname collate "C", a.attnum;

-- name: read_schema_constraints
-- Primary keys, unique constraints, foreign keys and checks, table by table in this order; partitions left out, and not
-- null, which PostgreSQL 18 lists here and earlier ones do not.
select c.relname as table_name, n.conname as name, pg_get_constraintdef(n.oid, true) as definition
from pg_constraint n join pg_class c on c.oid = n.conrelid
where c.relnamespace = 'public'::regnamespace and not c.relispartition and n.contype in ('p', 'u', 'f', 'c', 'x')
order by c.relname collate "C", array_position(array['p', 'u', 'f', 'c', 'x'], n.contype::text), n.conname collate "C";

-- name: read_schema_indexes
-- Indexes that no constraint brought along, table by table; partitions left out.
select c.relname as table_name, i.relname as name, pg_get_indexdef(x.indexrelid, 0, true) as definition
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_class c on c.oid = x.indrelid
where c.relnamespace = 'public'::regnamespace and not c.relispartition
  and not exists (select from pg_constraint n where n.conindid = x.indexrelid and n.contype in ('p', 'u', 'x'))
order by c.relname collate "C", i.relname collate "C";
