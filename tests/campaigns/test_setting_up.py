"""Setting a campaign up: its days and waves, its status, who sees it."""

from typing import Any

import httpx
import pytest

from tests.make import Make, World


def body(make: Make, **more: Any) -> dict[str, Any]:
    """A campaign of three waves, of which the first is confined to one zone."""
    return {
        "campaign_id": str(make.id()),
        "code": "BR-2027",
        "name": "百日行动",
        "starts_on": "2027-03-15",
        "ends_on": "2027-06-22",
        "target_reach": 0.45,
        "retention_days": 60,
        "waves": [
            {"number": 1, "name": "试点", "starts_on": "2027-03-15", "ends_on": "2027-03-28", "planned_share": 0.1,
             "zone_codes": ["990101000"]},
            {"number": 2, "name": "铺开", "starts_on": "2027-03-29", "ends_on": "2027-05-31", "planned_share": 0.8},
            {"number": 3, "name": "收尾", "starts_on": "2027-06-01", "ends_on": "2027-06-22", "planned_share": 1},
        ],
        **more,
    }  # fmt: skip


async def test_a_planner_sets_up_a_draft_and_finds_it_again(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, wanted = await make.planner(world.city_id), body(make)
    made = await api.post("/api/campaigns", json=wanted, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json()["status"] == "draft"
    assert made.json()["invitation_status"] is None
    found = (await api.get(f"/api/campaigns/{wanted['campaign_id']}", headers=headers)).json()
    assert found == made.json()
    assert [wave["name"] for wave in found["waves"]] == ["试点", "铺开", "收尾"]
    assert found["waves"][0]["zone_codes"] == ["990101000"]
    assert found["waves"][1]["zone_codes"] == []
    listed = (await api.get("/api/campaigns", headers=headers)).json()
    assert {campaign["campaign_id"] for campaign in listed} == {wanted["campaign_id"], str(world.campaign)}


async def test_the_same_request_again_changes_nothing_and_other_content_is_refused(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers, wanted = await make.planner(world.city_id), body(make)
    first = await api.post("/api/campaigns", json=wanted, headers=headers)
    again = await api.post("/api/campaigns", json=wanted, headers=headers)
    assert again.json() == first.json()
    other = await api.post("/api/campaigns", json={**wanted, "name": "别的"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/campaign-changed")
    same_code = await api.post("/api/campaigns", json={**wanted, "campaign_id": str(make.id())}, headers=headers)
    assert (same_code.status_code, same_code.json()["type"]) == (409, "/problems/campaign-code-taken")
    assert await make.value("select count(*) from campaign where city_id = $1", world.city_id) == 2
    assert await make.value("select count(*) from wave where city_id = $1", world.city_id) == 3


async def test_a_wave_that_names_an_unknown_zone_is_refused(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, wanted = await make.planner(world.city_id), body(make)
    wanted["waves"][0]["zone_codes"] = ["990101000", "nowhere"]
    refused = await api.post("/api/campaigns", json=wanted, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/wave-zones")
    assert refused.json()["zone_codes"] == ["nowhere"]
    assert await make.value("select count(*) from campaign where code = 'BR-2027'") == 0


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"ends_on": "2027-03-14", "waves": []}, "campaign-dates"),
        ({"ends_on": "2030-03-14", "waves": []}, "campaign-dates"),
        ({"campaign_id": "6ba7b810-9dad-41d1-80b4-00c04fd430c8"}, "id-unusable"),
        ({"target_reach": 0}, "invalid-request"),
        ({"target_reach": 1.2}, "invalid-request"),
        ({"retention_days": 0}, "invalid-request"),
        ({"surprise": 1}, "invalid-request"),
    ],
)
async def test_a_campaign_that_makes_no_sense_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, more: dict[str, Any], problem: str
) -> None:
    refused = await api.post("/api/campaigns", json=body(make, **more), headers=await make.planner(world.city_id))
    assert refused.json()["type"] == f"/problems/{problem}"
    assert await make.value("select count(*) from campaign where code = 'BR-2027'") == 0


async def test_a_campaign_goes_from_draft_to_open_to_closed_and_never_back(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers, wanted = await make.planner(world.city_id), body(make)
    await api.post("/api/campaigns", json=wanted, headers=headers)
    address = f"/api/campaigns/{wanted['campaign_id']}"
    early = await api.post(f"{address}/close", headers=headers)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/campaign-status-order")
    opened = await api.post(f"{address}/open", headers=headers)
    assert (opened.status_code, opened.json()["status"]) == (200, "open")
    assert (await api.post(f"{address}/open", headers=headers)).json() == opened.json()
    closed = await api.post(f"{address}/close", headers=headers)
    assert (closed.json()["status"], closed.json()["closed_at"]) == ("closed", "2027-04-20T02:00:00Z")
    assert (await api.post(f"{address}/close", headers=headers)).json() == closed.json()
    late = await api.post(f"{address}/open", headers=headers)
    assert late.json()["current"] == "closed"
    assert closed.json()["revision"] == opened.json()["revision"] + 1


async def test_only_planners_of_the_whole_city_set_up_and_open(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    wanted = body(make)
    district = await make.planner(world.city_id, division_code="990101")
    firm = await make.firm_manager(world.city_id, world.partners[0])
    for headers in (district, firm):
        assert (await api.post("/api/campaigns", json=wanted, headers=headers)).status_code == 403
        assert (await api.post(f"/api/campaigns/{world.campaign}/close", headers=headers)).status_code == 403
    assert (await api.post("/api/campaigns", json=wanted)).status_code == 401
    assert await make.value("select status from campaign where campaign_id = $1", world.campaign) == "open"
    assert await make.value("select count(*) from campaign where code = 'BR-2027'") == 0


async def test_a_firm_sees_campaigns_it_is_invited_to_and_a_rider_those_the_firm_accepted(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.invitation(world.city_id, world.campaign, world.partners[0], "invited")
    address = f"/api/campaigns/{world.campaign}"
    invited = await make.firm_manager(world.city_id, world.partners[0])
    outlet = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    stranger = await make.firm_manager(world.city_id, world.partners[1])
    rider = await make.rider_session(world.city_id, world.riders[0])
    assert (await api.get(address, headers=invited)).json()["invitation_status"] == "invited"
    assert len((await api.get("/api/campaigns", headers=outlet)).json()) == 1
    for headers in (stranger, rider):
        assert (await api.get(address, headers=headers)).status_code == 404
        assert (await api.get("/api/campaigns", headers=headers)).json() == []
    await api.post(f"{address}/invitation/answer", json={"accepted": True}, headers=invited)
    assert (await api.get(address, headers=rider)).status_code == 200


async def test_another_citys_campaign_does_not_exist_here(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.city(98)
    headers = await make.planner(98)
    assert (await api.get(f"/api/campaigns/{world.campaign}", headers=headers)).status_code == 404
    assert (await api.post(f"/api/campaigns/{world.campaign}/close", headers=headers)).status_code == 404
    assert (await api.get("/api/campaigns", headers=headers)).json() == []
    assert await make.value("select status from campaign where campaign_id = $1", world.campaign) == "open"


async def test_a_draft_is_changed_until_it_is_opened(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, wanted = await make.planner(world.city_id), body(make)
    address = f"/api/campaigns/{wanted['campaign_id']}"
    await api.post("/api/campaigns", json=wanted, headers=headers)
    wanted |= {
        "name": "秋季行动",
        "target_reach": 0.5,
        "waves": [{**wanted["waves"][0], "ends_on": "2027-06-22", "planned_share": 1}],
    }
    changed = await api.put(address, json=wanted, headers=headers)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["target_reach"], len(changed.json()["waves"])) == (
        "秋季行动",
        0.5,
        1,
    )
    assert (await api.put(address, json=wanted, headers=headers)).json() == changed.json(), (
        "the same again changes nothing"
    )
    for wrong, problem in (
        (
            {"code": await make.value("select code from campaign where campaign_id = $1", world.campaign)},
            "campaign-code-taken",
        ),
        ({"ends_on": "2027-03-01"}, "campaign-dates"),
        ({"campaign_id": str(make.id())}, "campaign-changed"),
    ):
        refused = await api.put(address, json={**wanted, **wrong}, headers=headers)
        assert refused.json()["type"] == f"/problems/{problem}"
    await api.post(f"{address}/open", headers=headers)
    late = await api.put(address, json={**wanted, "name": "又改"}, headers=headers)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/campaign-not-draft")
    assert (await api.get(address, headers=headers)).json()["name"] == "秋季行动"
