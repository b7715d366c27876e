"""A plan for some zones alone, which never takes a promise for a delivery."""

from datetime import date

import httpx
import pytest

from tests.allocation.planning import body, ready
from tests.make import Make, World


async def zone_codes(make: Make, world: World) -> list[str]:
    found = {row["zone_id"]: row["code"] for row in await make.fetch("select zone_id, code from zone")}
    return [found[zone] for zone in world.zones]


async def test_a_plan_stays_in_the_zones_chosen(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await ready(make, world)
    codes = await zone_codes(make, world)
    address = f"/api/campaigns/{world.campaign}/allocations/preview"
    wanted = await body(make, world, copies=2_000, zone_codes=[codes[2], codes[0]])
    plan = (await api.post(address, json=wanted, headers=headers)).json()
    assert [line["zone_code"] for line in plan["lines"]] == [codes[0], codes[2]]
    assert plan["planned_copies"] == 2_000


async def test_a_zone_there_is_not_or_that_the_wave_does_not_have_is_refused_by_name(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = f"/api/campaigns/{world.campaign}/allocations/preview"
    wanted = await body(make, world, zone_codes=["nowhere"])
    refused = await api.post(address, json=wanted, headers=headers)
    assert (refused.json()["type"], refused.json()["zone_codes"]) == ("/problems/plan-options", ["nowhere"])


async def test_a_plan_can_be_for_one_district(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await ready(make, world)
    await make.fetch("update zone set division_code = '990188' where zone_id = $1", world.zones[3])
    address = f"/api/campaigns/{world.campaign}/allocations/preview"
    wanted = await body(make, world, copies=1_000, division_code="990188")
    plan = (await api.post(address, json=wanted, headers=headers)).json()
    assert [line["zone_code"] for line in plan["lines"]] == [(await zone_codes(make, world))[3]]


async def test_before_counts_what_was_handed_out_and_promises_stand_apart(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    """翠溪街道: 75 of 2,950 planned copies handed out, and the plan said 29.6 % were reached."""
    headers = await ready(make, world)
    await make.batch(world, copies=2_950, zone=0, due_on=date(2027, 5, 9))
    await make.tally(world, 0, copies=75)
    code = (await zone_codes(make, world))[0]
    address = f"/api/campaigns/{world.campaign}/allocations/preview"
    wanted = await body(make, world, copies=500, zone_codes=[code], within_capacity=False, genuine_share=1.0)
    (line,) = (await api.post(address, json=wanted, headers=headers)).json()["lines"]
    assert (line["handed_out_copies"], line["promised_copies"], line["committed_copies"]) == (75, 2_875, 2_950)

    def curve(copies: float) -> float:
        return 1 - (1 + 1.5 * copies / line["households"]) ** (-1 / 1.5)

    assert line["expected_reach_before"] == pytest.approx(curve(75))
    assert line["expected_reach_committed"] == pytest.approx(curve(2_950))
    assert line["expected_reach_after"] == pytest.approx(curve(3_450))
    ignoring = {**wanted, "allocation_id": str(make.id()), "ignore_promises": True}
    (line,) = (await api.post(address, json=ignoring, headers=headers)).json()["lines"]
    assert (line["promised_copies"], line["committed_copies"]) == (2_875, 75)
    assert line["expected_reach_after"] == pytest.approx(curve(575))
