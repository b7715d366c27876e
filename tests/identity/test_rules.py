"""Who may make and look after which account, what a password must be, what failures lock, from where a page may write."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from dispatch.database.ids import new_id
from dispatch.identity import rules
from dispatch.identity.account_store import KeptAccount
from dispatch.identity.credentials import Person
from dispatch.identity.passwords import Passwords
from dispatch.identity.rules import AccountBounds, Failures
from dispatch.problems import InvalidRequest, NotAllowed, Problem
from dispatch.server.caller import Caller, Role
from dispatch.zones.rules import DivisionUnknown
from schemas.identity import NewAccount
from tests.conftest import NOW

INSTANT = timedelta(microseconds=1)
QUARTER, WEEK = timedelta(minutes=15), timedelta(days=7)
FIRM, OTHER_FIRM, OUTLET = (new_id(NOW, number) for number in range(3))
PASSWORD_KINDS = ("login", "login_address", "address", "desk")
GROWING_KINDS = ("outlet", "outlet_address", "slip", "slip_address", "pin_address", "phone", "code")


def caller(role: Role = "planner", **more: Any) -> Caller:
    return Caller(city_id=99, role=role, subject_id=new_id(NOW, 9), **more)


# ---- failures and locks


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("login", 5),
        ("login_address", 5),
        ("address", 30),
        ("desk", 5),
        ("outlet", 30),
        ("outlet_address", 15),
        ("slip", 10),
        ("slip_address", 5),
        ("pin_address", 30),
        ("phone", 5),
        ("code", 5),
    ],
)
def test_so_many_failures_lock_and_one_less_does_not(kind: str, most: int) -> None:
    assert rules.counted(kind, most - 2, 0, NOW, None, NOW) == Failures(most - 1, 0, None)
    assert rules.counted(kind, most - 1, 0, NOW, None, NOW) == Failures(most, 1, NOW + QUARTER)


@pytest.mark.parametrize("kind", GROWING_KINDS)
def test_after_the_first_lock_five_more_failures_lock_again(kind: str) -> None:
    assert rules.counted(kind, 3, 1, NOW, None, NOW) == Failures(4, 1, None)
    assert rules.counted(kind, 4, 1, NOW, None, NOW) == Failures(5, 2, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("locks", "hours"), [(0, 0.25), (1, 1), (2, 4), (3, 16), (4, 24), (5, 24), (9, 24)], ids=lambda value: str(value)
)
def test_where_short_secrets_are_guessed_each_lock_is_four_times_as_long_up_to_a_day(locks: int, hours: float) -> None:
    counted = rules.counted("outlet", 29, locks, NOW, None, NOW)
    assert counted.locked_until == NOW + timedelta(hours=hours)
    assert counted.locks == locks + 1


@pytest.mark.parametrize("kind", PASSWORD_KINDS)
def test_a_password_is_locked_for_a_quarter_of_an_hour_however_often(kind: str) -> None:
    assert rules.counted(kind, rules.FAILURES[kind] - 1, 7, NOW, None, NOW) == Failures(
        rules.FAILURES[kind], 8, NOW + QUARTER
    )


@pytest.mark.parametrize(
    ("kind", "quiet"), [(kind, QUARTER) for kind in PASSWORD_KINDS] + [(kind, WEEK) for kind in GROWING_KINDS]
)
def test_failures_are_forgotten_after_a_quiet_time(kind: str, quiet: timedelta) -> None:
    most = rules.FAILURES[kind]
    assert rules.counted(kind, most - 1, 0, NOW, None, NOW + quiet).locked_until is not None, "to the instant"
    assert rules.counted(kind, most - 1, 3, NOW, None, NOW + quiet + INSTANT) == Failures(1, 0, None)


def test_the_first_failure_after_a_lock_is_counted_as_one() -> None:
    until = NOW + QUARTER
    assert rules.counted("outlet", 30, 1, NOW, until, until) == Failures(1, 1, None)
    assert rules.counted("login", 5, 1, NOW, until, until) == Failures(1, 1, None)
    assert rules.counted("login", 3, 1, NOW, until, until - INSTANT) == Failures(4, 1, None), (
        "while it lasts it goes on"
    )


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [(timedelta(minutes=15), 900), (timedelta(seconds=1, microseconds=1), 2), (timedelta(seconds=1), 1), (INSTANT, 1),
     (timedelta(0), 1)],
    ids=["quarter", "begun second", "second", "microsecond", "over"],
)  # fmt: skip
def test_a_lock_is_refused_with_its_end_in_whole_seconds_and_never_less_than_one(wait: timedelta, seconds: int) -> None:
    refused = rules.locked_until(NOW + wait, NOW)
    assert refused.headers == {"retry-after": str(seconds)}
    assert refused.extensions == {"locked_until": NOW + wait, "retry_after_seconds": seconds}


@pytest.mark.parametrize(
    ("facts", "slug"),
    [
        ({"outlet_known": False, "rider_found": False, "active": False}, "sign-in-outlet-unknown"),
        ({"outlet_known": True, "rider_found": False, "active": True}, "sign-in-refused"),
        ({"outlet_known": True, "rider_found": False, "active": False}, "sign-in-refused"),
        ({"outlet_known": True, "rider_found": True, "active": False}, "sign-in-deactivated"),
        ({"outlet_known": True, "rider_found": True, "active": True}, None),
    ],
    ids=["no outlet", "wrong PIN", "wrong PIN, deactivated", "deactivated", "right"],
)
@pytest.mark.parametrize("rider_named", [True, False], ids=["with rider code", "outlet alone"])
def test_each_reason_why_a_slip_does_not_open_has_its_own_answer(
    facts: dict[str, bool], slug: str | None, rider_named: bool
) -> None:
    """But whether somebody has left is learnt by the right PIN only."""
    refusal = rules.refusal_of_pin(**facts, rider_named=rider_named)
    assert (refusal.slug if refusal else None) == slug


PHONE = "Mozilla/5.0 (Linux; Android 13; V2199A) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"


@pytest.mark.parametrize(
    ("role", "device", "seconds"),
    [
        ("planner", DESK, 15 * 60),
        ("planner", PHONE, 15 * 60),
        ("firm_manager", PHONE, 15 * 60),
        ("outlet_manager", DESK, 15 * 60),
        ("outlet_manager", PHONE, 240 * 60),
        ("outlet_manager", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", 240 * 60),
        ("outlet_manager", "Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1.6.1", 240 * 60),
        ("outlet_manager", "Automobile/1.0", 15 * 60),
        ("rider", PHONE, 720 * 3600),
        ("rider", DESK, 720 * 3600),
    ],
)
def test_a_desk_ends_after_idle_minutes_a_station_managers_phone_after_hours_a_riders_phone_after_a_month(
    role: str, device: str, seconds: int
) -> None:
    assert rules.idle_seconds(role, device, minutes=15, phone_minutes=240, rider_hours=720) == seconds
    assert rules.idle_seconds(role, device, minutes=0, phone_minutes=0, rider_hours=0) == 0


# ---- from where a page may write

OURS: dict[str, Any] = {
    "host": "dispatch.test", "requested_with": "dispatch", "site": None, "origin": None, "header_needed": True,
}  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"site": "same-origin"},
        {"site": "none"},
        {"origin": "https://dispatch.test"},
        {"origin": "http://DISPATCH.test", "host": "Dispatch.Test"},
        {"requested_with": None, "header_needed": False},
    ],
    ids=str,
)
def test_a_page_of_ours_may_write(headers: dict[str, Any]) -> None:
    rules.require_own_site(**{**OURS, **headers})


@pytest.mark.parametrize(
    "headers",
    [
        {"requested_with": None},
        {"requested_with": "XMLHttpRequest"},
        {"site": "same-site"},
        {"site": "cross-site"},
        {"origin": "https://dispatch.test:8443"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"site": "cross-site", "requested_with": None, "header_needed": False},
        {"origin": "https://evil.example", "requested_with": None, "header_needed": False},
    ],
    ids=str,
)
def test_a_page_of_another_site_may_not(headers: dict[str, Any]) -> None:
    with pytest.raises(rules.CrossSiteRequest):
        rules.require_own_site(**{**OURS, **headers})


# ---- logins and passwords


@pytest.mark.parametrize("login", ["abc", "a" * 100, "王伟.110", "li_na@example-1"])
def test_a_login_is_three_to_a_hundred_letters_digits_and_a_few_signs(login: str) -> None:
    rules.require_login(login)


@pytest.mark.parametrize("login", ["ab", "a" * 101, " abc", "abc ", ".abc", "p\u0430nner", "a b c"])
def test_what_only_looks_like_a_login_is_refused(login: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        rules.require_login(login)
    assert refused.value.extensions["errors"][0]["pointer"] == "/login"


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("Abcdefgh 1", []),
        ("Abcdefgh1", ["too-short"]),
        ("abcdefgh 1", []),
        ("ABCDEFGH 1", []),
        ("Abcdefghi ", []),
        ("Abcdefghi1", []),
        ("abcdefghi1", ["too-few-kinds"]),
        ("abcdefghij", ["too-few-kinds"]),
        ("反诈中心反诈中心Ab", []),
        ("my wang.wei 1", ["holds-login"]),
        ("My WANG.WEI 1", ["holds-login"]),
        ("ＷＡＮＧ．ｗｅｉ 12", ["holds-login"]),
        ("wang.we 12345", []),
        ("wang.wei", ["too-short", "too-few-kinds", "holds-login"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value) or "taken",
)
def test_a_password_has_ten_characters_of_three_kinds_and_not_the_login(password: str, reasons: list[str]) -> None:
    if not reasons:
        rules.require_password(password, "wang.wei")
        return
    with pytest.raises(rules.WeakPassword) as refused:
        rules.require_password(password, "wang.wei", field="password")
    assert refused.value.extensions == {"field": "password", "reasons": reasons}


def test_a_password_of_before_is_refused() -> None:
    rules.refuse_reuse(False)
    with pytest.raises(rules.WeakPassword) as refused:
        rules.refuse_reuse(True)
    assert refused.value.extensions == {"field": "new_password", "reasons": ["used-before"]}


def test_five_passwords_are_remembered_the_present_one_among_them() -> None:
    assert Passwords("a", "1", []).remembered == ["1"]
    assert Passwords("a", "1", ["2", "3", "4", "5"]).remembered == ["1", "2", "3", "4", "5"]
    assert Passwords("a", "1", ["2", "3", "4", "5", "6"]).remembered == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("role", "has", "lacks"), [("planner", False, True), ("planner", True, False), ("auditor", False, False)]
)
def test_planners_are_asked_for_a_second_factor(role: str, has: bool, lacks: bool) -> None:
    assert Person(role=role, has_second_factor=has).lacks_second_factor is lacks


# ---- who makes which account

NAMED = AccountBounds(
    partner_id=FIRM, outlet_id=OUTLET, outlet_partner_id=FIRM, outlet_division="990101001", has_zones=True
)
CITY, DISTRICT = caller(), caller(division_code="990101")
MANAGER = caller("firm_manager", partner_id=FIRM)


def new(role: str, **more: Any) -> NewAccount:
    values: dict[str, Any] = {"role": role, "login": "li.na", "display_name": "李娜", **more}
    return NewAccount(**values)


@pytest.mark.parametrize(
    ("maker", "wanted", "bounds"),
    [
        (CITY, new("planner"), AccountBounds()),
        (CITY, new("auditor"), AccountBounds()),
        (CITY, new("planner", division_code="990102"), AccountBounds(division_code="990102")),
        (CITY, new("firm_manager", partner_code="P"), AccountBounds(partner_id=FIRM)),
        (CITY, new("outlet_manager", outlet_code="O"), AccountBounds(partner_id=FIRM, outlet_id=OUTLET)),
        (DISTRICT, new("planner"), AccountBounds(division_code="990101")),
        (DISTRICT, new("auditor", division_code="990101"), AccountBounds(division_code="990101")),
        (DISTRICT, new("planner", division_code="99010102"), AccountBounds(division_code="99010102")),
        (DISTRICT, new("outlet_manager", outlet_code="O"), AccountBounds(partner_id=FIRM, outlet_id=OUTLET)),
        (MANAGER, new("outlet_manager", outlet_code="O"), AccountBounds(partner_id=FIRM, outlet_id=OUTLET)),
    ],
)
def test_a_new_account_is_limited_to_what_its_maker_may_give(
    maker: Caller, wanted: NewAccount, bounds: AccountBounds
) -> None:
    assert rules.judge_new_account(maker, wanted, NAMED) == bounds


NOTHING = AccountBounds()
OTHERS = AccountBounds(outlet_id=OUTLET, outlet_partner_id=OTHER_FIRM, outlet_division="990101001")
ELSEWHERE = AccountBounds(outlet_id=OUTLET, outlet_partner_id=FIRM, outlet_division="990102001")
NOWHERE = AccountBounds(outlet_id=OUTLET, outlet_partner_id=FIRM)


@pytest.mark.parametrize(
    ("maker", "wanted", "named", "problem", "field"),
    [
        (MANAGER, new("planner"), NAMED, NotAllowed, None),
        (MANAGER, new("auditor"), NAMED, NotAllowed, None),
        (MANAGER, new("firm_manager", partner_code="P"), NAMED, NotAllowed, None),
        (MANAGER, new("outlet_manager", outlet_code="O"), OTHERS, rules.AccountScope, "outlet_code"),
        (MANAGER, new("outlet_manager"), NOTHING, rules.AccountScope, "outlet_code"),
        (DISTRICT, new("firm_manager", partner_code="P"), NAMED, NotAllowed, None),
        (DISTRICT, new("planner", division_code="990102"), NAMED, rules.AccountScope, "division_code"),
        (DISTRICT, new("planner", division_code="9901"), NAMED, rules.AccountScope, "division_code"),
        (DISTRICT, new("outlet_manager", outlet_code="O"), ELSEWHERE, rules.AccountScope, "outlet_code"),
        (DISTRICT, new("outlet_manager", outlet_code="O"), NOWHERE, rules.AccountScope, "outlet_code"),
        (CITY, new("firm_manager"), NOTHING, rules.AccountScope, "partner_code"),
        (CITY, new("firm_manager", partner_code="P", division_code="99"), NAMED, rules.AccountScope, "partner_code"),
        (CITY, new("firm_manager", partner_code="P", outlet_code="O"), NAMED, rules.AccountScope, "partner_code"),
        (CITY, new("planner", partner_code="P"), NAMED, rules.AccountScope, "partner_code"),
        (CITY, new("auditor", outlet_code="O"), NAMED, rules.AccountScope, "partner_code"),
        (CITY, new("outlet_manager"), NOTHING, rules.AccountScope, "outlet_code"),
        (CITY, new("planner", division_code="440305"), NOTHING, DivisionUnknown, "division_code"),
        (CITY, new("auditor", division_code="440305"), NOTHING, DivisionUnknown, "division_code"),
        (DISTRICT, new("planner", division_code="99010199"), NOTHING, DivisionUnknown, "division_code"),
        (CITY, new("outlet_manager", outlet_code="O", division_code="9"), NAMED, rules.AccountScope, "division_code"),
    ],
)
def test_an_account_that_is_not_the_makers_to_give_is_refused(
    maker: Caller, wanted: NewAccount, named: AccountBounds, problem: type[Problem], field: str | None
) -> None:
    with pytest.raises(problem) as refused:
        rules.judge_new_account(maker, wanted, named)
    assert refused.value.extensions.get("field") == field


@pytest.mark.parametrize(
    ("who", "role", "partner_id", "division_code", "may"),
    [
        (CITY, "planner", None, None, True),
        (CITY, "firm_manager", FIRM, None, True),
        (CITY, "outlet_manager", FIRM, "990102001", True),
        (DISTRICT, "planner", None, "990101", True),
        (DISTRICT, "auditor", None, "99010102", True),
        (DISTRICT, "planner", None, "9901", False),
        (DISTRICT, "planner", None, None, False),
        (DISTRICT, "planner", None, "990102", False),
        (DISTRICT, "firm_manager", FIRM, "990101", False),
        (DISTRICT, "outlet_manager", FIRM, "990101001", True),
        (DISTRICT, "outlet_manager", FIRM, "990102001", False),
        (MANAGER, "outlet_manager", FIRM, None, True),
        (MANAGER, "outlet_manager", OTHER_FIRM, None, False),
        (MANAGER, "firm_manager", FIRM, None, False),
        (MANAGER, "planner", None, None, False),
    ],
)
def test_each_looks_after_the_accounts_below_their_own(
    who: Caller, role: str, partner_id: UUID | None, division_code: str | None, may: bool
) -> None:
    assert rules.looks_after(who, role, partner_id, division_code) is may


def test_an_account_does_not_shut_itself_out() -> None:
    rules.refuse_own_account(CITY, FIRM)
    with pytest.raises(rules.OwnAccount):
        rules.refuse_own_account(CITY, CITY.subject_id)


def kept(**more: Any) -> KeptAccount:
    values: dict[str, Any] = {
        "account_id": OUTLET, "role": "planner", "login": "li.na", "password_hash": "-", "display_name": "李娜",
        "division_code": None, "partner_id": None, "outlet_division": None, "created_by": FIRM, "signed_in_at": None,
        **more,
    }  # fmt: skip
    return KeptAccount(**values)


@pytest.mark.parametrize(
    ("difference", "is_repeat"),
    [
        ({}, True),
        ({"login": "li.la"}, False),
        ({"role": "auditor"}, False),
        ({"display_name": "李那"}, False),
        ({"created_by": OTHER_FIRM}, False),
        ({"created_by": None}, False),
        ({"signed_in_at": NOW}, False),
    ],
    ids=str,
)
def test_an_account_is_made_once_however_often_it_is_asked_for(difference: dict[str, Any], is_repeat: bool) -> None:
    assert kept(**difference).is_repeat_of(new("planner"), FIRM) is is_repeat


# ---- keys


@pytest.mark.parametrize("expires_at", [NOW + INSTANT, NOW + timedelta(days=731)])
def test_a_key_ends_within_two_years(expires_at: datetime) -> None:
    rules.require_key_expiry(expires_at, NOW)


@pytest.mark.parametrize("expires_at", [NOW - INSTANT, NOW, NOW + timedelta(days=731) + INSTANT])
def test_a_key_that_never_works_or_works_forever_is_refused(expires_at: datetime) -> None:
    with pytest.raises(rules.KeyExpiry) as refused:
        rules.require_key_expiry(expires_at, NOW)
    assert refused.value.extensions == {"field": "expires_at"}
