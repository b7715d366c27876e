"""Reach is computed when the evidence changes and stored; a read shows what is stored, and from when."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from dispatch.coverage import estimate_refresh
from dispatch.coverage.estimate_refresh import refresh_estimates
from dispatch.database import Database
from dispatch.reach.copies_alone import estimate
from dispatch.reach.posterior import Evidence, area_reach, estimate_reach
from dispatch.server.repeat import city_by_city, repeat
from tests.conftest import NOW, Clock, serving
from tests.make import Make, World
from tests.waiting import HANG_SECONDS, until


def url(world: World, path: str = "") -> str:
    return f"/api/campaigns/{world.campaign}/coverage{path}"


async def fetched(api: httpx.AsyncClient, address: str, headers: dict[str, str], **query: Any) -> Any:
    answer = await api.get(address, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def zone_row(api: httpx.AsyncClient, world: World, headers: dict[str, str], zone: int = 0, **query: Any) -> Any:
    return (await fetched(api, url(world, "/zones"), headers, **query))["zones"][zone]


async def refreshed(database: Database, world: World, now: datetime = NOW) -> bool:
    return await refresh_estimates(database, world.city_id, world.campaign, now)


def explode(*_: Any) -> Any:
    raise AssertionError("a read computed reach")


async def test_many_first_copies_raise_the_reach_and_few_lower_it(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner = await make.planner(world.city_id)
    for zone in range(3):
        await make.tally(world, zone, 6000)
    await make.first_copies(world, 1, 200, 150)  # of 6,000 copies three quarters went to new households: 75 %
    await make.first_copies(world, 2, 200, 40)  # a fifth: 20 %
    assert await refreshed(database, world)
    zones = (await fetched(api, url(world, "/zones"), planner))["zones"]
    plain, high, low, nothing = [zone["reach"] for zone in zones]
    assert low["median"] < plain["median"] < high["median"]
    assert abs(high["first_copy"] - 0.75) < 0.03
    assert abs(low["first_copy"] - 0.20) < 0.03
    assert [reach["level"] for reach in (plain, high, low, nothing)] == ["C", "B", "B", "C"]
    assert plain["first_copy"] is plain["spot_check"] is None
    assert (nothing["low"], nothing["median"], nothing["high"]) == (0, 0, 0)


async def test_evidence_lifts_the_level_from_c_to_b_to_a_and_narrows_the_interval(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner, seen = await make.planner(world.city_id), list[Any]()
    await make.tally(world, 0, 6000)
    await refreshed(database, world)
    seen.append(await zone_row(api, world, planner))
    await make.first_copies(world, 0, 200, 92, unknown=50)
    await refreshed(database, world)
    seen.append(await zone_row(api, world, planner))
    await make.spot_check(world, 0, asked=40, have=17)
    await refreshed(database, world)
    seen.append(await zone_row(api, world, planner))
    assert [zone["reach"]["level"] for zone in seen] == ["C", "B", "A"]
    widths = [zone["reach"]["high"] - zone["reach"]["low"] for zone in seen]
    assert widths[0] > widths[1] > widths[2]
    assert [zone["first_copy_asked"] for zone in seen] == [None, 200, 200]
    assert [zone["first_copy_unknown_share"] for zone in seen] == [None, 0.2, 0.2]
    assert not any(zone["reach"]["sources_disagree"] for zone in seen)
    summary = await fetched(api, url(world), planner)
    assert (summary["reach"]["level"], summary["first_copy_asked"]) == ("A", 200)
    assert summary["first_copy_unknown_share"] == 0.2


async def test_sources_that_disagree_are_both_shown_and_no_average_is_made(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 6000)
    await refreshed(database, world)
    alone = (await zone_row(api, world, planner))["reach"]
    await make.first_copies(world, 0, 300, 240)  # 80 %
    await make.spot_check(world, 0, asked=200, have=40)  # 20 %
    await refreshed(database, world)
    found = (await zone_row(api, world, planner))["reach"]
    assert found["sources_disagree"] is True
    assert found["level"] == "C"
    assert (found["first_copy"] > 0.7, found["spot_check"] < 0.3) == (True, True)
    assert found["median"] == pytest.approx(alone["median"], abs=1e-9)
    city = (await fetched(api, url(world), planner))["reach"]
    assert (city["sources_disagree"], city["level"]) == (True, "C")
    assert (city["first_copy"] > 0.7, city["spot_check"] < 0.3) == (True, True)
    assert city["median"] == pytest.approx(float(estimate([6000], [6000]).median[0]) / 4)
    text = (await api.get(url(world, "/zones.csv"), headers=planner)).text
    assert "不一致：首次询问" in text


async def test_more_first_copies_than_questions_are_impossible(make: Make, world: World, database: Database) -> None:
    await make.tally(world, 0, 6000)
    await make.first_copies(world, 0, 10, 11)
    with pytest.raises(ValueError, match="firsts must not be more than asked"):
        await refreshed(database, world)
    assert await make.value("select count(*) from reach_estimate") == 0


async def test_a_read_computes_nothing_once_estimates_are_stored(
    api: httpx.AsyncClient, make: Make, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 6000)
    await refreshed(database, world)
    monkeypatch.setattr(estimate_refresh, "compute_estimates", explode)
    monkeypatch.setattr("dispatch.coverage.shown_reach.estimate", explode)
    monkeypatch.setattr("dispatch.coverage.shown_reach.estimate_area", explode)
    await make.tally(world, 0, 600)
    for path in ("", "/zones", "/zones.csv", "/zones.geojson", "/gaps", "/zone-tiles/8/202/99.mvt"):
        assert (await api.get(url(world, path), headers=planner)).status_code in (200, 204)


async def test_the_first_read_has_the_estimates_computed_once(
    api: httpx.AsyncClient, make: Make, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 6000)
    assert await make.value("select count(*) from reach_estimate") == 0
    first = await zone_row(api, world, planner)
    assert first["estimated_at"] is not None
    assert await make.value("select count(*) from reach_estimate") == 4
    monkeypatch.setattr(estimate_refresh, "compute_estimates", explode)
    assert await zone_row(api, world, planner) == first


async def test_only_a_page_that_shows_estimates_has_them_computed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.tally(world, 0, 6000)
    planner = await make.planner(world.city_id)
    firm = await make.firm_manager(world.city_id, world.partners[0])
    material = await make.value("select code from material")
    stranger = await make.planner((await make.world(98)).city_id)
    showing_none: list[tuple[dict[str, str], str, dict[str, Any]]] = [
        (planner, "/zones", {"as_of": "2027-04-19"}),
        (planner, "/zones", {"material": material}),
        (planner, "/days", {}), (planner, "/channels", {}), (planner, "/cells", {}), (planner, "/history", {}),
        (firm, "/zones", {}), (firm, "", {}),
        (stranger, "/zones", {}),
    ]  # fmt: skip
    for headers, path, query in showing_none:
        await api.get(url(world, path), headers=headers, params=query)
    assert await make.value("select count(*) from reach_estimate_state") == 0
    await fetched(api, url(world, "/gaps"), planner, as_of="2027-04-20")  # today, asked for by its date
    assert await make.value("select count(*) from reach_estimate_state") == 1


async def test_of_many_first_reads_at_once_one_computes_the_estimates(
    clone: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, real, times = Make(clone, clock.now), estimate_refresh.compute_estimates, list[datetime]()
    world = await make.world()
    await make.tally(world, 0, 3000)

    def counted(evidence: Any, target: float, now: datetime) -> Any:
        times.append(now)
        return real(evidence, target, now)

    monkeypatch.setattr(estimate_refresh, "compute_estimates", counted)
    async with serving(clone, clock) as (api, _):
        planner = await make.planner(world.city_id)
        answers = await asyncio.gather(
            *(api.get(url(world, path), headers=planner) for path in ("", "/zones", "/gaps") * 3)
        )
    assert [answer.status_code for answer in answers] == [200] * 9
    assert len(times) == 1


async def test_the_stored_figure_is_shown_with_its_time_until_it_is_computed_again(
    api: httpx.AsyncClient, make: Make, world: World, database: Database, clock: Clock
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 3000)
    await refreshed(database, world)
    before = await api.get(url(world, "/zones"), headers=planner)
    await make.tally(world, 0, 3000)
    clock.now += timedelta(seconds=5)
    stale = await zone_row(api, world, planner)
    assert stale["handed_out"] == 6000
    assert stale["reach"] == before.json()["zones"][0]["reach"]
    assert datetime.fromisoformat(stale["estimated_at"]) == NOW
    known = await api.get(url(world, "/zones"), headers=planner)
    assert await refreshed(database, world, clock.now)
    fresh = await api.get(url(world, "/zones"), headers=planner | {"if-none-match": known.headers["etag"]})
    assert fresh.status_code == 200
    row = fresh.json()["zones"][0]
    assert row["reach"]["median"] > stale["reach"]["median"]
    assert datetime.fromisoformat(row["estimated_at"]) == clock.now


async def test_refreshing_again_changes_nothing_and_what_is_no_evidence_has_nothing_computed(
    make: Make, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stored() -> list[Any]:
        return await make.fetch("select * from reach_estimate order by zone_id") + await make.fetch(
            "select * from area_reach_estimate order by division_prefix"
        )

    await make.tally(world, 0, 6000)
    assert await refreshed(database, world)
    before = await stored()
    assert not await refreshed(database, world, NOW + timedelta(minutes=1))
    monkeypatch.setattr(estimate_refresh, "compute_estimates", explode)
    await make.fetch("update campaign set revision = revision + 1")  # somebody claimed a batch
    assert await refreshed(database, world, NOW + timedelta(minutes=2))
    assert not await refreshed(database, world, NOW + timedelta(minutes=3))
    assert await stored() == before
    monkeypatch.undo()
    await make.fetch(
        "update zone set households = 3000, changed_at = changed_at + interval '1 second' where zone_id = $1",
        world.zones[0],
    )
    assert await refreshed(database, world, NOW + timedelta(minutes=4))
    assert await stored() != before
    await make.fetch("update campaign set target_reach = 0.3")
    assert await refreshed(database, world, NOW + timedelta(minutes=5))


async def test_a_campaign_that_is_not_there_has_nothing_to_estimate(
    make: Make, world: World, database: Database
) -> None:
    assert not await refresh_estimates(database, world.city_id, make.id(), NOW)
    assert not await refresh_estimates(database, 98, world.campaign, NOW)
    await make.city(97)
    empty = await make.campaign(97)
    assert await refresh_estimates(database, 97, empty, NOW)
    assert await make.value("select count(*) from area_reach_estimate") == 0


async def test_two_refreshes_at_once_leave_one_set_of_figures_and_older_evidence_never_wins(
    clone: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    await make.tally(world, 0, 3000)
    await asyncio.gather(*(refreshed(clone, world) for _ in range(4)))
    assert await make.value("select count(*) from reach_estimate") == 4
    await make.tally(world, 0, 1000)
    real, at_work, go_on = estimate_refresh.compute_estimates, asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(*arguments: Any) -> Any:
        loop.call_soon_threadsafe(at_work.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(HANG_SECONDS)
        return real(*arguments)

    monkeypatch.setattr(estimate_refresh, "compute_estimates", slow)
    older = asyncio.create_task(refreshed(clone, world))
    await at_work.wait()
    monkeypatch.setattr(estimate_refresh, "compute_estimates", real)
    await make.tally(world, 0, 2000)
    assert await refreshed(clone, world)
    go_on.set()
    assert await older is False
    assert await make.value("select copies from reach_estimate where zone_id = $1", world.zones[0]) == 6000


async def test_housekeeping_finds_what_has_changed_in_campaigns_that_have_begun(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world, draft = await make.world(), await make.city(98)
    await make.campaign(draft, status="draft")
    broken = await make.world(97)  # comes first, and must not keep the others waiting
    await make.tally(broken, 0, 100)
    await make.first_copies(broken, 0, 1, 2)

    async def kept(copies: int) -> bool:
        return await make.value("select copies from reach_estimate where zone_id = $1", world.zones[0]) == copies

    async with serving(clone, clock) as (_, _app):

        async def turn() -> None:
            cities = await estimate_refresh.cities_stale(clone)
            await city_by_city(
                clone,
                clock,
                "refresh_estimates",
                cities,
                lambda city, now: estimate_refresh.refresh_city(clone, city, now),
            )

        task = asyncio.create_task(repeat(0, turn, name="refresh_estimates"))
        for copies in (0, 3000):
            await make.tally(world, 0, copies)
            await until(partial(kept, copies))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await make.value("select count(*) from reach_estimate_state where city_id = $1", draft) == 0


async def test_a_past_day_and_one_material_are_estimated_from_their_copies_alone(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 6000)
    await make.first_copies(world, 0, 200, 40)
    await make.spot_check(world, 0, asked=40, have=8)
    await refreshed(database, world)
    assert (await zone_row(api, world, planner))["reach"]["level"] == "A"
    material = await make.value("select code from material")
    queries: list[dict[str, Any]] = [{"as_of": "2027-04-19"}, {"material": material}]
    for query in queries:
        found = await zone_row(api, world, planner, **query)
        assert (found["reach"]["level"], found["estimated_at"]) == ("C", None)
        assert found["reach"]["median"] == pytest.approx(float(estimate([6000], [6000]).median[0]))
        assert found["verified_reach"] is None  # closed today; asked for the material at large
        summary = await fetched(api, url(world), planner, **query)
        assert (summary["reach"]["level"], summary["verified_reach"]) == ("C", None)


async def test_an_open_check_is_no_evidence_until_it_is_closed(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 6000)
    check = await make.spot_check(world, 0, asked=40, have=35, closed=False)
    await refreshed(database, world)
    before = await zone_row(api, world, planner)
    assert (before["reach"]["level"], before["verified_reach"]) == ("C", None)
    answer = await api.post(f"/api/spot-checks/{check}/close", headers=planner)
    assert answer.status_code == 200
    assert await refreshed(database, world)
    after = await zone_row(api, world, planner)
    assert after["reach"]["level"] == "B"
    assert after["reach"]["median"] > before["reach"]["median"]


async def test_a_gap_misses_what_is_due_with_four_fifths_probability(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner = await make.planner(world.city_id)
    for zone, copies in enumerate((1500, 6000, 9000, 60_000)):
        await make.tally(world, zone, copies)
    await make.first_copies(world, 0, 300, 150)
    await make.first_copies(world, 1, 300, 290)  # nearly every copy to a new household
    await refreshed(database, world)
    zones = (await fetched(api, url(world, "/zones"), planner))["zones"]
    for zone in zones:
        assert zone["gap"] is (1 - zone["meets_due"] >= 0.8)
        assert zone["due_reach"] == pytest.approx(0.6 * 0.37)  # day 37 of 100
    assert [zone["gap"] for zone in zones][:2] == [True, False]
    assert zones[3]["gap"] is False
    listed = await fetched(api, url(world, "/gaps"), planner)
    assert {gap["code"] for gap in listed} == {zone["code"] for zone in zones if zone["gap"]}
    assert listed[0]["priority"] == pytest.approx(
        listed[0]["risk_weight"] * listed[0]["households"] * (0.6 * 0.37 - listed[0]["reach"]["median"])
    )
    assert (await fetched(api, url(world), planner))["gaps"] == len(listed)


async def test_a_district_has_the_figure_of_its_zones_whatever_the_length_of_its_code(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    await make.fetch("update zone set division_code = '990202' where zone_id = any($1)", world.zones[:2])
    for zone, copies in enumerate((1000, 4000, 9000, 20_000)):
        await make.tally(world, zone, copies)
    await make.first_copies(world, 1, 100, 60)
    await refreshed(database, world)
    known = estimate_reach(
        Evidence(households=[6000] * 4, copies=[1000, 4000, 9000, 20_000], firsts=[0, 60, 0, 0], asked=[0, 100, 0, 0])
    )
    for code, members in (
        ("9902", [True, True, False, False]),
        ("990202", [True, True, False, False]),
        ("99", [True] * 4),
    ):
        district = await make.planner(world.city_id, division_code=code)
        summary = await fetched(api, url(world), district)
        expected = area_reach(known, known.applicable & members)
        assert expected is not None
        assert summary["reach"]["median"] == pytest.approx(expected.mean)
        assert summary["reach"]["low"] == pytest.approx(expected.lower)
        assert summary["reach"]["level"] == "B"
        rows = (await fetched(api, url(world, "/zones"), district))["zones"]
        assert [row["reach"]["median"] for row in rows] == pytest.approx(known.median[members].tolist())
    nobody = await make.planner(world.city_id, division_code="9905")
    assert (await fetched(api, url(world), nobody))["reach"] is None


async def test_a_firm_sees_no_estimate_no_check_and_sets_none_going(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    firm = await make.firm_manager(world.city_id, world.partners[0])
    await make.tally(world, 0, 3000)
    await make.first_copies(world, 0, 100, 60, unknown=5)
    await make.spot_check(world, 0, asked=40, have=20)
    row = await zone_row(api, world, firm)
    hidden = ("reach", "meets_target", "estimated_at", "verified_reach", "first_copy_asked", "first_copy_unknown_share")
    assert [row[name] for name in hidden] == [None] * 6
    summary = await fetched(api, url(world), firm)
    assert [summary[name] for name in hidden if name != "meets_target"] == [None] * 5
    assert await make.value("select count(*) from reach_estimate") == 0


async def test_a_zone_newer_than_the_estimates_is_shown_by_its_copies_meanwhile(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner = await make.planner(world.city_id)
    await refreshed(database, world)
    await make.zone(world.city_id, 7, households=500)
    rows = (await fetched(api, url(world, "/zones"), planner))["zones"]
    assert (rows[4]["code"], rows[4]["estimated_at"], rows[4]["reach"]["level"]) == ("990101007", None, "C")
    await refreshed(database, world)
    assert (await zone_row(api, world, planner, 4))["estimated_at"] is not None


async def test_an_old_check_is_still_shown_but_says_nothing_about_today(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 6000)
    await make.spot_check(world, 0, asked=40, have=4, closed_at=NOW - timedelta(days=15))
    await refreshed(database, world)
    row = await zone_row(api, world, planner)
    assert (row["reach"]["level"], row["verified_reach"]["have"]) == ("C", 4)
    await make.spot_check(world, 0, asked=40, have=20, closed_at=NOW - timedelta(days=13))
    await refreshed(database, world)
    row = await zone_row(api, world, planner)
    assert row["reach"]["level"] == "B"
    assert abs(row["reach"]["spot_check"] - 0.55) < 0.05  # that of the later round alone
    assert (row["verified_reach"]["have"], row["verified_reach"]["asked"]) == (20, 40)
