"""An invited firm can sign in, can be told of by telephone, and its invitation can be taken back while nothing hangs on it."""

from typing import Any

import httpx
import pytest

from tests.campaigns.test_taking_part import WEEK, codes, row
from tests.make import Make, World


def address(world: World) -> str:
    return f"/api/campaigns/{world.campaign}"


async def test_an_invited_firm_shows_all_its_outlets_and_whether_it_can_sign_in(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    """网点 0 for firms with 6: the column counted outlets that had declared something."""
    headers = await make.planner(world.city_id)
    await make.invitation(world.city_id, world.campaign, world.partners[0], status="invited")
    (invited,) = (await api.get(f"{address(world)}/invitations", headers=headers)).json()
    assert (invited["outlets"], invited["accounts"], invited["signed_in_at"]) == (2, 0, None)
    await make.firm_manager(world.city_id, world.partners[0])
    (invited,) = (await api.get(f"{address(world)}/invitations", headers=headers)).json()
    assert invited["accounts"] == 1


def told(outlet: str, zone: str, copies: int = 500) -> dict[str, Any]:
    return {"rows": [row(outlet, zone, copies)], "told_by": "王经理", "told_on": "2027-04-19"}


async def test_capacity_told_by_telephone_is_marked_accepts_and_the_firm_corrects_it(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    partners, outlets, zones = await codes(make, world)
    planner, firm = await make.planner(world.city_id), await make.firm_manager(world.city_id, world.partners[0])
    await make.invitation(world.city_id, world.campaign, world.partners[0], status="invited")
    entered = await api.put(
        f"{address(world)}/partners/{partners[0]}/capacity", json=told(outlets[0], zones[0]), headers=planner
    )
    assert entered.json() == {"created": 1, "changed": 0, "unchanged": 0}, entered.text
    assert await make.value("select status from invitation") == "accepted"
    (seen,) = (await api.get(f"{address(world)}/capacity", headers=firm)).json()["rows"]
    assert (seen["copies"], seen["told_by"], seen["told_on"]) == (500, "王经理", "2027-04-19")
    summary = (await api.get(f"{address(world)}/capacity/summary", headers=planner)).json()["partners"][0]
    assert (summary["copies"], summary["told_copies"]) == (500, 500)
    # The firm says the same itself: its own word now, and a change of the row.
    own = await api.put(f"{address(world)}/capacity", json={"rows": [row(outlets[0], zones[0], 500)]}, headers=firm)
    assert own.json() == {"created": 0, "changed": 1, "unchanged": 0}
    (seen,) = (await api.get(f"{address(world)}/capacity", headers=firm)).json()["rows"]
    assert (seen["copies"], seen["told_by"], seen["week_starts_on"]) == (500, None, WEEK)


@pytest.mark.parametrize("case", ["not invited", "another firm's outlet", "tomorrow's call"])
async def test_capacity_is_entered_for_invited_firms_their_outlets_and_calls_that_were_made(
    api: httpx.AsyncClient, make: Make, world: World, case: str
) -> None:
    partners, outlets, zones = await codes(make, world)
    headers = await make.planner(world.city_id)
    if case != "not invited":
        await make.invitation(world.city_id, world.campaign, world.partners[0], status="invited")
    body = told(outlets[2] if case == "another firm's outlet" else outlets[0], zones[0])
    if case == "tomorrow's call":
        body["told_on"] = "2027-04-22"
    refused = await api.put(f"{address(world)}/partners/{partners[0]}/capacity", json=body, headers=headers)
    slugs = {
        "not invited": "partner-not-invited",
        "another firm's outlet": "import-refused",
        "tomorrow's call": "told-later",
    }
    assert refused.json()["type"] == f"/problems/{slugs[case]}"
    assert await make.value("select count(*) from capacity") == 0


async def test_an_invitation_is_taken_back_with_what_was_declared(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    partners, _, _ = await codes(make, world)
    headers, firm = await make.planner(world.city_id), await make.firm_manager(world.city_id, world.partners[0])
    for partner in world.partners:
        await make.invitation(world.city_id, world.campaign, partner)
    await make.serves(world)
    body = {"partner_codes": [partners[0]]}
    left = await api.post(f"{address(world)}/invitations/withdraw", json=body, headers=headers)
    assert [each["partner_code"] for each in left.json()] == [partners[1]]
    assert (await api.get("/api/campaigns", headers=firm)).json() == []
    assert await make.value(
        "select sum(k.copies) from capacity k join outlet o using (outlet_id) where o.partner_id = $1", world.partners[0]
    ) == 0  # fmt: skip
    again = await api.post(f"{address(world)}/invitations/withdraw", json=body, headers=headers)
    assert (again.status_code, again.json()) == (200, left.json())


@pytest.mark.parametrize("case", ["a claim", "a reserved batch", "a waybill", "handouts"])
async def test_a_firm_that_has_begun_stays_invited(api: httpx.AsyncClient, make: Make, world: World, case: str) -> None:
    partners, _, _ = await codes(make, world)
    headers = await make.planner(world.city_id)
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    if case == "handouts":
        await make.tally(world, 0, copies=5)
    elif case == "a reserved batch":
        await make.batch(world, reserved=world.partners[0])
    else:
        batch = await make.batch(world)
        ended: dict[str, Any] = {} if case == "a claim" else {"status": "released", "ended_at": make.now}
        claim = await make.claim(world, batch, world.partners[0], **ended)
        if case == "a waybill":
            await make.waybill(world, claim, world.outlets[0], 100)
    body = {"partner_codes": [partners[0]]}
    refused = await api.post(f"{address(world)}/invitations/withdraw", json=body, headers=headers)
    assert (refused.status_code, refused.json()["partner_codes"]) == (409, [partners[0]])
    assert await make.value("select count(*) from invitation") == 1
