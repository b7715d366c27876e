"""Takes refused records up again when the cause may be gone: asked for by a manager, and by the server now and then."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.database import Connection, Database, beside
from dispatch.database.changes import Changes
from dispatch.handouts import entries
from dispatch.handouts.recording import Call, read_timezone, record_calls
from dispatch.handouts.rules import CURABLE, Entry, Holder
from dispatch.identity.caller import Caller
from dispatch.problems import Problem
from schemas.handouts import ReportedHandout, TakenUp

logger = logging.getLogger("dispatch.handouts")
SQL = beside(__file__)
_AT_ONCE = 1000


async def take_up(
    database: Database,
    changes: Changes,
    city_id: int,
    now: datetime,
    *,
    campaign_id: UUID | None = None,
    partner_id: UUID | None = None,
    outlet_id: UUID | None = None,
) -> TakenUp:
    """Judge waiting records in scope again, oldest first, at most 1,000. What is refused again keeps waiting."""

    async def work(connection: Connection) -> tuple[TakenUp, set[UUID]]:
        waiting = await connection.fetch(
            SQL.read_waiting, city_id, sorted(CURABLE), _AT_ONCE, campaign_id, partner_id, outlet_id
        )
        calls = [await _call_of(connection, city_id, row) for row in waiting]
        if not calls:
            return TakenUp(tried=0, recorded=0, duplicates=0, still_refused={}), set()
        outcomes, changed = await record_calls(connection, calls, now)
        flat = [call[0] for call in outcomes]
        refused = Counter(str(outcome.problem["type"]).rsplit("/", 1)[-1] for outcome in flat if outcome.problem)
        kinds = Counter(outcome.outcome for outcome in flat)
        answer = TakenUp(
            tried=len(flat), recorded=kinds["recorded"], duplicates=kinds["duplicate"], still_refused=dict(refused)
        )
        return answer, changed

    answer, changed = await database.transact(work)
    for changed_campaign in changed:
        changes.mark(city_id, changed_campaign)
    return answer


async def _call_of(connection: Connection, city_id: int, row: Any) -> Call:
    """The call a kept record came with."""
    caller = Caller(
        city_id=city_id,
        role=row["caller_role"],
        subject_id=row["caller_id"],
        partner_id=row["partner_id"],
        outlet_id=row["outlet_id"],
    )
    sent = [row["record"]]
    if row["entry"] == "report":
        prepared = await prepare_report(connection, caller, row["campaign_id"], sent)
    else:
        holder = Holder("rider", caller.subject_id, caller.outlet_id or caller.subject_id)
        prepared = entries.sync_entries(sent, holder)
    return Call(caller=caller, door=row["entry"], sent=sent, prepared=prepared, campaign_id=row["campaign_id"])


async def prepare_report(
    connection: Connection, caller: Caller, campaign_id: UUID, sent: Sequence[Any]
) -> list[Entry | Problem]:
    """Entries of reported records, their codes looked up within the caller's scope."""
    records: list[ReportedHandout | Problem] = entries.decode_report(sent)
    found = await connection.fetch(
        SQL.read_report_codes,
        caller.city_id,
        campaign_id,
        caller.partner_id,
        caller.outlet_id,
        *entries.codes_in(records),
    )
    codes = entries.Codes({}, {}, {}, {})
    for row in found:
        meaning: Any = row["id"]
        if row["kind"] in ("outlet", "rider"):
            meaning = Holder(row["kind"], row["id"], row["outlet_id"])
        getattr(codes, row["kind"])[row["code"]] = meaning
    timezone = await read_timezone(connection, caller.city_id)
    return entries.report_entries(records, campaign_id, codes, caller.outlet_id, timezone)


async def keep_taking_up(
    database: Database, changes: Changes, clock: Callable[[], datetime], every_seconds: int
) -> None:
    """Run for ever: try the waiting records of every city again."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            async with database.read() as connection:
                cities = [row["city_id"] for row in await connection.fetch(SQL.read_cities_waiting, sorted(CURABLE))]
        except Exception:
            logger.warning("waiting records were not looked for", exc_info=True)
            continue
        for city_id in cities:
            try:
                await take_up(database, changes, city_id, clock())
            except Exception:  # the other cities' riders wait for nothing of this one
                logger.warning("waiting records were not tried again", exc_info=True, extra={"city_id": city_id})
