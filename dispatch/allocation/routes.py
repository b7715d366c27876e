"""Planning: what-if, drafts, changes by hand, approval. For planners of the whole city."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from dispatch.allocation import reading, writing
from dispatch.dependencies import CallerDependency, ChangesDependency, DatabaseDependency, NowDependency
from dispatch.identity.caller import allow
from dispatch.zones.rules import judge_city_scope
from schemas.allocation import (
    Allocation,
    AllocationSummary,
    Approval,
    ApprovedAllocation,
    LineChange,
    NewAllocation,
    Preview,
)


@post("/api/campaigns/{campaign_id:uuid}/allocations/preview", status_code=200, guards=[allow("planner")])
async def preview_allocation(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewAllocation],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Preview:
    """What a plan would say; nothing is kept."""
    judge_city_scope(caller)
    return reading.preview_of(await reading.draw_up(database, caller.city_id, campaign_id, data, now))


@post("/api/campaigns/{campaign_id:uuid}/allocations", guards=[allow("planner")])
async def create_allocation(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewAllocation],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    changes: ChangesDependency,
) -> Allocation:
    """Make a plan and keep it as a draft."""
    judge_city_scope(caller)
    made = await writing.create_allocation(database, caller.city_id, campaign_id, data, caller.subject_id, now)
    changes.mark(caller.city_id, campaign_id)
    return made


@get("/api/campaigns/{campaign_id:uuid}/allocations", guards=[allow("planner")])
async def read_allocations(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[AllocationSummary]:
    """Plans of a campaign, newest first."""
    judge_city_scope(caller)
    async with database.read() as connection:
        return await reading.read_summaries(connection, caller.city_id, campaign_id)


@get("/api/allocations/{allocation_id:uuid}", guards=[allow("planner")])
async def read_allocation(
    allocation_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> Allocation:
    """A plan with its lines and certificate."""
    judge_city_scope(caller)
    async with database.read() as connection:
        return await reading.find_allocation(connection, caller.city_id, allocation_id)


@put("/api/allocations/{allocation_id:uuid}/lines/{zone_code:str}", guards=[allow("planner")])
async def change_allocation_line(
    allocation_id: FromPath[UUID],
    zone_code: FromPath[str],
    data: JSONBody[LineChange],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    changes: ChangesDependency,
) -> Allocation:
    """Change a line by hand, with a reason."""
    judge_city_scope(caller)
    changed = await writing.change_line(
        database, caller.city_id, allocation_id, zone_code, data, caller.subject_id, now
    )
    changes.mark(caller.city_id, changed.campaign_id)
    return changed


@post("/api/allocations/{allocation_id:uuid}/drop", status_code=200, guards=[allow("planner")])
async def drop_allocation(
    allocation_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    changes: ChangesDependency,
) -> Allocation:
    """Give a draft up."""
    judge_city_scope(caller)
    dropped = await writing.drop_allocation(database, caller.city_id, allocation_id, now)
    changes.mark(caller.city_id, dropped.campaign_id)
    return dropped


@post("/api/allocations/{allocation_id:uuid}/approve", status_code=200, guards=[allow("planner")])
async def approve_allocation(
    allocation_id: FromPath[UUID],
    data: JSONBody[Approval],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    changes: ChangesDependency,
) -> ApprovedAllocation:
    """Turn the draft into batches that partners can claim."""
    judge_city_scope(caller)
    approved = await writing.approve_allocation(database, caller.city_id, allocation_id, data, caller.subject_id, now)
    changes.mark(caller.city_id, approved.campaign_id)
    return approved


ROUTES = [
    preview_allocation,
    create_allocation,
    read_allocations,
    read_allocation,
    change_allocation_line,
    drop_allocation,
    approve_allocation,
]
