"""What a rider's phone keeps and shows: the rider's own zones and day, nobody else's; asked cheaply."""

import httpx
import pytest

from tests.handouts.phone import Phone, kinds
from tests.handouts.test_visits import visit
from tests.make import Make, World

PACK, DAY = "/api/handouts/pack", "/api/handouts/own-day"


async def test_the_pack_holds_the_outlets_zone_and_those_of_its_batches(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[2], world.outlets[0])
    claimed = await make.batch(world, zone=0)
    await make.claim(world, claimed, world.partners[0], outlet_id=world.outlets[0])
    collected = await make.claim(world, await make.batch(world, zone=1), world.partners[0])
    await make.waybill(
        world, collected, world.outlets[0], 400, received_copies=400, received_at=make.now, received_by=make.id()
    )
    others = await make.claim(world, await make.batch(world, zone=3), world.partners[0], outlet_id=world.outlets[1])
    await make.waybill(world, others, world.outlets[1], 400)
    pack = (await api.get(PACK, headers=phone.headers)).json()
    assert [(zone["name"], zone["own"]) for zone in pack["zones"]] == [
        ("片区2", True),
        ("片区0", False),
        ("片区1", False),
    ]
    assert {cell[0] for cell in pack["zones"][0]["cells"]} == {f"{cell:x}" for cell in world.cells[2]}
    assert all(104.2 < cell[1] < 104.3 and 36.89 < cell[2] < 36.93 for cell in pack["zones"][0]["cells"])
    assert (pack["datum"], pack["timezone"], pack["outlet_code"]) == ("gcj02", "Asia/Shanghai", "O3")
    assert [(c["starts_on"], c["question_share"]) for c in pack["campaigns"]] == [("2027-03-15", 0.03)]


@pytest.mark.parametrize("status", ["draft", "closed"])
async def test_a_campaign_that_is_not_open_is_not_in_the_pack_with_anything_of_it(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, status: str
) -> None:
    claimed = await make.claim(world, await make.batch(world), world.partners[0], outlet_id=world.outlets[0])
    collected = await make.claim(world, await make.batch(world, zone=1), world.partners[0])
    await make.waybill(
        world, collected, world.outlets[0], 400, received_copies=400, received_at=make.now, received_by=make.id()
    )
    assert claimed != collected
    before = (await api.get(PACK, headers=phone.headers)).json()
    assert (len(before["campaigns"]), len(before["zones"])) == (1, 2)
    assert len((await api.get(DAY, headers=phone.headers)).json()["holdings"]) == 1
    await make.fetch(
        "update campaign set status = $1, closed_at = $2", status, make.now if status == "closed" else None
    )
    pack = (await api.get(PACK, headers=phone.headers)).json()
    assert (pack["campaigns"], pack["zones"]) == ([], [])
    assert (await api.get(DAY, headers=phone.headers)).json()["holdings"] == []


async def test_zones_of_a_claim_given_back_leave_the_pack(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    for zone in (0, 1):
        await make.claim(world, await make.batch(world, zone=zone), world.partners[0], outlet_id=world.outlets[0])
    manager = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    given_back = (await api.get("/api/claims", headers=manager)).json()["claims"][0]
    answer = await api.post(f"/api/claims/{given_back['claim_id']}/release", json={}, headers=manager)
    assert answer.status_code == 200
    pack = (await api.get(PACK, headers=phone.headers)).json()
    assert [zone["code"] for zone in pack["zones"]] == [
        code for code in ("990101000", "990101001") if code != given_back["zone_code"]
    ]


async def test_copies_that_have_not_arrived_bring_no_zone_into_the_pack(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    of_the_firm = await make.claim(world, await make.batch(world, zone=1), world.partners[0])
    await make.waybill(world, of_the_firm, world.outlets[0], 400)
    assert (await api.get(PACK, headers=phone.headers)).json()["zones"] == []


async def test_a_phone_that_has_the_pack_gets_no_second_one(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    first = await api.get(PACK, headers=phone.headers)
    seen = {**phone.headers, "if-none-match": first.headers["etag"]}
    again = await api.get(PACK, headers=seen)
    assert (again.status_code, again.content) == (304, b"")
    await phone.sync(api, [phone.handout()])
    assert (await api.get(PACK, headers=seen)).status_code == 304
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[0], world.outlets[0])
    changed = await api.get(PACK, headers=seen)
    assert (changed.status_code, changed.json()["zones"][0]["name"]) == (200, "片区0")


async def test_the_own_day_lists_what_can_be_undone_and_what_was(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    kept, undone, declined = phone.handout(copies=3), phone.handout(copies=2), visit(phone)
    undo, undo_visit = phone.correction(undone["id"]), phone.correction(declined["id"])
    refused = phone.handout(copies=300)
    outcomes = await phone.sync(api, [kept, undone, declined, undo, undo_visit, refused])
    assert kinds(outcomes) == [*["recorded"] * 5, "not-enough-stock"]
    colleague = Phone(world, world.riders[1], await make.rider_session(99, world.riders[1]), make.now)
    await make.stock(99, world.campaign, world.material, "rider", world.riders[1], 10)
    await colleague.sync(api, [colleague.handout(copies=5)])
    day = (await api.get(DAY, headers=phone.headers)).json()
    assert (day["handed_out"], day["waiting_refused"]) == (3, 1)
    shown = {row["id"]: (row["copies"], row["corrected"], row["corrections"]) for row in day["handouts"]}
    assert shown == {kept["id"]: (3, 0, []), undone["id"]: (2, 2, [undo["id"]])}
    assert [(v["id"], v["corrected"], v["corrections"]) for v in day["visits"]] == [
        (declined["id"], 1, [undo_visit["id"]])
    ]
    assert [(h["quantity"], h["bundle_copies"], h["material_kind"]) for h in day["holdings"]] == [(97, 50, "leaflet")]
