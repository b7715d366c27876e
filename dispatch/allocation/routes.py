"""Planning: what-if, drafts, changes by hand, approval. For planners of the whole city."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from dispatch.allocation import drafts, sizing_routes, store, withdrawals
from dispatch.allocation.lines import preview_of
from dispatch.allocation.rules import (
    AllocationChanged,
    AllocationNotApproved,
    AllocationNotDraft,
    AllocationStale,
    DueDate,
    LinesExceedCopies,
    NotEnoughPrinted,
    NothingToApprove,
    NotWholeBundles,
    PartnerDoesNotServe,
    PlanInfeasible,
    PlanOptions,
    PlanPeriodOver,
    WaveUnknown,
)
from dispatch.allocation.withdrawals import By, withdraw_plan
from dispatch.campaigns.checklist import read_missing
from dispatch.campaigns.rules import CampaignClosed, MissingUnconfirmed
from dispatch.materials.rules import DepotUnknown, MaterialUnknown
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.client_ids import IdUnusable
from dispatch.server.dependencies import (
    CallerDependency,
    DatabaseDependency,
    NowDependency,
    SettingsDependency,
)
from dispatch.server.refusals import refusals
from schemas.allocation import (
    Allocation,
    AllocationSummary,
    Approval,
    ApprovedAllocation,
    BatchWithdrawal,
    LineChange,
    NewAllocation,
    PlanWithdrawal,
    Preview,
    WithdrawalOutcome,
)
from schemas.campaigns import MissingItem


@post(
    "/api/campaigns/{campaign_id:uuid}/allocations/preview",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(
        NotFound,
        CampaignClosed,
        MaterialUnknown,
        WaveUnknown,
        PlanPeriodOver,
        PlanOptions,
        NotEnoughPrinted,
        PlanInfeasible,
    ),
)
async def preview_allocation(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewAllocation],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Preview:
    """What a plan would be; nothing is kept."""
    return preview_of(await drafts.make_draft(database, caller.city_id, campaign_id, data, now))


@post(
    "/api/campaigns/{campaign_id:uuid}/allocations",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(
        NotFound,
        IdUnusable,
        AllocationChanged,
        CampaignClosed,
        MaterialUnknown,
        WaveUnknown,
        PlanPeriodOver,
        PlanOptions,
        NotEnoughPrinted,
        PlanInfeasible,
    ),
)
async def create_allocation(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewAllocation],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Allocation:
    """Make a plan and keep it as a draft."""
    return await store.create_allocation(database, caller.city_id, campaign_id, data, caller.subject_id, now)


@get("/api/campaigns/{campaign_id:uuid}/allocations", guards=[allow("planner", whole_city=True)], responses=refusals())
async def read_allocations(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[AllocationSummary]:
    """Plans of a campaign, newest first."""
    async with database.read() as connection:
        return await drafts.read_summaries(connection, caller.city_id, campaign_id)


@get("/api/allocations/{allocation_id:uuid}", guards=[allow("planner", whole_city=True)], responses=refusals(NotFound))
async def read_allocation(
    allocation_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> Allocation:
    """A plan with its lines and certificate."""
    async with database.read() as connection:
        return await drafts.find_allocation(connection, caller.city_id, allocation_id)


@put(
    "/api/allocations/{allocation_id:uuid}/lines/{zone_code:str}",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(
        NotFound,
        AllocationNotDraft,
        AllocationStale,
        NotWholeBundles,
        LinesExceedCopies,
        PartnerDoesNotServe,
        CampaignClosed,
    ),
)
async def change_allocation_line(
    allocation_id: FromPath[UUID],
    zone_code: FromPath[str],
    data: JSONBody[LineChange],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Allocation:
    """Change a line by hand, with a reason."""
    return await store.change_line(database, caller.city_id, allocation_id, zone_code, data, caller.subject_id, now)


@post(
    "/api/allocations/{allocation_id:uuid}/drop",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, AllocationNotDraft, CampaignClosed),
)
async def drop_allocation(
    allocation_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Allocation:
    """Give a draft up."""
    return await store.drop_allocation(database, caller.city_id, allocation_id, now)


@post(
    "/api/allocations/{allocation_id:uuid}/approve",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(
        NotFound,
        AllocationNotDraft,
        AllocationStale,
        NotEnoughPrinted,
        NothingToApprove,
        NotWholeBundles,
        DepotUnknown,
        DueDate,
        MissingUnconfirmed,
        CampaignClosed,
    ),
)
async def approve_allocation(
    allocation_id: FromPath[UUID],
    data: JSONBody[Approval],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> ApprovedAllocation:
    """Turn the draft into batches that partners can claim. With `confirmed`, anything else that is missing is a
    refusal."""
    return await store.approve_allocation(database, caller.city_id, allocation_id, data, caller.subject_id, now)


@get(
    "/api/allocations/{allocation_id:uuid}/missing",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound),
)
async def read_missing_for_plan(
    allocation_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[MissingItem]:
    """What a plan lacks to be carried out: accounts, answers, capacity in its zones, a depot, stock; empty: nothing."""
    async with database.read() as connection:
        plan = await drafts.find_allocation(connection, caller.city_id, allocation_id)
        return await read_missing(connection, caller.city_id, plan.campaign_id, allocation_id)


@post(
    "/api/allocations/{allocation_id:uuid}/withdraw",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, AllocationNotApproved, CampaignClosed),
)
async def withdraw_allocation(
    allocation_id: FromPath[UUID],
    data: JSONBody[PlanWithdrawal],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> WithdrawalOutcome:
    """Take back everything of an approved plan that nobody holds; its copies may be planned again. What is held or
    collected stays and is named."""
    by = By(subject_id=caller.subject_id, now=now, reason=data.reason, lease_hours=settings.claim_lease_hours)
    return await withdraw_plan(database, caller.city_id, allocation_id, by)


@post(
    "/api/campaigns/{campaign_id:uuid}/batches/withdraw",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, CampaignClosed),
)
async def withdraw_batches(
    campaign_id: FromPath[UUID],
    data: JSONBody[BatchWithdrawal],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> WithdrawalOutcome:
    """Take back what nobody holds of these batches; the same in full as for a plan."""
    by = By(subject_id=caller.subject_id, now=now, reason=data.reason, lease_hours=settings.claim_lease_hours)
    return await withdrawals.withdraw_batches(database, caller.city_id, campaign_id, data.batch_ids, by)


ROUTES = [
    preview_allocation,
    create_allocation,
    read_allocations,
    read_allocation,
    change_allocation_line,
    drop_allocation,
    approve_allocation,
    read_missing_for_plan,
    withdraw_allocation,
    withdraw_batches,
    *sizing_routes.ROUTES,
]
