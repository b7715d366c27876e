"""Tokens, PINs, passwords, codes and what is kept of them: made so that what is kept opens nothing by itself."""

import re
from datetime import timedelta
from typing import Any

import pytest
from pyotp.totp import TOTP

from dispatch.database.ids import new_id
from dispatch.identity import known_devices, lockout, rules, second_factor, secrets
from dispatch.identity.lockout import LockoutKey
from dispatch.identity.secrets import TokenKey
from tests.conftest import NOW

SECRET, OTHER_SECRET = "s" * 32, "t" * 32
SHARED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ACCOUNT, OTHER_ACCOUNT = new_id(NOW, 1), new_id(NOW, 2)


# ---- passwords, tokens, PINs


def test_a_password_is_verified_against_its_hash_alone() -> None:
    kept = secrets.hash_password("correct horse 1")
    assert kept.startswith("$argon2id$")
    assert secrets.hash_password("correct horse 1") != kept, "two accounts with one password have two hashes"
    assert secrets.verify_password(kept, "correct horse 1")
    assert not secrets.verify_password(kept, "correct horse 2")
    assert not secrets.verify_password(None, "correct horse 1")
    assert not secrets.verify_password("-", "correct horse 1"), "an account without a password"


def test_no_password_at_all_is_right_where_there_is_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the one whose hash is looked at instead, so that the answer takes as long."""
    monkeypatch.setattr(secrets, "_NOBODY", secrets.hash_password("correct horse 1"))
    assert not secrets.verify_password(None, "correct horse 1")


def test_a_password_is_looked_for_among_all_that_are_remembered() -> None:
    remembered = [secrets.hash_password(password) for password in ("horse 1", "horse 2")]
    assert secrets.is_one_of(remembered, "horse 1")
    assert secrets.is_one_of(remembered, "horse 2")
    assert not secrets.is_one_of(remembered, "horse 3")
    assert not secrets.is_one_of([], "horse 1")


def test_a_password_that_is_given_fits_the_rules_and_has_nothing_that_looks_alike() -> None:
    made = {secrets.new_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert re.fullmatch(r"[a-hj-km-np-zA-HJ-NP-Z2-9]{4}(-[a-hj-km-np-zA-HJ-NP-Z2-9]{4}){2}", password), password
        rules.require_password(password, "l-i")


def test_a_pin_has_six_digits_and_its_digest_is_of_one_outlet_under_one_secret() -> None:
    assert all(re.fullmatch(r"\d{6}", secrets.new_pin()) for _ in range(50))
    digests = {
        secrets.digest_pin(secret, city_id, outlet, pin)
        for secret in (SECRET, OTHER_SECRET)
        for city_id in (98, 99)
        for outlet in (ACCOUNT, OTHER_ACCOUNT)
        for pin in ("482913", "482914")
    }
    assert len(digests) == 16
    assert len({len(digest) for digest in digests} | {32}) == 1


def test_a_token_names_its_city_and_only_its_hash_is_kept() -> None:
    token = secrets.new_token(99)
    assert token != secrets.new_token(99)
    assert re.fullmatch(r"99\.[A-Za-z0-9_-]{43}", token)
    assert secrets.key_of_token(token) == TokenKey(99, secrets.hash_token(token))
    assert len(secrets.hash_token(token)) == 32


@pytest.mark.parametrize(
    ("token", "city_id"),
    [
        ("99.x", 99),
        ("0.x", 0),
        ("999999999.x", 999_999_999),
        ("1234567890.x", None),
        (f"99.{'x' * 97}", 99),
        (f"99.{'x' * 98}", None),
        ("99", None),
        ("99.", None),
        (".x", None),
        ("-1.x", None),
        ("９９.x", None),
        ("n.x", None),
        ("", None),
    ],
)
def test_what_is_no_token_of_ours_is_not_looked_up(token: str, city_id: int | None) -> None:
    assert secrets.city_of_token(token) == city_id
    key = secrets.key_of_token(token)
    assert (key.city_id if key else None) == city_id


# ---- what failures are counted for

SLIP = ("ZTO-1", "R-1", b"pin")


def test_failures_of_each_login_address_and_account_are_counted_by_themselves() -> None:
    keys = [
        *(lockout.login_key(SECRET, city_id, login) for city_id in (98, 99) for login in ("li.na", "wang.wei")),
        *(lockout.address_key(SECRET, address) for address in ("192.0.2.1", "192.0.2.2")),
        *(lockout.code_key(SECRET, account) for account in (ACCOUNT, OTHER_ACCOUNT)),
        *(lockout.password_key(SECRET, account) for account in (ACCOUNT, OTHER_ACCOUNT)),
    ]
    assert len(set(keys)) == len(keys)
    assert [key.kind for key in keys] == ["login"] * 4 + ["address"] * 2 + ["code"] * 4
    assert {key.kind for key in keys} <= set(rules.FAILURES)


def test_what_is_counted_for_cannot_be_found_without_the_secret() -> None:
    def keys(secret: str) -> list[LockoutKey]:
        return [
            lockout.login_key(secret, 99, "li.na"),
            lockout.address_key(secret, "192.0.2.1"),
            lockout.code_key(secret, ACCOUNT),
            lockout.password_key(secret, ACCOUNT),
            *(
                key
                for known in (None, "name")
                for key in lockout.login_counters(secret, 99, "li", "h", "::1", known).all
            ),
            *(
                key
                for known in (None, "name")
                for key in lockout.outlet_counters(secret, 99, "ZTO-1", "::1", known).all
            ),
            *(key for known in (None, "name") for key in lockout.slip_counters(secret, 99, SLIP, "::1", known).all),
        ]

    assert keys(SECRET) == keys(SECRET)
    assert {key.subject for key in keys(SECRET)} & {key.subject for key in keys(OTHER_SECRET)} == set()


def test_a_strangers_wrong_pin_counts_for_the_outlet_the_address_there_and_the_address() -> None:
    def keys(outlet_code: str = "ZTO-1", address: str = "192.0.2.1", city_id: int = 99) -> dict[str, bytes]:
        found = lockout.outlet_counters(SECRET, city_id, outlet_code, address, None)
        assert found.place is None, "each guess meets all PINs of the outlet"
        return dict(found.own)

    own = keys()
    assert list(own) == ["outlet", "outlet_address", "pin_address"]
    assert {kind for kind, subject in keys(outlet_code="ZTO-2").items() if subject == own[kind]} == {"pin_address"}
    assert {kind for kind, subject in keys(address="192.0.2.2").items() if subject == own[kind]} == {"outlet"}
    assert {kind for kind, subject in keys(city_id=98).items() if subject == own[kind]} == {"pin_address"}


def test_a_strangers_wrong_pin_with_the_riders_code_counts_for_this_slip_alone() -> None:
    def keys(
        slip: tuple[str, str, bytes | None] = SLIP, address: str = "192.0.2.1", city_id: int = 99
    ) -> dict[str, bytes]:
        return dict(lockout.slip_counters(SECRET, city_id, slip, address, None).all)

    own = keys()
    assert list(own) == ["slip_address", "slip", "pin_address"]
    assert own["pin_address"] == dict(lockout.outlet_counters(SECRET, 99, "O", "192.0.2.1", None).own)["pin_address"]
    for other in (
        ("ZTO-1", "R-2", b"pin"),
        ("ZTO-2", "R-1", b"pin"),
        ("ZTO-1", "R-1", b"new pin"),
        ("ZTO-1", "R-1", None),
    ):
        assert {kind for kind, subject in keys(other).items() if subject == own[kind]} == {"pin_address"}
    assert {kind for kind, subject in keys(address="192.0.2.2").items() if subject == own[kind]} == {"slip"}
    assert {kind for kind, subject in keys(city_id=98).items() if subject == own[kind]} == {"pin_address"}


def test_a_strangers_wrong_password_counts_for_the_login_and_the_address() -> None:
    def keys(login: str = "li", address: str = "192.0.2.1", password_hash: str = "h") -> dict[str, bytes]:
        return dict(lockout.login_counters(SECRET, 99, login, password_hash, address, None).all)

    own = keys()
    assert list(own) == ["login_address", "login", "address"]
    assert {kind for kind, subject in keys("wang").items() if subject == own[kind]} == {"address"}
    assert {kind for kind, subject in keys(address="192.0.2.2").items() if subject == own[kind]} == {"login"}
    assert {kind for kind, subject in keys(password_hash="new").items() if subject == own[kind]} == {"login", "address"}


def test_a_household_counts_as_one_address() -> None:
    one, other = "2001:db8:1:2::1", "2001:db8:1:2::ffff"
    assert lockout.address_key(SECRET, one) == lockout.address_key(SECRET, other)
    assert lockout.outlet_counters(SECRET, 99, "O", one, None) == lockout.outlet_counters(SECRET, 99, "O", other, None)
    assert lockout.slip_counters(SECRET, 99, SLIP, one, None) == lockout.slip_counters(SECRET, 99, SLIP, other, None)
    assert lockout.address_key(SECRET, one) != lockout.address_key(SECRET, "2001:db8:1:3::1")


def test_a_known_device_counts_by_itself_wherever_it_is() -> None:
    here = lockout.outlet_counters(SECRET, 99, "ZTO-1", "192.0.2.1", "phone")
    assert ([key.kind for key in here.all], here.place) == (["phone"], None)
    assert here == lockout.outlet_counters(SECRET, 99, "ZTO-1", "203.0.113.9", "phone")
    for other in (
        lockout.outlet_counters(SECRET, 99, "ZTO-1", "192.0.2.1", "another"),
        lockout.outlet_counters(SECRET, 99, "ZTO-2", "192.0.2.1", "phone"),
        lockout.outlet_counters(SECRET, 98, "ZTO-1", "192.0.2.1", "phone"),
        lockout.slip_counters(SECRET, 99, SLIP, "192.0.2.1", "phone"),
        lockout.slip_counters(SECRET, 99, ("ZTO-1", "R-1", b"new pin"), "192.0.2.1", "phone"),
    ):
        assert here != other
        assert [key.kind for key in other.all] == ["phone"]
    desk = lockout.login_counters(SECRET, 99, "li", "h", "192.0.2.1", "desk")
    assert ([key.kind for key in desk.all], desk.place) == (["desk"], None)
    assert desk == lockout.login_counters(SECRET, 99, "li", "h", "203.0.113.9", "desk")
    assert desk != lockout.login_counters(SECRET, 99, "li", "new", "192.0.2.1", "desk")


def test_a_device_is_known_where_it_let_somebody_in_and_keeps_the_last_few() -> None:
    cookie = None
    for name in ("a", "b", "c", "d", "e", "c"):
        cookie = known_devices.with_name(SECRET, 99, "ZTO-1", cookie, name)
    assert known_devices.known_at(SECRET, 99, "ZTO-1", cookie) == ["c", "e", "d", "b"]
    assert known_devices.known_at(SECRET, 99, "ZTO-2", cookie) == []
    assert known_devices.known_at(SECRET, 98, "ZTO-1", cookie) == []
    assert known_devices.known_at(SECRET, 99, known_devices.ACCOUNTS, cookie) == []
    assert known_devices.known_at(OTHER_SECRET, 99, "ZTO-1", cookie) == []
    for forged in (None, "", "a.b", "~~~", "\u4e00.\u4e00", "a" * 5000):
        assert known_devices.known_at(SECRET, 99, "ZTO-1", forged) == []
    mixed = known_devices.with_name(SECRET, 99, known_devices.ACCOUNTS, f"{'x' * 500}~{cookie}", "desk")
    assert known_devices.known_at(SECRET, 99, known_devices.ACCOUNTS, mixed) == ["desk"]
    assert len(mixed) < 450


# ---- the second factor


@pytest.mark.parametrize(
    ("text", "is_code"),
    [("492039", True), ("000000", True), ("49203", False), ("4920391", False), ("49203x", False), ("４９２０３９", False),
     ("abcde-fghij", False)],
)  # fmt: skip
def test_six_digits_are_the_authenticators_and_all_else_is_a_recovery_code(text: str, is_code: bool) -> None:
    assert second_factor.is_code(text) is is_code


def test_a_code_counts_for_its_step_and_its_neighbours_and_only_once() -> None:
    secret = SHARED
    now_step = int(NOW.timestamp()) // 30
    for off, expected in ((-2, None), (-1, now_step - 1), (0, now_step), (1, now_step + 1), (2, None)):
        code = TOTP(secret).generate_otp(now_step + off)
        assert second_factor.step_of(secret, code, NOW, None) == expected
        if expected is not None:
            assert second_factor.step_of(secret, code, NOW, expected - 1) == expected
            assert second_factor.step_of(secret, code, NOW, expected) is None, "used before"
            assert second_factor.step_of(secret, code, NOW, expected + 1) is None, "older than the last one used"
    late = NOW + timedelta(seconds=60 - int(NOW.timestamp()) % 30)
    assert second_factor.step_of(secret, TOTP(secret).generate_otp(now_step), late, None) is None


def test_what_is_sealed_for_one_account_is_opened_for_no_other() -> None:
    sealed = second_factor.seal(SECRET, 99, ACCOUNT, SHARED)
    assert second_factor.seal(SECRET, 99, ACCOUNT, SHARED) != sealed
    assert second_factor.unseal(SECRET, 99, ACCOUNT, sealed) == SHARED
    assert second_factor.unseal(SECRET, 99, OTHER_ACCOUNT, sealed) is None
    assert second_factor.unseal(SECRET, 98, ACCOUNT, sealed) is None
    assert second_factor.unseal(OTHER_SECRET, 99, ACCOUNT, sealed) is None
    assert second_factor.unseal(SECRET, 99, ACCOUNT, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None


def test_ten_recovery_codes_are_made_and_read_however_they_are_typed() -> None:
    codes = second_factor.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-hj-km-np-z2-9]{5}-[a-hj-km-np-z2-9]{5}", code) for code in codes), codes

    def digest(code: str, **more: Any) -> bytes:
        of: dict[str, Any] = {"secret": SECRET, "city_id": 99, "account_id": ACCOUNT, **more}
        return second_factor.digest_recovery_code(code=code, **of)

    assert digest(codes[0]) == digest(codes[0].upper().replace("-", " ")) == digest(f" {codes[0]} ")
    assert len({digest(code) for code in codes}) == 10
    assert digest(codes[0]) != digest(codes[0], account_id=OTHER_ACCOUNT)
    assert digest(codes[0]) != digest(codes[0], city_id=98)
    assert digest(codes[0]) != digest(codes[0], secret=OTHER_SECRET)


def test_the_address_for_the_authenticator_names_the_account_and_its_city() -> None:
    address = second_factor.address_for_authenticator(SHARED, "li.na", "云川市")
    assert address.startswith("otpauth://totp/Dispatch:li.na%20")
    assert f"secret={SHARED}" in address
    assert "issuer=Dispatch" in address
