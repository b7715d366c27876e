"""What changes a campaign, as plain functions: the routes and a demonstration's replay both call them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch.campaigns import rules
from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.problems import NotFound
from dispatch.server.client_ids import same_content
from dispatch.tables.sheets import read_table, together_with
from schemas.campaigns import Campaign, CampaignStatus, CapacityRow, Invitation, InvitationStatus, NewCampaign
from schemas.common import Imported

SQL = queries_for(__file__)


async def find_campaign(
    connection: Connection, city_id: int, campaign_id: UUID, partner_id: UUID | None = None, *, accepted: bool = False
) -> Campaign:
    """The campaign, if it is within scope: of a partner that is invited, or that accepted. Raises NotFound."""
    found = one(
        Campaign,
        await connection.fetchrow(
            SQL.read_campaigns, city_id, campaign_id, partner_id, "accepted" if accepted else None
        ),
    )
    if found is None:
        raise NotFound("There is no such campaign here, or you are not invited to it.")
    return found


async def create_campaign(database: Database, city_id: int, wanted: NewCampaign, now: datetime) -> Campaign:
    """Set a campaign up as a draft. The same request again gives the same campaign.

    Raises CampaignDates, WavePlan, WaveZones, CampaignChanged, CampaignCodeTaken, IdUnusable.
    """
    rules.require_campaign(wanted)
    zone_codes = sorted({code for wave in wanted.waves for code in wave.zone_codes})

    async def work(connection: Connection) -> Campaign:
        unknown = await connection.fetch(SQL.read_unknown_zones, city_id, zone_codes)
        rules.require_wave_zones([row["code"] for row in unknown])
        made = await connection.fetchval(
            SQL.insert_campaign, city_id, wanted.campaign_id, wanted.code, wanted.name,
            wanted.starts_on, wanted.ends_on, wanted.target_reach, wanted.retention_days, now,
        )  # fmt: skip
        if made:
            await _insert_waves(connection, city_id, wanted)
        stored = await connection.fetchrow(SQL.read_campaigns, city_id, wanted.campaign_id, None, None)
        return rules.judge_stored(wanted, one(Campaign, stored))

    return await database.transact(work)


async def change_campaign(database: Database, city_id: int, wanted: NewCampaign) -> Campaign:
    """Change what a draft says of itself; the same request again changes nothing more.

    Raises CampaignDates, WavePlan, WaveZones, CampaignNotDraft, CampaignCodeTaken, IdUnusable, NotFound.
    """
    rules.require_campaign(wanted)
    zone_codes = sorted({code for wave in wanted.waves for code in wave.zone_codes})

    async def work(connection: Connection) -> Campaign:
        status = await connection.fetchval(SQL.lock_campaign, city_id, wanted.campaign_id)
        if status is None:
            raise NotFound("There is no such campaign here.")
        stored = await find_campaign(connection, city_id, wanted.campaign_id)
        if same_content(wanted, stored):
            return stored
        rules.require_draft(status)
        unknown = await connection.fetch(SQL.read_unknown_zones, city_id, zone_codes)
        rules.require_wave_zones([row["code"] for row in unknown])
        changed = await connection.fetchval(
            SQL.change_campaign, city_id, wanted.campaign_id, wanted.code, wanted.name,
            wanted.starts_on, wanted.ends_on, wanted.target_reach, wanted.retention_days,
        )  # fmt: skip
        rules.require_code_free(changed, wanted.code)
        await touch(connection, city_id, wanted.campaign_id)
        await connection.execute(SQL.delete_waves, city_id, wanted.campaign_id)
        await _insert_waves(connection, city_id, wanted)
        return await find_campaign(connection, city_id, wanted.campaign_id)

    return await database.transact(work)


async def _insert_waves(connection: Connection, city_id: int, wanted: NewCampaign) -> None:
    waves = wanted.waves
    await connection.execute(
        SQL.insert_waves,
        city_id,
        wanted.campaign_id,
        [wave.number for wave in waves],
        [wave.name for wave in waves],
        [wave.starts_on for wave in waves],
        [wave.ends_on for wave in waves],
        [wave.planned_share for wave in waves],
        [",".join(wave.zone_codes) for wave in waves],
    )


async def change_status(
    database: Database, city_id: int, campaign_id: UUID, wanted: CampaignStatus, now: datetime
) -> Campaign:
    """Open or close a campaign; one that stands there already stays untouched. Raises CampaignStatusOrder, NotFound."""

    async def work(connection: Connection) -> Campaign:
        current = await connection.fetchval(SQL.lock_campaign, city_id, campaign_id)
        if current is None:
            raise NotFound("There is no such campaign here.")
        if rules.judge_status(current, wanted):
            closed_at = now if wanted == "closed" else None
            await connection.execute(SQL.change_status, city_id, campaign_id, wanted, closed_at)
            await touch(connection, city_id, campaign_id)
        return await find_campaign(connection, city_id, campaign_id)

    return await database.transact(work)


async def invite_partners(
    database: Database, city_id: int, campaign_id: UUID, partner_codes: Sequence[str], now: datetime
) -> list[Invitation]:
    """Invite partners; whoever was invited before stays as they are. Returns everybody invited, by partner code.

    Raises PartnersUnknown, CampaignClosed, NotFound.
    """

    async def work(connection: Connection) -> list[Invitation]:
        await find_campaign(connection, city_id, campaign_id)
        found = await connection.fetch(SQL.read_partners_by_code, city_id, list(partner_codes))
        partner_ids = rules.judge_partners(partner_codes, {row["code"]: row["partner_id"] for row in found})
        if await connection.fetch(SQL.insert_invitations, city_id, campaign_id, partner_ids, now):
            await _touch(connection, city_id, campaign_id)
        return rows(Invitation, await connection.fetch(SQL.read_invitations, city_id, campaign_id, None))

    return await database.transact(work)


async def answer_invitation(
    database: Database, city_id: int, campaign_id: UUID, partner_id: UUID, accepted: bool, now: datetime
) -> Invitation:
    """A firm accepts or declines; declining takes back what it declared. Raises NotFound when it is not invited."""
    status: InvitationStatus = "accepted" if accepted else "declined"

    async def work(connection: Connection) -> Invitation:
        await find_campaign(connection, city_id, campaign_id, partner_id)
        await connection.fetchval(SQL.lock_invitation, city_id, campaign_id, partner_id)
        changed = await connection.fetchval(SQL.answer_invitation, city_id, campaign_id, partner_id, status, now)
        if changed and not accepted:
            await connection.execute(SQL.withdraw_capacity, city_id, campaign_id, partner_id, now)
        if changed:
            await _touch(connection, city_id, campaign_id)
        stored = await connection.fetch(SQL.read_invitations, city_id, campaign_id, partner_id)
        return rows(Invitation, stored)[0]

    return await database.transact(work)


async def declare_capacity(
    database: Database,
    city_id: int,
    campaign_id: UUID,
    partner_id: UUID,
    outlet_id: UUID | None,
    declared: Sequence[CapacityRow],
    now: datetime,
) -> Imported:
    """Keep what a firm (or only its outlet `outlet_id`) can hand out, all rows or none; this accepts the invitation.

    Raises ImportRefused with every wrong row, CampaignClosed, NotFound when the firm is not invited.
    """
    listed = list(enumerate(declared, start=1))
    return await _declare(database, city_id, campaign_id, partner_id, outlet_id, listed, now)


async def import_capacity(
    database: Database,
    city_id: int,
    campaign_id: UUID,
    partner_id: UUID,
    outlet_id: UUID | None,
    document: bytes,
    now: datetime,
    *,
    preview: bool = False,
) -> Imported:
    """The same from a table, or with `preview` what it would do: outlet_code, zone_code, week_starts_on, copies
    (网点代码, 片区代码, 周一日期, 承接份数)."""
    table = await asyncio.to_thread(read_table, document, rules.CAPACITY_COLUMNS)
    listed = [(row.row, CapacityRow(**row.values)) for row in table.rows]
    with together_with(table.errors):
        return await _declare(
            database, city_id, campaign_id, partner_id, outlet_id, listed, now, preview or bool(table.errors)
        )


async def _declare(
    database: Database,
    city_id: int,
    campaign_id: UUID,
    partner_id: UUID,
    outlet_id: UUID | None,
    listed: Sequence[tuple[int, CapacityRow]],
    now: datetime,
    preview: bool = False,
) -> Imported:
    async def work(connection: Connection) -> Imported:
        campaign = await find_campaign(connection, city_id, campaign_id, partner_id)
        rules.require_still_taking(campaign.status)
        await connection.fetchval(SQL.lock_invitation, city_id, campaign_id, partner_id)
        outlet_codes, zone_codes = {row.outlet_code for _, row in listed}, {row.zone_code for _, row in listed}
        outlets = await connection.fetch(SQL.read_outlets_by_code, city_id, partner_id, outlet_id, sorted(outlet_codes))
        zones = await connection.fetch(SQL.read_zones_by_code, city_id, sorted(zone_codes))
        keys = rules.judge_capacity(
            listed,
            {row["code"]: row["outlet_id"] for row in outlets},
            {row["code"]: row["zone_id"] for row in zones},
            campaign.starts_on,
            campaign.ends_on,
        )
        return await _keep_capacity(connection, city_id, campaign_id, partner_id, keys, now, preview)

    return await database.transact(work)


async def _keep_capacity(
    connection: Connection,
    city_id: int,
    campaign_id: UUID,
    partner_id: UUID,
    keys: Sequence[rules.CapacityKey],
    now: datetime,
    preview: bool,
) -> Imported:
    columns = (
        [key.outlet_id for key in keys],
        [key.zone_id for key in keys],
        [key.week_starts_on for key in keys],
        [key.copies for key in keys],
    )
    counts = await connection.fetchrow(SQL.count_known_capacity, city_id, campaign_id, *columns)
    known, same = counts["known"], counts["same"]
    told = Imported(created=len(keys) - known, changed=known - same, unchanged=same)
    if preview:
        return told
    await connection.execute(SQL.declare_capacity, city_id, campaign_id, *columns, now)
    answered = await connection.fetchval(SQL.answer_invitation, city_id, campaign_id, partner_id, "accepted", now)
    if answered or same < len(keys):
        await _touch(connection, city_id, campaign_id)
    return told


async def _touch(connection: Connection, city_id: int, campaign_id: UUID) -> None:
    """Raise the campaign's revision; it holds the campaign open until the commit."""
    if (await touch(connection, city_id, campaign_id)).get(campaign_id, "closed") == "closed":
        rules.require_still_taking("closed")
