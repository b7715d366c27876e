"""What is missing before a campaign is opened or a plan of it approved."""

from uuid import UUID

from dispatch.campaigns.rules import CampaignState, PartnerState, missing_of
from dispatch.database import Connection, queries_for, rows
from schemas.campaigns import MissingItem

SQL = queries_for(__file__)


async def read_missing(
    connection: Connection, city_id: int, campaign_id: UUID, allocation_id: UUID | None = None
) -> list[MissingItem]:
    """What is missing for a campaign as a whole, or for one plan of it."""
    of = {"city_id": city_id, "campaign_id": campaign_id}
    (state,) = rows(CampaignState, await connection.fetch(*SQL.read_state(**of, allocation_id=allocation_id)))
    partners = rows(PartnerState, await connection.fetch(*SQL.read_partners(**of)))
    return missing_of(state, partners)
