"""How many copies a target takes: the reach curve read backwards, with its interval, and honest where it has no answer."""

import itertools
from datetime import date
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.allocation.plan import make_plan
from dispatch.allocation.records import PlanZone
from dispatch.allocation.sizing_rules import SizingRow, size
from dispatch.reach.copies_alone import estimate_area
from schemas.allocation import NewAllocation, Sizing, SizingAnswer
from tests.allocation.planning import ready
from tests.make import Make, World


def row(target: float = 0.45, bundle: int | None = None, *, counts: bool | None = None) -> SizingRow:
    return SizingRow(
        starts_on=date(2027, 4, 1), ends_on=date(2027, 6, 1), target_reach=target, today=date(2027, 4, 20),
        material_id=None, bundle_copies=bundle, counts_for_reach=counts,
    )  # fmt: skip


def zone(number: int, households: int | None, committed: int = 0, handed_out: int = 0) -> PlanZone:
    return PlanZone(
        zone_id=UUID(int=number), code=f"Z{number}", name=f"片区{number}", households=households, incidents=0,
        committed_copies=committed, capacity_copies=0, handed_out_copies=handed_out, promised_copies=committed - handed_out,
    )  # fmt: skip


def sized(zones: list[PlanZone], target: float = 0.45, *, bundle: int | None = None, **wanted: object) -> SizingAnswer:
    return size(Sizing(genuine_share=1.0, **wanted), row(target, bundle), zones, None)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("target", "copies"),
    # By hand: 1000 · ((1 - target)^-1.5 - 1) / 1.5.
    [(0.10, 115), (0.30, 472), (0.45, 968), (0.60, 1969), (0.90, 20_416)],
)
def test_a_target_takes_the_copies_of_the_curve(target: float, copies: int) -> None:
    assert sized([zone(1, 1000)], target).needed_copies == copies


def test_what_is_handed_out_already_is_not_needed_again_and_bundles_stay_whole() -> None:
    answer = sized([zone(1, 1000, committed=500, handed_out=500)], bundle=50)
    assert answer.needed_copies == 500  # 468 are missing
    assert answer.zones[0].reach_handed_out == pytest.approx(1 - (1 + 1.5 * 0.5) ** (-1 / 1.5))


def test_a_promise_is_shown_apart_from_what_was_handed_out() -> None:
    (line,) = sized([zone(1, 1000, committed=2_950, handed_out=75)]).zones
    assert (line.handed_out_copies, line.promised_copies) == (75, 2_875)
    assert line.reach_handed_out is not None
    assert line.reach_handed_out < 0.08
    assert line.reach_promised is not None
    assert line.reach_promised > 0.65


def test_the_curve_says_what_coverage_would_say_of_the_same_copies() -> None:
    answer = sized([zone(1, 1000)], copies=968)
    area = estimate_area([968.0], [1000.0])
    assert answer.asked is not None
    assert area is not None
    assert (answer.asked.reach, answer.asked.low, answer.asked.high) == pytest.approx(tuple(area))
    assert answer.asked.reach == pytest.approx(0.45, abs=1e-4)


def test_the_interval_of_the_copies_is_where_the_interval_of_the_reach_meets_the_target() -> None:
    answer = sized([zone(1, 1000)])
    assert answer.needed_low is not None
    assert answer.needed_high is not None
    assert answer.needed_copies is not None
    assert answer.needed_low < answer.needed_copies < answer.needed_high
    low, high = (estimate_area([float(n)], [1000.0]) for n in (answer.needed_low, answer.needed_high))
    assert low is not None
    assert high is not None
    assert (low.high, high.low) == pytest.approx((0.45, 0.45), abs=2e-3)


def test_the_price_of_a_copy_gives_the_cost_of_every_point() -> None:
    answer = sized([zone(1, 1000)], unit_price=0.85)
    assert answer.cost == 822.8
    assert all(point.cost == pytest.approx(point.copies * 0.85, abs=0.006) for point in answer.points)
    assert sized([zone(1, 1000)]).cost is None


@pytest.mark.parametrize(
    ("zones", "target", "counts", "obstacle"),
    [
        ([zone(1, 1000)], 1.0, None, "everybody"),
        ([zone(1, 1_000_000)], 0.999, None, "too_many"),
        ([zone(1, None), zone(2, 0)], 0.45, None, "no_households"),
        ([zone(1, 1000)], 0.45, False, "not_counted"),
    ],
)
def test_a_target_that_cannot_be_reached_gets_no_number(
    zones: list[PlanZone], target: float, counts: bool | None, obstacle: str
) -> None:
    answer = size(Sizing(unit_price=1.0), row(target, counts=counts), zones, None)
    assert (answer.obstacle, answer.needed_copies, answer.cost) == (obstacle, None, None)


@settings(max_examples=10)
@given(
    zones=st.lists(st.tuples(st.integers(50, 5_000), st.integers(0, 3_000)), min_size=1, max_size=4),
    target=st.floats(0.05, 0.85),
)
def test_a_plan_of_the_needed_copies_can_keep_the_target_as_its_floor(
    zones: list[tuple[int, int]], target: float
) -> None:
    ground = [zone(n, homes, committed=held, handed_out=held) for n, (homes, held) in enumerate(zones, start=1)]
    answer = size(Sizing(target_reach=target), row(bundle=10), ground, None)
    assert answer.needed_copies is not None
    if answer.needed_copies:
        wanted = NewAllocation(
            allocation_id=UUID(int=1), material_code="HB", copies=answer.needed_copies, floor=target,
            within_capacity=False,
        )  # fmt: skip
        plan = make_plan(wanted, ground, [], 10)
        assert [line.copies for line in plan.lines] == [each.needed_copies for each in answer.zones]


@settings(max_examples=5)
@given(zones=st.lists(st.integers(1, 5_000), min_size=1, max_size=4))
def test_more_copies_never_reach_less(zones: list[int]) -> None:
    points = sized([zone(n, homes) for n, homes in enumerate(zones, start=1)]).points
    assert all(a.reach <= b.reach + 1e-9 for a, b in itertools.pairwise(points))
    assert all(point.low <= point.reach <= point.high for point in points)


async def test_the_size_is_asked_for_zones_by_code_or_district_and_names_no_weight(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = f"/api/campaigns/{world.campaign}/allocations/sizing"
    code = await make.value("select code from zone where zone_id = $1", world.zones[1])
    one = (await api.post(address, json={"zone_codes": [code], "target_reach": 0.3}, headers=headers)).json()
    assert [line["zone_code"] for line in one["zones"]] == [code]
    everywhere = (await api.post(address, json={"target_reach": 0.3}, headers=headers)).json()
    assert everywhere["needed_copies"] > one["needed_copies"] > 0
    assert "weight" not in str(everywhere)
    nowhere = await api.post(address, json={"division_code": "880000"}, headers=headers)
    assert nowhere.json()["type"] == "/problems/plan-options"
