"""Who may make which account; what a password must be; from where a page may write. Pure."""

import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.identity.caller import Caller
from dispatch.problems import NotAllowed, Problem
from schemas.identity import NewAccount

PASSWORD_CHARACTERS, PASSWORD_KINDS, PASSWORDS_REMEMBERED = 10, 3, 5
OUR_PAGES = "dispatch"


class SignInRefused(Problem):
    """Login or password, outlet code or PIN are not right. Which of them is not said."""

    slug, title, status = "sign-in-refused", "These sign-in details are not right", 401


class LoginTaken(Problem):
    """Another account of the city signs in with this name."""

    slug, title, status = "login-taken", "This login is taken", 409


class AccountScope(Problem):
    """The account's partner or outlet does not fit its role, or is not the maker's to give."""

    slug, title, status = "account-scope", "Partner or outlet do not fit the role", 422


class KeyExpiry(Problem):
    """A key must end within two years, and not before it begins."""

    slug, title, status = "key-expiry", "The key's expiry is not usable", 422


class CrossSiteRequest(Problem):
    """A write came with the session cookie, and nothing shows that a page of this server asked for it: send the header
    `X-Requested-With: dispatch`, or a bearer token instead of the cookie."""

    slug, title, status = "cross-site-request", "This request did not come from a page of this server", 403


class WeakPassword(Problem):
    """The password is easily found: it needs 10 characters of three kinds, without the login, none of the last five."""

    slug, title, status = "weak-password", "Choose another password", 422


class WrongPassword(Problem):
    """The present password is not right."""

    slug, title, status = "wrong-password", "The present password is not right", 422


def judge_own_site(
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


def judge_password(password: str, login: str) -> None:
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
            field="new_password",
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


def judge_new_account(
    caller: Caller, wanted: NewAccount, partner_id: UUID | None, outlet_id: UUID | None, outlet_partner_id: UUID | None
) -> tuple[UUID | None, UUID | None]:
    """Return (partner id, outlet id) of the new account, or refuse.

    `partner_id`, `outlet_id`, `outlet_partner_id` are what the codes in `wanted` stand for, None where unknown.
    """
    if caller.role == "firm_manager":
        if wanted.role != "outlet_manager":
            raise NotAllowed("A firm manager makes accounts of outlet managers only.")
        partner_id = caller.partner_id
    if wanted.role == "outlet_manager":
        if outlet_id is None or (caller.role == "firm_manager" and outlet_partner_id != caller.partner_id):
            raise AccountScope("outlet_code names no outlet here; an outlet manager needs one.", field="outlet_code")
        return outlet_partner_id, outlet_id
    if wanted.role == "firm_manager":
        if partner_id is None:
            raise AccountScope("partner_code names no partner here; a firm manager needs one.", field="partner_code")
        return partner_id, None
    if wanted.partner_code or wanted.outlet_code:
        raise AccountScope(
            f"A {wanted.role} belongs to the city: leave partner_code and outlet_code out.", field="partner_code"
        )
    return None, None


def judge_key_expiry(expires_at: datetime, now: datetime) -> None:
    """Refuse a key that never works or works for ever."""
    if not now < expires_at <= now + timedelta(days=731):
        raise KeyExpiry("expires_at must lie in the future and within two years.", field="expires_at")
