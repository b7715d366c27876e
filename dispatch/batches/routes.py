"""Reading batches, claiming them, prolonging and giving back claims."""

from datetime import datetime, timedelta
from typing import NamedTuple, NoReturn
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from dispatch.batches import rules, store
from dispatch.batches.rules import (
    BatchCollected,
    BatchTaken,
    BatchWithdrawn,
    ClaimChanged,
    ClaimNotHeld,
    HeldClaim,
    LeaseLimit,
    NotAssignable,
)
from dispatch.campaigns.rules import CampaignClosed
from dispatch.database import Connection, Database, Retry
from dispatch.database.changes import touch
from dispatch.database.queries import Scope
from dispatch.problems import InvalidRequest, NotAllowed, NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import IdUnusable
from dispatch.server.dependencies import (
    CallerDependency,
    DatabaseDependency,
    NowDependency,
    SettingsDependency,
)
from dispatch.server.pages import CodeFilter, CursorText, DryRun, Limit, decode_cursor, encode_cursor
from dispatch.server.refusals import refusals
from dispatch.server.source_ids import IdOrSourceId, id_of_request
from schemas.batches import (
    BatchFilter,
    BatchPage,
    Claim,
    ClaimAnswer,
    ClaimPage,
    ClaimStatus,
    NewClaim,
    Release,
    ReturnAsked,
)  # fmt: skip

_READERS = allow("planner", "auditor", "firm_manager", "outlet_manager", "partner_system", scope="claims")
_CLAIMANTS = allow("planner", "firm_manager", "outlet_manager", "partner_system", scope="claims")


class Claimant(NamedTuple):
    """For whom a batch is claimed."""

    partner_id: UUID
    outlet_id: UUID | None


class AlreadyHeld(NamedTuple):
    """Why a claim was not made: who holds the batch, or None when all of it has been collected or taken back."""

    campaign_id: UUID
    holder: HeldClaim | None
    withdrawn: bool


@get(
    "/api/campaigns/{campaign_id:uuid}/batches",
    guards=[_READERS],
    responses=refusals(NotFound, InvalidRequest),
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
    after_batch_id = decode_cursor(cursor, tuple[UUID])[0] if cursor else None
    async with database.read() as connection:
        if not await store.is_campaign(connection, caller.city_id, campaign_id):
            raise NotFound("There is no such campaign here.")
        found = await store.read_batches(
            connection, caller.scope, campaign_id=campaign_id, status=status, zone_code=zone_code,
            material_code=material_code, partner_code=partner_code, as_of=now,
            lease_hours=settings.claim_lease_hours, after_batch_id=after_batch_id, rows=limit + 1,
        )  # fmt: skip
    batches = rules.shown_to(caller, found[:limit])
    return BatchPage(batches=batches, next_cursor=encode_cursor(batches[-1].batch_id) if len(found) > limit else None)


@post(
    "/api/batches/{batch_id:uuid}/claim",
    guards=[_CLAIMANTS],
    responses=refusals(
        IdUnusable, IdOrSourceId, NotAllowed, NotAssignable, NotFound, ClaimChanged, CampaignClosed, BatchTaken,
        BatchCollected, BatchWithdrawn,
    ),
)  # fmt: skip
async def claim_batch(
    batch_id: FromPath[UUID],
    data: JSONBody[NewClaim],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
    dry_run: DryRun = False,
) -> ClaimAnswer:
    """Claim a batch for the caller's own firm or outlet, or assign it to a partner. Exactly one of many succeeds."""
    lease_hours = settings.claim_lease_hours
    claim_id = await id_of_request(
        database, caller, "claim", data.claim_id, data.source_id, now, field="claim_id", trial=dry_run
    )
    claimant = await _claimant(database, caller, data)

    async def claim(connection: Connection) -> AlreadyHeld | Claim:
        held = await _claim(connection, caller, batch_id, claim_id, claimant, now, lease_hours)
        return held or await _read_claim(connection, caller, claim_id, now, lease_hours)

    done = await (database.attempt(claim) if dry_run else database.transact(claim))
    if isinstance(done, AlreadyHeld):
        await _refuse(database, caller, batch_id, claimant, done, now, lease_hours)
    return ClaimAnswer(**msgspec.structs.asdict(done), dry_run=dry_run)


async def _claimant(database: Database, caller: Caller, data: NewClaim) -> Claimant:
    if caller.partner_id is not None:
        if data.partner_code is not None:
            raise NotAllowed("partner_code is for planners; leave it out to claim for your own firm.")
        return Claimant(caller.partner_id, caller.outlet_id)
    async with database.read() as connection:
        partner_id = await store.read_partner(connection, caller.city_id, data.partner_code)
    if partner_id is None:
        raise NotAssignable("Name the partner it is assigned to by its code.", field="partner_code")
    return Claimant(partner_id, None)


async def _claim(
    connection: Connection,
    caller: Caller,
    batch_id: UUID,
    claim_id: UUID,
    claimant: Claimant,
    now: datetime,
    lease_hours: int,
) -> AlreadyHeld | None:
    """Make the claim, or return who was first."""
    offer = await store.lock_offer(connection, caller.scope, batch_id, *claimant)
    if offer is None:
        raise NotFound("There is no such batch among those you can claim.")
    states = await store.read_claim_states(
        connection, caller.city_id, lease_hours, claim_id=claim_id, batch_id=batch_id
    )
    known = next((claim for claim in states if claim.claim_id == claim_id), None)
    if known:
        rules.require_same_claim(known, batch_id, *claimant)
        return None
    rules.require_offer(caller, offer, claimant.partner_id)
    copies = rules.open_copies(offer.copies, states, now)
    if copies == 0:
        return AlreadyHeld(offer.campaign_id, rules.holder_of(states, now), offer.withdrawn_copies > 0)
    if lapsed := rules.lapsed_of(states, now):
        await store.expire_claim(connection, caller.city_id, lapsed)
    if not await store.insert_claim(
        connection, caller.city_id, claim_id=claim_id, batch_id=batch_id, partner_id=claimant.partner_id,
        outlet_id=claimant.outlet_id, copies=copies, lease_until=now + timedelta(hours=lease_hours), claimed_at=now,
        claimed_by=caller.subject_id, assigned=caller.role == "planner",
    ):  # fmt: skip
        raise Retry
    await touch(connection, caller.city_id, offer.campaign_id)
    return None


async def _refuse(
    database: Database,
    caller: Caller,
    batch_id: UUID,
    claimant: Claimant,
    held: AlreadyHeld,
    now: datetime,
    lease_hours: int,
) -> NoReturn:
    """Answer a claimant who came too late with the kind of partner that was first and what else is open."""
    offers = Scope(
        city_id=caller.city_id, scope_division=caller.division_code, scope_partner=claimant.partner_id,
        scope_outlet=claimant.outlet_id,
    )  # fmt: skip
    async with database.read() as connection:
        # One more, because the batch itself may be among them: it was released meanwhile.
        others = await store.read_batches(
            connection, offers, campaign_id=held.campaign_id, status="open", as_of=now, lease_hours=lease_hours,
            rows=rules.ALTERNATIVES + 1,
        )  # fmt: skip
    raise rules.came_too_late(caller, held.holder, batch_id, others, withdrawn=held.withdrawn)


@post(
    "/api/claims/{claim_id:uuid}/extend",
    status_code=200,
    guards=[_CLAIMANTS],
    responses=refusals(NotFound, ClaimNotHeld, LeaseLimit),
)
async def extend_claim(
    claim_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> Claim:
    """Prolong a claim by a lease counted from now, up to three weeks after it was made."""

    async def extend(connection: Connection) -> None:
        campaign_id, claim = await _lock_claim(connection, caller, claim_id, settings.claim_lease_hours)
        lease_until = rules.extended_lease(claim, now, settings.claim_lease_hours)
        await store.extend_claim(connection, caller.city_id, claim_id, lease_until)
        await touch(connection, caller.city_id, campaign_id)

    await database.transact(extend)
    async with database.read() as connection:
        return await _read_claim(connection, caller, claim_id, now, settings.claim_lease_hours)


@post(
    "/api/claims/{claim_id:uuid}/release",
    status_code=200,
    guards=[_CLAIMANTS],
    responses=refusals(NotFound, ClaimNotHeld),
)
async def release_claim(
    claim_id: FromPath[UUID],
    data: JSONBody[Release],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> Claim:
    """Give back what was not collected; what was stays with the partner. Sent twice it is done once."""

    async def release(connection: Connection) -> None:
        campaign_id, claim = await _lock_claim(connection, caller, claim_id, settings.claim_lease_hours)
        if claim.status == "released":
            return
        rules.require_held(claim, now)
        await store.release_claim(connection, caller.city_id, claim_id, now, data.reason)
        await touch(connection, caller.city_id, campaign_id)

    await database.transact(release)
    async with database.read() as connection:
        return await _read_claim(connection, caller, claim_id, now, settings.claim_lease_hours)


@post(
    "/api/claims/{claim_id:uuid}/ask-return",
    status_code=200,
    guards=[allow("planner")],
    responses=refusals(NotFound, ClaimNotHeld),
)
async def ask_claim_back(
    claim_id: FromPath[UUID],
    data: JSONBody[ReturnAsked],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> Claim:
    """Ask the holder for a claim's copies back. Nothing moves: the holder sees the reason and releases it, or not."""

    async def ask(connection: Connection) -> None:
        campaign_id, claim = await _lock_claim(connection, caller, claim_id, settings.claim_lease_hours)
        rules.require_held(claim, now)
        await store.ask_claim_back(connection, caller.city_id, claim_id, caller.subject_id, now, data.reason)
        await touch(connection, caller.city_id, campaign_id)

    await database.transact(ask)
    async with database.read() as connection:
        return await _read_claim(connection, caller, claim_id, now, settings.claim_lease_hours)


async def _lock_claim(connection: Connection, caller: Caller, claim_id: UUID, lease_hours: int) -> store.LockedClaim:
    locked = await store.lock_claim(connection, caller.scope, claim_id, lease_hours)
    if locked is None:
        raise NotFound("There is no such claim.")
    return locked


@get(
    "/api/claims",
    guards=[_READERS],
    responses=refusals(InvalidRequest),
)
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
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    async with database.read() as connection:
        found = await store.read_claims(
            connection, caller.scope, as_of=now, lease_hours=settings.claim_lease_hours, campaign_id=campaign_id,
            status=status, after_claimed_at=after[0], after_claim_id=after[1], rows=limit + 1,
        )  # fmt: skip
    claims, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return ClaimPage(claims=claims, next_cursor=encode_cursor(last.claimed_at, last.claim_id) if last else None)


async def _read_claim(connection: Connection, caller: Caller, claim_id: UUID, now: datetime, lease_hours: int) -> Claim:
    claims = await store.read_claims(
        connection, caller.scope, as_of=now, lease_hours=lease_hours, claim_id=claim_id, rows=1
    )
    if not claims:
        raise NotFound("There is no such claim.")
    return claims[0]


ROUTES = [read_batches, claim_batch, extend_claim, release_claim, ask_claim_back, read_claims]
