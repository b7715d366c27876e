"""What the figures' routes answer, to whom, and as of when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.reach.copies_alone import estimate
from dispatch.reach.posterior import Evidence, estimate_reach
from tests.conftest import NOW, Clock
from tests.make import Make, World


def url(world: World, path: str = "") -> str:
    return f"/api/campaigns/{world.campaign}/coverage{path}"


async def fetched(api: httpx.AsyncClient, address: str, headers: dict[str, str], **query: Any) -> Any:
    answer = await api.get(address, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_zone_rows_carry_every_figure_and_the_cut_off(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 6000, channel="with_parcel")
    await make.tally(world, 0, 3000, channel="in_person", outlet=2)
    await make.approved(world, {0: 12_000, 1: 500})
    found = await fetched(api, url(world, "/zones"), planner)
    assert found["scope"] == "city"
    assert [zone["code"] for zone in found["zones"]] == ["990101000", "990101001", "990101002", "990101003"]
    first, second = found["zones"][:2]
    assert first["households"] == 6000
    assert first["handed_out"] == 9000
    assert first["reported"] == 1.5
    assert first["in_person_share"] == pytest.approx(1 / 3)
    assert first["planned"] == 12_000
    known = Evidence(households=[6000] * 4, copies=[9000, 0, 0, 0])
    assert first["reach"]["median"] == pytest.approx(float(estimate_reach(known).median[0]))
    assert first["reach"]["median"] == pytest.approx(float(estimate([9000], [6000]).median[0]), abs=0.01)
    assert datetime.fromisoformat(first["estimated_at"]) == NOW
    assert first["reach"]["level"] == "C"
    assert first["gap"] is False
    assert second["handed_out"] == 0
    assert second["in_person_share"] is None
    assert second["gap"] is True
    assert datetime.fromisoformat(first["as_of"]) == NOW
    assert first["as_of"].endswith("+08:00")


async def test_a_zone_without_households_is_not_applicable_in_rows_and_left_out_of_the_city(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await make.fetch("update zone set households = null where zone_id = $1", world.zones[0])
    await make.fetch("update zone set households = 0 where zone_id = $1", world.zones[1])
    await make.tally(world, 0, 500)
    await make.tally(world, 2, 1200)
    zones = (await fetched(api, url(world, "/zones"), planner))["zones"]
    for zone in zones[:2]:
        assert [zone[name] for name in ("reported", "copies_per_household", "reach", "meets_target", "gap")] == [
            None
        ] * 5
    summary = await fetched(api, url(world), planner)
    assert summary["handed_out"] == 1700
    assert summary["handed_out_with_households"] == 1200
    assert summary["households"] == 12_000
    assert summary["reported"] == pytest.approx(0.1)
    assert summary["saturation"] == 0
    assert summary["zones"] == 4
    assert summary["zones_with_households"] == 2
    assert summary["gaps"] == 2


async def test_the_summary_knows_stock_plan_and_pace(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await make.print_run(world.city_id, world.campaign, world.material, world.depot, 100_000)
    depot, outlet = ("depot", world.depot), ("outlet", world.outlets[0])
    await make.move(world, "receipt", ("printer", world.campaign), depot, 100_000)
    issue = await make.move(world, "issue", depot, ("transit", world.campaign), 9000)
    await make.move(world, "acceptance", ("transit", world.campaign), outlet, 9000)
    await make.move(world, "issue", depot, outlet, 1000)
    await make.move(world, "return", outlet, depot, 400)
    await make.move(world, "write_off", outlet, ("written_off", world.campaign), 100, reason="雨淋")
    for day in range(6, 20):  # 6 … 19 April: the last seven whole days are 13 … 19
        await make.tally(world, 0, 100 if day < 13 else 200, day=date(2027, 4, day))
    await make.tally(world, 0, 50, day=date(2027, 4, 20))
    found = await fetched(api, url(world), planner)
    assert found["issued"] == 9600
    assert found["handed_out"] == 2150
    assert found["distribution_rate"] == pytest.approx(2150 / 9600)
    assert found["stock_on_hand"] == 100_000 - 100 - 2150
    assert found["days_left"] == pytest.approx((100_000 - 100 - 2150) / 200)
    assert found["plan_vs_actual"]["planned_total"] == 100_000  # nothing approved: the print runs
    assert found["plan_vs_actual"]["planned"] == pytest.approx(100_000 * 37 / 100)  # day 37 of 100
    await make.move(world, "reversal", ("transit", world.campaign), depot, 9000, reversal_of=issue, reason="错单")
    await make.approved(world, {0: 40_000})
    found = await fetched(api, url(world), planner)
    assert found["issued"] == 600
    assert found["plan_vs_actual"]["planned"] == pytest.approx(40_000 * 0.37)


async def test_days_left_of_a_past_day_count_that_days_copies_for_a_firm_as_for_the_city(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    outlet = ("outlet", world.outlets[0])
    sent = datetime(2027, 4, 1, tzinfo=UTC)
    await make.move(world, "issue", ("depot", world.depot), outlet, 9000, moved_at=sent, recorded_at=sent)
    for day in range(12, 21):  # the last seven whole days of the 19th are 13 … 19
        await make.tally(world, 0, 10 if day < 13 else 200, day=date(2027, 4, day))
    await make.tally(world, 0, 70, day=date(2027, 4, 18), known_on=date(2027, 4, 20))  # synced later
    of_all = await fetched(api, url(world), await make.planner(world.city_id), as_of="2027-04-19")
    of_firm = await fetched(
        api, url(world), await make.firm_manager(world.city_id, world.partners[0]), as_of="2027-04-19"
    )
    assert of_firm["handed_out"] == of_all["handed_out"] == 1410
    assert of_firm["days_left"] == pytest.approx((9000 - 1410) / 200)
    assert of_all["days_left"] == pytest.approx(of_all["stock_on_hand"] / 200)


async def test_materials_that_do_not_count_are_left_out_unless_asked_for(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    poster = await make.material(world.city_id, world.campaign, code="POSTER", kind="poster", counts_for_reach=False)
    await make.tally(world, 0, 600)
    await make.tally(world, 0, 40, material_id=poster, channel="placed")
    assert (await fetched(api, url(world), planner))["handed_out"] == 600
    assert (await fetched(api, url(world), planner, material="POSTER"))["handed_out"] == 40
    channels = await fetched(api, url(world, "/channels"), planner)
    assert [(row["channel"], row["copies"]) for row in channels] == [("with_parcel", 600)]
    materials = await fetched(api, url(world, "/materials"), planner)
    assert {row["code"]: row["handed_out"] for row in materials}["POSTER"] == 40
    assert len(materials) == 2
    unknown = await api.get(url(world), headers=planner, params={"material": "NONE"})
    assert unknown.status_code == 404


async def test_a_past_day_shows_what_was_known_at_its_end(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    tenth = date(2027, 4, 10)
    cell = world.cells[0][3]
    await make.tally(world, 0, 300, day=tenth, cell=cell)
    await make.tally(world, 0, 200, day=tenth, known_on=date(2027, 4, 12), cell=cell)  # synced two days late
    await make.tally(world, 0, -100, day=tenth, known_on=date(2027, 4, 15), cell=cell)  # taken back later
    await make.approved(world, {0: 900}, approved_at=datetime(2027, 4, 12, 1, 0, tzinfo=UTC))
    await make.move(world, "issue", ("depot", world.depot), ("outlet", world.outlets[0]), 1000,
                    recorded_at=datetime(2027, 4, 11, 1, 0, tzinfo=UTC))  # fmt: skip
    seen: list[tuple[Any, ...]] = []
    for day in (9, 10, 12, 15):
        asked = date(2027, 4, day).isoformat()
        zone = (await fetched(api, url(world, "/zones"), planner, as_of=asked))["zones"][0]
        summary = await fetched(api, url(world), planner, as_of=asked)
        days = await fetched(api, url(world, "/days"), planner, as_of=asked)
        cells = await fetched(api, url(world, "/cells"), planner, as_of=asked, zone_code="990101000")
        assert summary["handed_out"] == zone["handed_out"] == sum(cells["copies"])
        assert [row["cumulative"] for row in days if row["day"] == asked] == [zone["handed_out"]]
        assert zone["as_of"].startswith(f"{asked}T23:59:59")
        assert cells["in_person"] is None
        seen.append((day, zone["handed_out"], zone["planned"], summary["issued"]))
    assert seen == [(9, 0, 0, 0), (10, 300, 0, 0), (12, 500, 900, 1000), (15, 400, 900, 1000)]
    now = (await fetched(api, url(world, "/zones"), planner))["zones"][0]
    assert now["handed_out"] == 400


async def test_days_run_from_start_to_end_with_the_plan(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await make.insert(
        "wave", city_id=world.city_id, campaign_id=world.campaign, number=1, name="试点", starts_on=date(2027, 3, 15),
        ends_on=date(2027, 3, 24), planned_share=0.1, zone_codes=["990101000"],
    )  # fmt: skip
    await make.insert(
        "wave", city_id=world.city_id, campaign_id=world.campaign, number=2, name="铺开", starts_on=date(2027, 3, 25),
        ends_on=date(2027, 6, 22), planned_share=1.0,
    )  # fmt: skip
    await make.approved(world, {0: 1000, 1: 9000})
    await make.tally(world, 0, 70, day=date(2027, 3, 20))
    await make.tally(world, 1, 30, day=date(2027, 3, 20))
    await make.tally(world, 1, 500, day=date(2027, 4, 1))
    days = {row["day"]: row for row in await fetched(api, url(world, "/days"), planner)}
    assert min(days) == "2027-03-15"
    assert max(days) == "2027-06-22"
    assert days["2027-03-20"]["handed_out"] == 100
    assert days["2027-03-24"]["planned"] == pytest.approx(1000)
    assert days["2027-04-20"]["cumulative"] == 600
    assert days["2027-04-21"]["cumulative"] is None
    waves = await fetched(api, url(world, "/waves"), planner)
    assert [(row["number"], row["handed_out"], row["cumulative"], row["planned"]) for row in waves] == [
        (1, 70, 100, 1000),  # confined to one zone
        (2, 500, 600, 10_000),
    ]


async def test_partners_are_compared_by_the_planner_only(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.tally(world, 0, 100, outlet=0, channel="in_person")
    await make.tally(world, 1, 300, outlet=1)
    await make.tally(world, 1, 50, outlet=2)
    found = await fetched(api, url(world, "/partners"), await make.planner(world.city_id))
    assert [(row["copies"], row["zones"], row["outlets"], row["in_person_share"]) for row in found] == [
        (400, 2, 2, 0.25),
        (50, 1, 1, 0),
    ]
    manager = await make.firm_manager(world.city_id, world.partners[0])
    for path in ("/partners", "/gaps", "/cells", "/tiles/0/0/0.mvt", "/zone-tiles/0/0/0.mvt"):
        assert (await api.get(url(world, path), headers=manager)).status_code == 403


async def test_a_renamed_partner_is_shown_by_its_new_name(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 100)
    first = await api.get(url(world, "/partners"), headers=planner)
    await make.fetch("update partner set name = '新名' where partner_id = $1", world.partners[0])
    again = await api.get(url(world, "/partners"), headers=planner | {"if-none-match": first.headers["etag"]})
    assert again.json()[0]["name"] == "新名"


async def test_gaps_come_by_risk_and_missing_households(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 60_000)
    for zone, incidents in ((1, 10), (2, 300), (3, 50)):
        await make.insert(
            "incident_count", city_id=world.city_id, zone_id=world.zones[zone], month=date(2027, 2, 1),
            scam_type="刷单", incidents=incidents,
        )  # fmt: skip
    answer = await api.get(url(world, "/gaps"), headers=planner)
    found = answer.json()
    assert [(gap["rank"], gap["code"]) for gap in found] == [(1, "990101002"), (2, "990101003"), (3, "990101001")]
    assert found[0]["missing_households"] == pytest.approx(0.6 * 0.37 * 6000)
    assert found[0]["priority"] == pytest.approx(found[0]["risk_weight"] * 0.37 * 3600)
    again = await api.get(url(world, "/gaps"), headers=planner | {"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    await make.fetch("update incident_count set incidents = 5000 where zone_id = $1", world.zones[1])
    changed = await api.get(url(world, "/gaps"), headers=planner | {"if-none-match": answer.headers["etag"]})
    assert changed.json()[0]["code"] == "990101001"


async def test_a_district_sees_its_own_zones_only(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.fetch("update zone set division_code = '990202' where zone_id = any($1)", world.zones[:2])
    district = await make.planner(world.city_id, division_code="9902")
    await make.tally(world, 0, 600, cell=world.cells[0][0])
    await make.tally(world, 3, 900, cell=world.cells[3][0], channel="in_person")
    await make.approved(world, {0: 1000, 3: 2000})
    zones = await fetched(api, url(world, "/zones"), district)
    assert zones["scope"] == "district"
    assert [zone["code"] for zone in zones["zones"]] == ["990101000", "990101001"]
    summary = await fetched(api, url(world), district)
    assert (summary["households"], summary["handed_out"], summary["zones"]) == (12_000, 600, 2)
    assert (summary["issued"], summary["distribution_rate"], summary["days_left"]) == (None, None, None)
    assert summary["plan_vs_actual"]["planned_total"] == 1000
    assert sum((await fetched(api, url(world, "/cells"), district))["copies"]) == 600
    assert sum((await fetched(api, url(world, "/cells"), district, resolution=7))["copies"]) == 600
    assert [gap["code"] for gap in await fetched(api, url(world, "/gaps"), district)] == ["990101001", "990101000"]
    assert [row["channel"] for row in await fetched(api, url(world, "/channels"), district)] == ["with_parcel"]
    assert (await fetched(api, url(world, "/days"), district))[36]["cumulative"] == 600
    assert len((await fetched(api, url(world, "/zones.geojson"), district))["features"]) == 2
    assert len(await fetched(api, url(world, "/partners"), district)) == 1
    foreign = await api.get(url(world, "/cells"), headers=district, params={"zone_code": "990101003"})
    assert foreign.status_code == 404


async def test_a_firm_sees_its_own_copies_and_no_reach(api: httpx.AsyncClient, make: Make, world: World) -> None:
    firm = await make.firm_manager(world.city_id, world.partners[0])
    await make.tally(world, 0, 100, outlet=0, channel="in_person")
    await make.tally(world, 0, 300, outlet=1)
    await make.tally(world, 0, 5000, outlet=2)
    await make.tally(world, 1, 7000, outlet=3)
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[2], 50)
    await make.approved(world, {0: 2000}, partner=0)
    await make.approved(world, {0: 9000, 3: 9000}, partner=1)
    outlet = ("outlet", world.outlets[0])
    await make.move(world, "issue", ("depot", world.depot), outlet, 800)
    await make.move(world, "issue", ("depot", world.depot), ("outlet", world.outlets[2]), 6000)
    zones = await fetched(api, url(world, "/zones"), firm)
    assert zones["scope"] == "own"
    assert [(zone["code"], zone["handed_out"], zone["planned"]) for zone in zones["zones"]] == [
        ("990101000", 400, 2000),
        ("990101002", 0, 0),  # served, nothing handed out yet
    ]
    withheld = ("households", "reported", "copies_per_household", "reach", "meets_target", "gap")
    assert [zones["zones"][0][name] for name in withheld] == [None] * 6
    summary = await fetched(api, url(world), firm)
    assert (summary["handed_out"], summary["issued"], summary["stock_on_hand"]) == (400, 800, 400)
    assert summary["in_person_share"] == 0.25
    for name in ("households", "population", "reach", "reported", "saturation", "gaps", "zones_with_households"):
        assert summary[name] is None
    assert summary["plan_vs_actual"]["planned_total"] == 2000
    assert sum(row["copies"] for row in await fetched(api, url(world, "/channels"), firm)) == 400
    assert (await fetched(api, url(world, "/materials"), firm))[0]["handed_out"] == 400
    assert (await fetched(api, url(world, "/days"), firm))[36]["cumulative"] == 400
    manager = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1])
    own = await fetched(api, url(world, "/zones"), manager)
    assert [(zone["code"], zone["handed_out"], zone["planned"]) for zone in own["zones"]] == [("990101000", 300, None)]
    past = await fetched(api, url(world, "/zones"), manager, as_of="2027-04-18")
    assert [zone["handed_out"] for zone in past["zones"]] == []
    text = (await api.get(url(world, "/zones.csv"), headers=firm)).text
    assert "估计触达,触达下限" not in text
    assert "户数" not in text


async def test_riders_systems_auditors_and_strangers_are_turned_away(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    auditor = await make.session(world.city_id, account_id=await make.account(world.city_id, "auditor"))
    callers = [
        await make.rider_session(world.city_id, world.riders[0]),
        await make.partner_system(world.city_id, world.partners[0]),
        auditor,
    ]
    paths = ("", "/zones", "/zones.csv", "/zones.geojson", "/cells", "/partners", "/materials", "/channels", "/days",
             "/waves", "/gaps", "/tiles/0/0/0.mvt", "/zone-tiles/0/0/0.mvt")  # fmt: skip
    for path in paths:
        assert (await api.get(url(world, path))).status_code == 401
        for headers in callers:
            assert (await api.get(url(world, path), headers=headers)).status_code == 403
    for headers in callers[:2]:  # auditors read the ledger, whose page follows the campaign too
        assert (await api.get(f"/api/campaigns/{world.campaign}/events", headers=headers)).status_code == 403


async def test_another_city_has_no_such_campaign(api: httpx.AsyncClient, make: Make, world: World) -> None:
    other = await make.world(city_id=98)
    stranger = await make.planner(other.city_id)
    for path in ("", "/zones", "/zones.csv", "/zones.geojson", "/cells", "/partners", "/materials", "/channels", "/days",
                 "/waves", "/gaps", "/tiles/0/0/0.mvt", "/zone-tiles/0/0/0.mvt"):  # fmt: skip
        answer = await api.get(url(world, path), headers=stranger)
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/not-found"
    assert (await api.get(f"/api/campaigns/{world.campaign}/events", headers=stranger)).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["", "/zones", "/zones.csv", "/zones.geojson", "/cells", "/partners", "/materials", "/channels", "/days", "/waves"],
)
async def test_unchanged_figures_are_not_sent_again_and_changed_ones_are(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock, path: str
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 100)
    first = await api.get(url(world, path), headers=planner)
    assert first.headers["cache-control"] == "private, no-cache"
    known = planner | {"if-none-match": first.headers["etag"]}
    clock.now += timedelta(minutes=5)
    again = await api.get(url(world, path), headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other_query = await api.get(url(world, path), headers=known, params={"as_of": "2027-04-01"})
    assert other_query.status_code == 200
    await make.tally(world, 0, 1)
    assert (await api.get(url(world, path), headers=known)).status_code == 200
    clock.now += timedelta(days=1)
    fresh = await api.get(url(world, path), headers=planner)
    clock.now += timedelta(days=1)
    tomorrow = await api.get(url(world, path), headers=planner | {"if-none-match": fresh.headers["etag"]})
    assert tomorrow.status_code == 200  # plan to date and days left have moved


async def test_a_district_does_not_get_the_citys_answer_confirmed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    first = await api.get(url(world, "/zones"), headers=await make.planner(world.city_id))
    district = await make.planner(world.city_id, division_code="990101")
    answer = await api.get(url(world, "/zones"), headers=district | {"if-none-match": first.headers["etag"]})
    assert answer.status_code == 200
    assert answer.json()["scope"] == "district"


async def test_a_changed_zone_or_campaign_changes_the_version(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    statements: list[tuple[str, UUID]] = [
        ("update campaign set revision = revision + 1 where campaign_id = $1", world.campaign),
        ("update zone set changed_at = changed_at + interval '1 second' where zone_id = $1", world.zones[0]),
    ]
    for statement, identifier in statements:
        before = await api.get(url(world), headers=planner)
        await make.fetch(statement, identifier)
        after = await api.get(url(world), headers=planner | {"if-none-match": before.headers["etag"]})
        assert after.status_code == 200


async def test_bad_questions_are_refused(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    for path, query in (
        ("/zones", {"as_of": "yesterday"}),
        ("/zones", {"material": "\0"}),
        ("/cells", {"zone_code": "'; drop"}),
        ("/cells", {"resolution": 10}),
        ("/cells", {"resolution": 6}),
        ("/cells", {"limit": 0}),
    ):
        answer = await api.get(url(world, path), headers=planner, params=query)
        assert answer.status_code == 400, (path, query)
        assert answer.json()["type"] == "/problems/invalid-request"


async def test_ordered_printed_and_used_in_activities_are_three_figures_as_the_ledger_has_them(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    printer, depot, stand = ("printer", world.campaign), ("depot", world.depot), ("activity", world.campaign)
    await make.print_run(world.city_id, world.campaign, world.material, world.depot, 60_000)
    await make.move(world, "receipt", printer, depot, 39_200)
    wrong = await make.move(world, "receipt", printer, depot, 500)
    await make.move(world, "reversal", depot, printer, 500, reversal_of=wrong, reason="点错")
    used = await make.move(world, "activity", depot, stand, 14_100, reason="一封信")
    await make.move(world, "reversal", stand, depot, 38, reversal_of=used, reason="退回")
    (row,) = await fetched(api, url(world, "/materials"), planner)
    assert (row["ordered"], row["printed"], row["activities"]) == (60_000, 39_200, 14_062)
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[0])
    district = await make.planner(world.city_id, division_code="9902")
    (row,) = await fetched(api, url(world, "/materials"), district)
    assert (row["ordered"], row["printed"], row["activities"]) == (None, None, None)


async def test_a_campaign_that_is_being_set_up_has_nothing_due_and_an_empty_scope_counts_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await make.fetch("update campaign set status = 'draft', revision = revision + 1")
    summary = await fetched(api, url(world), planner)
    assert (summary["gaps"], summary["undecided"], summary["due_reach"]) == (0, 0, 0.0)
    assert await fetched(api, url(world, "/gaps"), planner) == []
    assert {row["standing"] for row in (await fetched(api, url(world, "/zones"), planner))["zones"]} == {"not_due"}
    nobody = await make.planner(world.city_id, division_code="990299")
    empty = await fetched(api, url(world), nobody)
    assert (empty["zones"], empty["gaps"], empty["undecided"], empty["saturation"]) == (0, None, None, None)


async def test_a_zone_outside_the_first_wave_is_no_gap_until_its_own_begins(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    for number, first, last, codes in (
        (1, date(2027, 3, 15), date(2027, 4, 22), ["990101000"]), (2, date(2027, 4, 23), date(2027, 6, 22), []),
    ):  # fmt: skip
        await make.insert(
            "wave", city_id=world.city_id, campaign_id=world.campaign, number=number, name=f"{number}", starts_on=first,
            ends_on=last, planned_share=0.5 * number, zone_codes=codes,
        )  # fmt: skip
    rows = (await fetched(api, url(world, "/zones"), planner))["zones"]
    assert [row["standing"] for row in rows] == ["gap", "not_due", "not_due", "not_due"]
    assert [gap["code"] for gap in await fetched(api, url(world, "/gaps"), planner)] == ["990101000"]
