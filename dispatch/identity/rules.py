"""Who may make which account; what a session is worth. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

from dispatch.identity.caller import Caller
from dispatch.problems import NotAllowed, Problem
from schemas.identity import NewAccount


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
