"""Judges refused records again when the cause may be gone: when a manager asks for it, and at intervals unasked."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.database import Connection, Database, queries_for
from dispatch.handouts.calls import Call, record_calls
from dispatch.handouts.entries import sync_entries
from dispatch.handouts.report_codes import prepare_report
from dispatch.handouts.rules import CURABLE, Holder
from dispatch.server.caller import Caller
from schemas.handouts import RetryResult

SQL = queries_for(__file__)
_AT_ONCE = 1000


async def retry_refused(
    database: Database,
    city_id: int,
    now: datetime,
    *,
    campaign_id: UUID | None = None,
    partner_id: UUID | None = None,
    outlet_id: UUID | None = None,
) -> RetryResult:
    """Judge waiting records in scope again, oldest first, at most 1,000. What is refused again keeps waiting."""

    async def retry(connection: Connection) -> RetryResult:
        waiting = await connection.fetch(
            SQL.read_waiting, city_id, sorted(CURABLE), _AT_ONCE, campaign_id, partner_id, outlet_id
        )
        calls = [await _call_of(connection, city_id, row) for row in waiting]
        if not calls:
            return RetryResult(tried=0, recorded=0, duplicates=0, still_refused={})
        outcomes = await record_calls(connection, calls, now)
        flat = [call[0] for call in outcomes]
        refused = Counter(str(outcome.problem["type"]).rsplit("/", 1)[-1] for outcome in flat if outcome.problem)
        kinds = Counter(outcome.outcome for outcome in flat)
        return RetryResult(
            tried=len(flat), recorded=kinds["recorded"], duplicates=kinds["duplicate"], still_refused=dict(refused)
        )

    return await database.transact(retry)


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
        prepared = sync_entries(sent, holder)
    return Call(caller=caller, source=row["entry"], sent=sent, prepared=prepared, campaign_id=row["campaign_id"])


async def cities_waiting(database: Database) -> list[int]:
    """The cities in which refused records wait whose cause may be gone."""
    async with database.read() as connection:
        return [row["city_id"] for row in await connection.fetch(SQL.read_cities_waiting, sorted(CURABLE))]
