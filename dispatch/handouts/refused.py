"""Judges refused records again: unasked and when a manager asks, what riders tapped and whose cause is gone; what a
person names, whatever it is."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from dispatch.database import Connection, Database, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.handouts.calls import Call, record_calls
from dispatch.handouts.entries import Prepared, Source, sync_entries
from dispatch.handouts.report_codes import prepare_report
from dispatch.handouts.rules import CLOCK_TOLERANCE, CURABLE, CopiesHolder, HolderKind, UnknownHandout
from dispatch.problems import Problem
from dispatch.server.caller import Caller, Role
from schemas.handouts import Outcome
from schemas.refused_handouts import RetryResult

SQL = queries_for(__file__)
_AT_ONCE: Final = 1000
_OF_ONE_SENDER: Final = 100
"""So that a rider with many waiting records takes a part of a round and not the whole."""
_CLOCK_CURABLE: Final = timedelta(days=14)
"""A clock is ahead by hours, or somebody typed another year."""


class _WaitingRecord(Struct, frozen=True):
    """A refused record as it was kept, with the request it came in."""

    source: Source
    caller_role: Role
    caller_id: UUID
    partner_id: UUID | None
    outlet_id: UUID | None
    campaign_id: UUID | None
    record: Any
    refused_at: datetime
    holder_kind: HolderKind | None
    holder_id: UUID | None
    holder_outlet_id: UUID | None

    @property
    def request(self) -> tuple[Any, ...]:
        """What records that can be judged as one call have in common."""
        return (self.source, self.caller_role, self.caller_id, self.partner_id, self.outlet_id, self.campaign_id)


async def retry_refused(
    database: Database,
    scope: Scope,
    now: datetime,
    *,
    campaign_id: UUID | None = None,
    handout_ids: Sequence[UUID] | None = None,
) -> RetryResult:
    """Judge waiting records in scope again. What is refused again keeps waiting.

    Of what riders tapped: those whose cause is gone, the longest not tried first, a bounded part of each rider's. With
    `handout_ids`: these, reports and corrections too, whatever has changed.
    """

    async def retry(connection: Connection) -> RetryResult:
        async def judge(statement: Sequence[Any]) -> list[Outcome]:
            waiting = rows(_WaitingRecord, await connection.fetch(*statement))
            calls = await _calls_of(connection, scope.city_id, waiting)
            answers = await record_calls(connection, calls, now) if calls else []
            return [outcome for answer in answers if not isinstance(answer, Problem) for outcome in answer]

        if handout_ids is not None:
            return _result_of(await judge(SQL.read_named(scope, handout_ids=handout_ids)))
        outcomes = await judge(cured(CURABLE))
        if any(outcome.outcome == "recorded" for outcome in outcomes):
            # What waited for these to be on record: a rider's undo.
            outcomes += await judge(cured({UnknownHandout.slug}))
        return _result_of(outcomes)

    def cured(problems: Collection[str]) -> Sequence[Any]:
        return SQL.read_cured(
            scope, problems=sorted(problems), campaign_id=campaign_id, due=now + CLOCK_TOLERANCE,
            not_before=now - _CLOCK_CURABLE, most=_AT_ONCE, most_of_one=_OF_ONE_SENDER,
        )  # fmt: skip

    return await database.transact(retry)


def _result_of(outcomes: Sequence[Outcome]) -> RetryResult:
    refused = Counter(str(outcome.problem["type"]).rsplit("/", 1)[-1] for outcome in outcomes if outcome.problem)
    kinds = Counter(outcome.outcome for outcome in outcomes)
    return RetryResult(
        tried=len(outcomes), recorded=kinds["recorded"], duplicates=kinds["duplicate"], still_refused=dict(refused)
    )


async def _calls_of(connection: Connection, city_id: int, waiting: Sequence[_WaitingRecord]) -> list[Call]:
    """The records as the calls they came with; those of one sender and campaign together, so that codes are looked up
    once."""
    together: dict[tuple[Any, ...], list[_WaitingRecord]] = {}
    for record in waiting:
        together.setdefault(record.request, []).append(record)
    return [await _call_of(connection, city_id, records) for records in together.values()]


async def _call_of(connection: Connection, city_id: int, records: Sequence[_WaitingRecord]) -> Call:
    first = records[0]
    caller = Caller(
        city_id=city_id, role=first.caller_role, subject_id=first.caller_id, partner_id=first.partner_id,
        outlet_id=first.outlet_id,
    )  # fmt: skip
    sent = [record.record for record in records]
    prepared: list[Prepared]
    if first.source == "report" and first.campaign_id is not None:
        prepared = await prepare_report(connection, caller, first.campaign_id, sent)
    elif first.source == "correction":
        prepared = [_correction_of(record) for record in records]
    else:
        prepared = sync_entries(sent, CopiesHolder("rider", caller.subject_id, caller.outlet_id or caller.subject_id))
    return Call(caller=caller, source=first.source, sent=sent, prepared=prepared, campaign_id=first.campaign_id)


def _correction_of(waiting: _WaitingRecord) -> Prepared:
    """A manager's correction, which was made when it was sent: the request names no time."""
    if waiting.holder_kind is None or waiting.holder_id is None or waiting.holder_outlet_id is None:
        return UnknownHandout("Whose copies they were is not on record.", field="corrects_id")
    holder = CopiesHolder(waiting.holder_kind, waiting.holder_id, waiting.holder_outlet_id)
    return sync_entries([{**waiting.record, "corrected_at": waiting.refused_at}], holder)[0]


async def cities_waiting(database: Database) -> list[int]:
    """The cities in which refused records wait whose cause may be gone."""
    async with database.read() as connection:
        found = await connection.fetch(*SQL.read_cities_waiting(problems=sorted(CURABLE)))
    return [row["city_id"] for row in found]
