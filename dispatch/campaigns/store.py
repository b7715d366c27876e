"""What sets a campaign up, changes it and invites partners: the routes and a demonstration's replay both call it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from dispatch.campaigns import rules
from dispatch.campaigns.checklist import read_missing
from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.database.queries import Scope
from dispatch.problems import NotFound
from dispatch.server.client_ids import same_content
from schemas.campaigns import Campaign, CampaignStatus, Invitation, InvitationStatus, MissingKind, NewCampaign

SQL = queries_for(__file__)


async def find_campaign(
    connection: Connection, scope: Scope, campaign_id: UUID, *, answer: InvitationStatus | None = None
) -> Campaign:
    """The campaign, if it is within scope: of a partner that is invited, or that gave this answer. Raises NotFound."""
    campaign = await _read_campaign(connection, scope, campaign_id, answer)
    if campaign is None:
        raise NotFound("There is no such campaign here, or you are not invited to it.")
    return campaign


async def _read_campaign(
    connection: Connection, scope: Scope, campaign_id: UUID, answer: InvitationStatus | None = None
) -> Campaign | None:
    return one(Campaign, await connection.fetchrow(*SQL.read_campaigns(scope, campaign_id=campaign_id, answer=answer)))


async def read_campaigns(
    connection: Connection, scope: Scope, *, answer: InvitationStatus | None = None
) -> list[Campaign]:
    """The campaigns within scope, newest first: of a partner those it is invited to, or gave this answer to."""
    return rows(Campaign, await connection.fetch(*SQL.read_campaigns(scope, answer=answer)))


async def create_campaign(database: Database, city_id: int, wanted: NewCampaign, now: datetime) -> Campaign:
    """Set a campaign up as a draft. The same request again gives the same campaign.

    Raises CampaignDates, WavePlan, WaveZones, CampaignChanged, CampaignCodeTaken, IdUnusable.
    """
    rules.require_campaign(wanted)

    async def create(connection: Connection) -> Campaign:
        await _require_wave_zones(connection, city_id, wanted)
        made = await connection.fetchval(
            *SQL.insert_campaign(
                city_id=city_id,
                campaign_id=wanted.campaign_id,
                code=wanted.code,
                name=wanted.name,
                starts_on=wanted.starts_on,
                ends_on=wanted.ends_on,
                target_reach=wanted.target_reach,
                retention_days=wanted.retention_days,
                rider_idle_hours=wanted.rider_idle_hours,
                now=now,
            )
        )
        if made:
            await _insert_waves(connection, city_id, wanted)
        return rules.judge_stored(wanted, await _read_campaign(connection, Scope(city_id=city_id), wanted.campaign_id))

    return await database.transact(create)


async def change_campaign(database: Database, city_id: int, wanted: NewCampaign) -> Campaign:
    """Change a draft: its code, name, days, target and waves; the same request again changes nothing more.

    Raises CampaignDates, WavePlan, WaveZones, CampaignNotDraft, CampaignCodeTaken, IdUnusable, NotFound.
    """
    rules.require_campaign(wanted)
    whole_city = Scope(city_id=city_id)

    async def change(connection: Connection) -> Campaign:
        status = await _lock_campaign(connection, city_id, wanted.campaign_id)
        stored = await find_campaign(connection, whole_city, wanted.campaign_id)
        if same_content(wanted, stored):
            return stored
        rules.require_draft(status)
        await _require_wave_zones(connection, city_id, wanted)
        changed = await connection.fetchval(
            *SQL.change_campaign(
                city_id=city_id,
                campaign_id=wanted.campaign_id,
                code=wanted.code,
                name=wanted.name,
                starts_on=wanted.starts_on,
                ends_on=wanted.ends_on,
                target_reach=wanted.target_reach,
                retention_days=wanted.retention_days,
                rider_idle_hours=wanted.rider_idle_hours,
            )
        )
        rules.require_code_free(changed, wanted.code)
        await touch(connection, city_id, wanted.campaign_id)
        await connection.execute(*SQL.delete_waves(city_id=city_id, campaign_id=wanted.campaign_id))
        await _insert_waves(connection, city_id, wanted)
        return await find_campaign(connection, whole_city, wanted.campaign_id)

    return await database.transact(change)


async def change_status(
    database: Database, city_id: int, campaign_id: UUID, wanted: CampaignStatus, now: datetime
) -> Campaign:
    """Open or close a campaign; one that has this status already stays untouched.

    Raises CampaignStatusOrder, NotFound.
    """

    async def change(connection: Connection) -> Campaign:
        current = await _lock_campaign(connection, city_id, campaign_id)
        if rules.judge_status(current, wanted):
            closed_at = now if wanted == "closed" else None
            await connection.execute(
                *SQL.change_status(city_id=city_id, campaign_id=campaign_id, status=wanted, closed_at=closed_at)
            )
            await touch(connection, city_id, campaign_id)
        return await find_campaign(connection, Scope(city_id=city_id), campaign_id)

    return await database.transact(change)


async def open_campaign(
    database: Database, city_id: int, campaign_id: UUID, now: datetime, confirmed: Sequence[MissingKind] | None
) -> Campaign:
    """Open a campaign, once the caller knows what is missing; None: the caller does not say.

    Raises CampaignStatusOrder, MissingUnconfirmed, NotFound.
    """
    if confirmed is not None:
        async with database.read() as connection:
            campaign = await find_campaign(connection, Scope(city_id=city_id), campaign_id)
            if campaign.status == "draft":
                rules.require_confirmed(confirmed, await read_missing(connection, city_id, campaign_id))
    return await change_status(database, city_id, campaign_id, "open", now)


async def invite_partners(
    database: Database, city_id: int, campaign_id: UUID, partner_codes: Sequence[str], now: datetime
) -> list[Invitation]:
    """Invite partners; those invited before keep the answer they gave. Returns everybody invited, by partner code.

    Raises PartnersUnknown, CampaignClosed, NotFound.
    """
    whole_city = Scope(city_id=city_id)

    async def invite(connection: Connection) -> list[Invitation]:
        await find_campaign(connection, whole_city, campaign_id)
        found = await connection.fetch(*SQL.read_partners_by_code(city_id=city_id, codes=list(partner_codes)))
        partner_ids = rules.judge_partners(partner_codes, {row["code"]: row["partner_id"] for row in found})
        invited = await connection.fetch(
            *SQL.insert_invitations(city_id=city_id, campaign_id=campaign_id, partner_ids=partner_ids, now=now)
        )
        if invited:
            rules.require_touched(await touch(connection, city_id, campaign_id))
        return await read_invitations(connection, whole_city, campaign_id)

    return await database.transact(invite)


async def withdraw_invitations(
    database: Database, city_id: int, campaign_id: UUID, partner_codes: Sequence[str], now: datetime
) -> list[Invitation]:
    """Take invitations back, with the capacity declared so far; the same request again changes nothing more. Returns
    everybody still invited.

    Raises PartnersEngaged, CampaignClosed, NotFound.
    """
    of, whole_city = {"city_id": city_id, "campaign_id": campaign_id}, Scope(city_id=city_id)

    async def withdraw(connection: Connection) -> list[Invitation]:
        await find_campaign(connection, whole_city, campaign_id)
        invited = await read_invited(connection, city_id, campaign_id, partner_codes, now)
        partner_ids = rules.judge_withdrawn(partner_codes, invited)
        for partner_id in partner_ids:
            await connection.execute(*SQL.withdraw_capacity(**of, partner_id=partner_id, now=now))
        if partner_ids:
            await connection.execute(*SQL.delete_invitations(**of, partner_ids=partner_ids))
            rules.require_touched(await touch(connection, city_id, campaign_id))
        return await read_invitations(connection, whole_city, campaign_id)

    return await database.transact(withdraw)


async def read_invited(
    connection: Connection, city_id: int, campaign_id: UUID, codes: Sequence[str], now: datetime
) -> list[rules.InvitedPartner]:
    """The invited among partners with these codes, their invitations held by this transaction."""
    statement = SQL.read_invited_by_code(city_id=city_id, campaign_id=campaign_id, codes=list(codes), now=now)
    return rows(rules.InvitedPartner, await connection.fetch(*statement))


async def answer_invitation(
    database: Database, scope: Scope, campaign_id: UUID, accepted: bool, now: datetime
) -> Invitation:
    """The firm of the scope accepts or declines; declining takes back what it declared.

    Raises CampaignClosed, NotFound when it is not invited.
    """
    city_id, partner_id = scope.city_id, rules.judge_firm(scope.scope_partner)
    ids = {"city_id": city_id, "campaign_id": campaign_id, "partner_id": partner_id}

    async def answer(connection: Connection) -> Invitation:
        await find_campaign(connection, scope, campaign_id)
        await connection.fetchval(*SQL.lock_invitation(**ids))
        status: InvitationStatus = "accepted" if accepted else "declined"
        changed = await connection.fetchval(*SQL.answer_invitation(**ids, status=status, now=now))
        if changed and not accepted:
            await connection.execute(*SQL.withdraw_capacity(**ids, now=now))
        if changed:
            rules.require_touched(await touch(connection, city_id, campaign_id))
        return (await read_invitations(connection, scope, campaign_id))[0]

    return await database.transact(answer)


async def read_invitations(connection: Connection, scope: Scope, campaign_id: UUID) -> list[Invitation]:
    """Who is invited to a campaign, by partner code; within the scope of a partner only itself."""
    return rows(Invitation, await connection.fetch(*SQL.read_invitations(scope, campaign_id=campaign_id)))


async def _lock_campaign(connection: Connection, city_id: int, campaign_id: UUID) -> CampaignStatus:
    status: CampaignStatus | None = await connection.fetchval(
        *SQL.lock_campaign(city_id=city_id, campaign_id=campaign_id)
    )
    if status is None:
        raise NotFound("There is no such campaign here.")
    return status


async def _require_wave_zones(connection: Connection, city_id: int, wanted: NewCampaign) -> None:
    codes: Iterable[str] = {code for wave in wanted.waves for code in wave.zone_codes}
    unknown = await connection.fetch(*SQL.read_unknown_zones(city_id=city_id, codes=sorted(codes)))
    rules.require_wave_zones([row["code"] for row in unknown])


async def _insert_waves(connection: Connection, city_id: int, wanted: NewCampaign) -> None:
    waves = wanted.waves
    await connection.execute(
        *SQL.insert_waves(
            city_id=city_id,
            campaign_id=wanted.campaign_id,
            numbers=[wave.number for wave in waves],
            names=[wave.name for wave in waves],
            first_days=[wave.starts_on for wave in waves],
            last_days=[wave.ends_on for wave in waves],
            planned_shares=[wave.planned_share for wave in waves],
            zone_codes=[",".join(wave.zone_codes) for wave in waves],
        )
    )
