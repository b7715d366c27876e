"""The operator's commands as they are typed: processes of their own against a real database, their exit status and words."""

import asyncio
import csv
import io
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dispatch.audit.writing import append, own_entry
from dispatch.database import Database
from tests.conftest import SETTINGS
from tests.make import Make


@dataclass
class Ended:
    """How a process ended and what it said."""

    status: int | None
    out: str
    err: str


async def dispatch(database: Database, *arguments: str, typed: str = "") -> Ended:
    """`dispatch …` with the operator's settings, and what is typed at it."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DISPATCH_")},
        "DISPATCH_DATABASE_URL": database.url,
        "DISPATCH_SECRET": SETTINGS.secret,
        "PYTHONUTF8": "1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dispatch", *arguments, env=environment, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(typed.encode())
    ended = Ended(process.returncode, out.decode(), err.decode())
    assert "Traceback" not in ended.err, ended.err
    return ended


async def test_the_trail_is_checked_taken_along_and_a_changed_row_is_found(clone: Database) -> None:
    now = datetime.now(UTC)
    await Make(clone, now).city(99)
    entries = [
        own_entry(99, now + timedelta(seconds=second), "run_retention", kind="command") for second in (-3, -2, -1)
    ]
    for entry in entries:
        await append(clone, entry)

    whole = await dispatch(clone, "audit", "verify", "--city", "99")
    assert (whole.status, whole.out) == (0, "city 99: 3 entries checked, the chain is whole\n")
    head = (await dispatch(clone, "audit", "head")).out
    city, kept = head.split()
    assert city == "99"
    assert kept.startswith("3:"), head

    exported = await dispatch(clone, "audit", "export", "--format", "json")
    assert exported.status == 0
    assert [json.loads(line)["operation"] for line in exported.out.splitlines()] == ["run_retention"] * 3
    table = (await dispatch(clone, "audit", "export", "--city", "99")).out
    assert len(list(csv.reader(io.StringIO(table)))) == 4, "a head and three entries"

    await Make(clone, now).fetch(
        "update audit_entry set operation = 'read_me' where city_id = 99 and entry_id = $1", entries[1].entry_id
    )
    changed = await dispatch(clone, "audit", "verify", "--head", kept)
    assert changed.status == 1
    assert "1 fault(s)\n  altered at position 2 entry" in changed.out
    wrong = await dispatch(clone, "audit", "verify", "--head", "nonsense")
    assert (wrong.status, wrong.out) == (2, "")
    assert wrong.err.startswith("dispatch: ")


async def test_a_rider_s_data_is_printed_and_the_name_taken_out(clone: Database) -> None:
    make = Make(clone, datetime.now(UTC))
    world = await make.world()
    outlet = await make.outlet(99, world.partners[0], code="ZTO-1")
    rider = await make.rider(99, outlet, code="R-77", name="司马留名", pin="480726")
    of = ("R-77", "--outlet", "ZTO-1", "--city", "99")

    printed = await dispatch(clone, "privacy", "export", *of)
    assert printed.status == 0
    assert "司马留名" in json.dumps(json.loads(printed.out), ensure_ascii=False)
    erased = await dispatch(clone, "privacy", "erase", *of)
    assert (erased.status, erased.out) == (0, f"erased; the ledger keeps {rider} without a name\n")
    row = (await make.fetch("select name, pin_digest from rider where rider_id = $1", rider))[0]
    assert "司马留名" not in str(row["name"])
    assert row["pin_digest"] is None
    gone = await dispatch(clone, "privacy", "export", *of)
    assert (gone.status, gone.out) == (1, "")
    assert gone.err == "dispatch: there is no rider R-77 of outlet ZTO-1 in city 99\n"
    noted = await make.fetch("select operation from audit_entry where city_id = 99 order by at")
    assert [row["operation"] for row in noted] == ["export_rider", "erase_rider"]


async def test_retention_lets_go_what_has_expired_and_says_how_much(clone: Database) -> None:
    now = datetime.now(UTC)
    make = Make(clone, now)
    await make.city(99)
    account = await make.account(99, "planner")
    await make.session(99, account_id=account, expires_at=now - timedelta(days=100), last_used_at=now - timedelta(days=100),
                       created_at=now - timedelta(days=101))  # fmt: skip
    await make.session(99, account_id=account)
    ran = await dispatch(clone, "retention", "run", "--city", "99")
    assert ran.status == 0
    assert ran.out.startswith("city 99: 0 hand-outs (0 days dropped), 0 visits,")
    assert " 1 sessions, " in ran.out
    assert await make.value("select count(*) from session") == 1


async def test_a_wrong_argument_is_answered_in_words(clone: Database) -> None:
    for arguments, said in (
        (("audit", "verify", "--city", "north"), "invalid int value: 'north'"),
        (("privacy", "erase", "R-77"), "required: --outlet, --city"),
        (("audit", "verify", "--city", "99999999999999999999"), ""),
    ):
        ended = await dispatch(clone, *arguments)
        assert ended.status in (1, 2), (arguments, ended)
        assert said in ended.err, (arguments, ended)
