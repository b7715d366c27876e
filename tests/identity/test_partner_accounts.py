"""Every invited firm gets an account and a one-time password for its letter; one that is in use is left alone."""

import asyncio

import httpx

from dispatch.database import Database
from tests.conftest import Clock, serving
from tests.make import Make, World

ADDRESS = "/api/accounts/for-partners"


async def partner_codes(make: Make, world: World) -> list[str]:
    found = {row["partner_id"]: row["code"] for row in await make.fetch("select partner_id, code from partner")}
    return [found[partner] for partner in world.partners]


async def test_a_firm_without_an_account_gets_one_and_signs_in_with_its_letter(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers, codes = await make.planner(world.city_id), await partner_codes(make, world)
    made = (await api.post(ADDRESS, json={"partner_codes": codes}, headers=headers)).json()
    assert [each["state"] for each in made] == ["made", "made"]
    api.cookies.clear()
    sign_in = {"kind": "password", "login": made[0]["login"], "password": made[0]["one_time_password"]}
    signed = await api.post("/api/sign-in", json=sign_in)
    assert (signed.status_code, signed.json()["role"], signed.json()["must_change_password"]) == (
        200,
        "firm_manager",
        True,
    )
    api.cookies.clear()
    # One has signed in and is left alone; the other's letter was lost and is printed again.
    again = (await api.post(ADDRESS, json={"partner_codes": codes}, headers=headers)).json()
    assert [each["state"] for each in again] == ["in_use", "renewed"]
    assert (again[0]["one_time_password"], again[0]["account_id"]) == (None, made[0]["account_id"])
    assert again[1]["one_time_password"] not in {None, made[1]["one_time_password"]}
    assert await make.value("select count(*) from account where role = 'firm_manager'") == 2


async def test_a_login_somebody_has_is_not_taken_over(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, codes = await make.planner(world.city_id), await partner_codes(make, world)
    first = (await api.post(ADDRESS, json={"partner_codes": codes[:1]}, headers=headers)).json()[0]
    await make.fetch("update account set partner_id = $1 where login = $2", world.partners[1], first["login"])
    second = (await api.post(ADDRESS, json={"partner_codes": codes[:1]}, headers=headers)).json()[0]
    assert (second["state"], second["login"]) == ("made", f"{first['login']}-2")


async def test_an_unknown_partner_makes_no_account_at_all(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, codes = await make.planner(world.city_id), await partner_codes(make, world)
    refused = await api.post(ADDRESS, json={"partner_codes": [codes[0], "nobody"]}, headers=headers)
    assert (refused.status_code, refused.json()["partner_codes"]) == (422, ["nobody"])
    assert await make.value("select count(*) from account where role = 'firm_manager'") == 0


async def test_two_planners_at_once_make_one_account(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planners = [await make.planner(world.city_id) for _ in range(2)]
    codes = await partner_codes(make, world)
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(
            *(client.post(ADDRESS, json={"partner_codes": codes}, headers=headers) for headers in planners)
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({each["account_id"] for answer in answers for each in answer.json()}) == len(codes)
    assert await make.value("select count(*) from account where role = 'firm_manager'") == len(codes)
