"""What firms declare they can hand out: all rows of a declaration are kept, or none; and what was declared."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from dispatch.campaigns import rules
from dispatch.campaigns.store import find_campaign, read_invited
from dispatch.database import Connection, Database, one_row, queries_for, rows
from dispatch.database.changes import touch
from dispatch.database.queries import Scope
from dispatch.server.pages import page_of
from dispatch.tables.sheets import read_table, together_with
from schemas.campaigns import (
    CapacityPage,
    CapacityRow,
    CapacitySummary,
    DeclarableZone,
    DeclaredByPartner,
    DeclaredCapacity,
    TelephonedCapacity,
    ZoneWeekCapacity,
)
from schemas.common import Imported

SQL = queries_for(__file__)


class CapacityFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the declared rows are wanted: of a partner, an outlet, a zone, by code; None: of all."""

    partner_code: str | None = None
    outlet_code: str | None = None
    zone_code: str | None = None


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """Whose word a declaration rests on: the firm's own, or what a planner heard on the telephone."""

    entered_by: UUID | None = None
    told_by: str | None = None
    told_on: date | None = None


OWN_WORD = Word()


async def declare_capacity(
    database: Database, scope: Scope, campaign_id: UUID, declared: Sequence[CapacityRow], now: datetime
) -> Imported:
    """Keep what the firm of the scope (or only its outlet) can hand out; this accepts the invitation.

    Raises ImportRefused with every wrong row, CampaignClosed, NotFound when the firm is not invited.
    """
    return await _declare(database, scope, campaign_id, list(enumerate(declared, start=1)), now)


async def enter_capacity(
    database: Database, city_id: int, campaign_id: UUID, partner_code: str, told: TelephonedCapacity, by: UUID,
    now: datetime,
) -> Imported:  # fmt: skip
    """Keep what a firm said on the telephone, marked so; this accepts the invitation for it.

    Raises ImportRefused with every wrong row, PartnerNotInvited, ToldLater, CampaignClosed, NotFound.
    """
    async with database.read() as connection:
        await find_campaign(connection, Scope(city_id=city_id), campaign_id)
        invited = await read_invited(connection, city_id, campaign_id, [partner_code], now)
    partner_id = rules.judge_telephoned(partner_code, invited, told.told_on, now)
    word = Word(entered_by=by, told_by=told.told_by, told_on=told.told_on)
    scope, listed = Scope(city_id=city_id, scope_partner=partner_id), list(enumerate(told.rows, start=1))
    return await _declare(database, scope, campaign_id, listed, now, word=word)


async def import_capacity(
    database: Database, scope: Scope, campaign_id: UUID, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """The same from a table, or with `preview` what it would do: outlet_code, zone_code, week_starts_on, copies
    (网点代码, 片区代码, 周一日期, 承接份数)."""
    table = await asyncio.to_thread(read_table, document, rules.CAPACITY_COLUMNS)
    listed = [(row.row, CapacityRow(**row.values)) for row in table.rows]
    with together_with(table.errors):
        return await _declare(database, scope, campaign_id, listed, now, preview or bool(table.errors))


async def _declare(
    database: Database,
    scope: Scope,
    campaign_id: UUID,
    listed: Sequence[tuple[int, CapacityRow]],
    now: datetime,
    preview: bool = False,
    word: Word = OWN_WORD,
) -> Imported:
    city_id, partner_id = scope.city_id, rules.judge_firm(scope.scope_partner)

    async def declare(connection: Connection) -> Imported:
        campaign = await find_campaign(connection, scope, campaign_id)
        rules.require_still_taking(campaign.status)
        await connection.fetchval(*SQL.lock_invitation(city_id=city_id, campaign_id=campaign_id, partner_id=partner_id))
        outlet_codes, zone_codes = {row.outlet_code for _, row in listed}, {row.zone_code for _, row in listed}
        outlets = await connection.fetch(*SQL.read_outlets_by_code(scope, codes=sorted(outlet_codes)))
        zones = await connection.fetch(*SQL.read_zones_by_code(city_id=city_id, codes=sorted(zone_codes)))
        keys = rules.judge_capacity(
            listed, {row["code"]: row["outlet_id"] for row in outlets}, {row["code"]: row["zone_id"] for row in zones},
            campaign.starts_on, campaign.ends_on,
        )  # fmt: skip
        imported = await _compare(connection, city_id, campaign_id, keys, word)
        if not preview:
            await _keep(connection, city_id, campaign_id, partner_id, keys, word, imported, now)
        return imported

    return await database.transact(declare)


async def _compare(
    connection: Connection, city_id: int, campaign_id: UUID, keys: Sequence[rules.CapacityKey], word: Word
) -> Imported:
    """How many of the rows are new, changed or as they were."""
    counts = await one_row(
        connection,
        SQL.count_known_capacity(
            city_id=city_id, campaign_id=campaign_id, told_by=word.told_by, told_on=word.told_on, **_arrays(keys)
        ),
    )
    known, same = counts["known"], counts["same"]
    return Imported(created=len(keys) - known, changed=known - same, unchanged=same)


async def _keep(
    connection: Connection,
    city_id: int,
    campaign_id: UUID,
    partner_id: UUID,
    keys: Sequence[rules.CapacityKey],
    word: Word,
    imported: Imported,
    now: datetime,
) -> None:
    said = msgspec.structs.asdict(word)
    await connection.execute(
        *SQL.declare_capacity(city_id=city_id, campaign_id=campaign_id, now=now, **said, **_arrays(keys))
    )
    answered = await connection.fetchval(
        *SQL.answer_invitation(
            city_id=city_id, campaign_id=campaign_id, partner_id=partner_id, status="accepted", now=now
        )
    )
    if answered or imported.unchanged < len(keys):
        rules.require_touched(await touch(connection, city_id, campaign_id))


def _arrays(keys: Sequence[rules.CapacityKey]) -> dict[str, list[object]]:
    return {
        "outlet_ids": [key.outlet_id for key in keys],
        "zone_ids": [key.zone_id for key in keys],
        "weeks": [key.week_starts_on for key in keys],
        "copies": [key.copies for key in keys],
    }


async def read_declarable_zones(connection: Connection, city_id: int) -> list[DeclarableZone]:
    """Every zone of the city by code."""
    return rows(DeclarableZone, await connection.fetch(*SQL.read_declarable_zones(city_id=city_id)))


RowKey = tuple[str, str, str, date]
"""What the rows are ordered by: codes of partner, outlet and zone, and the week."""


async def read_page(
    connection: Connection, scope: Scope, campaign_id: UUID, wanted: CapacityFilter, *, limit: int, offset: int,
    after: RowKey | None = None,
) -> CapacityPage:  # fmt: skip
    """Part of the rows within scope that the filter lets through, those after a key where one is given, and how many
    rows and copies there are in all."""
    filters = msgspec.structs.asdict(wanted)
    key = dict(zip(("after_partner", "after_outlet", "after_zone", "after_week"), after or (None,) * 4, strict=True))
    found = await connection.fetch(
        *SQL.read_capacity(scope, campaign_id=campaign_id, limit=limit + 1, offset=offset, **key, **filters)
    )
    totals = await one_row(connection, SQL.sum_capacity(scope, campaign_id=campaign_id, **filters))
    page, next_cursor = page_of(
        rows(DeclaredCapacity, found), limit,
        lambda row: (row.partner_code, row.outlet_code, row.zone_code, row.week_starts_on),
    )  # fmt: skip
    return CapacityPage(rows=page, next_cursor=next_cursor, **dict(totals))


async def read_summary(
    connection: Connection, scope: Scope, campaign_id: UUID, partner_code: str | None
) -> CapacitySummary:
    """Declared capacity within scope, added up per zone and week (of one partner, if asked for), and per partner."""
    weeks = await connection.fetch(
        *SQL.sum_capacity_by_zone_and_week(scope, campaign_id=campaign_id, partner_code=partner_code)
    )
    partners = await connection.fetch(*SQL.sum_capacity_by_partner(scope, campaign_id=campaign_id))
    return CapacitySummary(weeks=rows(ZoneWeekCapacity, weeks), partners=rows(DeclaredByPartner, partners))
