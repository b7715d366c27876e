"""Reads the counts behind the figures, for routes.py and map_routes.py alike, so that both show the same numbers."""

from datetime import timedelta
from uuid import UUID

from dispatch.coverage import plan_curve, rules
from dispatch.coverage.frame import Frame
from dispatch.coverage.kept import KeptArea, KeptReach
from dispatch.coverage.shown import NO_FINDINGS, Checked, Findings, ZoneCounts
from dispatch.database import Connection, beside, rows
from schemas.coverage import CoverageSummary, Gap, MaterialCoverage, ZoneCoverage

SQL = beside(__file__)


async def read_zone_counts(connection: Connection, frame: Frame) -> list[ZoneCounts]:
    """The zones in the caller's scope, by code."""
    caller, cut = frame.caller, frame.cut
    found = await connection.fetch(
        SQL.read_zones, caller.city_id, frame.campaign_id, frame.material_ids, caller.division_code, caller.partner_id,
        caller.outlet_id, cut.known_on, cut.as_of,
    )  # fmt: skip
    return [ZoneCounts(**row) for row in found]


async def read_findings(connection: Connection, frame: Frame, *, area: bool = False) -> Findings:
    """What is known besides the counts: kept estimates where they are shown, and what closed spot checks measured.

    Households were asked for the material at large, so one material has nothing measured; a firm sees neither.
    """
    caller, place = frame.caller, (frame.caller.city_id, frame.campaign_id)
    if frame.scope == "own" or frame.material is not None:
        return NO_FINDINGS
    verified = await connection.fetch(SQL.read_verified, *place, caller.division_code, frame.cut.as_of, None)
    checked = {row["zone_id"]: Checked(**row) for row in verified}
    if not frame.shows_kept:
        return Findings(checked=checked)
    kept = await connection.fetch(SQL.read_kept_zones, *place, caller.division_code)
    return Findings(
        kept={row["zone_id"]: KeptReach(**row) for row in kept},
        area=await _read_area(connection, frame) if area else None,
        checked=checked,
    )


async def _read_area(connection: Connection, frame: Frame) -> KeptArea | None:
    caller = frame.caller
    row = await connection.fetchrow(SQL.read_kept_area, caller.city_id, frame.campaign_id, caller.division_code)
    return None if row is None else KeptArea(**row)


async def read_zone_figures(connection: Connection, frame: Frame) -> list[ZoneCoverage]:
    """All figures of every zone in scope, by code."""
    zones = await read_zone_counts(connection, frame)
    return await figures_of(connection, frame, zones)


async def figures_of(connection: Connection, frame: Frame, zones: list[ZoneCounts]) -> list[ZoneCoverage]:
    """All figures of these zones."""
    return rules.zone_figures(
        zones, frame.target_reach, frame.cut.as_of, frame.scope, await read_findings(connection, frame),
        plan_share=await read_plan_share(connection, frame),
        weights=await read_weights(connection, frame),
    )  # fmt: skip


async def read_plan_share(connection: Connection, frame: Frame) -> float:
    """Share of the plan due by the end of the cut-off day."""
    waves = await read_waves(connection, frame)
    return plan_curve.planned_share(waves, frame.starts_on, frame.ends_on, [frame.cut.day])[0]


async def read_weights(connection: Connection, frame: Frame) -> dict[UUID, float] | None:
    """Risk weights of the city's zones; None for whoever may not see them."""
    if frame.caller.role != "planner":
        return None
    found = await connection.fetch(SQL.read_incidents, frame.caller.city_id)
    weights = rules.risk_weights([row["incidents"] for row in found], [row["households"] for row in found])
    return {row["zone_id"]: float(weight) for row, weight in zip(found, weights, strict=True)}


async def read_stock(connection: Connection, frame: Frame, *, every: bool = False) -> list[rules.MaterialStock]:
    """Copies of the counted materials, or of `every` one. A district has no stock of its own: its numbers are None."""
    caller = frame.caller
    found = await connection.fetch(
        SQL.read_stock, caller.city_id, frame.campaign_id, frame.cut.as_of, caller.partner_id, caller.outlet_id
    )
    district = {"printed": None, "issued": None, "moved_in": None} if frame.scope == "district" else {}
    counted = set(frame.material_ids)
    chosen = [dict(row) | district for row in found if every or row["material_id"] in counted]
    return rows(rules.MaterialStock, chosen)


def total_stock(materials: list[rules.MaterialStock]) -> rules.StockTotals:
    """All materials together; what is None for one is None for all."""

    def total(numbers: list[int | None]) -> int | None:
        known = [number for number in numbers if number is not None]
        return sum(known) if len(known) == len(numbers) and numbers else None

    return rules.StockTotals(
        printed=total([material.printed for material in materials]),
        issued=total([material.issued for material in materials]),
        moved_in=total([material.moved_in for material in materials]),
    )


async def read_waves(connection: Connection, frame: Frame) -> list[plan_curve.PlannedWave]:
    """The campaign's waves."""
    return rows(plan_curve.PlannedWave, await connection.fetch(SQL.read_waves, frame.caller.city_id, frame.campaign_id))


async def read_planned_total(connection: Connection, frame: Frame) -> int | None:
    """Copies of the whole plan in scope."""
    zones = await read_zone_counts(connection, frame)
    stock = total_stock(await read_stock(connection, frame))
    return plan_curve.planned_copies(zones, stock, frame.scope)


async def read_recent_copies(connection: Connection, frame: Frame) -> int:
    """Copies handed out on the last seven whole days; only asked for where stock is known."""
    caller, last = frame.caller, frame.cut.last_whole_day
    return await connection.fetchval(
        SQL.read_recent_copies, caller.city_id, frame.campaign_id, frame.material_ids,
        last - timedelta(days=rules.RECENT_DAYS - 1), last, caller.partner_id, caller.outlet_id, frame.cut.known_on,
    )  # fmt: skip


async def read_summary(connection: Connection, frame: Frame) -> CoverageSummary:
    """The campaign in one view."""
    zones = await read_zone_counts(connection, frame)
    stock = total_stock(await read_stock(connection, frame))
    waves = await read_waves(connection, frame)
    total = plan_curve.planned_copies(zones, stock, frame.scope)
    handed_out = sum(zone.handed_out for zone in zones)
    return rules.summarise(
        zones,
        target=frame.target_reach,
        as_of=frame.cut.as_of,
        scope=frame.scope,
        stock=stock,
        recent=await read_recent_copies(connection, frame),
        plan=plan_curve.plan_to_date(total, waves, frame.starts_on, frame.ends_on, frame.cut.day, handed_out),
        findings=await read_findings(connection, frame, area=True),
    )


async def read_gaps(connection: Connection, frame: Frame) -> list[Gap]:
    """The gaps in scope, the most worthwhile first."""
    figures = await read_zone_figures(connection, frame)
    weights = {figure.zone_id: figure.risk_weight for figure in figures if figure.risk_weight is not None}
    return rules.rank_gaps(figures, weights, frame.target_reach)


async def read_mix(connection: Connection, frame: Frame) -> list[rules.Mix]:
    """Copies per material and channel, of every material of the campaign."""
    caller = frame.caller
    found = await connection.fetch(
        SQL.read_mix, caller.city_id, frame.campaign_id, frame.cut.known_on, caller.division_code, caller.partner_id,
        caller.outlet_id,
    )  # fmt: skip
    return [rules.Mix(**row) for row in found]


async def read_materials(connection: Connection, frame: Frame) -> list[MaterialCoverage]:
    """Every material of the campaign, also those that do not count for reach."""
    mix = await read_mix(connection, frame)
    return [
        rules.material_figure(stock, mix, frame.cut.as_of) for stock in await read_stock(connection, frame, every=True)
    ]
