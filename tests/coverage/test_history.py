"""Past days in one answer: the same figures as asking for each day, and nothing of what was not known then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from dispatch.coverage.history import approved_by_day, known_by_day
from tests.conftest import Clock
from tests.make import Make, World


def url(world: World, path: str) -> str:
    return f"/api/campaigns/{world.campaign}/coverage{path}"


async def fetched(api: httpx.AsyncClient, address: str, headers: dict[str, str], **query: Any) -> Any:
    answer = await api.get(address, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def whole(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


async def some_days(make: Make, world: World) -> None:
    await make.fetch("update zone set households = null where zone_id = $1", world.zones[3])
    await make.approved(world, {0: 5000, 1: 700}, approved_at=datetime(2027, 3, 20, 4, 0, tzinfo=UTC))
    await make.approved(world, {0: 1000}, approved_at=datetime(2027, 4, 2, 4, 0, tzinfo=UTC))
    await make.tally(world, 0, 3000, day=date(2027, 3, 18))
    await make.tally(world, 0, 4000, day=date(2027, 3, 25), known_on=date(2027, 3, 28))
    await make.tally(world, 0, -500, day=date(2027, 3, 25), known_on=date(2027, 4, 5))
    await make.tally(world, 1, 40, day=date(2027, 4, 1))
    await make.tally(world, 3, 90, day=date(2027, 4, 1))
    await make.tally(world, 1, 900, day=date(2027, 4, 20))  # today


@pytest.mark.parametrize("day", ["2027-03-15", "2027-03-20", "2027-03-25", "2027-03-28", "2027-04-05", "2027-04-19"])
async def test_each_day_is_what_asking_for_it_answers(
    api: httpx.AsyncClient, make: Make, world: World, day: str
) -> None:
    planner = await make.planner(world.city_id)
    await some_days(make, world)
    history = await fetched(api, url(world, "/history"), planner)
    rows = (await fetched(api, url(world, "/zones"), planner, as_of=day))["zones"]
    summary = await fetched(api, url(world, ""), planner, as_of=day)
    at = history["days"].index(day)
    assert history["zones"] == [row["code"] for row in rows]
    for place, row in enumerate(rows):
        reach = row["reach"] or {"median": None, "low": None, "high": None}
        told = {name: history[name][place][at] for name in (
            "handed_out", "reported", "median", "low", "high", "shade", "uncertain", "gap", "undecided",
            "plan_ratio",
        )}  # fmt: skip
        assert told == {
            "handed_out": row["handed_out"], "reported": whole(row["reported"]), "median": whole(reach["median"]),
            "low": whole(reach["low"]), "high": whole(reach["high"]), "shade": row["shade"],
            "uncertain": int(row["uncertain"]), "gap": int(row["gap"] or 0),
            "undecided": int(row["standing"] == "undecided"), "plan_ratio": whole(row["plan_ratio"]),
        }  # fmt: skip
    area = {name: values[at] for name, values in history["area"].items()}
    assert area == {
        "handed_out": summary["handed_out"], "reported": whole(summary["reported"]), "gaps": summary["gaps"],
        "undecided": summary["undecided"], "due_reach": pytest.approx(summary["due_reach"]),
        **{name: whole(summary["reach"][name]) for name in ("median", "low", "high")},
    }  # fmt: skip


async def test_the_history_ends_yesterday_or_with_the_campaign(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    planner = await make.planner(world.city_id)
    await some_days(make, world)
    days = (await fetched(api, url(world, "/history"), planner))["days"]
    assert (days[0], days[-1], len(days)) == ("2027-03-15", "2027-04-19", 36)
    clock.now += timedelta(days=200)
    assert (await fetched(api, url(world, "/history"), planner))["days"][-1] == "2027-06-22"
    await make.fetch("update campaign set starts_on = '2028-01-01', ends_on = '2028-02-01'")
    before = await fetched(api, url(world, "/history"), planner)
    assert before["days"] == []
    assert before["handed_out"] == [[], [], [], []]


async def test_todays_handouts_leave_the_past_as_it_was_sent(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await some_days(make, world)
    first = await api.get(url(world, "/history"), headers=planner)
    known = planner | {"if-none-match": first.headers["etag"]}
    await make.tally(world, 0, 55, day=date(2027, 4, 20))
    assert (await api.get(url(world, "/history"), headers=known)).status_code == 304
    await make.fetch("update zone set households = 100 where zone_id = $1", world.zones[0])
    assert (await api.get(url(world, "/history"), headers=known)).status_code == 200


async def test_a_district_has_the_history_of_its_own_zones(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await some_days(make, world)
    await make.fetch("update zone set division_code = '990102' where zone_id = $1", world.zones[1])
    history = await fetched(api, url(world, "/history"), await make.planner(world.city_id, division_code="990102"))
    assert history["zones"] == ["990101001"]
    assert history["area"]["handed_out"][-1] == 40
    empty = await fetched(api, url(world, "/history"), await make.planner(world.city_id, division_code="990199"))
    assert empty["zones"] == []
    assert empty["area"]["median"] == [None] * 36


async def test_one_material_has_its_own_history(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    poster = await make.material(world.city_id, world.campaign, code="POSTER", kind="poster", counts_for_reach=False)
    await make.tally(world, 0, 12, material_id=poster, channel="placed", day=date(2027, 4, 1))
    await some_days(make, world)
    assert (await fetched(api, url(world, "/history"), planner, material="POSTER"))["area"]["handed_out"][-1] == 12


SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = [date(2027, 3, 15), date(2027, 3, 16), date(2027, 3, 17)]


def test_copies_count_from_the_day_they_were_known_and_earlier_ones_from_the_first() -> None:
    known_on = [date(2027, 3, 10), date(2027, 3, 16), date(2027, 3, 16), date(2027, 3, 17)]
    found = known_by_day(["A", "B"], DAYS, ["A", "A", "B", "A"], known_on, [5, 7, 2, -1])
    assert found.tolist() == [[5, 12, 11], [0, 2, 2]]
    assert known_by_day(["A"], [], [], [], []).shape == (1, 0)


@pytest.mark.parametrize(
    ("approved_at", "copies"),
    [
        (datetime(2027, 3, 15, 15, 59, 59, 999999, tzinfo=UTC), [9.0, 9.0, 9.0]),
        (datetime(2027, 3, 15, 16, 0, tzinfo=UTC), [0.0, 9.0, 9.0]),
        (datetime(2027, 3, 17, 16, 0, tzinfo=UTC), [0.0, 0.0, 0.0]),
    ],
    ids=["the last microsecond of the 15th", "the first instant of the 16th", "after the last day"],
)
def test_a_plan_counts_on_the_day_it_was_approved_in_the_city(approved_at: datetime, copies: list[float]) -> None:
    lines = [("B", approved_at, 4), ("B", approved_at, 5)]
    assert approved_by_day(["A", "B"], DAYS, lines, SHANGHAI).tolist() == [[0.0, 0.0, 0.0], copies]
