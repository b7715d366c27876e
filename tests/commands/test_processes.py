"""The commands an operator runs, as processes of their own against a database others use too: what they say, and how they end."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from dispatch.database import Database
from tests.conftest import NOW, SETTINGS
from tests.make import Make

ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    """How a process ended."""

    status: int
    out: str
    err: str


async def command(database: Database, words: str, *, typed: str = "") -> Ended:
    """Run `dispatch` with these words; nothing may end in a trace, whatever it was given."""
    environment = {**os.environ, "DISPATCH_DATABASE_URL": database.url, "DISPATCH_SECRET": SETTINGS.secret}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dispatch", *words.split(), cwd=ROOT, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(f"{typed}\n".encode())
    assert b"Traceback" not in err, err.decode()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def test_a_planner_is_made_and_let_back_in_a_rider_is_exported_and_erased_and_the_trail_tells_it(
    clone: Database,
) -> None:
    make = Make(clone, NOW)
    await make.city(99)
    outlet = await make.outlet(99, await make.partner(99), code="O1")
    await make.rider(99, outlet, code="R7", name="赵小六")
    made, shown = await asyncio.gather(
        command(clone, "user create wang.wei --city 99", typed="First horse 1"),
        command(clone, "privacy export R7 --outlet O1 --city 99"),
    )
    assert (made.status, made.err) == (0, "")
    assert "wang.wei signs in with this password" in made.out
    assert "First horse 1" not in made.out
    assert shown.status == 0
    assert "赵小六" in shown.out
    reset, erased, gone = await asyncio.gather(
        command(clone, "user reset wang.wei --city 99", typed="Second horse 3"),
        command(clone, "privacy erase R7 --outlet O1 --city 99"),
        command(clone, "retention run --city 99"),
    )
    assert (reset.status, reset.err) == (0, "")
    assert (erased.status, erased.out.split(";")[0]) == (0, "erased")
    assert (gone.status, gone.out[:20]) == (0, "city 99: 0 handouts ")
    assert await make.value("select count(*) from rider where name = '赵小六' or code = 'R7'") == 0
    whole = await command(clone, "audit verify")
    assert (whole.status, whole.out.splitlines()[-1]) == (0, "city 99: 4 entries checked, the chain is whole")
    head, export = await asyncio.gather(command(clone, "audit head"), command(clone, "audit export --format json"))
    number, kept = head.out.split()
    assert (head.status, number, kept.split(":")[0]) == (0, "99", "4")
    entries = [json.loads(line) for line in export.out.splitlines()]
    told = [entry["operation"] for entry in entries]
    assert sorted(told) == ["erase_rider", "export_rider", "let_account_back_in", "make_first_planner"]
    await make.fetch("update audit_entry set operation = 'nothing' where operation = 'export_rider'")
    found = await command(clone, f"audit verify --city 99 --head {kept}")
    assert found.status == 1
    assert "1 fault(s)" in found.out
    assert entries[told.index("export_rider")]["entry_id"] in found.out
    for table in ("audit_seal", "audit_head", "audit_unsealed", "audit_entry"):
        await make.fetch(f"delete from {table}")
    await make.fetch("update account set signed_in_at = now() - interval '1 day'")
    robbed = await command(clone, "audit verify")
    assert robbed.status == 1, "a trail taken away whole is missed although nobody names the city"
    assert "city 99: 0 entries checked, 1 fault(s)\n  missing" in robbed.out


async def test_what_an_operator_mistypes_is_told_in_words_and_changes_nothing(clone: Database) -> None:
    make = Make(clone, NOW)
    await make.city(99)
    words = {
        "audit verify --city 98": "there is no city 98",
        "audit export --city 98": "there is no city 98",
        "retention run --city 98": "there is no city 98",
        "audit head --city 99999999999": "is not the number of a city",
    }
    ends = await asyncio.gather(*(command(clone, line) for line in words))
    for line, ended in zip(words, ends, strict=True):
        assert (ended.status, ended.out) == (2, ""), line
        assert words[line] in ended.err, line
    assert await make.value("select count(*) from audit_head") == 0, "no chain is begun for a city that is not there"
    nobody = await command(clone, "privacy erase R7 --outlet O1 --city 99")
    assert (nobody.status, nobody.err) == (1, "dispatch: there is no rider R7 of outlet O1 in city 99\n")
