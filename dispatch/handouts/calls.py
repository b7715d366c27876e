"""The one way handouts reach the disk: facts, judgement, store. Takes one call or several in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from dispatch.database import Connection
from dispatch.handouts.entries import Prepared, Source, campaign_of, id_of
from dispatch.handouts.facts import read_facts
from dispatch.handouts.judgement import Verdict, judge_calls
from dispatch.handouts.store import RefusedRecord, write
from dispatch.server.caller import Caller
from schemas.handouts import Outcome


class Call(Struct):
    """The records of one request, as sent and as decoded."""

    caller: Caller
    source: Source
    sent: Sequence[object]
    prepared: Sequence[Prepared]
    campaign_id: UUID | None = None


async def record_calls(connection: Connection, calls: Sequence[Call], now: datetime) -> list[list[Outcome]]:
    """Judge and write the records of `calls`, all of one city, inside the open transaction of `connection`.

    Returns the outcomes, call by call and record by record. Raises Retry on a race.
    """
    city_id = calls[0].caller.city_id
    facts, visits = await read_facts(connection, city_id, [each for call in calls for each in call.prepared], now)
    verdicts = judge_calls([call.prepared for call in calls], facts, visits)
    recorded = [verdict.stored for of_call in verdicts for verdict in of_call if verdict.stored is not None]
    refused = [each for call, of_call in zip(calls, verdicts, strict=True) for each in _refused(call, of_call)]
    await write(connection, city_id, recorded, refused, now, facts.today)
    return [
        [_outcome(record, verdict) for record, verdict in zip(call.sent, of_call, strict=True)]
        for call, of_call in zip(calls, verdicts, strict=True)
    ]


def _refused(call: Call, verdicts: Sequence[Verdict]) -> list[RefusedRecord]:
    return [
        RefusedRecord(sent, call.source, call.caller, call.campaign_id or campaign_of(prepared), verdict.problem)
        for sent, prepared, verdict in zip(call.sent, call.prepared, verdicts, strict=True)
        if verdict.problem is not None
    ]


def _outcome(sent: object, verdict: Verdict) -> Outcome:
    if verdict.problem is not None:
        return Outcome(id=id_of(sent), outcome="rejected", problem=verdict.problem.document())
    identifier = id_of(sent) if verdict.stored is None else str(verdict.stored.id)
    return Outcome(id=identifier, outcome=verdict.outcome)
