"""The sheet of a waybill: for those who hand the copies over, and for those who receive them."""

import httpx

from tests.make import Make, World


async def test_a_waybills_sheet_is_read_within_the_district_the_firm_and_the_outlet_of_its_batch(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    division = await make.value("select division_code from zone where zone_id = $1", world.zones[0])
    claim = await make.claim(world, await make.batch(world), world.partners[0])
    waybill = await make.waybill(world, claim, world.outlets[0], 120, code="W-SHEET")
    city, firm = world.city_id, world.partners[0]
    readers = {
        "the city's planner": await make.planner(city),
        "the district's planner": await make.planner(city, division_code=division),
        "the firm's manager": await make.firm_manager(city, firm),
        "the outlet's manager": await make.outlet_manager(city, firm, world.outlets[0]),
    }
    others = {
        "another district's planner": await make.planner(city, division_code="990199"),
        "another firm's manager": await make.firm_manager(city, world.partners[1]),
        "another outlet's manager": await make.outlet_manager(city, firm, world.outlets[1]),
    }
    for who, headers in readers.items():
        sheet = await api.get(f"/api/waybills/{waybill}/sheet", headers=headers)
        assert (sheet.status_code, sheet.json()["loose_copies"]) == (200, 120), who
    for who, headers in others.items():
        refused = await api.get(f"/api/waybills/{waybill}/sheet", headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found"), who
