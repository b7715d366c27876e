"""Nobody changes what is another city's, firm's, outlet's or rider's: every address that writes, tried with others' ids,
once with next to nothing in the body and once with a request that would be right from somebody else."""

from typing import Any

import httpx

from tests.contract.furnished import Things, address, furnish, other_firm, state_of
from tests.contract.test_access import ACCESS, ask, everybody
from tests.make import Make, World

WRITES = [(method, path) for method, path in ACCESS if method != "GET" and "{" in path]


async def test_nothing_of_another_city_is_changed_by_anybody(api: httpx.AsyncClient, make: Make, world: World) -> None:
    other = await furnish(make, 98)
    before = await state_of(make, 98)
    for role, headers in (await everybody(make, world)).items():
        for method, path in WRITES:
            if role in ACCESS[method, path]:
                answer = await ask(api, method, address(path, other), headers)
                assert 400 <= answer.status_code < 500, f"{role}: {method} {path} {answer.status_code} {answer.text}"
    assert await state_of(make, 98) == before


async def test_nothing_of_a_firm_is_changed_by_another(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    await make.invitation(99, things.world.campaign, things.world.partners[1])
    callers = await other_firm(make, things.world)
    before = await state_of(make, 99)
    for role, headers in callers.items():
        for method, path in WRITES:
            if role in ACCESS[method, path]:
                answer = await ask(api, method, address(path, things), headers)
                assert 400 <= answer.status_code < 500, f"{role}: {method} {path} {answer.status_code} {answer.text}"
    assert await state_of(make, 99) == before


async def test_an_outlet_manager_changes_the_own_outlet_only(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    headers = await make.outlet_manager(99, things.world.partners[0], things.world.outlets[1])
    before = await state_of(make, 99)
    for method, path in WRITES:
        if "outlet_manager" in ACCESS[method, path]:
            answer = await ask(api, method, address(path, things), headers)
            assert 400 <= answer.status_code < 500, f"{method} {path} {answer.status_code} {answer.text}"
    assert await state_of(make, 99) == before


# What a stranger to the first firm may try with a well-formed request: address, body. CODES and ids are the first firm's.
PROBES: list[tuple[str, str, Any]] = [
    # First, while the callers have no refused records of their own.
    ("POST", "/api/handouts/refused/dismiss", {"handout_ids": ["refused_id"]}),
    ("POST", "/api/handouts/refused/withdraw", {"handout_ids": ["refused_id", "reported_id"]}),
    ("POST", "/api/handouts/refused/retry-chosen", {"handout_ids": ["refused_id", "reported_id"]}),
    ("POST", "/api/handouts/refused/retry", {}),
    ("POST", "/api/handouts/refused/take-up", {}),
    ("POST", "/api/handouts/{handout_id:uuid}/correct", {"id": "NEW", "reason": "按错了"}),
    ("POST", "/api/handouts/correct-reported", {"source_id": "PROBE", "corrects_source_id": "KEEP-OUT-1", "reason": "按错了"}),
    ("POST", "/api/handouts/sync", {"records": [
        {"kind": "correction", "id": "NEW", "corrects_id": "handout_id", "reason": "按错了", "corrected_at": "NOW"}]}),
    ("POST", "/api/handouts/report", {"campaign_id": "campaign_id", "records": [
        {"id": "NEW", "material_code": "MATERIAL", "channel": "with_parcel", "copies": 1, "outlet_code": "OUTLET", "zone_code": "ZONE",
         "day": "2027-04-19"}]}),
    ("POST", "/api/handouts/report", {"campaign_id": "campaign_id", "records": [
        {"id": "NEW", "material_code": "MATERIAL", "channel": "with_parcel", "copies": 1, "rider_code": "RIDER", "zone_code": "ZONE",
         "day": "2027-04-19"}]}),
    ("POST", "/api/campaigns/{campaign_id:uuid}/spot-checks", {"spot_check_id": "NEW", "zone_code": "ZONE", "seed": 1}),
    ("POST", "/api/spot-checks/{spot_check_id:uuid}/results", {"result_id": "NEW", "number": 1, "asked": 5, "have": 2}),
    ("POST", "/api/spot-checks/{spot_check_id:uuid}/close", {}),
    ("POST", "/api/flags/{flag_id:uuid}/answer", {"text": "固定摊位"}),
    ("POST", "/api/batches/{batch_id:uuid}/claim", {"claim_id": "NEW"}),
    ("POST", "/api/claims", {"claims": [{"batch_id": "batch_id", "claim_id": "NEW"}]}),
    ("POST", "/api/claims", {"claims": [{"batch_id": "batch_id", "claim_id": "NEW"}], "outlet_code": "OUTLET"}),
    ("POST", "/api/claims/{claim_id:uuid}/extend", {}),
    ("POST", "/api/claims/{claim_id:uuid}/release", {"reason": "不需要了"}),
    ("POST", "/api/claims/{claim_id:uuid}/issue", {"waybill_id": "NEW", "outlet_code": "OUTLET", "copies": 50}),
    ("POST", "/api/waybills/{waybill_id:uuid}/receive", {"move_id": "NEW", "received_copies": 400}),
    ("POST", "/api/stock/moves/{move_id:uuid}/reverse", {"move_id": "NEW", "reason": "记错了"}),
    ("POST", "/api/stock/counts", {"move_id": "NEW", "campaign_id": "campaign_id", "material_code": "MATERIAL",
        "holder": {"kind": "outlet", "code": "OUTLET"}, "counted_copies": 1, "reason": "盘点"}),
    *[
        ("POST", "/api/stock/moves", {"moves": [
            {"move_id": "NEW", "campaign_id": "campaign_id", "material_code": "MATERIAL", "copies": 1, **move}]})
        for move in (
            {"kind": "transfer", "from": {"kind": "outlet", "code": "OUTLET"}, "to": {"kind": "rider", "code": "RIDER"}},
            {"kind": "transfer", "from": {"kind": "outlet", "code": "OUTLET"}, "to": {"kind": "outlet", "code": "OWN"}},
            {"kind": "return", "from": {"kind": "rider", "code": "RIDER"}, "to": {"kind": "outlet", "code": "OUTLET"}},
            {"kind": "write_off", "from": {"kind": "outlet", "code": "OUTLET"}, "reason": "雨淋受潮"},
        )
    ],
    ("PUT", "/api/districts/{district_code:str}", {"name": "别人的区"}),
    ("POST", "/api/riders", {"code": "NEWCOMER", "name": "新人", "outlet_code": "OUTLET"}),
    ("POST", "/api/riders/slips", {"rider_ids": ["rider_id"]}),
    ("POST", "/api/stock/moves", {"moves": [
        {"move_id": "NEW", "campaign_id": "campaign_id", "material_code": "MATERIAL", "copies": 50, "kind": "transfer",
         "from": {"kind": "outlet", "code": "OUTLET"}, "to": {"kind": "outlet", "code": "OWN"}, "bundle_codes": ["HB-0001-01"]}]}),
    ("PUT", "/api/campaigns/{campaign_id:uuid}/capacity", {"rows": [
        {"outlet_code": "OUTLET", "zone_code": "ZONE", "week_starts_on": "2027-05-03", "copies": 5}]}),
    ("POST", "/api/accounts", {
        "role": "outlet_manager", "login": "intruder", "password": "long enough 1", "display_name": "某某", "outlet_code": "OUTLET"}),
    ("POST", "/api/outlets/import", "code,name\nOUTLET,改名\n"),
    ("POST", "/api/riders/import", "code,name,outlet_code\nRIDER,改名,OUTLET\n"),
    ("POST", "/api/riders/import", "code,name,outlet_code\nNEWCOMER,新人,OUTLET\n"),
]  # fmt: skip
# A refused record is kept with whoever sent it, and so is what the sender calls it.
KEPT_WITH_THE_SENDER = {
    "/api/handouts/sync": {"handout_refused"},
    "/api/handouts/report": {"handout_refused", "partner_reference"},
}


async def codes(make: Make, things: Things) -> dict[str, str]:
    """What the words in PROBES stand for."""
    found = {
        name: await make.value(f"select code from {table} where {table}_id = $1", things.ids[f"{table}_id"])
        for name, table in {"OUTLET": "outlet", "RIDER": "rider", "ZONE": "zone", "MATERIAL": "material"}.items()
    }
    own = await make.value("select code from outlet where outlet_id = $1", things.world.outlets[2])
    ids = {name: str(identifier) for name, identifier in things.ids.items()}
    return {**found, **ids, "OWN": own, "NOW": make.now.isoformat()}


def told(value: Any, words: dict[str, str], make: Make) -> Any:
    """The body with its words replaced, and each NEW by an id of its own."""
    match value:
        case dict():
            return {key: told(inner, words, make) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [told(inner, words, make) for inner in value]  # pyright: ignore[reportUnknownVariableType]
        case str():
            return str(make.id()) if value == "NEW" else words.get(value, value)
        case _:
            return value


async def tried(api: httpx.AsyncClient, make: Make, things: Things, callers: dict[str, dict[str, str]]) -> list[str]:
    """Every probe by every caller whose role may use the address; what it changed, or why it was none."""
    words, found = await codes(make, things), list[str]()
    before = await state_of(make, 99)
    for method, path, body in PROBES:
        for role, headers in callers.items():
            if role not in ACCESS[method, path]:
                continue
            api.cookies.clear()
            if isinstance(body, str):
                text = body.replace("OUTLET", words["OUTLET"]).replace("RIDER", words["RIDER"])
                sent: dict[str, Any] = {"content": text.encode(), "headers": {**headers, "content-type": "text/csv"}}
            else:
                sent = {"json": told(body, words, make), "headers": headers}
            answer = await api.request(method, address(path, things), **sent)
            if answer.status_code >= 500 or '"/problems/invalid-request"' in answer.text:
                found.append(f"{role} {method} {path} is no fair try: {answer.status_code} {answer.text}")
            after = await state_of(make, 99)
            changed = {table for table in after if after[table] != before[table]} - KEPT_WITH_THE_SENDER.get(
                path, set()
            )
            if changed:
                found.append(
                    f"{role} {method} {path} {body} changed {sorted(changed)}: {answer.status_code} {answer.text}"
                )
            before = after
    return found


async def test_another_firm_changes_nothing_by_asking_well(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    await make.invitation(99, things.world.campaign, things.world.partners[1])
    await make.serves(things.world, 2, 3)
    assert await tried(api, make, things, await other_firm(make, things.world)) == []


async def test_another_city_changes_nothing_by_asking_well(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    assert await tried(api, make, things, await everybody(make, await make.world(98))) == []


async def test_another_outlet_or_rider_of_the_firm_changes_nothing_by_asking_well(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    world = things.world
    neighbours = {
        "outlet_manager": await make.outlet_manager(99, world.partners[0], world.outlets[1]),
        "rider": await make.rider_session(99, world.riders[2]),
    }
    assert await tried(api, make, things, neighbours) == []


async def test_a_planner_of_another_district_changes_nothing_by_asking_well(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    await make.fetch(
        "update outlet set zone_id = $1 where partner_id = $2", things.world.zones[0], things.world.partners[0]
    )
    assert await tried(api, make, things, {"planner": await make.planner(99, division_code="990102")}) == []


# Addresses that write and have no well-formed try above, each with the reason. Whatever has an id in its address is also
# tried by the three tests at the top; a new address needs a line here or, better, a try in PROBES.
NOT_TRIED = {
    "names nothing of anybody: it makes something of the caller's own": {
        "/api/sign-in", "/api/sign-in/oidc", "/api/sign-in/oidc/begin", "/api/sign-out", "/api/api-keys", "/api/campaigns", "/api/privacy/consent", "/api/privacy/notices",
    },
    "records only what the rider of the shown, ended session confirmed; tests/handouts/test_hand_in.py tries the others": {
        "/api/handouts/hand-in",
    },
    "touches the caller's own account or sessions and takes no id": {
        "/api/me/language", "/api/me/password", "/api/me/sessions/end-others", "/api/me/second-factor",
        "/api/me/second-factor/confirm", "/api/me/second-factor/remove", "/api/me/second-factor/recovery-codes",
    },
}  # fmt: skip


def test_every_write_of_firms_outlets_and_riders_is_tried_or_says_why_not() -> None:
    tried_out = {path for _, path, _ in PROBES}
    excused = {path for paths in NOT_TRIED.values() for path in paths}
    open_to = {"firm_manager", "outlet_manager", "rider", "partner_system"}
    missing = {
        path
        for (method, path), roles in ACCESS.items()
        if method != "GET" and roles & open_to and path not in tried_out | excused and "{" not in path
    }
    assert missing == set(), "add a try to PROBES, or a reason to NOT_TRIED"
    assert excused - {path for _, path in ACCESS} == set(), "these are gone"
