"""Single records go when their time is over. Not one figure changes by a copy."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from dispatch.database import Database, connect, new_id
from dispatch.handouts.partitions import ensure_partitions
from dispatch.retention.expiry import expire_records
from tests.conftest import NOW, Clock, serving
from tests.make import Make, World

LATER = timedelta(days=91)
MICROSECOND = timedelta(microseconds=1)


async def handed_out(make: Make, api: httpx.AsyncClient, world: World, count: int) -> None:
    """Handouts of two riders by the phone's own way, with a correction and a visit."""
    for number in range(2):
        rider = world.riders[number]
        await make.stock(world.city_id, world.campaign, world.material, "rider", rider, 500)
        records: list[dict[str, Any]] = [
            {
                "kind": "handout", "id": str(new_id(NOW - timedelta(days=day % 3))), "campaign_id": str(world.campaign),
                "material_id": str(world.material), "channel": "with_parcel", "copies": 1 + day % 4,
                "handed_out_at": (NOW - timedelta(days=day % 3)).isoformat(), "cell": f"{world.cells[day % 4][0]:x}",
            }
            for day in range(count)
        ]  # fmt: skip
        records.append(
            {"kind": "correction", "id": str(new_id(NOW)), "corrects_id": records[0]["id"], "reason": "按错了",
             "corrected_at": NOW.isoformat()}
        )  # fmt: skip
        records.append(
            {"kind": "visit", "id": str(new_id(NOW)), "campaign_id": str(world.campaign), "result": "declined", "visits": 2,
             "visited_at": NOW.isoformat(), "cell": f"{world.cells[0][0]:x}"}
        )  # fmt: skip
        records.append({"kind": "handout", "id": str(new_id(NOW))})
        headers = await make.rider_session(world.city_id, rider)
        answer = await api.post("/api/handouts/sync", json={"records": records}, headers=headers)
        assert [outcome["outcome"] for outcome in answer.json()["outcomes"]].count("recorded") == count + 2


FIGURES = (
    "/api/campaigns/{}/coverage", "/api/campaigns/{}/coverage/zones", "/api/campaigns/{}/coverage/cells?resolution=9",
    "/api/campaigns/{}/coverage/partners", "/api/campaigns/{}/coverage/days", "/api/campaigns/{}/coverage/channels",
    "/api/campaigns/{}/coverage/materials", "/api/campaigns/{}/coverage/waves", "/api/campaigns/{}/coverage/gaps",
    "/api/campaigns/{}/coverage/history", "/api/campaigns/{}/stock/balance-law", "/api/campaigns/{}/stock/balances",
    "/api/campaigns/{}/stock/moves", "/api/campaigns/{}/visits", "/api/campaigns/{}/outlets",
)  # fmt: skip


async def figures(api: httpx.AsyncClient, world: World, headers: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for address in FIGURES:
        answer = await api.get(address.format(world.campaign), headers=headers)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        found[address] = answer.json()
    return found


async def close(make: Make, world: World, days_ago: int = 0) -> None:
    await make.fetch(
        "update campaign set status = 'closed', closed_at = $2 where campaign_id = $1",
        world.campaign,
        NOW - timedelta(days=days_ago),
    )


@pytest.mark.parametrize("partitioned", [True, False])
async def test_no_figure_changes_by_a_copy_when_the_records_are_gone(
    clone: Database, clock: Clock, partitioned: bool
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    if partitioned:
        await ensure_partitions(clone, NOW.date() - timedelta(days=3), NOW.date())
    planner = await make.planner(99)
    async with serving(clone, clock) as (api, _):
        await handed_out(make, api, world, 30)
        await close(make, world)
        before = await figures(api, world, planner)
        deleted = await expire_records(clone, 99, NOW + LATER)
        assert (deleted.handouts, deleted.visits, deleted.refused) == (62, 2, 2)
        assert deleted.days_dropped == (3 if partitioned else 0)
        assert await figures(api, world, planner) == before
    assert await make.value("select count(*) from handout") == 0
    assert await make.value("select sum(copies) from zone_tally") > 0
    entries = await make.fetch("select kind, operation, subject from audit_entry where operation = 'expire_records'")
    assert entries[0]["subject"]["handouts"] == "62"


async def test_records_stay_until_their_campaign_has_been_closed_for_its_days(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await handed_out(make, api, world, 5)
    assert (await expire_records(make.database, 99, NOW + timedelta(days=900))).handouts == 0, (
        "an open campaign keeps all"
    )
    await close(make, world)
    assert (await expire_records(make.database, 99, NOW + timedelta(days=90))).handouts == 0
    assert (await expire_records(make.database, 99, NOW + timedelta(days=90, seconds=1))).handouts == 12
    assert (await expire_records(make.database, 99, NOW + timedelta(days=91))).handouts == 0, "once is enough"


async def test_a_day_that_an_open_campaign_shares_is_not_dropped(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world, other = await make.world(), await make.world(98)
    await ensure_partitions(clone, NOW.date() - timedelta(days=3), NOW.date())
    async with serving(clone, clock) as (api, _):
        await handed_out(make, api, world, 9)
        await handed_out(make, api, other, 1)
    await close(make, world)
    deleted = await expire_records(clone, 99, NOW + LATER)
    assert (deleted.handouts, deleted.days_dropped) == (20, 2), (
        "only the day of the other city's records is emptied row by row"
    )
    assert await make.value("select count(*) from handout where city_id = 98") == 4


async def test_a_record_that_comes_for_a_day_that_is_gone_is_refused_and_does_not_fail(
    clone: Database, clock: Clock
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    await ensure_partitions(clone, NOW.date() - timedelta(days=3), NOW.date())
    async with serving(clone, clock) as (api, _):
        await handed_out(make, api, world, 3)
        await close(make, world)
        await expire_records(clone, 99, NOW + LATER)
        record = {"kind": "handout", "id": str(new_id(NOW)), "campaign_id": str(world.campaign), "material_id": str(world.material),
                  "channel": "with_parcel", "copies": 1, "handed_out_at": NOW.isoformat(), "zone_id": str(world.zones[0])}  # fmt: skip
        headers = await make.rider_session(99, world.riders[0])
        answer = await api.post("/api/handouts/sync", json={"records": [record]}, headers=headers)
        assert answer.json()["outcomes"][0]["problem"]["type"] == "/problems/campaign-not-open"


async def test_sign_ins_that_have_ended_are_deleted(make: Make, world: World) -> None:
    await make.rider_session(99, world.riders[0])
    ends = await make.value("select expires_at from session")
    assert (await expire_records(make.database, 99, ends)).sessions == 0
    assert (await expire_records(make.database, 99, ends + MICROSECOND)).sessions == 1
    assert await make.value("select count(*) from session") == 0


async def test_refused_records_of_no_campaign_go_after_ninety_days(make: Make, world: World) -> None:
    await make.insert(
        "handout_refused", city_id=99, handout_id=make.id(), content_digest=b"x", entry="sync", caller_role="rider",
        caller_id=world.riders[0], record={}, problem="invalid-request", detail="", refused_at=NOW,
    )  # fmt: skip
    assert (await expire_records(make.database, 99, NOW + timedelta(days=90))).refused == 0
    assert (await expire_records(make.database, 99, NOW + timedelta(days=90) + MICROSECOND)).refused == 1


async def test_what_outsiders_tried_is_deleted_when_it_no_longer_guards_anything(make: Make, world: World) -> None:
    days, hours = timedelta(days=60), timedelta(hours=24)
    for age, subject in ((days + MICROSECOND, b"old"), (days, b"recent")):
        await make.insert(
            "sign_in_attempt", city_id=99, kind="outlet", subject=subject, failures=3, locks=8, failed_at=NOW - age,
            locked_until=None,
        )  # fmt: skip
    for city_id, age, subject in (
        (0, hours + MICROSECOND, "old"),
        (99, hours + MICROSECOND, "old"),
        (99, hours, "recent"),
    ):
        await make.insert(
            "rate_bucket", city_id=city_id, **{"class": "reads"}, subject=subject, tokens=1.0, filled_at=NOW - age
        )
    assert (await expire_records(make.database, 99, NOW)).attempts == 3
    assert [row["subject"] for row in await make.fetch("select subject from sign_in_attempt")] == [b"recent"]
    assert [row["subject"] for row in await make.fetch("select subject from rate_bucket")] == ["recent"]


async def test_a_day_that_is_being_written_to_is_emptied_row_by_row(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    await ensure_partitions(clone, NOW.date() - timedelta(days=3), NOW.date())
    async with serving(clone, clock) as (api, _):
        await handed_out(make, api, world, 9)
    await close(make, world)
    writer = await connect(clone.url)
    try:
        async with writer.transaction():
            await writer.execute(f"lock table handout_{NOW:%Y%m%d} in row exclusive mode")
            deleted = await expire_records(clone, 99, NOW + LATER)
        assert (deleted.handouts, deleted.days_dropped) == (20, 2)
        assert await make.value("select to_regclass($1) is not null", f"handout_{NOW:%Y%m%d}")
        assert await make.value("select count(*) from handout") == 0
    finally:
        await writer.close()
