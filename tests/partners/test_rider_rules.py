"""How a rider is added, how PINs are dealt, and what a slip may show."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest

from dispatch.partners import rider_rules
from dispatch.partners.records import LockedRider, RiderByCode
from dispatch.problems import NotFound
from dispatch.server.caller import ROLES
from schemas.partners import Rider, RiderForm

EAST, WEST = UUID(int=1), UUID(int=2)


def locked(number: int, outlet_id: UUID = EAST, active: bool = True) -> LockedRider:
    return LockedRider(
        rider_id=UUID(int=10 + number), code=f"R{number}", name="甲", active=active, outlet_id=outlet_id, outlet_code="O",
        outlet_name="网点", partner_name="快递", city_code="99", city_name="云川市", centre_name=None, centre_phone=None,
    )  # fmt: skip


def digest(outlet_id: UUID, pin: str) -> bytes:
    return f"{outlet_id.int}:{pin}".encode()


class Drawn:
    """PINs in a given order, instead of by chance."""

    def __init__(self, pins: Iterator[str]) -> None:
        self.pins = pins
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return next(self.pins)


# ---- adding one rider

WANTED = RiderForm(code="R1", name="甲", outlet_code="O")
KEPT = RiderByCode(
    rider_id=UUID(int=11),
    code="R1",
    name="甲",
    outlet_id=EAST,
    outlet_code="O",
    active=True,
    has_pin=False,
    in_scope=True,
)


def test_a_rider_is_added_to_an_outlet_of_the_callers() -> None:
    assert rider_rules.judge_outlet(EAST) == EAST
    with pytest.raises(rider_rules.UnknownOutlet) as refused:
        rider_rules.judge_outlet(None)
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "outlet_code"})


def test_the_same_rider_again_is_the_one_that_is_kept() -> None:
    assert rider_rules.judge_added(WANTED, EAST, KEPT) == Rider(
        rider_id=KEPT.rider_id, code="R1", name="甲", outlet_id=EAST, outlet_code="O", active=True, has_pin=False
    )


@pytest.mark.parametrize(
    "other", [{"name": "乙"}, {"outlet_id": WEST}, {"in_scope": False}], ids=["name", "outlet", "another firm's"]
)
def test_a_code_that_is_another_riders_is_taken(other: dict[str, Any]) -> None:
    with pytest.raises(rider_rules.RiderCodeTaken) as refused:
        rider_rules.judge_added(WANTED, EAST, msgspec.structs.replace(KEPT, **other))
    assert (refused.value.status, refused.value.extensions) == (409, {"field": "code"})


# ---- PINs


def test_riders_who_left_get_no_pin() -> None:
    rider_rules.require_active([locked(1), locked(2)])
    rider_rules.require_active([])
    with pytest.raises(rider_rules.RiderInactive) as refused:
        rider_rules.require_active([locked(1), locked(2, active=False), locked(3, active=False)])
    assert (refused.value.status, refused.value.extensions) == (409, {"rider_codes": ["R2", "R3"]})


def test_a_pin_that_somebody_of_the_outlet_has_is_drawn_again() -> None:
    draw = Drawn(iter(["111111", "222222", "222222", "333333"]))
    dealt = rider_rules.deal_pins([locked(1), locked(2)], {digest(EAST, "111111")}, draw, digest)
    assert [(each.rider_id, each.pin, each.digest) for each in dealt] == [
        (locked(1).rider_id, "222222", digest(EAST, "222222")),
        (locked(2).rider_id, "333333", digest(EAST, "333333")),
    ]


def test_riders_of_different_outlets_may_have_the_same_pin() -> None:
    draw = Drawn(iter(["111111", "111111"]))
    dealt = rider_rules.deal_pins([locked(1), locked(2, WEST)], {digest(WEST, "222222")}, draw, digest)
    assert [each.pin for each in dealt] == ["111111", "111111"]


@pytest.mark.parametrize("draws", [49, 50])
def test_fifty_draws_without_a_free_pin_are_the_end(draws: int) -> None:
    draw = Drawn(iter(["111111"] * draws + ["222222"]))
    taken = {digest(EAST, "111111")}
    if draws < 50:
        assert rider_rules.deal_pins([locked(1)], taken, draw, digest)[0].pin == "222222"
        return
    with pytest.raises(rider_rules.PinsExhausted) as refused:
        rider_rules.deal_pins([locked(1)], taken, draw, digest)
    assert (refused.value.status, draw.count) == (409, 50)


# ---- slips


@pytest.mark.parametrize("role", ROLES)
def test_a_riders_name_is_for_their_own_managers(role: Any) -> None:
    assert rider_rules.name_for(role, "王小明") == (None if role == "planner" else "王小明")


@pytest.mark.parametrize(
    ("public_address", "host", "secure", "address"),
    [
        ("https://dispatch.example.cn", "10.0.0.1", False, "https://dispatch.example.cn"),
        ("", "dispatch.test:8000", True, "https://dispatch.test:8000"),
        ("", "[::1]:8000", False, "http://[::1]:8000"),
        ("", "a" * 253, False, "http://" + "a" * 253),
    ],
)
def test_a_link_leads_where_the_operator_says_or_where_the_caller_found_the_server(
    public_address: str, host: str, secure: bool, address: str
) -> None:
    assert rider_rules.link_address(public_address, host, secure=secure) == address


@pytest.mark.parametrize("host", ["", "a" * 254, "evil.example/x", "a b", 'a"b'])
def test_a_host_that_is_none_is_not_put_into_a_link(host: str) -> None:
    with pytest.raises(NotFound):
        rider_rules.link_address("", host, secure=True)
