"""Reads the campaign's waves and days: what is planned by when, and what was handed out."""

from collections.abc import Sequence

from dispatch.coverage import plan_curve, rules
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.coverage.view import View
from dispatch.database import Connection, queries_for, rows
from schemas.coverage import DayCoverage, WaveCoverage

SQL = queries_for(__file__)


async def read_waves(connection: Connection, view: View) -> list[plan_curve.PlannedWave]:
    """The campaign's waves, by number."""
    found = await connection.fetch(*SQL.read_waves(city_id=view.caller.city_id, campaign_id=view.campaign_id))
    return rows(plan_curve.PlannedWave, found)


def due_of(view: View, waves: Sequence[plan_curve.PlannedWave], zones: Sequence[ZoneTallies]) -> rules.Due:
    """What the plan's curve makes due in these zones by the end of the cut-off day."""
    share = plan_curve.planned_share(waves, view.starts_on, view.ends_on, [view.cut.day])[0]
    reach = view.target_reach * share if view.has_begun else 0.0
    begun = plan_curve.zones_begun(waves, [zone.code for zone in zones], [view.cut.day])
    return rules.Due(
        plan_share=share,
        reach=reach,
        zones={zone.zone_id: reach * float(has[0]) for zone, has in zip(zones, begun, strict=True)},
    )


async def read_days(connection: Connection, view: View, total: int | None) -> list[DayCoverage]:
    """Plan against actual, day by day; `total`: copies of the whole plan."""
    found = await connection.fetch(
        *SQL.read_days(
            view.caller.scope, campaign_id=view.campaign_id, material_ids=view.material_ids, known_on=view.cut.known_on
        )
    )
    waves = await read_waves(connection, view)
    copies = {row["day"]: row["copies"] for row in found}
    return plan_curve.day_figures(copies, total, waves, view.starts_on, view.ends_on, view.cut)


async def read_wave_figures(connection: Connection, view: View, total: int | None) -> list[WaveCoverage]:
    """The waves by number, planned and handed out; `total`: copies of the whole plan."""
    found = await connection.fetch(
        *SQL.read_wave_copies(
            view.caller.scope, campaign_id=view.campaign_id, material_ids=view.material_ids, known_on=view.cut.known_on
        )
    )
    return plan_curve.wave_figures(rows(plan_curve.WaveCounts, found), total, view.cut.as_of)
