"""Seeing batches: who sees which, in what order, and that a page says what the rules say."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from dispatch.batches.rules import HeldClaim, holder_of, lapsed_of, open_copies
from dispatch.database import new_id
from tests.conftest import NOW, Clock
from tests.make import Make, World


async def read(api: httpx.AsyncClient, world: World, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = await api.get(f"/api/campaigns/{world.campaign}/batches", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["batches"]


async def test_a_firm_sees_open_batches_it_could_claim_and_those_it_holds(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    for zone in (0, 1):
        await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[zone], 100)
    codes = {
        "open": await make.batch(world, code="open", priority=5.0),
        "reserved": await make.batch(world, code="reserved", priority=4.0, reserved=world.partners[0]),
        "anothers": await make.batch(world, code="anothers", reserved=world.partners[1]),
        "elsewhere": await make.batch(world, code="elsewhere", zone=2),
        "taken": await make.batch(world, code="taken"),
        "mine": await make.batch(world, code="mine", zone=1, priority=3.0),
    }
    await make.claim(world, codes["taken"], world.partners[1])
    await make.claim(world, codes["mine"], world.partners[0])
    firm = await make.firm_manager(world.city_id, world.partners[0])
    seen = await read(api, world, firm)
    assert [batch["code"] for batch in seen] == ["open", "reserved", "mine"]
    assert [batch["copies_open"] for batch in seen] == [500, 500, 0]
    assert seen[2]["claim"]["seconds_left"] == 72 * 3600
    assert seen[0]["priority_reason"] == "发案较多，尚未触达"
    assert (seen[0]["zone_name"], seen[0]["depot_name"], seen[0]["due_on"]) == ("片区0", "中心库", "2027-05-10")
    assert [batch["code"] for batch in await read(api, world, firm, status="open")] == ["open", "reserved"]
    assert [batch["code"] for batch in await read(api, world, firm, status="mine")] == ["mine"]
    assert [batch["code"] for batch in await read(api, world, firm, zone_code="990101001")] == ["mine"]
    outlet = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1])
    assert await read(api, world, outlet) == []


async def test_a_firm_that_declared_nothing_for_a_zone_does_not_see_its_batches(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.batch(world, code="near")
    await make.batch(world, code="far", zone=1)
    for zone, copies in ((0, 100), (1, 0)):
        await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[zone], copies)
    firm = await make.firm_manager(world.city_id, world.partners[0])
    assert [batch["code"] for batch in await read(api, world, firm)] == ["near"]


async def test_claims_come_newest_first_in_pages_that_miss_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    made = list[tuple[Any, str]]()
    for number in range(7):
        at = NOW - timedelta(hours=number // 3)  # three at one instant
        claim = await make.claim(
            world, await make.batch(world), world.partners[0], claimed_at=at, status="released", ended_at=NOW
        )
        made.append((at, str(claim)))
    expected = [claim for _, claim in sorted(made, reverse=True)]
    headers = await make.firm_manager(world.city_id, world.partners[0])
    whole = (await api.get("/api/claims", headers=headers)).json()["claims"]
    assert [claim["claim_id"] for claim in whole] == expected
    seen, query = list[str](), dict[str, Any](limit=2)
    while True:
        page = (await api.get("/api/claims", params=query, headers=headers)).json()
        seen += [claim["claim_id"] for claim in page["claims"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == expected


async def test_batches_of_one_priority_come_in_pages_that_miss_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    made = [str(await make.batch(world, priority=1.0)) for _ in range(5)]
    headers, seen, query = await make.planner(world.city_id), list[str](), dict[str, Any](limit=2)
    while True:
        page = (await api.get(f"/api/campaigns/{world.campaign}/batches", params=query, headers=headers)).json()
        seen += [batch["batch_id"] for batch in page["batches"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == sorted(made)


async def test_planners_see_all_and_districts_their_zones(api: httpx.AsyncClient, make: Make, world: World) -> None:
    far, _ = await make.zone(world.city_id, 9, division_code="990202")
    world.zones.append(far)
    near = await make.batch(world, code="near", reserved=world.partners[1])
    await make.batch(world, code="far", zone=4)
    await make.claim(world, near, world.partners[1])
    everything = await read(api, world, await make.planner(world.city_id))
    assert {batch["code"] for batch in everything} == {"near", "far"}
    district = await read(api, world, await make.planner(world.city_id, division_code="9901"))
    assert [batch["code"] for batch in district] == ["near"]
    code = await make.value("select code from partner where partner_id = $1", world.partners[1])
    assert district[0]["claim"]["partner_code"] == district[0]["reserved_partner_code"] == code


async def test_pages_follow_priority_and_miss_nothing(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.planner(world.city_id)
    for n in range(7):
        await make.batch(world, code=f"B-{n}", priority=[0.1 + 0.2, 2.0, 0.3][n % 3])
    whole = [batch["code"] for batch in await read(api, world, headers)]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await api.get(f"/api/campaigns/{world.campaign}/batches", params=query, headers=headers)).json()
        seen += [batch["code"] for batch in page["batches"]]
        cursor = page["next_cursor"]
    assert seen == whole
    assert len(seen) == len(set(seen)) == 7


async def test_a_page_is_limited_and_a_strange_campaign_is_not_there(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(world.city_id)
    url = f"/api/campaigns/{world.campaign}/batches"
    for query in ({"limit": 201}, {"limit": 0}, {"status": "stolen"}, {"cursor": "AAAA"}):
        answer = await api.get(url, params=query, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request"), query
    assert (await api.get(f"/api/campaigns/{uuid4()}/batches", headers=headers)).status_code == 404
    await make.city(98)
    abroad = await make.planner(98)
    assert (await api.get(url, headers=abroad)).status_code == 404
    assert (await api.get(url)).status_code == 401


def state(status: str, lease_hours: float, collected: int) -> HeldClaim:
    identifier = new_id(NOW)
    return HeldClaim(
        claim_id=identifier, batch_id=identifier, partner_id=identifier, partner_code="P", partner_name="P",
        partner_kind="meal", outlet_id=None, copies=500, collected=collected, status=status,
        lease_until=NOW + timedelta(hours=lease_hours), claimed_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "left"),
    [
        ([], 500),
        ([state("held", 1, 0)], 0),
        ([state("held", 0, 0)], 500),
        ([state("held", -1, 200)], 300),
        ([state("held", -1, 500)], 0),
        ([state("released", 9, 200)], 300),
        ([state("expired", -9, 100), state("released", 1, 200)], 200),
        ([state("released", 1, 500)], 0),
        ([state("released", 1, 200), state("held", 1, 0)], 0),
    ],
)
async def test_the_page_and_the_rules_agree_on_what_is_open(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock, claims: list[HeldClaim], left: int
) -> None:
    batch = await make.batch(world, copies=500)
    for claim in claims:
        made = await make.claim(
            world, batch, world.partners[0], status=claim.status, lease_until=claim.lease_until,
            ended_at=None if claim.status == "held" else clock.now,
        )  # fmt: skip
        if claim.collected:
            issued_at = claim.lease_until - timedelta(hours=72)
            await make.waybill(world, made, world.outlets[0], claim.collected, issued_at=issued_at)
    shown = (await read(api, world, await make.planner(world.city_id)))[0]
    assert shown["copies_open"] == open_copies(500, claims, NOW) == left
    assert (shown["claim"] is not None) == (holder_of(claims, NOW) is not None)


@pytest.mark.parametrize(
    ("lease_hours", "collections", "hours_left"),
    [
        (5, [], 5),
        (0, [], 0),
        (-10, [(100, 71)], 1),  # a part collection renews the lease
        (-10, [(100, 72)], 0),
        (5, [(100, 100)], 5),  # an earlier one does not shorten it
        (-10, [(100, 200), (100, 10)], 62),  # the last one counts
        (-10, [(100, 10), (100, 200)], 62),
        (-10, [(200, 71), (200, 90)], 1),
    ],
)
async def test_a_part_collection_renews_the_lease_in_the_lists_as_in_the_rules(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    lease_hours: int,
    collections: list[tuple[int, int]],
    hours_left: int,
) -> None:
    await make.serves(world)
    batch = await make.batch(world, copies=500)
    claim = await make.claim(world, batch, world.partners[0], lease_until=NOW + timedelta(hours=lease_hours))
    for copies, hours_ago in collections:
        issued_at = NOW - timedelta(hours=hours_ago)
        await make.waybill(world, claim, world.outlets[0], copies, issued_at=issued_at)
    collected = sum(copies for copies, _ in collections)
    holds = holder_of([state("held", hours_left, collected)], NOW) is not None
    firm = await make.firm_manager(world.city_id, world.partners[0])
    for headers in (firm, await make.planner(world.city_id)):
        (shown,) = await read(api, world, headers)
        (listed,) = (await api.get("/api/claims", headers=headers)).json()["claims"]
        assert (shown["status"], shown["copies_open"]) == (("held", 0) if holds else ("open", 500 - collected))
        assert (shown["claim"] is not None) == holds
        assert (listed["status"], listed["collected"]) == ("held" if holds else "expired", collected)
        assert listed["seconds_left"] == (hours_left * 3600 if holds else None)
        if holds:
            assert (shown["claim"]["seconds_left"], shown["claim"]["collected"]) == (hours_left * 3600, collected)
    assert len((await api.get("/api/claims", params={"status": "held"}, headers=firm)).json()["claims"]) == holds
    other = await make.firm_manager(world.city_id, world.partners[1])
    answer = await api.post(f"/api/batches/{batch}/claim", json={"claim_id": str(make.id())}, headers=other)
    assert answer.status_code == (409 if holds else 201), "and so does another firm that tries"


def test_a_lapsed_claim_is_known_before_anybody_has_written_so() -> None:
    lapsed = state("held", 0, 499)
    assert lapsed_of([state("released", 1, 0), lapsed], NOW) is lapsed
    assert lapsed_of([state("held", 0, 500)], NOW) is None


async def test_planners_look_for_batches_by_state_material_and_partner(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.batch(world, code="open")
    await make.batch(world, code="kept", reserved=world.partners[1])
    held, gone = await make.batch(world, code="held"), await make.batch(world, code="gone")
    await make.claim(world, held, world.partners[0])
    collected = await make.claim(world, gone, world.partners[1], status="released", ended_at=NOW)
    await make.waybill(world, collected, world.outlets[1], 500)
    kept = await make.claim(world, await make.batch(world, code="all of it"), world.partners[0])
    await make.waybill(world, kept, world.outlets[0], 500)
    planner = await make.planner(world.city_id)
    partners = {row["partner_id"]: row["code"] for row in await make.fetch("select partner_id, code from partner")}

    async def found(**query: Any) -> set[str]:
        return {batch["code"] for batch in await read(api, world, planner, **query)}

    assert await found(status="open") == {"open", "kept"}
    assert await found(status="held") == {"held"}
    assert await found(status="collected") == {"gone", "all of it"}
    assert await found(partner_code=partners[world.partners[0]]) == {"held", "all of it"}
    assert await found(partner_code=partners[world.partners[1]]) == {"kept"}
    material = (await read(api, world, planner))[0]["material_code"]
    assert await found(material_code=material) == {"open", "kept", "held", "gone", "all of it"}
    assert await found(material_code="no-such") == set()
