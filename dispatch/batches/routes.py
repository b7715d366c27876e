"""Seeing what batches are open, claiming them, prolonging and giving back claims."""

from datetime import datetime, timedelta
from typing import NamedTuple, NoReturn
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from dispatch.batches import rules
from dispatch.database import Connection, Database, Retry, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.problems import NotAllowed, NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import require_id
from dispatch.server.dependencies import (
    CallerDependency,
    DatabaseDependency,
    NowDependency,
    SettingsDependency,
)
from dispatch.server.pages import CodeFilter, CursorText, Limit, decode_cursor, encode_cursor
from schemas.batches import (
    Batch,
    BatchFilter,
    BatchPage,
    Claim,
    ClaimPage,
    ClaimStatus,
    NewClaim,
    OpenBatch,
    Release,
)

SQL = queries_for(__file__)
# Other batches named to whoever came too late.
_ALTERNATIVES = 5


class Claimant(NamedTuple):
    """For whom a batch is claimed."""

    partner_id: UUID
    outlet_id: UUID | None


class AlreadyHeld(NamedTuple):
    """Why a claim was not made: who holds the batch, or None when all of it has been collected."""

    campaign_id: UUID
    holder: rules.HeldClaim | None


@get(
    "/api/campaigns/{campaign_id:uuid}/batches", guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")]
)
async def read_batches(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
    status: FromQuery[BatchFilter] = "all",
    zone_code: CodeFilter = None,
    material_code: CodeFilter = None,
    partner_code: CodeFilter = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> BatchPage:
    """Batches in priority order: planners see all, managers what they could claim and what they hold."""
    behind = decode_cursor(cursor, tuple[UUID])[0] if cursor else None
    async with database.read() as connection:
        if await connection.fetchval(SQL.read_campaign, caller.city_id, campaign_id) is None:
            raise NotFound("There is no such campaign here.")
        found = await connection.fetch(
            SQL.read_batches, caller.city_id, campaign_id, caller.partner_id, caller.outlet_id, caller.division_code,
            status, zone_code, now, settings.claim_lease_hours, behind, limit + 1, material_code, partner_code,
        )  # fmt: skip
    batches = rows(Batch, found[:limit])
    if caller.role != "planner":
        # It rests on the risk weights, which are the planners' alone.
        batches = [msgspec.structs.replace(batch, priority=None) for batch in batches]
    last = batches[-1] if len(found) > limit else None
    return BatchPage(batches=batches, next_cursor=encode_cursor(last.batch_id) if last else None)


@post("/api/batches/{batch_id:uuid}/claim", guards=[allow("planner", "firm_manager", "outlet_manager")])
async def claim_batch(
    batch_id: FromPath[UUID],
    data: JSONBody[NewClaim],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> Claim:
    """Claim a batch for the own firm or outlet, or assign it to a partner. Exactly one of many succeeds."""
    require_id(data.claim_id, "claim_id")
    claimant = await _claimant(database, caller, data)

    async def work(connection: Connection) -> UUID | AlreadyHeld:
        return await _claim(connection, caller, batch_id, data.claim_id, claimant, now, settings.claim_lease_hours)

    outcome = await database.transact(work)
    if isinstance(outcome, AlreadyHeld):
        await _refuse(database, caller, batch_id, claimant, outcome, now, settings.claim_lease_hours)
    return await _read_claim(database, caller, data.claim_id, now, settings.claim_lease_hours)


async def _claimant(database: Database, caller: Caller, data: NewClaim) -> Claimant:
    if caller.partner_id is not None:
        if data.partner_code is not None:
            raise NotAllowed("partner_code is for planners; leave it out to claim for your own firm.")
        return Claimant(caller.partner_id, caller.outlet_id)
    async with database.read() as connection:
        partner_id = await connection.fetchval(SQL.read_partner, caller.city_id, data.partner_code)
    if partner_id is None:
        raise rules.NotAssignable("Name the partner it is assigned to by its code.", field="partner_code")
    return Claimant(partner_id, None)


async def _claim(
    connection: Connection,
    caller: Caller,
    batch_id: UUID,
    claim_id: UUID,
    claimant: Claimant,
    now: datetime,
    lease_hours: int,
) -> UUID | AlreadyHeld:
    """Make the claim and return its campaign's id, or say who was first."""
    offer = one(
        rules.Offer,
        await connection.fetchrow(SQL.lock_offer, caller.city_id, batch_id, caller.division_code, *claimant),
    )
    if offer is None:
        raise NotFound("There is no such batch among those you can claim.")
    # A statement of its own, after the lock: only so does it see what whoever held the lock has written.
    states = rows(
        rules.HeldClaim,
        await connection.fetch(SQL.read_claim_states, caller.city_id, batch_id, claim_id, lease_hours),
    )
    known = next((claim for claim in states if claim.claim_id == claim_id), None)
    if known:
        rules.require_same_claim(known, batch_id, *claimant)
        return offer.campaign_id
    rules.require_offer(caller, offer, claimant.partner_id)
    copies = rules.open_copies(offer.copies, states, now)
    if copies == 0:
        return AlreadyHeld(offer.campaign_id, rules.holder_of(states, now))
    if lapsed := rules.lapsed_of(states, now):
        await connection.execute(SQL.expire_claim, caller.city_id, lapsed.claim_id, lapsed.lease_until)
    made = await connection.fetchval(
        SQL.insert_claim, caller.city_id, claim_id, batch_id, *claimant, copies, now + timedelta(hours=lease_hours),
        now, caller.subject_id, caller.role == "planner",
    )  # fmt: skip
    if made is None:
        raise Retry
    await touch(connection, caller.city_id, offer.campaign_id)
    return offer.campaign_id


async def _refuse(
    database: Database,
    caller: Caller,
    batch_id: UUID,
    claimant: Claimant,
    taken: AlreadyHeld,
    now: datetime,
    lease_hours: int,
) -> NoReturn:
    """Tell who came too late what kind of partner was first and what else is open."""
    async with database.read() as connection:
        found = await connection.fetch(
            SQL.read_batches, caller.city_id, taken.campaign_id, *claimant, caller.division_code,
            "open", None, now, lease_hours, None, _ALTERNATIVES + 1, None, None,
        )  # fmt: skip
    others = [
        OpenBatch(
            batch_id=batch.batch_id, code=batch.code, zone_code=batch.zone_code, zone_name=batch.zone_name,
            copies=batch.copies_open,
        )
        for batch in rows(Batch, found)
        if batch.batch_id != batch_id
    ][:_ALTERNATIVES]  # fmt: skip
    open_batches = msgspec.to_builtins(others)
    if taken.holder is None:
        raise rules.BatchCollected("Every copy of this batch has been collected.", open_batches=open_batches)
    raise rules.BatchTaken(
        "Somebody was first; choose one of open_batches, or wait for the lease to end.",
        **rules.facts_of_holder(caller, taken.holder),
        open_batches=open_batches,
    )


@post(
    "/api/claims/{claim_id:uuid}/extend", status_code=200, guards=[allow("planner", "firm_manager", "outlet_manager")]
)
async def extend_claim(
    claim_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> Claim:
    """Prolong a claim by a lease counted from now, up to three weeks after it was made."""

    async def work(connection: Connection) -> UUID:
        campaign_id, claim = await _lock_claim(connection, caller, claim_id, settings.claim_lease_hours)
        lease_until = rules.extended_lease(claim, now, settings.claim_lease_hours)
        await connection.execute(SQL.extend_claim, caller.city_id, claim_id, lease_until)
        await touch(connection, caller.city_id, campaign_id)
        return campaign_id

    await database.transact(work)
    return await _read_claim(database, caller, claim_id, now, settings.claim_lease_hours)


@post(
    "/api/claims/{claim_id:uuid}/release", status_code=200, guards=[allow("planner", "firm_manager", "outlet_manager")]
)
async def release_claim(
    claim_id: FromPath[UUID],
    data: JSONBody[Release],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> Claim:
    """Give back what was not collected; what was stays with the partner. Said twice it is done once."""

    async def work(connection: Connection) -> UUID:
        campaign_id, claim = await _lock_claim(connection, caller, claim_id, settings.claim_lease_hours)
        if claim.status != "released":
            rules.require_held(claim, now)
            await connection.execute(SQL.release_claim, caller.city_id, claim_id, now, data.reason)
            await touch(connection, caller.city_id, campaign_id)
        return campaign_id

    await database.transact(work)
    return await _read_claim(database, caller, claim_id, now, settings.claim_lease_hours)


async def _lock_claim(
    connection: Connection, caller: Caller, claim_id: UUID, lease_hours: int
) -> tuple[UUID, rules.HeldClaim]:
    """Lock the batch of a claim in the caller's scope; return (campaign id, the claim as it then is)."""
    batch = await connection.fetchrow(
        SQL.lock_batch_of_claim, caller.city_id, claim_id, caller.partner_id, caller.outlet_id, caller.division_code
    )
    if batch is None:
        raise NotFound("There is no such claim.")
    found = await connection.fetch(SQL.read_claim_states, caller.city_id, None, claim_id, lease_hours)
    return batch["campaign_id"], rows(rules.HeldClaim, found)[0]


@get("/api/claims", guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")])
async def read_claims(
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
    campaign_id: FromQuery[UUID | None] = None,
    status: FromQuery[ClaimStatus | None] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ClaimPage:
    """Claims in the caller's scope, newest first."""
    behind = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    async with database.read() as connection:
        found = await connection.fetch(
            SQL.read_claims, caller.city_id, caller.partner_id, caller.outlet_id, caller.division_code, now,
            settings.claim_lease_hours, None, campaign_id, status, *behind, limit + 1,
        )  # fmt: skip
    claims = rows(Claim, found[:limit])
    last = claims[-1] if len(found) > limit else None
    return ClaimPage(claims=claims, next_cursor=encode_cursor(last.claimed_at, last.claim_id) if last else None)


async def _read_claim(database: Database, caller: Caller, claim_id: UUID, now: datetime, lease_hours: int) -> Claim:
    async with database.read() as connection:
        found = await connection.fetchrow(
            SQL.read_claims, caller.city_id, caller.partner_id, caller.outlet_id, caller.division_code, now,
            lease_hours, claim_id, None, None, None, None, 1,
        )  # fmt: skip
    claim = one(Claim, found)
    if claim is None:
        raise NotFound("There is no such claim.")
    return claim


ROUTES = [read_batches, claim_batch, extend_claim, release_claim, read_claims]
