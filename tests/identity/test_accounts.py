"""Accounts are made and looked after by the one above, and by nobody else."""

import httpx
import pytest

from tests.conftest import Clock
from tests.identity.test_sessions import asked, signed_in
from tests.make import Make, World

NEW = {"role": "planner", "login": "li.na", "display_name": "李娜"}


async def made(api: httpx.AsyncClient, headers: dict[str, str], **body: object) -> httpx.Response:
    return await api.post("/api/accounts", json={**NEW, **body}, headers=headers)


async def test_a_new_account_signs_in_with_its_one_time_password_and_must_change_it(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    answer = await made(api, await make.planner(world.city_id))
    assert answer.status_code == 201
    password = answer.json()["one_time_password"]
    headers = await signed_in(api, "li.na", password)
    assert (await api.get("/api/zones", headers=headers)).json()["type"] == "/problems/password-change-required"
    body = {"current_password": password, "new_password": "Another horse 2"}
    assert (await api.post("/api/me/password", json=body, headers=headers)).status_code == 204
    assert (await api.get("/api/zones", headers=headers)).status_code == 200


async def test_the_same_request_sent_twice_makes_one_account_whose_second_password_counts(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers, account_id = await make.planner(world.city_id), str(make.id())
    first = (await made(api, headers, account_id=account_id)).json()
    second = (await made(api, headers, account_id=account_id)).json()
    assert first["account_id"] == second["account_id"] == account_id
    await signed_in(api, "li.na", second["one_time_password"])
    assert (await made(api, headers, account_id=account_id)).json()["type"] == "/problems/login-taken"
    assert (await made(api, headers)).json()["type"] == "/problems/login-taken"


async def test_a_given_password_is_held_to_the_rules_too(api: httpx.AsyncClient, make: Make, world: World) -> None:
    answer = await made(api, await make.planner(world.city_id), password="short")
    assert answer.json()["type"] == "/problems/weak-password"
    assert answer.json()["field"] == "password"


async def codes(make: Make, world: World) -> tuple[str, str, str]:
    """Codes of the first firm, of its first outlet, and of another firm's outlet."""
    firm = await make.value("select code from partner where partner_id = $1", world.partners[0])
    own, other = [
        await make.value("select code from outlet where outlet_id = $1", world.outlets[number]) for number in (0, 2)
    ]
    return firm, own, other


@pytest.mark.parametrize(
    ("maker", "wanted", "status"),
    [
        ("city", {"role": "planner"}, 201),
        ("city", {"role": "planner", "division_code": "990101"}, 201),
        ("city", {"role": "auditor"}, 201),
        ("city", {"role": "firm_manager", "partner_code": "FIRM"}, 201),
        ("city", {"role": "firm_manager"}, 422),
        ("city", {"role": "firm_manager", "partner_code": "FIRM", "division_code": "990101"}, 422),
        ("city", {"role": "outlet_manager", "outlet_code": "OWN"}, 201),
        ("city", {"role": "outlet_manager", "outlet_code": "OTHER"}, 201),
        ("city", {"role": "outlet_manager"}, 422),
        ("city", {"role": "planner", "partner_code": "FIRM"}, 422),
        ("firm", {"role": "outlet_manager", "outlet_code": "OWN"}, 201),
        ("firm", {"role": "outlet_manager", "outlet_code": "OTHER"}, 422),
        ("firm", {"role": "firm_manager", "partner_code": "FIRM"}, 403),
        ("firm", {"role": "planner"}, 403),
        ("firm", {"role": "auditor"}, 403),
        ("district", {"role": "planner"}, 201),
        ("city", {"role": "planner", "division_code": "440305"}, 422),
        ("city", {"role": "auditor", "division_code": "990102"}, 422),
        ("district", {"role": "planner", "division_code": "990101"}, 201),
        ("district", {"role": "planner", "division_code": "99010102"}, 422),
        ("district", {"role": "planner", "division_code": "990102"}, 422),
        ("district", {"role": "planner", "division_code": "99"}, 422),
        ("district", {"role": "auditor", "division_code": "990101"}, 201),
        ("district", {"role": "firm_manager", "partner_code": "FIRM"}, 403),
        ("district", {"role": "outlet_manager", "outlet_code": "OTHER"}, 422),
    ],
)
async def test_each_makes_accounts_below_the_own_only(
    api: httpx.AsyncClient, make: Make, world: World, maker: str, wanted: dict[str, str], status: int
) -> None:
    firm, own, other = await codes(make, world)
    words = {"FIRM": firm, "OWN": own, "OTHER": other}
    headers = {
        "city": await make.planner(world.city_id),
        "district": await make.planner(world.city_id, division_code="990101"),
        "firm": await make.firm_manager(world.city_id, world.partners[0]),
    }[maker]
    answer = await made(api, headers, **{key: words.get(value, value) for key, value in wanted.items()})
    assert answer.status_code == status, answer.text
    if status == 201 and maker == "district":
        division = await make.value("select division_code from account where login = 'li.na'")
        assert division.startswith("990101")


async def test_a_planner_of_a_district_makes_managers_of_its_outlets(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    _, own, _ = await codes(make, world)
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[0], world.outlets[0])
    headers = await make.planner(world.city_id, division_code="990101")
    assert (await made(api, headers, role="outlet_manager", outlet_code=own)).status_code == 201
    elsewhere = await make.planner(world.city_id, division_code="990102")
    again = await made(api, elsewhere, login="other", role="outlet_manager", outlet_code=own)
    assert again.status_code == 422


async def test_each_lists_the_accounts_in_the_own_scope(api: httpx.AsyncClient, make: Make, world: World) -> None:
    city = await make.planner(world.city_id, login="city")
    district = await make.planner(world.city_id, login="district", division_code="990101")
    await make.account(world.city_id, "auditor", login="auditor")
    firms = [await make.firm_manager(world.city_id, partner) for partner in world.partners]
    await make.account(
        world.city_id, "outlet_manager", login="outlet", partner_id=world.partners[0], outlet_id=world.outlets[0]
    )
    listed = {
        name: (await api.get("/api/accounts", headers=headers)).json()
        for name, headers in {"city": city, "district": district, "firm": firms[0], "other": firms[1]}.items()
    }
    assert [account["role"] for account in listed["city"]] == [
        "planner", "planner", "auditor", "firm_manager", "firm_manager", "outlet_manager",
    ]  # fmt: skip
    assert [account["login"] for account in listed["district"]] == ["district"]
    assert [account["role"] for account in listed["firm"]] == ["firm_manager", "outlet_manager"]
    assert [account["role"] for account in listed["other"]] == ["firm_manager"]
    assert "password" not in str(listed).replace("must_change_password", "")


async def test_a_deactivated_account_is_signed_out_at_once_and_for_good(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    account = await make.account(world.city_id, "auditor", login="auditor", password="correct horse 1")
    auditor = await signed_in(api, "auditor", "correct horse 1")
    assert (await api.post(f"/api/accounts/{account}/deactivate", headers=planner)).status_code == 204
    assert await asked(api, auditor) == 401
    refused = await api.post(
        "/api/sign-in", json={"kind": "password", "login": "auditor", "password": "correct horse 1"}
    )
    assert refused.json()["type"] == "/problems/sign-in-refused"
    assert (await api.post(f"/api/accounts/{account}/activate", headers=planner)).status_code == 204
    assert await asked(api, auditor) == 401
    await signed_in(api, "auditor", "correct horse 1")


async def test_whoever_forgot_gets_a_one_time_password_from_the_one_above(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    manager = await make.firm_manager(world.city_id, world.partners[0])
    account = await make.account(
        world.city_id, "outlet_manager", login="outlet", password="correct horse 1",
        partner_id=world.partners[0], outlet_id=world.outlets[0],
    )  # fmt: skip
    before = await signed_in(api, "outlet", "correct horse 1")
    for _ in range(5):
        await api.post("/api/sign-in", json={"kind": "password", "login": "outlet", "password": "wrong horse 12"})
    await make.fetch("delete from sign_in_attempt where kind = 'address'")
    answer = await api.post(f"/api/accounts/{account}/reset", headers=manager)
    assert answer.status_code == 200
    assert await asked(api, before) == 401
    headers = await signed_in(api, "outlet", answer.json()["one_time_password"])
    assert (await api.get("/api/me", headers=headers)).json()["must_change_password"] is True
    body = {"current_password": answer.json()["one_time_password"], "new_password": "correct horse 1"}
    reused = await api.post("/api/me/password", json=body, headers=headers)
    assert reused.json()["reasons"] == ["used-before"], "the forgotten one is one of the last five"


@pytest.mark.parametrize("action", ["deactivate", "activate", "reset"])
async def test_nobody_touches_accounts_beside_or_above_the_own(
    api: httpx.AsyncClient, make: Make, world: World, action: str
) -> None:
    accounts = {
        "planner": await make.account(world.city_id, "planner"),
        "manager": await make.account(world.city_id, "firm_manager", partner_id=world.partners[0]),
        "other outlet": await make.account(
            world.city_id, "outlet_manager", partner_id=world.partners[1], outlet_id=world.outlets[2]
        ),
    }
    callers = {
        "firm": await make.firm_manager(world.city_id, world.partners[0]),
        "district": await make.planner(world.city_id, division_code="990101"),
        "other city": await make.planner(await make.city(98)),
    }
    before = await make.fetch("select * from account order by account_id")
    for caller, headers in callers.items():
        for whose, account in accounts.items():
            answer = await api.post(f"/api/accounts/{account}/{action}", headers=headers)
            assert answer.status_code == 404, f"{caller} {action} {whose}"
    assert await make.fetch("select * from account order by account_id") == before


async def test_nobody_shuts_out_the_own_account(api: httpx.AsyncClient, make: Make, world: World) -> None:
    account = await make.account(world.city_id, "planner")
    headers = await make.session(world.city_id, account_id=account)
    for action in ("deactivate", "reset"):
        answer = await api.post(f"/api/accounts/{account}/{action}", headers=headers)
        assert answer.json()["type"] == "/problems/own-account"
    assert await asked(api, headers) == 200


async def test_a_firm_manager_deactivated_mid_session_gets_no_further(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    planner = await make.planner(world.city_id)
    account = await make.account(world.city_id, "firm_manager", partner_id=world.partners[0])
    headers = await make.session(world.city_id, account_id=account)
    assert (await api.get("/api/outlets", headers=headers)).status_code == 200
    await api.post(f"/api/accounts/{account}/deactivate", headers=planner)
    assert (await api.get("/api/outlets", headers=headers)).status_code == 401


@pytest.mark.parametrize("login", ["planner ", " planner", "pl\u0430nner", "planner\u200b", "\uff50lanner", "=planner"])
async def test_no_login_only_looks_like_another(api: httpx.AsyncClient, make: Make, world: World, login: str) -> None:
    """In lists and in the trail nobody is taken for somebody else: blanks, Cyrillic, full width, nothing at all."""
    headers = await make.planner(world.city_id)
    answer = await made(api, headers, role="auditor", login=login)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")
    assert (await made(api, headers, role="auditor", login="王伟.110")).status_code == 201


async def test_a_login_in_capitals_is_the_same_login(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.planner(world.city_id)
    assert (await made(api, headers, role="auditor", login="wang.wei")).status_code == 201
    answer = await made(api, headers, role="auditor", login="Wang.Wei")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/login-taken")
