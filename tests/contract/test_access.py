"""Who may do what: one line per address, tried with every role and with a stranger. The table is the decision.

A guard that differs from its line, an address without a line and a line without an address all fail. So does a read of
which nobody has said whether it leaves a trace (at the end).
"""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from dispatch.app import create_app
from dispatch.audit.rules import KEPT_READS, OWN_RECORD
from dispatch.database.ids import new_id
from dispatch.routes import PAGES, ROUTES
from dispatch.server.caller import ROLES
from dispatch.settings import Settings
from tests.conftest import NOW
from tests.make import Make, World
from tests.waiting import HANG_SECONDS

Roles = frozenset[str]
P, A, F, O, R, S = (frozenset({role}) for role in ROLES)  # noqa: E741  planner, auditor, firm, outlet, rider, system
EVERYBODY: Roles = frozenset(ROLES)
ANYONE: Roles = frozenset({*ROLES, "stranger"})

ACCESS: dict[tuple[str, str], Roles] = {
    # identity
    ("POST", "/api/sign-in"): ANYONE,
    ("GET", "/api/sign-in/place"): ANYONE,
    ("GET", "/api/city/contact"): P,
    ("PUT", "/api/city/contact"): P,
    ("POST", "/api/sign-in/oidc/begin"): ANYONE,
    ("POST", "/api/sign-in/oidc"): ANYONE,
    ("POST", "/api/sign-out"): EVERYBODY,
    ("GET", "/api/me"): EVERYBODY,
    ("POST", "/api/me/password"): P | A | F | O,
    ("PUT", "/api/me/language"): P | A | F | O,
    ("GET", "/api/me/sessions"): P | A | F | O | R,
    ("DELETE", "/api/me/sessions/{session_id:uuid}"): P | A | F | O | R,
    ("POST", "/api/me/sessions/end-others"): P | A | F | O | R,
    ("POST", "/api/me/second-factor"): P | A | F | O,
    ("POST", "/api/me/second-factor/confirm"): P | A | F | O,
    ("POST", "/api/me/second-factor/recovery-codes"): P | A | F | O,
    ("POST", "/api/me/second-factor/remove"): P | A | F | O,
    ("GET", "/api/accounts"): P | F,
    ("POST", "/api/accounts"): P | F,
    ("POST", "/api/accounts/{account_id:uuid}/deactivate"): P | F,
    ("POST", "/api/accounts/{account_id:uuid}/activate"): P | F,
    ("POST", "/api/accounts/{account_id:uuid}/reset"): P | F,
    ("POST", "/api/accounts/{account_id:uuid}/remove-second-factor"): P,
    ("POST", "/api/accounts/for-partners"): P,
    ("GET", "/api/api-keys"): P | F,
    ("POST", "/api/api-keys"): P | F,
    ("POST", "/api/api-keys/{api_key_id:uuid}/rotate"): P | F,
    ("DELETE", "/api/api-keys/{api_key_id:uuid}"): P | F,
    # zones
    ("POST", "/api/zones/import"): P,
    ("POST", "/api/zones/import/preview"): P,
    ("POST", "/api/zones/households/import"): P,
    ("POST", "/api/zones/incidents/import"): P,
    ("POST", "/api/zones/priority-groups/import"): P,
    ("GET", "/api/districts"): P,
    ("PUT", "/api/districts/{district_code:str}"): P,
    ("GET", "/api/zones"): EVERYBODY,
    ("GET", "/api/zones.geojson"): P,
    ("GET", "/api/zones/{zone_id:uuid}"): EVERYBODY,
    ("GET", "/api/zones/{zone_id:uuid}/pack"): P | F | O | R,
    # partners
    ("POST", "/api/partners/import"): P,
    ("POST", "/api/outlets/import"): P | F,
    ("POST", "/api/riders/import"): P | F | O | S,
    ("POST", "/api/depots/import"): P,
    ("GET", "/api/partners"): P | A | F | O | S,
    ("GET", "/api/outlets"): P | A | F | O | S,
    ("GET", "/api/riders"): P | F | O | S,
    ("GET", "/api/riders/holdings"): F | O,
    ("POST", "/api/riders"): P | F | O,
    ("POST", "/api/riders/slips"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/outlets"): P | A | F | O,
    ("GET", "/api/depots"): P | A | F | O | S,
    ("POST", "/api/riders/{rider_id:uuid}/pin"): P | F | O,
    ("POST", "/api/riders/{rider_id:uuid}/deactivate"): P | F | O,
    ("POST", "/api/riders/{rider_id:uuid}/activate"): P | F | O,
    ("POST", "/api/partners/{partner_id:uuid}/deactivate"): P,
    ("POST", "/api/partners/{partner_id:uuid}/activate"): P,
    # campaigns
    ("GET", "/api/campaigns"): EVERYBODY,
    ("POST", "/api/campaigns"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}"): EVERYBODY,
    ("PUT", "/api/campaigns/{campaign_id:uuid}"): P,
    ("POST", "/api/campaigns/{campaign_id:uuid}/open"): P,
    ("POST", "/api/campaigns/{campaign_id:uuid}/close"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/missing"): P,
    ("POST", "/api/campaigns/{campaign_id:uuid}/invitations/withdraw"): P,
    ("PUT", "/api/campaigns/{campaign_id:uuid}/partners/{partner_code:str}/capacity"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/invitations"): P | A | F | O | S,
    ("POST", "/api/campaigns/{campaign_id:uuid}/invitations"): P,
    ("POST", "/api/campaigns/{campaign_id:uuid}/invitation/answer"): F,
    ("GET", "/api/campaigns/{campaign_id:uuid}/capacity/zones"): F | O | S,
    ("GET", "/api/campaigns/{campaign_id:uuid}/capacity"): P | A | F | O | S,
    ("GET", "/api/campaigns/{campaign_id:uuid}/capacity/summary"): P | A | F | O | S,
    ("PUT", "/api/campaigns/{campaign_id:uuid}/capacity"): F | O | S,
    ("POST", "/api/campaigns/{campaign_id:uuid}/capacity/import"): F | O | S,
    # materials
    ("GET", "/api/campaigns/{campaign_id:uuid}/materials"): EVERYBODY,
    ("POST", "/api/campaigns/{campaign_id:uuid}/materials"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/print-runs"): P | A,
    ("POST", "/api/campaigns/{campaign_id:uuid}/print-runs"): P,
    # allocation
    ("POST", "/api/campaigns/{campaign_id:uuid}/allocations/preview"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/allocations"): P,
    ("POST", "/api/campaigns/{campaign_id:uuid}/allocations"): P,
    ("GET", "/api/allocations/{allocation_id:uuid}"): P,
    ("PUT", "/api/allocations/{allocation_id:uuid}/lines/{zone_code:str}"): P,
    ("POST", "/api/allocations/{allocation_id:uuid}/drop"): P,
    ("POST", "/api/allocations/{allocation_id:uuid}/approve"): P,
    ("GET", "/api/allocations/{allocation_id:uuid}/missing"): P,
    ("POST", "/api/allocations/{allocation_id:uuid}/withdraw"): P,
    ("POST", "/api/campaigns/{campaign_id:uuid}/batches/withdraw"): P,
    ("POST", "/api/campaigns/{campaign_id:uuid}/allocations/sizing"): P,
    # batches
    ("GET", "/api/campaigns/{campaign_id:uuid}/batches"): P | A | F | O | S,
    ("POST", "/api/batches/{batch_id:uuid}/claim"): P | F | O | S,
    ("POST", "/api/claims/{claim_id:uuid}/extend"): P | F | O | S,
    ("POST", "/api/claims/{claim_id:uuid}/release"): P | F | O | S,
    ("POST", "/api/claims/{claim_id:uuid}/ask-return"): P,
    ("GET", "/api/claims"): P | A | F | O | S,
    ("POST", "/api/claims"): P | F | O,
    # stock
    ("POST", "/api/print-runs/{print_run_id:uuid}/receive"): P,
    ("POST", "/api/claims/{claim_id:uuid}/issue"): P,
    ("POST", "/api/waybills/{waybill_id:uuid}/receive"): P | F | O | S,
    ("GET", "/api/waybills"): P | A | F | O | S,
    ("GET", "/api/waybills/{waybill_id:uuid}"): P | A | F | O | S,
    ("POST", "/api/stock/moves"): P | F | O | R,
    ("POST", "/api/stock/counts"): P | F | O,
    ("POST", "/api/stock/moves/{move_id:uuid}/reverse"): P | F | O | R,
    ("GET", "/api/campaigns/{campaign_id:uuid}/stock/balances"): EVERYBODY,
    ("GET", "/api/campaigns/{campaign_id:uuid}/stock/moves"): P | A | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/stock/moves.csv"): P | A | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/stock/balance-law"): P | A,
    # bundles
    ("GET", "/api/campaigns/{campaign_id:uuid}/bundles"): P | A | F | O | R,
    ("GET", "/api/campaigns/{campaign_id:uuid}/bundles/{code:str}"): P | A | F | O | R,
    ("GET", "/api/waybills/{waybill_id:uuid}/sheet"): P | A | F | O,
    ("GET", "/api/print-runs/{print_run_id:uuid}/labels"): P,
    # handouts
    ("POST", "/api/handouts/sync"): R,
    ("POST", "/api/handouts/report"): F | O | S,
    ("POST", "/api/handouts/{handout_id:uuid}/correct"): P | F | O | S,
    ("GET", "/api/campaigns/{campaign_id:uuid}/handouts"): P | F | O | R | S,
    ("POST", "/api/handouts/correct-reported"): F | O | S,
    ("GET", "/api/handouts/reported"): F | O | S,
    ("GET", "/api/campaigns/{campaign_id:uuid}/handouts/hours"): F | O,
    ("GET", "/api/handouts/own-day"): R,
    ("GET", "/api/handouts/pack"): R,
    ("GET", "/api/campaigns/{campaign_id:uuid}/visits"): P,
    ("GET", "/api/handouts/refused"): P | F | O | R | S,
    ("GET", "/api/handouts/refused/totals"): P | F | O | R | S,
    ("POST", "/api/handouts/refused/retry"): P | F | O,
    ("POST", "/api/handouts/refused/retry-chosen"): P | F | O,
    ("POST", "/api/handouts/refused/withdraw"): F | O | S,
    ("POST", "/api/handouts/hand-in"): ANYONE,
    ("POST", "/api/handouts/refused/take-up"): P | F | O,
    ("POST", "/api/handouts/refused/dismiss"): P | F | O,
    # flags
    ("POST", "/api/campaigns/{campaign_id:uuid}/flags/raise"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/flags"): P | F | O,
    ("GET", "/api/flags/own"): R,
    ("POST", "/api/flags/{flag_id:uuid}/answer"): O | R,
    ("POST", "/api/flags/{flag_id:uuid}/decide"): P,
    # checks
    ("POST", "/api/campaigns/{campaign_id:uuid}/spot-checks"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/spot-checks"): P | A,
    ("GET", "/api/spot-checks/{spot_check_id:uuid}"): P | A,
    ("POST", "/api/spot-checks/{spot_check_id:uuid}/results"): P,
    ("POST", "/api/spot-checks/{spot_check_id:uuid}/close"): P,
    # coverage
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/zones"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/zones.csv"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/partners"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/zones/{zone_code:str}"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/history"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/materials"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/channels"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/days"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/waves"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/gaps"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/zones.geojson"): P | F | O,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/cells"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/tiles/{zoom:int}/{x:int}/{row:str}"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/coverage/zone-tiles/{zoom:int}/{x:int}/{row:str}"): P,
    ("GET", "/api/campaigns/{campaign_id:uuid}/events"): P | A | F | O,
    # privacy
    ("GET", "/api/privacy/notice"): ANYONE,
    ("GET", "/api/privacy/notices"): P | A,
    ("POST", "/api/privacy/notices"): P,
    ("GET", "/api/privacy/consent"): R,
    ("POST", "/api/privacy/consent"): R,
    ("GET", "/api/privacy/own"): R,
    # audit
    ("GET", "/api/audit"): A,
    ("GET", "/api/audit.csv"): A,
    ("GET", "/api/audit/head"): A,
    ("GET", "/api/audit/verification"): A,
    # catalogue
    ("GET", "/problems"): ANYONE,
    ("GET", "/problems/{slug:str}"): ANYONE,
    # checklist
    ("GET", "/api/checklist"): P,
    # templates
    ("GET", "/api/templates/{table:str}"): P | F | O,
    ("GET", "/api/templates/zones.geojson"): P,
    # web
    ("GET", "/"): ANYONE,
    ("GET", "/{address:path}"): ANYONE,
    ("GET", "/api/start"): ANYONE,
    ("GET", "/api/docs"): ANYONE,
    ("GET", "/api/docs/{section:str}"): ANYONE,
    ("GET", "/api/docs.css"): ANYONE,
    ("GET", "/api/base-map.pmtiles"): P | A | F | O,
    # _openapi
    ("GET", "/api/schema/openapi.json"): ANYONE,
    ("GET", "/api/schema"): ANYONE,
    ("GET", "/api/schema/{path:str}"): ANYONE,
}  # fmt: skip

# Parts of addresses that are no ids.
PARTS = {
    "zone_code": "990101000",
    "partner_code": "P1",
    "district_code": "990101",
    "code": "HB-0001-01",
    "slug": "not-found",
    "path": "nothing",
    "zoom": "10",
    "x": "817",
    "row": "397.mvt",
    "table": "households.xlsx",
    "address": "no-such-page.txt",
    "section": "handouts",
}
# The framework's own page for addresses below the schema, which is no JSON.
NOT_OURS = {("GET", "/api/schema/{path:str}")}


def group_of(path: str) -> str:
    """What an address is about: of a campaign, the word behind it."""
    words = [word for word in path.split("/") if word and not word.startswith("{") and word != "api"]
    if not words:
        return "start"
    return words[1] if words[0] == "campaigns" and len(words) > 1 else words[0]


GROUPS = sorted({group_of(path) for _, path in ACCESS})


def walk(app: Litestar) -> set[tuple[str, str]]:
    """(method, path template) of everything the application answers."""
    return {
        (str(method), route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method not in {"OPTIONS", "HEAD"}
    }


def filled(path: str, ids: dict[str, UUID] | None = None) -> str:
    """The template with an id, or what else fits, in every place."""
    pieces: list[str] = []
    for piece in path.split("/"):
        name, _, kind = piece.strip("{}").partition(":")
        if not piece.startswith("{"):
            pieces.append(piece)
        elif kind == "uuid":
            pieces.append(str((ids or {}).get(name) or new_id(NOW)))
        else:
            pieces.append(PARTS[name])
    return "/".join(pieces)


async def everybody(make: Make, world: World) -> dict[str, dict[str, str]]:
    """Headers of one caller per role, all of the first firm and its first outlet."""
    city, partner, outlet = world.city_id, world.partners[0], world.outlets[0]
    return {
        "planner": await make.planner(city),
        "auditor": await make.session(city, account_id=await make.account(city, "auditor")),
        "firm_manager": await make.firm_manager(city, partner),
        "outlet_manager": await make.outlet_manager(city, partner, outlet),
        "rider": await make.rider_session(city, world.riders[0]),
        "partner_system": await make.partner_system(city, partner),
    }


async def ask(api: httpx.AsyncClient, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """One request without a cookie, with an empty object where a body may be; a stream that never ends is a failure."""
    api.cookies.clear()
    body: dict[str, Any] = {} if method == "GET" else {"json": {}}
    async with asyncio.timeout(HANG_SECONDS):
        return await api.request(method, path, headers=headers, **body)


def faults_of(answer: httpx.Response, allowed: bool, refusal: tuple[int, str]) -> list[str]:
    """What is wrong with an answer: let in or kept out against the table, our own failure, or no problem document."""
    found: list[str] = []
    if allowed and (answer.status_code in {401, 403} or answer.status_code >= 500):
        found.append("is let in by the table")
    if not allowed and answer.status_code != refusal[0]:
        found.append("is kept out by the table")
    if answer.status_code >= 400:
        if answer.headers["content-type"] != "application/problem+json":
            return [*found, f"is refused with {answer.headers['content-type']}"]
        problem = answer.json()
        if problem["status"] != answer.status_code or not problem["title"] or not problem["detail"]:
            found.append("is refused without saying why")
        if not problem["type"].startswith("/problems/") or (
            not allowed and problem["type"] != f"/problems/{refusal[1]}"
        ):
            found.append(f"is refused as {problem['type']}")
    return found


def test_every_address_has_a_line_in_the_table_and_every_line_an_address() -> None:
    there = walk(create_app(Settings()))
    assert there - set(ACCESS) == set(), "say in the table who may"
    assert set(ACCESS) - there == set(), "these are gone"


@pytest.mark.parametrize("group", GROUPS)
async def test_a_stranger_is_asked_to_sign_in(api: httpx.AsyncClient, world: World, group: str) -> None:
    credentials = [None, f"Bearer {world.city_id}.no-such-token", "Bearer", "Basic cGxhbm5lcjpwYXNz"]
    found: list[str] = []
    for method, path in ACCESS:
        if group_of(path) != group or (method, path) in NOT_OURS:
            continue
        for header in credentials:
            answer = await ask(api, method, filled(path), {"authorization": header} if header else None)
            faults = faults_of(answer, "stranger" in ACCESS[method, path], (401, "not-signed-in"))
            found += [
                f"{method} {path} with {header} {fault}: {answer.status_code} {answer.text[:300]}" for fault in faults
            ]
    assert found == []


@pytest.mark.parametrize("group", GROUPS)
async def test_each_role_may_what_the_table_says(api: httpx.AsyncClient, make: Make, world: World, group: str) -> None:
    found: list[str] = []
    for method, path in ACCESS:
        if group_of(path) != group or (method, path) in NOT_OURS:
            continue
        # Afresh for each address: one of them ends the session.
        for role, headers in (await everybody(make, world)).items():
            answer = await ask(api, method, filled(path), headers)
            faults = faults_of(answer, role in ACCESS[method, path], (403, "not-allowed"))
            found += [f"{method} {path}: {role} {fault}: {answer.status_code} {answer.text[:300]}" for fault in faults]
    assert found == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/nowhere", None, 404),
        ("GET", "/api/zones/not-an-id", None, 404),
        ("PATCH", "/api/me", None, 405),
        ("POST", "/api/sign-in", b"", 400),
        ("POST", "/api/sign-in", b"\xff\xfe", 400),
        ("POST", "/api/sign-in", b"[" * 2000, 400),  # deeper than any reader goes
        ("POST", "/api/sign-in", b'{"kind": "password", "login": 1, "password": "x"}', 400),
        ("POST", "/api/sign-in", b'{"kind": "stamp"}', 400),
        ("POST", "/api/sign-in", b'{"login": "' + b"x" * 2_100_000 + b'"}', 413),
    ],
)
async def test_what_http_itself_refuses_is_a_problem_too(
    api: httpx.AsyncClient, world: World, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = await api.request(
        method, path, content=body, headers={"content-type": "application/json"} if body is not None else None
    )
    assert answer.status_code == status, answer.text
    assert faults_of(answer, allowed=True, refusal=(0, "")) == []


# ---- which reads leave a trace. Every write is in the audit trail by itself. Of the reads, those that name people and those
# that carry a file away are, by their names in dispatch/audit/rules.py (KEPT_READS); all others stand here.

LEAVES_NO_TRACE = {
    # the caller's own
    "read_profile", "read_sessions", "read_api_keys", "read_privacy_consent", "read_own_record", "read_own_day", "read_own_flags", "read_handout_pack",
    # the city's ground, firms, depots, campaigns and materials
    "read_city_contact", "read_zones", "read_districts", "read_checklist", "read_zone", "read_zone_pack", "read_partners", "read_outlets", "read_depots", "read_campaigns", "read_campaign",
    "read_invitations", "read_capacity", "summarise_capacity", "read_materials", "read_print_runs", "read_allocations", "read_allocation",
    "read_missing", "read_missing_for_plan",
    # copies, by place and not by person
    "read_batches", "read_claims", "read_waybills", "read_waybill", "read_balances", "read_moves", "read_balance_law",
    "read_reported_handouts", "read_refused_totals", "read_bundle", "read_bundles", "read_declarable_zones", "read_labels", "read_outlets_progress", "read_waybill_sheet",
    # counts
    "read_spot_checks", "read_spot_check", "read_coverage", "read_coverage_zones", "read_coverage_partners",
    "read_coverage_materials", "read_coverage_channels", "read_coverage_days", "read_coverage_waves", "read_coverage_gaps",
    "read_coverage_cells", "read_coverage_tile", "read_coverage_zone_tile", "read_events",
    "read_coverage_history", "read_visits", "read_zone_coverage",
    # the trail's own proof, which says nothing of anybody
    "read_audit_head", "verify_audit",
    # the product itself
    "read_privacy_notice", "read_privacy_notices", "read_problems", "read_problem", "read_start", "read_sign_in_place", "read_template", "read_sample_zones", "read_base_map",
}  # fmt: skip


def reads() -> set[str]:
    return {
        handler.handler_name
        for handler in ROUTES
        if isinstance(handler, HTTPRouteHandler)
        and handler not in PAGES
        and "GET" in handler.http_methods
        and any(path.startswith(("/api", "/problems")) for path in handler.paths)
    }


def test_of_every_read_somebody_decided_whether_it_leaves_a_trace() -> None:
    undecided = reads() - LEAVES_NO_TRACE - set(KEPT_READS)
    assert undecided == set(), "does it name people or carry a file away? then KEPT_READS, otherwise the list above"


def test_no_decision_outlives_its_address() -> None:
    assert (LEAVES_NO_TRACE | set(KEPT_READS)) - reads() == set(), "these are gone"
    assert LEAVES_NO_TRACE & set(KEPT_READS) == set()


def test_what_is_its_own_record_is_still_there() -> None:
    names = {handler.handler_name for handler in ROUTES}
    assert set(OWN_RECORD) - names == set()
