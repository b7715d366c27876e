"""Which account a caller may make; what a password must be; what failures lock; from where a page may write."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple
from uuid import UUID

import msgspec

from dispatch.problems import InvalidRequest, NotAllowed, Problem
from dispatch.server.caller import Caller
from dispatch.zones.rules import require_division
from schemas.identity import Login, NewAccount

PASSWORD_CHARACTERS, PASSWORD_KINDS, PASSWORDS_REMEMBERED = 10, 3, 5
OUR_PAGES = "dispatch"


class SignInRefused(Problem):
    """Login or password, rider code or PIN are not right. The answer does not show which of them."""

    slug, title, status = "sign-in-refused", "These sign-in details are not right", 401


class OutletUnknown(Problem):
    """No outlet of the city has this code. Outlets' codes are on every slip and no secret."""

    slug, title, status = "sign-in-outlet-unknown", "No outlet has this code", 401


class RiderLeft(Problem):
    """The PIN is right, and the rider, the outlet or the firm is deactivated: the outlet or the firm can activate
    it."""

    slug, title, status = "sign-in-deactivated", "This rider is not active at present", 403


class LoginTaken(Problem):
    """Another account of the city signs in with this name."""

    slug, title, status = "login-taken", "This login is taken", 409


class AccountScope(Problem):
    """The account's partner or outlet does not fit its role, or the caller may not give it."""

    slug, title, status = "account-scope", "Partner or outlet do not fit the role", 422


class KeyExpiry(Problem):
    """A key must end within two years, and not before it begins."""

    slug, title, status = "key-expiry", "The key's expiry is not usable", 422


class CrossSiteRequest(Problem):
    """A write came with the session cookie, and nothing shows that a page of this server sent it: send the header
    `X-Requested-With: dispatch`, or a bearer token instead of the cookie."""

    slug, title, status = "cross-site-request", "This request did not come from a page of this server", 403


class WeakPassword(Problem):
    """The password is easily found: it needs 10 characters of three kinds, without the login, none of the last five."""

    slug, title, status = "weak-password", "Choose another password", 422


class WrongPassword(Problem):
    """The present password is not right."""

    slug, title, status = "wrong-password", "The present password is not right", 422


class SignInLocked(Problem):
    """Too many failures: the login, the address or the outlet is locked until `locked_until`, for right details too."""

    slug, title, status = "sign-in-locked", "Locked after too many failures", 429


class OidcRefused(Problem):
    """The organisation's sign-in did not succeed, or no active account here belongs to it."""

    slug, title, status = "oidc-refused", "The organisation's sign-in was refused", 401


class SecondFactorAsked(Problem):
    """The password is right; send it again with `second_factor`: the authenticator's code, or a recovery code."""

    slug, title, status = "second-factor-asked", "Enter the code of your authenticator", 401


class SecondFactorRefused(Problem):
    """The code is not right, has been used, or is too old."""

    slug, title, status = "second-factor-refused", "This code is not right", 422


class SecondFactorThere(Problem):
    """A second factor already exists; remove it with one of its codes before setting up another."""

    slug, title, status = "second-factor-there", "A second factor already exists", 409


class OwnAccount(Problem):
    """An account cannot shut itself out or reset itself: a colleague does."""

    slug, title, status = "own-account", "This is your own account", 409


LOCK, LONGEST_LOCK, FORGOTTEN_AFTER = timedelta(minutes=15), timedelta(hours=24), timedelta(days=7)
# Failures before the first lock. What others may mistype, too, is wide: a station's riders share one address.
FAILURES = {
    "login": 5, "login_address": 5, "address": 30, "desk": 5,
    "outlet": 30, "outlet_address": 15, "slip": 10, "slip_address": 5, "pin_address": 30, "phone": 5,
    "code": 5,
}  # fmt: skip
# Where each lock is longer than the one before: what is guessed at is short.
GROWING = frozenset({"outlet", "outlet_address", "slip", "slip_address", "pin_address", "phone", "code"})
_AGAIN, _GROWTH = 5, 4

CODE_ADVICE = "Take the code the authenticator shows now, or a recovery code."


class Failures(NamedTuple):
    """What is kept of failures."""

    failures: int
    locks: int
    locked_until: datetime | None


def counted(
    kind: str, failures: int, locks: int, failed_at: datetime, locked_until: datetime | None, now: datetime
) -> Failures:
    """Count one failure more. A password's failures are forgotten after a quarter of an hour without another; where
    locks grow it takes a week, or somebody could guess just below the limit forever.

    Where locks grow they last 15 minutes, 1, 4, 16 and then 24 hours, and each after the first comes after five
    failures. Against six digits that leaves, however many addresses guess
    (`tests/identity/test_guessing_arithmetic.py`):

    * at one rider, whose code is in the slip: 10 + 4 × 5 = 30 guesses on the first day, 5 on each later one; one chance
      in 33,000 on the first day, one in 200,000 on a later one;
    * at an outlet of a hundred riders by a slip without a rider code, where each guess meets a hundred PINs: 30 + 4 × 5
      = 50, then 5 a day; one chance in 200 on the first day, one in 2,000 on a later one;
    * from n addresses: each gets at 30 + 4 × 5 = 50 different slips on the first day and at five more on each later
      one, and has less than 1,000 guesses on the first day: one chance in 1,000. All 30,000 riders of a city take 900
      addresses for the 900,000 guesses that the slips leave, and find one rider on the first day and one a week after
      that. A rider's PIN shows that rider's own day and nothing else.

    A password of ten characters is guessed at 480 times a day from strange devices, by all addresses together.
    """
    growing = kind in GROWING
    if now - failed_at > (FORGOTTEN_AFTER if growing else LOCK):
        failures = locks = 0
    lock_is_over = locked_until is not None and locked_until <= now
    failures = 1 if lock_is_over else failures + 1
    if failures < (_AGAIN if growing and locks else FAILURES[kind]):
        return Failures(failures, locks, None)
    length = min(LOCK * _GROWTH**locks, LONGEST_LOCK) if growing else LOCK
    return Failures(failures, locks + 1, now + length)


def locked_until(until: datetime, now: datetime) -> SignInLocked:
    """The refusal, with the end of the lock."""
    seconds = max(1, ceil((until - now).total_seconds()))
    return SignInLocked(
        "Too many failures. Wait until locked_until, then try again; if you forgot, ask for new details.",
        headers={"retry-after": str(seconds)},
        locked_until=until,
        retry_after_seconds=seconds,
    )


def idle_seconds(role: str, device: str, *, minutes: int, phone_minutes: int, rider_hours: int) -> int:
    """Unused for so long, a session ends; 0: it does not. A desk in an office locks soon (GB/T 22239-2019 asks for it);
    an outlet's manager carries the phone about the station and locks it with the phone's own lock; a rider's phone
    stays signed in from one use to the next, unless a campaign asks for the PIN."""
    if role == "rider":
        return rider_hours * 3600
    is_phone = re.search(r"\b(Mobile|Android|iPhone|HarmonyOS|OpenHarmony)\b", device) is not None
    return (phone_minutes if role == "outlet_manager" and is_phone else minutes) * 60


def refusal_of_pin(*, outlet_known: bool, rider_found: bool, active: bool, rider_named: bool) -> Problem | None:
    """What a rider's sign-in is refused with; None: it is not. Who has left learns so by the right PIN only."""
    if not outlet_known:
        return OutletUnknown("Check the outlet's code.", field="outlet_code")
    if not rider_found:
        return SignInRefused("Check rider code and PIN." if rider_named else "Check outlet code and PIN.")
    if not active:
        return RiderLeft("The rider, the outlet or the firm is deactivated; ask the outlet's manager.")
    return None


def require_own_site(
    *, host: str, requested_with: str | None, site: str | None, origin: str | None, header_needed: bool
) -> None:
    """Refuse an unsafe request unless a page of this server sent it.

    Another site can make a browser send the cookie, but neither this header (that needs our permission) nor false
    Sec-Fetch-Site and Origin (the browser writes them itself).
    """
    if header_needed and requested_with != OUR_PAGES:
        raise CrossSiteRequest("Writes made with the session cookie need the header X-Requested-With: dispatch.")
    if site is not None and site not in {"same-origin", "none"}:
        raise CrossSiteRequest("This came from another site.")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        raise CrossSiteRequest("This came from a page of another site.")


def require_login(login: str) -> None:
    """Refuse what the pages refuse as a login; for accounts that are made without a request."""
    try:
        msgspec.convert(login, Login)
    except msgspec.ValidationError as error:
        raise InvalidRequest(
            f"{login!r} cannot be a login: take 3 to 100 letters, digits, Chinese characters and . _ @ -",
            errors=[{"pointer": "/login", "detail": str(error)}],
        ) from None


def require_password(password: str, login: str, *, field: str = "new_password") -> None:
    """Refuse a password that is short, of few kinds of characters, or holds the login."""
    wrong: list[str] = []
    if len(password) < PASSWORD_CHARACTERS:
        wrong.append("too-short")
    if len({_kind_of(character) for character in password}) < PASSWORD_KINDS:
        wrong.append("too-few-kinds")
    if _plain(login) in _plain(password):
        wrong.append("holds-login")
    if wrong:
        raise WeakPassword(
            "Take at least 10 characters of three kinds (capitals, small letters, digits, others), without the login.",
            field=field,
            reasons=wrong,
        )


def refuse_reuse(is_reused: bool) -> None:
    """Refuse a password that is one of the last five."""
    if is_reused:
        raise WeakPassword(
            "This is one of the last five passwords; take a new one.", field="new_password", reasons=["used-before"]
        )


def _kind_of(character: str) -> str:
    category = unicodedata.category(character)
    return category if category in {"Lu", "Ll", "Nd"} else "other"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


class AccountBounds(msgspec.Struct, frozen=True, kw_only=True):
    """What the codes of a partner and an outlet name, or what an account is limited to."""

    partner_id: UUID | None = None
    outlet_id: UUID | None = None
    outlet_partner_id: UUID | None = None
    outlet_division: str | None = None
    division_code: str | None = None
    has_zones: bool = False
    """Whether zones of the city lie in the division that was named."""


def judge_new_account(caller: Caller, wanted: NewAccount, named: AccountBounds) -> AccountBounds:
    """Return what the new account is limited to, or refuse: a caller only makes accounts below their own."""
    if caller.role == "firm_manager" and wanted.role != "outlet_manager":
        raise NotAllowed("A firm manager makes accounts of outlet managers only.")
    if wanted.role == "outlet_manager":
        return _of_outlet(caller, wanted, named)
    if wanted.role == "firm_manager":
        if caller.division_code is not None:
            raise NotAllowed("Firms belong to the whole city; the city's planner makes accounts of their managers.")
        if named.partner_id is None or wanted.division_code or wanted.outlet_code:
            raise AccountScope(
                "A firm manager needs a partner_code of this city and nothing else.", field="partner_code"
            )
        return AccountBounds(partner_id=named.partner_id)
    if wanted.partner_code or wanted.outlet_code:
        raise AccountScope(
            f"A {wanted.role} belongs to the city: leave partner_code and outlet_code out.", field="partner_code"
        )
    division_code = wanted.division_code or caller.division_code
    if caller.division_code is not None and not (division_code or "").startswith(caller.division_code):
        raise AccountScope("division_code lies outside your district.", field="division_code")
    # The caller's own district stays theirs to give, also before any zone of it is there.
    require_division(wanted.division_code, named.has_zones or division_code == caller.division_code)
    return AccountBounds(division_code=division_code)


def _of_outlet(caller: Caller, wanted: NewAccount, named: AccountBounds) -> AccountBounds:
    is_others = caller.partner_id is not None and named.outlet_partner_id != caller.partner_id
    is_elsewhere = caller.division_code is not None and not (named.outlet_division or "").startswith(
        caller.division_code
    )
    if named.outlet_id is None or is_others or is_elsewhere:
        raise AccountScope("outlet_code names no outlet here; an outlet manager needs one.", field="outlet_code")
    if wanted.division_code:
        raise AccountScope("An outlet manager has no district: leave division_code out.", field="division_code")
    return AccountBounds(partner_id=named.outlet_partner_id, outlet_id=named.outlet_id)


def looks_after(caller: Caller, role: str, partner_id: UUID | None, division_code: str | None) -> bool:
    """Whether the caller may shut out, let in or reset an account of this role and scope."""
    if caller.role == "firm_manager":
        return role == "outlet_manager" and partner_id == caller.partner_id
    return caller.division_code is None or (
        role != "firm_manager" and (division_code or "").startswith(caller.division_code)
    )


def refuse_own_account(caller: Caller, account_id: UUID) -> None:
    """Refuse to shut out or reset the caller's own account, by mistake or to cover tracks."""
    if caller.subject_id == account_id:
        raise OwnAccount("Ask a colleague, or change your password at /api/me/password.")


def require_key_expiry(expires_at: datetime, now: datetime) -> None:
    """Refuse a key that never works or works forever."""
    if not now < expires_at <= now + timedelta(days=731):
        raise KeyExpiry("expires_at must lie in the future and within two years.", field="expires_at")


def require_partners(wanted: Iterable[str], known: Iterable[str]) -> None:
    """Refuse codes that are no active partner's."""
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise AccountScope(
            f"No active partner has the code {', '.join(unknown[:5])}.", field="partner_codes", partner_codes=unknown
        )


def logins_of_partner(code: str) -> list[str]:
    """What the manager of a partner may sign in with, the first that is free: the partner's own code, so that a letter
    is read out easily."""
    plain = code.lower() if len(code) >= 3 else f"firm-{code.lower()}"
    return [plain, *(f"{plain}-{number}" for number in range(2, 10))]
