"""A new city's checklist: what counts as done, as begun, as missing, and what comes next."""

from typing import Any
from uuid import UUID

import pytest

from dispatch.checklist.rules import Firms, Ground, OpenCampaign, Preparation, judge_city, judge_district
from schemas.checklist import Checklist

GROUND = Ground(zones=45, with_division=45, with_households=45, with_incidents=45, districts=4, named_districts=4)
FIRMS = Firms(firms=6, with_outlet=6, with_account=6)
DRAFT = OpenCampaign(campaign_id=UUID(int=7), running=False, campaigns=1)
READY = Preparation(
    materials=2, ordered=60_000, received=60_000, invited=6, accepted=6, plans=1, approved=1
)  # fmt: skip
ORDER = [
    "zones", "districts", "households", "incidents", "partners", "accounts", "depots", "campaign", "materials",
    "print_runs", "invitations", "plan",
]  # fmt: skip


def city(
    ground: Ground = GROUND,
    firms: Firms = FIRMS,
    depots: int = 1,
    campaign: OpenCampaign | None = DRAFT,
    preparation: Preparation = READY,
) -> Checklist:
    return judge_city(ground, firms, depots, campaign, preparation)


def step(checklist: Checklist, key: str) -> tuple[str, int, int | None, int]:
    (found,) = [each for each in checklist.steps if each.key == key]
    return found.state, found.count, found.total, found.lacking


def test_the_steps_stand_in_the_order_of_the_work() -> None:
    assert [each.key for each in city().steps] == ORDER


def test_of_an_empty_city_everything_is_missing_and_the_zones_come_first() -> None:
    empty = city(Ground(), Firms(), 0, None, Preparation())
    assert {each.state for each in empty.steps} == {"missing"}
    assert (empty.next, empty.running, empty.campaign_id) == ("zones", False, None)


def test_of_a_ready_city_nothing_is_next() -> None:
    ready = city()
    assert {each.state for each in ready.steps} == {"done"}
    assert (ready.next, ready.running, ready.campaign_id) == (None, False, DRAFT.campaign_id)


def test_the_list_says_when_a_campaign_runs() -> None:
    assert city(campaign=OpenCampaign(campaign_id=UUID(int=7), running=True, campaigns=1)).running


@pytest.mark.parametrize(
    ("given", "key", "wanted"),
    [
        ({"ground": Ground(zones=1)}, "zones", ("done", 1, None, 0)),
        ({"ground": Ground(zones=45)}, "districts", ("missing", 0, 0, 45)),
        ({"ground": Ground(zones=45, with_division=44, districts=4, named_districts=4)}, "districts", ("part", 4, 4, 1)),
        ({"ground": Ground(zones=45, with_division=45, districts=4, named_districts=3)}, "districts", ("part", 3, 4, 0)),
        ({"ground": Ground(zones=45, with_households=0)}, "households", ("missing", 0, 45, 45)),
        ({"ground": Ground(zones=45, with_households=44)}, "households", ("part", 44, 45, 1)),
        ({"ground": Ground(zones=45, with_incidents=45)}, "incidents", ("done", 45, 45, 0)),
        ({"firms": Firms(firms=6, with_outlet=5, with_account=5)}, "partners", ("part", 5, 6, 1)),
        ({"firms": Firms(firms=6)}, "partners", ("missing", 0, 6, 6)),
        ({"firms": Firms(firms=6, with_outlet=5, with_account=5)}, "accounts", ("done", 5, 5, 0)),
        ({"firms": Firms(firms=6, with_outlet=5, with_account=1)}, "accounts", ("part", 1, 5, 4)),
        ({"firms": Firms(firms=6, with_outlet=5)}, "accounts", ("missing", 0, 5, 5)),
        ({"depots": 0}, "depots", ("missing", 0, None, 0)),
        ({"campaign": None, "preparation": Preparation()}, "campaign", ("missing", 0, None, 0)),
        ({"preparation": Preparation(ordered=60_000)}, "print_runs", ("part", 0, 60_000, 60_000)),
        ({"preparation": Preparation(ordered=60_000, received=1)}, "print_runs", ("done", 1, 60_000, 59_999)),
        ({"preparation": Preparation(ordered=60_000, received=60_010)}, "print_runs", ("done", 60_010, 60_000, 0)),
        ({"preparation": Preparation(invited=6)}, "invitations", ("part", 0, 6, 0)),
        ({"preparation": Preparation(invited=6, accepted=1)}, "invitations", ("done", 1, 6, 0)),
        ({"preparation": Preparation(invited=6, accepted=1, invited_without_account=2)}, "invitations", ("part", 1, 6, 2)),
        ({"preparation": Preparation(plans=1)}, "plan", ("part", 0, 1, 0)),
        ({"preparation": Preparation(plans=2, approved=1)}, "plan", ("done", 1, 2, 0)),
    ],
)  # fmt: skip
def test_a_step_is_done_begun_or_missing(
    given: dict[str, Any], key: str, wanted: tuple[str, int, int | None, int]
) -> None:
    assert step(city(**given), key) == wanted


def test_what_is_missing_altogether_comes_before_what_only_lacks_something() -> None:
    """Five of 45 zones without households keep nobody from entering the firms."""
    ground = Ground(zones=45, with_division=45, with_households=40, with_incidents=45, districts=4, named_districts=4)
    assert city(ground, depots=0).next == "depots"
    assert city(ground).next == "households"


def test_a_district_sees_the_steps_of_its_own_ground() -> None:
    seen = judge_district("220202", Ground(zones=9, with_division=9, districts=1, named_districts=1), DRAFT)
    assert [each.key for each in seen.steps] == ["zones", "districts", "households", "incidents"]
    assert (seen.division_code, seen.next, step(seen, "households")) == ("220202", "households", ("missing", 0, 9, 9))
