"""The one way handouts reach the disk: facts, judgement, store. Takes one call or several in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from dispatch.database import Connection
from dispatch.handouts.entries import Prepared, Source, campaign_of, id_of, source_id_of
from dispatch.handouts.facts import read_facts
from dispatch.handouts.judgement import Verdict, judge_calls
from dispatch.handouts.refused_rules import kept_words, require_room, waits_for
from dispatch.handouts.refused_store import RefusedRecord, count_waiting
from dispatch.handouts.store import write
from dispatch.problems import Problem
from dispatch.server.caller import Caller
from schemas.handouts import Outcome


class Call(Struct):
    """The records of one request, as sent and as decoded."""

    caller: Caller
    source: Source
    sent: Sequence[object]
    prepared: Sequence[Prepared]
    campaign_id: UUID | None = None


Answer = list[Outcome] | Problem
"""The outcomes of one call, or why the call has to be sent again although what could be recorded of it is."""


async def record_calls(connection: Connection, calls: Sequence[Call], now: datetime) -> list[Answer]:
    """Judge and write the records of `calls`, all of one city, inside the open transaction of `connection`.

    Returns the outcomes, call by call and record by record. Raises Retry on a race.
    """
    city_id = calls[0].caller.city_id
    facts, visits = await read_facts(connection, city_id, [each for call in calls for each in call.prepared], now)
    verdicts = judge_calls([call.prepared for call in calls], facts, visits)
    recorded = [verdict.stored for of_call in verdicts for verdict in of_call if verdict.stored is not None]
    refused = [_refused(call, of_call) for call, of_call in zip(calls, verdicts, strict=True)]
    crowded = await _find_crowded(connection, city_id, calls, refused)
    kept = [each for of_call, full in zip(refused, crowded, strict=True) if full is None for each in of_call]
    await write(connection, city_id, recorded, kept, now, facts.today)
    return [
        full or [_outcome(call.source, *pair) for pair in zip(call.sent, of_call, strict=True)]
        for call, of_call, full in zip(calls, verdicts, crowded, strict=True)
    ]


async def try_call(connection: Connection, call: Call, now: datetime) -> list[Outcome]:
    """The outcomes that `record_calls` would give the records of a call now. Nothing is written."""
    facts, visits = await read_facts(connection, call.caller.city_id, call.prepared, now)
    (verdicts,) = judge_calls([call.prepared], facts, visits)
    return [
        _outcome(call.source, record, verdict, kept=False) for record, verdict in zip(call.sent, verdicts, strict=True)
    ]


async def _find_crowded(
    connection: Connection, city_id: int, calls: Sequence[Call], refused: Sequence[Sequence[RefusedRecord]]
) -> list[Problem | None]:
    """Per call: the problem of a rider who has too many refused records to keep more of them."""
    pairs = list(zip(calls, refused, strict=True))
    riders = {call.caller.subject_id for call, of_call in pairs if of_call and call.caller.rider_id}
    if not riders:
        return [None] * len(calls)
    waiting, known = await count_waiting(connection, city_id, riders, [each for of_call in refused for each in of_call])
    found: list[Problem | None] = []
    for call, of_call in pairs:
        new = {each.key for each in of_call} - known
        try:
            if call.caller.rider_id:
                require_room(waiting[call.caller.subject_id], len(new))
                waiting[call.caller.subject_id] += len(new)
            found.append(None)
        except Problem as problem:
            found.append(problem)
    return found


def _refused(call: Call, verdicts: Sequence[Verdict]) -> list[RefusedRecord]:
    return [
        RefusedRecord.of(
            sent, call.source, call.caller, call.campaign_id or campaign_of(prepared), verdict.problem, prepared
        )
        for sent, prepared, verdict in zip(call.sent, call.prepared, verdicts, strict=True)
        if verdict.problem is not None
    ]


def _outcome(source: Source, sent: object, verdict: Verdict, *, kept: bool = True) -> Outcome:
    source_id = source_id_of(sent)
    if verdict.problem is None:
        identifier = id_of(sent) if verdict.stored is None else str(verdict.stored.id)
        return Outcome(id=identifier, source_id=source_id, outcome=verdict.outcome)
    slug, problem = verdict.problem.slug, verdict.problem.document()
    if not kept:
        return Outcome(id=id_of(sent), source_id=source_id, outcome="rejected", problem=problem)
    problem["detail"] = f"{problem['detail']} {kept_words(source, slug)}"
    return Outcome(
        id=id_of(sent), source_id=source_id, outcome="rejected", problem=problem, waits_for=waits_for(source, slug)
    )
