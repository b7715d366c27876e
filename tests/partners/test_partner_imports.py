"""Lists of partners, outlets, riders and depots: matched by code, within the sender's scope, whole or not at all."""

from typing import Any, get_args

import httpx
import pytest

from dispatch.database import Database, new_id, one_row
from dispatch.identity.secrets import digest_pin
from dispatch.partners import rules
from dispatch.partners.imports import write_depots, write_outlets, write_partners, write_riders
from dispatch.tables.sheets import ImportRefused
from schemas.common import Imported
from schemas.identity import KeyScopeName
from schemas.partners import NewDepot, NewOutlet, NewPartner, NewRider
from tests.make import SECRET, Make, World

PARTNERS, OUTLETS, RIDERS, DEPOTS = (f"/api/{noun}/import" for noun in ("partners", "outlets", "riders", "depots"))


async def send(api: httpx.AsyncClient, headers: dict[str, str], path: str, text: str) -> httpx.Response:
    return await api.post(path, content=text.encode(), headers={**headers, "content-type": "text/csv"})


async def held(make: Make) -> dict[str, list[dict[str, Any]]]:
    tables = ("partner", "outlet", "rider", "depot")
    return {table: await make.fetch(f"select * from {table} order by city_id, code") for table in tables}


async def row(make: Make, table: str, code: str) -> dict[str, Any]:
    return (await make.fetch(f"select * from {table} where city_id = 99 and code = $1", code))[0]


def reasons(answer: httpx.Response) -> list[tuple[int, str | None, str]]:
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/problems/import-refused"
    return [(error["row"], error["code"], error["reason"]) for error in answer.json()["errors"]]


async def test_a_city_is_staffed_from_four_files_and_the_same_files_again_change_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(99)
    files = [
        (PARTNERS, "单位代码,单位名称,类型\nZTO,中通,寄递企业\nMT,美团,meal\n", 2),
        (OUTLETS, "网点代码,网点名称,单位代码,片区代码\nZTO-1,东关网点,ZTO,990101000\nMT-1,东关站,MT,\n", 2),
        (RIDERS, "骑手代码,姓名,网点代码,PIN\nZTO-1-001,王小明,ZTO-1,012345\nMT-1-001,李大山,MT-1,\n合计,2,,\n", 2),
        (DEPOTS, "领取点代码,领取点名称,地址\nDEP-1,中心库,人民路1号\n", 1),
    ]
    for path, text, count in files:
        answer = await send(api, headers, path, text)
        assert answer.json() == {"created": count, "changed": 0, "unchanged": 0}
    before = await held(make)
    for path, text, count in files:
        assert (await send(api, headers, path, text)).json() == {"created": 0, "changed": 0, "unchanged": count}
    assert await held(make) == before
    assert (await row(make, "outlet", "ZTO-1"))["zone_id"] == world.zones[0]
    signed_in = await api.post("/api/sign-in", json={"kind": "pin", "outlet_code": "ZTO-1", "pin": "012345"})
    assert signed_in.json()["role"] == "rider"


async def test_a_known_code_is_changed_and_blank_cells_leave_what_is_there(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(99)
    outlet = await make.outlet(99, world.partners[0], code="ZTO-1", zone_id=world.zones[2])
    rider = await make.rider(99, outlet, code="R-1", pin="111111")
    await make.depot(99, code="DEP-1", address="人民路1号")
    await send(api, headers, OUTLETS, "code,name,partner_code,zone_code\nZTO-1,新名字,P1,\n")
    await send(api, headers, RIDERS, "code,name,outlet_code\nR-1,新名字,ZTO-1\n")
    await send(api, headers, DEPOTS, "code,name\nDEP-1,新名字\n")
    await send(api, headers, PARTNERS, "code,name,kind\nP1,新名字,post\n")
    found = [await row(make, table, code) for table, code in (("outlet", "ZTO-1"), ("rider", "R-1"), ("depot", "DEP-1"), ("partner", "P1"))]  # fmt: skip
    assert [entry["name"] for entry in found] == ["新名字"] * 4
    assert found[0]["zone_id"] == world.zones[2]
    assert found[1]["rider_id"] == rider
    assert found[1]["pin_digest"] == digest_pin(SECRET, 99, outlet, "111111")
    assert found[2]["address"] == "人民路1号"
    assert (found[3]["partner_id"], found[3]["kind"]) == (world.partners[0], "post")


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (PARTNERS, "code,name,kind\nA,甲,parcel\nA,乙,parcel\n", [(2, "A", "duplicate-code")]),
        (PARTNERS, "code,name,kind\nA,甲,toll\n", [(1, "A", "unknown-choice")]),
        (PARTNERS, "code,name,kind\nA,,\n", [(1, "A", "missing-value"), (1, "A", "missing-value")]),
        (PARTNERS, "code,name\nA,甲\n", [(0, None, "missing-column")]),
        (OUTLETS, "code,name,partner_code\nA,甲,NOBODY\nB,,P1\n", [(1, "A", "unknown-partner"), (2, "B", "missing-value")]),
        (OUTLETS, "code,name,partner_code\nA,甲,P1\nB,乙,NOBODY\nC,丙,\n", [(2, "B", "unknown-partner"), (3, "C", "unknown-partner")]),
        (OUTLETS, "code,name,partner_code,zone_code\nA,甲,P1,Z0\n", [(1, "A", "unknown-zone")]),
        (OUTLETS, "code,name,partner_code\nO3,甲,P2\n", [(1, "O3", "code-taken")]),
        (OUTLETS, "code,name,partner_code\nA,甲,P1\nA,甲,P1\n", [(2, "A", "duplicate-code")]),
        (RIDERS, "code,name,outlet_code\nA,甲,O3\nB,乙,O99\n", [(2, "B", "unknown-outlet")]),
        (RIDERS, "code,name,outlet_code\nA,甲,\n", [(1, "A", "unknown-outlet")]),
        (RIDERS, "code,name,outlet_code\nA,甲,O3\nA,甲,O3\n", [(2, "A", "duplicate-code")]),
        (RIDERS, "code,name,outlet_code,pin\nA,甲,O3,12345\n", [(1, "A", "invalid-pin")]),
        (RIDERS, "code,name,outlet_code,pin\nA,甲,O3,123456\nB,乙,O3,123456\nC,丙,O4,123456\n", [(1, "A", "pin-taken"), (2, "B", "pin-taken")]),
        (RIDERS, "code,name,outlet_code\nR7,甲,O5\n", [(1, "R7", "code-taken")]),
        (DEPOTS, "code,name\nA,甲\nA,乙\n", [(2, "A", "duplicate-code")]),
        (DEPOTS, "", [(0, None, "missing-column")]),
    ],
)  # fmt: skip
async def test_a_list_with_a_fault_is_refused_whole(
    api: httpx.AsyncClient, make: Make, world: World, path: str, text: str, found: list[tuple[int, str | None, str]]
) -> None:
    """In the world P1 has the outlets O3 and O4 with riders R7 to R10, P2 has O5 and O6."""
    before = await held(make)
    assert reasons(await send(api, await make.planner(99), path, text)) == found
    assert await held(make) == before


async def test_a_refusal_names_no_rider_and_no_pin(api: httpx.AsyncClient, make: Make, world: World) -> None:
    text = (
        "code,name,outlet_code,pin\nA,王小明,O3,135790\nB,王小明,O3,135790\n王小明,A,O99,13579x\nC,王小\u202e明,O98,\n"
    )
    answer = await send(api, await make.planner(99), RIDERS, text)
    assert answer.status_code == 422
    assert all(secret not in answer.text for secret in ("王小明", "13579"))
    clash = await send(
        api, await make.planner(99), RIDERS, "code,name,outlet_code,pin\nA,王小明,O3,135790\nB,王小明,O3,135790\n"
    )
    assert all(secret not in clash.text for secret in ("王小明", "13579"))


async def test_a_firm_manager_writes_their_own_firm_only(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.firm_manager(99, world.partners[0])
    answer = await send(api, headers, OUTLETS, "code,name\nNEW,新网点\n")
    assert answer.json()["created"] == 1
    assert (await row(make, "outlet", "NEW"))["partner_id"] == world.partners[0]
    assert (await send(api, headers, RIDERS, "code,name,outlet_code\nN-1,甲,NEW\nR7,乙,NEW\n")).json()["created"] == 1
    before = await held(make)
    assert reasons(await send(api, headers, OUTLETS, "code,name,partner_code\nX,甲,P2\n")) == [
        (1, "X", "unknown-partner")
    ]
    assert reasons(await send(api, headers, OUTLETS, "code,name\nO5,甲\n")) == [(1, "O5", "code-taken")]
    assert reasons(await send(api, headers, RIDERS, "code,name,outlet_code\nX,甲,O5\n")) == [(1, "X", "unknown-outlet")]
    assert reasons(await send(api, headers, RIDERS, "code,name,outlet_code\nR11,甲,O3\n")) == [(1, "R11", "code-taken")]
    assert (await send(api, headers, PARTNERS, "code,name,kind\nX,甲,parcel\n")).status_code == 403
    assert (await send(api, headers, DEPOTS, "code,name\nX,甲\n")).status_code == 403
    assert await held(make) == before


async def test_an_outlet_manager_writes_riders_of_their_own_outlet_only(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    answer = await send(api, headers, RIDERS, "工号,姓名\nN-1,甲\nR7,改名\n")
    assert answer.json() == {"created": 1, "changed": 1, "unchanged": 0}
    assert (await row(make, "rider", "N-1"))["outlet_id"] == world.outlets[0]
    before = await held(make)
    assert reasons(await send(api, headers, RIDERS, "code,name,outlet_code\nX,甲,O4\n")) == [(1, "X", "unknown-outlet")]
    assert reasons(await send(api, headers, RIDERS, "code,name\nR9,甲\n")) == [(1, "R9", "code-taken")]
    assert (await send(api, headers, OUTLETS, "code,name\nX,甲\n")).status_code == 403
    assert await held(make) == before


@pytest.mark.parametrize("path", [PARTNERS, OUTLETS, RIDERS, DEPOTS])
async def test_districts_riders_and_strangers_import_nothing(
    api: httpx.AsyncClient, make: Make, world: World, path: str
) -> None:
    text, before = "code,name,kind\nX,甲,parcel\n", await held(make)
    for headers in (
        await make.planner(99, division_code="990101"),
        await make.rider_session(99, world.riders[0]),
        *([] if path == RIDERS else [await make.partner_system(99, world.partners[0])]),
    ):
        assert (await send(api, headers, path, text)).json()["type"] == "/problems/not-allowed"
    assert (await send(api, {}, path, text)).status_code == 401
    assert await held(make) == before


async def test_a_key_writes_the_riders_of_its_own_firm_or_outlet_when_it_is_for_that(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    """It may what the manager there may, and with any other scope nothing."""
    before = await held(make)
    others = [scope for scope in get_args(KeyScopeName) if scope != "riders"]
    answer = await send(
        api, await make.partner_system(99, world.partners[0], scopes=others), RIDERS, "code,name,outlet_code\nX,甲,O3\n"
    )
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/key-scope")
    assert await held(make) == before
    firm = await make.partner_system(99, world.partners[0], scopes=["riders"])
    answer = await send(api, firm, RIDERS, "code,name,outlet_code\nN-1,甲,O4\n")
    assert answer.json() == {"created": 1, "changed": 0, "unchanged": 0}
    outlet = await make.partner_system(99, world.partners[0], outlet_id=world.outlets[0], scopes=["riders"])
    assert (await send(api, outlet, RIDERS, "code,name\nN-2,甲\n")).json()["created"] == 1
    assert (await row(make, "rider", "N-2"))["outlet_id"] == world.outlets[0]
    before = await held(make)
    assert reasons(await send(api, firm, RIDERS, "code,name,outlet_code\nX,甲,O5\n")) == [(1, "X", "unknown-outlet")]
    assert reasons(await send(api, firm, RIDERS, "code,name,outlet_code\nR11,甲,O3\n")) == [(1, "R11", "code-taken")]
    assert reasons(await send(api, outlet, RIDERS, "code,name,outlet_code\nX,甲,O4\n")) == [(1, "X", "unknown-outlet")]
    assert reasons(await send(api, outlet, RIDERS, "code,name\nR9,甲\n")) == [(1, "R9", "code-taken")]
    assert await held(make) == before


async def test_codes_of_another_city_are_unknown_and_free(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.city(98)
    partner = await make.partner(98, code="ELSE")
    outlet = await make.outlet(98, partner, code="ELSE-1")
    await make.rider(98, outlet, code="ELSE-1-1")
    headers = await make.planner(99)
    assert reasons(await send(api, headers, OUTLETS, "code,name,partner_code\nX,甲,ELSE\n")) == [
        (1, "X", "unknown-partner")
    ]
    assert reasons(await send(api, headers, RIDERS, "code,name,outlet_code\nX,甲,ELSE-1\n")) == [
        (1, "X", "unknown-outlet")
    ]
    assert (await send(api, headers, RIDERS, "code,name,outlet_code\nELSE-1-1,甲,O3\n")).json()["created"] == 1


async def test_a_rider_who_changes_outlet_within_the_firm_needs_a_new_pin(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    rider = await make.rider(99, world.outlets[0], code="R-1", pin="111111")
    answer = await send(api, await make.planner(99), RIDERS, "code,name,outlet_code\nR-1,甲,O4\n")
    assert answer.json()["changed"] == 1
    found = await row(make, "rider", "R-1")
    assert (found["rider_id"], found["outlet_id"], found["pin_digest"]) == (rider, world.outlets[1], None)


async def test_two_riders_may_swap_their_pins_and_a_pin_in_use_is_refused(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers, outlet = await make.planner(99), world.outlets[0]
    for code, pin in (("A", "111111"), ("B", "222222"), ("C", "333333")):
        await make.rider(99, outlet, code=code, pin=pin, name="甲")
    swapped = "code,name,outlet_code,pin\nA,甲,O3,222222\nB,甲,O3,111111\n"
    assert (await send(api, headers, RIDERS, swapped)).json()["changed"] == 2
    assert (await row(make, "rider", "A"))["pin_digest"] == digest_pin(SECRET, 99, outlet, "222222")
    before = await held(make)
    taken = "code,name,outlet_code,pin\nD,甲,O3,333333\n"
    assert reasons(await send(api, headers, RIDERS, taken)) == [(1, "D", "pin-taken")]
    assert await held(make) == before


async def test_ten_thousand_riders_are_written_at_once_and_again_without_change(clone: Database, make: Make) -> None:
    now = make.now
    async with clone.read() as connection:
        await connection.execute(
            "insert into city (city_id, code, name, datum, created_at) values (1, '1', '云川市', 'gcj02', $1)", now
        )
    await write_partners(clone, 1, [NewPartner(code="ZTO", name="中通", kind="parcel")], now)
    await write_depots(clone, 1, [NewDepot(code="DEP", name="中心库")], now)
    outlets = [NewOutlet(code=f"ZTO-{i}", name=f"网点{i}", partner_code="ZTO") for i in range(50)]
    assert await write_outlets(clone, 1, outlets, now) == Imported(created=50, changed=0, unchanged=0)
    riders = [
        NewRider(code=f"R{i}", name=f"骑手{i}", outlet_code=f"ZTO-{i % 50}", pin=f"{i:06d}" if i % 2 else None)
        for i in range(10_000)
    ]
    assert await write_riders(clone, 1, riders, now, secret=SECRET) == Imported(created=10_000, changed=0, unchanged=0)
    assert await write_riders(clone, 1, riders, now, secret=SECRET) == Imported(created=0, changed=0, unchanged=10_000)
    async with clone.read() as connection:
        kept = await one_row(
            connection,
            (
                "select count(*), count(distinct rider_id) as ids, count(pin_digest) as pins from rider where city_id = 1",
            ),
        )
    assert tuple(kept) == (10_000, 10_000, 5_000)


async def test_a_code_taken_by_somebody_quicker_is_judged_again(
    clone: Database, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between judging and writing another list made the same partner: the second try finds it there."""
    async with clone.read() as connection:
        await connection.execute(
            "insert into city (city_id, code, name, datum, created_at) values (1, '1', '云川市', 'gcj02', $1)", make.now
        )
    judge, raced = rules.judge_partners, False

    async def quicker() -> None:
        async with clone.read() as connection:
            await connection.execute(
                "insert into partner (city_id, partner_id, code, name, kind, created_at) values (1, $1, 'ZTO', '中通', 'parcel', $2)",
                new_id(make.now), make.now,
            )  # fmt: skip

    await quicker()
    seen: list[int] = []

    def blind_once(listed: Any, existing: Any, ids: Any) -> Any:
        nonlocal raced
        seen.append(len(existing))
        if not raced:
            raced, existing = True, {}
        return judge(listed, existing, ids)

    monkeypatch.setattr(rules, "judge_partners", blind_once)
    imported = await write_partners(clone, 1, [NewPartner(code="ZTO", name="中通快递", kind="parcel")], make.now)
    assert imported == Imported(created=0, changed=1, unchanged=0)
    assert len(seen) == 2


async def test_lists_of_the_command_line_are_refused_by_position(database: Database, make: Make, world: World) -> None:
    before = await held(make)
    with pytest.raises(ImportRefused) as caught:
        await write_outlets(
            database,
            99,
            [NewOutlet(code="A", name="甲", partner_code="P1"), NewOutlet(code="B", name="乙", partner_code="X")],
            make.now,
        )
    assert [(error.row, error.reason) for error in caught.value.extensions["errors"]] == [(2, "unknown-partner")]
    assert await held(make) == before
