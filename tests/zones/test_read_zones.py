"""Who sees which zones, and what of them."""

from datetime import date
from typing import Any
from uuid import UUID

import h3
import httpx
import pytest
import shapely

from dispatch.geo.polygons import read_polygon
from tests.make import Make, World, square


async def capacity(make: Make, world: World, outlet: int, zone: int, copies: int = 100) -> None:
    """An outlet declares what it can hand out in a zone."""
    await make.insert(
        "capacity", city_id=world.city_id, campaign_id=world.campaign, outlet_id=world.outlets[outlet], zone_id=world.zones[zone],
        week_starts_on=date(2027, 4, 19), copies=copies, declared_at=make.now,
    )  # fmt: skip


async def claim(make: Make, world: World, zone: int, partner: int, outlet: UUID | None, status: str = "held") -> None:
    """A partner holds, or held, a batch for a zone."""
    allocation, batch, city = make.id(), make.id(), world.city_id
    common: dict[str, Any] = {"city_id": city, "allocation_id": allocation}
    await make.insert(
        "allocation", **common, campaign_id=world.campaign, material_id=world.material, copies=50, parameters={}, certificate={},
        created_at=make.now, created_by=make.id(),
    )  # fmt: skip
    await make.insert(
        "batch", **common, batch_id=batch, code=f"B{make.next()}", campaign_id=world.campaign, zone_id=world.zones[zone],
        material_id=world.material, depot_id=world.depot, copies=50, priority=1.0, priority_reason="-", due_on=date(2027, 5, 1),
        created_at=make.now,
    )  # fmt: skip
    await make.insert(
        "claim", city_id=city, claim_id=make.id(), batch_id=batch, partner_id=world.partners[partner], outlet_id=outlet, copies=50,
        status=status, lease_until=make.now, claimed_at=make.now, claimed_by=make.id(),
        ended_at=None if status == "held" else make.now,
    )  # fmt: skip


async def codes(api: httpx.AsyncClient, headers: dict[str, str]) -> list[str]:
    answer = await api.get("/api/zones", headers=headers)
    assert answer.status_code == 200, answer.text
    return [zone["code"][-1] for zone in answer.json()]


async def test_planners_and_auditors_see_every_zone_and_a_district_its_own(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.zone(99, 7, division_code="990205")
    assert await codes(api, await make.planner(99)) == ["0", "1", "2", "3", "7"]
    auditor = await make.session(99, account_id=await make.account(99, "auditor"))
    assert await codes(api, auditor) == ["0", "1", "2", "3", "7"]
    assert await codes(api, await make.planner(99, division_code="9902")) == ["7"]
    assert await codes(api, await make.planner(99, division_code="_")) == []


async def test_partners_see_the_zones_they_serve_or_hold_claims_in(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await capacity(make, world, outlet=0, zone=0)
    await capacity(make, world, outlet=0, zone=1, copies=0)
    await capacity(make, world, outlet=1, zone=1)
    await capacity(make, world, outlet=2, zone=3)
    await claim(make, world, 2, 0, world.outlets[0])
    await claim(make, world, 3, 0, None, status="released")
    first, second = world.partners
    assert await codes(api, await make.firm_manager(99, first)) == ["0", "1", "2"]
    assert await codes(api, await make.partner_system(99, first)) == ["0", "1", "2"]
    assert await codes(api, await make.outlet_manager(99, first, world.outlets[0])) == ["0", "2"]
    assert await codes(api, await make.outlet_manager(99, first, world.outlets[1])) == ["1"]
    assert await codes(api, await make.rider_session(99, world.riders[0])) == ["0", "2"]
    assert await codes(api, await make.firm_manager(99, second)) == ["3"]
    assert await codes(api, await make.rider_session(99, world.riders[7])) == []


async def test_incident_counts_are_for_planners_only(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await capacity(make, world, outlet=0, zone=0)
    for month, incidents in ((date(2027, 2, 1), 3), (date(2027, 3, 1), 9)):
        await make.insert(
            "incident_count", city_id=99, zone_id=world.zones[0], month=month, scam_type="刷单返利", incidents=incidents
        )
    path = f"/api/zones/{world.zones[0]}"
    planner = await make.planner(99)
    assert [zone["incidents"] for zone in (await api.get("/api/zones", headers=planner)).json()] == [12, 0, 0, 0]
    detail = (await api.get(path, headers=planner)).json()
    assert detail["incident_counts"] == [
        {"month": "2027-02-01", "scam_type": "刷单返利", "incidents": 3},
        {"month": "2027-03-01", "scam_type": "刷单返利", "incidents": 9},
    ]
    assert (detail["households"], detail["cells"]) == (6000, len(world.cells[0]))
    others = [
        await make.session(99, account_id=await make.account(99, "auditor")),
        await make.firm_manager(99, world.partners[0]),
        await make.rider_session(99, world.riders[0]),
    ]
    for headers in others:
        seen = (await api.get(path, headers=headers)).json()
        assert (seen["incidents"], seen["incident_counts"]) == (None, None)
        assert (await api.get("/api/zones", headers=headers)).json()[0]["incidents"] is None


async def test_a_zone_out_of_scope_is_not_found(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await capacity(make, world, outlet=0, zone=0)
    await make.city(98)
    elsewhere, _ = await make.zone(98, 0)
    out_of_scope = [
        (await make.firm_manager(99, world.partners[1]), world.zones[0]),
        (await make.outlet_manager(99, world.partners[0], world.outlets[1]), world.zones[0]),
        (await make.rider_session(99, world.riders[2]), world.zones[0]),
        (await make.planner(99, division_code="98"), world.zones[0]),
        (await make.planner(99), elsewhere),
        (await make.planner(99), make.id()),
    ]
    for headers, zone_id in out_of_scope:
        for path in (f"/api/zones/{zone_id}", f"/api/zones/{zone_id}/pack"):
            answer = await api.get(path, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize(
    "path", ["/api/zones", "/api/zones.geojson", "/api/zones/01a5004e-dd00-7033-85fb-08cfe456cfdd"]
)
async def test_strangers_see_nothing(api: httpx.AsyncClient, world: World, path: str) -> None:
    assert (await api.get(path)).status_code == 401


async def test_a_phone_gets_the_cells_of_its_zones_with_their_centres(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await capacity(make, world, outlet=0, zone=0)
    answer = await api.get(f"/api/zones/{world.zones[0]}/pack", headers=await make.rider_session(99, world.riders[0]))
    pack = answer.json()
    assert (pack["code"], pack["datum"], pack["zone_id"]) == ("990101000", "gcj02", str(world.zones[0]))
    assert sorted(int(cell, 16) for cell, _, _ in pack["cells"]) == world.cells[0]
    for cell, longitude, latitude in pack["cells"]:
        assert h3.is_valid_cell(cell)
        assert h3.latlng_to_cell(latitude, longitude, 9) == cell
        assert square(0).covers(shapely.Point(longitude, latitude))


async def test_the_boundaries_come_as_geojson_once_until_they_change(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(99)
    answer = await api.get("/api/zones.geojson", headers=planner)
    assert answer.headers["content-type"].startswith("application/geo+json")
    document = answer.json()
    assert (document["type"], document["datum"], document["demonstration"]) == ("FeatureCollection", "gcj02", False)
    assert [feature["properties"]["code"] for feature in document["features"]] == [f"99010100{i}" for i in range(4)]
    for column, feature in enumerate(document["features"]):
        assert feature["id"] == feature["properties"]["zone_id"] == str(world.zones[column])
        assert read_polygon(feature["geometry"]).symmetric_difference(square(column)).area < 1e-9
        assert "incidents" not in feature["properties"]
    seen = {**planner, "if-none-match": answer.headers["etag"]}
    same = await api.get("/api/zones.geojson", headers=seen)
    assert (same.status_code, same.content) == (304, b"")
    await make.fetch("update zone set households = 6001 where city_id = 99 and code = '990101000'")
    assert (await api.get("/api/zones.geojson", headers=seen)).status_code == 200


async def test_a_district_gets_its_own_boundaries_and_partners_get_none(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.zone(99, 7, division_code="990205")
    district = await api.get("/api/zones.geojson", headers=await make.planner(99, division_code="9902"))
    assert [feature["properties"]["name"] for feature in district.json()["features"]] == ["片区7"]
    refused = await api.get("/api/zones.geojson", headers=await make.firm_manager(99, world.partners[0]))
    assert refused.json()["type"] == "/problems/not-allowed"
