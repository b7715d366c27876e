"""What guessing costs: locks, how long they last, and whom they leave alone."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from dispatch.database import Database
from tests.conftest import Clock, serving
from tests.make import Make, World

RIGHT = "correct horse 1"


def details(login: str = "planner", password: str = RIGHT) -> dict[str, str]:
    return {"kind": "password", "login": login, "password": password}


async def tried(api: httpx.AsyncClient, body: dict[str, str], times: int = 1, address: str = "") -> httpx.Response:
    """Sign in so often, without any cookie; the last answer."""
    for _ in range(times):
        api.cookies.clear()
        answer = await api.post("/api/sign-in", json=body)
    return answer  # pyright: ignore[reportPossiblyUnboundVariable]


@pytest.fixture
async def planner(make: Make, world: World) -> None:
    await make.account(world.city_id, "planner", login="planner", password=RIGHT)


async def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(
    api: httpx.AsyncClient, planner: None, clock: Clock
) -> None:
    wrong = details(password="wrong horse 12")
    assert (await tried(api, wrong, 5)).json()["type"] == "/problems/sign-in-refused"
    locked = await tried(api, details())
    assert (locked.status_code, locked.json()["type"]) == (429, "/problems/sign-in-locked")
    assert locked.headers["retry-after"] == "900"
    assert locked.json()["retry_after_seconds"] == 900
    clock.now += timedelta(minutes=14, seconds=59)
    assert (await tried(api, details())).headers["retry-after"] == "1"
    clock.now += timedelta(seconds=1)
    assert (await tried(api, details())).status_code == 200


async def from_address(app: Litestar, address: str, body: dict[str, str]) -> httpx.Response:
    """One try to sign in from another machine."""
    transport = httpx.ASGITransport(app=cast("Any", app), client=(address, 1024))
    async with httpx.AsyncClient(transport=transport, base_url="http://dispatch.test") as elsewhere:
        return await elsewhere.post("/api/sign-in", json=body)


async def test_five_failures_lock_a_login_wherever_they_come_from(
    database: Database, planner: None, clock: Clock
) -> None:
    async with serving(database, clock) as (_, app):
        statuses = [
            (await from_address(app, f"10.0.{number}.1", details(password="wrong horse 12"))).status_code
            for number in range(7)
        ]
        assert statuses == [401] * 5 + [429] * 2
        locked = await from_address(app, "10.1.0.1", details())
        assert locked.json()["type"] == "/problems/sign-in-locked"
        clock.now += timedelta(minutes=15)
        assert (await from_address(app, "10.1.0.1", details())).status_code == 200


async def test_four_failures_do_not_lock_and_the_right_password_wipes_them(
    api: httpx.AsyncClient, make: Make, world: World, planner: None
) -> None:
    await make.account(world.city_id, "planner", login="other", password=RIGHT)
    for _ in range(2):
        await tried(api, details(password="wrong horse 12"), 4)
        assert (await tried(api, details())).status_code == 200
        await make.fetch("delete from sign_in_attempt where kind = 'address'")


async def test_a_login_nobody_has_is_locked_alike(api: httpx.AsyncClient, planner: None, make: Make) -> None:
    """Else the lock would tell which logins there are."""
    answers: list[list[tuple[int, str]]] = []
    for login in ("planner", "nobody"):
        await make.fetch("delete from sign_in_attempt")
        found = [await tried(api, details(login, "wrong horse 12")) for _ in range(7)]
        answers.append([(answer.status_code, answer.text) for answer in found])
    assert answers[0] == answers[1]
    assert [status for status, _ in answers[0]] == [401] * 5 + [429] * 2


async def test_an_address_that_fails_at_thirty_logins_is_locked_for_strange_devices(
    api: httpx.AsyncClient, planner: None, clock: Clock
) -> None:
    """Thirty different ones: an office is one address, and five typos of a few colleagues shut nobody out."""
    for number in range(29):
        await tried(api, details(f"guess{number}", "wrong horse 12"), 2)
    assert (await tried(api, details())).status_code == 200
    await tried(api, details("guess29", "wrong horse 12"))
    assert (await tried(api, details())).json()["type"] == "/problems/sign-in-locked"
    clock.now += timedelta(minutes=15)
    assert (await tried(api, details())).status_code == 200


async def test_signing_in_oneself_wins_no_guesses_at_others(api: httpx.AsyncClient, planner: None) -> None:
    answers = list[int]()
    for number in range(31):
        answers.append((await tried(api, details(f"guess{number}", "wrong horse 12"))).status_code)
        await tried(api, details())
    assert answers == [401] * 30 + [429]


async def test_strangers_who_fail_at_a_login_do_not_shut_out_the_desk_it_is_known_at(
    database: Database, planner: None, clock: Clock
) -> None:
    async with serving(database, clock) as (api, app):
        known = await api.post("/api/sign-in", json=details())
        desk = {"cookie": f"dispatch_phone={known.cookies['dispatch_phone']}"}
        for number in range(6):
            await from_address(app, f"10.0.{number}.1", details(password="wrong horse 12"))
        assert (await from_address(app, "10.1.0.1", details())).status_code == 429
        api.cookies.clear()
        assert (await api.post("/api/sign-in", json=details(), headers=desk)).status_code == 200
        wrong = details(password="wrong horse 12")
        statuses = list[int]()
        for _ in range(6):
            api.cookies.clear()
            statuses.append((await api.post("/api/sign-in", json=wrong, headers=desk)).status_code)
        assert statuses == [401] * 5 + [429], "it has five tries of its own"


async def test_a_hundred_tries_at_once_are_no_better_than_five(
    api: httpx.AsyncClient, planner: None, make: Make
) -> None:
    answers = await asyncio.gather(
        *(api.post("/api/sign-in", json=details(password=f"wrong horse {n}")) for n in range(12))
    )
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def test_what_was_typed_as_login_is_not_kept_in_the_clear(
    api: httpx.AsyncClient, planner: None, make: Make
) -> None:
    await tried(api, details("my secret password", "wrong horse 12"))
    kept = repr(await make.fetch("select * from sign_in_attempt"))
    assert "secret" not in kept
    assert "127.0.0.1" not in kept


@pytest.fixture
async def outlet(make: Make, world: World) -> str:
    outlet = await make.outlet(world.city_id, world.partners[0], code="ZTO-1")
    await make.rider(world.city_id, outlet, pin="482913")
    return "ZTO-1"


def pin(outlet: str, number: str = "482913", rider: str | None = None) -> dict[str, str]:
    return {"kind": "pin", "outlet_code": outlet, "pin": number, **({"rider_code": rider} if rider else {})}


async def test_five_typos_at_one_slip_shut_out_nobody_else_at_the_station(
    api: httpx.AsyncClient, make: Make, world: World, outlet: str, clock: Clock
) -> None:
    outlet_id = await make.value("select outlet_id from outlet where code = 'ZTO-1'")
    await make.rider(world.city_id, outlet_id, pin="111111", code="A")
    await make.rider(world.city_id, outlet_id, pin="222222", code="B")
    assert (await tried(api, pin(outlet, "999999", "A"), 5)).json()["type"] == "/problems/sign-in-refused"
    locked = (await tried(api, pin(outlet, "111111", "A"))).json()
    assert (locked["type"], locked["retry_after_seconds"]) == ("/problems/sign-in-locked", 900)
    assert locked["locked_until"] == (clock.now + timedelta(minutes=15)).isoformat().replace("+00:00", "Z")
    assert (await tried(api, pin(outlet, "222222", "B"))).status_code == 200
    assert (await tried(api, pin(outlet))).status_code == 200, "by a slip without a rider code, too"


async def test_five_typos_by_a_slip_without_a_rider_code_do_not_shut_the_station_out_either(
    api: httpx.AsyncClient, outlet: str
) -> None:
    await tried(api, pin(outlet, "000000"), 14)
    assert (await tried(api, pin(outlet))).status_code == 200


async def test_a_new_slip_lifts_the_riders_lock_at_once(
    api: httpx.AsyncClient, make: Make, world: World, outlet: str
) -> None:
    rider = await make.rider(world.city_id, world.outlets[0], pin="111111", code="A")
    code = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    known = (await tried(api, pin(code, "111111", "A"))).cookies["dispatch_phone"]
    await tried(api, pin(code, "999999", "A"), 5)
    for _ in range(5):
        api.cookies.clear()
        cookie = {"cookie": f"dispatch_phone={known}"}
        await api.post("/api/sign-in", json=pin(code, "999999", "A"), headers=cookie)
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    api.cookies.clear()
    made = await api.post("/api/riders/slips", json={"rider_ids": [str(rider)]}, headers=headers)
    (slip,) = made.json()
    for device in ({}, {"cookie": f"dispatch_phone={known}"}):
        api.cookies.clear()
        assert (await api.post("/api/sign-in", json=pin(code, slip["pin"], "A"), headers=device)).status_code == 200


async def test_with_the_riders_code_a_colleagues_pin_is_refused_and_counted(
    api: httpx.AsyncClient, make: Make, world: World, outlet: str
) -> None:
    outlet_id = await make.value("select outlet_id from outlet where code = 'ZTO-1'")
    await make.rider(world.city_id, outlet_id, pin="111111", code="A")
    rider = await make.rider(world.city_id, outlet_id, pin="222222", code="B")
    refused = await tried(api, pin(outlet, "111111", "B"))
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/sign-in-refused")
    assert await make.value("select count(*) from session") == 0
    assert {row["kind"] for row in await make.fetch("select kind from sign_in_attempt where failures > 0")} == {
        "slip", "slip_address", "pin_address",
    }  # fmt: skip
    assert (await tried(api, pin(outlet, "222222", "B"))).status_code == 200
    assert await make.value("select rider_id from session") == rider
    assert await make.value("select coalesce(sum(failures), 0)::int from sign_in_attempt") == 0, (
        "it leaves nothing behind"
    )


async def test_ten_wrong_pins_from_any_addresses_lock_a_slip_for_strange_phones_only(
    database: Database, make: Make, world: World, outlet: str, clock: Clock
) -> None:
    outlet_id = await make.value("select outlet_id from outlet where code = 'ZTO-1'")
    await make.rider(world.city_id, outlet_id, pin="111111", code="A")
    async with serving(database, clock) as (api, app):
        known = (await api.post("/api/sign-in", json=pin(outlet, "111111", "A"))).cookies["dispatch_phone"]
        statuses = [
            (await from_address(app, f"10.0.{number}.1", pin(outlet, "999999", "A"))).status_code
            for number in range(11)
        ]
        assert statuses == [401] * 10 + [429]
        assert (await from_address(app, "10.1.0.1", pin(outlet, "111111", "A"))).status_code == 429
        api.cookies.clear()
        cookie = {"cookie": f"dispatch_phone={known}"}
        assert (await api.post("/api/sign-in", json=pin(outlet, "111111", "A"), headers=cookie)).status_code == 200


async def test_a_phone_known_for_one_rider_guesses_at_a_colleague_as_any_stranger(
    api: httpx.AsyncClient, make: Make, world: World, outlet: str
) -> None:
    outlet_id = await make.value("select outlet_id from outlet where code = 'ZTO-1'")
    await make.rider(world.city_id, outlet_id, pin="111111", code="A")
    await make.rider(world.city_id, outlet_id, pin="222222", code="B")
    await tried(api, pin(outlet, "111111", "A"))
    await api.post("/api/sign-in", json=pin(outlet, "999999", "B"))
    kinds = {row["kind"] for row in await make.fetch("select kind from sign_in_attempt where failures > 0")}
    assert kinds == {"slip", "slip_address", "pin_address"}


async def test_an_address_that_fails_at_thirty_slips_is_locked_for_strange_phones(
    api: httpx.AsyncClient, make: Make, world: World, outlet: str
) -> None:
    """Whether anybody has these codes or not."""
    outlet_id = await make.value("select outlet_id from outlet where code = 'ZTO-1'")
    await make.rider(world.city_id, outlet_id, pin="111111", code="A")
    for number in range(29):
        await tried(api, pin(outlet, "000000", f"X-{number}"), 2)
    assert (await tried(api, pin(outlet, "111111", "A"))).status_code == 200
    await tried(api, pin(outlet, "000000", "X-29"))
    assert (await tried(api, pin(outlet, "111111", "A"))).json()["type"] == "/problems/sign-in-locked"


async def test_thirty_wrong_pins_over_all_outlets_lock_an_address(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    """Without rider codes each guess meets all PINs of an outlet, so each counts."""
    for number in range(4):
        outlet = await make.outlet(world.city_id, world.partners[0], code=f"ZTO-{number}")
        await make.rider(world.city_id, outlet, pin="482913")
    statuses = [(await tried(api, pin(f"ZTO-{number % 3}", "000000"))).status_code for number in range(31)]
    assert statuses == [401] * 30 + [429]
    assert (await tried(api, pin("ZTO-3"))).json()["type"] == "/problems/sign-in-locked"


async def test_guessing_across_many_addresses_locks_the_outlet_ever_longer(
    api: httpx.AsyncClient, make: Make, outlet: str, clock: Clock
) -> None:
    """However many addresses guess: fifty times on the first day, five times on each later one."""
    tries, locks = 0, list[float]()
    until = clock.now + timedelta(days=3)
    while clock.now < until:
        # Another address each time.
        await make.fetch("delete from sign_in_attempt where kind in ('outlet_address', 'pin_address')")
        answer = await tried(api, pin(outlet, "000000"))
        if answer.status_code == 401:
            tries += 1
            continue
        seconds = int(answer.headers["retry-after"])
        locks.append(seconds / 3600)
        clock.now += timedelta(seconds=seconds)
    assert locks == [0.25, 1, 4, 16, 24, 24, 24]
    assert tries == 30 + 5 * 6


async def test_guessing_slowly_gains_nothing(api: httpx.AsyncClient, make: Make, outlet: str, clock: Clock) -> None:
    tries = 0
    for _ in range(4 * 24):
        clock.now += timedelta(minutes=15)
        await make.fetch("delete from sign_in_attempt where kind in ('outlet_address', 'pin_address')")
        tries += (await tried(api, pin(outlet, "000000"))).status_code == 401
    assert tries <= 50


async def test_a_phone_known_at_the_outlet_is_not_shut_out_by_strangers(
    api: httpx.AsyncClient, make: Make, outlet: str
) -> None:
    known = await api.post("/api/sign-in", json=pin(outlet))
    phone = {"cookie": f"dispatch_phone={known.cookies['dispatch_phone']}"}
    await tried(api, pin(outlet, "000000"), 15)
    assert (await tried(api, pin(outlet))).status_code == 429
    api.cookies.clear()
    assert (await api.post("/api/sign-in", json=pin(outlet), headers=phone)).status_code == 200


async def test_a_known_phone_has_five_tries_of_its_own_and_is_known_at_its_outlet_only(
    api: httpx.AsyncClient, make: Make, world: World, outlet: str
) -> None:
    other = await make.outlet(world.city_id, world.partners[0], code="ZTO-2")
    await make.rider(world.city_id, other, pin="111111")
    known = await api.post("/api/sign-in", json=pin(outlet))
    phone = {"cookie": f"dispatch_phone={known.cookies['dispatch_phone']}"}
    api.cookies.clear()
    statuses = [
        (await api.post("/api/sign-in", json=pin(outlet, "000000"), headers=phone)).status_code for _ in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2
    failed = "select kind from sign_in_attempt where failures > 0"
    assert {row["kind"] for row in await make.fetch(failed)} == {"phone"}
    await api.post("/api/sign-in", json=pin("ZTO-2", "000000"), headers=phone)
    kinds = {row["kind"] for row in await make.fetch(failed)}
    assert kinds == {"phone", "outlet", "outlet_address", "pin_address"}


async def test_riders_who_mistype_and_then_get_it_right_leave_nothing_behind(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    outlet = await make.outlet(world.city_id, world.partners[0], code="ZTO-1")
    for number in range(30):
        await make.rider(world.city_id, outlet, pin=f"1111{number:02}")
        await tried(api, pin("ZTO-1", "482914"))
        assert (await tried(api, pin("ZTO-1", f"1111{number:02}"))).status_code == 200


async def test_riders_with_slips_of_their_own_guess_at_colleagues_no_better_than_strangers(
    api: httpx.AsyncClient, make: Make, outlet: str
) -> None:
    """Signing in with the own PIN between two guesses buys one guess a day, not one each time."""
    statuses = [
        (await tried(api, pin(outlet, number))).status_code for _ in range(40) for number in ("000000", "482913")
    ]
    assert statuses[::2].count(401) <= 16


async def test_a_phone_that_signs_in_between_its_guesses_is_locked_like_any_other(
    api: httpx.AsyncClient, make: Make, outlet: str
) -> None:
    known = await api.post("/api/sign-in", json=pin(outlet))
    phone = {"cookie": f"dispatch_phone={known.cookies['dispatch_phone']}"}
    guesses = 0
    for _ in range(40):
        api.cookies.clear()
        guesses += (await api.post("/api/sign-in", json=pin(outlet, "000000"), headers=phone)).status_code == 401
        api.cookies.clear()
        await api.post("/api/sign-in", json=pin(outlet), headers=phone)
    assert guesses <= 6


async def test_a_rider_who_pretends_to_have_many_phones_has_the_tries_of_one(
    api: httpx.AsyncClient, make: Make, outlet: str
) -> None:
    phones = list[str]()
    for _ in range(10):
        phones.append((await tried(api, pin(outlet))).cookies["dispatch_phone"])
    statuses = list[int]()
    for phone in phones:
        for _ in range(5):
            api.cookies.clear()
            headers = {"cookie": f"dispatch_phone={phone}"}
            statuses.append((await api.post("/api/sign-in", json=pin(outlet, "000000"), headers=headers)).status_code)
    assert statuses.count(401) == 5


async def test_fifty_tries_at_once_over_two_processes_are_five(clone: Database, clock: Clock) -> None:
    """Also the very first ones, for which nothing was counted yet."""
    make = Make(clone, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="planner", password=RIGHT)
    async with serving(clone, clock) as (one, _), serving(clone, clock) as (other, _):
        answers = await asyncio.gather(
            *((one, other)[n % 2].post("/api/sign-in", json=details(password=f"wrong horse {n}")) for n in range(50))
        )
    assert [answer.status_code for answer in answers].count(401) == 5
    assert [answer.status_code for answer in answers].count(429) == 45


async def test_fifty_logins_tried_at_once_from_one_address_are_thirty(clone: Database, clock: Clock) -> None:
    """Who tries one common password with every login gets thirty answers, and no hint of a right one among the rest."""
    make = Make(clone, clock.now)
    world = await make.world()
    for number in range(50):
        await make.account(world.city_id, "planner", login=f"planner{number}", password="wrong horse 12")
    async with serving(clone, clock) as (one, _), serving(clone, clock) as (other, _):
        answers = await asyncio.gather(
            *((one, other)[n % 2].post("/api/sign-in", json=details(f"planner{n}")) for n in range(50))
        )
    assert [answer.status_code for answer in answers].count(401) == 30
    assert [answer.status_code for answer in answers].count(429) == 20


async def test_fifty_pins_tried_at_once_are_five(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    outlet = await make.outlet(world.city_id, world.partners[0], code="ZTO-1")
    await make.rider(world.city_id, outlet, pin="482913", code="A")
    async with serving(clone, clock) as (one, _), serving(clone, clock) as (other, _):
        answers = await asyncio.gather(
            *((one, other)[n % 2].post("/api/sign-in", json=pin("ZTO-1", f"{n:06}", "A")) for n in range(50))
        )
    assert [answer.status_code for answer in answers].count(401) == 5
