"""The chain: whatever somebody does to entries that were sealed is named, and where."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dispatch.audit import rules
from dispatch.audit.expiry import expire_entries
from dispatch.audit.seals import seal
from dispatch.audit.store import append, own_entry
from dispatch.audit.verification import read_head, verify
from dispatch.database import Database
from schemas.audit import AuditFault
from tests.conftest import NOW
from tests.make import SECRET, Make


async def written(database: Database, count: int, *, days_ago: int = 0) -> list[UUID]:
    """So many sealed entries of city 99, in the order of their seals."""
    entries = [
        own_entry(99, NOW - timedelta(days=days_ago) + timedelta(seconds=number), "erase_rider", kind="command", number=number)
        for number in range(count)
    ]  # fmt: skip
    for entry in entries:
        await append(database, entry)
    await seal(database, 99, NOW, SECRET)
    return [entry.entry_id for entry in entries]


async def faults(database: Database, **more: Any) -> list[AuditFault]:
    return (await verify(database, 99, NOW, SECRET, **more)).faults


async def named(database: Database) -> list[tuple[str, int | None]]:
    return [(fault.kind, fault.position) for fault in await faults(database)]


async def test_a_chain_nobody_touched_is_whole(database: Database) -> None:
    await written(database, 5)
    found = await verify(database, 99, NOW, SECRET)
    assert (found.checked_to, found.complete, found.faults) == (5, True, [])
    await written(database, 3)
    assert (await verify(database, 99, NOW, SECRET)).checked_to == 8


async def test_a_city_without_a_trail_has_nothing_to_check(database: Database) -> None:
    assert (await verify(database, 99, NOW, SECRET)).complete
    assert [fault.kind for fault in await faults(database, kept=(3, b"x" * 32))] == ["head"]


async def test_a_trail_taken_away_whole_is_missed(database: Database, make: Make) -> None:
    """Taking everything must not be easier than taking one row: somebody signed in, so there was a trail."""
    await written(database, 5, days_ago=1)
    await make.city(99)
    await make.account(99, "planner", login="wang.wei", signed_in_at=NOW - timedelta(days=1))
    for table in ("audit_seal", "audit_head", "audit_unsealed", "audit_entry"):
        await make.fetch(f"delete from {table} where city_id = 99")
    assert await named(database) == [("missing", None)]


async def test_entries_whose_chain_was_taken_away_are_missed(database: Database, make: Make) -> None:
    await written(database, 5, days_ago=1)
    for table in ("audit_seal", "audit_head"):
        await make.fetch(f"delete from {table} where city_id = 99")
    assert await named(database) == [("missing", None)]


async def test_entries_of_a_city_that_no_server_has_served_yet_are_not_missed(database: Database) -> None:
    """What the operator did at the command line waits for the first start."""
    await append(database, own_entry(99, NOW - timedelta(days=1), "create_planner", kind="command"))
    assert await named(database) == []


async def test_a_chain_that_begins_is_told_in_the_log_once(
    database: Database, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Who takes the chain away and has the server begin another cannot take the line out of its log."""
    await written(database, 2)
    await written(database, 2)
    assert [record.getMessage() for record in caplog.records].count("audit_chain_begun") == 1
    await make.fetch("delete from audit_seal")
    await make.fetch("delete from audit_head")
    await make.fetch("insert into audit_unsealed (city_id, entry_id) select city_id, entry_id from audit_entry")
    await written(database, 1)
    assert [record.getMessage() for record in caplog.records].count("audit_chain_begun") == 2


@pytest.mark.parametrize(
    "change",
    ["operation = 'nothing'", "result = 'not-allowed'", "subject = '{}'", "at = at + interval '1 microsecond'",
     "caller_role = 'auditor'", "address = '203.0.113.9'", "caller_id = entry_id", "kind = 'read'", "request_id = 'x'"],
)  # fmt: skip
async def test_an_altered_entry_is_named(database: Database, make: Make, change: str) -> None:
    ids = await written(database, 5)
    await make.fetch(f"update audit_entry set {change} where entry_id = $1", ids[2])
    assert [(fault.kind, fault.position, fault.entry_id) for fault in await faults(database)] == [
        ("altered", 3, ids[2])
    ]


async def test_a_missing_entry_is_named(database: Database, make: Make) -> None:
    ids = await written(database, 5)
    await make.fetch("delete from audit_entry where entry_id = $1", ids[3])
    assert [(fault.kind, fault.position, fault.entry_id) for fault in await faults(database)] == [
        ("missing", 4, ids[3])
    ]


async def test_an_entry_taken_out_with_its_seal_leaves_a_gap(database: Database, make: Make) -> None:
    ids = await written(database, 5)
    await make.fetch("delete from audit_entry where entry_id = $1", ids[1])
    await make.fetch("delete from audit_seal where position = 2")
    assert await named(database) == [("missing", 2)]


async def test_entries_that_changed_places_are_named(database: Database, make: Make) -> None:
    await written(database, 6)
    await make.fetch("update audit_seal set position = position + 100 where position in (2, 4)")
    await make.fetch("update audit_seal set position = case position when 102 then 4 else 2 end where position > 100")
    found = set(await named(database))
    assert {("reordered", 2), ("reordered", 4)} <= found


async def test_an_entry_put_in_beside_the_chain_is_named(database: Database, make: Make) -> None:
    ids = await written(database, 2)
    await make.fetch(
        "insert into audit_entry select city_id, gen_random_uuid(), at, kind, operation, result, caller_role, caller_id, partner_id,"
        " outlet_id, request_id, address, subject from audit_entry where entry_id = $1",
        ids[0],
    )
    assert [fault.kind for fault in await faults(database)] == ["unsealed"]


async def test_the_last_entries_cannot_be_cut_off(database: Database, make: Make) -> None:
    ids = await written(database, 5)
    await make.fetch("delete from audit_seal where position > 3")
    await make.fetch("delete from audit_entry where entry_id = any($1::uuid[])", ids[3:])
    assert await named(database) == [("missing", 4)]


async def test_who_mends_the_hashes_lacks_the_key_to_sign_the_head(database: Database, make: Make) -> None:
    """Everything a database holds can be forged by whoever may write to it, but not this."""
    ids = await written(database, 4)
    await make.fetch("update audit_entry set result = 'done' where entry_id = $1", ids[1])
    await make.fetch("update audit_entry set operation = 'nothing' where entry_id = $1", ids[1])
    await make.fetch("delete from audit_seal")
    await make.fetch("delete from audit_head")
    await make.fetch("insert into audit_unsealed select 99, unnest($1::uuid[])", ids)
    await seal(database, 99, NOW, "another-key-another-key-another-key!")
    assert await named(database) == [("head", 4)]


async def test_a_head_kept_elsewhere_shows_that_the_trail_was_put_back(database: Database, make: Make) -> None:
    await written(database, 2)
    old = (await make.fetch("select * from audit_head"))[0]
    ids = await written(database, 2)
    async with database.read() as connection:
        head = await read_head(connection, 99)
    assert head is not None
    kept = rules.read_head(f"{head.position}:{head.hash}")
    assert await faults(database, kept=kept) == []
    await make.fetch("delete from audit_seal where position > 2")
    await make.fetch("delete from audit_entry where entry_id = any($1::uuid[])", ids)
    await make.fetch(
        "update audit_head set position = $1, hash = $2, signature = $3", old["position"], old["hash"], old["signature"]
    )
    assert await faults(database) == [], "the state of then, complete and signed, cannot be told from inside"
    assert [fault.kind for fault in await faults(database, kept=kept)] == ["head"]


async def test_a_check_in_parts_finds_what_a_check_at_once_finds(database: Database, make: Make) -> None:
    ids = await written(database, 9)
    await make.fetch("update audit_entry set result = 'x' where entry_id = $1", ids[5])
    after, found, calls = 0, list[int | None](), 0
    while True:
        part = await verify(database, 99, NOW, SECRET, after=after, most=2)
        found += [fault.position for fault in part.faults]
        after, calls = part.checked_to, calls + 1
        if part.complete:
            break
    assert found == [6]
    assert calls == 5


async def test_entries_expire_from_the_beginning_and_the_rest_stays_whole(database: Database, make: Make) -> None:
    await written(database, 4, days_ago=401)
    await written(database, 3, days_ago=10)
    assert await expire_entries(database, 99, NOW, 400) == 4
    assert await expire_entries(database, 99, NOW, 400) == 0
    await seal(database, 99, NOW, SECRET)
    found = await verify(database, 99, NOW, SECRET)
    assert (found.checked_after, found.checked_to, found.faults) == (4, 8, []), "the cut itself is an entry"
    assert await make.value("select count(*) from audit_entry") == 4
    told = await make.value("select subject from audit_entry where operation = 'expire_entries'")
    assert (told["entries"], told["position"]) == ("4", "4")


async def test_entries_younger_than_their_neighbours_hold_the_older_ones_behind_them(database: Database) -> None:
    """A chain loses its beginning only: what lies behind a younger entry waits for it."""
    await written(database, 1, days_ago=10)
    await written(database, 2, days_ago=401)
    assert await expire_entries(database, 99, NOW, 400) == 0


async def test_what_is_sealed_twice_or_by_two_at_once_is_sealed_once(clone: Database) -> None:
    make = Make(clone, NOW)
    for number in range(40):
        await append(clone, own_entry(99, NOW, "x", kind="command", number=number))
    await asyncio.gather(*(seal(clone, 99, NOW, SECRET) for _ in range(6)))
    await seal(clone, 99, NOW, SECRET)
    assert await make.value("select count(*) from audit_seal") == 40
    assert await faults(clone) == []
