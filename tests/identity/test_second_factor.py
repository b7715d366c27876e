"""The second factor: set up, asked for, never taken twice."""

import asyncio
import base64
import hashlib
import hmac
import struct
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from dispatch.database import Database
from dispatch.identity import second_factor, second_factor_store
from dispatch.identity.credentials import SQL
from tests.conftest import SETTINGS, Clock, serving
from tests.identity.test_sessions import PASSWORD, asked, signed_in
from tests.make import Make, World
from tests.waiting import locking, queued

DETAILS = {"kind": "password", "login": "planner", "password": PASSWORD}


def code_at(secret: str, at: datetime) -> str:
    """RFC 6238 written out once more, so that a mistake of the library is seen."""
    counter = struct.pack(">Q", int(at.timestamp()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_codes_are_those_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        at = datetime.fromtimestamp(seconds).astimezone()
        assert code_at(secret, at) == code
        assert second_factor.step_of(secret, code, at, None) == seconds // 30


@pytest.fixture
async def planner(api: httpx.AsyncClient, make: Make, world: World) -> dict[str, str]:
    await make.account(world.city_id, "planner", login="planner", password=PASSWORD)
    return await signed_in(api)


async def enrolled(api: httpx.AsyncClient, headers: dict[str, str], clock: Clock) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    secret = (await api.post("/api/me/second-factor", headers=headers)).json()["secret"]
    body = {"code": code_at(secret, clock.now)}
    answer = await api.post("/api/me/second-factor/confirm", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return secret, answer.json()["codes"]


async def entered(api: httpx.AsyncClient, code: str | None = None) -> httpx.Response:
    api.cookies.clear()
    return await api.post("/api/sign-in", json=DETAILS if code is None else {**DETAILS, "second_factor": code})


async def test_signing_in_asks_for_the_code_once_there_is_a_second_factor(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    secret, _ = await enrolled(api, planner, clock)
    asking = await entered(api)
    assert (asking.status_code, asking.json()["type"]) == (401, "/problems/second-factor-asked")
    assert "set-cookie" not in asking.headers
    clock.now += timedelta(seconds=30)
    assert (await entered(api, code_at(secret, clock.now))).status_code == 200


async def test_the_wrong_password_is_refused_before_any_code_is_asked_for(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    await enrolled(api, planner, clock)
    answer = await api.post("/api/sign-in", json={**DETAILS, "password": "wrong horse 12"})
    assert answer.json()["type"] == "/problems/sign-in-refused"


async def test_a_code_opens_the_door_once(api: httpx.AsyncClient, planner: dict[str, str], clock: Clock) -> None:
    secret, _ = await enrolled(api, planner, clock)
    assert (await entered(api, code_at(secret, clock.now))).status_code == 422, "used for setting up"
    clock.now += timedelta(seconds=60)
    code = code_at(secret, clock.now)
    assert (await entered(api, code)).status_code == 200
    assert (await entered(api, code)).json()["type"] == "/problems/second-factor-refused"
    before = code_at(secret, clock.now - timedelta(seconds=30))
    assert (await entered(api, before)).status_code == 422, "older than the last one used"


@pytest.mark.parametrize(("seconds", "status"), [(-60, 422), (-30, 200), (0, 200), (30, 200), (60, 422)])
async def test_the_phones_clock_may_be_half_a_minute_off(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock, seconds: int, status: int
) -> None:
    secret, _ = await enrolled(api, planner, clock)
    clock.now += timedelta(minutes=5)
    answer = await entered(api, code_at(secret, clock.now + timedelta(seconds=seconds)))
    assert answer.status_code == status


async def test_a_recovery_code_opens_the_door_once_however_it_is_typed(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    _, codes = await enrolled(api, planner, clock)
    assert len(set(codes)) == 10
    assert (await entered(api, codes[0].upper().replace("-", " "))).status_code == 200
    assert (await entered(api, codes[0])).status_code == 422
    assert (await entered(api, codes[1])).status_code == 200


async def test_five_wrong_codes_lock_though_the_password_was_right_each_time(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    """Asking for the code in between does not begin the count again."""
    secret, _ = await enrolled(api, planner, clock)
    clock.now += timedelta(minutes=1)
    answers: list[int] = []
    for _ in range(5):
        await entered(api)
        answers.append((await entered(api, "000000")).status_code)
    assert answers == [422] * 5
    assert (await entered(api, code_at(secret, clock.now))).json()["type"] == "/problems/sign-in-locked"


async def test_a_secret_counts_for_nothing_before_its_first_code(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    await api.post("/api/me/second-factor", headers=planner)
    wrong = await api.post("/api/me/second-factor/confirm", json={"code": "000000"}, headers=planner)
    assert wrong.json()["type"] == "/problems/second-factor-refused"
    assert (await entered(api)).status_code == 200


async def test_secret_and_recovery_codes_are_not_kept_in_the_clear(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock, make: Make
) -> None:
    secret, codes = await enrolled(api, planner, clock)
    sealed = await make.value("select second_factor_secret from account where login = 'planner'")
    assert secret.encode() not in bytes(sealed)
    kept = repr(await make.fetch("select * from recovery_code"))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    account_id = await make.value("select account_id from account where login = 'planner'")
    assert second_factor.unseal(SETTINGS.secret, 99, account_id, bytes(sealed)) == secret
    assert second_factor.unseal(SETTINGS.secret, 98, account_id, bytes(sealed)) is None
    assert second_factor.unseal("another secret, of 32 characters", 99, account_id, bytes(sealed)) is None


async def test_it_is_given_up_with_a_code_and_set_up_again_on_another_phone(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    _, codes = await enrolled(api, planner, clock)
    again = await api.post("/api/me/second-factor", headers=planner)
    assert again.json()["type"] == "/problems/second-factor-there"
    wrong = await api.post("/api/me/second-factor/remove", json={"code": "000000"}, headers=planner)
    assert wrong.status_code == 422
    assert (await api.post("/api/me/second-factor/remove", json={"code": codes[0]}, headers=planner)).status_code == 204
    assert (await entered(api)).status_code == 200
    await enrolled(api, planner, clock)


async def test_new_recovery_codes_end_the_old_ones(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    _, old = await enrolled(api, planner, clock)
    answer = await api.post("/api/me/second-factor/recovery-codes", json={"code": old[0]}, headers=planner)
    new: list[str] = answer.json()["codes"]
    assert (await entered(api, old[1])).status_code == 422
    assert (await entered(api, new[1])).status_code == 200


async def test_a_colleague_takes_away_a_second_factor_whose_phone_and_codes_are_gone(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock, make: Make, world: World
) -> None:
    await enrolled(api, planner, clock)
    account_id = await make.value("select account_id from account where login = 'planner'")
    colleague = await make.planner(world.city_id)
    answer = await api.post(f"/api/accounts/{account_id}/remove-second-factor", headers=colleague)
    assert answer.status_code == 204
    assert await asked(api, planner) == 401
    assert (await entered(api)).status_code == 200


async def test_where_it_is_required_a_planner_sets_it_up_before_anything_else(database: Database, clock: Clock) -> None:
    make = Make(database, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="planner", password=PASSWORD)
    settings = msgspec.structs.replace(SETTINGS, require_second_factor=True)
    async with serving(database, clock, settings) as (api, _):
        headers = await signed_in(api)
        shut = await api.get("/api/zones", headers=headers)
        assert shut.json()["type"] == "/problems/second-factor-required"
        profile: dict[str, Any] = (await api.get("/api/me", headers=headers)).json()
        assert (profile["lacks_second_factor"], profile["has_second_factor"]) == (True, False)
        await enrolled(api, headers, clock)
        assert (await api.get("/api/zones", headers=headers)).status_code == 200
        manager = await make.firm_manager(world.city_id, world.partners[0])
        assert (await api.get("/api/zones", headers=manager)).status_code == 200, "asked of planners only"


async def test_of_two_first_codes_at_once_one_begins_the_second_factor(clone: Database, clock: Clock) -> None:
    """And its recovery codes are those that hold."""
    make = Make(clone, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="planner", password=PASSWORD)
    async with serving(clone, clock) as (api, _):
        headers = await signed_in(api)
        secret = (await api.post("/api/me/second-factor", headers=headers)).json()["secret"]
        body = {"code": code_at(secret, clock.now)}
        async with locking(clone, "select 1 from account for update"):
            calls = [
                asyncio.create_task(api.post("/api/me/second-factor/confirm", json=body, headers=headers))
                for _ in range(2)
            ]
            await queued(clone, *calls)
        done, late = sorted([await call for call in calls], key=lambda answer: answer.status_code)
        assert (done.status_code, late.status_code) == (200, 409)
        assert late.json()["type"] == "/problems/second-factor-there"
        assert (await entered(api, done.json()["codes"][0])).status_code == 200


async def test_without_a_secret_no_second_factor_begins_and_without_a_second_factor_none_is_removed(
    database: Database, make: Make, world: World
) -> None:
    account = await make.account(world.city_id, "planner")

    async def begins() -> bool:
        return await database.transact(
            lambda connection: second_factor_store.begin(connection, world.city_id, account, make.now, 1), audited=False
        )

    async def is_removed() -> bool:
        return await database.transact(
            lambda connection: second_factor_store.remove(connection, world.city_id, account), audited=False
        )

    assert not await begins()
    assert not await is_removed()
    await make.fetch("update account set second_factor_secret = $1 where account_id = $2", b"sealed", account)
    assert not await is_removed(), "a secret whose first code was not given is no second factor"
    assert await begins()
    assert not await begins()
    assert await is_removed()


async def test_an_account_bound_to_a_providers_subject_stays_bound_to_it(
    database: Database, make: Make, world: World
) -> None:
    account, other = await make.account(world.city_id, "planner"), await make.account(world.city_id, "planner")
    for subject in ("first", "second"):
        statement = SQL.bind_subject(city_id=world.city_id, account_id=account, subject=subject)
        await database.transact(lambda connection, one=statement: connection.execute(*one), audited=False)
    subjects = "select oidc_subject from account where account_id = $1"
    assert [await make.value(subjects, one) for one in (account, other)] == ["first", None]
