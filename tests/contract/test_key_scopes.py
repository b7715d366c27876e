"""Which scope of a key opens what: one line per address that partners' systems may use, tried with a key of each scope.

A key is refused before its body is read, it may never do what the manager of its firm or outlet may not, and the words
of the scopes are the same in schema, table, contract and program.
"""

import re
from typing import Any, get_args

import httpx
import pytest

from dispatch.app import create_app
from dispatch.server.contract import contract_of
from dispatch.server.contract_words import KEY_SCOPES
from dispatch.settings import Settings
from schemas.identity import KeyScopeName
from tests.contract.furnished import Things, address
from tests.contract.test_access import ACCESS, filled
from tests.make import Make, World

CAMPAIGN = "/api/campaigns/{campaign_id:uuid}"
SCOPES: dict[tuple[str, str], KeyScopeName | None] = {
    # A key's own name and end: no scope is needed.
    ("GET", "/api/me"): None,
    ("POST", "/api/sign-out"): None,
    ("GET", "/api/zones"): "read",
    ("GET", "/api/zones/{zone_id:uuid}"): "read",
    ("GET", "/api/partners"): "read",
    ("GET", "/api/outlets"): "read",
    ("GET", "/api/depots"): "read",
    ("GET", "/api/campaigns"): "read",
    ("GET", CAMPAIGN): "read",
    ("GET", f"{CAMPAIGN}/invitations"): "read",
    ("GET", f"{CAMPAIGN}/capacity"): "read",
    ("GET", f"{CAMPAIGN}/capacity/summary"): "read",
    ("GET", f"{CAMPAIGN}/materials"): "read",
    ("GET", f"{CAMPAIGN}/stock/balances"): "read",
    ("GET", "/api/handouts/refused"): "read",
    ("GET", "/api/handouts/refused/totals"): "read",
    ("POST", "/api/handouts/refused/withdraw"): "report",
    ("POST", "/api/handouts/report"): "report",
    ("POST", "/api/handouts/{handout_id:uuid}/correct"): "correct",
    ("POST", "/api/handouts/correct-reported"): "correct",
    ("GET", f"{CAMPAIGN}/handouts"): "read_handouts",
    ("GET", "/api/handouts/reported"): "read_handouts",
    ("GET", f"{CAMPAIGN}/batches"): "claims",
    ("POST", "/api/batches/{batch_id:uuid}/claim"): "claims",
    ("POST", "/api/claims/{claim_id:uuid}/extend"): "claims",
    ("POST", "/api/claims/{claim_id:uuid}/release"): "claims",
    ("GET", "/api/claims"): "claims",
    ("GET", "/api/waybills"): "waybills",
    ("GET", "/api/waybills/{waybill_id:uuid}"): "waybills",
    ("POST", "/api/waybills/{waybill_id:uuid}/receive"): "waybills",
    ("GET", "/api/riders"): "riders",
    ("POST", "/api/riders/import"): "riders",
    ("GET", f"{CAMPAIGN}/capacity/zones"): "capacity",
    ("PUT", f"{CAMPAIGN}/capacity"): "capacity",
    ("POST", f"{CAMPAIGN}/capacity/import"): "capacity",
}
# What a key with both of the first words opened before there were others.
BEFORE_SCOPES = {
    ("GET", "/api/zones"), ("GET", "/api/zones/{zone_id:uuid}"), ("GET", "/api/partners"), ("GET", "/api/outlets"),
    ("GET", "/api/depots"), ("GET", "/api/campaigns"), ("GET", CAMPAIGN), ("GET", f"{CAMPAIGN}/invitations"),
    ("GET", f"{CAMPAIGN}/capacity"), ("GET", f"{CAMPAIGN}/capacity/summary"), ("GET", f"{CAMPAIGN}/materials"),
    ("GET", f"{CAMPAIGN}/stock/balances"), ("GET", "/api/handouts/refused"), ("POST", "/api/handouts/report"),
    ("GET", "/api/handouts/refused/totals"), ("POST", "/api/handouts/refused/withdraw"),
}  # fmt: skip


def of_keys() -> set[tuple[str, str]]:
    """Everything a partner's system may use that is not open to strangers."""
    return {place for place, roles in ACCESS.items() if "partner_system" in roles and "stranger" not in roles}


def test_every_address_of_keys_has_its_scope_in_the_table() -> None:
    assert of_keys() == set(SCOPES)


def test_a_key_may_nothing_that_the_managers_of_firm_and_outlet_may_not() -> None:
    assert [place for place in of_keys() if not {"firm_manager", "outlet_manager"} <= ACCESS[place]] == []


def test_every_scope_opens_something() -> None:
    assert set(SCOPES.values()) - {None} == set(get_args(KeyScopeName))


def test_what_opened_with_the_first_two_words_still_does() -> None:
    assert {place for place, scope in SCOPES.items() if scope in {"read", "report"}} == BEFORE_SCOPES


@pytest.mark.parametrize("scope", get_args(KeyScopeName))
async def test_a_key_opens_what_its_scope_says_and_is_refused_elsewhere_before_its_body_is_read(
    api: httpx.AsyncClient, make: Make, world: World, scope: KeyScopeName
) -> None:
    key = await make.partner_system(world.city_id, world.partners[0], scopes=[scope])
    found: list[str] = []
    for (method, path), wanted in SCOPES.items():
        # A body that nobody can read: who may not is told so, and not what is wrong with it.
        body: dict[str, Any] = {} if method == "GET" else {"content": b'{"records": [', "headers": dict(key)}
        body.setdefault("headers", {}).update(key)
        if method != "GET":
            body["headers"]["content-type"] = "application/json"
        answer = await api.request(method, filled(path), **body)
        refused = answer.status_code == 403 and answer.json()["type"] == "/problems/key-scope"
        if refused != (wanted not in {scope, None}):
            found.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        if refused and answer.json()["scope"] != wanted:
            found.append(f"{method} {path} names the scope {answer.json()['scope']}")
    assert found == []


def test_the_contract_names_the_scope_of_every_operation_for_keys() -> None:
    document = contract_of(create_app(Settings()))
    said: dict[tuple[str, str], Any] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            keys = [each["key"] for each in operation.get("security", []) if "key" in each]
            if keys:
                said[method.upper(), re.sub(r":\w+}", "}", path)] = keys[0]
                assert operation["x-key-scopes"] == keys[0]
    wanted = {
        (method, re.sub(r":\w+}", "}", path)): [scope] if scope else [] for (method, path), scope in SCOPES.items()
    }
    assert said == wanted


async def test_the_words_are_the_same_in_schema_contract_and_table(make: Make) -> None:
    words = list(get_args(KeyScopeName))
    assert list(KEY_SCOPES) == words
    constraint = await make.value(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'api_key_scopes_known'"
    )
    assert re.findall(r"'(\w+)'::text", constraint) == words


async def test_a_key_of_an_outlet_reads_nothing_of_another_outlet(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    """Whatever the outlet's manager may read at the same addresses, and no more."""
    world = things.world
    for outlet in world.outlets[:2]:
        key = await make.partner_system(99, world.partners[0], outlet_id=outlet)
        manager = await make.outlet_manager(99, world.partners[0], outlet)
        for (method, path), scope in SCOPES.items():
            if method == "GET" and scope is not None:
                answers = [await api.get(address(path, things), headers=headers) for headers in (key, manager)]
                seconds_apart = [re.sub(r'"seconds_left":\d+', "", answer.text) for answer in answers]
                assert seconds_apart[0] == seconds_apart[1], path


async def test_a_key_of_an_outlet_that_closed_opens_nothing(api: httpx.AsyncClient, make: Make, world: World) -> None:
    key = await make.partner_system(99, world.partners[0], outlet_id=world.outlets[0])
    assert (await api.get("/api/outlets", headers=key)).status_code == 200
    await make.fetch("update outlet set active = false where outlet_id = $1", world.outlets[0])
    assert (await api.get("/api/outlets", headers=key)).status_code == 401
