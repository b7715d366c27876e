"""A campaign is not opened and a plan not approved into nothing: what is missing is listed, and confirmed by a person."""

import httpx
import pytest

from dispatch.campaigns.rules import CampaignState, MissingUnconfirmed, PartnerState, missing_of, require_confirmed
from schemas.campaigns import InvitationStatus
from tests.allocation.planning import draft, ready
from tests.make import Make, World

READY = CampaignState(
    zones=3, zones_without_households=[], unserved_zones=[], materials=1, depots=1, printed=5_000, plans=1,
    plan_copies=None, in_depots=5_000,
)  # fmt: skip


def partner(code: str = "YC", status: InvitationStatus = "accepted", accounts: int = 1) -> PartnerState:
    return PartnerState(code=code, status=status, accounts=accounts)


def kinds(state: CampaignState, *partners: PartnerState) -> list[str]:
    return [item.kind for item in missing_of(state, partners)]


def test_where_everything_is_there_nothing_is_missing() -> None:
    assert kinds(READY, partner()) == []


def test_an_empty_city_lacks_all_in_the_order_in_which_it_is_put_right() -> None:
    empty = CampaignState(
        zones=0, zones_without_households=[], unserved_zones=[], materials=0, depots=0, printed=0, plans=0,
        plan_copies=None, in_depots=0,
    )  # fmt: skip
    assert kinds(empty) == ["zones", "materials", "depots", "printed", "invitations", "plans"]


def test_a_plan_with_invited_firms_that_cannot_sign_in_is_dead_and_says_so() -> None:
    """The approved plan of 53 batches that nobody could claim: 6 invited, 0 accounts, 0 accepted."""
    invited = [partner(f"P{n}", "invited", 0) for n in range(6)]
    found = {item.kind: item for item in missing_of(READY, invited)}
    assert list(found) == ["accounts", "accepted", "answers"]
    assert (found["accounts"].count, found["accounts"].codes) == (6, [f"P{n}" for n in range(6)])


def test_a_firm_that_declined_needs_no_account() -> None:
    assert kinds(READY, partner(), partner("NO", "declined", 0)) == []


def test_a_plan_is_told_how_many_copies_its_depots_lack() -> None:
    from msgspec.structs import replace

    (item,) = missing_of(replace(READY, plans=0, plan_copies=8_000), [partner()])
    assert (item.kind, item.count) == ("stock", 3_000)


def test_only_what_was_seen_and_confirmed_is_gone_on_without() -> None:
    missing = missing_of(READY, [partner(status="invited", accounts=0)])
    require_confirmed(None, missing)
    require_confirmed(["accounts", "accepted", "answers"], missing)
    with pytest.raises(MissingUnconfirmed) as refused:
        require_confirmed(["answers"], missing)
    assert [item["kind"] for item in refused.value.extensions["missing"]] == ["accounts", "accepted", "answers"]


async def test_a_plan_is_approved_only_with_what_is_missing_confirmed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    await make.invitation(world.city_id, world.campaign, world.partners[0], status="invited")
    address = await draft(api, make, world, headers)
    missing = (await api.get(f"{address}/missing", headers=headers)).json()
    assert [item["kind"] for item in missing] == ["accounts", "accepted", "answers", "stock"]
    blind = await api.post(f"{address}/approve", json={"confirmed": []}, headers=headers)
    assert (blind.status_code, blind.json()["type"]) == (409, "/problems/missing-unconfirmed")
    assert blind.json()["missing"] == missing
    assert await make.value("select count(*) from batch") == 0
    known = [item["kind"] for item in missing]
    done = await api.post(f"{address}/approve", json={"confirmed": known}, headers=headers)
    assert done.status_code == 200, done.text
    assert done.json()["missing"] == missing


async def test_a_campaign_is_opened_only_with_what_is_missing_confirmed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(world.city_id)
    await make.fetch("update campaign set status = 'draft' where campaign_id = $1", world.campaign)
    address = f"/api/campaigns/{world.campaign}"
    missing = (await api.get(f"{address}/missing", headers=headers)).json()
    assert [item["kind"] for item in missing] == ["printed", "invitations", "unserved_zones", "plans"]
    assert (missing[2]["count"], len(missing[2]["codes"])) == (4, 4)
    blind = await api.post(f"{address}/open?confirmed=plans", headers=headers)
    assert (blind.status_code, blind.json()["missing"]) == (409, missing)
    query = "&".join(f"confirmed={item['kind']}" for item in missing)
    assert (await api.post(f"{address}/open?{query}", headers=headers)).json()["status"] == "open"
