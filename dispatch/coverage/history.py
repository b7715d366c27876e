"""Past days in columns, for a time slider: for each past day what `as_of` answers for it.

Past days do not change with what is handed out today, only when zones or the plan change, so that what was computed
once is kept in memory under what it was computed from.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from hashlib import blake2b
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from litestar.datastructures import State
from msgspec import Struct
from numpy.typing import NDArray

from dispatch.coverage import figures, plan_curve, rules
from dispatch.coverage.gaps import standings
from dispatch.coverage.plan_figures import read_waves
from dispatch.coverage.prepared import PreparedCache
from dispatch.coverage.view import View
from dispatch.database import Connection, one_row, queries_for
from dispatch.reach.checked import Floats
from dispatch.reach.copies_alone import estimate, estimate_area
from dispatch.reach.due import reaches
from schemas.coverage import AreaHistory, CoverageHistory

SQL = queries_for(__file__)


class Past(Struct, frozen=True, kw_only=True):
    """What past days are computed from; arrays are (zones, days), households (zones,)."""

    codes: list[str]
    days: list[date]
    households: list[int]
    handed_out: list[list[int]]
    """By the end of each day, as it was known then."""
    due: list[list[float]]
    """Reach the curve made due in each zone by the end of each day."""
    planned: list[list[float]]
    """Copies the curve asked for by then, of the plan as it was approved then."""
    due_area: list[float]
    """The same of the campaign."""
    target: float


class Columns(Struct, frozen=True, kw_only=True):
    """The part of CoverageHistory that takes time."""

    area: AreaHistory
    reported: list[list[int | None]]
    median: list[list[int | None]]
    low: list[list[int | None]]
    high: list[list[int | None]]
    shade: list[list[int]]
    uncertain: list[list[int]]
    gap: list[list[int]]
    undecided: list[list[int]]
    plan_ratio: list[list[int | None]]


def histories_of(state: State) -> PreparedCache[Columns]:
    """The application's kept histories, begun with the first question."""
    if "coverage_histories" not in state:
        state.coverage_histories = PreparedCache[Columns]()
    return state.coverage_histories


async def read_history(connection: Connection, kept: PreparedCache[Columns], view: View) -> CoverageHistory:
    """Every past day of the campaign."""
    past = await _read_past(connection, view)
    key = blake2b(msgspec.msgpack.encode(past), digest_size=16).digest()
    columns = kept.get(key) or await kept.prepared(key, lambda: columns_of(past))
    return CoverageHistory(
        as_of=view.cut.as_of,
        scope=view.scope,
        target_reach=view.target_reach,
        days=past.days,
        zones=past.codes,
        handed_out=past.handed_out,
        **msgspec.structs.asdict(columns),
    )


async def _read_past(connection: Connection, view: View) -> Past:
    zones = await figures.read_zone_counts(connection, view)
    scope, of_view = view.caller.scope, {"campaign_id": view.campaign_id, "material_ids": view.material_ids}
    last = min(view.ends_on, view.cut.last_whole_day)
    days = [view.starts_on + timedelta(days=step) for step in range((last - view.starts_on).days + 1)]
    row = await one_row(connection, SQL.read_zone_history(scope, **of_view, last_day=last))
    approved = await connection.fetch(*SQL.read_planned_zones(scope, **of_view))
    waves = await read_waves(connection, view)
    codes = [zone.code for zone in zones]
    share = np.array(plan_curve.planned_share(waves, view.starts_on, view.ends_on, days))
    planned = approved_by_day(codes, days, [tuple(line) for line in approved], ZoneInfo(view.timezone)) * share
    return Past(
        codes=codes,
        days=days,
        households=[zone.households or 0 for zone in zones],
        handed_out=known_by_day(codes, days, row["codes"], row["known_on"], row["copies"]).tolist(),
        due=(view.target_reach * share * plan_curve.zones_begun(waves, codes, days) * view.has_begun).tolist(),
        due_area=(view.target_reach * share * view.has_begun).tolist(),
        planned=planned.tolist(),
        target=view.target_reach,
    )


def known_by_day(
    codes: Sequence[str], days: Sequence[date], of: Sequence[str], known_on: Sequence[date], copies: Sequence[int]
) -> NDArray[np.int64]:
    """Cumulative copies (zones, days); what was learnt before the first day counts from it on."""
    found = np.zeros((len(codes), len(days)), dtype=np.int64)
    if days:
        row_of = {code: row for row, code in enumerate(codes)}
        rows = [row_of[code] for code in of]
        columns = [max(0, (day - days[0]).days) for day in known_on]
        np.add.at(found, (rows, columns), np.array(copies, dtype=np.int64))
    return found.cumsum(axis=1)


def approved_by_day(
    codes: Sequence[str], days: Sequence[date], lines: Sequence[tuple[str, datetime, int]], timezone: tzinfo
) -> Floats:
    """Copies of allocations approved by the end of each day (zones, days)."""
    found = np.zeros((len(codes), len(days)))
    row_of = {code: row for row, code in enumerate(codes)}
    ends = [datetime.combine(day, time.max, tzinfo=timezone) for day in days]
    for code, approved_at, copies in lines:
        found[row_of[code], [end >= approved_at for end in ends]] += copies
    return found


def columns_of(past: Past) -> Columns:
    """The figures of every zone and day, and of all zones together."""
    shape = (len(past.codes), len(past.days))
    copies = np.array(past.handed_out, dtype=np.float64).reshape(shape)
    homes = np.broadcast_to(np.array(past.households, dtype=np.float64)[:, None], shape)
    reach = estimate(copies, homes, past.target)
    shades, wide = rules.map_classes(reach.low, reach.high, homes, copies, past.target)
    due = np.array(past.due, dtype=np.float64).reshape(shape)
    gap, undecided = standings(due, reaches(reach.low, reach.median, reach.high, due))
    planned = np.array(past.planned, dtype=np.float64).reshape(shape)
    return Columns(
        area=_area(past, copies, gap, undecided),
        reported=_shares(copies, homes),
        median=_whole(reach.median),
        low=_whole(reach.low),
        high=_whole(reach.high),
        shade=shades.tolist(),
        uncertain=wide.tolist(),
        gap=gap.astype(np.int64).tolist(),
        undecided=undecided.astype(np.int64).tolist(),
        plan_ratio=_shares(copies, planned),
    )


def _area(past: Past, copies: Floats, gap: Floats, undecided: Floats) -> AreaHistory:
    homes = np.array(past.households, dtype=np.float64)
    total, counted = copies.sum(axis=0), copies[homes > 0.0].sum(axis=0)
    found = [estimate_area(of_day, homes) or (None, None, None) for of_day in copies.T]
    median, low, high = ([_per_cent(day[place]) for day in found] for place in range(3))
    return AreaHistory(
        handed_out=total.astype(np.int64).tolist(),
        reported=[_per_cent(rules.ratio(number, homes.sum())) for number in counted.tolist()],
        median=median,
        low=low,
        high=high,
        gaps=gap.sum(axis=0).astype(np.int64).tolist(),
        undecided=undecided.sum(axis=0).astype(np.int64).tolist(),
        due_reach=past.due_area,
    )


def _shares(part: Floats, whole: Floats) -> list[list[int | None]]:
    return _whole(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0.0))


def _whole(shares: Floats) -> list[list[int | None]]:
    """Whole per cents; what does not apply is None."""
    known = ~np.isnan(shares)
    found: NDArray[np.object_] = np.full(shares.shape, None, dtype=object)
    found[known] = rules.per_cent(shares[known]).astype(np.int64)
    return found.tolist()


def _per_cent(share: float | None) -> int | None:
    return None if share is None else int(rules.per_cent(np.array([share]))[0])
