"""What a city says of its centre to riders."""

import httpx
import pytest

from tests.make import Make, World

SAID = {"centre_name": "云川市反诈中心", "centre_phone": "0433-96110"}


async def test_the_whole_citys_planner_says_who_asks_for_pins_and_where_to_call(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(world.city_id)
    address = "/api/city/contact"
    assert (await api.get(address, headers=headers)).json() == {"centre_name": None, "centre_phone": None}
    for _ in range(2):
        assert (await api.put(address, json=SAID, headers=headers)).status_code == 204
    assert (await api.get(address, headers=headers)).json() == SAID
    district = await make.planner(world.city_id, division_code="9901")
    assert (await api.get(address, headers=district)).json() == SAID
    refused = await api.put(address, json={"centre_name": None, "centre_phone": None}, headers=district)
    assert refused.json()["type"] == "/problems/not-allowed"
    assert (await api.get(address, headers=headers)).json() == SAID
    nothing = {"centre_name": None, "centre_phone": None}
    assert (await api.put(address, json=nothing, headers=headers)).status_code == 204
    assert (await api.get(address, headers=headers)).json() == nothing


@pytest.mark.parametrize("phone", ["", "96", "call me", "９６１１０", "9" * 31, "javascript:1"])
async def test_a_number_nobody_can_dial_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, phone: str
) -> None:
    headers = await make.planner(world.city_id)
    answer = await api.put("/api/city/contact", json={**SAID, "centre_phone": phone}, headers=headers)
    assert answer.json()["errors"][0]["pointer"] == "/centre_phone"
