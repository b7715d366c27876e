"""Taking copies of recorded handouts back."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from dispatch.database import Database, one, queries_for
from dispatch.handouts.calls import Call
from dispatch.handouts.coalescer import HandoutCoalescer
from dispatch.handouts.record_problems import OF_CORRECTION
from dispatch.handouts.rules import CopiesHolder, CorrectionEntry, HolderKind
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import IdUnusable
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from dispatch.server.source_ids import IdOrSourceId, id_of_request, read_references
from dispatch.server.subject import note
from schemas.handouts import CorrectionRequest, Outcome, ReportedCorrection

SQL = queries_for(__file__)
CoalescerDependency = NamedDependency[HandoutCoalescer]


class _HolderOfHandout(msgspec.Struct, frozen=True):
    """Whose copies a handout took."""

    kind: HolderKind
    id: UUID
    outlet_id: UUID
    campaign_id: UUID


@post(
    "/api/handouts/{handout_id:uuid}/correct",
    status_code=200,
    guards=[allow("planner", "firm_manager", "outlet_manager", "partner_system", scope="correct")],
    responses=refusals(NotFound, IdOrSourceId, IdUnusable, of_records=OF_CORRECTION),
)
async def correct_handout(
    handout_id: FromPath[UUID],
    data: JSONBody[CorrectionRequest],
    caller: CallerDependency,
    database: DatabaseDependency,
    handout_coalescer: CoalescerDependency,
    now: NowDependency,
) -> Outcome:
    """Take copies of a handout back. The handout stays; the correction is linked to it."""
    return await _correct(database, handout_coalescer, caller, handout_id, data, now)


@post(
    "/api/handouts/correct-reported",
    status_code=200,
    guards=[allow("firm_manager", "outlet_manager", "partner_system", scope="correct")],
    responses=refusals(NotFound, IdOrSourceId, IdUnusable, of_records=OF_CORRECTION),
)
async def correct_reported_handout(
    data: JSONBody[ReportedCorrection],
    caller: CallerDependency,
    database: DatabaseDependency,
    handout_coalescer: CoalescerDependency,
    now: NowDependency,
) -> Outcome:
    """Take copies of a reported handout back that is named by the firm's own reference."""
    named = data.corrects_source_id
    async with database.read() as connection:
        handout_id = (await read_references(connection, caller, "handout", [named])).get(named)
    if handout_id is None:
        raise NotFound("Nothing was reported here under this corrects_source_id.")
    note(handout_id=handout_id)
    return await _correct(database, handout_coalescer, caller, handout_id, data, now)


async def _correct(
    database: Database, handout_coalescer: HandoutCoalescer, caller: Caller, handout_id: UUID, data: CorrectionRequest,
    now: datetime,
) -> Outcome:  # fmt: skip
    async with database.read() as connection:
        statement = SQL.read_holder_of_handout(caller.scope, handout_id=handout_id)
        taken_from = one(_HolderOfHandout, await connection.fetchrow(*statement))
    if taken_from is None:
        raise NotFound("There is no such handout here.")
    identifier = data.id
    if identifier is None or data.source_id is not None:
        identifier = await id_of_request(database, caller, "correction", data.id, data.source_id, now, field="id")
    entry = CorrectionEntry(
        id=identifier,
        holder=CopiesHolder(taken_from.kind, taken_from.id, taken_from.outlet_id),
        corrects_id=handout_id,
        copies=data.copies,
        at=now.astimezone(UTC),
        reason=data.reason,
    )
    sent = {
        "kind": "correction",
        "corrects_id": str(handout_id),
        **msgspec.to_builtins(data),
        "id": str(identifier),
    }
    if data.source_id is None:
        del sent["source_id"]
    call = Call(caller=caller, source="correction", sent=[sent], prepared=[entry], campaign_id=taken_from.campaign_id)
    return (await handout_coalescer.record(call))[0]


ROUTES = [correct_handout, correct_reported_handout]
