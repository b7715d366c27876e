"""What gets into the trail: every change with the change itself, every refusal, every look at people's data."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from dispatch.audit.seals import seal
from dispatch.audit.verification import verify
from dispatch.database import Database
from tests.conftest import NOW, Clock, serving
from tests.contract.furnished import Things, furnish
from tests.make import SECRET, Make, World


class Ticking(Clock):
    """Later each time it is read, as a real one: what happened first stands first."""

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=2)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Ticking()


async def trail(make: Make) -> list[dict[str, Any]]:
    return await make.fetch("select * from audit_entry order by entry_id")


async def told(make: Make) -> list[tuple[str, str, str]]:
    return [(entry["kind"], entry["operation"], entry["result"]) for entry in await trail(make)]


async def auditor(make: Make) -> dict[str, str]:
    return await make.session(99, account_id=await make.account(99, "auditor", login="auditor"))


@pytest.fixture
async def things(make: Make) -> Things:
    return await furnish(make, 99)


async def test_a_change_is_told_with_who_when_what_on_whom_and_from_where(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    headers = await make.planner(99)
    answer = await api.post(f"/api/riders/{things.ids['rider_id']}/deactivate", headers=headers)
    assert answer.status_code in {200, 201, 204}
    (entry,) = await trail(make)
    assert (entry["kind"], entry["operation"], entry["result"]) == ("change", "deactivate_rider", "done")
    assert entry["caller_role"] == "planner"
    assert entry["caller_id"] == await make.value("select account_id from account where role = 'planner'")
    assert entry["subject"] == {"rider_id": str(things.ids["rider_id"])}
    assert timedelta() < entry["at"] - NOW < timedelta(seconds=1)
    assert entry["address"] == "127.0.0.1"
    assert entry["request_id"] == answer.headers["x-request-id"]


async def test_a_change_that_is_rolled_back_leaves_only_the_refusal(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    body = {"id": str(make.id()), "reason": "按错了"}
    await api.post(f"/api/handouts/{make.id()}/correct", json=body, headers=await make.planner(99))
    assert await told(make) == [("refusal", "correct_handout", "not-found")]


async def test_who_may_not_is_told(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    await api.get("/api/riders", headers=await auditor(make))
    assert await told(make) == [("refusal", "read_riders", "not-allowed")]


async def test_looking_at_people_is_told_and_looking_at_figures_is_not(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    headers = await make.planner(99)
    await api.get("/api/riders", headers=headers)
    await api.get(f"/api/campaigns/{things.world.campaign}/coverage", headers=headers)
    await api.get(f"/api/campaigns/{things.world.campaign}/stock/moves.csv", headers=headers)
    assert await told(make) == [("read", "read_riders", "done"), ("export", "read_moves_csv", "done")]


async def test_a_question_that_changes_nothing_is_told_as_a_request(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    body = {"material_code": "unknown", "copies": 10}
    await api.post(
        f"/api/campaigns/{things.world.campaign}/allocations/preview", json=body, headers=await make.planner(99)
    )
    (entry,) = await told(make)
    assert entry[:2] in {("refusal", "preview_allocation"), ("request", "preview_allocation")}


async def test_sign_ins_are_told_whether_they_succeed_or_not(api: httpx.AsyncClient, make: Make, world: World) -> None:
    account = await make.account(99, "planner", login="planner", password="correct horse 1")
    await api.post("/api/sign-in", json={"kind": "password", "login": "planner", "password": "wrong horse 12"})
    await api.post("/api/sign-in", json={"kind": "password", "login": "planner", "password": "correct horse 1"})
    failed, done = await trail(make)
    assert (failed["kind"], failed["result"], failed["caller_role"]) == ("refusal", "sign-in-refused", "stranger")
    assert (done["kind"], done["operation"], done["result"]) == ("change", "sign_in", "done")
    assert done["subject"]["account_id"] == str(account)
    assert "horse" not in str(await trail(make))


async def test_a_failed_sign_in_is_told_with_the_account_it_was_meant_for(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    account = await make.account(99, "planner", login="planner", password="correct horse 1")
    for login in ("planner", "nobody"):
        await api.post("/api/sign-in", json={"kind": "password", "login": login, "password": "wrong horse 12"})
    known, unknown = await trail(make)
    assert known["subject"]["account_id"] == str(account)
    assert "account_id" not in unknown["subject"]


async def test_a_riders_address_is_kept_as_a_network_only(api: httpx.AsyncClient, make: Make, world: World) -> None:
    outlet = await make.outlet(99, world.partners[0], code="ZTO-1")
    rider = await make.rider(99, outlet, pin="482913")
    await api.post("/api/sign-in", json={"kind": "pin", "outlet_code": "ZTO-1", "pin": "482913"})
    (entry,) = await trail(make)
    assert entry["subject"] == {"outlet_code": "ZTO-1", "rider_id": str(rider), "method": "pin"}
    assert entry["address"] == "127.0.0.0/24"


async def test_a_phones_sync_is_its_own_record(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.rider_session(99, world.riders[0])
    answer = await api.post("/api/handouts/sync", json={"records": []}, headers=headers)
    assert answer.status_code == 200
    assert await told(make) == []


async def test_what_a_stranger_without_a_city_does_is_nobodys_trail(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await api.get("/api/riders")
    await api.post("/api/handouts/sync", json={"records": []}, headers={"authorization": "Bearer 99.nothing"})
    assert await told(make) == []


async def test_a_report_folded_with_others_is_told_in_its_own_transaction(clone: Database, clock: Clock) -> None:
    """The transaction of many phones carries the entry of the report that lies among them, and no other."""
    make = Make(clone, clock.now)
    world = await make.world()
    await make.invitation(99, world.campaign, world.partners[0])
    headers = await make.firm_manager(99, world.partners[0])
    code = await make.value("select code from material where material_id = $1", world.material)
    record = {"id": str(make.id()), "material_code": code, "channel": "with_parcel", "copies": 1, "day": "2027-04-19"}
    async with serving(clone, clock) as (api, _):
        body = {"campaign_id": str(world.campaign), "records": [record]}
        assert (await api.post("/api/handouts/report", json=body, headers=headers)).status_code == 200
        rider = await make.rider_session(99, world.riders[0])
        assert (await api.post("/api/handouts/sync", json={"records": ["nothing"]}, headers=rider)).status_code == 200
    assert await told(make) == [("change", "report_handouts", "done")]


async def test_personal_data_does_not_leave_when_the_trail_cannot_be_written(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    headers = await make.planner(99)
    await make.fetch("alter table audit_entry add constraint audit_entry_closed check (kind = 'change') not valid")
    async with serving(clone, clock) as (api, _):
        answer = await api.get("/api/riders", headers=headers)
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/busy"
        assert (await api.get("/api/zones", headers=headers)).status_code == 200
    assert len(world.riders) == 8


async def test_the_auditor_reads_filters_pages_and_takes_it_along(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    planner, reader = await make.planner(99), await auditor(make)
    rider = things.ids["rider_id"]
    await api.post(f"/api/riders/{rider}/deactivate", headers=planner)
    await api.post(f"/api/riders/{rider}/activate", headers=planner)
    await api.post(f"/api/riders/{make.id()}/activate", headers=planner)
    first = (await api.get("/api/audit", params={"limit": 2}, headers=reader)).json()
    assert [(entry["operation"], entry["result"]) for entry in first["entries"]] == [
        ("activate_rider", "not-found"), ("activate_rider", "done")]  # fmt: skip
    rest = (await api.get("/api/audit", params={"before": first["next_before"]}, headers=reader)).json()
    assert [entry["operation"] for entry in rest["entries"]] == ["deactivate_rider"]
    about = (await api.get("/api/audit", params={"subject": str(rider), "kind": "change"}, headers=reader)).json()
    assert [entry["operation"] for entry in about["entries"]] == ["activate_rider", "deactivate_rider"]
    assert about["entries"][0]["caller_login"].startswith("user")
    later = {"since": "2028-01-01T00:00:00Z"}
    assert (await api.get("/api/audit", params=later, headers=reader)).json()["entries"] == []
    file = (await api.get("/api/audit.csv", params={"operation": "activate_rider"}, headers=reader)).text
    assert file.startswith("\ufeff序号,时间")
    assert len(file.splitlines()) == 3
    assert ("export", "read_audit_csv", "done") in await told(make), "whoever takes it along is in it"


async def test_a_filter_that_cannot_be_asked_for_is_refused_before_the_file_begins(
    clone: Database, clock: Clock
) -> None:
    make = Make(clone, clock.now)
    await make.world()
    reader = await auditor(make)
    async with serving(clone, clock) as (api, _):
        for path in ("/api/audit", "/api/audit.csv"):
            answer = await api.get(f"{path}?operation=a%00b", headers=reader)
            assert answer.status_code == 400, answer.text
            assert answer.headers["content-type"] == "application/problem+json"


async def test_the_auditor_checks_the_chain_from_the_page(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    reader = await auditor(make)
    assert (await api.get("/api/audit/head", headers=reader)).json() is None
    await api.post(f"/api/riders/{things.ids['rider_id']}/deactivate", headers=await make.planner(99))
    await seal(make.database, 99, NOW, SECRET)
    head = (await api.get("/api/audit/head", headers=reader)).json()
    assert head["position"] == 1
    kept = f"{head['position']}:{head['hash']}"
    found = (await api.get("/api/audit/verification", params={"head": kept}, headers=reader)).json()
    assert (found["complete"], found["checked_to"], found["faults"]) == (True, 1, [])
    await make.fetch("update audit_entry set operation = 'nothing' where kind = 'change'")
    found = (await api.get("/api/audit/verification", headers=reader)).json()
    assert [(fault["kind"], fault["position"]) for fault in found["faults"]] == [("altered", 1)]
    wrong = await api.get("/api/audit/verification", params={"head": "seventeen"}, headers=reader)
    assert wrong.status_code == 422


async def test_the_trail_of_real_requests_is_whole(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    headers = await make.planner(99)
    for path in ("/api/riders", "/api/nowhere", f"/api/campaigns/{make.id()}/flags"):
        await api.get(path, headers=headers)
    await seal(make.database, 99, NOW, SECRET)
    found = await verify(make.database, 99, NOW, SECRET)
    assert found.faults == []
    assert found.checked_to == len(await trail(make))


@pytest.mark.parametrize("path", ["/api/audit", "/api/audit.csv", "/api/audit/head", "/api/audit/verification"])
async def test_nobody_of_one_district_reads_the_trail_of_the_city(
    api: httpx.AsyncClient, make: Make, world: World, path: str
) -> None:
    """A planner of a district makes auditors of the district, and could read of all the others through one."""
    account = await make.account(world.city_id, "auditor", login="shen.ji", division_code="990101")
    headers = await make.session(world.city_id, account_id=account)
    answer = await api.get(path, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")
