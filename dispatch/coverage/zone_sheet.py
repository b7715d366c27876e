"""One zone's sheet: the figures of its row, and the days, firms, materials and channels they are made of."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct, structs

from dispatch.coverage import figures, plan_curve, rules
from dispatch.coverage.check_figures import Findings, zone_rounds
from dispatch.coverage.plan_figures import read_waves
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.coverage.view import View
from dispatch.database import Connection, queries_for, rows
from dispatch.problems import NotFound
from schemas.common import Channel, MaterialKind, PartnerKind
from schemas.coverage import MaterialCoverage, VerifiedReach, ZoneCoverage, ZonePartner, ZoneSheet

SQL = queries_for(__file__)


class OutletCopies(Struct, frozen=True, kw_only=True):
    """Copies of one material one outlet handed out in the zone in one way."""

    partner_id: UUID
    code: str
    name: str
    kind: PartnerKind
    outlet_id: UUID
    material_id: UUID
    channel: Channel
    copies: int


class MaterialName(Struct, frozen=True, kw_only=True):
    """A material of the campaign."""

    material_id: UUID
    code: str
    name: str
    kind: MaterialKind
    counts_for_reach: bool


async def read_zone_sheet(connection: Connection, view: View, zone_code: str) -> ZoneSheet:
    """The sheet of a zone in the caller's scope. Raises NotFound for any other."""
    counts = [zone for zone in await figures.read_zone_counts(connection, view) if zone.code == zone_code]
    if not counts:
        raise NotFound(f"There is no zone {zone_code} here.")
    findings = await figures.read_findings(connection, view, counts)
    (figure,) = await figures.figures_of(connection, view, counts, findings)
    cut = view.cut
    copies = await _read_days(connection, view, figure.zone_id)
    waves = await read_waves(connection, view)
    mix = await _read_mix(connection, view, figure.zone_id)
    named = await _read_names(connection, view)
    return ZoneSheet(
        as_of=cut.as_of,
        scope=view.scope,
        target_reach=view.target_reach,
        zone=figure,
        verified_rounds=_rounds(findings, counts[0], figure, view),
        days=plan_curve.day_figures(copies, _planned(counts[0]), waves, view.starts_on, view.ends_on, cut),
        materials=_materials(mix, named, view),
        channels=rules.channel_figures(_mix(mix), view.material_ids, cut.as_of),
        partners=None if view.scope == "own" else zone_partners(mix, view.material_ids),
    )


def _rounds(findings: Findings, zone: ZoneTallies, figure: ZoneCoverage, view: View) -> list[VerifiedReach]:
    """The zone's closed checks, the last one as the figure has it."""
    if view.scope == "own":
        return []
    return zone_rounds(findings.checks, zone, view.target_reach, figure.meets_target)


async def _read_days(connection: Connection, view: View, zone_id: UUID) -> dict[date, int]:
    found = await connection.fetch(
        *SQL.read_zone_days(
            view.caller.scope, campaign_id=view.campaign_id, material_ids=view.material_ids, zone_id=zone_id,
            known_on=view.cut.known_on,
        )
    )  # fmt: skip
    return {row["day"]: row["copies"] for row in found}


async def _read_mix(connection: Connection, view: View, zone_id: UUID) -> list[OutletCopies]:
    found = await connection.fetch(
        *SQL.read_zone_mix(view.caller.scope, campaign_id=view.campaign_id, zone_id=zone_id, known_on=view.cut.known_on)
    )
    return rows(OutletCopies, found)


async def _read_names(connection: Connection, view: View) -> list[MaterialName]:
    found = await connection.fetch(*SQL.read_material_names(city_id=view.caller.city_id, campaign_id=view.campaign_id))
    return rows(MaterialName, found)


def _planned(zone: ZoneTallies) -> int | None:
    return zone.planned or None


def _mix(copies: Sequence[OutletCopies]) -> list[rules.Mix]:
    return [rules.Mix(material_id=row.material_id, channel=row.channel, copies=row.copies) for row in copies]


def _materials(copies: Sequence[OutletCopies], named: Sequence[MaterialName], view: View) -> list[MaterialCoverage]:
    """Every material with what was handed out in the zone; stock has no zone."""
    mix = _mix(copies)
    stocks = [rules.MaterialStock(**rules.NOT_DIVIDED, **structs.asdict(material)) for material in named]
    return [rules.material_figure(stock, mix, view.cut.as_of) for stock in stocks]


def zone_partners(copies: Sequence[OutletCopies], counted: Sequence[UUID]) -> list[ZonePartner]:
    """The firms whose outlets handed out counted materials in the zone, the most copies first."""
    by_partner: dict[UUID, list[OutletCopies]] = {}
    for row in copies:
        if row.material_id in counted:
            by_partner.setdefault(row.partner_id, []).append(row)
    total = sum(row.copies for own in by_partner.values() for row in own)
    partners = [_zone_partner(own, total) for own in by_partner.values()]
    shown = [partner for partner in partners if partner.copies]
    return sorted(shown, key=lambda partner: (-partner.copies, partner.code))


def _zone_partner(own: Sequence[OutletCopies], of_zone: int) -> ZonePartner:
    total = sum(row.copies for row in own)
    in_person = sum(row.copies for row in own if row.channel == "in_person")
    return ZonePartner(
        partner_id=own[0].partner_id,
        code=own[0].code,
        name=own[0].name,
        kind=own[0].kind,
        copies=total,
        share=rules.ratio(total, of_zone),
        in_person_share=rules.ratio(in_person, total),
        outlets=len({row.outlet_id for row in own}),
    )
