"""Lines become few, even batches of whole bundles, the most urgent first, with a reason in words."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.allocation import plan_batches, rules
from dispatch.allocation.records import ANY_PARTNER, Basis, LineState, ZoneBasis
from dispatch.database import new_id
from dispatch.reach.curve import zone_reach
from schemas.allocation import NewAllocation

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
BUNDLE = 50


def numbered(number: int) -> UUID:
    return UUID(int=number + 1)


@given(st.integers(1, 400), st.integers(1, 60), st.integers(1, 5_000))
def test_a_line_splits_into_few_even_batches_of_whole_bundles(bundles: int, bundle: int, largest: int) -> None:
    if largest < bundle:
        with pytest.raises(rules.NotWholeBundles):
            plan_batches.split_into_batches(bundles * bundle, bundle, largest)
        return
    sizes = plan_batches.split_into_batches(bundles * bundle, bundle, largest)
    assert sum(sizes) == bundles * bundle
    assert all(0 < size <= largest and size % bundle == 0 for size in sizes)
    assert max(sizes) - min(sizes) <= bundle
    assert len(sizes) == -(-bundles // (largest // bundle))


def line(number: int, copies: int, **more: Any) -> LineState:
    values: dict[str, Any] = {
        "partner_id": ANY_PARTNER,
        "partner_code": None,
        "partner_name": None,
        "change_reason": None,
    }
    return LineState(
        zone_id=numbered(number), zone_code=f"Z{number:03d}", zone_name="片区", copies=copies, proposed_copies=copies,
        risk_weight=1.8, **(values | more),
    )  # fmt: skip


def basis(counts_for_reach: bool = True, **zones: ZoneBasis) -> Basis:
    return Basis(
        request=NewAllocation(allocation_id=new_id(NOW, 1), material_code="M", copies=4_000), starts_on=date(2027, 4, 20), ends_on=date(2027, 6, 22), counts_for_reach=counts_for_reach,
        zones={numbered(int(name[1:])): zone for name, zone in zones.items()},
    )  # fmt: skip


def test_a_batchs_priority_falls_with_every_earlier_batch_of_its_zone_and_its_reason_is_in_words() -> None:
    known = basis(
        z0=ZoneBasis(households=6_000, committed_copies=0, capacity_copies=0),
        z1=ZoneBasis(households=None, committed_copies=0, capacity_copies=0),
    )
    lines = [line(0, 4_000, partner_id=numbered(7)), line(1, 50, change_reason="所里要求")]
    made = plan_batches.make_batches(known, lines, {numbered(0): 2}, BUNDLE, 2_000, NOW)
    assert [(batch.code, batch.copies) for batch in made] == [
        ("B-Z000-3", 2_000),
        ("B-Z000-4", 2_000),
        ("B-Z001-1", 50),
    ]
    assert made[0].reserved_partner_id == numbered(7)
    assert made[2].reserved_partner_id is None
    assert made[0].priority == pytest.approx(1.8)
    assert made[0].priority_reason == "未触达约 6,000 户"
    assert made[1].priority == pytest.approx(1.8 * (1 - (zone_reach(2_000, 6_000, 0.95, 1.5) or 0)))
    assert made[1].priority_reason == "未触达约 4,600 户"
    assert (made[2].priority, made[2].priority_reason) == (0.0, "户数未登记；人工调整：所里要求")
    assert made == plan_batches.make_batches(known, lines, {numbered(0): 2}, BUNDLE, 2_000, NOW)
    assert len({batch.batch_id for batch in made}) == 3


@pytest.mark.parametrize(
    ("copies", "largest", "sizes"),
    [
        (50, 50, [50]),
        (100, 50, [50, 50]),
        (100, 99, [50, 50]),
        (100, 100, [100]),
        (350, 150, [150, 100, 100]),
        (400, 150, [150, 150, 100]),
    ],
)
def test_a_lines_batches_are_as_few_and_as_even_as_bundles_allow(copies: int, largest: int, sizes: list[int]) -> None:
    assert plan_batches.split_into_batches(copies, BUNDLE, largest) == sizes


def test_a_batch_smaller_than_a_bundle_is_refused() -> None:
    with pytest.raises(rules.NotWholeBundles) as refused:
        plan_batches.split_into_batches(100, BUNDLE, BUNDLE - 1)
    assert refused.value.extensions == {"field": "batch_copies", "bundle_copies": BUNDLE}


def test_a_plan_of_nothing_makes_no_batches_and_is_refused() -> None:
    known = basis(z0=ZoneBasis(households=6_000, committed_copies=0, capacity_copies=0))
    for lines in ([], [line(0, 0)]):
        with pytest.raises(rules.NothingToApprove):
            plan_batches.make_batches(known, lines, {}, BUNDLE, 2_000, NOW)
    assert len(plan_batches.make_batches(known, [line(0, 0), line(0, 50)], {}, BUNDLE, 2_000, NOW)) == 1


@pytest.mark.parametrize(
    ("households", "committed", "unreached"),
    [
        # Of a thousand and more the estimate is given to the hundred, of fewer to the ten.
        (1_000, 0, 1_000),
        (1_049, 0, 1_000),
        (1_051, 0, 1_100),
        (999, 0, 1_000),
        (994, 0, 990),
        (54, 0, 50),
        (6_000, 2_000, 4_600),
    ],
)
def test_the_reason_gives_an_estimate_with_no_more_digits_than_it_deserves(
    households: int, committed: int, unreached: int
) -> None:
    known = basis(z0=ZoneBasis(households=households, committed_copies=committed, capacity_copies=0))
    (made,) = plan_batches.make_batches(known, [line(0, 50)], {}, BUNDLE, 2_000, NOW)
    assert (made.unreached_households, made.priority_reason) == (unreached, f"未触达约 {unreached:,} 户")


def test_a_material_that_does_not_count_for_reach_goes_by_the_risk_weight() -> None:
    known = basis(counts_for_reach=False, z0=ZoneBasis(households=6_000, committed_copies=0, capacity_copies=0))
    (made,) = plan_batches.make_batches(known, [line(0, 50, change_reason="加发")], {}, BUNDLE, 2_000, NOW)
    assert (made.priority, made.priority_reason) == (1.8, "按计划投放；人工调整：加发")
    assert made.unreached_households is None


def test_batches_of_all_lines_of_a_zone_are_numbered_on_and_come_after_one_another() -> None:
    known = basis(z0=ZoneBasis(households=6_000, committed_copies=0, capacity_copies=0))
    made = plan_batches.make_batches(known, [line(0, 50), line(0, 50, partner_id=numbered(7))], {}, BUNDLE, 50, NOW)
    assert [batch.code for batch in made] == ["B-Z000-1", "B-Z000-2"]
    assert made[0].priority > made[1].priority
    assert [batch.reserved_partner_id for batch in made] == [None, numbered(7)]
