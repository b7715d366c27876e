"""Claiming, prolonging and giving back: one holder at a time, leases renewed by activity, only the rest comes free."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from dispatch.database import new_id
from tests.conftest import Clock
from tests.make import Make, World


async def claim(api: httpx.AsyncClient, batch: UUID, headers: dict[str, str], **body: Any) -> httpx.Response:
    return await api.post(
        f"/api/batches/{batch}/claim", json={"claim_id": str(body.pop("claim_id")), **body}, headers=headers
    )


async def held(make: Make, batch: UUID) -> list[dict[str, Any]]:
    return await make.fetch("select * from claim where batch_id = $1 and status = 'held'", batch)


async def test_a_firm_claims_all_that_is_open_of_a_batch_for_three_days(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batch = await make.batch(world, copies=500)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    answer = await claim(api, batch, headers, claim_id=(claim_id := make.id()))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["claim_id"], told["copies"], told["collected"], told["status"]) == (str(claim_id), 500, 0, "held")
    assert told["seconds_left"] == 72 * 3600
    assert told["outlet_code"] is None
    assert not told["assigned"]
    assert await make.value("select revision from campaign where campaign_id = $1", world.campaign) == 1


async def test_an_outlet_managers_claim_carries_the_outlet(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1])
    answer = await claim(api, batch, headers, claim_id=make.id())
    assert answer.json()["outlet_code"] is not None
    assert (await held(make, batch))[0]["outlet_id"] == world.outlets[1]


async def test_who_comes_too_late_learns_the_kind_of_holder_and_what_else_is_open(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batch = await make.batch(world, priority=9.0)
    others = [await make.batch(world, priority=8.0 - n) for n in range(7)]
    first = await make.firm_manager(world.city_id, world.partners[0])
    second = await make.firm_manager(world.city_id, world.partners[1])
    assert (await claim(api, batch, first, claim_id=make.id())).status_code == 201
    late = await claim(api, batch, second, claim_id=make.id())
    assert late.status_code == 409
    problem = late.json()
    assert problem["type"] == "/problems/batch-taken"
    assert problem["holder_kind"] == "parcel"
    assert problem["lease_until"].startswith("2027-04-23T02:00")
    assert [found["batch_id"] for found in problem["open_batches"]] == [str(other) for other in others[:5]]
    assert problem["open_batches"][0]["copies"] == 500
    name = await make.value("select name from partner where partner_id = $1", world.partners[0])
    assert name not in late.text
    assert str(world.partners[0]) not in late.text
    assert len(await make.fetch("select 1 from claim")) == 1


async def test_a_colleague_of_the_own_firm_is_told_who_holds_the_batch(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    await make.claim(world, batch, world.partners[0])
    late = await claim(api, batch, await make.firm_manager(world.city_id, world.partners[0]), claim_id=make.id())
    code = await make.value("select code from partner where partner_id = $1", world.partners[0])
    assert late.json()["holder_code"] == code


async def test_a_claim_sent_again_is_answered_as_the_first_time(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batch, other = await make.batch(world), await make.batch(world)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    claim_id = make.id()
    first = await claim(api, batch, headers, claim_id=claim_id)
    again = await claim(api, batch, headers, claim_id=claim_id)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert len(await make.fetch("select 1 from claim")) == 1
    elsewhere = await claim(api, other, headers, claim_id=claim_id)
    assert elsewhere.json()["type"] == "/problems/claim-changed"
    assert await held(make, other) == []


async def test_a_batch_of_a_zone_not_served_or_reserved_for_another_is_not_there(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world, 1)  # the first firm's second outlet
    await make.serves(world, 2)
    batch, reserved = await make.batch(world), await make.batch(world, reserved=world.partners[1])
    firm = await make.firm_manager(world.city_id, world.partners[0])
    outlet = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    for headers, wanted in [(outlet, batch), (firm, reserved), (firm, uuid4())]:
        answer = await claim(api, wanted, headers, claim_id=make.id())
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert await make.fetch("select 1 from claim") == []
    assert (await claim(api, batch, firm, claim_id=make.id())).status_code == 201


async def test_a_partner_that_declared_nothing_does_not_serve_the_zone(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    batch = await make.batch(world)
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[0], 0)
    answer = await claim(api, batch, await make.firm_manager(world.city_id, world.partners[0]), claim_id=make.id())
    assert answer.status_code == 404
    assert await make.fetch("select 1 from claim") == []


async def test_a_planner_assigns_a_batch_to_a_partner_that_serves_the_zone(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world, 0)
    batch, reserved = await make.batch(world), await make.batch(world, reserved=world.partners[1])
    planner = await make.planner(world.city_id)
    codes = {row["partner_id"]: row["code"] for row in await make.fetch("select partner_id, code from partner")}
    own, other = codes[world.partners[0]], codes[world.partners[1]]
    for wanted, body in [
        (batch, {"partner_code": other}),
        (batch, {}),
        (batch, {"partner_code": "NOBODY"}),
        (reserved, {"partner_code": own}),
    ]:
        refused = await claim(api, wanted, planner, claim_id=make.id(), **body)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-assignable"), body
    assert await make.fetch("select 1 from claim") == []
    answer = await claim(api, batch, planner, claim_id=make.id(), partner_code=own)
    assert answer.json()["assigned"]
    assert answer.json()["partner_code"] == own


async def test_nothing_is_assigned_to_a_partner_that_is_not_active_any_more(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world, 0)
    batch, planner = await make.batch(world), await make.planner(world.city_id)
    code = await make.value("select code from partner where partner_id = $1", world.partners[0])
    await make.fetch("update partner set active = false where partner_id = $1", world.partners[0])
    refused = await claim(api, batch, planner, claim_id=make.id(), partner_code=code)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-assignable")
    assert await make.fetch("select 1 from claim") == []


async def test_a_firm_cannot_claim_for_another(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    answer = await claim(api, batch, headers, claim_id=make.id(), partner_code="P2")
    assert answer.json()["type"] == "/problems/not-allowed"
    assert await held(make, batch) == []


async def test_strangers_riders_and_other_cities_do_not_claim(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    rider = await make.rider_session(world.city_id, world.riders[0])
    assert (await claim(api, batch, {}, claim_id=make.id())).status_code == 401
    assert (await claim(api, batch, rider, claim_id=make.id())).status_code == 403
    abroad = await make.world(98)
    await make.serves(abroad)
    stranger = await make.firm_manager(98, abroad.partners[0])
    assert (await claim(api, batch, stranger, claim_id=make.id())).status_code == 404
    district = await make.planner(world.city_id, division_code="990199")
    assert (await claim(api, batch, district, claim_id=make.id(), partner_code="P1")).status_code == 404
    assert await held(make, batch) == []


async def test_a_claim_id_must_be_a_version_7(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    answer = await claim(api, batch, await make.firm_manager(world.city_id, world.partners[0]), claim_id=uuid4())
    assert (answer.status_code, answer.json()["field"]) == (422, "claim_id")
    assert await held(make, batch) == []


async def test_a_closed_campaign_takes_no_claims(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    await make.fetch("update campaign set status = 'closed', closed_at = created_at")
    answer = await claim(api, batch, await make.firm_manager(world.city_id, world.partners[0]), claim_id=make.id())
    assert answer.json()["type"] == "/problems/campaign-closed"
    assert await held(make, batch) == []


async def test_a_lapsed_lease_frees_only_what_was_not_collected(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    await make.serves(world)
    batch = await make.batch(world, copies=500)
    old = await make.claim(world, batch, world.partners[0])
    await make.waybill(world, old, world.outlets[0], 200)
    clock.now += timedelta(hours=72)
    headers = await make.firm_manager(world.city_id, world.partners[1])
    answer = await claim(api, batch, headers, claim_id=new_id(clock.now))
    assert answer.status_code == 201, answer.text
    assert answer.json()["copies"] == 300
    ended = (await make.fetch("select status, ended_at from claim where claim_id = $1", old))[0]
    assert ended == {"status": "expired", "ended_at": clock.now}


async def test_collecting_renews_the_lease(api: httpx.AsyncClient, make: Make, world: World, clock: Clock) -> None:
    await make.serves(world)
    batch = await make.batch(world, copies=500)
    old = await make.claim(world, batch, world.partners[0])
    await make.waybill(world, old, world.outlets[0], 200, issued_at=clock.now + timedelta(hours=60))
    clock.now += timedelta(hours=131)
    headers = await make.firm_manager(world.city_id, world.partners[1])
    taken = await claim(api, batch, headers, claim_id=new_id(clock.now))
    assert taken.json()["type"] == "/problems/batch-taken"
    assert taken.json()["lease_until"].startswith("2027-04-25T14:00")
    clock.now += timedelta(hours=1)
    assert (await claim(api, batch, headers, claim_id=new_id(clock.now))).json()["copies"] == 300


async def test_a_fully_collected_claim_never_expires_and_nothing_is_left_when_it_ends(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    await make.serves(world)
    batch = await make.batch(world, copies=500)
    old = await make.claim(world, batch, world.partners[0])
    await make.waybill(world, old, world.outlets[0], 500)
    clock.now += timedelta(days=60)
    mine = await make.firm_manager(world.city_id, world.partners[0])
    headers = await make.firm_manager(world.city_id, world.partners[1])
    shown = (await api.get("/api/claims", headers=mine)).json()["claims"][0]
    assert (shown["status"], shown["seconds_left"]) == ("held", None)
    assert (await claim(api, batch, headers, claim_id=make.id())).json()["type"] == "/problems/batch-taken"
    assert (await api.post(f"/api/claims/{old}/release", json={}, headers=mine)).status_code == 200
    empty = await claim(api, batch, headers, claim_id=make.id())
    assert (empty.status_code, empty.json()["type"]) == (409, "/problems/batch-collected")


async def test_releasing_returns_only_what_was_not_collected_and_may_be_said_twice(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batch = await make.batch(world, copies=500)
    old = await make.claim(world, batch, world.partners[0])
    await make.waybill(world, old, world.outlets[0], 150)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    first = await api.post(f"/api/claims/{old}/release", json={"reason": "人手不够"}, headers=headers)
    assert first.status_code == 200
    assert (first.json()["status"], first.json()["release_reason"]) == ("released", "人手不够")
    again = await api.post(f"/api/claims/{old}/release", json={}, headers=headers)
    assert again.json() == first.json()
    listed = (await api.get(f"/api/campaigns/{world.campaign}/batches", headers=headers)).json()["batches"][0]
    assert (listed["status"], listed["copies_open"], listed["claim"]) == ("open", 350, None)
    extended = await api.post(f"/api/claims/{old}/extend", headers=headers)
    assert extended.json()["type"] == "/problems/claim-not-held"
    assert extended.json()["claim_status"] == "released"


async def test_a_claim_is_prolonged_from_now_for_three_weeks_at_most(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    claim_id = make.id()
    made = clock.now
    await claim(api, batch, headers, claim_id=claim_id)
    for day in range(2, 19, 2):
        clock.now = made + timedelta(days=day)
        answer = await api.post(f"/api/claims/{claim_id}/extend", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["seconds_left"] == 72 * 3600
    clock.now += timedelta(hours=1)
    refused = await api.post(f"/api/claims/{claim_id}/extend", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/lease-limit")
    assert await make.value("select lease_until from claim") == made + timedelta(days=21)
    clock.now = made + timedelta(days=21)
    lapsed = await api.post(f"/api/claims/{claim_id}/extend", headers=headers)
    assert lapsed.json()["claim_status"] == "expired"


async def test_nobody_prolongs_or_releases_anothers_claim(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    own = await make.claim(world, batch, world.partners[0], outlet_id=world.outlets[0])
    others = [
        await make.firm_manager(world.city_id, world.partners[1]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1]),
        await make.planner(world.city_id, division_code="990199"),
    ]
    for headers in others:
        assert (await api.post(f"/api/claims/{own}/extend", headers=headers)).status_code == 404
        assert (await api.post(f"/api/claims/{own}/release", json={}, headers=headers)).status_code == 404
        assert (await api.get("/api/claims", headers=headers)).json()["claims"] == []
    assert len(await held(make, batch)) == 1
    for headers in [
        await make.firm_manager(world.city_id, world.partners[0]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]),
        await make.planner(world.city_id, division_code="9901"),
    ]:
        assert [c["claim_id"] for c in (await api.get("/api/claims", headers=headers)).json()["claims"]] == [str(own)]
        assert (await api.post(f"/api/claims/{own}/extend", headers=headers)).status_code == 200


async def test_claims_come_newest_first_in_pages_and_by_status(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    headers = await make.planner(world.city_id)
    claims: list[UUID] = []
    for n in range(5):
        batch = await make.batch(world)
        claims.append(
            await make.claim(
                world, batch, world.partners[0], claimed_at=clock.now - timedelta(minutes=n),
                lease_until=clock.now + timedelta(hours=-1 if n == 4 else 1),
            )
        )  # fmt: skip
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await api.get("/api/claims", params=query, headers=headers)).json()
        seen += [found["claim_id"] for found in page["claims"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [str(claim_id) for claim_id in claims]
    expired = (await api.get("/api/claims", params={"status": "expired"}, headers=headers)).json()["claims"]
    assert [found["claim_id"] for found in expired] == [str(claims[4])]
    assert expired[0]["ended_at"] == expired[0]["lease_until"]
    wrong = await api.get("/api/claims", params={"cursor": "!"}, headers=headers)
    assert (wrong.status_code, wrong.json()["type"]) == (400, "/problems/invalid-request")
