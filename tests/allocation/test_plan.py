"""A plan for a city's zones: all copies, whole bundles, nothing beyond a limit, and nothing better left undone."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.allocation.plan import PartnerCapacity, Plan, PlanZone, make_plan, risk_weights
from dispatch.allocation.plan_field import PlanField, largest_floor
from dispatch.allocation.records import ANY_PARTNER
from dispatch.allocation.rules import PlanInfeasible, PlanOptions
from dispatch.database import new_id
from dispatch.reach.curve import zone_reach
from schemas.allocation import NewAllocation, ZoneWeights

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
BUNDLE = 50


def numbered(number: int) -> UUID:
    return UUID(int=number + 1)


def zone(number: int, households: int | None = 6_000, **more: Any) -> PlanZone:
    values: dict[str, Any] = {"incidents": 0, "committed_copies": 0, "capacity_copies": 1_000_000, **more}
    return PlanZone(
        zone_id=numbered(number), code=f"Z{number:03d}", name=f"片区{number}", households=households, **values
    )


def wanted(copies: int, **more: Any) -> NewAllocation:
    return NewAllocation(allocation_id=new_id(NOW, 1), material_code="M", copies=copies, **more)


def by_zone(plan: Plan) -> dict[UUID, int]:
    found: defaultdict[UUID, int] = defaultdict(int)
    for line in plan.lines:
        found[line.zone_id] += line.copies
    return found


def reached(zones: list[PlanZone], weights: list[float], copies: list[int], request: NewAllocation) -> float:
    """Weighted households reached in all, straight from the curve."""
    return sum(
        weight * zone.households * (zone_reach(
            zone.committed_copies + given, zone.households, request.genuine_share, request.spread) or 0)
        for zone, weight, given in zip(zones, weights, copies, strict=True) if zone.households
    )  # fmt: skip


@st.composite
def some_zones(draw: st.DrawFn) -> list[PlanZone]:
    return [
        zone(
            number,
            draw(st.one_of(st.none(), st.integers(0, 9_000))),
            incidents=draw(st.integers(0, 60)),
            committed_copies=draw(st.integers(0, 9_000)),
            capacity_copies=draw(st.integers(0, 4_000)),
        )
        for number in range(draw(st.integers(1, 6)))
    ]


@given(some_zones(), st.integers(BUNDLE, 9_000), st.sampled_from([0.0, 0.5, 1.5]))
@settings(max_examples=60)
def test_all_copies_go_out_in_whole_bundles_within_capacity_and_never_where_nobody_lives(
    zones: list[PlanZone], copies: int, spread: float
) -> None:
    request = wanted(copies, spread=spread)
    possible = sum(zone.capacity_copies // BUNDLE * BUNDLE for zone in zones if zone.households)
    if possible < copies // BUNDLE * BUNDLE:
        with pytest.raises(PlanInfeasible) as refused:
            make_plan(request, zones, [], BUNDLE)
        if any(zone.households for zone in zones):
            assert refused.value.extensions["reason"] == "copies_exceed_capacity"
            assert refused.value.extensions["missing_copies"] == copies // BUNDLE * BUNDLE - possible
        return
    plan = make_plan(request, zones, [], BUNDLE)
    given_copies = by_zone(plan)
    assert sum(given_copies.values()) + plan.certificate.unallocated_copies == copies
    assert plan.certificate.unallocated_copies < BUNDLE
    assert len(plan.lines) == len(zones)
    for each in zones:
        assert given_copies[each.zone_id] % BUNDLE == 0
        assert given_copies[each.zone_id] <= (each.capacity_copies if each.households else 0)
    assert plan.certificate.zones_without_households == [zone.code for zone in zones if not zone.households]
    assert plan.certificate.relative_gap == pytest.approx(0, abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(100, 3_000), st.integers(0, 2_000), st.floats(0.2, 4)), min_size=2, max_size=3),
    st.integers(1, 7),
    st.sampled_from([0.0, 0.6, 1.5]),
)
@settings(max_examples=40)
def test_no_other_way_to_share_the_copies_reaches_more_even_on_top_of_what_is_done(
    given_zones: list[tuple[int, int, float]], bundles: int, spread: float
) -> None:
    zones = [zone(number, homes, committed_copies=done) for number, (homes, done, _) in enumerate(given_zones)]
    weights = [weight for _, _, weight in given_zones]
    request = wanted(
        bundles * BUNDLE,
        spread=spread,
        weights=ZoneWeights(by_zone={zone.code: weight for zone, weight in zip(zones, weights, strict=True)}),
    )
    plan = make_plan(request, zones, [], BUNDLE)
    found = by_zone(plan)
    best = max(
        reached(zones, weights, [part * BUNDLE for part in parts], request)
        for parts in product(range(bundles + 1), repeat=len(zones))
        if sum(parts) == bundles
    )
    now = reached(zones, weights, [0] * len(zones), request)
    assert reached(zones, weights, [found[zone.zone_id] for zone in zones], request) == pytest.approx(best, rel=1e-12)
    assert plan.certificate.objective == pytest.approx(best - now, rel=1e-6, abs=1e-6)
    assert plan.certificate.comparison.by_households <= plan.certificate.objective * (1 + 1e-9)
    assert plan.certificate.comparison.by_risk_times_households <= plan.certificate.objective * (1 + 1e-9)


def test_a_plan_made_in_two_steps_is_the_plan_made_at_once() -> None:
    homes, weights = [900, 2_500, 6_000, 14_000], {"Z000": 2.0, "Z001": 1.0, "Z002": 0.7, "Z003": 1.3}
    zones = [zone(number, each) for number, each in enumerate(homes)]
    at_once = by_zone(make_plan(wanted(9_000, weights=ZoneWeights(by_zone=weights)), zones, [], BUNDLE))
    first = by_zone(make_plan(wanted(4_000, weights=ZoneWeights(by_zone=weights)), zones, [], BUNDLE))
    later = [zone(number, each, committed_copies=first[numbered(number)]) for number, each in enumerate(homes)]
    second = by_zone(make_plan(wanted(5_000, weights=ZoneWeights(by_zone=weights)), later, [], BUNDLE))
    assert {key: first[key] + second[key] for key in at_once} == at_once


def test_incidents_above_the_citys_rate_raise_the_weight_and_chance_is_drawn_towards_one() -> None:
    zones = [zone(0, 5_000, incidents=80), zone(1, 5_000, incidents=20), zone(2, None, incidents=500)]
    dangerous, calm, unknown = risk_weights(wanted(100), zones).tolist()
    assert 1 < dangerous < 1.6
    assert 0.4 < calm < 1
    assert unknown == 1
    even = [zone(0, 5_000, incidents=3), zone(1, 5_000, incidents=2)]
    assert risk_weights(wanted(100), even).tolist() == [1, 1]
    chosen = wanted(100, weights=ZoneWeights(by_zone={"Z001": 3.0}))
    assert risk_weights(chosen, zones).tolist()[:2] == [dangerous, 3.0]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (wanted(49), "copies"),
        (wanted(100, weights=ZoneWeights(by_zone={"nowhere": 1.0})), "weights"),
        (wanted(100, weights=ZoneWeights(by_zone={"Z000": 0.0})), "weights"),
    ],
    ids=["less than a bundle", "unknown zone", "no weight at all"],
)
def test_options_that_make_no_plan_are_refused(request_: NewAllocation, field: str) -> None:
    with pytest.raises(PlanOptions) as refused:
        make_plan(request_, [zone(0)], [], BUNDLE)
    assert refused.value.extensions["field"] == field


def test_a_city_without_households_cannot_be_planned() -> None:
    with pytest.raises(PlanInfeasible) as refused:
        make_plan(wanted(100), [zone(0, None), zone(1, 0)], [], BUNDLE)
    assert refused.value.extensions["reason"] == "no_households"


def test_a_floor_that_needs_too_much_names_the_largest_floor_there_is() -> None:
    zones = [zone(0, 6_000, committed_copies=3_000), zone(1, 6_000), zone(2, None)]
    with pytest.raises(PlanInfeasible) as refused:
        make_plan(wanted(4_000, floor=0.5), zones, [], BUNDLE)
    facts = refused.value.extensions
    assert facts["reason"] == "floors_exceed_copies"
    possible = facts["largest_feasible_floor"]
    assert 0.3 < possible < 0.5
    plan = make_plan(wanted(4_000, floor=possible - 1e-9), zones, [], BUNDLE)
    assert plan.certificate.largest_feasible_floor == pytest.approx(possible)
    for each in zones[:2]:
        after = zone_reach(each.committed_copies + by_zone(plan)[each.zone_id], 6_000, 0.95, 1.5)
        assert after is not None
        assert after >= possible - 1e-9
    with pytest.raises(PlanInfeasible):
        make_plan(wanted(4_000, floor=possible + 0.01), zones, [], BUNDLE)


def test_a_floor_above_capacity_names_the_zones_and_the_missing_copies() -> None:
    zones = [zone(0, 6_000, capacity_copies=120), zone(1, 6_000)]
    with pytest.raises(PlanInfeasible) as refused:
        make_plan(wanted(8_000, floor=0.2), zones, [], BUNDLE)
    facts = refused.value.extensions
    (short,) = facts["zones"]
    assert (facts["reason"], short.zone_code, short.possible_copies) == ("floor_above_capacity", "Z000", 100)
    accepted = make_plan(wanted(8_000, floor=facts["largest_feasible_floor"] - 1e-9), zones, [], BUNDLE)
    assert by_zone(accepted)[numbered(0)] == 100
    assert facts["missing_copies"] == short.needed_copies - 100
    # The floor that is named is one the plan keeps, and a larger one is not.
    possible = facts["largest_feasible_floor"]
    assert 0 < possible < 0.2
    kept = make_plan(wanted(8_000, floor=possible), zones, [], BUNDLE)
    assert by_zone(kept)[numbered(0)] <= 100
    with pytest.raises(PlanInfeasible):
        make_plan(wanted(8_000, floor=possible + 1e-6), zones, [], BUNDLE)
    assert f"{int(possible * 1000) / 10:.1f} %" in refused.value.detail
    anyway = make_plan(wanted(8_000, floor=0.2, within_capacity=False), zones, [], BUNDLE)
    assert by_zone(anyway)[numbered(0)] >= short.needed_copies


@given(
    st.lists(st.lists(st.integers(0, 900), min_size=3, max_size=3), min_size=2, max_size=5),
    st.integers(1, 60),
)
@settings(max_examples=40)
def test_partners_take_every_copy_of_the_plan_within_what_they_declared(room: list[list[int]], bundles: int) -> None:
    zones = [zone(number, 2_000 + 500 * number, capacity_copies=sum(row)) for number, row in enumerate(room)]
    partners = [
        PartnerCapacity(
            zone_id=numbered(row), partner_id=numbered(100 + column), partner_code=f"P{column}", partner_name="快递",
            copies=room[row][column],
        )
        for row in range(len(room)) for column in range(3)
    ]  # fmt: skip
    request = wanted(bundles * BUNDLE, assign_partners=True)
    possible = sum(each // BUNDLE for row in room for each in row)
    if possible < bundles:
        with pytest.raises(PlanInfeasible):
            make_plan(request, zones, partners, BUNDLE)
        return
    plan = make_plan(request, zones, partners, BUNDLE)
    assert sum(line.copies for line in plan.lines) == request.copies
    for line in plan.lines:
        if line.copies:
            row, column = line.zone_id.int - 1, line.partner_id.int - 101
            assert 0 < line.copies <= room[row][column]
            assert line.copies % BUNDLE == 0
        else:
            assert line.partner_id == ANY_PARTNER
    certificate = plan.certificate.partners
    assert certificate is not None
    assert certificate.gap == pytest.approx(0, abs=1e-9)
    assert sum(load.copies for load in certificate.partners) == request.copies


def test_the_largest_floor_counts_what_is_committed() -> None:
    def largest(copies: int, committed: list[float]) -> float:
        return largest_floor(
            PlanField(
                copies=copies, bundle=1, households=np.array([1_000.0, 1_000.0]), committed=np.array(committed),
                weights=np.ones(2), genuine=1.0, spread=1.5, lower=np.zeros(2, dtype=np.int64),
                upper=np.array([10_000, 10_000]),
            )
        )  # fmt: skip

    alone, helped = largest(2_000, [0.0, 0.0]), largest(1_000, [1_000.0, 0.0])
    assert alone == pytest.approx(zone_reach(1_000, 1_000, 1.0, 1.5))
    assert helped == pytest.approx(alone)


def test_a_priority_group_lifts_the_zones_where_its_people_live() -> None:
    zones = [zone(0, priority_groups={"elderly": 0.4}), zone(1, priority_groups={"elderly": 0.1}), zone(2)]
    twice = ZoneWeights(by_group={"elderly": 2.0})
    assert risk_weights(wanted(100, weights=twice), zones).tolist() == pytest.approx([1.4, 1.1, 1.0])
    copies = by_zone(make_plan(wanted(6_000, weights=twice), zones, [], BUNDLE))
    assert copies[numbered(0)] > copies[numbered(1)] > copies[numbered(2)]
    nobody = ZoneWeights(by_group={"elderly": 0.0})
    assert risk_weights(wanted(100, weights=nobody), zones).tolist() == pytest.approx([0.6, 0.9, 1.0])
    with pytest.raises(PlanOptions) as refused:
        risk_weights(wanted(100, weights=ZoneWeights(by_group={"astronauts": 2.0})), zones)
    assert refused.value.extensions["priority_groups"] == ["astronauts"]
