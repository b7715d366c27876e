"""Reads the counts behind the figures, for all routes alike, so that every screen and file shows the same numbers."""

from collections.abc import Sequence
from uuid import UUID

from dispatch.coverage import plan_curve, rules
from dispatch.coverage.check_figures import NO_FINDINGS, Findings
from dispatch.coverage.estimate_store import read_stored_area, read_stored_zones
from dispatch.coverage.gaps import rank_gaps
from dispatch.coverage.plan_figures import due_of, read_waves
from dispatch.coverage.rounds import read_checks
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.coverage.stock_figures import read_recent_copies, read_stock, total_stock
from dispatch.coverage.view import View
from dispatch.database import Connection, queries_for, rows
from schemas.coverage import ChannelCoverage, CoverageSummary, Gap, MaterialCoverage, ZoneCoverage, ZoneCoverages

SQL = queries_for(__file__)


async def read_zone_counts(connection: Connection, view: View) -> list[ZoneTallies]:
    """The zones in the caller's scope, by code."""
    found = await connection.fetch(
        *SQL.read_zones(
            view.caller.scope, campaign_id=view.campaign_id, material_ids=view.material_ids,
            known_on=view.cut.known_on, as_of=view.cut.as_of,
        )
    )  # fmt: skip
    return rows(ZoneTallies, found)


async def read_findings(
    connection: Connection, view: View, zones: Sequence[ZoneTallies], *, area: bool = False
) -> Findings:
    """What is known of these zones apart from the counts: stored estimates where they are shown, and what closed spot
    checks measured.

    Households were asked for the material at large, so one material has nothing measured; a firm sees neither.
    """
    if view.scope == "own" or view.material is not None:
        return NO_FINDINGS
    checks = await read_checks(connection, view, zones, area=area)
    if not view.shows_estimates:
        return Findings(checks=checks)
    scope, campaign_id = view.caller.scope, view.campaign_id
    stored = await read_stored_zones(connection, scope, campaign_id)
    return Findings(
        stored={zone.zone_id: zone for zone in stored},
        area=await read_stored_area(connection, scope, campaign_id) if area else None,
        checks=checks,
    )


async def read_zone_figures(connection: Connection, view: View) -> list[ZoneCoverage]:
    """All figures of every zone in scope, by code."""
    zones = await read_zone_counts(connection, view)
    return await figures_of(connection, view, zones)


async def figures_of(
    connection: Connection, view: View, zones: list[ZoneTallies], findings: Findings | None = None
) -> list[ZoneCoverage]:
    """All figures of these zones; `findings`: what read_findings has read of them already."""
    if findings is None:
        findings = await read_findings(connection, view, zones)
    due = due_of(view, await read_waves(connection, view), zones)
    return rules.zone_figures(
        zones, view.target_reach, view.cut.as_of, view.scope, findings, due=due,
        weights=await read_weights(connection, view),
    )  # fmt: skip


async def read_zones(connection: Connection, view: View) -> ZoneCoverages:
    """One row per zone with all figures, and what the rows have in common."""
    return ZoneCoverages(
        as_of=view.cut.as_of,
        scope=view.scope,
        target_reach=view.target_reach,
        shade_edges=list(rules.class_edges(view.target_reach)),
        material=view.material,
        zones=await read_zone_figures(connection, view),
    )


async def read_weights(connection: Connection, view: View) -> dict[UUID, float] | None:
    """Risk weights of the city's zones; None for a caller who may not see them."""
    if view.caller.role != "planner":
        return None
    found = await connection.fetch(*SQL.read_incidents(city_id=view.caller.city_id))
    weights = rules.risk_weights([row["incidents"] for row in found], [row["households"] for row in found])
    return {row["zone_id"]: float(weight) for row, weight in zip(found, weights, strict=True)}


async def read_planned_total(connection: Connection, view: View) -> int | None:
    """Copies of the whole plan in scope."""
    zones = await read_zone_counts(connection, view)
    stock = total_stock(await read_stock(connection, view))
    return plan_curve.planned_copies(zones, stock, view.scope)


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
        findings=await read_findings(connection, view, zones, area=True),
        due=due_of(view, waves, zones),
    )


async def read_gaps(connection: Connection, view: View) -> list[Gap]:
    """The gaps in scope, the most worthwhile first."""
    figures = await read_zone_figures(connection, view)
    weights = {figure.zone_id: figure.risk_weight for figure in figures if figure.risk_weight is not None}
    return rank_gaps(figures, weights, view.target_reach)


async def read_mix(connection: Connection, view: View) -> list[rules.Mix]:
    """Copies per material and channel, of every material of the campaign."""
    found = await connection.fetch(
        *SQL.read_mix(view.caller.scope, campaign_id=view.campaign_id, known_on=view.cut.known_on)
    )
    return rows(rules.Mix, found)


async def read_channels(connection: Connection, view: View) -> list[ChannelCoverage]:
    """The ways of handing out the counted materials, the commonest first."""
    return rules.channel_figures(await read_mix(connection, view), view.material_ids, view.cut.as_of)


async def read_materials(connection: Connection, view: View) -> list[MaterialCoverage]:
    """Every material of the campaign, also those that do not count for reach."""
    mix = await read_mix(connection, view)
    return [
        rules.material_figure(stock, mix, view.cut.as_of) for stock in await read_stock(connection, view, every=True)
    ]
