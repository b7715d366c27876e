"""Reads the counts behind the figures, for routes.py and map_routes.py alike, so that both show the same numbers."""

from datetime import timedelta
from uuid import UUID

from dispatch.coverage import plan_curve, rules
from dispatch.coverage.estimates import KeptArea, KeptReach
from dispatch.coverage.shown_reach import NO_FINDINGS, Checked, Findings, ZoneTallies
from dispatch.coverage.view import View
from dispatch.database import Connection, queries_for, rows
from schemas.coverage import CoverageSummary, Gap, MaterialCoverage, ZoneCoverage

SQL = queries_for(__file__)


async def read_zone_counts(connection: Connection, view: View) -> list[ZoneTallies]:
    """The zones in the caller's scope, by code."""
    caller, cut = view.caller, view.cut
    found = await connection.fetch(
        SQL.read_zones, caller.city_id, view.campaign_id, view.material_ids, caller.division_code, caller.partner_id,
        caller.outlet_id, cut.known_on, cut.as_of,
    )  # fmt: skip
    return [ZoneTallies(**row) for row in found]


async def read_findings(connection: Connection, view: View, *, area: bool = False) -> Findings:
    """What is known besides the counts: kept estimates where they are shown, and what closed spot checks measured.

    Households were asked for the material at large, so one material has nothing measured; a firm sees neither.
    """
    caller, place = view.caller, (view.caller.city_id, view.campaign_id)
    if view.scope == "own" or view.material is not None:
        return NO_FINDINGS
    verified = await connection.fetch(SQL.read_verified, *place, caller.division_code, view.cut.as_of, None)
    checked = {row["zone_id"]: Checked(**row) for row in verified}
    if not view.shows_kept:
        return Findings(checked=checked)
    kept = await connection.fetch(SQL.read_kept_zones, *place, caller.division_code)
    return Findings(
        kept={row["zone_id"]: KeptReach(**row) for row in kept},
        area=await _read_area(connection, view) if area else None,
        checked=checked,
    )


async def _read_area(connection: Connection, view: View) -> KeptArea | None:
    caller = view.caller
    row = await connection.fetchrow(SQL.read_kept_area, caller.city_id, view.campaign_id, caller.division_code)
    return None if row is None else KeptArea(**row)


async def read_zone_figures(connection: Connection, view: View) -> list[ZoneCoverage]:
    """All figures of every zone in scope, by code."""
    zones = await read_zone_counts(connection, view)
    return await figures_of(connection, view, zones)


async def figures_of(connection: Connection, view: View, zones: list[ZoneTallies]) -> list[ZoneCoverage]:
    """All figures of these zones."""
    return rules.zone_figures(
        zones, view.target_reach, view.cut.as_of, view.scope, await read_findings(connection, view),
        plan_share=await read_plan_share(connection, view),
        weights=await read_weights(connection, view),
    )  # fmt: skip


async def read_plan_share(connection: Connection, view: View) -> float:
    """Share of the plan due by the end of the cut-off day."""
    waves = await read_waves(connection, view)
    return plan_curve.planned_share(waves, view.starts_on, view.ends_on, [view.cut.day])[0]


async def read_weights(connection: Connection, view: View) -> dict[UUID, float] | None:
    """Risk weights of the city's zones; None for whoever may not see them."""
    if view.caller.role != "planner":
        return None
    found = await connection.fetch(SQL.read_incidents, view.caller.city_id)
    weights = rules.risk_weights([row["incidents"] for row in found], [row["households"] for row in found])
    return {row["zone_id"]: float(weight) for row, weight in zip(found, weights, strict=True)}


async def read_stock(connection: Connection, view: View, *, every: bool = False) -> list[rules.MaterialStock]:
    """Copies of the counted materials, or of `every` one. A district has no stock of its own: its numbers are None."""
    caller = view.caller
    found = await connection.fetch(
        SQL.read_stock, caller.city_id, view.campaign_id, view.cut.as_of, caller.partner_id, caller.outlet_id
    )
    district = {"printed": None, "issued": None, "moved_in": None} if view.scope == "district" else {}
    counted = set(view.material_ids)
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


async def read_waves(connection: Connection, view: View) -> list[plan_curve.PlannedWave]:
    """The campaign's waves."""
    return rows(plan_curve.PlannedWave, await connection.fetch(SQL.read_waves, view.caller.city_id, view.campaign_id))


async def read_planned_total(connection: Connection, view: View) -> int | None:
    """Copies of the whole plan in scope."""
    zones = await read_zone_counts(connection, view)
    stock = total_stock(await read_stock(connection, view))
    return plan_curve.planned_copies(zones, stock, view.scope)


async def read_recent_copies(connection: Connection, view: View) -> int:
    """Copies handed out on the last seven whole days; only asked for where stock is known."""
    caller, last = view.caller, view.cut.last_whole_day
    return await connection.fetchval(
        SQL.read_recent_copies, caller.city_id, view.campaign_id, view.material_ids,
        last - timedelta(days=rules.RECENT_DAYS - 1), last, caller.partner_id, caller.outlet_id, view.cut.known_on,
    )  # fmt: skip


async def read_summary(connection: Connection, view: View) -> CoverageSummary:
    """The campaign in one view."""
    zones = await read_zone_counts(connection, view)
    stock = total_stock(await read_stock(connection, view))
    waves = await read_waves(connection, view)
    total = plan_curve.planned_copies(zones, stock, view.scope)
    handed_out = sum(zone.handed_out for zone in zones)
    return rules.summarise(
        zones,
        target=view.target_reach,
        as_of=view.cut.as_of,
        scope=view.scope,
        stock=stock,
        recent=await read_recent_copies(connection, view),
        plan=plan_curve.plan_to_date(total, waves, view.starts_on, view.ends_on, view.cut.day, handed_out),
        findings=await read_findings(connection, view, area=True),
    )


async def read_gaps(connection: Connection, view: View) -> list[Gap]:
    """The gaps in scope, the most worthwhile first."""
    figures = await read_zone_figures(connection, view)
    weights = {figure.zone_id: figure.risk_weight for figure in figures if figure.risk_weight is not None}
    return rules.rank_gaps(figures, weights, view.target_reach)


async def read_mix(connection: Connection, view: View) -> list[rules.Mix]:
    """Copies per material and channel, of every material of the campaign."""
    caller = view.caller
    found = await connection.fetch(
        SQL.read_mix, caller.city_id, view.campaign_id, view.cut.known_on, caller.division_code, caller.partner_id,
        caller.outlet_id,
    )  # fmt: skip
    return [rules.Mix(**row) for row in found]


async def read_materials(connection: Connection, view: View) -> list[MaterialCoverage]:
    """Every material of the campaign, also those that do not count for reach."""
    mix = await read_mix(connection, view)
    return [
        rules.material_figure(stock, mix, view.cut.as_of) for stock in await read_stock(connection, view, every=True)
    ]
