"""Taps of a rider who left: the phone hands them in with the session that the deactivation ended.

The phone still has the token of that session, and the server its hash: the proof is the one the taps would have been
sent with. It opens nothing else, nobody has to enter anything, and the records keep the ids of their taps, so that they
count once however they arrive.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from dispatch.database import Database, one, queries_for
from dispatch.handouts.calls import Call
from dispatch.handouts.coalescer import HandoutCoalescer
from dispatch.handouts.entries import sync_entries
from dispatch.handouts.hand_in_rules import HAND_IN_DAYS, AfterDeactivation, HandInClosed, sealed
from dispatch.handouts.record_problems import OF_SYNC
from dispatch.handouts.refused_rules import TooManyWaiting
from dispatch.handouts.rules import AnotherRider, CopiesHolder, require_own_records
from dispatch.problems import TooLarge
from dispatch.server.caller import Caller
from dispatch.server.dependencies import DatabaseDependency, NowDependency
from dispatch.server.options import ANYONE
from dispatch.server.refusals import refusals
from dispatch.server.subject import note
from schemas.handouts import SYNC_LIMIT, SyncAnswer, SyncRequest

SQL = queries_for(__file__)


class FormerRider(msgspec.Struct, frozen=True):
    """A rider who left, by the session of the phone."""

    rider_id: UUID
    outlet_id: UUID
    partner_id: UUID
    deactivated_at: datetime


@post(
    "/api/handouts/hand-in",
    status_code=200,
    opt={ANYONE: True},
    responses=refusals(HandInClosed, AnotherRider, TooLarge, TooManyWaiting, of_records={*OF_SYNC, AfterDeactivation}),
)
async def hand_in_handouts(
    request: Request[Any, str | None, Any],
    data: JSONBody[SyncRequest],
    database: DatabaseDependency,
    handout_coalescer: NamedDependency[HandoutCoalescer],
    now: NowDependency,
) -> SyncAnswer:
    """Record what a rider confirmed before being deactivated and the phone could not send.

    The phone shows the session that the deactivation ended, as if it were to sync. What was confirmed later is refused.
    Sending the same again is harmless.
    """
    if len(data.records) > SYNC_LIMIT:
        raise TooLarge(f"Send at most {SYNC_LIMIT} records a call.", limit=SYNC_LIMIT, sent=len(data.records))
    city_id, rider = await _former_rider(database, request.auth or "", now)
    require_own_records(data.rider_id, rider.rider_id)
    note(city_id=city_id, rider_id=rider.rider_id, records=len(data.records))
    caller = Caller(
        city_id=city_id, role="rider", subject_id=rider.rider_id, partner_id=rider.partner_id, outlet_id=rider.outlet_id
    )
    prepared = sealed(
        sync_entries(data.records, CopiesHolder("rider", rider.rider_id, rider.outlet_id)), rider.deactivated_at
    )
    call = Call(caller=caller, source="sync", sent=data.records, prepared=prepared)
    outcomes = await handout_coalescer.record(call) if data.records else []
    return SyncAnswer(outcomes=outcomes, server_time=now)


async def _former_rider(database: Database, token: str, now: datetime) -> tuple[int, FormerRider]:
    city = token.partition(".")[0]
    rider = None
    if city.isascii() and city.isdigit() and len(city) <= 9 and len(token) <= 100:
        statement = SQL.read_former_rider(
            city_id=int(city), token_hash=sha256(token.encode()).digest(), not_before=now - HAND_IN_DAYS
        )
        async with database.read() as connection:
            rider = one(FormerRider, await connection.fetchrow(*statement))
    if rider is None:
        raise HandInClosed("Sign in with the slip; if that is refused, give the figures to the outlet.")
    return int(city), rider


ROUTES = [hand_in_handouts]
