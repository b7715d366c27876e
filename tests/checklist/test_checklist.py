"""The checklist over HTTP: counted from what is kept, for the city and for a district."""

from typing import Any

import httpx

from tests.make import Make


async def read(api: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = await api.get("/api/checklist", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def figures(checklist: dict[str, Any]) -> dict[str, tuple[str, int, int | None, int]]:
    return {step["key"]: (step["state"], step["count"], step["total"], step["lacking"]) for step in checklist["steps"]}


async def test_a_new_city_begins_with_its_zones_and_goes_on_step_by_step(api: httpx.AsyncClient, make: Make) -> None:
    await make.city(99)
    planner = await make.planner(99)
    empty = await read(api, planner)
    assert {step["state"] for step in empty["steps"]} == {"missing"}
    assert (empty["next"], empty["running"], empty["campaign_id"]) == ("zones", False, None)
    await make.zone(99, 0, division_code="990101", households=None)
    await make.zone(99, 1, division_code="990102")
    await make.zone(99, 2, division_code="")
    named = await api.put("/api/districts/990101", json={"name": "东湖区"}, headers=planner)
    assert named.status_code == 200, named.text
    there = await read(api, planner)
    assert there["next"] == "incidents"
    assert {key: figures(there)[key] for key in ("zones", "districts", "households", "incidents")} == {
        "zones": ("done", 3, None, 0),
        "districts": ("part", 1, 2, 1),
        "households": ("part", 2, 3, 1),
        "incidents": ("missing", 0, 3, 3),
    }


async def test_firms_and_the_campaign_are_counted_until_it_runs(api: httpx.AsyncClient, make: Make) -> None:
    world = await make.world(99)
    planner = await make.planner(99)
    firms = len(world.partners)
    await make.fetch("update campaign set status = 'draft' where city_id = 99")
    before = figures(await read(api, planner))
    assert (before["partners"], before["accounts"]) == (("done", firms, firms, 0), ("missing", 0, firms, firms))
    assert (before["depots"][0], before["campaign"], before["materials"][0]) == ("done", ("done", 1, None, 0), "done")
    assert (before["print_runs"][0], before["plan"][0]) == ("missing", "missing")
    await make.firm_manager(99, world.partners[0])
    await make.invitation(99, world.campaign, world.partners[1])
    await make.print_run(99, world.campaign, world.material, world.depot, 5000)
    await make.fetch("update partner set kind = 'printer' where partner_id = $1", world.partners[0])
    after = await read(api, planner)
    assert figures(after)["partners"] == ("done", firms - 1, firms - 1, 0), "a printer hands nothing out"
    assert figures(after)["accounts"] == ("missing", 0, firms - 1, firms - 1)
    assert figures(after)["invitations"][1:] == (1, 1, 1), "accepted, and nobody there can sign in"
    assert figures(after)["print_runs"] == ("part", 0, 5000, 5000)
    assert (after["running"], after["campaign_id"]) == (False, str(world.campaign))
    await make.fetch("update campaign set status = 'open' where city_id = 99")
    assert (await read(api, planner))["running"] is True


async def test_a_district_sees_its_own_ground_and_nothing_of_the_others(api: httpx.AsyncClient, make: Make) -> None:
    world = await make.world(99)
    await make.fetch("update zone set division_code = '990102' where zone_id = $1", world.zones[0])
    own = await read(api, await make.planner(99, division_code="990102"))
    assert own["division_code"] == "990102"
    assert list(figures(own)) == ["zones", "districts", "households", "incidents"]
    assert figures(own)["zones"] == ("done", 1, None, 0)
    empty = await read(api, await make.planner(99, division_code="990199"))
    assert figures(empty)["zones"] == ("missing", 0, None, 0)
