"""Setting a campaign up, opening and closing it, inviting partners."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from dispatch.campaigns import capacity_routes, checklist, store
from dispatch.campaigns.rules import (
    CampaignChanged,
    CampaignClosed,
    CampaignCodeTaken,
    CampaignDates,
    CampaignNotDraft,
    CampaignStatusOrder,
    MissingUnconfirmed,
    PartnersEngaged,
    PartnersUnknown,
    WavePlan,
    WaveZones,
    require_same_id,
)
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow, anybody_signed_in
from dispatch.server.client_ids import IdUnusable
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from dispatch.server.subject import note
from schemas.campaigns import (
    Campaign,
    Invitation,
    InvitationAnswer,
    InvitationStatus,
    InvitationsWithdrawn,
    MissingItem,
    MissingKind,
    NewCampaign,
    NewInvitations,
)


@post(
    "/api/campaigns",
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=8_000_000,
    responses=refusals(IdUnusable, CampaignDates, WavePlan, WaveZones, CampaignChanged, CampaignCodeTaken),
)
async def create_campaign(
    data: JSONBody[NewCampaign],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Campaign:
    """Set a campaign up as a draft."""
    return await store.create_campaign(database, caller.city_id, data, now)


@get("/api/campaigns", guards=[anybody_signed_in], responses=refusals())
async def read_campaigns(caller: CallerDependency, database: DatabaseDependency) -> list[Campaign]:
    """Campaigns the caller has to do with, newest first."""
    async with database.read() as connection:
        return await store.read_campaigns(connection, caller.scope, answer=_answer_needed(caller))


@get("/api/campaigns/{campaign_id:uuid}", guards=[anybody_signed_in], responses=refusals(NotFound))
async def read_campaign(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> Campaign:
    """One campaign with its waves."""
    async with database.read() as connection:
        return await store.find_campaign(connection, caller.scope, campaign_id, answer=_answer_needed(caller))


@put(
    "/api/campaigns/{campaign_id:uuid}",
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=8_000_000,
    responses=refusals(
        NotFound, IdUnusable, CampaignDates, WavePlan, WaveZones, CampaignChanged, CampaignCodeTaken, CampaignNotDraft
    ),
)
async def change_campaign(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewCampaign],
    caller: CallerDependency,
    database: DatabaseDependency,
) -> Campaign:
    """Change a draft: its name, days, target and waves."""
    require_same_id(campaign_id, data)
    return await store.change_campaign(database, caller.city_id, data)


@post(
    "/api/campaigns/{campaign_id:uuid}/open",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, CampaignStatusOrder, MissingUnconfirmed),
)
async def open_campaign(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    confirmed: FromQuery[list[MissingKind] | None] = None,
) -> Campaign:
    """From now on handouts are recorded. With `confirmed`, the kinds of what is missing and known to be, anything else
    that is missing is a refusal; without it nothing is asked."""
    return await store.open_campaign(database, caller.city_id, campaign_id, now, confirmed)


@get(
    "/api/campaigns/{campaign_id:uuid}/missing",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound),
)
async def read_missing(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[MissingItem]:
    """What a campaign still lacks before it is opened, in the order in which it is put right; empty: nothing."""
    async with database.read() as connection:
        await store.find_campaign(connection, caller.scope, campaign_id)
        return await checklist.read_missing(connection, caller.city_id, campaign_id)


@post(
    "/api/campaigns/{campaign_id:uuid}/close",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, CampaignStatusOrder),
)
async def close_campaign(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Campaign:
    """From now on only corrections and reports; raw records expire after the retention days."""
    return await store.change_status(database, caller.city_id, campaign_id, "closed", now)


@post(
    "/api/campaigns/{campaign_id:uuid}/invitations",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, PartnersUnknown, CampaignClosed),
)
async def invite_partners(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewInvitations],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> list[Invitation]:
    """Invite partners; answers everybody who is invited."""
    return await store.invite_partners(database, caller.city_id, campaign_id, data.partner_codes, now)


@post(
    "/api/campaigns/{campaign_id:uuid}/invitations/withdraw",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, PartnersEngaged, CampaignClosed),
)
async def withdraw_invitations(
    campaign_id: FromPath[UUID],
    data: JSONBody[InvitationsWithdrawn],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> list[Invitation]:
    """Take invitations back, with the capacity declared so far; answers everybody still invited. A partner that holds
    or handed out copies stays."""
    note(partner_codes=" ".join(data.partner_codes))
    return await store.withdraw_invitations(database, caller.city_id, campaign_id, data.partner_codes, now)


@get(
    "/api/campaigns/{campaign_id:uuid}/invitations",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager", "partner_system", scope="read")],
    responses=refusals(NotFound),
)
async def read_invitations(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[Invitation]:
    """Who is invited and how they answered; a firm sees itself."""
    async with database.read() as connection:
        await store.find_campaign(connection, caller.scope, campaign_id)
        return await store.read_invitations(connection, caller.scope, campaign_id)


@post(
    "/api/campaigns/{campaign_id:uuid}/invitation/answer",
    status_code=200,
    guards=[allow("firm_manager")],
    responses=refusals(NotFound, CampaignClosed),
)
async def answer_invitation(
    campaign_id: FromPath[UUID],
    data: JSONBody[InvitationAnswer],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Invitation:
    """The firm accepts or declines. Declining takes back the capacity it declared."""
    return await store.answer_invitation(database, caller.scope, campaign_id, data.accepted, now)


def _answer_needed(caller: Caller) -> InvitationStatus | None:
    """Riders see a campaign once their firm has accepted."""
    return "accepted" if caller.role == "rider" else None


ROUTES = [
    create_campaign,
    read_campaigns,
    read_campaign,
    change_campaign,
    open_campaign,
    read_missing,
    close_campaign,
    invite_partners,
    withdraw_invitations,
    read_invitations,
    answer_invitation,
    *capacity_routes.ROUTES,
]
