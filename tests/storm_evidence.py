"""What the storm's phones tapped, what the database must say of it in the end, and the report of both."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from dispatch.database import Database
from tests.make import Make

CITY = 99
STOCK = 10_000_000


class Tap(Struct, frozen=True):
    """One record as the phone keeps it, and the copies it stands for: below zero in a correction."""

    record: dict[str, Any]
    copies: int
    rider: UUID

    @property
    def id(self) -> str:
        return self.record["id"]


class Log(Struct):
    """What happened, for the report and for the comparison."""

    most_records: int
    taps: dict[str, Tap] = field(default_factory=dict[str, Tap])
    acknowledged: set[str] = field(default_factory=set[str])
    sent: Counter[str] = field(default_factory=Counter[str])
    """Times each record was sent."""
    answers: Counter[str] = field(default_factory=Counter[str])
    """Calls by what came back: a status, or how the connection ended."""
    outcomes: Counter[str] = field(default_factory=Counter[str])
    kills: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    """What must not happen, and how often it did."""
    recoveries: list[float] = field(default_factory=list[float])
    """Seconds from PostgreSQL's return to the next answer 200 of the same server process."""
    down: Counter[str] = field(default_factory=Counter[str])
    """Milliseconds each was down, starting up included."""
    answered_at: float = 0.0
    longest_answer: float = 0.0
    checked: int = 0
    """Acknowledged records looked for right after PostgreSQL came back."""

    def fault(self, text: str) -> None:
        """Note something that must not happen."""
        self.faults[text] += 1


# What every tally must say: its key, then the same figures from the rows and from the tally itself.
_TALLIES = {
    "zone_tally": (
        "campaign_id, zone_id, material_id, channel",
        "sum(copies)::bigint, "
        + ", ".join(
            f"coalesce(sum(sign(copies)) filter (where first_copy_answer {which}), 0)::bigint"
            for which in ("<> 'unknown'", "= 'yes'")
        ),
        "copies, first_asked, first_yes",
    ),
    "zone_day_tally": (
        "campaign_id, zone_id, day, outlet_id, material_id, channel",
        "sum(copies)::bigint",
        "sum(copies)::bigint",
    ),
    "cell_tally": (
        "campaign_id, cell",
        "sum(copies)::bigint, coalesce(sum(copies) filter (where channel = 'in_person'), 0)::bigint",
        "copies, in_person",
    ),
    "cell_day_tally": ("campaign_id, cell", "sum(copies)::bigint", "sum(copies)::bigint"),
}


async def compare(log: Log, url: str, riders: Sequence[UUID]) -> dict[str, int]:
    """Compare the database with what was tapped; every difference is a fault. Returns figures for the report."""
    database = await Database.open(url)
    make = Make(database, datetime.now(UTC))
    figures = await _compare_rows(log, make)
    expected = sum(tap.copies for tap in log.taps.values())
    figures["copies tapped"] = expected
    figures["copies in rows"] = await make.value("select sum(copies)::bigint from handout where city_id = $1", CITY)
    for table, (key, from_rows, from_tally) in _TALLIES.items():
        figures[f"copies in {table}"] = await make.value(
            f"select sum(copies)::bigint from {table} where city_id = $1", CITY
        )
        grouped = f" group by {key}" if "sum" in from_tally else ""
        rows = f"select {key}, {from_rows} from handout where city_id = $1 group by {key}"
        tally = f"select {key}, {from_tally} from {table} where city_id = $1{grouped}"
        for left, right in ((rows, tally), (tally, rows)):
            wrong = await make.value(f"select count(*) from (({left}) except all ({right})) x", CITY)
            if wrong:
                log.fault(f"{wrong} groups of {table} differ from the rows")
    for name in [name for name in figures if name.startswith("copies in")]:
        if figures[name] != expected:
            log.fault(f"{name}: {figures[name]}, tapped {expected}")
    await _compare_stock(log, make, riders)
    await database.close()
    return figures


async def _compare_rows(log: Log, make: Make) -> dict[str, int]:
    found = await make.fetch("select handout_id, holder_id, copies, cell from handout where city_id = $1", CITY)
    times = Counter(str(row["handout_id"]) for row in found)
    lost, doubled = set(log.taps) - set(times), [identifier for identifier, count in times.items() if count > 1]
    unacknowledged = set(log.taps) - log.acknowledged
    strange = set(times) - set(log.taps)
    changed = 0
    for row in found:
        tap = log.taps.get(str(row["handout_id"]))
        cell = tap and tap.record.get("cell")
        if tap is not None:
            same_cell = cell is None or row["cell"] == int(cell, 16)
            changed += not (same_cell and row["copies"] == tap.copies and row["holder_id"] == tap.rider)
    refused = await make.value("select count(*) from handout_refused where city_id = $1", CITY)
    figures = {
        "lost": len(lost), "doubled": len(doubled), "rows nobody tapped": len(strange), "rows changed": changed,
        "kept as refused": refused, "never acknowledged": len(unacknowledged),
        "acknowledged and lost": len(log.acknowledged - set(times)),
    }  # fmt: skip
    for name, count in figures.items():
        if count:
            log.fault(f"{name}: {count}")
    return figures


async def _compare_stock(log: Log, make: Make, riders: Sequence[UUID]) -> None:
    out = Counter[UUID]()
    for tap in log.taps.values():
        out[tap.rider] += tap.copies
    balances = await make.fetch("select holder_kind, holder_id, quantity from stock_balance where city_id = $1", CITY)
    held = {row["holder_id"]: row["quantity"] for row in balances if row["holder_kind"] == "rider"}
    for rider in riders:
        if held.get(rider) != STOCK - out[rider]:
            log.fault("a rider does not hold the copies received less the copies handed out")
    if any(row["quantity"] < 0 for row in balances if row["holder_kind"] != "printer"):
        log.fault("somebody holds fewer than no copies")
    if sum(row["quantity"] for row in balances) + sum(out.values()) != 0:
        log.fault("the balance law does not hold: printed is not held and handed out together")


def report(log: Log, figures: dict[str, int], seconds: float) -> None:
    """Print what was done and found."""
    calls, resent = sum(log.answers.values()), sum(count - 1 for count in log.sent.values())
    corrections = sum(tap.copies < 0 for tap in log.taps.values())
    slowest = max(log.recoveries, default=0.0)
    lines = [
        ("kills", ", ".join(f"{n} {name} (down {log.down[name] / 1000:.1f} s)" for name, n in log.kills.items())),
        ("calls", f"{calls} in {seconds:.0f} s: " + ", ".join(f"{n} {kind}" for kind, n in log.answers.most_common())),
        ("records tapped", f"{len(log.taps)}, of them {corrections} corrections ({len(log.taps) / seconds:.0f} a second)"),
        ("sent again", f"{resent} records"),
        ("outcomes", ", ".join(f"{n} {kind}" for kind, n in log.outcomes.most_common())),
        ("recovery", f"at most {slowest:.2f} s from PostgreSQL's return to the next answer"),
        ("longest answer", f"{log.longest_answer:.2f} s"),
        ("checked at once", f"{log.checked} acknowledged records looked for right after a kill"),
        *((name, str(figure)) for name, figure in figures.items()),
    ]  # fmt: skip
    for name, text in lines:
        print(f"{name:24} {text}")
    for text, count in log.faults.items():
        print(f"{'WRONG':24} {count} x {text}")
    print("Everything balances: nothing lost, nothing doubled." if not log.faults else "FAILED")
