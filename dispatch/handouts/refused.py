"""Judges refused records again when the cause may be gone: when a manager asks for it, and at intervals unasked."""

from collections import Counter
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from dispatch.database import Connection, Database, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.handouts.calls import Call, record_calls
from dispatch.handouts.entries import Source, sync_entries
from dispatch.handouts.report_codes import prepare_report
from dispatch.handouts.rules import CURABLE, CopiesHolder
from dispatch.server.caller import Caller, Role
from schemas.handouts import RetryResult

SQL = queries_for(__file__)
_AT_ONCE: Final = 1000


class _WaitingRecord(Struct):
    """A refused record as it was kept, with the request it came in."""

    source: Source
    caller_role: Role
    caller_id: UUID
    partner_id: UUID | None
    outlet_id: UUID | None
    campaign_id: UUID | None
    record: Any


async def retry_refused(
    database: Database, scope: Scope, now: datetime, *, campaign_id: UUID | None = None
) -> RetryResult:
    """Judge waiting records in scope again, oldest first, at most 1,000. What is refused again keeps waiting."""

    async def retry(connection: Connection) -> RetryResult:
        statement = SQL.read_waiting(scope, problems=sorted(CURABLE), campaign_id=campaign_id, most=_AT_ONCE)
        waiting = rows(_WaitingRecord, await connection.fetch(*statement))
        calls = [await _call_of(connection, scope.city_id, record) for record in waiting]
        if not calls:
            return RetryResult(tried=0, recorded=0, duplicates=0, still_refused={})
        outcomes = [outcome for of_call in await record_calls(connection, calls, now) for outcome in of_call]
        refused = Counter(str(outcome.problem["type"]).rsplit("/", 1)[-1] for outcome in outcomes if outcome.problem)
        kinds = Counter(outcome.outcome for outcome in outcomes)
        return RetryResult(
            tried=len(outcomes), recorded=kinds["recorded"], duplicates=kinds["duplicate"], still_refused=dict(refused)
        )

    return await database.transact(retry)


async def _call_of(connection: Connection, city_id: int, waiting: _WaitingRecord) -> Call:
    """The call that the record came with."""
    caller = Caller(
        city_id=city_id,
        role=waiting.caller_role,
        subject_id=waiting.caller_id,
        partner_id=waiting.partner_id,
        outlet_id=waiting.outlet_id,
    )
    sent = [waiting.record]
    if waiting.source == "report" and waiting.campaign_id is not None:
        prepared = await prepare_report(connection, caller, waiting.campaign_id, sent)
    else:
        holder = CopiesHolder("rider", caller.subject_id, caller.outlet_id or caller.subject_id)
        prepared = sync_entries(sent, holder)
    return Call(caller=caller, source=waiting.source, sent=sent, prepared=prepared, campaign_id=waiting.campaign_id)


async def cities_waiting(database: Database) -> list[int]:
    """The cities in which refused records wait whose cause may be gone."""
    async with database.read() as connection:
        found = await connection.fetch(*SQL.read_cities_waiting(problems=sorted(CURABLE)))
    return [row["city_id"] for row in found]
