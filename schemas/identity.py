"""Signing in, accounts and keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Code, Instant, Name

Password = Annotated[str, Meta(min_length=10, max_length=200, description="At least 10 characters")]
Language = Literal["zh", "en"]
Pin = Annotated[str, Meta(pattern=r"^[0-9]{6}$", description="Six digits from the rider's slip", examples=["482913"])]


class PasswordSignIn(Struct, frozen=True, kw_only=True, tag="password", tag_field="kind", forbid_unknown_fields=True):
    """A planner, auditor or manager. `city_code` may be left out where the server holds one city."""

    login: Annotated[str, Meta(min_length=1, max_length=100)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]
    city_code: Code | None = None


class PinSignIn(Struct, frozen=True, kw_only=True, tag="pin", tag_field="kind", forbid_unknown_fields=True):
    """A rider, with what the slip says."""

    outlet_code: Code
    pin: Pin
    city_code: Code | None = None


class SignedIn(Struct, frozen=True, kw_only=True):
    """The session. Pages use the cookie that comes with it; programs send the token as Authorization: Bearer."""

    token: str
    role: str
    expires_at: datetime
    idle_seconds: int
    """Unused for so long, the session ends before that; 0: it does not."""
    must_change_password: bool
    """Only the change of the password, the own profile and signing out are open before it is done."""
    lacks_second_factor: bool
    """This server asks planners for a second factor, and there is none yet: it is to be set up first."""
    server_time: datetime
    """For phones: the server's clock, so that a wrong phone clock can be corrected."""


class Profile(Struct, frozen=True, kw_only=True):
    """Who the caller is, for the page's header."""

    role: str
    subject_id: UUID
    display_name: str
    city_code: str
    city_name: str
    datum: str
    timezone: str
    demonstration: bool
    partner_name: str | None
    outlet_name: str | None
    division_code: str | None
    login: str | None
    """What an account signs in with; riders and partners' systems have none."""
    language: Language | None
    """What the account chose; riders choose on the phone."""
    must_change_password: bool
    lacks_second_factor: bool
    has_second_factor: bool
    idle_seconds: int
    """Unused for so long, this session ends; 0: it does not. Requests with X-Background: 1 are no use."""
    expires_at: datetime | None
    server_time: datetime


class PasswordChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The present password and the one to come."""

    current_password: Annotated[str, Meta(min_length=1, max_length=200)]
    new_password: Annotated[
        str, Meta(min_length=1, max_length=200, description="At least 10 characters of three kinds, without the login")
    ]


class LanguageChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which language the pages speak to this account."""

    language: Language


class Session(Struct, frozen=True, kw_only=True):
    """One of the caller's own sessions."""

    session_id: UUID
    current: bool
    """The one this was asked with."""
    method: Literal["password", "pin", "oidc"]
    device: str
    """What the browser or program says it is."""
    address: str
    created_at: datetime
    last_used_at: datetime
    """Within a minute."""
    expires_at: datetime


class NewAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account made by a planner, or an outlet manager's made by the firm manager."""

    role: Literal["planner", "auditor", "firm_manager", "outlet_manager"]
    login: Annotated[str, Meta(min_length=3, max_length=100)]
    password: Password
    display_name: Name
    division_code: Code | None = None
    partner_code: Code | None = None
    outlet_code: Code | None = None


class Account(Struct, frozen=True, kw_only=True):
    """An account that was made."""

    account_id: UUID
    login: str
    role: str


class NewApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a partner's system. `partner_code` is the planner's to choose; a firm manager's is the own firm."""

    name: Name
    expires_at: Instant
    partner_code: Code | None = None


class ApiKey(Struct, frozen=True, kw_only=True):
    """The key, shown this once; only its hash is kept."""

    api_key_id: UUID
    key: str
    expires_at: datetime
